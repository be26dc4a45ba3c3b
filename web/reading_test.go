// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
	"minga/storage"
)

// read is a house with ana, who reads, and leo, whom she follows.
type read struct {
	*house
	ana, leo   *coop.Account
	anas, leos string
	asked      atomic.Int64 // questions to the store
}

// newRead opens the house.
func newRead(t *testing.T) *read {
	r := &read{}
	r.house = newHouse(t, func(o *Options) {
		o.RateLimit = false
		o.Store = o.Store.Observed(func(string) { r.asked.Add(1) })
	})
	r.ana, r.anas = r.member("ana", "read write")
	r.leo, r.leos = r.member("leo", "read write")
	r.follow(r.ana, r.leo)
	return r
}

// follow makes an accepted follow.
func (r *read) follow(who, whom *coop.Account) {
	r.Helper()
	r.change(func(tx *storage.Tx) error {
		return tx.PutFollow(r.Context(), &coop.Follow{IRI: who.IRI + "/follows/" + coop.IRI(whom.Name), Follower: who, Target: whom, State: coop.FollowAccepted})
	})
}

// change writes something.
func (r *read) change(fn func(tx *storage.Tx) error) {
	r.Helper()
	if err := r.store.Write(r.Context(), fn); err != nil {
		r.Fatal(err)
	}
}

// note publishes a note.
func (r *read) note(author *coop.Account, text string, change ...func(*coop.Post)) *coop.Post {
	r.Helper()
	p := &coop.Post{Source: text, Language: "en"}
	for _, f := range change {
		f(p)
	}
	if err := r.outbox.PublishNote(r.Context(), author, p); err != nil {
		r.Fatal(err)
	}
	return p
}

// get asks for an answer that must be there.
func (r *read) get(path, token string, into any) http.Header {
	r.Helper()
	w := r.ask("GET", path, token, "")
	if w.Code != http.StatusOK {
		r.Fatalf("%s answered %d: %s", path, w.Code, w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), into); err != nil {
		r.Fatalf("%s: %v", path, err)
	}
	return w.Header()
}

// shownStatus is the little of a status that these tests look at.
type shownStatus struct {
	ID, Content string
	Account     struct{ Acct string }
	Reblog      *shownStatus
	InReplyToID *string `json:"in_reply_to_id"`
	Favourited  *bool
}

// texts are what statuses say, with who boosted them.
func statusTexts(list []shownStatus) string {
	out := make([]string, len(list))
	for i, s := range list {
		shown := s
		if s.Reblog != nil {
			shown = *s.Reblog
		}
		out[i] = strings.TrimSpace(tags.ReplaceAllString(shown.Content, ""))
		if s.Reblog != nil {
			out[i] += " by " + s.Account.Acct
		}
	}
	return strings.Join(out, ", ")
}

var tags = regexp.MustCompile(`<[^>]*>`)

// timeline is what a timeline shows.
func (r *read) timeline(path, token string) string {
	r.Helper()
	var list []shownStatus
	r.get(path, token, &list)
	return statusTexts(list)
}

