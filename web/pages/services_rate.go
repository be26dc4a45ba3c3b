// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/shopspring/decimal"

	"minga/coop"
)

// rateFields are what work costs, as it was typed.
type rateFields struct{ From, To, Currency, VAT, Weeks string }

// fillRate shows what work costs.
func (v *servicesView) fillRate(f *coop.CoopFacts) {
	if f == nil {
		f = &coop.CoopFacts{}
	}
	vat := ""
	if r := f.DayRate; r != nil {
		v.Rate.From, v.Rate.Currency = r.Min.String(), r.Currency
		if !r.Max.IsZero() && !r.Max.Equal(r.Min) {
			v.Rate.To = r.Max.String()
		}
		if r.VAT != nil {
			vat = map[bool]string{true: "with", false: "without"}[*r.VAT]
		}
	}
	if d, err := coop.ParseDuration(f.LeadTime); err == nil && f.LeadTime != "" {
		v.Rate.Weeks = strconv.Itoa(d.Weeks + d.Days/7 + d.Months*4)
	}
	v.chooseRate(vat, f.Contracts)
}

// chooseRate marks what is chosen.
func (v *servicesView) chooseRate(vat string, contracts []string) {
	v.Rate.VAT, v.VAT, v.Contracts = vat, nil, nil
	for _, one := range []string{"", "with", "without"} {
		key := "services_vat_unsaid"
		if one != "" {
			key = "services_" + one + "_vat"
		}
		v.VAT = append(v.VAT, choice{one, v.T(key), one == vat})
	}
	for _, kind := range coop.ContractTypes() {
		v.Contracts = append(v.Contracts, choice{kind, v.contract(kind), slices.Contains(contracts, kind)})
	}
}

// readRate reads what work costs and how it begins.
func (v *servicesView) readRate(c *gin.Context, f *coop.CoopFacts) {
	v.Rate = rateFields{From: formLine(c, "rate_from"), To: formLine(c, "rate_to"), Currency: strings.ToUpper(formLine(c, "currency")), Weeks: formLine(c, "weeks")}
	v.chooseRate(formLine(c, "vat"), c.PostFormArray("contract"))
	f.DayRate, f.LeadTime = nil, ""
	f.Contracts = slices.DeleteFunc(slices.Clone(f.Contracts), func(s string) bool { return slices.Contains(coop.ContractTypes(), s) })
	for _, kind := range coop.ContractTypes() {
		if slices.Contains(c.PostFormArray("contract"), kind) {
			f.Contracts = append(f.Contracts, kind)
		}
	}
	if v.Rate.From != "" || v.Rate.To != "" {
		f.DayRate = v.rate()
	}
	if v.Rate.Weeks == "" {
		return
	}
	weeks, err := strconv.Atoi(v.Rate.Weeks)
	if err != nil || weeks < 0 || weeks > 104 {
		v.complain("weeks", v.T("services_wrong_weeks"))
		return
	}
	f.LeadTime = "P" + strconv.Itoa(weeks) + "W"
}

// rate reads a day rate; nil with a complaint where it is none.
func (v *servicesView) rate() *coop.DayRate {
	number := func(s string) decimal.Decimal {
		n, err := decimal.NewFromString(strings.ReplaceAll(coop.Truncate(s, 20), ",", "."))
		if err != nil && s != "" {
			return decimal.NewFromInt(-1)
		}
		return n
	}
	r := &coop.DayRate{Currency: v.Rate.Currency, Min: number(v.Rate.From), Max: number(v.Rate.To)}
	if v.Rate.VAT != "" {
		with := v.Rate.VAT == "with"
		r.VAT = &with
	}
	var list coop.Invalid
	if errors.As(coop.ValidateDayRate(r), &list) {
		for _, one := range list {
			switch strings.TrimPrefix(one.Field, "day_rate.") {
			case "currency":
				v.complain("currency", v.T("services_wrong_currency"))
			case "min":
				v.complain("rate_from", v.T("services_wrong_rate"))
			default:
				v.complain("rate_to", v.T("services_wrong_rate_to"))
			}
		}
		return nil
	}
	return r
}
