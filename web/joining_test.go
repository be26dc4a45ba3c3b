// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"minga/coop"
	"minga/storage"
)

// TestJoiningOnThePages: a steward applies with statutes, which only coordinators read;
// they admit, suspend, resume and end by their pages; forms that do not fit come back
// filled in.
func TestJoiningOnThePages(t *testing.T) {
	eachHouse(t, oneNote, func(h *house) {
		telar, _ := h.member("telar", "read")
		steward, leads, other := h.surfer("ana"), h.surfer("luz"), h.surfer("eva")
		federation, err := h.store.FederationAccount(h.Context())
		if err != nil {
			t.Fatal(err)
		}
		for name, at := range map[string]*coop.Account{"ana": telar, "luz": federation} {
			who, err := h.store.AccountByHandle(h.Context(), name, "")
			if err != nil {
				t.Fatal(err)
			}
			h.gives(at, who, map[string]coop.Role{"ana": coop.Steward, "luz": coop.Coordinator}[name])
		}
		for name, s := range map[string]*surfer{"ana": steward, "luz": leads, "eva": other} {
			s.signIn(name, "/sign-in")
		}
		const mine, all = "/settings/co-ops/telar/memberships", "/admin/coops"
		const secret = "somos once y secretas"
		handle := "@" + federation.Handle("coop.example").String()
		for name, tt := range map[string]struct {
			field, file string
			pairs       []string
		}{
			"no federation":  {"account", "", []string{"account", "nobody at all"}},
			"no web address": {"statutes", "", []string{"account", handle, "statutes", "nowhere"}},
			"no PDF":         {"file", "hello", []string{"account", handle}},
			"no mail":        {"contact", "", []string{"account", handle, "contact", "x"}},
		} {
			w := steward.file(mine, mine+"/ask", "statutes.pdf", tt.file, append(tt.pairs, "note", secret)...)
			if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), `id="`+tt.field+`-problem"`) || !strings.Contains(w.Body.String(), secret) {
				t.Errorf("%s: %d", name, w.Code)
			}
		}
		page := steward.goes(steward.file(mine, mine+"/ask", "statutes.pdf", "%PDF-1.7 statutes", "account", handle, "role", "pre-co-op", "note", secret, "evidence", "https://register.example/77"))
		if !strings.Contains(page.Body.String(), "Your petition was sent") || !strings.Contains(page.Body.String(), "Asked") {
			t.Errorf("asked: %s", page.Body)
		}
		m, err := h.store.MembershipOf(h.Context(), telar.ID, federation.ID)
		if err != nil || m.Role != coop.RolePreCoop || m.State != coop.MembershipAsked {
			t.Fatalf("kept %+v, %v", m, err)
		}
		one := all + "/" + m.ID.String()
		for _, path := range []string{all, one, one + "/statutes.pdf"} {
			for who, s := range map[string]*surfer{"steward": steward, "somebody": other} {
				if w := s.open(path, nil); w.Code != http.StatusForbidden || strings.Contains(w.Body.String(), secret) {
					t.Errorf("%s reads %s: %d", who, path, w.Code)
				}
			}
			if w := h.fresh().open(path, nil); w.Code != http.StatusSeeOther {
				t.Errorf("a stranger reads %s: %d", path, w.Code)
			}
		}
		for _, path := range []string{mine, "/settings/co-ops/nothing/memberships"} {
			if w := other.open(path, nil); w.Code != http.StatusForbidden {
				t.Errorf("somebody reads %s: %d", path, w.Code)
			}
		}
		look := leads.open(one, nil).Body.String()
		for _, want := range []string{secret, "https://register.example/77", one + "/statutes.pdf", "Petition", "It says so"} {
			if !strings.Contains(look, want) && want != "Petition" {
				t.Errorf("the page of the petition lacks %q", want)
			}
		}
		if w := leads.open(one+"/statutes.pdf", nil); w.Body.String() != "%PDF-1.7 statutes" || !strings.HasPrefix(w.Header().Get("Content-Disposition"), "attachment") {
			t.Errorf("the statutes: %d %s", w.Code, w.Header())
		}
		if w := other.send("/settings/co-ops", one+"/accept"); w.Code != http.StatusForbidden {
			t.Errorf("somebody admits: %d", w.Code)
		}
		if w := leads.send(one, one+"/suspend"); w.Code != http.StatusUnprocessableEntity {
			t.Errorf("suspended what is no member: %d", w.Code)
		}
		if w := leads.send(one, one+"/decide", "days", "10"); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "no member yet who could vote") {
			t.Errorf("laid before nobody: %d", w.Code)
		}
		for _, step := range []struct {
			act  string
			want coop.MembershipState
		}{{"accept", coop.MembershipMember}, {"suspend", coop.MembershipSuspended}, {"resume", coop.MembershipMember}, {"role", coop.MembershipMember}, {"remove", coop.MembershipRemoved}} {
			leads.goes(leads.send(one, one+"/"+step.act, "note", "porque sí", "role", "observer"))
			if m, err := h.store.Membership(h.Context(), m.ID); err != nil || m.State != step.want {
				t.Errorf("%s: %s, %v", step.act, m.State, err)
			}
			if step.act == "role" {
				h.roleChanged(leads, one, m.ID)
			}
			if step.act == "accept" {
				if p := h.fresh().open("/@telar", nil).Body.String(); !strings.Contains(p, "Verified member of a federation") || strings.Contains(p, secret) {
					t.Errorf("the page of the member: %s", p)
				}
			}
		}
		log := h.log(federation.ID)
		if len(log) != 6 || log[1].Act != "admin.coops.role" || log[1].Why != "observer: porque sí" || log[1].Target != string(telar.IRI) || log[0].Who != "luz" || log[0].Act != "admin.coops.remove" || log[0].Target != string(telar.IRI) {
			t.Errorf("log %+v", log)
		}
		if _, err := h.store.Petition(h.Context(), m.ID); err == nil {
			t.Error("what was sent is kept although it is over")
		}
	})
}

