// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/shopspring/decimal"

	"minga/coop"
	"minga/outbox"
	"minga/storage"
	"minga/web/auth"
	"minga/web/mastodon/entity"
	"minga/web/mastodon/input"
)

// coopEntity is a co-op of the directory: its account, and what it says of itself.
type coopEntity struct {
	*entity.Account
	Facts    *factsJSON     `json:"facts"` // null: it says nothing
	Services []offeringJSON `json:"services"`
}

// factsJSON is what a co-op says of itself; null is not said.
type factsJSON struct {
	Type           entity.Null         `json:"coop_type"`
	MembershipBase entity.Null         `json:"membership_base"`
	Activity       []string            `json:"activity"`
	Founded        entity.Null         `json:"founded"`
	Members        *int                `json:"members"`
	Workers        *int                `json:"workers"`
	Languages      entity.List[string] `json:"languages"`
	Place          *whereJSON          `json:"place"`
	DayRate        *dayRateJSON        `json:"day_rate"`
	LeadTime       entity.Null         `json:"lead_time"` // ISO 8601 duration
	Contracts      entity.List[string] `json:"contract_types"`
}

// dayRateJSON is what a day of work costs.
type dayRateJSON struct {
	Currency string          `json:"currency"`
	Min      decimal.Decimal `json:"min"`
	Max      decimal.Decimal `json:"max"`
	VAT      *bool           `json:"vat"` // whether VAT is in it; null: not said
}

// whereJSON is where a co-op is.
type whereJSON struct {
	Name      entity.Null `json:"name"`
	Street    entity.Null `json:"street"`
	PostCode  entity.Null `json:"post_code"`
	Locality  entity.Null `json:"locality"`
	Region    entity.Null `json:"region"`
	Country   entity.Null `json:"country"`
	Latitude  *float64    `json:"latitude"` // degrees
	Longitude *float64    `json:"longitude"`
}

// facts shows what a co-op says of itself.
func facts(f *coop.CoopFacts) *factsJSON {
	if f == nil {
		return nil
	}
	out := &factsJSON{
		Type: entity.Null(string(f.Type)), MembershipBase: entity.Null(string(f.MembershipBase)), Activity: texts(f.Activity), Founded: entity.Null(f.Founded),
		Members: saidCount(f.Members), Workers: saidCount(f.Workers), Languages: f.Languages,
		LeadTime: entity.Null(f.LeadTime), Contracts: f.Contracts,
	}
	if r := f.DayRate; r != nil {
		out.DayRate = &dayRateJSON{r.Currency, r.Min, r.Max, r.VAT}
		if r.Max.IsZero() {
			out.DayRate.Max = r.Min
		}
	}
	if p := f.Place; p != nil {
		out.Place = &whereJSON{
			entity.Null(p.Name), entity.Null(p.Street), entity.Null(p.PostCode), entity.Null(p.Locality), entity.Null(p.Region), entity.Null(p.Country), p.Latitude, p.Longitude,
		}
	}
	return out
}

// saidCount is a number that was said; unknown ones are negative.
func saidCount(n int) *int {
	if n < 0 {
		return nil
	}
	return &n
}

// listCoops answers GET /api/v1/minga/coops, the directory: the co-ops of this instance
// and those of others that are verified members of a federation, newest first, with the
// query of [coop.DirectoryQuery].
func (f *Face) listCoops(c *gin.Context) error {
	accounts, err := f.Store.Coops(c.Request.Context(), coop.ParseDirectoryQuery(c.Request.URL.Query()), f.AccountDomain, pageOf(c, 40, 80))
	if err != nil {
		return err
	}
	if len(accounts) > 0 {
		f.link(c, accounts[0].ID, accounts[len(accounts)-1].ID)
	}
	list, err := f.accountsOf(c.Request.Context(), accounts)
	if err != nil {
		return err
	}
	services, err := f.servicesOf(c, accounts)
	if err != nil {
		return err
	}
	out := make([]coopEntity, len(list))
	for i := range list {
		out[i] = coopEntity{list[i], facts(accounts[i].Coop), services[accounts[i].ID]}
	}
	c.JSON(http.StatusOK, out)
	return nil
}

// coopFacets answers GET /api/v1/minga/coops/facets: what the co-ops that answer the
// query can be narrowed by.
func (f *Face) coopFacets(c *gin.Context) error {
	counts, err := f.Store.CoopFacets(c.Request.Context(), coop.ParseDirectoryQuery(c.Request.URL.Query()), f.AccountDomain)
	if err != nil {
		return err
	}
	terms, err := f.Store.ServiceFacets(c.Request.Context(), coop.ParseDirectoryQuery(c.Request.URL.Query()), f.AccountDomain)
	if err != nil {
		return err
	}
	out := map[string][]facetJSON{"country": {}, "language": {}, "sector": {}, "type": {}, "evidence": {}, "service": {}, "technology": {}}
	for _, n := range terms {
		facet := string(n.Term.Kind)
		out[facet] = append(out[facet], facetJSON{n.Term.Name, n.Term.In(c.Query("lang")), n.Count})
	}
	for _, n := range counts {
		out[n.Facet] = append(out[n.Facet], facetJSON{n.Value, facetLabel(c, n.Facet, n.Value), n.Count})
	}
	c.JSON(http.StatusOK, out)
	return nil
}

