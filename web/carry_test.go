// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"bytes"
	"mime/multipart"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"minga/coop"
	"minga/coop/carry"
	"minga/storage"
	"minga/storage/storagetest"
	"minga/web/auth"
)

// file sends the form of a page with a file; pairs are its other fields.
func (s *surfer) file(page, to, name, text string, pairs ...string) *httptest.ResponseRecorder {
	s.Helper()
	w := s.open(page, nil)
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	pairs = append([]string{auth.FormField, s.found(formToken, w.Body.String())}, pairs...)
	for i := 0; i+1 < len(pairs); i += 2 {
		if err := form.WriteField(pairs[i], pairs[i+1]); err != nil {
			s.Fatal(err)
		}
	}
	part, err := form.CreateFormFile("file", name)
	if err == nil {
		_, err = part.Write([]byte(text))
	}
	if err != nil || form.Close() != nil {
		s.Fatal(err)
	}
	var cookies []string
	for name, value := range s.cookies {
		cookies = append(cookies, name+"="+value)
	}
	return s.ask("POST", to, "", body.String(), "Content-Type", form.FormDataContentType(), "Cookie", strings.Join(cookies, "; "),
		"Accept-Language", "en", "Origin", "https://coop.example", "Sec-Fetch-Site", "same-origin")
}

// expect demands a status, and that a page says something.
func (h *house) expect(what string, w *httptest.ResponseRecorder, code int, says ...string) {
	h.Helper()
	if w.Code != code {
		h.Errorf("%s: %d, want %d (%s)", what, w.Code, code, w.Header().Get("Location"))
	}
	for _, text := range says {
		if !strings.Contains(w.Body.String(), text) {
			h.Errorf("%s does not say %q", what, text)
		}
	}
}

func TestMigrationPage(t *testing.T) {
	eachHouseAt(t, nil, func(h *house, clock *storagetest.Clock) {
		const page = "/settings/migration"
		ana, bea := h.surfer("ana"), h.surfer("bea")
		if w := ana.open(page, nil); !strings.HasPrefix(w.Header().Get("Location"), "/sign-in") {
			h.Errorf("a stranger sees it: %d %s", w.Code, w.Header().Get("Location"))
		}
		ana.signIn("ana", "/sign-in")
		bea.signIn("bea", "/sign-in")
		h.expect("no handle", ana.send(page, page, "act", "alias", "account", "nobody at all"), 422, "This is no address of an account")
		h.expect("nobody", ana.send(page, page, "act", "alias", "account", "zoe@coop.example"), 422, "There is no account with this address")
		h.expect("itself", ana.send(page, page, "act", "alias", "account", "ana@coop.example"), 422, "This is the same account")
		h.expect("unknown act", ana.send(page, page, "act", "fly"), 422)
		h.expect("not ticked", ana.send(page, page, "act", "move", "account", "bea@coop.example"), 422, "tick the box")
		h.expect("one side", ana.send(page, page, "act", "move", "account", "bea@coop.example", "sure", "yes"), 422, "does not name this one")
		h.expect("alias", bea.send(page, page, "act", "alias", "account", "@ana@coop.example"), 303)
		h.expect("the alias stands there", bea.open(page+"?done=alias", nil), 200, "@ana@coop.example", "Now start the move")

		token := h.token(h.found("ana"), "read write")
		clock.Advance(coop.ProofLife + time.Minute)
		if w := ana.open(page, nil); !strings.HasPrefix(w.Header().Get("Location"), "/settings/confirm") {
			h.Errorf("an old proof is enough: %d %s", w.Code, w.Header().Get("Location"))
		}
		h.expect("confirmed", ana.send("/settings/confirm?next="+page, "/settings/confirm", "password", secret, "next", page), 303)
		h.expect("move", ana.send(page, page, "act", "move", "account", "bea@coop.example", "sure", "yes"), 303)
		h.expect("the page afterwards", ana.open(page, nil), 200, "This account points elsewhere", "can move again after")
		h.expect("the profile", h.ask("GET", "/@ana", "", ""), 200, "This account has moved to", "/@bea")
		h.expect("the API", h.ask("GET", "/api/v1/accounts/lookup?acct=ana", "", ""), 200, `"moved":{"id":"`+h.found("bea").ID.String())
		h.expect("it posts", h.ask("POST", "/api/v1/statuses", token, `{"status":"hi"}`), 403)
		h.expect("moves again", ana.send(page, page, "act", "move", "account", "bea@coop.example", "sure", "yes"), 422, "less than 30 days ago")
		h.expect("back", ana.send(page, page, "act", "return"), 303)
		h.expect("it posts again", h.ask("POST", "/api/v1/statuses", token, `{"status":"hi"}`), 200)
		h.expect("redirect", ana.send(page, page, "act", "redirect", "account", "bea@coop.example"), 303)
		bea.send("/settings/confirm?next="+page, "/settings/confirm", "password", secret, "next", page)
		h.expect("unalias", bea.send(page, page, "act", "unalias", "account", string(h.found("ana").IRI)), 303)
		if a := h.found("bea"); len(a.AlsoKnownAs) != 0 || h.found("ana").MovedTo != a.IRI {
			h.Errorf("bea names %v, ana is at %s", a.AlsoKnownAs, h.found("ana").MovedTo)
		}
	})
}

