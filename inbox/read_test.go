// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
	"minga/federation/document"
)

// reader is an inbox that only reads: no store, no client.
func reader(now time.Time) *Inbox {
	return &Inbox{o: Options{Local: Local{Scheme: "https", Host: "here.example"}}, now: func() time.Time { return now }}
}

func parse(t testing.TB, v any) *document.Object {
	t.Helper()
	body, ok := v.([]byte)
	if !ok {
		body = encode(t, v)
	}
	o, err := document.Read(body)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func example(t testing.TB, name string) *document.Object {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("testdata", "wire", name))
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, body)
}

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
		"sumate@telar.coop.example", "ARS", "MONTH", []string{"AR", "UY", "CL"}, 2, 2, 3, 30, true, "en", coop.VisiblePublic,
		"https://fed-sur.example/boards/jobs", []string{"coopjobs", "python"}, 2,
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

func TestReadActors(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	f, err := reader(now).readActor(example(t, "01-federation-actor.json"))
	if err != nil {
		t.Fatal(err)
	}
	if a := f.account; a.Kind != coop.Federation || a.Members == "" || a.Jobs == "" || len(a.Boards) != 2 || !a.HasEd25519 || len(f.keys) != 2 || a.Host != "fed-sur.example" || a.Name != "sur" {
		t.Errorf("federation %+v", f.account)
	}
	c, err := reader(now).readActor(example(t, "02-coop-actor.json"))
	if err != nil {
		t.Fatal(err)
	}
	a := c.account
	if a.Kind != coop.Coop || len(a.MemberOf) != 2 || a.Coop == nil || a.Coop.Members != 11 || a.Coop.Workers != -1 || a.Coop.Founded != "2014-05-02" || a.Coop.Place.Country != "AR" {
		t.Errorf("co-op %+v, facts %+v", a, a.Coop)
	}
	for _, tt := range []struct {
		name   string
		change func(doc)
	}{
		{"inbox elsewhere", with("inbox", "https://victim.example/inbox")},
		{"no inbox", without("inbox")},
		{"no id", without("id")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := doc{"id": "https://a.example/u", "type": "Person", "inbox": "https://a.example/u/inbox", "preferredUsername": "u"}
			tt.change(d)
			if got, err := reader(now).readActor(parse(t, d)); err == nil {
				t.Errorf("taken as %+v", got.account)
			}
		})
	}
}

func TestReadActorKeepsNoForeignKeys(t *testing.T) {
	d := doc{
		"id": "https://a.example/u", "type": "Person", "inbox": "https://a.example/u/inbox", "preferredUsername": "u",
		"sharedInbox": "https://victim.example/inbox", "endpoints": doc{"sharedInbox": "https://victim.example/inbox"},
		"followers": "https://victim.example/followers",
		"publicKey": []doc{
			{"id": "https://victim.example/v#main-key", "owner": "https://a.example/u", "publicKeyPem": "x"},
			{"id": "https://a.example/u#k", "owner": "https://victim.example/v", "publicKeyPem": "x"},
			{"id": "https://a.example/u#main-key", "owner": "https://a.example/u", "publicKeyPem": "x"},
		},
	}
	got, err := reader(time.Now()).readActor(parse(t, d))
	if err != nil {
		t.Fatal(err)
	}
	if len(got.keys) != 1 || got.keys[0].ID != "https://a.example/u#main-key" || got.account.SharedInbox != "" || got.account.Followers != "" {
		t.Errorf("keys %+v, shared inbox %q, followers %q", got.keys, got.account.SharedInbox, got.account.Followers)
	}
}

