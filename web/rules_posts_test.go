// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
	"minga/storage"
)

// What is done with posts: how their text looks, how they are sent twice, edited,
// boosted, looked for.

// written is a status as its writer reads it.
type written struct {
	ID, Content, Visibility, URL string
	SpoilerText                  string `json:"spoiler_text"`
	Reblogged                    bool
	Reblog                       *written
	Mentions                     []struct{ ID, URL, Acct, Username string }
	Tags                         []struct{ Name, URL string }
	Files                        []shown `json:"media_attachments"`
	Text                         *string
}

// status writes one.
func (h *house) status(token string, members map[string]any, headers ...string) written {
	h.Helper()
	body, err := json.Marshal(members)
	if err != nil {
		h.Fatal(err)
	}
	return get[written](h, "POST", "/api/v1/statuses", token, string(body), headers...)
}

func TestRule18TextIsTheHTMLThatClientsKnow(t *testing.T) {
	r := newRead(t)
	far := r.remotePost(func(*coop.Post) {})
	eva, err := r.store.Account(t.Context(), far.AuthorID)
	if err != nil {
		t.Fatal(err)
	}
	s := r.status(r.anas, map[string]any{"status": "Hello @leo and @eva@far.example\nof #Níght https://mill.example/a/very/long/path/to/the/oven?q=1&r=2\n\n1 < 2 & so on"})
	if len(s.Mentions) != 2 || len(s.Tags) != 1 {
		t.Fatalf("named are %+v", s)
	}
	for _, m := range s.Mentions {
		if part := `<span class="h-card" translate="no"><a href="` + m.URL + `" class="u-url mention">@<span>` + m.Username + `</span></a></span>`; !strings.Contains(s.Content, part) {
			t.Errorf("%s lacks %s", s.Content, part)
		}
	}
	if s.Mentions[1].Acct != "eva@far.example" || s.Mentions[1].ID != eva.ID.String() {
		t.Errorf("mentioned elsewhere: %+v", s.Mentions[1])
	}
	for _, part := range []string{
		`<a href="` + s.Tags[0].URL + `" class="mention hashtag" rel="tag">#<span>Níght</span></a>`,
		`<span class="invisible">https://</span><span class="ellipsis">mill.example/a/very/long/path/</span><span class="invisible">to/the/oven?q=1&amp;r=2</span>`,
		"<br", "1 &lt; 2 &amp; so on",
	} {
		if !strings.Contains(s.Content, part) {
			t.Errorf("%s lacks %s", s.Content, part)
		}
	}
	if form := regexp.MustCompile(`^https://coop\.example/tags/n%C3%ADght$`); !form.MatchString(s.Tags[0].URL) {
		t.Errorf("the hashtag is at %s", s.Tags[0].URL)
	}
	rich := r.status(r.anas, map[string]any{"content_type": "text/markdown", "status": "# Big\n\n- one\n- two\n\n1. a\n\n> said\n\n`code` **b** *i* ~~s~~ <script>x</script> <img src=x> ![p](https://x.example/p.png)"})
	known := regexp.MustCompile(`</?(p|br|span|a|del|pre|code|em|strong|b|i|u|ul|ol|li|blockquote)( [^>]*)?/?>`)
	if left := known.ReplaceAllString(rich.Content, ""); strings.Contains(left, "<") {
		t.Errorf("elements that clients do not know: %s", left)
	}
	_, mill := r.member("mill", "read write")
	job, _ := r.publish(mill, goodJob)
	w := get[written](r.house, "GET", "/api/v1/statuses/"+job, "", "")
	if !strings.HasPrefix(w.Content, "<p><strong>Baker at night</strong></p><p>") || strings.Contains(w.Content, "<li>") || strings.Contains(w.Content, "<h1") || w.SpoilerText != "" || len([]rune(tags.ReplaceAllString(w.Content, ""))) >= 500 {
		t.Errorf("a job is %q %s", w.SpoilerText, w.Content)
	}
}

func TestRule20TheSameKeyPostsOnce(t *testing.T) {
	eachHouse(t, nil, func(h *house) {
		_, ana := h.member("ana", "read write")
		other := h.token(h.person("eva"), "read write")
		ids := make([]string, 8)
		var all sync.WaitGroup
		for i := range ids {
			all.Go(func() {
				w := h.ask("POST", "/api/v1/statuses", ana, `{"status":"once"}`, "Idempotency-Key", "k")
				var s written
				if err := json.Unmarshal(w.Body.Bytes(), &s); err != nil || w.Code != 200 {
					h.Errorf("%d %s", w.Code, w.Body)
				}
				ids[i] = s.ID
			})
		}
		all.Wait()
		for _, id := range ids {
			if id == "" || id != ids[0] {
				h.Fatalf("posted as %v", ids)
			}
		}
		if s := h.status(other, map[string]any{"status": "mine"}, "Idempotency-Key", "k"); s.ID == ids[0] {
			h.Error("the key of one is that of another")
		}
		if s := h.status(ana, map[string]any{"status": "twice"}, "Idempotency-Key", "l"); s.ID == ids[0] {
			h.Error("another key gives the same")
		}
		if list := get[[]written](h, "GET", "/api/v1/timelines/public", "", ""); len(list) != 3 {
			h.Errorf("%d were posted", len(list))
		}
	})
}

