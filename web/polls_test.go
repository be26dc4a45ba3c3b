// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
	"minga/storage"
)

// asked publishes a poll and returns its id.
func (h *house) asked(author *coop.Account, change ...func(*coop.Post)) string {
	h.Helper()
	p := &coop.Post{Source: "Bread?", Language: "en", Poll: coop.NewPoll([]string{"Rye", "Wheat", "Both"}, time.Hour, false, false, time.Now())}
	for _, f := range change {
		f(p)
	}
	if err := h.outbox.PublishNote(h.Context(), author, p); err != nil {
		h.Fatal(err)
	}
	return p.ID.String()
}

// pollBody is a poll as a client reads it.
type pollBody struct {
	ID          string
	ExpiresAt   *string `json:"expires_at"`
	Expired     *bool
	Multiple    *bool
	VotesCount  *int `json:"votes_count"`
	VotersCount *int `json:"voters_count"`
	Options     []struct {
		Title      string
		VotesCount *int `json:"votes_count"`
	}
	Emojis   []struct{ Shortcode, URL string }
	Voted    *bool
	OwnVotes []int `json:"own_votes"`
}

// counts are what a poll shows: votes of each option, all votes, voters, own votes.
func (p pollBody) counts() string {
	shown := func(n *int) string {
		if n == nil {
			return "null"
		}
		return fmt.Sprint(*n)
	}
	s := ""
	for _, o := range p.Options {
		s += shown(o.VotesCount) + " "
	}
	return s + "| " + shown(p.VotesCount) + " " + shown(p.VotersCount) + " " + fmt.Sprint(p.OwnVotes)
}

// pollAt asks for a poll that must be there.
func (h *house) pollAt(id, token string) (p pollBody) {
	h.Helper()
	w := h.ask("GET", "/api/v1/polls/"+id, token, "")
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || w.Code != http.StatusOK {
		h.Fatalf("poll %s answered %d: %s", id, w.Code, w.Body)
	}
	return p
}

func TestPollOfTheAPI(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	ana, anas := h.member("ana", "read write")
	_, leos := h.member("leo", "read write:statuses")
	id := h.asked(ana)

	anonymous := h.pollAt(id, "")
	if anonymous.counts() != "0 0 0 | 0 null []" || anonymous.ExpiresAt == nil || *anonymous.Expired || *anonymous.Multiple || anonymous.Voted != nil {
		t.Errorf("to anybody: %s, %+v", anonymous.counts(), anonymous)
	}
	if body := h.ask("GET", "/api/v1/polls/"+id, leos, "").Body.String(); !strings.Contains(body, `"own_votes":[]`) || !strings.Contains(body, `"emojis":[]`) || !strings.Contains(body, `"voted":false`) {
		t.Errorf("before voting: %s", body)
	}
	w := h.ask("POST", "/api/v1/polls/"+id+"/votes", leos, `{"choices":["1"]}`)
	var voted pollBody
	if err := json.Unmarshal(w.Body.Bytes(), &voted); err != nil || w.Code != http.StatusOK {
		t.Fatalf("vote answered %d: %s", w.Code, w.Body)
	}
	if diff := cmp.Diff("0 1 0 | 1 null [1]", voted.counts()); diff != "" || !*voted.Voted {
		t.Error(diff)
	}
	if p := h.pollAt(id, anas); !*p.Voted || p.counts() != "0 1 0 | 1 null []" {
		t.Errorf("who asked sees %s", p.counts())
	}
	for _, tt := range []struct {
		name, id, token, body string
		status                int
	}{
		{"a second vote", id, leos, `{"choices":[0]}`, 422},
		{"one's own poll", id, anas, `{"choices":[0]}`, 422},
		{"no choice", id, anas, `{}`, 422},
		{"no number", h.asked(ana), leos, `{"choices":["rye"]}`, 422},
		{"beyond the last", h.asked(ana), leos, `{"choices":[3]}`, 422},
		{"below the first", h.asked(ana), leos, `{"choices":[-1]}`, 422},
		{"a number too large for any", h.asked(ana), leos, `{"choices":["99999999999999999999"]}`, 422},
		{"two where one may be chosen", h.asked(ana), leos, `{"choices":[0,1]}`, 422},
		{"the same twice", h.asked(ana, multiple), leos, `{"choices":[0,0]}`, 422},
		{"several", h.asked(ana, multiple), leos, `{"choices":[0,2]}`, 200},
		{"one may be chosen as one text", h.asked(ana), leos, `{"choices":"2"}`, 200},
		{"without a token", id, "", `{"choices":[0]}`, 401},
		{"without the scope", id, h.token(ana, "read"), `{"choices":[0]}`, 403},
		{"of a poll that is not there", "115000000000000000", leos, `{"choices":[0]}`, 404},
		{"of a poll that it may not see", h.asked(ana, func(p *coop.Post) { p.Visibility = coop.VisibleDirect }), leos, `{"choices":[0]}`, 404},
	} {
		if w := h.ask("POST", "/api/v1/polls/"+tt.id+"/votes", tt.token, tt.body); w.Code != tt.status {
			t.Errorf("%s answered %d: %s", tt.name, w.Code, w.Body)
		}
	}
}

