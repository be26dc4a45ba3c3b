// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/google/go-cmp/cmp"

	"minga/coop"
	"minga/coop/carry"
)

// catalogue is what a language's files hold: a text or its plural forms by key.
func catalogue(t *testing.T, lang string) map[string]map[string]string {
	t.Helper()
	all := map[string]map[string]string{}
	names, err := fs.Glob(wordFiles, "words/*"+lang+".toml")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if file := strings.TrimPrefix(name, "words/"); file != lang+".toml" && !strings.HasSuffix(file, "."+lang+".toml") {
			continue
		}
		var raw map[string]any
		if _, err := toml.DecodeFS(wordFiles, name, &raw); err != nil {
			t.Fatal(err)
		}
		for key, value := range raw {
			if all[key] != nil {
				t.Errorf("%s: %s stands in another file too", name, key)
			}
			all[key] = formsOf(value)
		}
	}
	return all
}

// formsOf are the plural forms of one entry of a catalogue.
func formsOf(value any) map[string]string {
	forms := map[string]string{}
	switch v := value.(type) {
	case string:
		forms["other"] = v
	case map[string]any:
		for form, text := range v {
			forms[form], _ = text.(string)
		}
	}
	return forms
}

var holes = regexp.MustCompile(`{{\.\w+}}`)

// TestCatalogues compares every language with English: the same keys, the same
// things filled in, no form empty, and the plural forms of CLDR.
func TestCatalogues(t *testing.T) {
	want := catalogue(t, "en")
	for _, l := range ourLanguages {
		got := catalogue(t, l.tag)
		if diff := cmp.Diff(slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(got))); diff != "" {
			t.Errorf("%s: %s", l.tag, diff)
		}
		for key, forms := range got {
			plural := len(want[key]) > 1
			expected := []string{"other"}
			if plural && l.tag == "en" {
				expected = []string{"one", "other"}
			} else if plural {
				expected = []string{"many", "one", "other"}
			}
			if diff := cmp.Diff(expected, slices.Sorted(maps.Keys(forms))); diff != "" {
				t.Errorf("%s %s has the forms %s", l.tag, key, diff)
			}
			for form, text := range forms {
				if strings.TrimSpace(text) == "" || !slices.Equal(found(text), found(want[key]["other"])) {
					t.Errorf("%s %s %s: %q", l.tag, key, form, text)
				}
			}
		}
	}
}

func found(text string) []string {
	list := holes.FindAllString(text, -1)
	slices.Sort(list)
	return list
}

var (
	literal = regexp.MustCompile(`\.(?:T|N)\(?\s*"([a-z0-9_-]+)"`)
	quoted  = regexp.MustCompile(`"([a-z0-9_-]+)"`)
)

