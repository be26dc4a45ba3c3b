// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/outbox"
	"minga/storage"
	"minga/web/auth"
	"minga/web/mastodon/input"
)

// createCoop makes a co-op of this instance, a member of its federation: POST
// /api/v1/minga/coops with `name`, `display_name`, `note`, `language`, `domains` and its
// facts, by whoever speaks for the federation. `steward` names the person of this
// instance who speaks for it first.
func (f *Face) createCoop(c *gin.Context) error {
	if err := f.leads(c); err != nil {
		return err
	}
	in, err := input.Read(c)
	if err != nil {
		return err
	}
	made := &coop.Account{}
	fillFacts(made, in)
	r := outbox.Registration{
		Kind: coop.Coop, Name: in.Text("name"), DisplayName: in.Text("display_name"), Bio: in.Text("note"), Language: in.Text("language"), Domains: in.Texts("domains"), Facts: made.Coop,
	}
	steward, err := f.steward(c, in)
	if err != nil {
		return err
	}
	if err := in.Err(); err != nil {
		return err
	}
	if steward != nil {
		by := auth.Person(c)
		r.Also = func(ctx context.Context, tx *storage.Tx, a *coop.Account) error {
			_, err := tx.GiveRole(ctx, a.ID, steward.ID, coop.Steward, by)
			return err
		}
	}
	a, err := f.Outbox.NewMember(c.Request.Context(), r)
	if err != nil {
		return err
	}
	return f.showCoop(c, a)
}

// steward finds the person of this instance whom `steward` names by id or handle; nil
// where nobody is named.
func (f *Face) steward(c *gin.Context, in input.Values) (*coop.Account, error) {
	text := in.Text("steward")
	if text == "" {
		return nil, nil
	}
	a, err := f.personHere(c.Request.Context(), text)
	var nobody *coop.InvalidError
	if errors.As(err, &nobody) {
		in.Complain("steward", nobody.Code, nobody.Problem)
		return nil, nil
	}
	return a, err
}

// fillFacts writes what was sent into what a co-op says of itself; what is not sent
// stays, and an empty value takes it away.
func fillFacts(a *coop.Account, in input.Values) {
	f := a.Facts()
	if sentFacts(&f, in) {
		a.Coop = &f
	}
}

// sentFacts writes them and tells whether any was sent.
func sentFacts(f *coop.CoopFacts, in input.Values) bool {
	iri := func(name string) coop.IRI { return coop.IRI(in.Text(name)) }
	count := func(name string) int { // an empty one is not said
		if in.Text(name) == "" {
			return -1
		}
		return in.Number(name)
	}
	return slices.Contains([]bool{
		sent(in, "coop_type", iri, &f.Type),
		sent(in, "membership_base", iri, &f.MembershipBase),
		sent(in, "activity", func(name string) []coop.IRI { return iris(in.Texts(name)) }, &f.Activity),
		sent(in, "members", count, &f.Members),
		sent(in, "workers", count, &f.Workers),
		sent(in, "founded", in.Text, &f.Founded),
		sent(in, "languages", in.Texts, &f.Languages),
		sent(in, "place", func(name string) *coop.Place { return placeOf(in.Below(name)) }, &f.Place),
		sent(in, "day_rate", func(name string) *coop.DayRate { return rateOf(in.Below(name)) }, &f.DayRate),
		sent(in, "lead_time", in.Text, &f.LeadTime),
		sent(in, "contract_types", in.Texts, &f.Contracts),
	}, true)
}

// rateOf reads what a day of work costs; nil where nothing is said.
func rateOf(in input.Values) *coop.DayRate {
	if in.Empty() {
		return nil
	}
	return &coop.DayRate{Currency: strings.ToUpper(in.Text("currency")), Min: in.Decimal("min"), Max: in.Decimal("max"), VAT: in.Flag("vat")}
}

// placeOf reads a place; nil where nothing is said.
func placeOf(in input.Values) *coop.Place {
	p := coop.Place{
		Name: in.Text("name"), Street: in.Text("street"), PostCode: in.Text("post_code"), Locality: in.Text("locality"), Region: in.Text("region"), Country: in.Text("country"),
		Latitude: degrees(in, "latitude"), Longitude: degrees(in, "longitude"),
	}
	if p == (coop.Place{}) {
		return nil
	}
	return &p
}

// degrees reads an angle; nil for none.
func degrees(in input.Values, name string) *float64 {
	text := in.Text(name)
	if text == "" {
		return nil
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		in.Complain(name, coop.CodeFormat, "is a number of degrees")
		return nil
	}
	return &n
}