func TestTimelinesOfTheAPI(t *testing.T) {
	r := newRead(t)
	one := r.note(r.leo, "one #Coop")
	r.note(r.leo, "two", func(p *coop.Post) { p.InReplyTo = one.IRI })
	secret := r.note(r.leo, "secret", func(p *coop.Post) { p.Visibility = coop.VisibleFollowers })
	if err := r.outbox.Boost(t.Context(), r.ana, one); err != nil {
		t.Fatal(err)
	}
	if err := r.outbox.Boost(t.Context(), r.leo, r.note(r.ana, "mine")); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"/api/v1/timelines/home":                                                 "mine, secret, two, one #Coop",
		"/api/v1/timelines/public":                                               "mine, two, one #Coop",
		"/api/v1/timelines/public?local=true&limit=1":                            "mine",
		"/api/v1/timelines/public?remote=1":                                      "",
		"/api/v1/timelines/tag/c%C3%B3op":                                        "one #Coop",
		"/api/v1/timelines/tag/coop?none[]=coop":                                 "",
		"/api/v1/accounts/" + r.leo.ID.String() + "/statuses":                    "mine by leo, secret, two, one #Coop",
		"/api/v1/accounts/" + r.leo.ID.String() + "/statuses?exclude_reblogs=on": "secret, two, one #Coop",
		"/api/v1/accounts/" + r.leo.ID.String() + "/statuses?tagged=coop":        "one #Coop",
		"/api/v1/accounts/" + r.leo.ID.String() + "/statuses?only_media=true":    "",
		"/api/v1/accounts/" + r.leo.ID.String() + "/statuses?pinned=true":        "",
		"/api/v1/statuses?id[]=" + one.ID.String() + "&id[]=7":                   "one #Coop",
		"/api/v1/statuses/" + one.ID.String() + "/quotes":                        "",
		"/api/v1/trends/statuses":                                                "mine, one #Coop",
	} {
		if got := r.timeline(path, r.anas); got != want {
			t.Errorf("%s shows %q, want %q", path, got, want)
		}
	}
	if got := r.timeline("/api/v1/accounts/"+r.leo.ID.String()+"/statuses", ""); got != "mine by leo, two, one #Coop" {
		t.Errorf("anybody reads %q", got)
	}
	for _, path := range []string{"/api/v1/timelines/home", "/api/v1/timelines/list/1", "/api/v1/bookmarks", "/api/v1/favourites", "/api/v1/conversations", "/api/v1/accounts/search?q=a"} {
		if w := r.ask("GET", path, "", ""); w.Code != http.StatusUnauthorized {
			t.Errorf("%s without a token answered %d", path, w.Code)
		}
	}
	hidden := []string{"", "/context", "/reblogged_by", "/favourited_by", "/quotes"}
	for _, path := range hidden {
		never := r.ask("GET", "/api/v1/statuses/115000000000000000"+path, "", "")
		w := r.ask("GET", "/api/v1/statuses/"+secret.ID.String()+path, "", "")
		if w.Code != http.StatusNotFound || w.Body.String() != never.Body.String() {
			t.Errorf("hidden%s answered %d: %s, and never was %s", path, w.Code, w.Body, never.Body)
		}
	}
}

// TestTimelineLinks walks a timeline by its Link header, down and up.
func TestTimelineLinks(t *testing.T) {
	r := newRead(t)
	for n := range 7 {
		r.note(r.leo, fmt.Sprint("n", n))
	}
	var pages []string
	next, newest := "/api/v1/timelines/home?limit=3", ""
	for next != "" {
		var list []shownStatus
		header := r.get(next, r.anas, &list)
		pages = append(pages, statusTexts(list))
		if newest == "" {
			newest = relation(t, header, "prev")
		}
		next = relation(t, header, "next")
	}
	if diff := cmp.Diff([]string{"n6, n5, n4", "n3, n2, n1", "n0", ""}, pages); diff != "" {
		t.Error(diff)
	}
	if got := r.timeline(newest, r.anas); got != "" {
		t.Errorf("above the top is %q", got)
	}
	r.note(r.leo, "new")
	if got := r.timeline(newest, r.anas); got != "new" {
		t.Errorf("above the old top is %q", got)
	}
}

// relation is the path of a neighbouring page, empty for none.
func relation(t *testing.T, h http.Header, rel string) string {
	t.Helper()
	for _, part := range strings.Split(h.Get("Link"), ", ") {
		address, found := strings.CutSuffix(part, `>; rel="`+rel+`"`)
		if !found {
			continue
		}
		u, err := url.Parse(strings.TrimPrefix(address, "<"))
		if err != nil || u.Host != "coop.example" {
			t.Fatalf("Link is %q", h.Get("Link"))
		}
		return u.RequestURI()
	}
	return ""
}