// found is an account of the house by its name, as it is stored now.
func (h *house) found(name string) *coop.Account {
	h.Helper()
	a, err := h.store.AccountByHandle(h.Context(), name, "")
	if err != nil {
		h.Fatal(err)
	}
	return a
}

func TestImportAndExportPages(t *testing.T) {
	eachHouseAt(t, nil, func(h *house, clock *storagetest.Clock) {
		const page = "/settings/import"
		ana, bea := h.surfer("ana"), h.surfer("bea")
		h.person("carla")
		ana.signIn("ana", "/sign-in")
		bea.signIn("bea", "/sign-in")
		send := func(text string, pairs ...string) *httptest.ResponseRecorder {
			return ana.file(page, page, "mine.csv", text, append(pairs, "kind", "following")...)
		}
		h.expect("too long", send(strings.Repeat("a", carry.MaxBytes+1)), 413, "more than 8 MiB")
		h.expect("far too long", send(strings.Repeat("a", carry.MaxBytes+2<<20)), 413)
		h.expect("too many rows", send(strings.Repeat("a@b.example\n", carry.MaxRows+1)), 413, "20,000 rows")
		h.expect("a picture", send("\x89PNG\x00\xff"), 422, "no CSV file in UTF-8")
		h.expect("nothing", send(" \n"), 422, "no row in this file")
		h.expect("of no kind", ana.file(page, page, "x.csv", "a", "kind", "money"), 422, "Choose what is in the file")
		h.expect("no file", ana.send(page, page, "kind", "following"), 422, "Choose a file")
		h.expect("bad rows replace nothing", send("carla@coop.example\nno one\n<b>x</b>\n", "mode", "overwrite"), 422, "Nothing was changed", "Line 2:", "&lt;b&gt;")

		h.expect("taken in", send("Account address,Show boosts\ncarla,false\nno one,true\nana,true\nzoe,true\n"), 303)
		h.expect("a second one", send("bea\n"), 422, "still being worked off")
		h.expect("on its way", ana.open(page+"?done=import", nil), 200, "The file is being worked off", "1 of 4 rows", "mine.csv", "Stop (Whom you follow)")
		for did := true; did; {
			var err error
			if did, err = h.outbox.StepImport(h.Context()); err != nil {
				h.Fatal(err)
			}
		}
		list, err := h.store.Imports(h.Context(), h.found("ana").ID, coop.Page{Limit: 10})
		if err != nil || len(list) != 1 {
			h.Fatalf("%d imports, %v", len(list), err)
		}
		problems := page + "/" + list[0].ID.String() + "/problems.csv"
		h.expect("the end", ana.open(page, nil), 200, "4 of 4 rows", "3 rows could not be done", problems)
		w := ana.open(problems, nil)
		want := "Account address,Show boosts,Notify on new posts,Languages,Line,Problem\nno one,true,,,3,This is no address of an account such as ana@example.org.\n" +
			"ana@coop.example,true,false,,4,This is the account itself.\nzoe@coop.example,true,false,,5,\"There is no such account or post, or it may not be seen.\"\n"
		if w.Body.String() != want || w.Header().Get("Content-Type") != "text/csv; charset=utf-8" || !strings.HasPrefix(w.Header().Get("Content-Disposition"), "attachment") {
			h.Errorf("problems: %v\n%s", w.Header(), w.Body)
		}
		h.expect("another's problems", bea.open(problems, nil), 404)
		h.expect("another stops it", bea.send(page, page+"/"+list[0].ID.String()+"/stop"), 404)

		file := ana.open("/settings/export/following.csv", nil)
		if file.Body.String() != "Account address,Show boosts,Notify on new posts,Languages\ncarla@coop.example,false,false,\n" || file.Header().Get("Cache-Control") != "private, no-store" {
			h.Errorf("export: %v\n%s", file.Header(), file.Body)
		}
		h.expect("the page of exports", ana.open("/settings/export", nil), 200, "/settings/export/domain_blocks.csv", "Download: Whom you follow")
		h.expect("no such file", ana.open("/settings/export/money.csv", nil), 404)
		clock.Advance(coop.ProofLife + time.Minute)
		if w := ana.open("/settings/export/following.csv", nil); w.Code != 303 || !strings.HasPrefix(w.Header().Get("Location"), "/settings/confirm") {
			h.Errorf("an old proof exports: %d", w.Code)
		}
	})
}

