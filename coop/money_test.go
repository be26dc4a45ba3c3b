// SPDX-License-Identifier: AGPL-3.0-or-later

package coop_test

import (
	"testing"

	"minga/coop"
)

func TestPayPerYear(t *testing.T) {
	for _, tt := range []struct {
		name        string
		unit        string
		least, most string
	}{
		{"by the hour: hours a week for 52 weeks", "HOUR", "15600", "39000"},
		{"by the day: 260 days", "DAY", "2600", "5200"},
		{"by the week: 52 weeks", "WEEK", "520", "1040"},
		{"by the month: 12 months", "MONTH", "120", "240"},
		{"by the year", "YEAR", "10", "20"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			job := goodJob()
			job.Pay = &coop.Pay{Currency: "EUR", Min: number("10"), Max: number("20"), Unit: tt.unit}
			least, most, ok := job.PayPerYear()
			if !ok || least.String() != tt.least || most.String() != tt.most {
				t.Errorf("%s to %s, %v; want %s to %s", least, most, ok, tt.least, tt.most)
			}
		})
	}
	job := goodJob()
	job.Pay = nil
	if _, _, ok := job.PayPerYear(); ok {
		t.Error("pay that is not stated has no sum")
	}
	job = goodJob()
	job.Pay.Unit, job.HoursFrom, job.HoursTo = "HOUR", number("0"), number("0")
	if _, _, ok := job.PayPerYear(); ok {
		t.Error("pay by the hour without hours has no sum")
	}
}
