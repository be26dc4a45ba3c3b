// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"minga/coop"
	"minga/storage"
)

// invitePage is where members invite.
const invitePage = "/settings/invites"

// shownLink is a link as pages show it.
var shownLink = regexp.MustCompile(`<code class="link" dir="ltr">https://coop\.example(/invite/[A-Z0-9]+)</code>`)

// invites makes a link and gives its path.
func (s *surfer) invites(note string) string {
	s.Helper()
	w := s.send(invitePage, invitePage, "act", "make", "note", note)
	if w.Code != 200 {
		s.Fatalf("a link: %d %s", w.Code, w.Body)
	}
	return s.found(shownLink, w.Body.String())
}

// member is a browser of somebody who is signed in.
func (l *lobby) member(name string) *surfer {
	l.Helper()
	s := l.surfer(name)
	if w := s.send("/sign-in", "/sign-in", "login", name, "password", secret); w.Code != 303 {
		l.Fatalf("%s signs in: %d", name, w.Code)
	}
	return s
}

// newcomer is what somebody says who comes by a link.
func newcomer(name, email string) []string {
	return []string{"name", name, "email", email, "password", "three loose words", "agreement", "1"}
}

// TestAMemberInvites: from the link to the account, and what each learns of it.
func TestAMemberInvites(t *testing.T) {
	eachLobby(t, coop.RegistrationsInvite, false, func(l *lobby) {
		ana := l.member("ana")
		path := ana.invites("Nova <b>of Telar")
		if e := l.noted(); e.Act != "account.invite" || e.Who != "ana" || e.Why != "member" {
			t.Errorf("noted %+v", e)
		}
		if page := ana.open(invitePage, nil).Body.String(); strings.Contains(page, path) || !strings.Contains(page, "Nova &lt;b&gt;of Telar") {
			t.Error("the link is shown twice, or its note is not shown")
		}
		nova := l.fresh()
		if page := nova.open(path, nil); page.Code != 200 || !strings.Contains(page.Body.String(), "@ana@coop.example") || strings.Contains(page.Body.String(), "Telar") {
			t.Errorf("the page of the link: %d %s", page.Code, page.Body)
		}
		if w := nova.open(path, url.Values{"name": {"nova"}, "email": {"nova@mail.example"}, "password": {"three loose words"}, "agreement": {"1"}}); w.Code != 403 {
			t.Errorf("a form of elsewhere: %d", w.Code)
		}
		if w := nova.send(path, path, "name", "nova", "email", "nova@mail.example", "password", "three loose words"); w.Code != 422 || !strings.Contains(w.Body.String(), `id="agreement-problem"`) {
			t.Errorf("without a yes: %d", w.Code)
		}
		nova.send(path, path, newcomer("nova", "wrong@mail.example")...)
		if w := nova.send(path, path, append(newcomer("nova", "nova@mail.example"), "rank", "owner")...); w.Code != 200 || !strings.Contains(w.Body.String(), "A mail is on its way") {
			t.Fatalf("the address again: %d %s", w.Code, w.Body)
		}
		m := l.first("nova@mail.example")
		if page := l.confirm(m); page.Code != 200 || !strings.Contains(page.Body.String(), "@ana@coop.example") {
			t.Errorf("confirmed: %d %s", page.Code, page.Body)
		}
		a, err := l.store.AccountByHandle(l.Context(), "nova", "")
		if err != nil || a.Rank != coop.RankMember || a.Email != "nova@mail.example" {
			t.Errorf("the account: %+v, %v", a, err)
		}
		if e := l.noted(); e.Act != "account.create" || e.Why != "invitation by ana" {
			t.Errorf("noted %+v", e)
		}
		if w := l.fresh().open(path, nil); w.Code != 404 {
			t.Errorf("the link works twice: %d", w.Code)
		}
		if w := nova.send("/sign-in", "/sign-in", "login", "nova", "password", "three loose words"); w.Code != 303 {
			t.Fatalf("nova signs in: %d", w.Code)
		}
		if page := nova.open(invitePage, nil).Body.String(); !strings.Contains(page, "Invited by") || !strings.Contains(page, "@ana@coop.example") {
			t.Error("who came does not see who invited")
		}
		if w := nova.send(invitePage, invitePage, "act", "make"); w.Code != 422 || shownLink.MatchString(w.Body.String()) {
			t.Errorf("who came just now invites: %d", w.Code)
		}
		if page := ana.open(invitePage, nil).Body.String(); !strings.Contains(page, "@nova@coop.example") {
			t.Error("who invited does not see who came")
		}
	})
}

