// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
)

func TestReadJob(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	author := &coop.Account{ID: 7, IRI: "https://fed-sur.example/coops/telar", Followers: "https://fed-sur.example/coops/telar/followers"}
	object := example(t, "03-job-create.json").Object("object")
	p, err := reader(now).readPost(object, author)
	if err != nil {
		t.Fatal(err)
	}
	if p.Kind != coop.KindJob || p.Job == nil {
		t.Fatalf("kind %s", p.Kind)
	}
	type facts struct {
		Title, Spanish, Status, Engagement, Track, Posted, Reference, Mail, Currency, Unit string
		From                                                                               []string
		Skills, Languages, Steps, Hours                                                    int
		Remote                                                                             bool
		Language                                                                           string
		Visibility                                                                         coop.Visibility
		Audience                                                                           coop.IRI
		Tags                                                                               []string
		Texts                                                                              int
	}
	j := p.Job
	got := facts{
		j.Title, j.TitleMap["es"], string(j.Status), j.Engagement, j.MembershipTrack, j.DatePosted, j.Identifier.Value, j.ApplyEmail, j.Pay.Currency, j.Pay.Unit,
		j.ApplicantsFrom, len(j.Skills), len(j.Languages), len(j.HiringSteps), int(j.HoursTo.IntPart()), j.Remote, p.Language, p.Visibility, p.Audience, p.Hashtags, len(p.ContentMap),
	}
	want := facts{
		"Backend developer, future member (remote, 30 h)", "Desarrollo backend, con camino a ser parte (remoto, 30 h)", "open", "membership", "expected", "2026-11-20", "2026-014",
		"sumate@telar.coop.example", "ARS", "MONTH",
		[]string{"AR", "UY", "CL"},
		2, 2, 3, 30, true, "en", coop.VisiblePublic,
		"https://fed-sur.example/boards/jobs",
		[]string{"coopjobs", "python"},
		2,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if !j.Pay.Max.Equal(j.Pay.Min.Add(j.Pay.Max.Sub(j.Pay.Min))) || j.Pay.Max.String() != "2300000" || j.PayRatio.String() != "1.6" {
		t.Errorf("pay %v, ratio %v", j.Pay, j.PayRatio)
	}
	if want := time.Date(2026, 12, 20, 23, 59, 59, 0, time.UTC); !j.ValidThrough.Equal(want) || !p.Ends.Equal(want) {
		t.Errorf("ends %s, %s", j.ValidThrough, p.Ends)
	}
}

func TestReadJobBroken(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	author := &coop.Account{ID: 7, IRI: "https://fed-sur.example/coops/telar"}
	load := func() doc {
		var d doc
		body, _ := os.ReadFile(filepath.Join("testdata", "wire", "03-job-create.json"))
		mustUnmarshal(t, body, &d)
		return d["object"].(doc)
	}
	for _, tt := range []struct {
		name   string
		change func(job doc)
		kind   coop.PostKind
		holds  func(j *coop.Job) bool
	}{
		{"as it came", func(doc) {}, coop.KindJob, nil},
		{"somebody else hires", with("hiringOrganization", "https://evil.example/coops/x"), coop.KindNote, nil},
		{"nobody hires", without("hiringOrganization"), coop.KindNote, nil},
		{"no title in the payload: the note's own", without("title", "titleMap"), coop.KindJob, func(j *coop.Job) bool { return j.Title == "Backend developer, future member (remote, 30 h)" }},
		{"a description of three words", func(j doc) { j["description"] = "<p>a b c</p>"; delete(j, "descriptionMap") }, coop.KindNote, nil},
		{"a bad optional field goes alone", with("payRatio", "1e999999999"), coop.KindJob, func(j *coop.Job) bool { return j.PayRatio == nil && j.Pay != nil }},
		{"an unknown word is kept raw", with("payModel", "lottery"), coop.KindJob, func(j *coop.Job) bool { return j.PayModel == "" && j.Unknown["payModel"] == "lottery" }},
		{"pay is no number", with("baseSalary", doc{"currency": "ARS", "value": doc{"minValue": "lots", "maxValue": "more"}}), coop.KindJob, nil},
		{"numbers may be strings", with("hoursTo", "35"), coop.KindJob, func(j *coop.Job) bool { return j.HoursTo.String() == "35" }},
		{"script in the description goes", func(j doc) {
			j["description"] = "<p>You look after three public booking sites with two colleagues of ours.</p><script>alert(1)</script>"
			delete(j, "descriptionMap")
		}, coop.KindJob, func(j *coop.Job) bool { return !containsScript(j.Description) }},
		{"a far end is cut at 90 days", with("validThrough", "2029-01-01T00:00:00Z"), coop.KindJob, func(j *coop.Job) bool { return j.ValidThrough.Year() == 2027 }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := load()
			tt.change(d["job"].(doc))
			p, err := reader(now).readPost(parse(t, d), author)
			if err != nil {
				t.Fatal(err)
			}
			if p.Kind != tt.kind {
				t.Fatalf("kind %s, want %s", p.Kind, tt.kind)
			}
			if tt.holds != nil && !tt.holds(p.Job) {
				t.Errorf("job %+v", p.Job)
			}
		})
	}
}

func TestReadArticle(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	author := &coop.Account{ID: 8, IRI: "https://red-norte.example/coops/brisa"}
	p, err := reader(now).readPost(example(t, "06-knowledge-article.json"), author)
	if err != nil {
		t.Fatal(err)
	}
	want := &coop.Article{
		License: "https://creativecommons.org/licenses/by-sa/4.0/", Version: 3, Status: coop.ArticlePublished,
		History:      "https://red-norte.example/coops/brisa/articles/salaries/history",
		Translations: []coop.IRI{"https://fed-sur.example/coops/telar/articles/salarios"},
		Topics:       []coop.Term{{URI: "https://red-norte.example/topics/pay", Name: "pay"}},
		Series:       &coop.Term{URI: "https://red-norte.example/series/co-op-basics", Name: "Co-op basics"},
		Position:     4, Citations: []coop.IRI{"https://handbook.example/pay"},
		Contributors: []coop.Contributor{{IRI: "https://fed-sur.example/coops/telar"}},
	}
	if diff := cmp.Diff(want, p.Article); diff != "" {
		t.Error(diff)
	}
	if p.Title != "How we set our pay, and what went wrong twice" || p.Kind != coop.KindArticle || p.Language != "en" || p.SourceType != "text/markdown" {
		t.Errorf("title %q, kind %s, language %q, source %q", p.Title, p.Kind, p.Language, p.SourceType)
	}
}