func TestRule21FilesAreReadyAtOnce(t *testing.T) {
	g := newGallery(t, nil)
	_, ana := g.member("ana", "read write")
	one, w := g.upload(ana, "file", "a.jpg", string(photo(t, 60, 40)))
	if w.Code != 200 || one.URL == "" || one.PreviewURL == nil || one.Type != "image" || one.Description != nil {
		t.Fatalf("an upload answers %d %s", w.Code, w.Body)
	}
	two, _ := g.upload(ana, "file", "b.jpg", string(photo(t, 40, 60)))
	if again := get[shown](g.house, "GET", "/api/v1/media/"+one.ID, ana, ""); again.URL != one.URL {
		t.Errorf("asked again it is %+v", again)
	}
	before := get[shown](g.house, "PUT", "/api/v1/media/"+one.ID, ana, `{"description":"before","focus":"0.5,-0.5"}`)
	if before.Description == nil || *before.Description != "before" || before.Meta.Focus == nil || before.Meta.Focus.X != 0.5 {
		t.Errorf("described before posting: %+v", before)
	}
	s := g.status(ana, map[string]any{"status": "two", "media_ids": []string{two.ID, one.ID}})
	if len(s.Files) != 2 || s.Files[0].ID != two.ID || s.Files[1].ID != one.ID {
		t.Fatalf("the order is %+v", s.Files)
	}
	body := fmt.Sprintf(`{"status":"two again","media_ids":[%q,%q],"media_attributes":[{"id":%q,"description":"after","focus":"0,0"}]}`, two.ID, one.ID, two.ID)
	edited := get[written](g.house, "PUT", "/api/v1/statuses/"+s.ID, ana, body)
	if len(edited.Files) != 2 || edited.Files[0].ID != two.ID || *edited.Files[0].Description != "after" || *edited.Files[1].Description != "before" {
		t.Errorf("edited it has %+v", edited.Files)
	}
}

func TestRule22SearchOpensWhatIsPasted(t *testing.T) {
	r := newRead(t)
	local := r.note(r.leo, "at home")
	far := r.remotePost(func(p *coop.Post) { p.Content, p.URL = "<p>far away</p>", "https://far.example/@eva/1" })
	secret := r.note(r.leo, "for few", func(p *coop.Post) { p.Visibility = coop.VisibleDirect })
	page := get[written](r.house, "GET", "/api/v1/statuses/"+local.ID.String(), "", "").URL
	search := func(q string) string {
		t.Helper()
		start := time.Now()
		var s struct {
			Accounts []struct{ Acct string }
			Statuses []shownStatus
			Hashtags []any
		}
		r.get("/api/v2/search?resolve=true&q="+url.QueryEscape(q), r.anas, &s)
		if took := time.Since(start); took > 6*time.Second || s.Accounts == nil || s.Statuses == nil || s.Hashtags == nil {
			t.Errorf("%s took %s: %+v", q, took, s)
		}
		return strings.Trim(fmt.Sprint(s.Accounts)+" "+statusTexts(s.Statuses), "[] ")
	}
	for q, want := range map[string]string{
		page: "at home", string(local.IRI): "at home", string(far.IRI): "far away",
		"https://coop.example/@leo": "{leo}", "https://coop.example/@eva@far.example": "{eva@far.example}", string(r.leo.IRI): "{leo}", "https://far.example/users/eva": "{eva@far.example}",
		"@eva@far.example": "{eva@far.example}", "eva@far.example": "{eva@far.example}", "@leo@coop.example": "{leo}",
		string(secret.IRI): "", "https://coop.example/@leo/117000000000000001": "", "https://127.0.0.1:1/x": "", "@nobody@127.0.0.1:1": "", "https://nowhere.invalid/@x": "",
		"http://": "", "https://user:pass@coop.example:99999/": "", "@@@": "", "https://coop.example/%zz": "",
	} {
		if got := search(q); got != want {
			t.Errorf("%s finds %q, want %q", q, got, want)
		}
	}
	if w := r.ask("GET", "/api/v2/search?q="+url.QueryEscape(page), "", ""); w.Code != 200 || !strings.Contains(w.Body.String(), "at home") {
		t.Errorf("a stranger with our own address gets %d %s", w.Code, w.Body)
	}
	if w := r.ask("GET", "/api/v2/search?resolve=true&q=x", "", ""); w.Code != http.StatusUnauthorized {
		t.Errorf("a stranger makes us ask: %d", w.Code)
	}
}

