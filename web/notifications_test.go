// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
	"minga/storage"
)

// get asks, wants 200, and reads the answer.
func get[T any](h *house, method, path, token, body string, headers ...string) (out T) {
	h.Helper()
	w := h.ask(method, path, token, body, headers...)
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil || w.Code != http.StatusOK {
		h.Fatalf("%s %s answered %d: %s (%v)", method, path, w.Code, w.Body, err)
	}
	return out
}

// change runs one transaction.
func (h *house) change(fn func(tx *storage.Tx) error) {
	h.Helper()
	if err := h.store.Write(h.Context(), fn); err != nil {
		h.Fatal(err)
	}
}

// note publishes a note here.
func (h *house) note(author *coop.Account, change ...func(*coop.Post)) *coop.Post {
	h.Helper()
	p := &coop.Post{Source: "Bread is ready", Language: "en"}
	for _, f := range change {
		f(p)
	}
	if err := h.outbox.PublishNote(h.Context(), author, p); err != nil {
		h.Fatal(err)
	}
	return p
}

// likes makes an account like a post.
func (h *house) likes(a *coop.Account, p *coop.Post, kind storage.ReactionKind) {
	h.Helper()
	h.change(func(tx *storage.Tx) error {
		_, err := tx.React(h.Context(), storage.Reaction{Kind: kind, Actor: a.ID, Post: p.ID})
		return err
	})
}

// notice is a notification as a client reads it.
type notice struct {
	ID        string
	Type      string
	CreatedAt string `json:"created_at"`
	GroupKey  string `json:"group_key"`
	Account   *struct{ ID, Acct string }
	Status    *struct{ ID, Content string }
	Report    *struct {
		ID, Comment   string
		TargetAccount struct{ ID string } `json:"target_account"`
	}
}

// types are the types of notifications.
func types(list []notice) (names []string) {
	for _, n := range list {
		names = append(names, n.Type)
	}
	return names
}

// village is a co-op that three others have something to do with.
func village(t *testing.T) (h *house, telar *coop.Account, token string, post *coop.Post, others []*coop.Account) {
	h = newHouse(t, func(o *Options) { o.RateLimit = false })
	telar, token = h.member("telar", "read write")
	post = h.note(telar)
	for _, name := range []string{"ana", "leo", "sol"} {
		others = append(others, h.person(name))
	}
	for _, a := range others {
		h.likes(a, post, storage.Like)
	}
	h.likes(others[0], post, storage.Boost)
	h.note(others[1], func(p *coop.Post) { p.InReplyTo, p.Source = post.IRI, "Is it rye?" })
	return h, telar, token, post, others
}

