// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"github.com/shopspring/decimal"

	"minga/coop"
	"minga/web/mastodon/entity"
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