func TestContextOfTheAPI(t *testing.T) {
	r := newRead(t)
	root := r.note(r.leo, "root")
	below := func(parent *coop.Post, text string) *coop.Post {
		return r.note(r.ana, text, func(p *coop.Post) { p.InReplyTo = parent.IRI })
	}
	a := below(root, "a")
	below(root, "b")
	a1 := below(a, "a1")
	below(a1, "a1x")
	var thread struct{ Ancestors, Descendants []shownStatus }
	for id, want := range map[string]string{root.ID.String(): " | a, a1, a1x, b", a1.ID.String(): "root, a | a1x"} {
		for _, token := range []string{"", r.anas} {
			r.get("/api/v1/statuses/"+id+"/context", token, &thread)
			if got := statusTexts(thread.Ancestors) + " | " + statusTexts(thread.Descendants); got != want {
				t.Errorf("thread is %q, want %q", got, want)
			}
		}
	}
	for range 25 {
		a1 = below(a1, "deeper")
	}
	r.get("/api/v1/statuses/"+root.ID.String()+"/context", "", &thread)
	if n := len(thread.Descendants); n >= 29 {
		t.Errorf("anybody sees %d answers", n)
	}
	r.get("/api/v1/statuses/"+root.ID.String()+"/context", r.anas, &thread)
	if n := len(thread.Descendants); n != 29 {
		t.Errorf("who is signed in sees %d answers, want 29", n)
	}
}

// TestMarkedOfTheAPI: what is liked and kept pages by ids that stand in no body.
func TestMarkedOfTheAPI(t *testing.T) {
	r := newRead(t)
	var posts []*coop.Post
	for n := range 3 {
		posts = append(posts, r.note(r.leo, fmt.Sprint("n", n)))
	}
	for _, n := range []int{1, 2, 0} {
		r.change(func(tx *storage.Tx) error {
			if err := tx.Bookmark(t.Context(), r.ana.ID, posts[n].ID); err != nil {
				return err
			}
			_, err := tx.React(t.Context(), storage.Reaction{Kind: storage.Like, Actor: r.ana.ID, Post: posts[n].ID, At: time.Now()})
			return err
		})
	}
	for _, path := range []string{"/api/v1/bookmarks", "/api/v1/favourites"} {
		var list []shownStatus
		header := r.get(path+"?limit=2", r.anas, &list)
		if got := statusTexts(list); got != "n0, n2" || !*list[0].Favourited {
			t.Errorf("%s shows %q", path, got)
		}
		if got := r.timeline(relation(t, header, "next"), r.anas); got != "n1" {
			t.Errorf("then %s shows %q", path, got)
		}
		if got := r.timeline(path, r.leos); got != "" {
			t.Errorf("%s of another shows %q", path, got)
		}
	}
	var people []struct{ Acct string }
	header := r.get("/api/v1/statuses/"+posts[0].ID.String()+"/favourited_by", "", &people)
	if len(people) != 1 || people[0].Acct != "ana" || strings.Contains(header.Get("Link"), r.ana.ID.String()) || header.Get("Link") == "" {
		t.Errorf("liked by %v, %s", people, header.Get("Link"))
	}
}

// TestConversationsOfTheAPI: one for each thread, read and removed by their own alone.
func TestConversationsOfTheAPI(t *testing.T) {
	r := newRead(t)
	direct := func(p *coop.Post) { p.Visibility = coop.VisibleDirect }
	r.note(r.leo, "@ana hello", direct)
	type conversation struct {
		ID         string
		Unread     bool
		Accounts   []struct{ Acct string }
		LastStatus shownStatus `json:"last_status"`
	}
	var list []conversation
	header := r.get("/api/v1/conversations", r.anas, &list)
	if len(list) != 1 || !list[0].Unread || list[0].Accounts[0].Acct != "leo" || !strings.Contains(list[0].LastStatus.Content, "hello") || header.Get("Link") == "" {
		t.Fatalf("conversations: %+v", list)
	}
	path := "/api/v1/conversations/" + list[0].ID
	for _, tt := range []struct {
		method, path, token string
		status              int
	}{
		{"POST", path + "/read", r.leos, 404},
		{"DELETE", path, r.leos, 404},
		{"POST", path + "/read", r.anas, 200},
		{"POST", path + "/read", r.token(r.ana, "read"), 403},
		{"DELETE", path, r.anas, 200},
		{"DELETE", path, r.anas, 404},
	} {
		if w := r.ask(tt.method, tt.path, tt.token, ""); w.Code != tt.status {
			t.Errorf("%s %s answered %d: %s", tt.method, tt.path, w.Code, w.Body)
		}
	}
	if r.get("/api/v1/conversations", r.anas, &list); len(list) != 0 {
		t.Errorf("after its removal: %+v", list)
	}
}

