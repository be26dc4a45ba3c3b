// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"minga/coop"
	"minga/outbox"
	"minga/storage"
	"minga/storage/storagetest"
	"minga/web/admin"
	"minga/web/auth"
)

// oneNote is what a house with checks finds of itself.
func oneNote(o *Options) {
	o.RateLimit = false
	o.Checks = func(context.Context) []admin.Finding {
		return []admin.Finding{{Name: "database", State: admin.FindingOK}, {Name: "address", State: admin.FindingFail, Fact: "<no such host>"}}
	}
}

// setupPath is the path of the one-time address of the first run.
func (h *house) setupPath() string {
	h.Helper()
	link, err := h.outbox.NewSetup(h.Context())
	if err != nil {
		h.Fatal(err)
	}
	return strings.TrimPrefix(link, "https://coop.example")
}

// firstRun is the form of the first run, well filled in, with some fields changed.
func firstRun(pairs ...string) url.Values {
	form := url.Values{
		"language": {"es"}, "name": {"FACTTIC"}, "handle": {"facttic"}, "about": {"Cooperativas de tecnología."},
		"owner": {"ana"}, "owner_name": {"Ana"}, "email": {"ana@mail.example"}, "password": {secret},
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return form
}

// ownedHouse is an instance that went through its first run, and its owner's browser.
func (h *house) owned() *surfer {
	h.Helper()
	ana := h.fresh()
	if w := ana.fill(h.setupPath(), firstRun()); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/admin/setup" {
		h.Fatalf("the first run answers %d to %q: %s", w.Code, w.Header().Get("Location"), w.Body)
	}
	return ana
}

// noted finds the newest entry of the audit log.
func (h *house) noted() coop.AuditEntry {
	h.Helper()
	entries, err := h.store.Audit(h.Context(), storage.AuditQuery{}, coop.Page{Limit: 1})
	if err != nil || len(entries) == 0 {
		h.Fatalf("the log: %v", err)
	}
	return entries[0]
}

func TestTheFirstRun(t *testing.T) {
	eachHouse(t, oneNote, func(h *house) {
		path, other := h.setupPath(), h.setupPath()
		ana := h.fresh()
		if w := ana.open("/setup/nothing", nil); w.Code != http.StatusNotFound {
			t.Errorf("an address that never was: %d", w.Code)
		}
		for field, value := range map[string]string{
			"name": " ", "handle": "Not Good", "owner": "facttic", "email": "nobody", "password": "short",
		} {
			w := ana.fill(path, firstRun(field, value))
			page := w.Body.String()
			if w.Code != http.StatusUnprocessableEntity || !strings.Contains(page, `id="`+field+`-problem"`) || strings.Count(page, "<li><a href=\"#") != 1 {
				t.Errorf("%s %q: %d", field, value, w.Code)
			}
			if field != "email" && !strings.Contains(page, `value="ana@mail.example"`) || strings.Contains(page, secret) {
				t.Errorf("%s %q: what was typed is not kept, or the password is", field, value)
			}
		}
		if w := ana.open(path, firstRun()); w.Code != http.StatusForbidden {
			t.Errorf("a form of elsewhere: %d", w.Code)
		}
		if w := ana.fill(path, firstRun()); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/admin/setup" {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		if e := h.noted(); e.Act != "instance.setup" || e.Who != "ana" || e.From == "" {
			t.Errorf("noted %+v", e)
		}
		federation, err := h.store.FederationAccount(h.Context())
		if err != nil || federation.Name != "facttic" || federation.DisplayName != "FACTTIC" || federation.Language != "es" || !strings.HasSuffix(federation.URL, "/@facttic") {
			t.Errorf("federation %+v, %v", federation, err)
		}
		if finger := h.ask("GET", "/.well-known/webfinger?resource=acct:facttic@coop.example", "", ""); finger.Code != http.StatusOK {
			t.Errorf("webfinger of the new handle: %d", finger.Code)
		}
		owner, err := h.store.AccountByHandle(h.Context(), "ana", "")
		if err != nil || owner.Rank != coop.RankOwner || owner.Email != "ana@mail.example" {
			t.Errorf("owner %+v, %v", owner, err)
		}
		for _, dead := range []string{path, other} {
			if w := h.fresh().open(dead, nil); w.Code != http.StatusNotFound {
				t.Errorf("an address after the first run: %d", w.Code)
			}
		}
		if _, err := h.outbox.NewSetup(h.Context()); !errors.Is(err, coop.ErrConflict) {
			t.Errorf("another first run: %v", err)
		}
		steps := ana.open("/admin/setup", nil).Body.String()
		for _, part := range []string{"@facttic@coop.example", "&lt;no such host&gt;", "No mail server is named yet"} {
			if !strings.Contains(steps, part) {
				t.Errorf("the steps do not say %s", part)
			}
		}
		if w := ana.fill("/admin/setup", url.Values{"act": {"follow"}, "handle": {"what is this"}}); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), `value="what is this"`) {
			t.Errorf("a bad handle: %d", w.Code)
		}
		if w := ana.fill("/admin/setup", url.Values{"act": {"mail"}, "email": {"ana@mail.example"}}); w.Code != http.StatusUnprocessableEntity {
			t.Errorf("a mail without a server: %d", w.Code)
		}
		smtp := func(pairs ...string) url.Values {
			form := url.Values{"act": {"smtp"}, "smtp_host": {"mail.example"}, "smtp_tls": {"starttls"}, "smtp_user": {"minga"}, "smtp_password": {"geheim wort"}, "smtp_from": {"Minga <minga@coop.example>"}}
			for i := 0; i+1 < len(pairs); i += 2 {
				form.Set(pairs[i], pairs[i+1])
			}
			return form
		}
		for field, value := range map[string]string{"smtp_host": "mail.example:25", "smtp_port": "many", "smtp_user": "", "smtp_from": "nobody", "smtp_tls": "none"} {
			w := ana.fill("/admin/setup", smtp(field, value))
			if page := w.Body.String(); w.Code != http.StatusUnprocessableEntity || !strings.Contains(page, `id="`+field+`-problem"`) || strings.Contains(page, "geheim") || h.outbox.SendsMail() {
				t.Errorf("%s %q: %d", field, value, w.Code)
			}
		}
		if w := ana.fill("/admin/setup", smtp()); w.Code != http.StatusSeeOther || !h.outbox.SendsMail() || h.noted().Act != "mail.server" {
			t.Errorf("a mail server: %d", w.Code)
		}
		if kept, err := h.store.Setting(h.Context(), "mail_server"); err != nil || strings.Contains(kept, "geheim") || !strings.Contains(kept, "mail.example") {
			t.Errorf("kept %q, %v", kept, err)
		}
	})
}

