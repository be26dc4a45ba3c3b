// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"minga/coop"
	"minga/storage"
)

// lock lets an account decide who follows it.
func (w *world) lock(a *coop.Account) {
	w.t.Helper()
	locked := *a
	locked.Locked = true
	w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.SaveAccount(ctx, &locked) })
}

// writes publishes a note in somebody's name.
func (w *world) writes(a *coop.Account, text string, whom coop.Visibility) *coop.Post {
	w.t.Helper()
	p := &coop.Post{Source: text, Language: "en", Visibility: whom}
	w.must(w.Outbox.PublishNote(w.t.Context(), a, p))
	return p
}

// says wants words on a page, and others not.
func (b *browser) says(path string, want bool, words ...string) string {
	b.t.Helper()
	answer := b.do(path, nil)
	page := answer.Body.String()
	for _, word := range words {
		if strings.Contains(page, word) != want {
			b.t.Errorf("%s (%d): %q stands there: %v", path, answer.Code, word, !want)
		}
	}
	return page
}

// TestDesk: what waits for somebody stands on their desk, in the measure of their roles,
// and what is done there is done.
func TestDesk(t *testing.T) {
	o := newOffice(t)
	visitor, ben := o.browser(), o.browser()
	if answer := visitor.sends(o.path, o.form(visitor)); answer.Code != http.StatusSeeOther {
		t.Fatalf("applied: %d", answer.Code)
	}
	berta := ben.stranger("berta", coop.RankMember)
	o.lock(o.coop)
	telar, err := o.Store.Account(t.Context(), o.coop.ID)
	o.must(err)
	follow, err := o.Outbox.Follow(t.Context(), berta, telar)
	o.must(err)
	o.writes(berta, "@ana a word about the bread", coop.VisibleDirect)

	checkPage(t, o.hirer.do(deskPath, nil), "desk", "en")
	page := o.hirer.says(deskPath, true, "Applications without an answer", "1 waits", "a word about the bread", "wants to follow Cooperativa telar", "you have not read")
	ben.says(deskPath, true, "Nothing waits for you.")
	ben.says(deskPath, false, "Applications", "wants to follow")

	answering := deskPath + "/follows/" + follow.ID.String()
	form := hidden(t, page, "back")
	if code := ben.do(answering, with(ben.formToken(), "act", "accept")).Code; code != http.StatusNotFound {
		t.Errorf("who follows answers for the co-op: %d", code)
	}
	form.Set("act", "accept")
	if got := o.hirer.do(answering, form); got.Header().Get("Location") != deskPath+"?done=accepted" {
		t.Errorf("%d to %q", got.Code, got.Header().Get("Location"))
	}
	if x, err := o.Store.Follow(t.Context(), berta.ID, telar.ID); err != nil || x.State != coop.FollowAccepted {
		t.Errorf("%+v %v", x, err)
	}
	entries, err := o.Store.Audit(t.Context(), storage.AuditQuery{Account: telar.ID}, coop.Page{Limit: 5})
	o.must(err)
	if len(entries) == 0 || entries[0].Who != "ana" || !strings.HasPrefix(entries[0].Act, "desk.follows") {
		t.Errorf("the log says %+v", entries)
	}
	o.hirer.says(deskPath+"?done=accepted", true, "Accepted. They are told")
	o.hirer.says(deskPath, false, "wants to follow")
}

// formToken is a form with nothing but the token of who looks.
func (b *browser) formToken() url.Values {
	b.t.Helper()
	return url.Values{"form_token": hidden(b.t, b.do(securityPath, nil).Body.String(), "current")["form_token"]}
}

// TestToldAndAnswered: somebody is told of a direct word, answers it, and nobody else reads
// either; what was read is not new any more.
func TestToldAndAnswered(t *testing.T) {
	o := newOffice(t)
	ben, carla := o.browser(), o.browser()
	berta := ben.stranger("berta", coop.RankMember)
	carla.stranger("carla", coop.RankMember)
	word := o.writes(berta, "@ana a word about the bread", coop.VisibleDirect)

	checkPage(t, o.hirer.do(toldPath, nil), "notifications", "en")
	page := o.hirer.says(toldPath, true, "Somebody wrote to you", "a word about the bread", "new</strong>", "Reply to berta")
	carla.says(toldPath, false, "bread")
	answer := "/intents/create?inReplyTo=" + url.QueryEscape(string(word.IRI))
	if !strings.Contains(page, strings.ReplaceAll(answer, "&", "&amp;")) {
		t.Fatalf("no way to answer in %s", page)
	}
	form := hidden(t, o.hirer.says(answer, true, `value="direct" selected`, "@berta@"+host+" </textarea>"), "audience")
	carla.says(answer, false, "bread")
	form.Set("text", "@berta it is ready")
	form.Set("audience", "direct")
	if got := o.hirer.do("/intents/create", form); got.Code != http.StatusSeeOther || !strings.HasPrefix(got.Header().Get("Location"), homePath) {
		t.Errorf("answered: %d to %q", got.Code, got.Header().Get("Location"))
	}
	ben.says(toldPath, true, "it is ready", "/intents/object?object=")
	carla.says(homePath, false, "it is ready", "bread")

	read := hidden(t, page, "read")
	if got := o.hirer.do(toldPath, read); got.Header().Get("Location") != toldPath+"?done=read" {
		t.Errorf("read: %d to %q", got.Code, got.Header().Get("Location"))
	}
	o.hirer.says(toldPath, false, "new</strong>")
	for _, bad := range []string{"", "x", "-1"} {
		read.Set("read", bad)
		if got := o.hirer.do(toldPath, read); got.Code != http.StatusSeeOther {
			t.Errorf("read so far as %q: %d", bad, got.Code)
		}
	}
}

// TestACoopReadsAndAnswers: who may read for a co-op reads what it was told, and answers in
// its name as far as their roles go.
func TestACoopReadsAndAnswers(t *testing.T) {
	o := newOffice(t)
	ben := o.browser()
	berta := ben.stranger("berta", coop.RankMember)
	open := o.writes(berta, "@telar do you bake", coop.VisiblePublic)
	as := "as=" + o.coop.ID.String()
	o.hirer.says(toldPath+"?"+as, true, "do you bake", "inReplyTo="+url.QueryEscape(string(open.IRI)))
	o.hirer.says(toldPath, false, "do you bake")
	answering := "/intents/create?" + as + "&inReplyTo=" + url.QueryEscape(string(open.IRI))
	form := hidden(t, o.hirer.says(answering, true, "Cooperativa telar"), "audience")
	form.Set("text", "Every day.")
	form.Set("audience", "public")
	got := o.hirer.do("/intents/create", form)
	if got.Code != http.StatusSeeOther || !strings.HasPrefix(got.Header().Get("Location"), "/coops/telar/") {
		t.Errorf("answered: %d to %q", got.Code, got.Header().Get("Location"))
	}
	for _, path := range []string{toldPath, homePath, "/intents/create"} {
		if code := ben.do(path+"?"+as, nil).Code; code != http.StatusForbidden {
			t.Errorf("somebody without a role gets %d at %s", code, path)
		}
	}
	form.Set("text", "Never.")
	if got := ben.do("/intents/create", with(url.Values{"form_token": ben.formToken()["form_token"], "text": {"Never."}, "object": form["object"]}, "as", o.coop.ID.String())); got.Code != http.StatusForbidden {
		t.Errorf("somebody without a role writes: %d", got.Code)
	}
	o.hirer.says(homePath+"?"+as, true, "Every day.")
}