func TestNotificationsOneByOne(t *testing.T) {
	h, _, token, post, others := village(t)
	list := get[[]notice](h, "GET", "/api/v1/notifications", token, "")
	if diff := cmp.Diff([]string{"mention", "reblog", "favourite", "favourite", "favourite"}, types(list)); diff != "" {
		t.Fatal(diff)
	}
	number, stamp := regexp.MustCompile(`^[1-9][0-9]{14}$`), regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`)
	for i, n := range list {
		if !number.MatchString(n.ID) || !stamp.MatchString(n.CreatedAt) || n.GroupKey == "" || n.Account == nil || n.Status == nil {
			t.Errorf("notification %+v", n)
		}
		if i > 0 && n.ID >= list[i-1].ID {
			t.Errorf("%s after %s", n.ID, list[i-1].ID)
		}
	}
	if list[1].Status.ID != post.ID.String() || list[1].Account.ID != others[0].ID.String() || !strings.Contains(list[0].Status.Content, "rye") {
		t.Errorf("who and what: %+v", list[:2])
	}
	for query, want := range map[string][]string{
		"types[]=favourite&limit=2":                {"favourite", "favourite"},
		"types[]=reblog&types[]=mention":           {"mention", "reblog"},
		"types=mention":                            {"mention"},
		"exclude_types[]=favourite":                {"mention", "reblog"},
		"account_id=" + others[0].ID.String():      {"reblog", "favourite"},
		"account_id=nobody":                        nil,
		"types[]=danced":                           nil,
		"max_id=" + list[2].ID:                     {"favourite", "favourite"},
		"min_id=" + list[4].ID + "&limit=1":        {"favourite"},
		"since_id=" + list[4].ID + "&limit=1":      {"mention"},
		"max_id=abc&exclude_types%5B%5D=favourite": {"mention", "reblog"},
	} {
		if diff := cmp.Diff(want, types(get[[]notice](h, "GET", "/api/v1/notifications?"+query, token, ""))); diff != "" {
			t.Errorf("%s: %s", query, diff)
		}
	}
	w := h.ask("GET", "/api/v1/notifications?limit=2", token, "")
	link := `<https://coop.example/api/v1/notifications?limit=2&max_id=` + list[1].ID + `>; rel="next", <https://coop.example/api/v1/notifications?limit=2&min_id=` + list[0].ID + `>; rel="prev"`
	if w.Header().Get("Link") != link {
		t.Errorf("Link %s", w.Header().Get("Link"))
	}
	if w := h.ask("GET", "/api/v1/notifications?types[]=danced", token, ""); w.Body.String() != "[]" || w.Header().Get("Link") != "" {
		t.Errorf("an empty page: %s, Link %q", w.Body, w.Header().Get("Link"))
	}
}

func TestNotificationsAreDismissedByTheirOwner(t *testing.T) {
	h, _, token, _, _ := village(t)
	_, eves := h.member("eve", "read write")
	list := get[[]notice](h, "GET", "/api/v1/notifications", token, "")
	one := "/api/v1/notifications/" + list[0].ID
	if got := get[notice](h, "GET", one, token, ""); got.ID != list[0].ID || got.Type != "mention" {
		t.Errorf("one: %+v", got)
	}
	for _, path := range []string{one, one + "0", "/api/v1/notifications/x"} {
		if w := h.ask("GET", path, eves, ""); w.Code != 404 {
			t.Errorf("GET %s by another answers %d", path, w.Code)
		}
	}
	if w := h.ask("POST", one+"/dismiss", eves, ""); w.Code != 404 {
		t.Errorf("another dismisses it: %d", w.Code)
	}
	unread := func(path string) int { return get[struct{ Count int }](h, "GET", path, token, "").Count }
	if n := unread("/api/v1/notifications/unread_count"); n != 5 {
		t.Errorf("%d unread", n)
	}
	if n := unread("/api/v2/notifications/unread_count"); n != 3 {
		t.Errorf("%d unread lines", n)
	}
	get[map[string]any](h, "POST", "/api/v1/markers", token, `{"notifications":{"last_read_id":"`+list[2].ID+`"}}`)
	if a, b := unread("/api/v1/notifications/unread_count?limit=1"), unread("/api/v2/notifications/unread_count?types[]=reblog"); a != 1 || b != 1 {
		t.Errorf("%d and %d unread after reading", a, b)
	}
	if w := h.ask("POST", one+"/dismiss", token, ""); w.Code != 200 || w.Body.String() != "{}" {
		t.Errorf("dismiss answers %d: %s", w.Code, w.Body)
	}
	if w := h.ask("POST", "/api/v1/notifications/clear", token, ""); w.Code != 200 || w.Body.String() != "{}" {
		t.Errorf("clear answers %d: %s", w.Code, w.Body)
	}
	if list := get[[]notice](h, "GET", "/api/v1/notifications", token, ""); len(list) != 0 {
		t.Errorf("after clear: %v", list)
	}
}

