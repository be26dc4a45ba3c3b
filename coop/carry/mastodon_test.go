// SPDX-License-Identifier: AGPL-3.0-or-later

package carry_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
	"minga/coop/carry"
)

// mastodonActor is an actor as Mastodon's archives hold it.
const mastodonActor = `{"@context":"https://www.w3.org/ns/activitystreams","id":"https://old.example/users/rosa","type":"Person","preferredUsername":"rosa","name":"Rosa","summary":"<p>Teje.</p>",
"followers":"https://old.example/users/rosa/followers","icon":{"type":"Image","url":"avatar.png"},"image":{"type":"Image","url":"header.jpg"},
"attachment":[{"type":"PropertyValue","name":"Web","value":"<a href=\"https://rosa.example\"><span class=\"invisible\">https://</span><span>rosa.example</span></a>"}]}`

// created is a Create of a note, with members of its own.
func created(id, members string) string {
	return `{"type":"Create","object":{"type":"Note","id":"https://old.example/users/rosa/statuses/` + id + `","published":"2024-03-01T10:00:00Z",` + members + `}}`
}

// outboxOf is an outbox.
func outboxOf(items ...string) string {
	return `{"@context":"x","id":"outbox.json","totalItems":9,"orderedItems":[` + strings.Join(items, ",") + `]}`
}

