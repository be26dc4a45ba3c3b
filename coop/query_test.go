// SPDX-License-Identifier: AGPL-3.0-or-later

package coop_test

import (
	"math"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"minga/coop"
)

// query reads a query string.
func query(t testing.TB, s string) coop.JobQuery {
	t.Helper()
	values, err := url.ParseQuery(s)
	if err != nil {
		t.Fatal(err)
	}
	return coop.ParseJobQuery(values)
}

func TestJobQueryMatch(t *testing.T) {
	facts := coop.JobFacts{Coop: "telar@fed-sur.example", Federations: []string{"sur@fed-sur.example"}, Source: coop.SourceOwn}
	for _, tt := range []struct {
		name, query string
		want        bool
	}{
		{"nothing asked", "", true},
		{"unknown parameters are ignored", "utm_source=x&colour=red", true},
		{"empty values are ignored", "engagement=&hours_min=&remote=&state=&country=,", true},
		{"an engagement", "engagement=membership", true},
		{"another engagement", "engagement=freelance", false},
		{"one of a list", "engagement=freelance,membership", true},
		{"one of repeated values", "engagement=freelance&engagement=membership", true},
		{"one of repeated values as arrays", "engagement[]=freelance&engagement[]=membership", true},
		{"an unknown value matches nothing", "engagement=gig", false},
		{"an unknown value beside a known one", "engagement=gig,membership", true},
		{"a track", "track=expected", true},
		{"remote", "remote=1", true},
		{"not remote", "remote=false", false},
		{"a switch that is none matches nothing", "remote=perhaps", false},
		{"a country of applicants", "country=uy", true},
		{"another country", "country=ES", false},
		{"a skill by its name, folded", "skill=PYTHON", true},
		{"a skill by its address", "skill=http%3A%2F%2Fdata.europa.eu%2Fesco%2Fskill%2Fx", true},
		{"another skill", "skill=cobol", false},
		{"a language of the work", "lang=es", true},
		{"a region that is not said", "lang=es-AR", false},
		{"a co-op by its handle", "coop=@Telar@fed-sur.example", true},
		{"a co-op of this instance by its name", "coop=telar", true},
		{"another co-op", "coop=brisa@fed-sur.example", false},
		{"a federation", "federation=sur@fed-sur.example", true},
		{"another federation", "federation=norte@red-norte.example", false},
		{"a source", "source=own", true},
		{"another source", "source=followed,wider", false},
		{"hours that overlap", "hours_min=35&hours_max=50", true},
		{"hours above", "hours_min=38", false},
		{"hours below", "hours_max=29", false},
		{"hours in words match nothing", "hours_min=many", false},
		{"pay whose upper end reaches", "pay_min=27600000&currency=ars", true},
		{"pay that does not", "pay_min=27600001&currency=ARS", false},
		{"pay in another currency", "pay_min=1&currency=EUR", false},
		{"pay in no currency matches nothing", "pay_min=1", false},
		{"a currency alone asks nothing", "currency=EUR", true},
		{"posted today", "new=1", true},
		{"closing within 31 days", "closing=31", true},
		{"closing within 30 days", "closing=30", false},
		{"closing in no days matches nothing", "closing=-1", false},
		{"text in the title", "q=backend", true},
		{"text in another language", "q=desarrollo", true},
		{"text that is not there", "q=frontend", false},
		{"only negations find nothing", "q=-junior", false},
		{"open ones", "state=open", true},
		{"a state that is none matches nothing", "state=lost", false},
		{"an order that is none is no filter", "order=price", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			q := query(t, tt.query)
			if got := q.Match(goodJob(), facts, noon); got != tt.want {
				t.Errorf("%v, want %v (%+v)", got, tt.want, q)
			}
		})
	}
}

func TestJobQueryState(t *testing.T) {
	for _, tt := range []struct {
		name          string
		status        coop.JobStatus
		list, archive bool
	}{
		{"an open job is in both", coop.JobOpen, true, true},
		{"a paused one in neither", coop.JobPaused, false, false},
		{"a filled one in the archive", coop.JobFilled, false, true},
		{"an expired one in the archive", coop.JobExpired, false, true},
		{"a draft in neither", coop.JobDraft, false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			job := goodJob()
			job.Status = tt.status
			list, archive := query(t, ""), query(t, "state=archive")
			if list.Match(job, coop.JobFacts{}, noon) != tt.list || archive.Match(job, coop.JobFacts{}, noon) != tt.archive {
				t.Error("is in the wrong list")
			}
		})
	}
}

func TestJobQueryTellsWhatItDoesNotKnow(t *testing.T) {
	q := query(t, "engagement=gig,membership&hours_min=x&order=price&q=-a&pay_min=5")
	want := []coop.QueryValue{{Name: "engagement", Value: "gig"}, {Name: "order", Value: "price"}, {Name: "hours_min", Value: "x"}}
	if diff := cmp.Diff(want, q.Unknown); diff != "" {
		t.Error(diff)
	}
	var fields []string
	for _, p := range q.Problems {
		fields = append(fields, p.Field+" "+p.Code)
	}
	if diff := cmp.Diff([]string{"q only_negations", "currency required"}, fields); diff != "" {
		t.Error(diff)
	}
}

