// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"net/url"
	"slices"
	"strings"

	"minga/coop"
)

// fillForm fills in what was asked, so that the form shows it and changes it.
func (p *boardPage) fillForm(asked url.Values) {
	q := &p.Query
	p.Archive = withQuery("/jobs", with(asked, "state", "archive"))
	if q.Archive {
		p.Archive = withQuery("/jobs", without(asked, "state", ""))
	}
	orders := []string{"best", "newest", "closing", "pay"}
	if q.Place != "" {
		orders = append(orders, "distance")
	}
	p.Orders = p.choices("order_", orders, []string{string(q.Order)})
	p.Kinds = p.choices("engagement_", coop.Engagements(), q.Engagement)
	p.Tracks = p.choices("track_", coop.MembershipTracks(), q.Track)
	p.Remote = p.choices("remote_", []string{"any", "1", "0"}, asked["remote"])
	p.Remote[0].Value = ""
	p.Countries = p.countryChoices(q.ApplyFrom)
	p.Zones = boardZones
	p.Problems = p.problems(q.Problems)
	for _, name := range sortedNames(asked) {
		for n, value := range asked[name] {
			if !slices.Contains(inBoardForm, name) || n > 0 && name == "apply_from" {
				p.Hidden = append(p.Hidden, coop.QueryValue{Name: name, Value: value})
			}
			p.addChip(asked, name, value)
		}
	}
	p.Filtered = len(p.Chips) > 0
}

// inBoardForm are the parameters that the form has a field for; what else was asked
// goes with it unseen.
var inBoardForm = []string{
	"q", "place", "radius", "engagement", "track", "remote", "skill", "apply_from", "hours_min", "hours_max", "pay_min", "currency", "tz", "overlap", "new", "closing",
	"verified", "open_to_new", "order", "state",
}

// boardZones are suggested where a time zone is asked for; any other of IANA's may be
// typed.
var boardZones = []string{
	"America/Argentina/Buenos_Aires", "America/Bogota", "America/Mexico_City", "America/Montevideo", "America/New_York", "America/Sao_Paulo", "Europe/Lisbon",
	"Europe/London", "Europe/Madrid", "Europe/Rome",
}

// Skills are those that were asked, as the field has them.
func (p boardPage) Skills() string { return strings.Join(p.Query.Skill, ", ") }

// choices are the values of a closed list with their words.
func (t *tongue) choices(prefix string, values, chosen []string) []choice {
	list := make([]choice, len(values))
	for i, v := range values {
		list[i] = choice{v, t.T(prefix + v), slices.Contains(chosen, v)}
	}
	return list
}

// problems says in words what was wrong with a query.
func (t *tongue) problems(list coop.Invalid) []string {
	var out []string
	for _, p := range list {
		key := "query_problem"
		switch {
		case p.Field == "currency":
			key = "query_currency"
		case p.Field == "tz":
			key = "query_zone"
		case p.Code == coop.CodeTooLong:
			key = "query_too_long"
		case p.Code == "only_negations":
			key = "query_only_negations"
		}
		out = append(out, t.T(key))
	}
	return out
}