// TestTheFirstRunEndsInADay: the address is dead after 24 hours.
func TestTheFirstRunEndsInADay(t *testing.T) {
	eachHouseAt(t, oneNote, func(h *house, clock *storagetest.Clock) {
		path, link := "/setup/secret", &coop.Link{Hash: outbox.LinkHash("secret"), Purpose: coop.LinkSetup, EndsAt: clock.Now().Add(coop.SetupLife)}
		if err := h.store.Write(h.Context(), func(tx *storage.Tx) error { return tx.AddLink(h.Context(), link) }); err != nil {
			t.Fatal(err)
		}
		clock.Advance(coop.SetupLife - time.Second)
		if w := h.fresh().open(path, nil); w.Code != http.StatusOK {
			t.Errorf("within a day: %d", w.Code)
		}
		clock.Advance(time.Second)
		if w := h.fresh().open(path, nil); w.Code != http.StatusNotFound {
			t.Errorf("after a day: %d", w.Code)
		}
	})
}

// asks makes somebody elsewhere who wants to follow the federation.
func (h *house) asks(name, server string) *coop.Follow {
	h.Helper()
	ctx := h.Context()
	federation, err := h.store.FederationAccount(ctx)
	if err != nil {
		h.Fatal(err)
	}
	base := coop.IRI("https://" + server + "/" + name)
	a := &coop.Account{
		IRI: base, Kind: coop.Federation, ActorType: "Organization", Name: name, Host: server, DisplayName: "Red <b>" + name, Bio: "<p>We are many.</p>",
		Inbox: base + "/inbox", Members: base + "/members", URL: string(base),
	}
	f := &coop.Follow{IRI: base + "/follow", Follower: a, Target: federation, State: coop.FollowAsked}
	err = h.store.Write(ctx, func(tx *storage.Tx) error {
		if err := tx.SaveAccount(ctx, a); err != nil {
			return err
		}
		if err := tx.TouchPeer(ctx, server, storage.PeerReceived, time.Now(), storage.Exchanged{}); err != nil {
			return err
		}
		return tx.PutFollow(ctx, f)
	})
	if err != nil {
		h.Fatal(err)
	}
	return f
}