func TestRule23WhatIsEditedIsWhatWasTyped(t *testing.T) {
	r := newRead(t)
	for kind, typed := range map[string]string{
		"text/plain":    "Hello @leo <b>&amp; #bread\n\n  https://mill.example/  \nbye",
		"text/markdown": "# Hello\n\n*you* @leo\n\n- one\n- two",
	} {
		s := r.status(r.anas, map[string]any{"status": typed, "content_type": kind, "spoiler_text": "a <warning>", "language": "en"})
		source := get[map[string]string](r.house, "GET", "/api/v1/statuses/"+s.ID+"/source", r.anas, "")
		if diff := cmp.Diff(map[string]string{"id": s.ID, "text": typed, "spoiler_text": "a <warning>", "content_type": kind}, source); diff != "" {
			t.Error(diff)
		}
		body, _ := json.Marshal(map[string]string{"status": source["text"], "spoiler_text": source["spoiler_text"]})
		if again := get[written](r.house, "PUT", "/api/v1/statuses/"+s.ID, r.anas, string(body)); again.Content != s.Content || again.SpoilerText != s.SpoilerText {
			t.Errorf("sent back it is %s, was %s", again.Content, s.Content)
		}
		gone := get[written](r.house, "DELETE", "/api/v1/statuses/"+s.ID, r.anas, "")
		if gone.Text == nil || *gone.Text != typed {
			t.Errorf("deleted for a new draft: %+v", gone)
		}
	}
}

func TestRule24ABoostIsAWrapper(t *testing.T) {
	r := newRead(t)
	p := r.note(r.leo, "boost me").ID.String()
	wrapper := get[written](r.house, "POST", "/api/v1/statuses/"+p+"/reblog", r.anas, "")
	if wrapper.Reblog == nil || wrapper.Reblog.ID != p || wrapper.ID == p || !wrapper.Reblog.Reblogged || !wrapper.Reblogged {
		t.Fatalf("a boost is %+v", wrapper)
	}
	if again := get[written](r.house, "POST", "/api/v1/statuses/"+p+"/reblog", r.anas, ""); again.ID != wrapper.ID {
		t.Errorf("boosted again it is %s, was %s", again.ID, wrapper.ID)
	}
	if read := get[written](r.house, "GET", "/api/v1/statuses/"+wrapper.ID, r.anas, ""); read.Reblog == nil || read.Reblog.ID != p {
		t.Errorf("read by its id it is %+v", read)
	}
	if back := get[written](r.house, "POST", "/api/v1/statuses/"+wrapper.ID+"/unreblog", r.anas, ""); back.ID != p || back.Reblog != nil || back.Reblogged {
		t.Errorf("taken back it is %+v", back)
	}
	if w := r.ask("GET", "/api/v1/statuses/"+wrapper.ID, r.anas, ""); w.Code != 404 {
		t.Errorf("the boost that was taken back answers %d", w.Code)
	}
}

func TestRule30SuspendedIsEmptyAndDeletedIsGone(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	_, token := h.member("ana", "read write")
	far := h.remotePost(func(*coop.Post) {})
	eva, err := h.store.Account(t.Context(), far.AuthorID)
	if err != nil {
		t.Fatal(err)
	}
	eva.Bio, eva.Fields = "<p>clay</p>", []coop.Field{{Name: "a", Value: "b"}}
	h.change(func(tx *storage.Tx) error { return tx.SaveAccount(t.Context(), eva) })
	h.change(func(tx *storage.Tx) error { return tx.SuspendAccount(t.Context(), eva.ID, time.Now()) })
	path := "/api/v1/accounts/" + eva.ID.String()
	for _, reader := range []string{"", token} {
		a := get[struct {
			Suspended      bool
			Note, Acct, ID string
			DisplayName    string `json:"display_name"`
			Avatar         string
			Fields, Emojis []any
		}](h, "GET", path, reader, "")
		if !a.Suspended || a.Note+a.DisplayName != "" || len(a.Fields)+len(a.Emojis) != 0 || a.Fields == nil || a.Acct != "eva@far.example" || a.Avatar == "" {
			t.Errorf("suspended: %+v", a)
		}
		if list := get[[]any](h, "GET", path+"/statuses", reader, ""); len(list) != 0 {
			t.Errorf("it still says %v", list)
		}
	}
	never := h.ask("GET", "/api/v1/accounts/"+never, token, "")
	h.change(func(tx *storage.Tx) error { return tx.DeleteAccount(t.Context(), eva.ID, time.Now()) })
	for _, below := range []string{"", "/statuses", "/followers", "/following"} {
		if w := h.ask("GET", path+below, token, ""); w.Code != 404 || w.Body.String() != never.Body.String() {
			t.Errorf("deleted%s answers %d %s", below, w.Code, w.Body)
		}
	}
}
