// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"minga/coop"
	"minga/storage"
	"minga/storage/storagetest"
)

// How lists are walked: every list with a Link, in the same way.

// paged is a list with at least five entries, and how an entry is told from others.
type paged struct {
	path, token string
	most        int
	add         func(n int) // makes one entry more, on top
}

// shelves are the lists of the API, each filled with five entries.
func shelves(r *read) map[string]paged {
	self, leo := r.ana.ID.String(), r.leo.ID.String()
	ok := func(method, path, token, body string) string {
		r.Helper()
		w := r.ask(method, path, token, body)
		var thing struct{ ID string }
		if err := json.Unmarshal(w.Body.Bytes(), &thing); err != nil || w.Code != 200 {
			r.Fatalf("%s %s answers %d: %s", method, path, w.Code, w.Body)
		}
		return thing.ID
	}
	made := 0
	one := func() *coop.Account { // of another server: ours take a while to make their keys
		made++
		a := &coop.Account{IRI: coop.IRI(fmt.Sprint("https://far.example/u/", made)), Kind: coop.Person, ActorType: "Person", Name: fmt.Sprint("p", made), Host: "far.example", Inbox: "https://far.example/inbox"}
		r.change(func(tx *storage.Tx) error { return tx.SaveAccount(r.Context(), a) })
		return a
	}
	post := r.note(r.leo, "target")
	target := post.ID.String()
	list := ok("POST", "/api/v1/lists", r.anas, `{"title":"all"}`)
	note := func(token, body string) func(int) {
		return func(n int) { ok("POST", "/api/v1/statuses", token, fmt.Sprintf(body, n)) }
	}
	posts := `{"status":"n%d #bread"}`
	return map[string]paged{
		"home":          {"/api/v1/timelines/home?", r.anas, 40, note(r.leos, posts)},
		"public":        {"/api/v1/timelines/public?local=true&", "", 40, note(r.leos, posts)},
		"tag":           {"/api/v1/timelines/tag/bread?", r.anas, 40, note(r.leos, posts)},
		"account":       {"/api/v1/accounts/" + leo + "/statuses?exclude_replies=true&", "", 40, note(r.leos, posts)},
		"favourites":    {"/api/v1/favourites?", r.anas, 40, func(n int) { ok("POST", "/api/v1/statuses/"+r.note(r.leo, "f").ID.String()+"/favourite", r.anas, "") }},
		"bookmarks":     {"/api/v1/bookmarks?", r.anas, 40, func(n int) { ok("POST", "/api/v1/statuses/"+r.note(r.leo, "b").ID.String()+"/bookmark", r.anas, "") }},
		"scheduled":     {"/api/v1/scheduled_statuses?", r.anas, 40, note(r.anas, `{"status":"%d","scheduled_at":"2099-01-01T10:00:00Z"}`)},
		"notifications": {"/api/v1/notifications?", r.anas, 80, note(r.leos, `{"status":"@ana %d"}`)},
		"lines":         {"/api/v2/notifications?", r.anas, 80, note(r.leos, `{"status":"@ana %d"}`)},
		"conversations": {"/api/v1/conversations?", r.anas, 40, note(r.leos, `{"status":"@ana %d","visibility":"direct"}`)},
		"followed tags": {"/api/v1/followed_tags?", r.anas, 200, func(n int) { ok("POST", fmt.Sprintf("/api/v1/tags/t%d/follow", n), r.anas, "") }},
		"domain blocks": {"/api/v1/domain_blocks?", r.anas, 200, func(n int) {
			r.ask("POST", "/api/v1/domain_blocks", r.anas, fmt.Sprintf(`{"domain":"d%d.example"}`, n))
		}},
		"blocks":        {"/api/v1/blocks?", r.anas, 80, func(int) { ok("POST", "/api/v1/accounts/"+one().ID.String()+"/block", r.anas, "") }},
		"mutes":         {"/api/v1/mutes?", r.anas, 80, func(int) { ok("POST", "/api/v1/accounts/"+one().ID.String()+"/mute", r.anas, "") }},
		"following":     {"/api/v1/accounts/" + self + "/following?", r.anas, 80, func(int) { r.follow(r.ana, one()) }},
		"followers":     {"/api/v1/accounts/" + leo + "/followers?", "", 80, func(int) { r.follow(one(), r.leo) }},
		"favourited by": {"/api/v1/statuses/" + target + "/favourited_by?", "", 80, func(int) { r.likes(one(), post, storage.Like) }},
		"reblogged by":  {"/api/v1/statuses/" + target + "/reblogged_by?", "", 80, func(int) { r.likes(one(), post, storage.Boost) }},
		"follow requests": {"/api/v1/follow_requests?", r.anas, 80, func(int) {
			a := one()
			r.change(func(tx *storage.Tx) error {
				return tx.PutFollow(r.Context(), &coop.Follow{IRI: a.IRI + "/f", Follower: a, Target: r.ana, State: coop.FollowAsked})
			})
		}},
		"accounts of a list": {"/api/v1/lists/" + list + "/accounts?", r.anas, 80, func(int) {
			a := one()
			r.follow(r.ana, a)
			r.ask("POST", "/api/v1/lists/"+list+"/accounts", r.anas, `{"account_ids":["`+a.ID.String()+`"]}`)
		}},
	}
}

// leaf is one page: its entries, each as a text, and its neighbours.
func (r *read) leaf(path, token string) (entries []string, next, prev string) {
	r.Helper()
	var raw json.RawMessage
	header := r.get(path, token, &raw)
	var list []any
	if doc, lines := r.decoded(string(raw)).(map[string]any); lines {
		list, _ = doc["notification_groups"].([]any)
	} else {
		list, _ = r.decoded(string(raw)).([]any)
	}
	for _, one := range list {
		switch v := one.(type) {
		case string:
			entries = append(entries, v)
		case map[string]any:
			if key, ok := v["group_key"].(string); ok && v["id"] == nil {
				entries = append(entries, key)
			} else {
				entries = append(entries, fmt.Sprint(v["id"]))
			}
		}
	}
	return entries, relation(r.T, header, "next"), relation(r.T, header, "prev")
}