// TestAnInvitationTellsNobodyWhoHasAnAccount: whoever holds a link learns no address, and
// does not take one that another has.
func TestAnInvitationTellsNobodyWhoHasAnAccount(t *testing.T) {
	eachLobby(t, coop.RegistrationsInvite, false, func(l *lobby) {
		ana := l.member("ana")
		one, two := ana.invites(""), ana.invites("")
		known, free := l.fresh().send(one, one, newcomer("uno", "ana@mail.example")...), l.fresh().send(two, two, newcomer("dos", "dos@mail.example")...)
		if known.Code != 200 || free.Code != 200 || strings.ReplaceAll(known.Body.String(), one, two) != free.Body.String() {
			t.Errorf("known: %d %s, free: %d %s", known.Code, known.Body, free.Code, free.Body)
		}
		if m := l.first("ana@mail.example"); !strings.Contains(m.Subject, "You have an account") {
			t.Errorf("who has an account is told: %+v", m)
		}
		if _, err := l.store.AccountByHandle(l.Context(), "uno", ""); err == nil {
			t.Error("an account was made with another's address")
		}
	})
}

// TestTheStaffEndsInvitations: they see who invited whom, and what they end, or whom they
// suspend, lets nobody in, though they asked already.
func TestTheStaffEndsInvitations(t *testing.T) {
	eachLobby(t, coop.RegistrationsInvite, false, func(l *lobby) {
		owner, ana, eve := l.owned(), l.member("anita"), l.member("eve")
		mine, ended := ana.invites("stays"), ana.invites("goes")
		links, err := l.store.Guests(l.Context(), 0, coop.Page{Limit: 10})
		if err != nil || len(links) != 2 {
			t.Fatalf("%+v, %v", links, err)
		}
		if w := ana.open("/admin/invitations", nil); w.Code != 403 && w.Code != 404 {
			t.Errorf("a member sees the page of the staff: %d", w.Code)
		}
		eve.send(invitePage, invitePage, "act", "end", "id", links[0].ID.String())
		if w := l.fresh().open(ended, nil); w.Code != 200 {
			t.Errorf("another member ends it: %d", w.Code)
		}
		l.fresh().send(ended, ended, newcomer("late", "late@mail.example")...)
		page := owner.open("/admin/invitations", nil)
		if page.Code != 200 || !strings.Contains(page.Body.String(), "@anita@coop.example") || !strings.Contains(page.Body.String(), "goes") {
			t.Fatalf("the page of the staff: %d %s", page.Code, page.Body)
		}
		if w := owner.goes(owner.press(page, "/admin/invitations", "id", links[0].ID.String())); w.Code != 200 || !strings.Contains(w.Body.String(), "leads nowhere") {
			t.Errorf("ended: %d", w.Code)
		}
		if e := l.noted(); e.Act != "account.uninvite" || !strings.HasSuffix(e.Target, "/anita") && !strings.Contains(e.Target, "coop.example") {
			t.Errorf("noted %+v", e)
		}
		if w := l.confirm(l.first("late@mail.example")); w.Code != 404 {
			t.Errorf("who asked by a link that was ended: %d", w.Code)
		}
		if free, err := l.store.NameFree(l.Context(), "late"); err != nil || !free {
			t.Errorf("the name is kept: %v", err)
		}
		l.fresh().send(mine, mine, newcomer("nova", "nova@mail.example")...)
		if w := l.confirm(l.first("nova@mail.example")); w.Code != 200 {
			t.Fatalf("nova: %d", w.Code)
		}
		for path, part := range map[string]string{
			"/admin/invitations?by=anita": "@nova@coop.example", "/admin/members/nova": "@anita@coop.example", "/admin/members/anita": "/admin/invitations?by=anita", "/admin/log": "ended an invitation",
		} {
			if w := owner.open(path, nil); w.Code != 200 || !strings.Contains(w.Body.String(), part) {
				t.Errorf("%s lacks %s: %d", path, part, w.Code)
			}
		}
		last := ana.invites("")
		a, err := l.store.AccountByHandle(l.Context(), "anita", "")
		if err == nil {
			err = l.store.Write(l.Context(), func(tx *storage.Tx) error {
				return tx.DecideAccount(l.Context(), a, l.server.o.Now(), coop.AuditEntry{Who: "test"})
			})
		}
		if err != nil {
			t.Fatal(err)
		}
		if w := l.fresh().open(last, nil); w.Code != 404 {
			t.Errorf("a link of who is suspended: %d", w.Code)
		}
	})
}