// mapJSON is a GeoJSON FeatureCollection (RFC 7946 §3.3).
type mapJSON struct {
	Type     string      `json:"type"`
	Features []pointJSON `json:"features"`
}

type (
	// pointJSON is a Feature (RFC 7946 §3.2) of a co-op.
	pointJSON struct {
		Type       string      `json:"type"`
		ID         entity.ID   `json:"id"`
		Geometry   geometry    `json:"geometry"`
		Properties pointOfCoop `json:"properties"`
	}
	// geometry is a Point: longitude, then latitude (RFC 7946 §3.1.1).
	geometry struct {
		Type        string     `json:"type"`
		Coordinates [2]float64 `json:"coordinates"`
	}
	// pointOfCoop is what a map shows of a point.
	pointOfCoop struct {
		Name     string      `json:"name"`
		Acct     string      `json:"acct"`
		URL      string      `json:"url"`
		Locality entity.Null `json:"locality"`
		Country  entity.Null `json:"country"`
	}
)

// mostPoints is how many co-ops a map looks at.
const mostPoints = 1000

// coopMap answers GET /api/v1/minga/coops/map with the query of the directory: a point
// for each co-op that published one.
func (f *Face) coopMap(c *gin.Context) error {
	accounts, err := f.Store.Coops(c.Request.Context(), coop.ParseDirectoryQuery(c.Request.URL.Query()), f.AccountDomain, coop.Page{Limit: mostPoints})
	if err != nil {
		return err
	}
	out := mapJSON{"FeatureCollection", []pointJSON{}}
	for _, a := range accounts {
		if a.Coop == nil || !a.Coop.Place.HasPoint() {
			continue
		}
		p := a.Coop.Place
		out.Features = append(out.Features, pointJSON{
			"Feature", entity.ID(a.ID),
			geometry{"Point", [2]float64{*p.Longitude, *p.Latitude}},
			pointOfCoop{shownName(a), f.acct(a), accountURL(a), entity.Null(p.Locality), entity.Null(p.Country)},
		})
	}
	c.Header("Content-Type", "application/geo+json; charset=utf-8")
	c.JSON(http.StatusOK, out)
	return nil
}

// getCoop answers GET /api/v1/minga/coops/:id: a co-op with what it says of itself.
func (f *Face) getCoop(c *gin.Context) error {
	id, err := idOf(c)
	if err != nil {
		return err
	}
	a, err := f.Store.Account(c.Request.Context(), id)
	if err != nil {
		return err
	}
	if a.Gone() {
		return fmt.Errorf("account %s: %w", a.ID, coop.ErrNotFound)
	}
	return f.showCoop(c, a)
}

// showCoop answers one co-op.
func (f *Face) showCoop(c *gin.Context, a *coop.Account) error {
	list, err := f.accountsOf(c.Request.Context(), []*coop.Account{a})
	if err != nil {
		return err
	}
	services, err := f.servicesOf(c, []*coop.Account{a})
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, coopEntity{list[0], facts(a.Coop), services[a.ID]})
	return nil
}

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
	f := coop.CoopFacts{Members: -1, Workers: -1}
	if a.Coop != nil {
		f = *a.Coop
	}
	said := false
	for name, to := range map[string]*coop.IRI{"coop_type": &f.Type, "membership_base": &f.MembershipBase} {
		if in.Has(name) {
			*to, said = coop.IRI(in.Text(name)), true
		}
	}
	for name, to := range map[string]*int{"members": &f.Members, "workers": &f.Workers} {
		if !in.Has(name) {
			continue
		}
		if *to, said = -1, true; in.Text(name) != "" {
			*to = in.Number(name)
		}
	}
	if in.Has("activity") {
		f.Activity, said = iris(in.Texts("activity")), true
	}
	if in.Has("founded") {
		f.Founded, said = in.Text("founded"), true
	}
	if in.Has("languages") {
		f.Languages, said = in.Texts("languages"), true
	}
	if in.Has("place") {
		f.Place, said = placeOf(in.Below("place")), true
	}
	if in.Has("day_rate") {
		f.DayRate, said = rateOf(in.Below("day_rate")), true
	}
	if in.Has("lead_time") {
		f.LeadTime, said = in.Text("lead_time"), true
	}
	if in.Has("contract_types") {
		f.Contracts, said = in.Texts("contract_types"), true
	}
	if said {
		a.Coop = &f
	}
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