// press sends the form of a page that has a field with a value.
func (s *surfer) press(page *httptest.ResponseRecorder, action string, fields ...string) *httptest.ResponseRecorder {
	s.Helper()
	if !strings.Contains(page.Body.String(), `action="`+action+`"`) {
		s.Fatalf("no form for %s on %s", action, page.Body)
	}
	form := url.Values{auth.FormField: {s.found(formToken, page.Body.String())}}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return s.open(action, form)
}

// goes follows the answer of a form to the page that it leads to.
func (s *surfer) goes(w *httptest.ResponseRecorder) *httptest.ResponseRecorder {
	s.Helper()
	if w.Code != http.StatusSeeOther {
		s.Fatalf("a form answers %d: %s", w.Code, w.Body)
	}
	return s.open(w.Header().Get("Location"), nil)
}

func TestAnAdminDecides(t *testing.T) {
	eachHouse(t, oneNote, func(h *house) {
		ana := h.owned()
		asked, second := h.asks("patio", "patio.example"), h.asks("other", "bad.example")
		board := ana.open("/admin", nil)
		action := "/admin/follows/" + asked.ID.String()
		if !strings.Contains(board.Body.String(), "Red &lt;b&gt;patio wants to follow FACTTIC") {
			t.Errorf("the board: %s", board.Body)
		}
		done := ana.goes(ana.press(board, action, "act", "accept"))
		if f, err := h.store.FollowByID(h.Context(), asked.ID); err != nil || f.State != coop.FollowAccepted {
			t.Errorf("accepted: %+v, %v", f, err)
		}
		if e := h.noted(); e.Act != "peer.accept" || e.Who != "ana" || e.Target != string(asked.Follower.IRI) || e.From == "" {
			t.Errorf("noted %+v", e)
		}
		if d, err := h.store.Destination(h.Context(), "patio.example"); err != nil || d.Waiting != 1 {
			t.Errorf("the answer: %+v, %v", d, err)
		}
		ana.goes(ana.press(done, action, "act", "refuse")) // taken back
		if _, err := h.store.FollowByID(h.Context(), asked.ID); !errors.Is(err, coop.ErrNotFound) {
			t.Errorf("taken back: %v", err)
		}
		if again := ana.goes(ana.press(done, action, "act", "accept")); !strings.Contains(again.Body.String(), "decided already") {
			t.Errorf("what is over: %s", again.Body)
		}
		look := ana.open("/admin/follows/"+second.ID.String(), nil)
		if !strings.Contains(look.Body.String(), "We are many.") {
			t.Errorf("who asks: %s", look.Body)
		}
		ana.goes(ana.press(look, "/admin/follows/"+second.ID.String(), "act", "refuse", "note", "we do not know you"))
		if e := h.noted(); e.Act != "peer.reject" || e.Why != "we do not know you" {
			t.Errorf("noted %+v", e)
		}
	})
}

func TestAnAdminBlocksAndRestores(t *testing.T) {
	eachHouse(t, oneNote, func(h *house) {
		ana := h.owned()
		h.asks("patio", "bad.example")
		path := "/admin/peers/bad.example"
		preview := ana.open(path+"?policy=block&reason=Spam+%26+lies&days=7&public=x", nil)
		if peer, err := h.store.Peer(h.Context(), "bad.example"); err != nil || peer.Policy != coop.PolicyNone {
			t.Fatalf("a look changes something: %+v, %v", peer, err)
		}
		for _, part := range []string{"1 follow of somebody here from there", `value="Spam &amp; lies"`, "@patio@bad.example", "Until"} {
			if !strings.Contains(preview.Body.String(), part) {
				t.Errorf("the preview does not say %s", part)
			}
		}
		blocked := ana.goes(ana.press(preview, path, "act", "decide", "policy", "block", "reason", "Spam & lies", "days", "7", "public", "x"))
		peer, err := h.store.Peer(h.Context(), "bad.example")
		if err != nil || peer.Policy != coop.PolicyBlock || peer.Reason != "Spam & lies" || peer.PublicReason != "x" || time.Until(peer.ExpiresAt).Round(time.Hour) != 7*24*time.Hour {
			t.Errorf("blocked: %+v, %v", peer, err)
		}
		if e := h.noted(); e.Act != "peer.block" || e.Who != "ana" || e.Why != "Spam & lies" {
			t.Errorf("noted %+v", e)
		}
		if !strings.Contains(blocked.Body.String(), "bad.example is blocked from now on.") {
			t.Errorf("the page after: %s", blocked.Body)
		}
		restored := ana.goes(ana.press(blocked, path, "act", "restore"))
		if peer, err := h.store.Peer(h.Context(), "bad.example"); err != nil || peer.Policy != coop.PolicyNone || !peer.ExpiresAt.IsZero() {
			t.Errorf("restored: %+v, %v", peer, err)
		}
		if !strings.Contains(restored.Body.String(), "is restored") {
			t.Errorf("the page after: %s", restored.Body)
		}
		if w := ana.open("/admin/peers/coop.example", nil); w.Code != http.StatusNotFound {
			t.Errorf("our own server: %d", w.Code)
		}
		if w := ana.press(ana.open(path+"?policy=limit", nil), path, "act", "decide", "policy", "nonsense", "days", "-3"); w.Code != http.StatusSeeOther {
			t.Errorf("nonsense: %d", w.Code)
		}
		if w := ana.open("/admin/peers/go?host=Far.Example", nil); w.Header().Get("Location") != "/admin/peers/far.example" {
			t.Errorf("another server: %q", w.Header().Get("Location"))
		}
	})
}

