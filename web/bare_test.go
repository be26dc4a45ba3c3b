// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"fmt"
	"strings"
	"testing"

	"minga/coop"
	"minga/storage"
)

// bareNeeds are the members that released clients read without looking whether they
// are there; of these none may be null, however little another server said.
var bareNeeds = map[string]string{
	"status": `id created_at account mentions emojis media_attachments visibility spoiler_text tags uri url reblogs_count favourites_count content sensitive replies_count`,
	"account": `id username acct note avatar avatar_static header header_static created_at url display_name locked emojis bot fields statuses_count followers_count
		following_count roles`,
	"attachment": "id type url",
	"mention":    "id username acct url",
	"poll":       "id options expired multiple votes_count emojis",
}

// TestWhatAnotherServerDidNotSay: posts and accounts of which there is next to nothing
// are whole answers all the same.
func TestWhatAnotherServerDidNotSay(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	_, token := h.member("ana", "read write follow")
	bare := &coop.Account{IRI: "https://bare.example/u/1", Kind: coop.Person, ActorType: "Person", Name: "u", Host: "bare.example", Inbox: "https://bare.example/inbox"}
	h.change(func(tx *storage.Tx) error { return tx.SaveAccount(t.Context(), bare) })
	posts := map[string]func(p *coop.Post){
		"nothing": func(*coop.Post) {},
		"a file":  func(p *coop.Post) { p.Attachments = []coop.Attachment{{URL: "https://bare.example/f"}} },
		"a poll": func(p *coop.Post) {
			p.Kind, p.Type, p.Poll = coop.KindQuestion, "Question", &coop.Poll{Options: []coop.PollOption{{Title: "a", Votes: -1}, {Title: "b", Votes: -1}}, Voters: -1}
		},
		"an unknown mention": func(p *coop.Post) {
			p.Mentions = []coop.Mention{{IRI: "https://gone.example/u"}, {IRI: bare.IRI}}
		},
		"a parent that never came": func(p *coop.Post) { p.InReplyTo = "https://gone.example/1" },
	}
	n := 0
	for what, change := range posts {
		n++
		p := &coop.Post{IRI: bare.IRI + coop.IRI(fmt.Sprint("/", n)), AuthorID: bare.ID, Kind: coop.KindNote, Type: "Note", Visibility: coop.VisiblePublic, To: []coop.IRI{coop.Public}}
		change(p)
		h.change(func(tx *storage.Tx) error {
			_, err := tx.AddPost(t.Context(), p, storage.Arrival{})
			return err
		})
		for _, reader := range []string{"", token} {
			doc := h.decoded(h.ask("GET", "/api/v1/statuses/"+p.ID.String(), reader, "").Body.String())
			there(t, what, "status", doc)
			there(t, what, "account", memberAt(doc, "account"))
			for name, kind := range map[string]string{"media_attachments": "attachment", "mentions": "mention"} {
				list, _ := memberAt(doc, name).([]any)
				for _, one := range list {
					there(t, what, kind, one)
				}
			}
			if poll := memberAt(doc, "poll"); poll != nil {
				there(t, what, "poll", poll)
			}
			if memberAt(doc, "in_reply_to_id") != nil || memberAt(doc, "url") == "" {
				t.Errorf("%s: %v", what, doc)
			}
		}
	}
	there(t, "alone", "account", h.decoded(h.ask("GET", "/api/v1/accounts/"+bare.ID.String(), token, "").Body.String()))
	if list, _ := h.decoded(h.ask("GET", "/api/v1/accounts/"+bare.ID.String()+"/statuses", token, "").Body.String()).([]any); len(list) != len(posts) {
		t.Errorf("of %d posts %d are shown", len(posts), len(list))
	}
}

// there wants what a kind of entity needs.
func there(t *testing.T, what, kind string, value any) {
	t.Helper()
	for _, name := range strings.Fields(bareNeeds[kind]) {
		if v := memberAt(value, name); v == nil || v == "" && strings.Contains(" id acct avatar avatar_static header header_static url username type created_at ", " "+name+" ") {
			t.Errorf("%s: %s of %s is %#v in %.600v", what, name, kind, v, value)
		}
	}
}