// lines are grouped notifications as a client reads them.
type lines struct {
	Accounts []struct {
		ID       string
		Username string
	}
	Partial *[]struct {
		ID, Acct, Avatar, URL string
		Username              *string
	} `json:"partial_accounts"`
	Statuses []struct{ ID string }
	Groups   []struct {
		Key      string `json:"group_key"`
		Count    int    `json:"notifications_count"`
		Type     string
		Latest   json.Number `json:"most_recent_notification_id"`
		Min      string      `json:"page_min_id"`
		Max      string      `json:"page_max_id"`
		LatestAt string      `json:"latest_page_notification_at"`
		Samples  []string    `json:"sample_account_ids"`
		Status   string      `json:"status_id"`
	} `json:"notification_groups"`
}

func TestNotificationsInLines(t *testing.T) {
	h, telar, token, post, others := village(t)
	h.change(func(tx *storage.Tx) error {
		return tx.PutFollow(h.Context(), &coop.Follow{IRI: "https://coop.example/f/1", Follower: others[2], Target: telar, State: coop.FollowAccepted})
	})
	all := get[lines](h, "GET", "/api/v2/notifications", token, "")
	if len(all.Groups) != 4 || len(all.Accounts) != 3 || len(all.Statuses) != 2 || all.Partial != nil {
		t.Fatalf("lines: %+v", all)
	}
	liked := all.Groups[3]
	if liked.Type != "favourite" || liked.Count != 3 || liked.Status != post.ID.String() || len(liked.Samples) != 3 || liked.Samples[0] != others[2].ID.String() || liked.Max != liked.Latest.String() || liked.Min != liked.Max || liked.LatestAt == "" {
		t.Errorf("three who like it: %+v", liked)
	}
	if first := all.Groups[0]; first.Type != "follow" || first.Count != 1 || strings.HasPrefix(first.Key, "ungrouped-") {
		t.Errorf("a follow: %+v", first)
	}
	if second := all.Groups[1]; second.Type != "mention" || second.Key != "ungrouped-"+second.Latest.String() {
		t.Errorf("a mention: %+v", second)
	}
	partial := get[lines](h, "GET", "/api/v2/notifications?expand_accounts=partial_avatars&types[]=favourite", token, "")
	if len(partial.Accounts) != 1 || partial.Partial == nil || len(*partial.Partial) != 2 || (*partial.Partial)[0].Avatar == "" || (*partial.Partial)[0].Username != nil {
		t.Errorf("avatars: %+v", partial)
	}
	apart := get[lines](h, "GET", "/api/v2/notifications?grouped_types[]=reblog", token, "")
	if len(apart.Groups) != 6 {
		t.Errorf("only boosts in lines: %+v", apart.Groups)
	}
	var keys []string
	path := "/api/v2/notifications?limit=1"
	for range 6 {
		w := h.ask("GET", path, token, "")
		var page lines
		if err := json.Unmarshal(w.Body.Bytes(), &page); err != nil || len(page.Groups) == 0 {
			break
		}
		keys = append(keys, page.Groups[0].Key)
		next, _, _ := strings.Cut(w.Header().Get("Link"), `>; rel="next"`)
		path = strings.TrimPrefix(next, "<https://coop.example")
	}
	if want := []string{all.Groups[0].Key, all.Groups[1].Key, all.Groups[2].Key, all.Groups[3].Key}; !slices.Equal(want, keys) {
		t.Errorf("page by page: %v, want %v", keys, want)
	}
}