func multiple(p *coop.Post) { p.Poll.Multiple = true }

func TestVotesComeAsForms(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	ana, _ := h.member("ana", "read write")
	_, token := h.member("leo", "read write")
	for _, form := range []string{url.Values{"choices[]": {"0", "2"}}.Encode(), "choices%5B0%5D=0&choices%5B1%5D=2", "choices[]=0&choices[]=2"} {
		id := h.asked(ana, multiple)
		w := h.ask("POST", "/api/v1/polls/"+id+"/votes", token, form, "Content-Type", "application/x-www-form-urlencoded")
		if p := h.pollAt(id, token); w.Code != http.StatusOK || p.counts() != "1 0 1 | 2 1 [0 2]" {
			t.Errorf("%s answered %d, and counted %s", form, w.Code, p.counts())
		}
	}
}

// TestPollsOfAPage: polls and emoji of other servers stand in the statuses of a page.
func TestPollsElsewhere(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	_, token := h.member("leo", "read write")
	ends := time.Now().Add(-time.Minute)
	post := h.remotePost(func(p *coop.Post) {
		p.Kind, p.Type, p.Content = coop.KindQuestion, "Question", "<p>:bread: or :cake:?</p>"
		p.Emojis = []coop.Emoji{{Shortcode: "bread", URL: "https://far.example/bread.png"}, {Shortcode: "rye", URL: "https://far.example/rye.png"}}
		p.Poll = &coop.Poll{Options: []coop.PollOption{{Title: "Both :rye:", Votes: 4}, {Title: "No :rye:", Votes: coop.UnknownVotes}}, Multiple: true, Voters: coop.UnknownVotes}
	})
	over := h.remotePost(func(p *coop.Post) {
		p.Kind, p.Type = coop.KindQuestion, "Question"
		p.Poll = &coop.Poll{Options: []coop.PollOption{{Title: "a", Votes: 4}, {Title: "b", Votes: 5}}, Ends: ends, Voters: 9, HideTotals: true}
	})
	p := h.pollAt(post.ID.String(), "")
	if p.counts() != "4 null | 4 null []" || p.ExpiresAt != nil || *p.Expired || len(p.Emojis) != 1 || p.Emojis[0].Shortcode != "rye" {
		t.Errorf("%s, %+v", p.counts(), p)
	}
	if body := h.ask("GET", "/api/v1/polls/"+post.ID.String(), "", "").Body.String(); !strings.Contains(body, `"expires_at":null`) {
		t.Errorf("expires_at must be there: %s", body)
	}
	if p := h.pollAt(over.ID.String(), token); p.counts() != "4 5 | 9 null []" || !*p.Expired {
		t.Errorf("%s, %+v", p.counts(), p)
	}
	if w := h.ask("POST", "/api/v1/polls/"+over.ID.String()+"/votes", token, `{"choices":[0]}`); w.Code != 422 {
		t.Errorf("a vote after the end answered %d: %s", w.Code, w.Body)
	}
	if w := h.ask("POST", "/api/v1/polls/"+post.ID.String()+"/votes", token, `{"choices":[0]}`); w.Code != 200 || h.pollAt(post.ID.String(), token).counts() != "5 null | 5 null [0]" {
		t.Errorf("a vote elsewhere answered %d: %s", w.Code, w.Body)
	}
}

// remotePost stores a post of another server.
func (h *house) remotePost(change func(*coop.Post)) *coop.Post {
	h.Helper()
	ctx := h.Context()
	eva := &coop.Account{
		IRI: "https://far.example/users/eva", Kind: coop.Person, ActorType: "Person", Name: "eva", Host: "far.example", DisplayName: "Eva :bread:",
		Inbox: "https://far.example/inbox", Followers: "https://far.example/users/eva/followers", FetchedAt: time.Now(),
		Emojis: []coop.Emoji{{Shortcode: "bread", URL: "https://far.example/bread.png"}, {Shortcode: "unused", URL: "https://far.example/u.png"}},
	}
	var p *coop.Post
	err := h.store.Write(ctx, func(tx *storage.Tx) error {
		if err := tx.SaveAccount(ctx, eva); err != nil {
			return err
		}
		id, err := tx.NextID(ctx, time.Now())
		if err != nil {
			return err
		}
		p = &coop.Post{IRI: eva.IRI + "/" + coop.IRI(id.String()), AuthorID: eva.ID, Kind: coop.KindNote, Type: "Note", Visibility: coop.VisiblePublic, To: []coop.IRI{coop.Public}, Content: "<p>x</p>"}
		change(p)
		_, err = tx.AddPost(ctx, p, storage.Arrival{})
		return err
	})
	if err != nil {
		h.Fatal(err)
	}
	return p
}

