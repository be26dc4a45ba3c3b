// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import "github.com/shopspring/decimal"

// soundDecimal tells whether a decimal may be calculated with: at most 30 digits
// and an exponent near zero. Comparing 1e1000000000 would fill the memory, so
// this is asked before anything else is.
func soundDecimal(d decimal.Decimal) bool {
	return d.Exponent() >= -12 && d.Exponent() <= 15 && d.Coefficient().BitLen() <= 100
}

// maxMoney is the highest amount of money that we take seriously.
func maxMoney() decimal.Decimal { return decimal.New(1, 13) }

// amount complains about money below zero or beyond reason.
func (c *complaints) amount(field string, d decimal.Decimal) {
	if !soundDecimal(d) || d.IsNegative() || d.GreaterThan(maxMoney()) {
		c.add(field, CodeRange, "an amount of zero or more is needed")
	}
}

// currency complains about a code that is no currency.
func (c *complaints) currency(field, code string) {
	if code == "" {
		c.add(field, CodeRequired, "a currency is needed")
	} else if !ValidCurrency(code) {
		c.add(field, CodeUnknown, "%.10q is no ISO 4217 currency", code)
	}
}

// decimalRange complains about a number outside its bounds.
func (c *complaints) decimalRange(field string, d decimal.Decimal, least, most int64) bool {
	if !soundDecimal(d) || d.LessThan(decimal.NewFromInt(least)) || d.GreaterThan(decimal.NewFromInt(most)) {
		c.add(field, CodeRange, "between %d and %d", least, most)
		return false
	}
	return true
}

// PayPerYear is what a job pays in a year in the currency of its pay, lowest and
// highest: hour × hours a week × 52, day × 260, week × 52, month × 12. ok is
// false when the pay is not stated, or is by the hour and the hours are not.
func (j *Job) PayPerYear() (least, most decimal.Decimal, ok bool) {
	if j.Pay == nil || !soundDecimal(j.Pay.Min) || !soundDecimal(j.Pay.Max) || !soundDecimal(j.HoursFrom) || !soundDecimal(j.HoursTo) {
		return least, most, false
	}
	low, high := decimal.NewFromInt(1), decimal.NewFromInt(1)
	switch j.Pay.Unit {
	case "HOUR":
		weeks := decimal.NewFromInt(52)
		low, high = j.HoursFrom.Mul(weeks), j.HoursTo.Mul(weeks)
	case "DAY":
		low, high = decimal.NewFromInt(260), decimal.NewFromInt(260)
	case "WEEK":
		low, high = decimal.NewFromInt(52), decimal.NewFromInt(52)
	case "MONTH":
		low, high = decimal.NewFromInt(12), decimal.NewFromInt(12)
	case "YEAR":
	default:
		return least, most, false
	}
	return j.Pay.Min.Mul(low), j.Pay.Max.Mul(high), high.IsPositive()
}