func TestReadPostTolerance(t *testing.T) {
	now := time.Date(2030, 5, 1, 12, 0, 0, 0, time.UTC)
	author := &coop.Account{
		ID: 9, IRI: "https://a.example/u", Followers: "https://a.example/u/followers", Members: "https://a.example/u/members",
	}
	base := doc{"id": "https://a.example/n", "type": "Note", "attributedTo": "https://a.example/u", "content": "<p>x</p>", "to": public}
	for _, tt := range []struct {
		name   string
		change func(doc)
		holds  func(p *coop.Post) bool
	}{
		{"public", func(doc) {}, func(p *coop.Post) bool { return p.Visibility == coop.VisiblePublic }},
		{"as:Public in cc", func(d doc) { d["to"] = "https://b.example/x"; d["cc"] = "as:Public" }, func(p *coop.Post) bool { return p.Visibility == coop.VisibleUnlisted }},
		{"followers", with("to", []string{"https://a.example/u/followers"}), func(p *coop.Post) bool { return p.Visibility == coop.VisibleFollowers }},
		{"members of itself", with("to", []string{"https://a.example/u/members"}), func(p *coop.Post) bool { return p.Visibility == coop.VisibleMembers }},
		{"members of its federation", with("to", []string{"https://f.example/federation/members"}), func(p *coop.Post) bool { return p.Visibility == coop.VisibleMembers }},
		{"direct", with("to", []string{"https://b.example/x"}), func(p *coop.Post) bool { return p.Visibility == coop.VisibleDirect }},
		{"to nobody", with("to", []string{}), func(p *coop.Post) bool { return p.Visibility == coop.VisibleDirect }},
		{"bto is not kept", with("bto", []string{"https://b.example/secret"}), func(p *coop.Post) bool { return len(p.To)+len(p.Cc) == 1 }},
		{"the future is now", with("published", "2099-01-01T00:00:00Z"), func(p *coop.Post) bool { return p.Published.Equal(now) }},
		{"no date is now", func(doc) {}, func(p *coop.Post) bool { return p.Published.Equal(now) }},
		{"name is the title", with("name", "A <b>title</b>"), func(p *coop.Post) bool { return p.Title == "A <b>title</b>" }},
		{"script goes", with("content", `<p>x</p><script>alert(1)</script><img src=x onerror=alert(1)>`), func(p *coop.Post) bool { return p.Content == "<p>x</p>" || !containsScript(p.Content) }},
		{"plain text stays text", func(d doc) { d["content"] = "a < b\n\nc"; d["mediaType"] = "text/plain" }, func(p *coop.Post) bool { return p.Content == "<p>a &lt; b</p><p>c</p>" }},
		{"javascript url", with("url", "javascript:alert(1)"), func(p *coop.Post) bool { return p.URL == "https://a.example/n" }},
		{"languages", with("contentMap", doc{"es": "<p>hola</p>", "en": "<p>x</p>"}), func(p *coop.Post) bool { return p.Language == "en" && len(p.ContentMap) == 2 }},
		{"foreign thread", with("context", "https://victim.example/ctx"), func(p *coop.Post) bool { return p.Thread == "" }},
		{"an event says when and where", func(d doc) {
			d["type"], d["name"], d["startTime"], d["location"] = "Event", "Assembly", "2030-06-01T10:00:00Z", doc{"type": "Place", "name": "Rosario"}
			delete(d, "content")
		}, func(p *coop.Post) bool {
			return p.Content == "<p>Assembly</p><p>2030-06-01T10:00:00Z</p><p>Rosario</p>" && p.Title == "Assembly"
		}},
		{"a video is its own attachment", func(d doc) {
			d["type"], d["url"] = "Video", []doc{{"type": "Link", "mediaType": "text/html", "href": "https://a.example/w"}, {"type": "Link", "mediaType": "video/mp4", "href": "https://a.example/v.mp4"}}
		}, func(p *coop.Post) bool {
			return len(p.Attachments) == 1 && p.Attachments[0].URL == "https://a.example/v.mp4" && p.URL == "https://a.example/w"
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, err := reader(now).readPost(parse(t, edit(base, tt.change)), author, "https://f.example/federation/members")
			if err != nil {
				t.Fatal(err)
			}
			if !tt.holds(p) {
				t.Errorf("%+v", p)
			}
		})
	}
}

func TestReadNoPost(t *testing.T) {
	author := &coop.Account{ID: 9, IRI: "https://a.example/u"}
	for name, d := range map[string]doc{
		"ballot":    {"id": "https://a.example/v", "type": "Note", "name": "yes", "inReplyTo": "https://b.example/q"},
		"place":     {"id": "https://a.example/p", "type": "Place", "content": "x"},
		"tombstone": {"id": "https://a.example/t", "type": "Tombstone"},
		"anonymous": {"type": "Note", "content": "x"},
		"activity":  {"id": "https://a.example/l", "type": "Like", "actor": "https://a.example/u", "object": "https://b.example/n"},
		"unknown":   {"id": "https://a.example/z", "type": "Zorp"},
	} {
		if p, err := reader(time.Now()).readPost(parse(t, d), author); err == nil {
			t.Errorf("%s was read as %+v", name, p)
		}
	}
}