// searched is what a search found.
type searched struct {
	Accounts []struct{ Acct string }
	Statuses []shownStatus
	Hashtags []struct {
		Name      string
		Following *bool
		History   []struct{ Day, Uses, Accounts string }
	}
}

// search asks for something.
func (r *read) search(query, token string) (s searched) {
	r.Helper()
	r.get("/api/v2/search?"+query, token, &s)
	return s
}

func TestSearchOfTheAPI(t *testing.T) {
	r := newRead(t)
	r.leo.Indexable = false
	r.change(func(tx *storage.Tx) error { return tx.SaveAccount(t.Context(), r.leo) })
	note := r.note(r.leo, "bread #breadmakers")
	mine := r.note(r.ana, "bread of mine", func(p *coop.Post) { p.Visibility = coop.VisibleFollowers })
	r.note(r.leo, "@ana bread secret", func(p *coop.Post) { p.Visibility = coop.VisibleDirect })
	s := r.search("q=bread", r.anas)
	if got := statusTexts(s.Statuses); got != "@ana bread secret, bread of mine" {
		t.Errorf("found %q, and leo does not want to be found", got)
	}
	if len(s.Hashtags) != 1 || s.Hashtags[0].Name != "breadmakers" || len(s.Hashtags[0].History) != 7 || s.Hashtags[0].History[0].Uses != "1" || *s.Hashtags[0].Following {
		t.Errorf("hashtags: %+v", s.Hashtags)
	}
	r.leo.Indexable = true
	r.change(func(tx *storage.Tx) error { return tx.SaveAccount(t.Context(), r.leo) })
	for query, want := range map[string]string{
		"q=bread&type=statuses": "bread #breadmakers",
		"q=bread&type=accounts": "",
		"q=bread&account_id=x":  "",
	} {
		if got := statusTexts(r.search(query, "").Statuses); got != want {
			t.Errorf("%s found %q, want %q", query, got, want)
		}
	}
	for query, want := range map[string]string{
		"q=le":                "leo",
		"q=@leo@coop.example": "leo",
		"q=" + url.QueryEscape("https://coop.example/@leo"): "leo",
		"q=" + url.QueryEscape(string(r.leo.IRI)):           "leo",
		"q=an&following=true":                               "",
	} {
		s := r.search(query+"&resolve=true", r.anas)
		got := ""
		for _, a := range s.Accounts {
			got += a.Acct
		}
		if got != want {
			t.Errorf("%s found %q, want %q", query, got, want)
		}
	}
	for address, want := range map[string]string{
		string(note.IRI): "bread #breadmakers", note.URL: "bread #breadmakers",
		"https://coop.example/@leo/" + note.ID.String(): "bread #breadmakers",
		string(mine.IRI): "",
	} {
		if got := statusTexts(r.search("resolve=1&q="+url.QueryEscape(address), r.leos).Statuses); got != want {
			t.Errorf("%s found %q, want %q", address, got, want)
		}
	}
	for query, status := range map[string]int{"q=a&resolve=true": 401, "q=a&offset=1": 401, "q=": 200, "": 200, "q=%00%FF&type=zzz": 200} {
		if w := r.ask("GET", "/api/v2/search?"+query, "", ""); w.Code != status {
			t.Errorf("%q answered %d: %s", query, w.Code, w.Body)
		}
	}
	if w := r.ask("GET", "/api/v2/search?q=@x@nowhere.invalid&resolve=true", r.anas, ""); w.Code != 200 || !strings.Contains(w.Body.String(), `"accounts":[]`) {
		t.Errorf("a server that is not there answered %d: %s", w.Code, w.Body)
	}
	var people []struct{ Acct string }
	if r.get("/api/v1/accounts/search?q=le", r.anas, &people); len(people) != 1 || people[0].Acct != "leo" {
		t.Errorf("accounts: %v", people)
	}
}