// TestQuotesAreLinks: what a post quotes is a link before its text, once.
func TestQuotesAreLinks(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	for content, want := range map[string]string{
		"<p>so</p>": `<p class="quote-inline">RE: <a href="https://b.example/1?a=1&amp;b=2" rel="nofollow noopener" target="_blank">https://b.example/1?a=1&amp;b=2</a></p><p>so</p>`,
		`<p>see <a href="https://b.example/1?a=1&amp;b=2">it</a></p>`: `<p>see <a href="https://b.example/1?a=1&amp;b=2">it</a></p>`,
		`<p class="quote-inline">RE: x</p><p>so</p>`:                  `<p class="quote-inline">RE: x</p><p>so</p>`,
	} {
		post := h.remotePost(func(p *coop.Post) { p.Content, p.Quote = content, "https://b.example/1?a=1&b=2" })
		w := h.ask("GET", "/api/v1/statuses/"+post.ID.String(), "", "")
		var status struct{ Content string }
		if err := json.Unmarshal(w.Body.Bytes(), &status); err != nil || w.Code != http.StatusOK {
			t.Fatalf("answered %d: %s", w.Code, w.Body)
		}
		if diff := cmp.Diff(want, status.Content); diff != "" {
			t.Error(diff)
		}
	}
}

// TestEmojisOfAccounts: pictures for words stand beside an account that uses them.
func TestEmojisOfAccounts(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	post := h.remotePost(func(*coop.Post) {})
	w := h.ask("GET", "/api/v1/accounts/"+post.AuthorID.String(), "", "")
	var account struct {
		DisplayName string `json:"display_name"`
		Emojis      []map[string]any
	}
	if err := json.Unmarshal(w.Body.Bytes(), &account); err != nil {
		t.Fatalf("answered %d: %s", w.Code, w.Body)
	}
	want := []map[string]any{{"shortcode": "bread", "url": "https://far.example/bread.png", "static_url": "https://far.example/bread.png", "visible_in_picker": false, "category": nil}}
	if diff := cmp.Diff(want, account.Emojis); diff != "" || account.DisplayName != "Eva :bread:" {
		t.Errorf("%s: %s", account.DisplayName, diff)
	}
}

// TestPollOfAStatus: a client asks, another votes, the edit keeps the votes while the
// answers stay.
func TestPollOfAStatus(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	_, anas := h.member("ana", "read write")
	_, leos := h.member("leo", "read write")
	send := func(method, path, token, body string) (status struct {
		ID, Content string
		Poll        *pollBody
	},
	) {
		t.Helper()
		w := h.ask(method, "/api"+path, token, body)
		if err := json.Unmarshal(w.Body.Bytes(), &status); err != nil || w.Code != http.StatusOK {
			t.Fatalf("%s %s answered %d: %s", method, path, w.Code, w.Body)
		}
		return status
	}
	asked := send("POST", "/v1/statuses", anas, `{"status":"Bread?","poll":{"options":["Rye","Wheat"],"expires_in":3600,"multiple":"true"}}`)
	if asked.Poll == nil || asked.Poll.counts() != "0 0 | 0 0 []" || asked.Poll.ID != asked.ID || !*asked.Poll.Multiple {
		t.Fatalf("asked %+v", asked.Poll)
	}
	if w := h.ask("POST", "/api/v1/polls/"+asked.ID+"/votes", leos, `{"choices":[0,1]}`); w.Code != http.StatusOK {
		t.Fatalf("the vote answered %d: %s", w.Code, w.Body)
	}
	if seen := send("GET", "/v1/statuses/"+asked.ID, leos, ""); seen.Poll.counts() != "1 1 | 2 1 [0 1]" {
		t.Errorf("leo sees %s", seen.Poll.counts())
	}
	if kept := send("PUT", "/v1/statuses/"+asked.ID, anas, `{"status":"Bread today?","poll":{"options":["Rye","Wheat"],"expires_in":3600,"multiple":true}}`); kept.Poll.counts() != "1 1 | 2 1 []" {
		t.Errorf("after another text: %s", kept.Poll.counts())
	}
	if anew := send("PUT", "/v1/statuses/"+asked.ID, anas, `{"status":"Bread?","poll":{"options":["Rye","None"],"expires_in":3600}}`); anew.Poll.counts() != "0 0 | 0 null []" {
		t.Errorf("after other answers: %s", anew.Poll.counts())
	}
	for name, poll := range map[string]string{
		"one answer": `{"options":["Rye"],"expires_in":3600}`, "a minute": `{"options":["Rye","Wheat"],"expires_in":60}`, "the same answer": `{"options":["Rye","Rye"],"expires_in":3600}`,
	} {
		if w := h.ask("POST", "/api/v1/statuses", anas, `{"status":"Bread?","poll":`+poll+`}`); w.Code != http.StatusUnprocessableEntity {
			t.Errorf("a poll with %s answered %d: %s", name, w.Code, w.Body)
		}
	}
}