func TestReportsAreDecided(t *testing.T) {
	eachHouse(t, oneNote, func(h *house) {
		ana, bo := h.owned(), h.person("bo")
		owner, err := h.store.AccountByHandle(h.Context(), "ana", "")
		if err != nil {
			t.Fatal(err)
		}
		report := &coop.Report{Reporter: owner.ID, Accounts: []coop.ID{bo.ID, owner.ID}, Comment: "<script>look</script>", Category: coop.ReportSpam}
		if err := h.store.Write(h.Context(), func(tx *storage.Tx) error { _, err := tx.AddReport(h.Context(), report); return err }); err != nil {
			t.Fatal(err)
		}
		path := "/admin/reports/" + report.ID.String()
		if board := ana.open("/admin", nil).Body.String(); !strings.Contains(board, path) || strings.Contains(board, "<script>look") {
			t.Errorf("the board: %s", board)
		}
		page := ana.open(path, nil)
		page = ana.goes(ana.press(page, path, "act", "suspend", "account", bo.ID.String(), "note", "sells"))
		if a, err := h.store.Account(h.Context(), bo.ID); err != nil || a.SuspendedAt.IsZero() || h.noted().Act != "account.suspend" {
			t.Errorf("suspended: %+v, %v", a, err)
		}
		page = ana.goes(ana.press(page, path, "act", "lift", "account", bo.ID.String()))
		if a, err := h.store.Account(h.Context(), bo.ID); err != nil || !a.SuspendedAt.IsZero() {
			t.Errorf("lifted: %+v, %v", a, err)
		}
		for _, who := range []coop.ID{owner.ID, 1} { // of the staff; whom the report is not about
			if w := ana.press(page, path, "act", "suspend", "account", who.String()); w.Code == http.StatusSeeOther {
				t.Errorf("suspending %s: %d", who, w.Code)
			}
		}
		page = ana.goes(ana.press(page, path, "act", "close", "note", "a misunderstanding"))
		if found, err := h.store.ReportsByID(h.Context(), []coop.ID{report.ID}); err != nil || found[report.ID].ClosedAt.IsZero() || !strings.Contains(page.Body.String(), "a misunderstanding") {
			t.Errorf("closed: %+v, %v", found, err)
		}
		ana.goes(ana.press(page, path, "act", "reopen"))
		if found, err := h.store.ReportsByID(h.Context(), []coop.ID{report.ID}); err != nil || !found[report.ID].ClosedAt.IsZero() {
			t.Errorf("open again: %+v, %v", found, err)
		}
	})
}

// staffPages are the pages of the staff that anybody could try.
var staffPages = []string{
	"/admin", "/admin/peers", "/admin/peers?q=%25&policy=block&after=zzz", "/admin/peers/far.example", "/admin/queue", "/admin/reports", "/admin/reports?all=1&max_id=x",
	"/admin/log", "/admin/log?max_id=9", "/admin/setup", "/admin/members", "/admin/members/bo", "/admin/members/ana",
}

// keyShown finds a key of the catalogue that was shown instead of its text.
var keyShown = regexp.MustCompile(`>\s*(admin|setup)_[a-z0-9_]+\s*<`)

