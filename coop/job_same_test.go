// SPDX-License-Identifier: AGPL-3.0-or-later

package coop_test

import (
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"minga/coop"
)

const telar coop.IRI = "https://fed-sur.example/coops/telar"

func TestSameIdentity(t *testing.T) {
	for _, tt := range []struct {
		name   string
		a, b   coop.Identifier
		author coop.IRI
		same   bool
	}{
		{"the same reference of the same co-op", coop.Identifier{Name: "telar.example", Value: "14"}, coop.Identifier{Name: "Telar.example", Value: " 14 "}, telar, true},
		{"another reference", coop.Identifier{Name: "telar.example", Value: "14"}, coop.Identifier{Name: "telar.example", Value: "15"}, telar, false},
		{"the same reference of another co-op", coop.Identifier{Name: "telar.example", Value: "14"}, coop.Identifier{Name: "telar.example", Value: "14"}, "https://b.example/c", false},
		{"name and value do not run together", coop.Identifier{Name: "a", Value: "b\nc"}, coop.Identifier{Name: "a\nb", Value: "c"}, telar, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a, b := &coop.Job{Identifier: tt.a}, &coop.Job{Identifier: tt.b}
			if got := a.IdentityKey(telar) == b.IdentityKey(tt.author); got != tt.same {
				t.Errorf("%q and %q", a.IdentityKey(telar), b.IdentityKey(tt.author))
			}
		})
	}
	if key := (&coop.Job{}).IdentityKey(telar); key != "" {
		t.Errorf("no reference gave the key %q", key)
	}
}

func TestApplyKey(t *testing.T) {
	for _, tt := range []struct {
		name, a, b string
		same       bool
	}{
		{"what tracks does not count", "https://a.example/j?id=1&utm_source=x&fbclid=y&GCLID=z&ref=q", "https://a.example/j?id=1", true},
		{"the order of parameters does not count", "https://a.example/j?b=2&a=1", "https://a.example/j?a=1&b=2", true},
		{"case of the host, port, last slash and fragment do not count", "https://A.example:443/j/#apply", "https://a.example/j", true},
		{"case of the path counts", "https://a.example/J", "https://a.example/j", false},
		{"another parameter counts", "https://a.example/j?id=1", "https://a.example/j?id=2", false},
		{"another port counts", "https://a.example:8443/j", "https://a.example/j", false},
		{"an escaped slash is no slash", "https://a.example/a%2Fb", "https://a.example/a/b", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a, b := &coop.Job{ApplyURL: tt.a}, &coop.Job{ApplyURL: tt.b}
			if got := a.ApplyKey() == b.ApplyKey(); got != tt.same || a.ApplyKey() == "" {
				t.Errorf("%q and %q", a.ApplyKey(), b.ApplyKey())
			}
		})
	}
	for _, none := range []string{"", "mailto:a@b.example", "javascript:alert(1)"} {
		if key := (&coop.Job{ApplyURL: none}).ApplyKey(); key != "" {
			t.Errorf("%q gave the key %q", none, key)
		}
	}
}

func TestApplyKeyForgetsTracking(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom([]string{"utm_source", "utm_x", "ref", "gclid", "fbclid"}).Draw(t, "name")
		value := rapid.StringMatching(`[a-z0-9 ]{0,8}`).Draw(t, "value")
		kept := url.Values{"id": {rapid.StringMatching(`[a-z0-9]{1,5}`).Draw(t, "id")}}
		plain := &coop.Job{ApplyURL: "https://a.example/j?" + kept.Encode()}
		kept.Add(name, value)
		tracked := &coop.Job{ApplyURL: "https://a.example/j?" + kept.Encode()}
		if plain.ApplyKey() != tracked.ApplyKey() {
			t.Fatalf("%q and %q", plain.ApplyKey(), tracked.ApplyKey())
		}
	})
}

func TestAlike(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*coop.Job)
		want   bool
	}{
		{"itself", func(j *coop.Job) {}, true},
		{"case, accents and punctuation do not count", func(j *coop.Job) { j.Title = "BÁCKEND-developer: future member!" }, true},
		{"45 days later", func(j *coop.Job) { j.DatePosted = "2027-01-04" }, true},
		{"46 days later", func(j *coop.Job) { j.DatePosted = "2027-01-05" }, false},
		{"45 days earlier", func(j *coop.Job) { j.DatePosted = "2026-10-06" }, true},
		{"another title", func(j *coop.Job) { j.Title = "Frontend developer" }, false},
		{"another place", func(j *coop.Job) { j.Places = []coop.Place{{Locality: "Rosario"}} }, false},
		{"posted on no day", func(j *coop.Job) { j.DatePosted = "" }, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			other := goodJob()
			tt.change(other)
			if got := goodJob().Alike(other, telar); got != tt.want {
				t.Errorf("%v, want %v", got, tt.want)
			}
		})
	}
}

func TestRankOfCopy(t *testing.T) {
	job := goodJob()
	for _, tt := range []struct {
		name   string
		post   coop.IRI
		author *coop.Account
		want   coop.CopyRank
	}{
		{"the co-op's own host comes first", "https://fed-sur.example/coops/telar/jobs/1", &coop.Account{Kind: coop.Coop}, coop.CopyOfCoop},
		{"a federation's own job is its own", "https://fed-sur.example/federation/jobs/1", &coop.Account{Kind: coop.Federation, IRI: telar}, coop.CopyOfCoop},
		{"a federation comes second", "https://red-norte.example/jobs/1", &coop.Account{Kind: coop.Federation}, coop.CopyOfFederation},
		{"a board too", "https://red-norte.example/jobs/1", &coop.Account{Kind: coop.Board}, coop.CopyOfFederation},
		{"a service is an import", "https://bot.example/1", &coop.Account{Kind: coop.Service}, coop.CopyOfImport},
		{"a co-op on a foreign host is one too", "https://bot.example/1", &coop.Account{Kind: coop.Coop}, coop.CopyOfImport},
		{"an author that nobody knows is one too", "https://bot.example/1", nil, coop.CopyOfImport},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := coop.RankOfCopy(job, tt.post, tt.author); got != tt.want {
				t.Errorf("%d, want %d", got, tt.want)
			}
		})
	}
}

func TestSearchText(t *testing.T) {
	job := goodJob()
	job.Places = []coop.Place{{Name: "Córdoba"}}
	text := " " + job.SearchText() + " "
	for _, word := range []string{"backend", "desarrollo", "python", "patience", "cordoba", "colleagues", "software"} {
		if !strings.Contains(text, " "+word+" ") {
			t.Errorf("%q is not found in %q", word, text)
		}
	}
	if strings.Contains(text, "<") {
		t.Error("mark-up is no text")
	}
}
