// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
	"minga/coop/carry"
	"minga/storage"
)

// TestCatalogues compares every language with English.
func TestCatalogues(t *testing.T) {
	problems, err := CheckWords()
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range problems {
		t.Error(problem)
	}
}

// TestCheckWords finds what is wrong with catalogues.
func TestCheckWords(t *testing.T) {
	files := fstest.MapFS{}
	write := func(name, text string) { files["words/"+name+".toml"] = &fstest.MapFile{Data: []byte(text)} }
	english := "a = \"A {{.Name}}\"\nb = \"B\"\n[n]\none = \"{{.Count}} x\"\nother = \"{{.Count}} xs\"\n"
	full := "a = \"A {{.Name}}\"\nb = \"B\"\n[n]\none = \"{{.Count}} x\"\nmany = \"{{.Count}} de x\"\nother = \"{{.Count}} xs\"\n"
	write("en", english)
	for _, l := range ourLanguages[2:] {
		write(l.tag, full)
	}
	write("es", full)
	if problems, err := checkWords(files); err != nil || len(problems) > 0 {
		t.Fatalf("%v %v", problems, err)
	}
	write("ca", "a = \"A\"\nc = \"C\"\n[n]\none = \"{{.Count}} x\"\nother = \" \"\n")
	write("more.it", "b = \"B again\"\n")
	want := []string{
		"ca: b is missing", "ca: a (other) fills in [], not [{{.Name}}]", "ca: c is not in English", "ca: n has the forms [one other], not [many one other]", "ca: n (other) is empty",
		"words/more.it.toml: b stands in another file too",
	}
	problems, err := checkWords(files)
	if diff := cmp.Diff(want, problems); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
	write("pt", "a = ")
	if _, err := checkWords(files); err == nil {
		t.Error("a broken file is taken")
	}
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
	add("order_", "best", "newest", "closing", "pay", "distance")
	add("remote_", "any", "1", "0")
	add("decision_", coop.DecisionMethods()...)
	add("surplus_", coop.SurplusSharings()...)
	add("model_", coop.PayModels()...)
	add("type_", coop.EmploymentTypes()...)
	add("kind_", "person", "coop", "federation", "board")
	add("filter_", "hours_min", "hours_max", "pay_min", "currency", "skill", "coop", "federation", "new", "closing", "sector", "place", "radius", "tz", "overlap")
	for _, r := range regions {
		add("map_", r.key)
	}
	add("directory_evidence_", coop.EvidenceClaimed, coop.EvidenceFederation, coop.EvidenceApex)
	add("board_facet_", coop.JobFacets()...)
	add("board_", "verified", "open_to_new", "why_own", "why_followed", "why_wider")
	add("article_", string(coop.ArticleDraft), string(coop.ArticleSuperseded), string(coop.ArticleArchived), string(coop.ArticleWithdrawn))
	for _, s := range coop.JobStatuses() {
		add("state_", string(s))
		if s != coop.JobOpen {
			add("banner_", string(s))
		}
	}
	add("library_import_", "large", "none", "archive")
	for _, problem := range []carry.Problem{carry.BadText, carry.BadHead, carry.BadLength, carry.BadEmpty} {
		add("library_import_bad_", string(problem))
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
	for _, kind := range coop.ServiceKinds() {
		add("services_kind_", string(kind))
		add("services_one_", string(kind))
	}
	for _, kind := range coop.ContractTypes() {
		add("services_contract_", strings.ReplaceAll(kind, "-", "_"))
	}
	add("services_audience_", string(coop.CapacityPublic), string(coop.CapacityMembers))
	add("services_term_done_", termDones...)
	add("services_list_done_", "read", "removed")
	add("check_hint_", "title", "description", "time_overlap", "pay_gross", "hiring_steps", "answer_within", "languages")
	for _, kind := range toldKinds {
		add("told_kind_", toldKey(kind))
	}
	add("desk_done_", "accepted", "refused")
	add("find_kind_", append([]string{"all"}, findKinds...)...)
	for _, state := range coop.OfferStates() {
		add("offer_state_", string(state))
	}
	for _, fault := range coop.OfferFaults() {
		add("offer_problem_", string(fault))
	}
	add("offer_problem_", "hours", "rate", "starts_on", "note", "ends_at", "reason", "step")
	add("offer_done_", "sent", "accept", "decline", "withdraw", "release")
	add("offer_record_", "offer", "accept", "reject", "undo", "create")
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
	for _, state := range []string{storage.ServerWaiting, storage.ServerResting, storage.ServerDelivered, storage.ServerDead} {
		add("deliveries_", state)
	}
	for _, e := range []string{"form", "404", "410", "403", "429", "503", "500", "other"} {
		add("error_"+e, "", "_what", "_hint")
	}
	return keys
}

// beginning is a literal that a key goes on from.
var beginning = regexp.MustCompile(`"([a-z]+(?:_[a-z0-9]+)+_)"`)

// TestKeys finds keys that the program uses and nobody wrote, and texts that nobody
// uses.
func TestKeys(t *testing.T) {
	want, _, err := readWords(wordFiles, "en")
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, key := range families() {
		used[key] = true
	}
	begun := func(text string) { // "admin_act_" + …: all that begin so
		for _, m := range beginning.FindAllStringSubmatch(text, -1) {
			for key := range want {
				if strings.HasPrefix(key, m[1]) {
					used[key] = true
				}
			}
		}
	}
	read := func(name, text string) {
		for _, m := range literal.FindAllStringSubmatch(text, -1) {
			if !strings.HasSuffix(m[1], "_") && !strings.HasPrefix(m[1], "_") {
				used[m[1]] = true
			}
		}
		begun(text)
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
