// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"minga/coop"
)

// turnSearches turns the work on saved searches until nothing moves.
func (w *world) turnSearches() {
	w.t.Helper()
	for {
		did, err := w.Outbox.StepSearches(w.t.Context())
		w.must(err)
		if !did {
			return
		}
	}
}

// TestAVisitorIsMailedJobs subscribes without an account, says yes, gets each match
// once, and ends it; nothing needs a script.
func TestAVisitorIsMailedJobs(t *testing.T) {
	w := newWorld(t)
	sink := w.withMail()
	w.coop = w.member("telar")
	b := w.browser()
	const page = "/jobs/follow?skill=Python&remote=1"
	if board := b.do("/jobs?remote=1&skill=Python", nil); !strings.Contains(board.Body.String(), `href="/jobs/follow?remote=1&amp;skill=Python"`) {
		t.Error("the board does not lead to it")
	}
	if answer := b.fill(page, "email", url.Values{"email": {"not an address"}}); answer.Code != 422 || !strings.Contains(answer.Body.String(), `value="not an address"`) {
		t.Errorf("a bad address: %d", answer.Code)
	}
	asked := b.fill(page, "email", url.Values{"email": {"Bea@Mail.example"}, "every": {"daily"}})
	if asked.Code != http.StatusSeeOther || asked.Header().Get("Location") != "/jobs/follow?remote=1&skill=Python&asked=1" {
		t.Fatalf("asked: %d %s", asked.Code, asked.Header())
	}
	if told := b.do(asked.Header().Get("Location"), nil); !strings.Contains(told.Body.String(), "We have sent you a mail") {
		t.Error("what happens next is not said")
	}
	letter := w.post(sink)
	link := strings.TrimPrefix(letter.Link(), "https://"+host)
	if letter.To != "bea@mail.example" || !strings.HasPrefix(link, "/alerts/") {
		t.Fatalf("the mail: %+v", letter)
	}
	w.offer("Before the yes")
	w.turnSearches()
	w.clock.Advance(25 * time.Hour)
	w.turnSearches()
	if w.post(sink); len(sink.Mails()) != 1 {
		t.Error("jobs are mailed before anybody said yes")
	}
	for range 2 { // programs look before people do
		if look := b.do(link, nil); look.Code != 200 || !strings.Contains(look.Body.String(), "Yes, send them") {
			t.Fatalf("the page: %d", look.Code)
		}
	}
	if yes := b.do(link, url.Values{"every": {"daily"}, "act": {"set"}}); yes.Code != http.StatusSeeOther {
		t.Fatalf("the yes: %d %s", yes.Code, yes.Body)
	}
	kept := w.offer("Weaver")
	gone := w.offer("Filled before the mail")
	w.turnSearches()
	w.clock.Advance(25 * time.Hour)
	w.turnSearches()
	_, err := w.Outbox.StepJob(t.Context(), gone.ID, "fill")
	w.must(err)
	digest := w.post(sink)
	if body := digest.Body; len(sink.Mails()) != 2 || !strings.Contains(body, string(kept.IRI)) || strings.Contains(body, "Filled before") || strings.Contains(body, "Before the yes") {
		t.Fatalf("the digest: %s", body)
	}
	unsubscribe := strings.Trim(digest.Header.Get("List-Unsubscribe"), "<>")
	if unsubscribe != "https://"+host+link || digest.Header.Get("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click" {
		t.Errorf("how it ends: %q", unsubscribe)
	}
	w.clock.Advance(25 * time.Hour)
	w.turnSearches()
	if w.post(sink); len(sink.Mails()) != 2 {
		t.Error("a match was mailed twice, or a mail came for nothing")
	}
	stranger := w.browser() // a mail program, without cookies
	if end := stranger.do(link, url.Values{"List-Unsubscribe": {"One-Click"}}, "Sec-Fetch-Site", "cross-site"); end.Code != 200 || !strings.Contains(end.Body.String(), "Your address has been deleted") {
		t.Errorf("one click: %d %s", end.Code, end.Body)
	}
	if again := b.do(link, nil); again.Code != 404 {
		t.Errorf("the address after that: %d", again.Code)
	}
	if n, err := w.Store.CountSaved(t.Context(), 0, "bea@mail.example"); n != 0 || err != nil {
		t.Errorf("what is kept of her: %d %v", n, err)
	}
}

// offer publishes a job with a title.
func (w *world) offer(title string) *coop.Post {
	w.t.Helper()
	return w.publish(func(p *coop.Post) { p.Job.Title, p.Job.TitleMap = title, nil; delete(p.Job.Markdown, "en") })
}

// TestAMemberKeepsSearches saves, changes, feeds and forgets them.
func TestAMemberKeepsSearches(t *testing.T) {
	w := newWorld(t)
	w.coop = w.member("telar")
	ana, b := w.ana(), w.browser()
	b.signIn("ana", password, "")
	const page = "/jobs/follow?skill=Python&remote=1"
	save := hidden(t, b.do(page, nil).Body.String(), "site")
	save.Set("site", "1")
	first := b.do("/searches", save)
	if first.Code != http.StatusSeeOther || !strings.HasPrefix(first.Header().Get("Location"), "/searches?done=saved") {
		t.Fatalf("saved: %d %s", first.Code, first.Body)
	}
	list, err := w.Store.SavedSearches(t.Context(), ana.ID)
	w.must(err)
	if len(list) != 1 || !list[0].Site || list[0].Name != "Python · remoto" && list[0].Name != "Python · remote" {
		t.Fatalf("kept: %+v", list[0])
	}
	if again := b.do(page, nil).Body.String(); !strings.Contains(again, "You have saved this search") {
		t.Error("it can be saved twice")
	}
	id := list[0].ID.String()
	form := hidden(t, b.do("/searches", nil).Body.String(), "hook")
	form["act"], form["name"], form["hook"], form["site"] = []string{"change"}, []string{"Mine"}, []string{"https://10.0.0.1/hook"}, []string{"1"}
	if refused := b.do("/searches", form); refused.Code != 422 || !strings.Contains(refused.Body.String(), `value="https://10.0.0.1/hook"`) || !strings.Contains(refused.Body.String(), `href="#hook-`+id) {
		t.Errorf("a private address: %d", refused.Code)
	}
	form["hook"] = []string{"https://hooks.example/a"}
	if changed := b.do("/searches", form); changed.Code != http.StatusSeeOther {
		t.Fatalf("changed: %d %s", changed.Code, changed.Body)
	}
	for _, act := range []string{"feed", "actor"} {
		form["act"] = []string{act}
		if done := b.do("/searches", form); done.Code != http.StatusSeeOther {
			t.Errorf("%s: %d %s", act, done.Code, done.Body)
		}
	}
	shown := b.do("/searches", nil).Body.String()
	checkPage(t, b.do("/searches", nil), "searches", "en")
	if !strings.Contains(shown, "@jobs-python-remote@"+host) || !strings.Contains(shown, "whsec_") {
		t.Errorf("what it is: %s", shown)
	}
	feed := shown[strings.Index(shown, "/feeds/"):]
	feed = feed[:strings.Index(feed, `"`)]
	w.offer("Weaver")
	answer := w.browser().do(feed, nil)
	if answer.Code != 200 || !strings.Contains(answer.Body.String(), "Weaver") || !strings.Contains(answer.Header().Get("Cache-Control"), "no-store") {
		t.Errorf("the feed: %d %s", answer.Code, answer.Header())
	}
	form["act"] = []string{"feed"}
	b.do("/searches", form)
	if old := w.browser().do(feed, nil); old.Code != 404 {
		t.Errorf("the feed that was ended: %d", old.Code)
	}
	w.turnSearches()
	told, err := w.Store.Notifications(t.Context(), ana.ID, coop.Page{Limit: 5})
	w.must(err)
	if len(told) != 1 || told[0].Kind != coop.NotifyMatch {
		t.Errorf("told: %+v", told)
	}
	other := w.browser()
	form["act"] = []string{"forget"}
	if answer := other.do("/searches", form); answer.Code == http.StatusSeeOther && !strings.Contains(answer.Header().Get("Location"), "/sign-in") {
		t.Error("a stranger forgot it")
	}
	if gone := b.do("/searches", form); gone.Code != http.StatusSeeOther {
		t.Errorf("forgotten: %d", gone.Code)
	}
	if list, err := w.Store.SavedSearches(t.Context(), ana.ID); len(list) != 0 || err != nil {
		t.Errorf("still there: %v %v", list, err)
	}
}

// TestSearchPagesInEveryLanguage draws them, also for what cannot be saved.
func TestSearchPagesInEveryLanguage(t *testing.T) {
	w := newWorld(t)
	w.withMail()
	s := &coop.SavedSearch{Email: "bea@mail.example", Language: "it", Query: "skill=Python", Mail: coop.MailDaily}
	w.must(w.Outbox.AskAlert(t.Context(), s))
	secret, err := w.Store.Secret(t.Context(), "search/"+s.ID.String()+"/alert")
	w.must(err)
	for _, l := range ourLanguages {
		for _, path := range []string{"/jobs/follow", "/jobs/follow?q=-x", "/jobs/follow?q=" + url.QueryEscape(hostile), "/jobs/follow?skill=Python&lang=es&country=UY&asked=1", "/alerts/" + string(secret)} {
			checkPage(t, w.get(path, l.tag), l.tag+" "+path, l.tag)
		}
	}
	for _, path := range []string{"/alerts/x", "/alerts/" + strings.Repeat("x", 5000), "/feeds/x.atom", "/feeds/.", "/feeds/" + string(secret)} {
		if answer := w.get(path, "en"); answer.Code != 404 {
			t.Errorf("%s: %d", path, answer.Code)
		}
	}
}