// TestPagesOfTheStaff: for others there is no such page; moderators have theirs; every
// one speaks five languages.
func TestPagesOfTheStaff(t *testing.T) {
	eachHouse(t, oneNote, func(h *house) {
		ana := h.owned()
		h.asks("patio", "patio.example")
		bo, eva := h.surfer("bo"), h.surfer("eva")
		bo.signIn("bo", "/sign-in")
		h.ranks("eva", coop.RankModerator)
		eva.signIn("eva", "/sign-in")
		for _, path := range staffPages {
			if w := h.fresh().open(path, nil); w.Code != http.StatusSeeOther || !strings.HasPrefix(w.Header().Get("Location"), "/sign-in?") {
				t.Errorf("a stranger at %s: %d", path, w.Code)
			}
			if w := bo.open(path, nil); w.Code != http.StatusNotFound {
				t.Errorf("a member at %s: %d", path, w.Code)
			}
			moderated := path == "/admin" || strings.HasPrefix(path, "/admin/reports") || strings.HasPrefix(path, "/admin/log")
			if w := eva.open(path, nil); (w.Code == http.StatusOK) != moderated || !moderated && w.Code != http.StatusNotFound {
				t.Errorf("a moderator at %s: %d", path, w.Code)
			}
			for _, lang := range []string{"es", "en", "ca", "it", "pt"} {
				sep := "?"
				if strings.Contains(path, "?") {
					sep = "&"
				}
				w := ana.open(path+sep+"lang="+lang, nil)
				page := w.Body.String()
				if w.Code != http.StatusOK || strings.Count(page, "<h1") != 1 || keyShown.MatchString(page) || strings.Contains(page, "ZgotmplZ") || strings.Contains(page, "&lt;no value&gt;") {
					t.Errorf("%s in %s: %d, %s", path, lang, w.Code, keyShown.FindString(page))
				}
				if w.Header().Get("Cache-Control") != "private, no-store" || !strings.Contains(page, `content="noindex"`) {
					t.Errorf("%s may be kept or indexed", path)
				}
			}
		}
		if w := bo.open("/admin/peers/far.example", url.Values{"act": {"decide"}, "policy": {"block"}}); w.Code < 400 {
			t.Errorf("a member blocks: %d", w.Code)
		}
		page := ana.open("/admin/queue", nil)
		ana.goes(ana.press(page, "/admin/queue"))
		if h.noted().Act != "queue.retry" {
			t.Errorf("noted %+v", h.noted())
		}
		h.discreetLog(ana, eva)
	})
}

// discreetLog: from where others acted, and the mail addresses of who was invited, are for
// admins alone; moderators see what was done.
func (h *house) discreetLog(admin, moderator *surfer) {
	h.Helper()
	entry := &coop.AuditEntry{Who: "ana", Act: "account.invite", Target: "invited@mail.example", From: "203.0.113.9"}
	if err := h.store.Write(h.Context(), func(tx *storage.Tx) error { return tx.AddAudit(h.Context(), entry) }); err != nil {
		h.Fatal(err)
	}
	whole, part := admin.open("/admin/log", nil).Body.String(), moderator.open("/admin/log", nil).Body.String()
	for _, secret := range []string{entry.Target, entry.From} {
		if !strings.Contains(whole, secret) || strings.Contains(part, secret) {
			h.Errorf("%s: an admin reads it: %v, a moderator: %v", secret, strings.Contains(whole, secret), strings.Contains(part, secret))
		}
	}
	if !strings.Contains(part, "…@…") {
		h.Error("a moderator does not see that somebody was invited")
	}
}

// ranks gives a person a rank.
func (h *house) ranks(name string, rank coop.Rank) {
	h.Helper()
	a, err := h.store.AccountByHandle(h.Context(), name, "")
	if err == nil {
		a.Rank = rank
		err = h.store.Write(h.Context(), func(tx *storage.Tx) error { return tx.SaveAccount(h.Context(), a) })
	}
	if err != nil {
		h.Fatal(err)
	}
}

