// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"minga/coop"
	"minga/federation/document"
	"minga/federation/sanitize"
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
		{"languages that grow together", with("contentMap", doc{"ca": strings.Repeat("&", 40_000), "en": strings.Repeat("<", 60_000), "es": strings.Repeat("&", 60_000), "it": "x"}), func(p *coop.Post) bool {
			size := 0
			for _, text := range p.ContentMap {
				size += len(text)
			}
			return size > 0 && size <= sanitize.MaxHTML
		}},
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
