// SPDX-License-Identifier: AGPL-3.0-or-later

package storage_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
	"minga/storage"
)

// Addresses of a small list of skills.
const (
	weaving  = "http://data.europa.eu/esco/skill/1"
	php      = "http://data.europa.eu/esco/skill/2"
	textile  = "https://skills.example/textile"
	program  = "https://skills.example/programming"
	computer = "https://skills.example/computers"
)

// skillList is a small list of skills.
var skillList = []coop.SkillEntry{
	{URI: weaving, Broader: []string{textile}, Labels: []coop.Label{
		{Language: "es", Text: "Tejido fino", Preferred: true}, {Language: "en", Text: "Fine weaving", Preferred: true}, {Language: "en", Text: "weaving"}, {Language: "ca", Text: "Teixir", Preferred: true},
	}},
	{URI: textile, Labels: []coop.Label{{Language: "en", Text: "Textile work", Preferred: true}, {Language: "es", Text: "Trabajo textil", Preferred: true}}},
	{URI: php, Broader: []string{program}, Labels: []coop.Label{{Language: "en", Text: "PHP", Preferred: true}}},
	{URI: program, Broader: []string{computer}, Labels: []coop.Label{{Language: "en", Text: "Programming", Preferred: true}, {Language: "it", Text: "Programmazione", Preferred: true}}},
	{URI: computer, Broader: []string{program}, Labels: []coop.Label{{Language: "en", Text: "Computers", Preferred: true}, {Language: "en", Text: "programming"}}}, // a circle
}

// learnSkills reads the small list in.
func (w *world) learnSkills() {
	w.Helper()
	w.write(func(ctx context.Context, tx *storage.Tx) error {
		return tx.PutSkills(ctx, storage.StarterSkills, skillList)
	})
}

// skillsOf are the addresses of the small list that a job stands for, and of what is
// broader: what the store should keep of it.
func skillsOf(j *coop.Job) []string {
	var list []string
	for _, s := range j.Skills {
		switch {
		case s.URI == weaving, s.URI == "" && slices.Contains([]string{"tejido fino", "teixir"}, strings.ToLower(s.Name)):
			list = append(list, weaving, textile)
		case s.URI == "" && s.Name == "PHP":
			list = append(list, php, program, computer)
		}
	}
	return list
}

func TestFindSkills(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.learnSkills()
		w.learnSkills() // a second time changes nothing
		for _, tt := range []struct{ text, language, want string }{
			{"TEJ", "es", "Tejido fino"},
			{"tej", "it", "Fine weaving (Tejido fino)"},
			{"teix", "ca", "Teixir"},
			{"prog", "it", "Programmazione; Computers (programming)"},
			{"programming", "en", "Programming; Computers (programming)"},
			{"weav", "en", "Fine weaving (weaving)"},
			{"fin", "es", "Tejido fino (Fine weaving)"},
			{"work", "es", "Trabajo textil (Textile work)"},
			{"", "es", ""},
			{"%", "es", ""},
			{"zz", "es", ""},
			{"\x00\xff", "\x00", ""},
			{strings.Repeat("y", 5000), "", ""},
		} {
			found, err := w.s.FindSkills(w.Context(), tt.text, tt.language, 10)
			var got []string
			for _, s := range must(w, found, err) {
				if s.Matched != "" {
					s.Name += " (" + s.Matched + ")"
				}
				got = append(got, s.Name)
			}
			if diff := cmp.Diff(tt.want, strings.Join(got, "; ")); diff != "" {
				w.Errorf("%.50q in %q: %s", tt.text, tt.language, diff)
			}
		}
		names, err := w.s.SkillNames(w.Context(), []string{weaving, program, "https://skills.example/none"}, "es-UY")
		if diff := cmp.Diff(map[string]string{weaving: "Tejido fino", program: "Programming"}, must(w, names, err)); diff != "" {
			w.Error(diff)
		}
	})
}

// TestSearchBySkill: a skill includes what is narrower, in whatever language, and what is
// just that comes first.
func TestSearchBySkill(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.learnSkills()
		author := w.account("telar", "", coop.Coop)
		wants := func(list ...coop.Term) func(*coop.Job) {
			return func(j *coop.Job) {
				j.Skills = nil
				for _, s := range list {
					j.Skills = append(j.Skills, coop.Skill{Term: s, Required: true})
				}
			}
		}
		w.post(author, job("es", wants(coop.Term{Name: "Tejido fino"})))
		w.post(author, job("address", wants(coop.Term{URI: weaving, Name: "Weberei"})))
		w.post(author, job("textile", wants(coop.Term{Name: "trabajo TEXTIL"})))
		w.post(author, job("own word", wants(coop.Term{Name: "Keeping bees"})))
		w.post(author, job("php", wants(coop.Term{Name: "php"}, coop.Term{URI: "https://other.example/x", Name: "Something"})))
		for query, want := range map[string][]string{
			"skill=weaving":                         {"address", "es"},
			"skill=" + weaving:                      {"address", "es"},
			"skill=Fine+weaving":                    {"address", "es"},
			"skill=weberei":                         {"address"},
			"skill=Textile+work":                    {"address", "es", "textile"},
			"skill=programmazione":                  {"php"},
			"skill=computers":                       {"php"},
			"skill=keeping+bees":                    {"own word"},
			"skill=https%3A%2F%2Fother.example%2Fx": {"php"},
			"skill=bees":                            nil,
		} {
			if diff := cmp.Diff(want, sorted(w.search(query))); diff != "" && len(want)+len(w.search(query)) > 0 {
				w.Errorf("%s: %s", query, diff)
			}
		}
		if got := w.search("skill=textile+work&order=best"); len(got) != 3 || got[0] != "textile" {
			w.Errorf("what was asked for comes first: %v", got)
		}
		if got := w.search("skill=weaving&skill=textile+work&order=best"); len(got) != 3 || got[2] != "textile" {
			w.Errorf("what has both comes first: %v", got)
		}
	})
}