func TestOneLine(t *testing.T) {
	h, _, token, _, others := village(t)
	_, eves := h.member("eve", "read write")
	all := get[lines](h, "GET", "/api/v2/notifications?types[]=favourite", token, "")
	path := "/api/v2/notifications/" + all.Groups[0].Key
	one := get[lines](h, "GET", path, token, "")
	if len(one.Groups) != 1 || one.Groups[0].Count != 3 || len(one.Accounts) != 3 || len(one.Statuses) != 1 {
		t.Errorf("one line: %+v", one)
	}
	who := get[[]struct{ ID string }](h, "GET", path+"/accounts?limit=2", token, "")
	if len(who) != 2 || who[0].ID != others[2].ID.String() {
		t.Errorf("who: %+v", who)
	}
	for _, ask := range [][3]string{{"GET", path, eves}, {"GET", path + "/accounts", eves}, {"POST", path + "/dismiss", eves}, {"GET", "/api/v2/notifications/ungrouped-1", token}, {"GET", "/api/v2/notifications/x", token}} {
		if w := h.ask(ask[0], ask[1], ask[2], ""); w.Code != 404 {
			t.Errorf("%s %s answers %d", ask[0], ask[1], w.Code)
		}
	}
	if w := h.ask("POST", path+"/dismiss", token, ""); w.Code != 200 || w.Body.String() != "{}" {
		t.Errorf("dismiss answers %d: %s", w.Code, w.Body)
	}
	if left := get[lines](h, "GET", "/api/v2/notifications", token, ""); len(left.Groups) != 2 {
		t.Errorf("left: %+v", left.Groups)
	}
}