// families are keys that the program puts together from a closed list.
func families() []string {
	keys := adminFamilies()
	add := func(prefix string, values ...string) {
		for _, v := range values {
			keys = append(keys, prefix+v)
		}
	}
	add("engagement_", coop.Engagements()...)
	add("track_", coop.MembershipTracks()...)
	add("source_", "own", "followed", "wider")
	add("order_", "best", "newest", "closing")
	add("remote_", "any", "1", "0")
	add("decision_", coop.DecisionMethods()...)
	add("surplus_", coop.SurplusSharings()...)
	add("model_", coop.PayModels()...)
	add("type_", coop.EmploymentTypes()...)
	add("kind_", "person", "coop", "federation", "board")
	add("filter_", "hours_min", "hours_max", "pay_min", "currency", "skill", "coop", "federation", "new", "closing")
	add("article_", string(coop.ArticleDraft), string(coop.ArticleSuperseded), string(coop.ArticleArchived), string(coop.ArticleWithdrawn))
	for _, s := range coop.JobStatuses() {
		add("state_", string(s))
		if s != coop.JobOpen {
			add("banner_", string(s))
		}
	}
	for _, state := range coop.SuggestionStates() {
		add("library_suggestion_", string(state))
	}
	for _, field := range articleFieldNames {
		add("library_field_", field.name)
	}
	add("job_form_mode_", "onsite", "hybrid", "remote")
	add("problem_", fieldCodes...)
	add("security_done_", dones...)
	add("factors_done_", factorDones...)
	for _, r := range coop.AllRoles() {
		add("role_"+string(r), "", "_may")
	}
	for _, key := range acts {
		add("act_", key)
	}
	add("migration_done_", migrationDones...)
	add("migration_problem_", coop.CodeMoveSelf, coop.CodeMoveOneSide, coop.CodeMoveOn, coop.CodeMoveSoon, coop.CodeMoveGone, coop.CodeTooMany, "handle", "sure", "not_found")
	for _, kind := range carry.Kinds() {
		add("carry_"+string(kind), "", "_what")
	}
	add("import_done_", "import", "stop")
	add("import_state_", string(coop.ImportWorking), string(coop.ImportDone), string(coop.ImportStopped))
	add("import_problem_", "kind", "none", "large", "empty", "text", "overwrite", "running")
	add("import_row_", coop.ImportNotFound, coop.ImportSelf, coop.ImportRefused, coop.ImportAway, coop.ImportTooMany, coop.ImportDifferent)
	for _, p := range []carry.Problem{carry.BadQuotes, carry.BadAccount, carry.BadServer, carry.BadPost, carry.BadList, carry.BadTruth, carry.BadLanguage} {
		add("import_row_", string(p))
	}
	add("apply_form_problem_", "many", "large", "kind", "full", "people")
	add("applications_done_", "answered", "waiting", "deleted")
	add("mine_done_", mineDones...)
	add("check_hint_", "title", "description", "time_overlap", "pay_gross", "hiring_steps", "answer_within", "languages")
	add("searches_done_", "saved", "changed", "gone", "feed", "actor")
	add("searches_alert_", "confirmed", "changed")
	add("searches_mail_", "never", "daily", "weekly")
	add("searches_wrong_", coop.CodeRequired, coop.CodeFormat)
	add("refused_", append(refusals, "other")...)
	for _, scope := range coop.Scopes() {
		if parts := strings.Split(scope, ":"); len(parts) < 3 {
			add("scope_", strings.Join(parts, "_"))
		}
	}
	for _, part := range coop.CrawlParts() {
		add("crawl_", string(part))
	}
	for _, e := range []string{"form", "404", "410", "403", "429", "503", "500", "other"} {
		add("error_"+e, "", "_what", "_hint")
	}
	return keys
}

// TestKeys finds keys that the program uses and nobody wrote, and texts that nobody
// uses.
func TestKeys(t *testing.T) {
	want := catalogue(t, "en")
	used := map[string]bool{}
	for _, key := range families() {
		used[key] = true
	}
	read := func(name, text string) {
		for _, m := range literal.FindAllStringSubmatch(text, -1) {
			if !strings.HasSuffix(m[1], "_") {
				used[m[1]] = true
			}
		}
		if strings.HasSuffix(name, ".go") {
			for _, m := range quoted.FindAllStringSubmatch(text, -1) {
				if want[m[1]] != nil {
					used[m[1]] = true
				}
			}
		}
	}
	for _, files := range []fs.FS{templateFiles, sources, adminSources()} {
		err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || strings.HasSuffix(name, "_test.go") {
				return err
			}
			text, err := fs.ReadFile(files, name)
			read(name, string(text))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(used)), slices.Sorted(maps.Keys(want))); diff != "" {
		t.Errorf("used (-) and written (+) keys: %s", diff)
	}
}

// TestPlurals speaks numbers.
func TestPlurals(t *testing.T) {
	w, err := loadWords(time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		lang string
		n    int
		want string
	}{
		{"en", 1, "1 open job"},
		{"en", 1234, "1,234 open jobs"},
		{"es", 0, "0 empleos abiertos"},
		{"es", 1, "1 empleo abierto"},
		{"es", 1_000_000, "1.000.000 de empleos abiertos"},
		{"ca", 1_000_000, "1.000.000 de feines obertes"},
		{"it", 2, "2 offerte di lavoro aperte"},
		{"pt", 1, "1 vaga aberta"},
	} {
		if got := w.of(tt.lang).N("count_jobs", tt.n); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.lang, got, tt.want)
		}
	}
	if got := w.of("es").Country("AR") + " " + w.of("ca").Language("es") + " " + w.of("it").Language("nb"); got != "Argentina espanyol norvegese bokmål" && got != "Argentina espanyol norvegese" {
		t.Errorf("names: %s", got)
	}
}
