// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"archive/zip"
	"bytes"
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"minga/coop"
	"minga/storage"
)

// teamWorld is a team of three co-ops with somebody signed in for each, and a stranger.
type teamWorld struct {
	*world
	host, guest, stranger *browser
	telar, nodo           *coop.Account
	room                  *coop.Room
	path                  string
}

// delegate is a browser of somebody who may do in a co-op's name what teams need.
func (w *world) delegate(name string, a *coop.Account) *browser {
	w.t.Helper()
	b := w.browserOf(name, a)
	who, err := w.Store.AccountByHandle(w.t.Context(), name, "")
	w.must(err)
	w.write(func(ctx context.Context, tx *storage.Tx) error {
		_, err := tx.GiveRole(ctx, a.ID, who.ID, coop.Delegate, 0)
		return err
	})
	return b
}

func newTeamWorld(t *testing.T) *teamWorld {
	w := &teamWorld{world: newWorld(t)}
	w.telar, w.nodo = w.member("telar"), w.member("nodo")
	w.host, w.guest, w.stranger = w.delegate("ines", w.telar), w.delegate("nora", w.nodo), w.delegate("sara", w.member("ajena"))
	request := &coop.Post{Language: "en", Request: &coop.Request{
		Title: "Clinics", Markdown: map[string]string{"en": "A booking site for fourteen rural clinics, with an app for those who work there."},
		RespondBy: w.clock.Now().Add(48 * time.Hour), Transparency: coop.TransparencyRules(),
		Slots: []coop.Slot{{Key: "backend", Name: "Backend", Hours: 100, Required: true}},
	}}
	w.must(w.Outbox.PublishRequest(t.Context(), w.telar, request, nil))
	var err error
	w.room, err = w.Outbox.MakeTeam(t.Context(), request.ID, []*coop.Account{w.nodo})
	w.must(err)
	w.path = roomsPath + "/" + w.room.ID.String()
	return w
}

// form is a form of the room with the token of who sends it.
func (w *teamWorld) form(b *browser, pairs ...string) url.Values {
	form := b.formToken()
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return form
}

// TestRoom: an invited co-op joins by a button, writes and sends files; the requester
// plans and splits within what was promised; nobody else finds the room.
func TestRoom(t *testing.T) {
	w := newTeamWorld(t)
	w.guest.says(roomsPath, true, "Clinics", "Join the team")
	if code := w.guest.do(w.path, nil).Code; code != http.StatusNotFound {
		t.Errorf("who is only invited gets %d", code)
	}
	if answer := w.guest.do(w.path+"/answer", w.form(w.guest, "as", w.nodo.ID.String(), "act", "accept")); answer.Code != http.StatusSeeOther {
		t.Fatalf("joining answers %d %s", answer.Code, answer.Body)
	}
	if answer := w.guest.sends(w.path+"/say", w.form(w.guest, "text", "We begin on Monday"), attachment{"sketch.pdf", "%PDF-1.4 sketch"}); answer.Code != http.StatusSeeOther {
		t.Fatalf("writing answers %d %s", answer.Code, answer.Body)
	}
	w.host.says(w.path, true, "We begin on Monday", "sketch", "Write the plan", "contract with the client")
	w.guest.says(w.path, false, "Write the plan", "contract with the client")
	for _, path := range []string{"", "/plan", "/split", "/export.zip", "/files/1"} {
		if code := w.stranger.do(w.path+path, nil).Code; code != http.StatusNotFound {
			t.Errorf("a stranger gets %d at %s", code, path)
		}
	}
	if code := w.guest.do(w.path+"/plan", nil).Code; code != http.StatusNotFound {
		t.Errorf("who does not run the team gets the plan's form: %d", code)
	}
	w.unfit(t)
	w.plans(t)
	w.splits(t)
	w.takesAway(t)
	if answer := w.guest.do(w.path+"/leave", w.form(w.guest)); answer.Code != http.StatusSeeOther {
		t.Errorf("leaving answers %d", answer.Code)
	}
	if code := w.guest.do(w.path, nil).Code; code != http.StatusNotFound {
		t.Errorf("a former member gets %d", code)
	}
	w.removes(t)
}

// removes: the requester asks a co-op in again and removes it, which needs a reason; nobody
// else has the button, or can do it without.
func (w *teamWorld) removes(t *testing.T) {
	_, err := w.Outbox.MakeTeam(t.Context(), w.room.RequestID, []*coop.Account{w.nodo})
	w.must(err)
	if answer := w.guest.do(w.path+"/answer", w.form(w.guest, "as", w.nodo.ID.String(), "act", "accept")); answer.Code != http.StatusSeeOther {
		t.Fatalf("joining again answers %d %s", answer.Code, answer.Body)
	}
	w.guest.says(w.path, false, "Remove from the team")
	w.host.says(w.path, true, "Remove from the team", `name="member" value="`+w.nodo.ID.String()+`"`)
	w.host.says(w.path, false, `name="member" value="`+w.telar.ID.String()+`"`)
	answer := w.host.do(w.path+"/leave", w.form(w.host, "member", w.nodo.ID.String(), "note", " "))
	if answer.Code != http.StatusUnprocessableEntity || !strings.Contains(answer.Body.String(), "Say why") || !strings.Contains(answer.Body.String(), "<details open>") {
		t.Errorf("removing without a reason answers %d", answer.Code)
	}
	answer = w.host.do(w.path+"/leave", w.form(w.host, "member", w.nodo.ID.String(), "note", "The contract ended."))
	if answer.Code != http.StatusSeeOther {
		t.Fatalf("removing answers %d %s", answer.Code, answer.Body)
	}
	if code := w.guest.do(w.path, nil).Code; code != http.StatusNotFound {
		t.Errorf("who was removed gets %d", code)
	}
	if code := w.host.do(w.path, nil).Code; code != http.StatusOK {
		t.Errorf("who removed gets %d", code)
	}
}

