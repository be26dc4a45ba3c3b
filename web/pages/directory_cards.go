// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"minga/coop"
)

// coopCard is a co-op in the directory.
type coopCard struct {
	Who      person
	Bio      line
	Facts    []string
	Services []way
	Verified []person // federations that say so too
	JobsURL  string
}

// coopCards shows co-ops, with the federations that say that they are theirs.
func (f *Face) coopCards(ctx context.Context, t *tongue, list []*coop.Account) ([]coopCard, error) {
	ids := make([]coop.ID, len(list))
	for i, a := range list {
		ids[i] = a.ID
	}
	verified, err := f.Store.VerifiedIn(ctx, ids)
	if err != nil {
		return nil, err
	}
	var organizations []coop.ID
	for _, some := range verified {
		organizations = append(organizations, some...)
	}
	known, err := f.Store.Accounts(ctx, organizations)
	if err != nil {
		return nil, err
	}
	services, err := f.Store.ServicesOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	cards := make([]coopCard, len(list))
	for i, a := range list {
		cards[i] = coopCard{Who: f.person(a), Bio: line{a.Language, excerpt(a.Bio, 220)}, Facts: t.coopLine(a)}
		cards[i].Services = offeringWays(services[a.ID], mostOnCard)
		cards[i].JobsURL = withQuery("/jobs", url.Values{"coop": {strings.TrimPrefix(cards[i].Who.Handle, "@")}})
		for _, id := range verified[a.ID] {
			if o := known[id]; o != nil && !o.Gone() {
				cards[i].Verified = append(cards[i].Verified, f.person(o))
			}
		}
	}
	return cards, nil
}

// coopLine is what a co-op says of itself, in one line.
func (t *tongue) coopLine(a *coop.Account) []string {
	if a.Coop == nil {
		return nil
	}
	var list []string
	if p := a.Coop.Place; p != nil {
		list = append(list, t.townOf(*p))
	}
	if a.Coop.Members > 0 {
		list = append(list, t.N("directory_members", a.Coop.Members))
	}
	list = append(list, strings.Join(t.languages(a.Coop.Languages), ", "))
	return slices.DeleteFunc(list, func(s string) bool { return s == "" })
}
