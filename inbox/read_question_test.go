// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
)

// emojiTag is an Emoji as Mastodon writes it.
func emojiTag(name, url string) doc {
	return doc{"id": "https://a.example/emojis/1", "type": "Emoji", "name": name, "updated": "2024-01-01T00:00:00Z", "icon": doc{"type": "Image", "mediaType": "image/png", "url": url}}
}

// TestReadEmojis: pictures for words come with posts and with accounts; the text
// keeps its words.
func TestReadEmojis(t *testing.T) {
	tags := []doc{
		emojiTag(":blobcat:", "https://a.example/cat.png"), emojiTag("dog_1", "https://a.example/dog.png"),
		emojiTag(":blobcat:", "https://a.example/other.png"), emojiTag(":not-a-word:", "https://a.example/x.png"),
		emojiTag(":script:", "javascript:alert(1)"), emojiTag(":data:", "data:image/png;base64,AA"),
		{"type": "Emoji", "name": ":none:"},
		{"type": "Emoji", "name": ":list:", "icon": []doc{{"type": "Image", "url": "https://a.example/l.png"}}},
	}
	want := []coop.Emoji{
		{Shortcode: "blobcat", URL: "https://a.example/cat.png"},
		{Shortcode: "dog_1", URL: "https://a.example/dog.png"},
		{Shortcode: "list", URL: "https://a.example/l.png"},
	}
	in, author := reader(time.Now()), &coop.Account{ID: 9, IRI: "https://a.example/u"}
	p, err := in.readPost(parse(t, doc{
		"id": "https://a.example/n", "type": "Note", "attributedTo": "https://a.example/u", "to": public, "content": "<p>:blobcat: hi</p>", "tag": tags,
	}), author)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, p.Emojis); diff != "" || p.Content != "<p>:blobcat: hi</p>" {
		t.Errorf("%s: %s", p.Content, diff)
	}
	a, err := in.readActor(parse(t, doc{
		"id": "https://a.example/u", "type": "Person", "preferredUsername": "u", "name": "U :dog_1:", "inbox": "https://a.example/u/inbox", "tag": tags,
	}))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, a.account.Emojis); diff != "" || a.account.DisplayName != "U :dog_1:" {
		t.Errorf("%s: %s", a.account.DisplayName, diff)
	}
	var many []doc
	for n := range 150 {
		many = append(many, emojiTag(fmt.Sprintf(":e%d:", n), "https://a.example/e.png"))
	}
	p, err = in.readPost(parse(t, doc{"id": "https://a.example/n", "type": "Note", "content": "x", "to": public, "tag": many}), author)
	if err != nil || len(p.Emojis) != coop.MaxEmoji {
		t.Errorf("%d emoji, %v", len(p.Emojis), err)
	}
}

// TestReadQuote: every word there is for a quote.
func TestReadQuote(t *testing.T) {
	const quoted = "https://b.example/n/1"
	link := doc{"type": "Link", "mediaType": `application/ld+json; profile="https://www.w3.org/ns/activitystreams"`, "href": quoted}
	for _, tt := range []struct {
		name   string
		change func(doc)
		want   coop.IRI
	}{
		{"FEP-044f", with("quote", quoted), quoted},
		{"FEP-044f, embedded", with("quote", doc{"type": "Note", "id": quoted}), quoted},
		{"Fedibird and Pleroma", with("quoteUri", quoted), quoted},
		{"as:quoteUrl", with("quoteUrl", quoted), quoted},
		{"Misskey", with("_misskey_quote", quoted), quoted},
		{"all of them", func(d doc) {
			d["quote"], d["quoteUrl"], d["quoteUri"], d["_misskey_quote"] = quoted, quoted, quoted, quoted
		}, quoted},
		{"FEP-e232", with("tag", []doc{edit(link, with("rel", "https://misskey-hub.net/ns#_misskey_quote"))}), quoted},
		{"FEP-e232, another link", with("tag", []doc{link}), ""},
		{"itself", with("quote", "https://a.example/n"), ""},
		{"null", with("quote", nil), ""},
		{"no address", with("quote", "javascript:alert(1)"), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			base := doc{"id": "https://a.example/n", "type": "Note", "content": "<p>see</p>", "to": public}
			p, err := reader(time.Now()).readPost(parse(t, edit(base, tt.change)), &coop.Account{ID: 9, IRI: "https://a.example/u"})
			if err != nil {
				t.Fatal(err)
			}
			if p.Quote != tt.want || tt.want != "" && (len(p.Links) != 1 || p.Links[0] != tt.want) {
				t.Errorf("quotes %q, links %v", p.Quote, p.Links)
			}
		})
	}
}

// TestOptionsKeepTheirNames: a title is shown clean, and voted for as it was written.
func TestOptionsKeepTheirNames(t *testing.T) {
	p := reader(time.Now()).readPoll(parse(t, doc{"type": "Question", "oneOf": []doc{{"name": "Yes,  please\u202e"}, {"name": "No"}, {"name": "\u200e\n"}}}))
	want := []coop.PollOption{{Title: "Yes, please", Name: "Yes,  please\u202e", Votes: -1}, {Title: "No", Votes: -1}}
	if diff := cmp.Diff(want, p.Options); diff != "" {
		t.Error(diff)
	}
	if p.Options[0].Ballot() != "Yes,  please\u202e" || p.Options[1].Ballot() != "No" {
		t.Error("a ballot names the title, not the name")
	}
}