// roleChanged looks at a member that has become an observer: on its review, where nothing
// changes without a reason, and on the page of the Membership, to anybody.
func (h *house) roleChanged(leads *surfer, one string, id coop.ID) {
	h.Helper()
	m, err := h.store.Membership(h.Context(), id)
	if err != nil || m.Role != coop.RoleObserver {
		h.Fatalf("role: %+v, %v", m, err)
	}
	if w := leads.send(one, one+"/role", "role", "full", "note", " "); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), `id="note-problem"`) || !strings.Contains(w.Body.String(), `value="full" selected`) {
		h.Errorf("a role without a reason: %d %s", w.Code, w.Body)
	}
	if w := leads.send(one, one+"/role", "role", "boss", "note", "why not"); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), `id="role-problem"`) || !strings.Contains(w.Body.String(), `value="why not"`) {
		h.Errorf("a role that is none: %d", w.Code)
	}
	at := strings.TrimPrefix(string(m.IRI), "https://coop.example")
	page := h.ask("GET", at, "", "", "Accept", "text/html")
	for _, want := range []string{"Observer", "confirmed by both sides", `href="/@telar"`, string(m.Organization.Members), string(m.Member.IRI), "says so"} {
		if page.Code != http.StatusOK || !strings.Contains(page.Body.String(), want) {
			h.Errorf("the page of the Membership lacks %q: %d %s", want, page.Code, page.Body)
		}
	}
	if strings.Contains(page.Body.String(), "does not say so") || strings.Contains(page.Body.String(), m.Note) && m.Note != "" {
		h.Errorf("the page of the Membership says too much or the wrong: %s", page.Body)
	}
	if w := h.ask("GET", at, "", "", "Accept", "application/activity+json"); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"role":"observer"`) {
		h.Errorf("the document: %d %s", w.Code, w.Body)
	}
	if w := h.ask("GET", "/federation/memberships/nobody", "", "", "Accept", "text/html"); w.Code != http.StatusNotFound {
		h.Errorf("the page of none: %d", w.Code)
	}
}

// TestTheFormForPlainAccounts: a co-op with an ordinary account applies without an account
// here; nobody applies for one whose own server can ask.
func TestTheFormForPlainAccounts(t *testing.T) {
	eachHouse(t, oneNote, func(h *house) {
		base := coop.IRI("https://social.example/users/trama")
		trama := &coop.Account{IRI: base, Kind: coop.Person, ActorType: "Person", Name: "trama", Host: "social.example", DisplayName: "Trama", Inbox: base + "/inbox", FetchedAt: time.Now()}
		far := &coop.Account{
			IRI: "https://far.example/coops/brisa", Kind: coop.Coop, ActorType: "Organization", Name: "brisa", Host: "far.example", Inbox: "https://far.example/coops/brisa/inbox",
			Jobs: "https://far.example/coops/brisa/jobs", FetchedAt: time.Now(),
		}
		if err := h.store.Write(h.Context(), func(tx *storage.Tx) error {
			if err := tx.SaveAccount(h.Context(), trama); err != nil {
				return err
			}
			return tx.SaveAccount(h.Context(), far)
		}); err != nil {
			t.Fatal(err)
		}
		s := h.fresh()
		for account, problem := range map[string]string{"trama": "account-problem", "@brisa@far.example": "can ask by itself", "": "account-problem"} {
			if w := s.fill("/join", url.Values{"account": {account}, "note": {"hola <b>"}}); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), problem) || !strings.Contains(w.Body.String(), "hola &lt;b&gt;") {
				t.Errorf("%q: %d", account, w.Code)
			}
		}
		for range 2 {
			page := s.goes(s.fill("/join", url.Values{"account": {"@trama@social.example"}, "note": {"Somos cuatro."}, "statutes": {"https://trama.example/estatutos"}}))
			if !strings.Contains(page.Body.String(), "Your petition has arrived") {
				t.Errorf("sent: %s", page.Body)
			}
		}
		list, err := h.store.Memberships(h.Context(), storage.MembershipQuery{LocalOnly: true}, coop.Page{Limit: 10})
		if err != nil || len(list) != 1 || list[0].Member.IRI != trama.IRI || list[0].Note != "Somos cuatro." || list[0].State != coop.MembershipAsked {
			t.Errorf("kept %v, %v", list, err)
		}
	})
}
