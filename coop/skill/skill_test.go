// SPDX-License-Identifier: AGPL-3.0-or-later

package skill_test

import (
	"encoding/csv"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
	"minga/coop/skill"
)

// TestList: each skill has a main name of its own in each language, and what is broader
// is there and leads back to nothing.
func TestList(t *testing.T) {
	list, err := skill.List()
	if err != nil {
		t.Fatal(err)
	}
	esco, byURI, main := 0, map[string]coop.SkillEntry{}, map[string]string{}
	for _, e := range list {
		if byURI[e.URI].URI != "" || !coop.ValidIRI(coop.IRI(e.URI)) {
			t.Errorf("%s is there twice, or no address", e.URI)
		}
		byURI[e.URI] = e
		if strings.HasPrefix(e.URI, "http://data.europa.eu/esco/skill/") {
			esco++
		}
		said := map[string]bool{}
		for _, l := range e.Labels {
			if strings.TrimSpace(l.Text) != l.Text || l.Text == "" || len(coop.Words(l.Text)) == 0 {
				t.Errorf("%s is called %q in %s", e.URI, l.Text, l.Language)
			}
			key := l.Language + " " + strings.Join(coop.Words(l.Text), " ")
			if l.Preferred && main[key] != "" {
				t.Errorf("%s and %s are both called %q in %s", main[key], e.URI, l.Text, l.Language)
			}
			if l.Preferred {
				main[key], said[l.Language] = e.URI, true
			}
		}
		if len(said) != 5 {
			t.Errorf("%s has main names in %d languages", e.URI, len(said))
		}
	}
	if len(list) < 300 || esco < 80 {
		t.Errorf("%d skills, %d of them ESCO's", len(list), esco)
	}
	for _, e := range list {
		if circle(byURI, e.URI, e.URI, 10) {
			t.Errorf("%s is broader than itself", e.URI)
		}
	}
}

// circle tells whether going up leads back.
func circle(list map[string]coop.SkillEntry, from, to string, depth int) bool {
	for _, up := range list[from].Broader {
		if depth == 0 || up == to || circle(list, up, to, depth-1) {
			return true
		}
	}
	return false
}

func TestReadESCO(t *testing.T) {
	skills := "\ufeffconceptType,conceptUri,skillType,reuseLevel,preferredLabel,altLabels,hiddenLabels,status\n" +
		`KnowledgeSkillCompetence,http://data.europa.eu/esco/skill/1,knowledge,,tejer a mano,"tejeduría` + "\n" + `tejer",,released` + "\n" +
		"KnowledgeSkillCompetence,javascript:alert(1),knowledge,,nothing,,,released\n"
	broader := "conceptType,conceptUri,broaderType,broaderUri\n" +
		"KnowledgeSkillCompetence,http://data.europa.eu/esco/skill/1,SkillGroup,http://data.europa.eu/esco/skill/S1\n"
	for _, tt := range []struct {
		name, file, language string
		want                 []coop.SkillEntry
		fails                bool
	}{
		{"skills", skills, "es", []coop.SkillEntry{{URI: "http://data.europa.eu/esco/skill/1", Labels: []coop.Label{
			{Language: "es", Text: "tejer a mano", Preferred: true}, {Language: "es", Text: "tejeduría"}, {Language: "es", Text: "tejer"},
		}}}, false},
		{"what is broader", broader, "", []coop.SkillEntry{{URI: "http://data.europa.eu/esco/skill/1", Broader: []string{"http://data.europa.eu/esco/skill/S1"}}}, false},
		{"no language", skills, "", nil, true},
		{"another file", "a,b\n1,2\n", "es", nil, true},
		{"nothing", "", "es", nil, true},
		{"a broken line", skills + "a,\"b\n", "es", []coop.SkillEntry{{URI: "http://data.europa.eu/esco/skill/1", Labels: []coop.Label{
			{Language: "es", Text: "tejer a mano", Preferred: true}, {Language: "es", Text: "tejeduría"}, {Language: "es", Text: "tejer"},
		}}}, true},
	} {
		var got []coop.SkillEntry
		err := skill.ReadESCO(strings.NewReader(tt.file), tt.language, func(e coop.SkillEntry) error {
			got = append(got, e)
			return nil
		})
		if diff := cmp.Diff(tt.want, got); diff != "" || (err != nil) != tt.fails {
			t.Errorf("%s: %v %s", tt.name, err, diff)
		}
	}
	for name, want := range map[string]string{"skills_es.csv": "es", "C:\\esco\\skills_pt.csv": "pt", "skills.csv": "", "a_thing.csv": ""} {
		if got := skill.LanguageOf(name); got != want {
			t.Errorf("%s is in %q, want %q", name, got, want)
		}
	}
}

// TestListAgreesWithESCO looks the addresses up in ESCO's own list, where it is at hand.
func TestListAgreesWithESCO(t *testing.T) {
	known := map[string]string{}
	for _, name := range []string{"digital", "transversal", "language"} {
		file, err := os.Open("../../../shared/domain-data/esco-1.2.0-" + name + "-skills-en.csv")
		if err != nil {
			t.Skip("ESCO's list is not at hand")
		}
		rows, err := csv.NewReader(file).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		_ = file.Close()
		for _, row := range rows {
			known[row[0]] = row[1]
		}
	}
	list, err := skill.List()
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		if strings.Contains(e.URI, "/esco/") && known[e.URI] == "" {
			t.Errorf("ESCO does not know %s (%s)", e.URI, e.Labels[0].Text)
		}
	}
}