// TestMastodonArchive: posts with their day, readers, files, polls and who is named in
// full; boosts are of others.
func TestMastodonArchive(t *testing.T) {
	const public, fans = `"https://www.w3.org/ns/activitystreams#Public"`, `"https://old.example/users/rosa/followers"`
	r := zipped(t, entry{"actor.json", mastodonActor, 0}, entry{"avatar.png", "AVATAR", 0}, entry{"media_attachments/files/1/original/a.png", "PICTURE", 0},
		entry{"bookmarks.json", `{"orderedItems":["https://b.example/1","x\n=1"]}`, 0}, entry{"following_accounts.csv", "Account address\nleo@b.example\n", 0},
		entry{"outbox.json", outboxOf(
			created("1", `"to":[`+public+`],"content":"<p>Hola <a href=\"https://old.example/@bob\" class=\"u-url mention\">@<span>bob</span></a> y @eva y ana@mail.example</p>","contentMap":{"es":"x"},
				"tag":[{"type":"Mention","name":"@bob@other.example","href":"https://other.example/users/bob"}],"attachment":[{"type":"Document","mediaType":"image/png","url":"media_attachments/files/1/original/a.png","name":"Un pan"}]`),
			created("2", `"to":[`+fans+`],"cc":`+public+`,"content":"<p>uno</p><p>dos</p>","inReplyTo":"https://old.example/users/rosa/statuses/1"`),
			created("3", `"to":[`+fans+`],"content":"solo"`),
			created("4", `"to":["https://b.example/users/leo"],"content":"secreto"`),
			`{"type":"Announce","object":"https://b.example/9"}`,
			strings.Replace(created("5", `"to":[`+public+`],"content":"¿Qué?","oneOf":[{"type":"Note","name":"Sí","replies":{"totalItems":3}},{"type":"Note","name":"No","replies":{"totalItems":1}}]`), `"type":"Note","id"`, `"type":"Question","id"`, 1),
			`{"type":"Create","object":7}`), 0})
	a, err := carry.OpenArchive(r, r.Size(), "")
	if err != nil || a.Head.Handle != "rosa@old.example" {
		t.Fatalf("%+v, %v", a, err)
	}
	var got []string
	err = a.Posts(func(n int, p *carry.Post) error {
		line := fmt.Sprint(n, " bad")
		if p != nil {
			line = fmt.Sprint(n, " ", p.Kind, " ", p.Visibility, " ", p.Language, " ", p.Published.Year(), " ", strings.ReplaceAll(p.Source, "\n", "|"), " ", len(p.Files), " ", p.InReplyTo != "", " ", p.Poll != nil)
		}
		got = append(got, line)
		return nil
	})
	want := []string{
		"1 note public es 2024 Hola @bob@other.example y @eva@old.example y ana@mail.example 1 false false",
		"2 note unlisted  2024 uno||dos 0 true false", "3 note followers  2024 solo 0 false false", "4 note direct  2024 secreto 0 false false",
		"6 question public  2024 ¿Qué? 0 false true", "7 bad",
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
	profile, err := a.Profile()
	if diff := cmp.Diff(carry.Profile{
		Name: "Rosa", Bio: "Teje.", Fields: []carry.ProfileLine{{Name: "Web", Value: "https://rosa.example"}}, Avatar: &carry.PostFile{Name: "avatar.png"}, Header: &carry.PostFile{Name: "header.jpg"},
	}, profile); diff != "" || err != nil {
		t.Error(diff, err)
	}
	for name, want := range map[string]string{"avatar.png": "AVATAR", "header.jpg": "", "outbox.json/..": "", "..": ""} {
		if body, err := a.Picture(name); string(body) != want || (err == nil) != (want != "") {
			t.Errorf("picture %s: %q, %v", name, body, err)
		}
	}
	if body, err := a.Media("media_attachments/files/1/original/a.png"); string(body) != "PICTURE" {
		t.Error(err)
	}
	for _, name := range []string{"media_attachments/../actor.json", "actor.json", "../x", ""} {
		if _, err := a.Media(name); err == nil {
			t.Errorf("%s is a file of a post", name)
		}
	}
	kept, err := a.Table(carry.Bookmarks)
	if string(kept) != "https://b.example/1\n" || err != nil {
		t.Errorf("bookmarks: %q, %v", kept, err)
	}
	if following, err := a.Table(carry.Following); err != nil || !strings.Contains(string(following), "leo@") {
		t.Errorf("following: %q, %v", following, err)
	}
	if _, err := a.Table(carry.Blocks); !errors.Is(err, coop.ErrNotFound) {
		t.Errorf("blocks: %v", err)
	}
}

// TestMastodonArchivesAreHostile: what cannot be read is refused or ends, and takes no
// more room than one post may.
func TestMastodonArchivesAreHostile(t *testing.T) {
	for _, tt := range []struct {
		name, actor, outbox string
		opens               bool
	}{
		{"no actor", `{}`, outboxOf(), false},
		{"an actor of nowhere", `{"id":"x","preferredUsername":"rosa"}`, outboxOf(), false},
		{"no JSON", `x`, outboxOf(), false},
		{"an outbox that is a list", mastodonActor, `[]`, true},
		{"an outbox that ends", mastodonActor, `{"orderedItems":[{"type":`, true},
		{"items that are none", mastodonActor, `{"orderedItems":7}`, true},
		{"an endless item", mastodonActor, outboxOf(created("1", `"content":"`+strings.Repeat("x", 5<<20)+`"`)), true},
		{"an endless member before", mastodonActor, `{"x":"` + strings.Repeat("x", 5<<20) + `","orderedItems":[]}`, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := zipped(t, entry{"actor.json", tt.actor, 0}, entry{"outbox.json", tt.outbox, 0})
			a, err := carry.OpenArchive(r, r.Size(), "")
			if (err == nil) != tt.opens {
				t.Fatal(err)
			}
			if !tt.opens {
				return
			}
			var invalid *coop.InvalidError
			if err := a.Posts(func(int, *carry.Post) error { return nil }); !errors.As(err, &invalid) {
				t.Errorf("read: %v", err)
			}
		})
	}
}

// TestManyPostsOfMastodon are read one by one.
func TestManyPostsOfMastodon(t *testing.T) {
	var items []string
	for n := range 5000 {
		items = append(items, created(fmt.Sprint(n), `"to":"https://www.w3.org/ns/activitystreams#Public","content":"`+strings.Repeat("pan ", 300)+`"`))
	}
	r := zipped(t, entry{"actor.json", mastodonActor, 0}, entry{"outbox.json", outboxOf(items...), 0})
	a, err := carry.OpenArchive(r, r.Size(), "")
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	if err := a.Posts(func(_ int, p *carry.Post) error {
		if p != nil && p.Visibility == coop.VisiblePublic {
			seen++
		}
		return nil
	}); err != nil || seen != len(items) {
		t.Errorf("%d of %d, %v", seen, len(items), err)
	}
}