// TestCarryForACoop: what a person may carry for a co-op is what their roles allow, and
// the audit log names them.
func TestCarryForACoop(t *testing.T) {
	eachHouse(t, nil, func(h *house) {
		mill, _ := h.member("mill", "read write")
		ana, bea := h.surfer("ana"), h.surfer("bea")
		h.gives(mill, h.found("ana"), coop.Steward)
		h.gives(mill, h.found("bea"), coop.Publisher)
		ana.signIn("ana", "/sign-in")
		bea.signIn("bea", "/sign-in")
		as := "?as=" + mill.ID.String()
		h.expect("a steward's page", ana.open("/settings/migration"+as, nil), 200, "@mill@coop.example", "Memberships in federations are not moved")
		h.expect("a publisher's", bea.open("/settings/migration"+as, nil), 403)
		h.expect("nobody's", bea.open("/settings/migration?as=12", nil), 403)
		h.expect("a publisher brings follows", bea.file("/settings/import"+as, "/settings/import", "a.csv", "ana\n", "kind", "following", "as", mill.ID.String()), 303)
		h.expect("a steward's alias", ana.send("/settings/migration"+as, "/settings/migration", "act", "alias", "account", "bea@coop.example", "as", mill.ID.String()), 303)
		if a := h.found("mill"); len(a.AlsoKnownAs) != 1 || len(h.found("ana").AlsoKnownAs) != 0 {
			h.Errorf("the mill names %v", a.AlsoKnownAs)
		}
		log, err := h.store.Audit(h.Context(), storage.AuditQuery{Account: mill.ID}, coop.Page{Limit: 20})
		if err != nil {
			h.Fatal(err)
		}
		var acts []string
		for _, e := range log {
			acts = append(acts, e.Who+" "+e.Act)
		}
		if got := strings.Join(acts, ", "); !strings.Contains(got, "ana settings.migration") || !strings.Contains(got, "bea settings.import") {
			h.Errorf("the log says %s", got)
		}
	})
}
