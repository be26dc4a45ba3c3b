// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"minga/coop"
	"minga/storage"
	"minga/storage/storagetest"
	"minga/web/auth"
)

// newSpokenWalk is a walk in which user one is a co-op, for which a person acts who
// holds every role; so does another for the co-op with the jobs.
func newSpokenWalk(t *testing.T) (w *walk, zacarias, ximena *coop.Account) {
	t.Helper()
	w = &walk{gallery: newGallery(t, nil), objects: map[string]string{"never": never}}
	var mill *coop.Account
	w.ana, _ = w.member("ana", "read")
	mill, _ = w.member("telar", "read")
	w.berta, zacarias, ximena = w.person("berta"), w.person("zacarias"), w.person("ximena")
	all := coop.RolesFor(coop.Coop)
	w.one, w.mill, w.two = w.speaks(w.ana, zacarias, all...), w.speaks(mill, ximena, all...), w.token(w.berta, "read write follow push profile")
	w.app, w.narrow = w.appToken(), w.token(w.ana, "admin:read")
	w.objects["ana"], w.objects["berta"] = w.ana.ID.String(), w.berta.ID.String()
	furnish(w)
	return w, zacarias, ximena
}

// log is what the audit log holds of an account, the newest first.
func (h *house) log(account coop.ID) []coop.AuditEntry {
	h.Helper()
	entries, err := h.store.Audit(h.Context(), storage.AuditQuery{Account: account}, coop.Page{Limit: 200})
	if err != nil {
		h.Fatal(err)
	}
	return entries
}

// quietWrites are routes that answer well and keep nothing.
var quietWrites = map[string]bool{
	"POST /api/v1/minga/jobs/:id": true, // the validator
	"POST /oauth/userinfo":        true,
}

// TestEveryActIsNotedWithItsPerson walks every route that writes: whatever a person
// did for a co-op stands in the log with their name, and what was refused does not.
func TestEveryActIsNotedWithItsPerson(t *testing.T) {
	storagetest.WithoutRace(t)
	w, _, _ := newSpokenWalk(t)
	mill, err := w.store.AccountByHandle(t.Context(), "telar", "")
	w.mustBe(err)
	done := 0
	for _, s := range w.steps() {
		if s.Access != auth.Token || s.reads() {
			continue
		}
		account, who := w.ana.ID, "zacarias"
		if s.coop {
			account, who = mill.ID, "ximena"
		}
		before := w.log(account)
		answer := w.call(s.Route, s.row, w.owner(s.row))
		after := w.log(account)
		added := news(before, after)
		name := s.Method + " " + s.Path
		switch {
		case answer.Code >= 300 && answer.Code != 404 && len(added) > 0: // what is gone once it is done answers 404
			w.Errorf("%s answers %d, and %+v is noted", name, answer.Code, added)
		case answer.Code < 300 && len(added) == 0 && !quietWrites[name]:
			w.Errorf("%s answers %d, and nothing is noted", name, answer.Code)
		}
		for _, e := range added {
			done++
			if e.Who != who || e.OnBehalf != account || e.Act == "" || e.From == "" {
				w.Errorf("%s is noted as %+v", name, e)
			}
		}
	}
	if done < 50 {
		t.Errorf("only %d acts were noted", done)
	}
	w.mustBe(w.store.VerifyAudit(t.Context()))
}

func (w *walk) mustBe(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// news are the entries that were not there before.
func news(before, after []coop.AuditEntry) []coop.AuditEntry {
	for i, e := range after {
		if len(before) > 0 && e.ID == before[0].ID {
			return after[:i]
		}
	}
	return after
}

// TestNobodyIsNamed: after two people acted for two co-ops in every way, no answer to
// anybody else, no page and no document says who they are.
func TestNobodyIsNamed(t *testing.T) {
	storagetest.WithoutRace(t)
	w, zacarias, ximena := newSpokenWalk(t)
	steps := w.steps()
	for _, s := range steps { // all that does not take away
		if s.Access == auth.Token && s.Method == "POST" && !strings.Contains(s.Path, "/un") {
			w.call(s.Route, s.row, w.owner(s.row))
		}
	}
	asked := 0
	look := func(path, who string, answer *httptest.ResponseRecorder) {
		asked++
		body := answer.Body.String() + fmt.Sprint(answer.Header())
		for _, p := range []*coop.Account{zacarias, ximena} {
			for _, sign := range []string{p.Name, p.ID.String()} {
				if strings.Contains(body, sign) {
					t.Errorf("%s tells %s of %s: %s", path, who, p.Name, body)
				}
			}
		}
	}
	follower := w.token(w.person("gil"), allScopes)
	for _, s := range steps {
		if !s.reads() || s.Stream {
			continue
		}
		path := w.path(s.Route, s.row, true)
		for who, token := range map[string]string{"anybody": "", "a person": w.two, "another": follower} {
			look(path, who, w.ask(s.Method, path, token, ""))
		}
		if s.kind == page {
			look(path, "a server", w.ask(s.Method, path, "", "", "Accept", activityJSON))
		}
	}
	for _, path := range []string{"/@ana", "/@telar", "/coops/ana", "/coops/telar", "/coops/ana/outbox?page=1", "/coops/telar/outbox?page=1", "/coops/ana/following", "/coops/telar/followers"} {
		look(path, "a browser", w.ask("GET", path, "", "", "Accept", "text/html"))
		look(path, "a server", w.ask("GET", path, "", "", "Accept", activityJSON))
	}
	for _, object := range []string{"public", "followers", "poll"} {
		look(object, "a server", w.ask("GET", "/coops/ana/posts/"+w.objects[object], "", "", "Accept", activityJSON))
		look(object, "a browser", w.ask("GET", "/@ana/"+w.objects[object], "", "", "Accept", "text/html"))
		look(object, "a person", w.ask("GET", "/api/v1/statuses/"+w.objects[object], w.two, ""))
	}
	if asked < 300 {
		t.Errorf("only %d answers were looked at", asked)
	}
	w.documents(zacarias, ximena)
}

// documents looks through every document that was made to be sent.
func (w *walk) documents(people ...*coop.Account) {
	w.Helper()
	seen := 0
	for _, owner := range []*coop.Account{w.ana} {
		posts, err := w.store.Posts(w.Context(), coop.System(), storage.PostQuery{Authors: []coop.ID{owner.ID}}, coop.Page{Limit: 200})
		w.mustBe(err)
		for _, p := range posts {
			documents, err := w.store.DocumentsOfPost(w.Context(), p.ID, 20)
			w.mustBe(err)
			for _, d := range documents {
				seen++
				for _, who := range people {
					if strings.Contains(string(d.Body), who.Name) || strings.Contains(string(d.Body), who.ID.String()) {
						w.Errorf("%s names %s: %s", p.IRI, who.Name, d.Body)
					}
				}
			}
		}
	}
	if seen < 3 {
		w.Errorf("only %d documents were looked at", seen)
	}
}