// TestSearchDoesNotHang: a server that takes the request and never answers looks like
// one where nothing is.
func TestSearchDoesNotHang(t *testing.T) {
	r := newRead(t)
	asked, over := make(chan struct{}, 10), make(chan struct{})
	silent := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		asked <- struct{}{}
		<-over
	}))
	defer silent.Close()
	defer close(over)
	begun := time.Now()
	s := r.search("resolve=true&q="+url.QueryEscape(silent.URL+"/users/x"), r.anas)
	if took := time.Since(begun); len(s.Accounts)+len(s.Statuses) != 0 || took > 8*time.Second {
		t.Errorf("found %+v after %s", s, took)
	}
	if len(asked) != 1 {
		t.Errorf("the server was asked %d times", len(asked))
	}
}

func TestTagsOfTheAPI(t *testing.T) {
	r := newRead(t)
	r.note(r.leo, "x #Coop")
	var tag struct {
		Name, URL string
		Following *bool
		History   []struct{ Day, Uses, Accounts string }
	}
	if r.get("/api/v1/tags/coop", "", &tag); tag.Name != "coop" || tag.Following != nil || len(tag.History) != 7 || tag.History[0].Accounts != "1" {
		t.Errorf("%+v", tag)
	}
	if r.get("/api/v1/tags/coop", r.anas, &tag); tag.Following == nil || *tag.Following {
		t.Errorf("%+v", tag)
	}
	if w := r.ask("GET", "/api/v1/tags/--", "", ""); w.Code != http.StatusNotFound {
		t.Errorf("no hashtag answered %d", w.Code)
	}
	var list []struct{ Name string }
	for _, path := range []string{"/api/v1/trends", "/api/v1/trends/tags"} {
		if r.get(path, "", &list); len(list) != 1 || list[0].Name != "coop" {
			t.Errorf("%s: %v", path, list)
		}
	}
}

// TestPagesCostTheSame: a page of 40 asks the store no more often than one of 20.
func TestPagesCostTheSame(t *testing.T) {
	r := newRead(t)
	for n := range 50 {
		p := r.note(r.leo, fmt.Sprintf("bread %d #coop", n))
		if n%5 == 0 {
			if err := r.outbox.Boost(t.Context(), r.leo, r.note(r.ana, fmt.Sprint("mine ", n))); err != nil {
				t.Fatal(err)
			}
		}
		r.note(r.leo, fmt.Sprint("@ana direct ", n), func(p *coop.Post) { p.Visibility = coop.VisibleDirect })
		r.change(func(tx *storage.Tx) error { return tx.Bookmark(t.Context(), r.ana.ID, p.ID) })
	}
	cost := func(path string, limit int) int64 {
		r.Helper()
		sign := "?"
		if strings.Contains(path, "?") {
			sign = "&"
		}
		before := r.asked.Load()
		w := r.ask("GET", fmt.Sprintf("%s%slimit=%d", path, sign, limit), r.anas, "")
		if n := strings.Count(w.Body.String(), `"uri":"https://coop.example/coops/leo/`); w.Code != http.StatusOK || n < limit/2 {
			r.Fatalf("%s answered %d with %d statuses", path, w.Code, n)
		}
		return r.asked.Load() - before
	}
	for _, path := range []string{
		"/api/v1/timelines/home", "/api/v1/timelines/public", "/api/v1/timelines/tag/coop", "/api/v1/accounts/" + r.leo.ID.String() + "/statuses",
		"/api/v1/bookmarks", "/api/v1/conversations", "/api/v2/search?q=direct&type=statuses",
	} {
		few, many := cost(path, 20), cost(path, 40)
		if few != many || few == 0 {
			t.Errorf("%s: %d statements for 20, %d for 40", path, few, many)
		}
		t.Logf("%s: %d statements", path, few)
	}
}