// TestPeopleOfTheInstance: invitations, ranks and links for who is locked out; nobody
// decides about themselves or about who is above them, and the last owner stays.
func TestPeopleOfTheInstance(t *testing.T) {
	eachHouse(t, oneNote, func(h *house) {
		ana, bo, eva := h.owned(), h.surfer("bo"), h.surfer("eva")
		h.ranks("eva", coop.RankAdmin)
		bo.signIn("bo", "/sign-in")
		eva.signIn("eva", "/sign-in")
		link := regexp.MustCompile(`<code class="link" dir="ltr">https://coop.example([^<]+)<`)
		invited := ana.press(ana.open("/admin/members", nil), "/admin/members", "rank", "moderator", "email", "", "send", "0")
		if e := h.noted(); invited.Code != http.StatusOK || e.Act != "account.invite" || e.Why != "moderator" || e.Who != "ana" {
			t.Errorf("%d, noted %+v", invited.Code, e)
		}
		if w := h.fresh().open(ana.found(link, invited.Body.String()), nil); w.Code != http.StatusOK {
			t.Errorf("the invitation: %d", w.Code)
		}
		list := eva.open("/admin/members", nil)
		for what, fields := range map[string][]string{
			"an owner": {"rank", "owner", "send", "0"}, "one's like": {"rank", "admin", "send", "0"}, "nothing": {"rank", "king", "send", "0"},
		} {
			if w := eva.press(list, "/admin/members", fields...); w.Code != http.StatusForbidden {
				t.Errorf("an admin invites %s: %d", what, w.Code)
			}
		}
		for _, fields := range [][]string{{"rank", "member", "send", "1"}, {"rank", "member", "email", "x", "send", "0"}} {
			if w := eva.press(list, "/admin/members", fields...); w.Code != http.StatusUnprocessableEntity {
				t.Errorf("%v: %d", fields, w.Code)
			}
		}
		page := ana.goes(ana.press(ana.open("/admin/members/bo", nil), "/admin/members/bo", "act", "rank", "rank", "moderator"))
		if a, err := h.store.AccountByHandle(h.Context(), "bo", ""); err != nil || a.Rank != coop.RankModerator || h.noted().Act != "account.role" {
			t.Errorf("a moderator: %+v, %v", a, err)
		}
		if w := bo.open("/admin", nil); w.Code != http.StatusOK {
			t.Errorf("the moderator at /admin: %d", w.Code)
		}
		reset := ana.press(page, "/admin/members/bo", "act", "reset")
		if w := h.fresh().open(ana.found(link, reset.Body.String()), nil); w.Code != http.StatusOK || h.noted().Act != "account.reset" {
			t.Errorf("a link for a new password: %d", w.Code)
		}
		ana.goes(ana.press(page, "/admin/members/bo", "act", "suspend", "note", "away"))
		if a, err := h.store.AccountByHandle(h.Context(), "bo", ""); err != nil || a.SuspendedAt.IsZero() || h.noted().Why != "away" {
			t.Errorf("suspended: %+v, %v", a, err)
		}
		for _, act := range []string{"rank", "reset", "suspend"} {
			for _, name := range []string{"ana", "eva"} { // above, and oneself
				form := url.Values{auth.FormField: {eva.found(formToken, list.Body.String())}, "act": {act}, "rank": {"member"}}
				if w := eva.open("/admin/members/"+name, form); w.Code != http.StatusForbidden {
					t.Errorf("an admin does %s to %s: %d", act, name, w.Code)
				}
			}
		}
		owner, err := h.store.AccountByHandle(h.Context(), "ana", "")
		if err == nil {
			err = h.store.Write(h.Context(), func(tx *storage.Tx) error {
				return tx.SetRank(h.Context(), owner.ID, coop.RankMember, "command line", "")
			})
		}
		if !errors.Is(err, coop.ErrConflict) {
			t.Errorf("the last owner goes: %v", err)
		}
		wish := &coop.SignUp{Name: "leo", Email: "leo@mail.example", Password: strings.Repeat("x", 30), Reason: "I work at Telar", Language: "en"}
		if err := h.store.Write(h.Context(), func(tx *storage.Tx) error { return tx.AddSignUp(h.Context(), wish) }); err != nil {
			t.Fatal(err)
		}
		board := ana.open("/admin", nil)
		if !strings.Contains(board.Body.String(), "I work at Telar") {
			t.Errorf("the board: %s", board.Body)
		}
		ana.goes(ana.press(board, "/admin/sign-ups/"+wish.ID.String(), "act", "accept"))
		if got, err := h.store.SignUp(h.Context(), wish.ID); err != nil || got.ApprovedAt.IsZero() || h.noted().Act != "account.approve" {
			t.Errorf("approved: %+v, %v", got, err)
		}
	})
}