// TestMembersInviteOnlyWhereTheyMay: in every other way a link of a member leads nowhere
// and none is made; guesses look like links that have ended, and apps make no accounts.
func TestMembersInviteOnlyWhereTheyMay(t *testing.T) {
	for _, who := range []coop.Registrations{coop.RegistrationsAsk, coop.RegistrationsOpen} {
		eachLobby(t, who, false, func(l *lobby) {
			ana := l.member("ana")
			a, err := l.store.AccountByHandle(l.Context(), "ana", "")
			if err != nil {
				t.Fatal(err)
			}
			link, err := l.outbox.NewGuest(l.Context(), a, "")
			if err != nil {
				t.Fatal(err)
			}
			if w := l.fresh().open(strings.TrimPrefix(link, "https://coop.example"), nil); w.Code != 404 {
				t.Errorf("%s: a link answers %d", who, w.Code)
			}
			if w := ana.send(invitePage, invitePage, "act", "end", "id", "1"); w.Code != 303 {
				t.Errorf("%s: ending one answers %d", who, w.Code)
			}
			form := url.Values{"form_token": {ana.found(formToken, ana.open(invitePage, nil).Body.String())}, "act": {"make"}}
			if w := ana.open(invitePage, form); w.Code != 403 {
				t.Errorf("%s: a new one answers %d", who, w.Code)
			}
			if strings.Contains(ana.open("/settings", nil).Body.String(), invitePage) {
				t.Errorf("%s: the settings lead to invitations", who)
			}
		})
	}
	eachLobby(t, coop.RegistrationsInvite, false, func(l *lobby) {
		guess := "/invite/" + strings.Repeat("A", 26)
		s := l.member("ana")
		used := s.invites("")
		links, err := l.store.Guests(l.Context(), 0, coop.Page{Limit: 1})
		if err != nil || len(links) != 1 {
			t.Fatalf("%+v, %v", links, err)
		}
		s.goes(s.send(invitePage, invitePage, "act", "end", "id", links[0].ID.String()))
		a, b := l.fresh().open(guess, nil), l.fresh().open(used, nil)
		if a.Code != 404 || b.Code != 404 || strings.ReplaceAll(a.Body.String(), guess, used) != b.Body.String() {
			t.Errorf("a guess: %d, one that ended: %d", a.Code, b.Code)
		}
		if answer := l.ask("POST", "/api/v1/accounts", l.app, wish()); answer.Code != 403 {
			t.Errorf("an app: %d %s", answer.Code, answer.Body)
		}
		if answer := l.ask("GET", "/sign-up", "", ""); answer.Code != 404 {
			t.Errorf("the page for everybody: %d", answer.Code)
		}
	})
}