// TestPagesOfEveryList walks each list down by next and up by prev: in both ways each
// entry is met once, in the order of the list, and there is an end.
func TestPagesOfEveryList(t *testing.T) {
	storagetest.WithoutRace(t)
	for _, name := range slices.Sorted(maps.Keys(shelves(newRead(t)))) {
		t.Run(name, func(t *testing.T) {
			r := newRead(t)
			shelf := shelves(r)[name]
			for n := range 5 {
				shelf.add(n)
			}
			all, _, top := r.leaf(shelf.path+"limit=40", shelf.token)
			if len(all) < 5 || slices.Contains(all, "<nil>") {
				t.Fatalf("the list has %v", all)
			}
			r.anyCursor(t, shelf, all)
			down, last := []string{}, ""
			for next := shelf.path + "limit=2"; next != ""; {
				entries, after, before := r.leaf(next, shelf.token)
				if len(entries) == 0 && after+before != "" || len(entries) > 2 || len(down) > 2*len(all) {
					t.Fatalf("a page of %v names %q and %q", entries, after, before)
				}
				if down, next = append(down, entries...), after; len(entries) > 0 {
					last = before
				}
			}
			if !slices.Equal(down, all) {
				t.Errorf("down it is %v, the list %v", down, all)
			}
			bottom := all[len(all)-1:]
			if len(all)%2 == 0 {
				bottom = all[len(all)-2:]
			}
			up := slices.Clone(bottom)
			for prev := last; prev != ""; {
				entries, _, before := r.leaf(prev, shelf.token)
				if up, prev = append(slices.Clone(entries), up...), before; len(up) > 2*len(all) {
					t.Fatalf("up there is no end: %v", up)
				}
			}
			if !slices.Equal(up, all) {
				t.Errorf("up it is %v, the list %v", up, all)
			}
			r.above(t, shelf, all, top)
		})
	}
}

// above asks for what is above the top: nothing at first, then what came.
func (r *read) above(t *testing.T, shelf paged, all []string, top string) {
	t.Helper()
	if entries, next, prev := r.leaf(top, shelf.token); len(entries) != 0 || next+prev != "" {
		t.Errorf("above the top are %v, %q and %q", entries, next, prev)
	}
	for n := 5; n < 8; n++ {
		shelf.add(n)
	}
	now, _, _ := r.leaf(shelf.path+"limit=40", shelf.token)
	if len(now) != len(all)+3 || !slices.Equal(now[3:], all) {
		t.Fatalf("three more make %v of %v", now, all)
	}
	if entries, _, _ := r.leaf(top, shelf.token); !slices.Equal(entries, now[:3]) {
		t.Errorf("above the old top are %v, want %v", entries, now[:3])
	}
	if entries, _, _ := r.leaf(with(t, top, "limit", "2"), shelf.token); !slices.Equal(entries, now[1:3]) {
		t.Errorf("just above the old top are %v, want %v", entries, now[1:3])
	}
	since := with(t, strings.Replace(top, "min_id=", "since_id=", 1), "limit", "2")
	if entries, _, _ := r.leaf(since, shelf.token); !slices.Equal(entries, now[:2]) {
		t.Errorf("the newest since then are %v, want %v", entries, now[:2])
	}
}

// anyCursor sends what does not bound: no number, too much, nothing.
func (r *read) anyCursor(t *testing.T, shelf paged, all []string) {
	t.Helper()
	for _, query := range []string{
		"max_id=abc", "since_id=", "min_id=-1", "max_id=0", "min_id=99999999999999999999", "limit=100000", "limit=-1", "limit=x", "limit=9999999999999999999999", "max_id=&min_id=&since_id=",
		"max_id[]=1", "max_id=9223372036854775807", "since_id=1",
	} {
		entries, _, _ := r.leaf(shelf.path+query, shelf.token)
		if most := strings.HasPrefix(query, "since_id=1"); !slices.Equal(entries, all) && !(most && len(entries) < len(all)) {
			t.Errorf("with %s it is %v, want %v", query, entries, all)
		}
	}
	// Notifications have a counter of their own, so that 1 is one of theirs.
	if entries, next, prev := r.leaf(shelf.path+"max_id=1", shelf.token); len(entries) != 0 || next+prev != "" {
		t.Errorf("an empty page %v names %q and %q", entries, next, prev)
	}
}

// with is a path with a parameter changed.
func with(t *testing.T, path, name, value string) string {
	t.Helper()
	u, err := url.Parse(path)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set(name, value)
	u.RawQuery = q.Encode()
	return u.String()
}

// TestPagesAreCut: more than the most is never answered.
func TestPagesAreCut(t *testing.T) {
	r := newRead(t)
	for n := range 45 {
		r.note(r.leo, fmt.Sprint("n", n))
	}
	for path, most := range map[string]int{
		"/api/v1/timelines/home?": 40, "/api/v1/timelines/public?": 40, "/api/v1/accounts/" + r.leo.ID.String() + "/statuses?": 40,
	} {
		for query, want := range map[string]int{"": 20, "limit=40": most, "limit=41": most, "limit=1000": most, "limit=1": 1, "limit=0": 20} {
			if entries, _, _ := r.leaf(path+query, r.anas); len(entries) != want {
				t.Errorf("%s%s has %d entries, want %d", path, query, len(entries), want)
			}
		}
	}
}
