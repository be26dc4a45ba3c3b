// SPDX-License-Identifier: AGPL-3.0-or-later

package coop_test

import (
	"strings"
	"testing"

	"minga/coop"
)

func TestTextQuery(t *testing.T) {
	const text = "Desarrollo backend en Python: diseño de servicios, col·laboració, C++"
	for _, tt := range []struct {
		name, q, canonical string
		match              bool
	}{
		{"nothing asked matches everything", "", "", true},
		{"one word", "python", "python", true},
		{"case and accents are folded", "DISEÑO", "diseno", true},
		{"who has no ñ finds it too", "diseno", "diseno", true},
		{"the Catalan double l", "collaboracio", "collaboracio", true},
		{"a part of a word is no word", "pyth", "pyth", false},
		{"a prefix is", "pyth*", "pyth*", true},
		{"a space is and", "python backend", "python backend", true},
		{"and needs both", "python frontend", "python frontend", false},
		{"a comma is or", "frontend, python", "frontend, python", true},
		{"or binds less than and", "frontend x, python backend", "frontend x, python backend", true},
		{"a minus is not", "python -frontend", "python -frontend", true},
		{"not inside its alternative alone", "python -backend, servicios", "python -backend, servicios", true},
		{"what must not be there is", "python -backend", "python -backend", false},
		{"a phrase is words in a row", `"backend en python"`, `"backend en python"`, true},
		{"words in another order are not that phrase", `"python backend"`, `"python backend"`, false},
		{"a phrase may end in a prefix", `"backend en pyt"*`, `"backend en pyt"*`, true},
		{"a phrase that must not be there", `python -"backend en"`, `python -"backend en"`, false},
		{"a quote that is not closed closes at the end", `"backend en`, `"backend en"`, true},
		{"a comma in a phrase is none", `"diseño de servicios, col·laboració"`, `"diseno de servicios collaboracio"`, true},
		{"a hyphen inside parts a phrase", "back-end", `"back end"`, false},
		{"C++ is found, C is not it", "c++", "cplusplus", true},
		{"C alone is not C++", "c", "c", false},
		{"quotes of other lands", "«backend en»", `"backend en"`, true},
		{"punctuation alone asks nothing", "-- , ** ,,", "", true},
		{"other scripts stay whole", "हिन्दी", "हिन्दी", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			q, err := coop.ParseTextQuery(tt.q)
			if err != nil || q.String() != tt.canonical || q.Match(text) != tt.match {
				t.Errorf("%q, %v, %v; want %q, %v", q, q.Match(text), err, tt.canonical, tt.match)
			}
		})
	}
}

func TestTextQueryComplains(t *testing.T) {
	for _, tt := range []struct{ name, q, want, rest string }{
		{"only negations", "-junior -senior", "q only_negations", ""},
		{"an alternative of only negations is left out", "python, -junior", "q only_negations", "python"},
		{"201 characters", strings.Repeat("ñ", 201), "q too_long", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			q, err := coop.ParseTextQuery(tt.q)
			if complaint(err) != tt.want || q.String() != tt.rest {
				t.Errorf("%q, %q; want %q, %q", complaint(err), q, tt.want, tt.rest)
			}
		})
	}
	if q, err := coop.ParseTextQuery(strings.Repeat("a ", 99)); err != nil || len(q.Alternatives[0].Terms) != 32 {
		t.Errorf("99 terms: %v, %v", q, err)
	}
}

func TestTextScore(t *testing.T) {
	for _, tt := range []struct {
		name, q string
		want    float64
	}{
		{"all in the title", "backend developer", 1},
		{"one in the title, one in the text", "backend python", 0.75},
		{"in the text alone", "python", 0.5},
		{"the best alternative counts", "python, backend", 1},
		{"what does not match has none", "frontend", 0},
		{"what must not be there asks nothing", "backend -frontend", 1},
		{"nothing asked has none", "", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			q, _ := coop.ParseTextQuery(tt.q)
			if got := q.Score("Backend developer", "with Python"); got != tt.want {
				t.Errorf("%v, want %v", got, tt.want)
			}
		})
	}
}

// FuzzTextQuery: whatever is typed into the search, at most 32 terms come of it, each with
// a word, and no alternative that only says what must not be there.
func FuzzTextQuery(f *testing.F) {
	for _, seed := range []string{"", "weaver", `"a b`, "-a", "a,-b", "a* b", ",,,", strings.Repeat("a ", 90), strings.Repeat(`"`, 200), "é\u0301 \x00", "-\"\" a"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		q, _ := coop.ParseTextQuery(s)
		terms := 0
		for _, a := range q.Alternatives {
			wanted := false
			for _, term := range a.Terms {
				terms++
				wanted = wanted || !term.Not
				if len(term.Words) == 0 {
					t.Errorf("%q has a term without a word", s)
				}
			}
			if !wanted {
				t.Errorf("%q only says what must not be there", s)
			}
		}
		if terms > 32 {
			t.Errorf("%q has %d terms", s, terms)
		}
	})
}
