// SPDX-License-Identifier: AGPL-3.0-or-later

package jobtext_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"minga/coop"
	"minga/coop/jobtext"
)

// anyJob draws a job that a text can say whole.
func anyJob(t *rapid.T) *coop.Job {
	from := rapid.IntRange(1, 59).Draw(t, "from")
	least := rapid.Int64Range(1, 9_000_000).Draw(t, "least")
	j := &coop.Job{
		Title:     "Baker " + rapid.StringMatching(`[A-Za-zñçé]{1,9}( [a-zà]{1,9}){0,2}`).Draw(t, "title"),
		HoursFrom: decimal.NewFromInt(int64(from)), HoursTo: decimal.NewFromInt(int64(from + rapid.IntRange(0, 60-from).Draw(t, "more"))),
		ValidThrough: now.Truncate(24*time.Hour).AddDate(0, 0, rapid.IntRange(1, 90).Draw(t, "days")+1).Add(-time.Second),
		Engagement:   rapid.SampledFrom(coop.Engagements()).Draw(t, "engagement"),
		Status:       rapid.SampledFrom([]coop.JobStatus{coop.JobOpen, coop.JobPaused, coop.JobFilled, coop.JobWithdrawn, coop.JobClosed}).Draw(t, "status"),
		Markdown:     map[string]string{"en": strings.Repeat("You bake bread with others. ", 3) + "Thanks"},
	}
	if j.Engagement != "volunteer" {
		most := least + rapid.Int64Range(0, 9_000_000).Draw(t, "range")
		j.Pay = &coop.Pay{Currency: rapid.SampledFrom([]string{"EUR", "ARS", "BRL", "UYU", "ALL"}).Draw(t, "currency"), Min: decimal.New(least, -2), Max: decimal.New(most, -2), Unit: rapid.SampledFrom(coop.PayUnits()).Draw(t, "unit")}
		if rapid.Bool().Draw(t, "taxed") {
			gross := rapid.Bool().Draw(t, "gross")
			j.Gross = &gross
		}
	}
	anyWhere(t, j)
	switch rapid.IntRange(0, 2).Draw(t, "apply") {
	case 0:
		j.ApplyEmail = "work@mill.example"
	case 1:
		j.ApplyURL = "https://mill.example/work?x=1"
	}
	return j
}

func anyWhere(t *rapid.T, j *coop.Job) {
	country := func() string { return rapid.SampledFrom([]string{"AR", "ES", "IT", "TT", "BA"}).Draw(t, "country") }
	town := coop.Place{Locality: rapid.SampledFrom([]string{"La Paz", "Girona", "São Paulo", "A Coruña"}).Draw(t, "town"), Country: country()}
	switch rapid.IntRange(0, 3).Draw(t, "where") {
	case 0:
		j.Remote, j.Anywhere = true, true
	case 1:
		j.Remote, j.ApplicantsFrom = true, []string{country()}
	case 2:
		j.Places = []coop.Place{town}
	case 3:
		j.Remote, j.ApplicantsFrom, j.Places, j.OfficeDays = true, []string{town.Country}, []coop.Place{town}, rapid.IntRange(1, 5).Draw(t, "office")
	}
}

// What is written is read back as the same job, in every language.
func TestWriteAndParse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		j := anyJob(t)
		lang := rapid.SampledFrom(jobtext.Languages()).Draw(t, "language")
		text := jobtext.Write(lang, j, []string{"coopjobs", "bread"}, coop.Handle{})
		r := jobtext.Parse(text, now)
		if len(r.Problems) > 0 || r.State != j.Status {
			t.Fatalf("%s\nis %s", text, shown(r))
		}
		again := &coop.Job{Status: j.Status}
		r.Fill(again, "en", "")
		again.Skills, again.EmploymentType, again.MembershipTrack = nil, nil, ""
		if diff := cmp.Diff(j, again); diff != "" {
			t.Fatalf("%s\n%s", text, diff)
		}
	})
}

