// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"errors"
	"net/url"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestSearchesThatCanBeSaved(t *testing.T) {
	for _, tt := range []struct{ name, query, key, code string }{
		{"two ways to ask the same", "skill=Python&lang=es&remote=yes&order=newest&state=archive&unknown=1", "lang=es&remote=1&skill=python", ""},
		{"capitals of names count for nothing, those of addresses do", "skill=PYTHON&skill=Python&skill=https://Skills.example/A&sector=Food", "sector=food&skill=https%3A%2F%2FSkills.example%2FA&skill=python", ""},
		{"lists and repetitions are one", "lang=it,es&lang=es", "lang=es&lang=it", ""},
		{"accents and case of words count for nothing", "q=Diseño+WEB", "q=diseno+web", ""},
		{"everything is no question", "", "", CodeRequired},
		{"nor is an order alone", "order=newest&state=archive", "", CodeRequired},
		{"only what is not wanted", "q=-night", "", CodeFormat},
		{"a number that is none", "hours_min=many", "", CodeFormat},
		{"pay without a currency", "pay_min=20000", "", CodeFormat},
	} {
		t.Run(tt.name, func(t *testing.T) {
			values, err := url.ParseQuery(tt.query)
			if err != nil {
				t.Fatal(err)
			}
			q, err := SearchOf(values)
			var invalid *InvalidError
			if errors.As(err, &invalid) && invalid.Code != tt.code || err == nil && (tt.code != "" || q.Key() != tt.key) {
				t.Errorf("%q, %v", q.Key(), err)
			}
		})
	}
}

func TestSearchHandles(t *testing.T) {
	for query, want := range map[string]string{
		"skill=python&remote=1&lang=es":      "jobs-python-remote-es",
		"q=Diseño, \"atención al público\"":  "jobs-diseno-atencion-al-public",
		"remote=0":                           "jobs-onsite",
		"coop=telar@coop.example&country=UY": "jobs-uy-telar",
		"skill=http://data.europa.eu/esco/skill/ccd0a1d9-afda-43d9-b901-96344886e14d": "jobs-ccd0a1d9",
		"q=日本":               "jobs-search",
		"hours_max=20&new=7": "jobs-20-7",
	} {
		values, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		q := ParseJobQuery(values)
		if got := SearchHandle(&q, 1); got != want {
			t.Errorf("%s is %s, want %s", query, got, want)
		}
	}
	rapid.Check(t, func(r *rapid.T) {
		q := ParseJobQuery(url.Values{"q": {rapid.String().Draw(r, "q")}, "skill": {rapid.String().Draw(r, "skill")}, "place": {rapid.String().Draw(r, "place")}})
		if name := SearchHandle(&q, rapid.IntRange(1, 500).Draw(r, "n")); ValidateName(Search, name) != nil {
			r.Fatalf("%q is no name", name)
		}
	})
}

func TestDigestsAreInTheMorning(t *testing.T) {
	for _, tt := range []struct {
		every     Cadence
		now, next string
	}{
		{MailDaily, "2030-05-01T05:59:00Z", "2030-05-01T06:00:00Z"},
		{MailDaily, "2030-05-01T06:00:00Z", "2030-05-02T06:00:00Z"},
		{MailDaily, "2030-05-01T23:00:00-05:00", "2030-05-02T06:00:00Z"},
		{MailWeekly, "2030-05-01T12:00:00Z", "2030-05-06T06:00:00Z"}, // a Wednesday
		{MailWeekly, "2030-05-06T06:00:00Z", "2030-05-13T06:00:00Z"},
		{MailWeekly, "2030-05-06T05:00:00Z", "2030-05-06T06:00:00Z"},
	} {
		now, err := time.Parse(time.RFC3339, tt.now)
		if err != nil {
			t.Fatal(err)
		}
		if got := NextDigest(tt.every, now).Format(time.RFC3339); got != tt.next {
			t.Errorf("%s after %s: %s, want %s", tt.every, tt.now, got, tt.next)
		}
	}
	if !NextDigest(MailNever, time.Now()).IsZero() {
		t.Error("a mail that nobody wants")
	}
}

func TestSavedSearchesAreChecked(t *testing.T) {
	good := SavedSearch{Name: "Python", Email: "ana@mail.example", Mail: MailDaily}
	for field, change := range map[string]func(*SavedSearch){
		"":        func(*SavedSearch) {},
		"name":    func(s *SavedSearch) { s.Name = "" },
		"mail":    func(s *SavedSearch) { s.Mail = "hourly" },
		"webhook": func(s *SavedSearch) { s.Hook = "gopher://coop.example" },
		"email":   func(s *SavedSearch) { s.Email = "ana@mail.example\r\nBcc: x@y.z" },
	} {
		s := good
		change(&s)
		var list Invalid
		got := ""
		if errors.As(s.Validate(), &list) {
			got = list[0].Field
		}
		if got != field {
			t.Errorf("complains about %q, want %q", got, field)
		}
	}
}