func TestJobQueryValues(t *testing.T) {
	for _, tt := range []struct{ name, in, out string }{
		{"what is usual is left out", "order=best&state=open&currency=EUR&x=y", ""},
		{"lists are sorted, once each", "country=uy,AR&country[]=UY", "country=AR&country=UY"},
		{"handles lose their sign", "coop=@Telar@A.example", "coop=telar%40a.example"},
		{"numbers lose what is not needed", "hours_min=030.50&new=007", "hours_min=30.5&new=7"},
		{"what is unknown stays", "hours_max=x&engagement=gig", "engagement=gig&hours_max=x"},
		{"the box stays as typed, tidied", "q=+Python++%22a+b%22+", "q=Python+%22a+b%22"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			q := query(t, tt.in)
			if got := q.Values().Encode(); got != tt.out {
				t.Errorf("%s, want %s", got, tt.out)
			}
		})
	}
}

func TestJobQueryKey(t *testing.T) {
	for _, tt := range []struct {
		name, a, b string
		same       bool
	}{
		{"letters and order of words do not count", "q=Diseño+Python,b", "q=b+,python+diseno+python&order=newest", true},
		{"what is asked counts", "q=python", "q=java", false},
		{"a filter counts", "q=python&remote=1", "q=python", false},
		{"a question that asks nothing sound is itself", "q=-a", "q=", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a, b := query(t, tt.a), query(t, tt.b)
			if got := a.Key() == b.Key(); got != tt.same {
				t.Errorf("%q and %q", a.Key(), b.Key())
			}
		})
	}
}

// sameAfterWriting checks that a query survives its own query string.
func sameAfterWriting(t interface{ Fatalf(string, ...any) }, values url.Values) {
	q := coop.ParseJobQuery(values)
	q.Match(goodJob(), coop.JobFacts{}, noon)
	again := coop.ParseJobQuery(q.Values())
	if diff := cmp.Diff(q.Values(), again.Values()); diff != "" {
		t.Fatalf("written twice: %s", diff)
	}
	if q.Key() != again.Key() || q.Nothing != again.Nothing {
		t.Fatalf("asks something else: %q, %q", q.Key(), again.Key())
	}
	text, _ := coop.ParseTextQuery(q.Q)
	canonical := text.String()
	if reread, err := coop.ParseTextQuery(canonical); err == nil && reread.String() != canonical {
		t.Fatalf("%q was read as %q", canonical, reread)
	}
}

func TestJobQuerySurvivesItsString(t *testing.T) {
	names := []string{
		"q", "engagement", "track", "source", "country", "lang", "skill", "coop", "federation", "remote", "state", "order",
		"hours_min", "hours_max", "pay_min", "currency", "new", "closing", "country[]",
	}
	words := []string{"", "-a", `"`, "a,b", "*", "1", "-1", "es", "AR", "own", "archive", "newest", "@a@b", "EUR", "membership", "İ"}
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.OneOf(rapid.String(), rapid.SampledFrom(words), rapid.StringMatching(`[-a-z0-9 ,"*@+#·]{0,40}`))
		values := url.Values{}
		for range rapid.IntRange(0, 8).Draw(t, "n") {
			values.Add(rapid.SampledFrom(names).Draw(t, "name"), value.Draw(t, "value"))
		}
		sameAfterWriting(t, values)
	})
}

func FuzzJobQuery(f *testing.F) {
	f.Add("q=a,-b+%22c+d%22+e*&engagement=membership&hours_min=3&coop=@a@b")
	f.Add("q=%22&skill[]=x,y&pay_min=1&currency=EUR&closing=9&state=archive")
	f.Fuzz(func(t *testing.T, s string) {
		values, _ := url.ParseQuery(s)
		sameAfterWriting(t, values)
	})
}

func TestJobScore(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*coop.Job, *coop.RankFacts)
		want   float64
	}{
		{"own, complete, posted now", func(*coop.Job, *coop.RankFacts) {}, 3},
		{"14 days old", func(j *coop.Job, _ *coop.RankFacts) { j.DatePosted = "2026-11-06" }, 2.5},
		{"posted tomorrow is posted now", func(j *coop.Job, _ *coop.RankFacts) { j.DatePosted = "2026-11-21" }, 3},
		{"posted on no day is not fresh", func(j *coop.Job, _ *coop.RankFacts) { j.DatePosted = "" }, 2},
		{"followed", func(_ *coop.Job, f *coop.RankFacts) { f.Source = coop.SourceFollowed }, 2.7},
		{"wider", func(_ *coop.Job, f *coop.RankFacts) { f.Source = coop.SourceWider }, 2.5},
		{"half of the text", func(_ *coop.Job, f *coop.RankFacts) { f.Text = 0.5 }, 3.5},
		{"one skill of two, and a narrower one", func(_ *coop.Job, f *coop.RankFacts) {
			f.Skills = []float64{coop.SkillExact, coop.SkillNarrower, coop.SkillMissing}
		}, 3.6},
		{"without pay and steps", func(j *coop.Job, _ *coop.RankFacts) { j.Pay, j.HiringSteps = nil, nil }, 2.5},
	} {
		t.Run(tt.name, func(t *testing.T) {
			job, facts := goodJob(), coop.RankFacts{Source: coop.SourceOwn}
			tt.change(job, &facts)
			midnight := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
			if got := job.Score(facts, midnight); math.Abs(got-tt.want) > 1e-9 {
				t.Errorf("%v, want %v", got, tt.want)
			}
		})
	}
}