// An edit of one line changes what that line says and nothing else.
func TestChange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		j := anyJob(t)
		j.Status, j.MembershipTrack, j.Probation, j.HiringSteps = coop.JobOpen, "expected", "P6M", []string{"call"}
		before := jobtext.Parse(jobtext.Write("en", j, nil, coop.Handle{}), now)
		changed := j.Clone()
		before.Change(before, changed, "en", "https://coop.example/x")
		if diff := cmp.Diff(j, changed); diff != "" {
			t.Fatalf("nothing was edited: %s", diff)
		}
		next := *before
		next.HoursFrom, next.HoursTo = decimal.NewFromInt(7), decimal.NewFromInt(8)
		next.Change(before, changed, "en", "https://coop.example/x")
		want := j.Clone()
		want.HoursFrom, want.HoursTo = next.HoursFrom, next.HoursTo
		changed.EmploymentType, want.EmploymentType = nil, nil
		if diff := cmp.Diff(want, changed); diff != "" {
			t.Fatal(diff)
		}
	})
}

// A text says of itself what became of the job, once, and the rest of it stays.
func TestRestate(t *testing.T) {
	for lang, text := range examples {
		for _, s := range []coop.JobStatus{coop.JobFilled, coop.JobPaused, coop.JobExpired, coop.JobWithdrawn, coop.JobClosed} {
			said := jobtext.Restate(lang, text, s)
			if got, ok := jobtext.States(said); !ok || got != s {
				t.Errorf("%s %s: %q", lang, s, said)
			}
			if twice := jobtext.Restate(lang, said, s); twice != said {
				t.Errorf("%q, then %q", said, twice)
			}
			if back := jobtext.Restate(lang, said, coop.JobOpen); back != text {
				t.Errorf("open again: %s", cmp.Diff(text, back))
			}
		}
	}
}

// FuzzParse: whatever is typed is read or complained about, and what is read can be
// written and read again.
func FuzzParse(f *testing.F) {
	for _, text := range examples {
		f.Add(text)
		f.Add("Filled\n" + text)
	}
	for _, text := range []string{
		"", "Job:", "Job: \x00\nPay: 999999999999999999999999999999 EUR k", "Job: x\nWhere: remote ((((, / / ; or or\nHours: 1,1,1-1\nApply by: 99/99/9999", "Filled:Filled:Job:x", "Job: x\nPay: €€€ 1k-2k h h h net gross",
		"Job: x\nWhere: " + strings.Repeat("remote (", 500), "Job: x\nApply at: @\nApply at: @@\nKind: #", "Job: x\nApply at: mailto:\nHours: ½", "：：\nJob：x", "Job: x\nWhere: İstanbul, TR, 3 days",
		"Job: x\nPay: 1\u00a0000 EUR\nApply by: 29 feb", "Job: x\nApply by: 20th of the of December", "Job: x\nPay: ÿ$ 1 ſ€",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		_ = jobtext.Restate("ca", text, coop.JobFilled)
		begins, _ := jobtext.Begins(text), len(text)
		r := jobtext.Parse(text, now)
		if r.Title != "" && !begins {
			t.Errorf("a title and no beginning: %q", text)
		}
		for _, p := range r.Problems {
			if p.Code == "" || len([]rune(p.Typed)) > 100 || p.Line > strings.Count(text, "\n")+strings.Count(text, "\r")+strings.Count(text, "\u2028")+strings.Count(text, "\u2029")+1 {
				t.Errorf("problem %+v of %q", p, text)
			}
		}
		if len(r.Problems) > 0 {
			return
		}
		j := &coop.Job{Status: coop.JobOpen}
		r.Fill(j, "en", "https://coop.example/x")
		if j.Pay != nil && (!coop.ValidCurrency(j.Pay.Currency) || j.Pay.Min.IsNegative()) {
			t.Errorf("pay %+v of %q", j.Pay, text)
		}
		_ = jobtext.Write("it", j, r.Hashtags, coop.Handle{})
	})
}