// unfit: what cannot be sent comes back with what was typed.
func (w *teamWorld) unfit(t *testing.T) {
	answer := w.guest.sends(w.path+"/say", w.form(w.guest, "text", "Look at this"), attachment{"a.pdf", "GIF89a"})
	if page := answer.Body.String(); answer.Code != http.StatusUnprocessableEntity || !strings.Contains(page, "Look at this") || !strings.Contains(page, `id="files-problem"`) {
		t.Errorf("a file that is no PDF answers %d", answer.Code)
	}
	answer = w.guest.sends(w.path+"/say", w.form(w.guest, "text", " "))
	if answer.Code != http.StatusUnprocessableEntity || !strings.Contains(answer.Body.String(), `id="text-problem"`) {
		t.Errorf("a message without words answers %d", answer.Code)
	}
	if code := w.guest.do(w.path+"/say", url.Values{"text": {"x"}}).Code; code != http.StatusForbidden {
		t.Errorf("a form without its token answers %d", code)
	}
}

func (w *teamWorld) plans(t *testing.T) {
	answer := w.host.do(w.path+"/plan", w.form(w.host, "name", "Clinics", "step.0.name", "Build", "step.0.from", "2031-05-02", "step.0.to", "2031-05-01"))
	if answer.Code != http.StatusUnprocessableEntity || !strings.Contains(answer.Body.String(), "2031-05-02") || !strings.Contains(answer.Body.String(), `id="steps-problem"`) {
		t.Errorf("a step that ends before it begins answers %d", answer.Code)
	}
	answer = w.host.do(w.path+"/plan", w.form(w.host, "name", "Fourteen clinics", "step.0.name", "Build", "step.0.from", "2031-05-01", "step.1.name", "Hand over"))
	if answer.Code != http.StatusSeeOther {
		t.Fatalf("a plan answers %d %s", answer.Code, answer.Body)
	}
	w.guest.says(w.path, true, "Fourteen clinics", "Hand over")
}

func (w *teamWorld) splits(t *testing.T) {
	line := func(payee *coop.Account, amount string) url.Values {
		return w.form(w.host, "price", "1000", "currency", "EUR", "line.0.for", "Backend", "line.0.provider", string(w.nodo.IRI), "line.0.hours", "10",
			"line.0.payee", string(payee.IRI), "line.0.amount", amount)
	}
	for why, form := range map[string]url.Values{
		"pays a co-op for hours": line(w.telar, "1000"), "do not add up": line(w.nodo, "900"), "This is no number": line(w.nodo, "much"),
	} {
		answer := w.host.do(w.path+"/split", form)
		if page := answer.Body.String(); answer.Code != http.StatusUnprocessableEntity || !strings.Contains(page, why) || !strings.Contains(page, `value="10"`) {
			t.Errorf("%q: %d", why, answer.Code)
		}
	}
	w.guest.says(w.path, true, "There is no split yet")
	if answer := w.host.do(w.path+"/split", line(w.nodo, "1000")); answer.Code != http.StatusSeeOther {
		t.Fatalf("a split answers %d %s", answer.Code, answer.Body)
	}
	if answer := w.guest.do(w.path+"/agree", w.form(w.guest, "version", "7")); answer.Code != http.StatusUnprocessableEntity {
		t.Errorf("agreeing to what is not there answers %d", answer.Code)
	}
	if answer := w.guest.do(w.path+"/agree", w.form(w.guest, "version", "1")); answer.Code != http.StatusSeeOther {
		t.Errorf("agreeing answers %d", answer.Code)
	}
	w.host.says(w.path, true, "EUR 1,000", "Agreed:")
}

// takesAway reads the archive and the file.
func (w *teamWorld) takesAway(t *testing.T) {
	answer := w.guest.do(w.path+"/export.zip", nil)
	z, err := zip.NewReader(bytes.NewReader(answer.Body.Bytes()), int64(answer.Body.Len()))
	if err != nil {
		t.Fatal(err)
	}
	names := ""
	for _, f := range z.File {
		names += f.Name + " "
	}
	for _, want := range []string{"index.html", "room.json", "keys.json", "messages/00001.json", "plans/", "splits/", "consents/", "files/"} {
		if !strings.Contains(names, want) {
			t.Errorf("the archive has no %s: %s", want, names)
		}
	}
	files, err := w.Store.Records(t.Context(), w.room.ID, coop.RecordFile)
	w.must(err)
	if got := w.host.do(w.path+"/files/"+files[0].ID.String(), nil); got.Code != http.StatusOK || got.Body.String() != "%PDF-1.4 sketch" || got.Header().Get("Cache-Control") != "private, no-store" {
		t.Errorf("the file answers %d %q", got.Code, got.Body)
	}
}

// TestRoomNamesItsRoles: a slot is called by its title; one that is not known by its key.
func TestRoomNamesItsRoles(t *testing.T) {
	w := newTeamWorld(t)
	p, err := w.Store.RequestOf(t.Context(), w.room.RequestID)
	w.must(err)
	called, err := w.slotWords(t.Context(), &roomAt{room: w.room})
	w.must(err)
	proposal, primary := p.SlotIRI("backend")
	for iri, want := range map[coop.IRI]string{proposal: "Backend", primary: "Backend", "https://other.example/x/slots/design#primary": "design"} {
		if got := called(iri); got != want {
			t.Errorf("%s is called %q, not %q", iri, got, want)
		}
	}
}