func TestWhatOnlyMingaKnowsIsAMentionToOthers(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	telar, token := h.member("telar", "read write")
	fed, err := h.store.FederationAccount(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	h.change(func(tx *storage.Tx) error {
		return tx.PutMembership(t.Context(), &coop.Membership{Member: telar, Organization: fed, State: coop.MembershipMember, OrganizationSays: true})
	})
	instance, err := h.store.InstanceAccount(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	list := get[[]notice](h, "GET", "/api/v1/notifications", token, "")
	if len(list) != 1 || list[0].Type != "mention" || list[0].Account.ID != instance.ID.String() || !strings.Contains(list[0].Status.Content, "is now a member of") {
		t.Fatalf("to a client that does not know: %+v", list)
	}
	grouped := get[lines](h, "GET", "/api/v2/notifications", token, "")
	if len(grouped.Groups) != 1 || grouped.Groups[0].Type != "mention" || grouped.Groups[0].Samples[0] != instance.ID.String() || grouped.Accounts[0].ID != instance.ID.String() {
		t.Errorf("in lines: %+v", grouped)
	}
	for query, want := range map[string][]string{
		"types[]=minga:membership":                     {"minga:membership"},
		"types[]=mention":                              {"mention"},
		"types[]=favourite":                            nil,
		"exclude_types[]=mention":                      nil,
		"types[]=mention&types[]=minga:membership":     {"minga:membership"},
		"types[]=favourite&types[]=minga%3Amembership": {"minga:membership"},
	} {
		list := get[[]notice](h, "GET", "/api/v1/notifications?"+query, token, "")
		if diff := cmp.Diff(want, types(list)); diff != "" {
			t.Errorf("%s: %s", query, diff)
		}
		if len(list) > 0 && list[0].Type == "minga:membership" && list[0].Account.ID != fed.ID.String() {
			t.Errorf("%s: by %s", query, list[0].Account.Acct)
		}
	}
	if w := h.ask("GET", "/api/v1/statuses/"+list[0].Status.ID, token, ""); w.Code == 200 && !strings.Contains(w.Body.String(), `"visibility":"direct"`) {
		t.Errorf("the words are not for them alone: %s", w.Body)
	}
}

func TestPolicyAndRequests(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	telar, token := h.member("telar", "read write")
	type policy struct {
		Not     string `json:"for_not_following"`
		Limited string `json:"for_limited_accounts"`
		Switch  *bool  `json:"filter_not_following"`
		Summary struct {
			Requests      int `json:"pending_requests_count"`
			Notifications int `json:"pending_notifications_count"`
		}
	}
	if p := get[policy](h, "GET", "/api/v2/notifications/policy", token, ""); p.Not != "accept" || p.Limited != "filter" {
		t.Errorf("at first: %+v", p)
	}
	for _, ask := range []struct{ method, path, body, kind, want string }{
		{"PATCH", "/api/v2/notifications/policy", `{"for_not_following":"drop"}`, "", "drop"},
		{"PUT", "/api/v2/notifications/policy", "for_not_following=accept", "application/x-www-form-urlencoded", "accept"},
		{"PATCH", "/api/v1/notifications/policy", `{"filter_not_following":true}`, "", "filter"},
		{"PUT", "/api/v1/notifications/policy?for_not_following=accept", "", "", "accept"},
		{"PUT", "/api/v1/notifications/policy", `{"for_not_following":"filter"}`, "", "filter"},
	} {
		kind := ask.kind
		if kind == "" {
			kind = "application/json"
		}
		p := get[policy](h, ask.method, ask.path, token, ask.body, "Content-Type", kind)
		if p.Not != ask.want || strings.Contains(ask.path, "v1") && (p.Switch == nil || *p.Switch != (ask.want == "filter")) {
			t.Errorf("%s %s %s: %+v", ask.method, ask.path, ask.body, p)
		}
	}
	if w := h.ask("PATCH", "/api/v2/notifications/policy", token, `{"for_not_following":"perhaps"}`); w.Code != 422 || !strings.Contains(w.Body.String(), "for_not_following") {
		t.Errorf("a choice that is none: %d %s", w.Code, w.Body)
	}
	ana, leo := h.person("ana"), h.person("leo")
	mention := func(by *coop.Account) { h.note(by, func(p *coop.Post) { p.Source = "Hello @telar" }) }
	mention(ana)
	mention(ana)
	mention(leo)
	if list := get[[]notice](h, "GET", "/api/v1/notifications", token, ""); len(list) != 0 {
		t.Errorf("filtered ones are shown: %v", types(list))
	}
	if list := get[[]notice](h, "GET", "/api/v1/notifications?include_filtered=true", token, ""); len(list) != 3 {
		t.Errorf("asked for: %v", types(list))
	}
	if p := get[policy](h, "GET", "/api/v2/notifications/policy", token, ""); p.Summary.Requests != 2 || p.Summary.Notifications != 3 {
		t.Errorf("waiting: %+v", p.Summary)
	}
	type request struct {
		ID         string
		CreatedAt  string `json:"created_at"`
		UpdatedAt  string `json:"updated_at"`
		Count      string `json:"notifications_count"`
		Account    struct{ ID string }
		LastStatus *struct{ Content string } `json:"last_status"`
	}
	requests := func() []request { return get[[]request](h, "GET", "/api/v1/notifications/requests", token, "") }
	list := requests()
	if len(list) != 2 || list[1].Account.ID != ana.ID.String() || list[1].Count != "2" || list[1].LastStatus == nil || list[1].CreatedAt == "" || list[1].UpdatedAt == "" {
		t.Fatalf("requests: %+v", list)
	}
	path := "/api/v1/notifications/requests/" + list[1].ID
	if one := get[request](h, "GET", path, token, ""); one.ID != list[1].ID {
		t.Errorf("one: %+v", one)
	}
	_, eves := h.member("eve", "read write")
	for _, ask := range [][2]string{{"GET", path}, {"POST", path + "/accept"}, {"POST", path + "/dismiss"}} {
		if w := h.ask(ask[0], ask[1], eves, ""); w.Code != 404 {
			t.Errorf("%s %s by another answers %d", ask[0], ask[1], w.Code)
		}
	}
	get[struct{}](h, "POST", "/api/v1/notifications/requests/accept", eves, `{"id":["`+list[1].ID+`"]}`)
	if len(requests()) != 2 {
		t.Error("another accepted it")
	}
	get[struct{}](h, "POST", path+"/accept", token, "")
	get[struct{}](h, "POST", "/api/v1/notifications/requests/dismiss", token, "id[]="+list[0].ID+"&id[]=1", "Content-Type", "application/x-www-form-urlencoded")
	if len(requests()) != 0 {
		t.Error("they still wait")
	}
	mention(ana)
	if list := get[[]notice](h, "GET", "/api/v1/notifications", token, ""); len(list) != 3 {
		t.Errorf("who was let in is heard: %v", types(list))
	}
	if m := get[struct{ Merged bool }](h, "GET", "/api/v1/notifications/requests/merged", token, ""); !m.Merged {
		t.Error("not merged")
	}
	_ = telar
}

func TestMarkers(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	_, token := h.member("telar", "read write")
	type marker struct {
		LastRead  string `json:"last_read_id"`
		Version   int
		UpdatedAt string `json:"updated_at"`
	}
	none := get[map[string]marker](h, "GET", "/api/v1/markers?timeline[]=home&timeline[]=notifications&timeline[]=other", token, "")
	if len(none) != 2 || none["home"].LastRead != "0" || none["notifications"].UpdatedAt == "" {
		t.Errorf("at first: %+v", none)
	}
	form := "application/x-www-form-urlencoded"
	first := get[map[string]marker](h, "POST", "/api/v1/markers", token, "home[last_read_id]=115&notifications%5Blast_read_id%5D=7", "Content-Type", form)
	if first["home"].LastRead != "115" || first["notifications"].Version != 1 {
		t.Errorf("first: %+v", first)
	}
	second := get[map[string]marker](h, "POST", "/api/v1/markers", token, `{"home":{"last_read_id":"116"}}`)
	if len(second) != 1 || second["home"].Version != 2 || second["home"].UpdatedAt == "" {
		t.Errorf("second: %+v", second)
	}
	if one := get[map[string]marker](h, "GET", "/api/v1/markers?timeline=home", token, ""); len(one) != 1 || one["home"].LastRead != "116" {
		t.Errorf("one: %+v", one)
	}
	if w := h.ask("POST", "/api/v1/markers", token, `{"home":{"last_read_id":"x"}}`); w.Code != 422 {
		t.Errorf("an id that is none: %d", w.Code)
	}
	codes := make(chan int)
	for range 8 {
		go func() { codes <- h.ask("POST", "/api/v1/markers", token, `{"home":{"last_read_id":"117"}}`).Code }()
	}
	won := 0
	for range 8 {
		switch code := <-codes; code {
		case 200:
			won++
		case 409:
		default:
			t.Errorf("two at once: %d", code)
		}
	}
	if m := get[map[string]marker](h, "GET", "/api/v1/markers?timeline=home", token, ""); m["home"].Version != 2+won {
		t.Errorf("%d writes were accepted, version %d", won, m["home"].Version)
	}
}

func TestPreferences(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	telar, token := h.member("telar", "read")
	p := get[map[string]any](h, "GET", "/api/v1/preferences", token, "")
	want := map[string]any{
		"posting:default:visibility": "public", "posting:default:sensitive": false, "posting:default:language": "en", "posting:default:quote_policy": "nobody",
		"reading:expand:media": "default", "reading:expand:spoilers": false, "reading:autoplay:gifs": false,
	}
	if diff := cmp.Diff(want, p); diff != "" {
		t.Error(diff)
	}
	telar.Posting = coop.Posting{Visibility: coop.VisibleFollowers, Sensitive: true, Language: "ca"}
	h.change(func(tx *storage.Tx) error { return tx.SaveAccount(t.Context(), telar) })
	p = get[map[string]any](h, "GET", "/api/v1/preferences", token, "")
	if p["posting:default:visibility"] != "private" || p["posting:default:sensitive"] != true || p["posting:default:language"] != "ca" {
		t.Errorf("after they were changed: %v", p)
	}
}

func TestAnnouncements(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	_, token := h.member("telar", "read write")
	a := &coop.Announcement{Texts: coop.Texts{"en": "We move <b>on</b> Monday", "es": "Nos mudamos"}, StartsAt: time.Now().Add(time.Hour)}
	rule := &coop.Rule{Texts: coop.Texts{"en": "Be kind", "ca": "Sigueu amables"}}
	h.change(func(tx *storage.Tx) error {
		if err := tx.AddRule(t.Context(), rule); err != nil {
			return err
		}
		return tx.AddAnnouncement(t.Context(), a)
	})
	type announcement struct {
		ID, Content string
		StartsAt    *string `json:"starts_at"`
		EndsAt      *string `json:"ends_at"`
		Read        bool
		Mentions    *[]any
		Tags        *[]any
		Emojis      *[]any
		Statuses    *[]any
		Reactions   []struct {
			Name  string
			Count int
			Me    bool
		}
	}
	list := get[[]announcement](h, "GET", "/api/v1/announcements", token, "")
	if len(list) != 1 || !strings.Contains(list[0].Content, "We move &lt;b&gt;on") || list[0].StartsAt == nil || list[0].EndsAt != nil || list[0].Mentions == nil || list[0].Tags == nil || list[0].Emojis == nil || list[0].Statuses == nil {
		t.Fatalf("announcements: %+v", list)
	}
	path := "/api/v1/announcements/" + list[0].ID
	for _, ask := range []struct {
		method, path string
		code         int
	}{
		{"PUT", path + "/reactions/%F0%9F%8E%89", 200},
		{"PUT", path + "/reactions/%F0%9F%8E%89", 200},
		{"PUT", path + "/reactions/%E2%9D%A4%EF%B8%8F", 200},
		{"PUT", path + "/reactions/nonsense", 422},
		{"PUT", "/api/v1/announcements/1/reactions/%F0%9F%8E%89", 404},
		{"DELETE", path + "/reactions/%E2%9D%A4%EF%B8%8F", 200},
		{"POST", "/api/v1/announcements/1/dismiss", 404},
	} {
		if w := h.ask(ask.method, ask.path, token, ""); w.Code != ask.code {
			t.Errorf("%s %s answers %d: %s", ask.method, ask.path, w.Code, w.Body)
		}
	}
	list = get[[]announcement](h, "GET", "/api/v1/announcements", token, "")
	if len(list[0].Reactions) != 1 || list[0].Reactions[0].Count != 1 || !list[0].Reactions[0].Me {
		t.Errorf("reactions: %+v", list[0].Reactions)
	}
	get[struct{}](h, "POST", path+"/dismiss", token, "")
	if list := get[[]announcement](h, "GET", "/api/v1/announcements", token, ""); len(list) != 0 {
		t.Errorf("after it was put away: %+v", list)
	}
	if list := get[[]announcement](h, "GET", "/api/v1/announcements?with_dismissed=true", token, ""); len(list) != 1 || !list[0].Read {
		t.Errorf("with those put away: %+v", list)
	}
	type ruleBody struct {
		ID, Text, Hint string
		Translations   map[string]struct{ Text string }
	}
	rules := get[[]ruleBody](h, "GET", "/api/v1/instance/rules", "", "")
	if len(rules) != 1 || rules[0].Text != "Be kind" || rules[0].Translations["ca"].Text != "Sigueu amables" {
		t.Errorf("rules: %+v", rules)
	}
	if v2 := get[struct{ Rules []ruleBody }](h, "GET", "/api/v2/instance", "", ""); len(v2.Rules) != 1 {
		t.Errorf("rules of the instance: %+v", v2)
	}
}

// TestPromisedVersions: clients rely on these numbers without asking again.
func TestPromisedVersions(t *testing.T) {
	h, _, token, _, _ := village(t)
	v2 := get[struct {
		Version  string
		Versions map[string]int `json:"api_versions"`
	}](h, "GET", "/api/v2/instance", "", "")
	if v2.Versions["mastodon"] < 2 || v2.Versions["minga"] != 1 || !regexp.MustCompile(`^4\.[3-9]\.\d+ `).MatchString(v2.Version) {
		t.Errorf("promised: %+v", v2)
	}
	for _, path := range []string{"", "/unread_count", "/policy"} {
		get[map[string]any](h, "GET", "/api/v2/notifications"+path, token, "")
	}
}
