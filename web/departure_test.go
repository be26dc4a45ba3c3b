// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"minga/coop"
	"minga/outbox"
	"minga/outbox/mail"
	"minga/outbox/mail/mailtest"
	"minga/storage"
	library "minga/storage/media"
	"minga/storage/storagetest"
)

// leaver is a house with a mail server, files and a clock that all of it goes by.
type leaver struct {
	*house
	clock *storagetest.Clock
	sink  *mailtest.Sink
	files *library.Library
}

// eachLeaver runs a story on both databases.
func eachLeaver(t *testing.T, story func(l *leaver)) {
	storagetest.EachAt(t, func(t *testing.T, s *storage.Store, clock *storagetest.Clock) {
		l := &leaver{clock: clock, sink: mailtest.Open(t, mailtest.Manner{})}
		root, err := os.OpenRoot(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { root.Close() })
		folder, err := library.NewFolder(root)
		if err == nil {
			l.files, err = library.New(library.Options{Store: s, Files: folder, Scratch: root, Now: clock.Now, Links: &library.Links{}, Limits: library.Limits{File: 1 << 20}})
		}
		if err != nil {
			t.Fatal(err)
		}
		server := &mail.Server{Host: "127.0.0.1", Port: l.sink.Port, Security: mail.Plain, From: mail.Sender{Address: "minga@coop.example"}, Now: time.Now, Patience: 30 * time.Second}
		l.house = newHouseOn(t, s, func(o *Options) { o.RateLimit, o.Now, o.Media = false, clock.Now, l.files }, func(o *outbox.Options) { o.Mail, o.Now = server, clock.Now })
		story(l)
	})
}

// mailed sends what waits and gives the newest mail.
func (l *leaver) mailed() mailtest.Mail {
	l.Helper()
	before := len(l.sink.Mails())
	for did := true; did; {
		var err error
		if did, err = l.outbox.StepMail(l.Context()); err != nil {
			l.Fatal(err)
		}
	}
	mails := l.sink.Mails()
	if len(mails) == before {
		l.Fatal("no mail was sent")
	}
	return mails[len(mails)-1]
}

// path is where the link of a mail leads here.
func (l *leaver) path(m mailtest.Mail) string {
	l.Helper()
	path, ok := strings.CutPrefix(m.Link(), "https://coop.example")
	if !ok {
		l.Fatalf("%q leads to %q", m.Subject, m.Link())
	}
	return path
}

// ends lets what is due happen.
func (l *leaver) ends() {
	l.Helper()
	if _, err := l.outbox.EndDepartures(l.Context()); err != nil {
		l.Fatal(err)
	}
}

// TestAnAccountWaitsThirtyDays (security.md §4.12): it is closed to everybody, its sessions
// and tokens have ended, its person is told at once and three days before, and nobody
// brings it back but who signs in.
func TestAnAccountWaitsThirtyDays(t *testing.T) {
	eachLeaver(t, func(l *leaver) {
		ana := l.surfer("ana")
		token := l.token(l.found("ana"), "read write")
		ana.signIn("ana", "/sign-in")
		l.expect("before", l.ask("GET", "/@ana", "", ""), 200)
		w := ana.send("/settings/delete", "/settings/delete", "name", "ana", "when", "later")
		told := l.mailed()
		page := l.path(told)
		if want := page + "?done=asked"; w.Code != 303 || w.Header().Get("Location") != want {
			l.Fatalf("asked: %d to %q, want %q", w.Code, w.Header().Get("Location"), want)
		}
		if told.To != "ana@mail.example" || !strings.Contains(told.Subject, "31 May") {
			l.Errorf("she is told %q at %s", told.Subject, told.To)
		}
		l.expect("the session", ana.open("/settings", nil), 303)
		l.expect("the token", l.ask("GET", "/api/v1/accounts/verify_credentials", token, ""), 401)
		l.expect("the profile", l.ask("GET", "/@ana", "", ""), 404)
		l.expect("WebFinger", l.ask("GET", "/.well-known/webfinger?resource=acct:ana@coop.example", "", ""), 404)
		l.expect("the page", l.fresh().open(page, nil), 200, "@ana@coop.example", "is closed", "Sign in and keep it")
		l.expect("another page", l.fresh().open("/deletions/x", nil), 404)

		l.clock.Advance(coop.DepartureGrace - coop.DepartureWarning - time.Minute)
		l.ends()
		if len(l.sink.Mails()) != 1 {
			l.Error("she is told again too early")
		}
		l.clock.Advance(2 * time.Minute)
		l.ends()
		l.ends()
		if told := l.mailed(); !strings.Contains(told.Subject, "three days") || l.path(told) != page || len(l.sink.Mails()) != 2 {
			l.Errorf("three days before: %q, %d mails", told.Subject, len(l.sink.Mails()))
		}
		back := l.fresh()
		w = back.fill("/sign-in", map[string][]string{"login": {"ana"}, "password": {secret}})
		if w.Header().Get("Location") != "/settings/delete?done=back" {
			l.Fatalf("signing in leads to %q: %d", w.Header().Get("Location"), w.Code)
		}
		l.expect("she is told", back.open("/settings/delete?done=back", nil), 200, "open again")
		l.expect("the profile again", l.ask("GET", "/@ana", "", ""), 200)
		l.expect("the page has ended", l.fresh().open(page, nil), 404)
		if told := l.mailed(); !strings.Contains(told.Subject, "stays") {
			l.Errorf("coming back is told as %q", told.Subject)
		}
		l.clock.Advance(40 * 24 * time.Hour)
		l.ends()
		if a := l.found("ana"); a.Gone() {
			l.Error("it was deleted although she came back")
		}
	})
}

// TestStaffOutweighsComingBack: who is suspended while their account waits does not come
// back by signing in; when the staff lifts that, the account is as closed as its person
// left it.
func TestStaffOutweighsComingBack(t *testing.T) {
	eachLeaver(t, func(l *leaver) {
		ana := l.surfer("ana")
		ana.signIn("ana", "/sign-in")
		l.expect("asked", ana.send("/settings/delete", "/settings/delete", "name", "ana"), 303)
		l.clock.Advance(time.Hour)
		decide := func(at time.Time) {
			l.change(func(tx *storage.Tx) error {
				return tx.DecideAccount(l.Context(), l.found("ana"), at, coop.AuditEntry{Who: "staff"})
			})
		}
		signIn := func() int {
			return l.fresh().fill("/sign-in", map[string][]string{"login": {"ana"}, "password": {secret}}).Code
		}
		decide(l.clock.Now())
		if code := signIn(); code != 422 || !l.found("ana").Gone() {
			l.Errorf("a suspended one signs in: %d", code)
		}
		decide(time.Time{})
		l.expect("still closed", l.ask("GET", "/@ana", "", ""), 404)
		if code := signIn(); code != 303 || l.found("ana").Gone() {
			l.Errorf("once it is lifted she does not come back: %d", code)
		}
	})
}

// TestADeletionSaysWhoDidNotAnswer: when the time is over the account goes by itself. The
// page of its mail needs no account and says which servers took that in, for ninety days;
// the staff sees the same.
func TestADeletionSaysWhoDidNotAnswer(t *testing.T) {
	eachLeaver(t, func(l *leaver) {
		owner := l.owned()
		lea := l.surfer("lea")
		id := l.found("lea").ID
		for _, host := range []string{"slow.example", "deaf.example", "good.example"} {
			l.followedFrom(host, l.found("lea"))
		}
		lea.signIn("lea", "/sign-in")
		l.expect("asked", lea.send("/settings/delete", "/settings/delete", "name", "lea"), 303)
		page := l.path(l.mailed())
		l.expect("the staff", owner.open("/admin/members/lea", nil), 200, "Closed by its owner")
		l.clock.Advance(coop.DepartureGrace)
		l.ends()
		l.ends()
		if told := l.mailed(); told.To != "lea@mail.example" || l.path(told) != page || !strings.Contains(told.Subject, "was deleted") {
			l.Fatalf("the last mail: %q to %s, %s", told.Subject, told.To, told.Link())
		}
		l.settles(map[string]storage.Result{"deaf.example": storage.Final, "good.example": storage.Delivered})
		says := []string{"Taken in: 1. No answer yet: 1. Could not be told: 1.", "deaf.example", "slow.example"}
		l.expect("the page", l.fresh().open(page, nil), 200, append(says, "@lea@coop.example", "was deleted")...)
		if strings.Contains(l.fresh().open(page, nil).Body.String(), "good.example") {
			l.Error("who took it is listed")
		}
		owner.signIn("ana", "/sign-in")
		l.expect("the list of the staff", owner.open("/admin/deletions", nil), 200, "@lea@coop.example", "Have not answered yet: 1; could not be told: 1")
		l.expect("the staff's page", owner.open("/admin/deletions/"+id.String(), nil), 200, says...)
		l.expect("another", owner.open("/admin/deletions/7", nil), 404)

		l.sweeps(60 * 24 * time.Hour)
		l.expect("after sixty days", l.fresh().open(page, nil), 200, "deaf.example", "Could not be told: 1.")
		l.sweeps(31 * 24 * time.Hour)
		l.expect("after ninety", l.fresh().open(page, nil), 404)
		if _, err := l.store.Secret(l.Context(), storage.DepartureSecret(id)); !errors.Is(err, coop.ErrNotFound) {
			l.Errorf("the secret of the page is still there: %v", err)
		}
	})
}

// followedFrom lets somebody elsewhere follow an account.
func (l *leaver) followedFrom(host string, target *coop.Account) {
	l.Helper()
	base := coop.IRI("https://" + host + "/zoe")
	a := &coop.Account{IRI: base, Kind: coop.Person, ActorType: "Person", Name: "zoe", Host: host, Inbox: base + "/inbox"}
	l.change(func(tx *storage.Tx) error {
		if err := tx.SaveAccount(l.Context(), a); err != nil {
			return err
		}
		return tx.PutFollow(l.Context(), &coop.Follow{IRI: base + "/follow", Follower: a, Target: target, State: coop.FollowAccepted})
	})
}

// settles lets servers answer everything that waits for them.
func (l *leaver) settles(answers map[string]storage.Result) {
	l.Helper()
	l.change(func(tx *storage.Tx) error {
		claims, err := tx.ClaimDestinations(l.Context(), 10, time.Minute)
		for _, c := range claims {
			result, answered := answers[c.Host]
			s := storage.Settlement{Host: c.Host, Fence: c.Fence}
			for _, d := range c.Deliveries {
				if answered {
					s.Outcomes = append(s.Outcomes, storage.Outcome{ID: d.ID, Result: result, Error: "403"})
				}
			}
			err = errors.Join(err, tx.SettleDestination(l.Context(), s))
		}
		return err
	})
}

// sweeps lets time pass and what is over go.
func (l *leaver) sweeps(d time.Duration) {
	l.Helper()
	l.clock.Advance(d)
	for range 3 {
		l.change(func(tx *storage.Tx) error {
			_, records := tx.SweepRecords(l.Context(), 100)
			_, queues := tx.SweepQueues(l.Context(), 100)
			return errors.Join(records, queues)
		})
	}
}

// TestArchiveOfAPerson (security.md §4.11, §4.12): it takes a session and a fresh proof, is
// made in the background, told by mail, is for its person alone, and gone after a week.
func TestArchiveOfAPerson(t *testing.T) {
	eachLeaver(t, func(l *leaver) {
		const page, file = "/settings/export", "/settings/export/archive.zip"
		ana, bea := l.surfer("ana"), l.surfer("bea")
		l.note(l.found("ana"), func(p *coop.Post) { p.Source = "hola a todas" })
		l.change(func(tx *storage.Tx) error {
			return tx.AddBlock(l.Context(), storage.Block{Blocker: l.found("ana").ID, Target: l.found("bea").ID})
		})
		l.expect("a stranger", ana.open(file, nil), 303)
		ana.signIn("ana", "/sign-in")
		bea.signIn("bea", "/sign-in")
		l.expect("before", ana.open(page, nil), 200, "Prepare the file")
		l.expect("none yet", ana.open(file, nil), 404)
		l.expect("asked", ana.send(page, page), 303)
		l.expect("on its way", ana.open(page, nil), 200, "It is being prepared")
		l.expect("not ready", ana.open(file, nil), 404)
		if w := ana.send("/settings/delete", page); w.Header().Get("Location") != page+"?done=soon" {
			l.Errorf("asked twice: %q", w.Header().Get("Location"))
		}
		l.makes()
		if told := l.mailed(); l.path(told) != page || told.To != "ana@mail.example" {
			l.Errorf("told %q at %s: %s", told.Subject, told.To, told.Link())
		}
		l.expect("ready", ana.open(page, nil), 200, "Download everything", "posts: 1, files: 0", "8 May")
		names := l.unpacked(ana.open(file, nil))
		for _, want := range []string{"archive.json", "actor.json", "outbox.json", "posts.jsonl", "following.csv", "data/accounts.json", "data/blocks.json", "data/sessions.json"} {
			if names[want] == "" {
				l.Errorf("%s is not in it", want)
			}
		}
		if !strings.Contains(names["posts.jsonl"], "hola a todas") || !strings.Contains(names["data/blocks.json"], "/bea") || strings.Contains(names["data/sessions.json"], "hash") {
			l.Errorf("what is in it: %s %s %s", names["posts.jsonl"], names["data/blocks.json"], names["data/sessions.json"])
		}
		l.expect("another's", bea.open(file, nil), 404)
		l.expect("another's in her name", bea.open(file+"?as="+l.found("ana").ID.String(), nil), 403)
		l.clock.Advance(coop.ProofLife + time.Minute)
		if w := ana.open(file, nil); !strings.HasPrefix(w.Header().Get("Location"), "/settings/confirm") {
			l.Errorf("an old proof is enough: %d", w.Code)
		}
		l.clock.Advance(coop.ExportLife)
		if err := l.files.SweepExports(l.Context()); err != nil {
			l.Fatal(err)
		}
		back := l.fresh()
		back.fill("/sign-in", map[string][]string{"login": {"ana"}, "password": {secret}})
		l.expect("after a week", back.open(file, nil), 404)
		l.expect("and the page", back.open(page, nil), 200, "Prepare the file")
	})
}

// makes lets archives be made that somebody waits for.
func (l *leaver) makes() {
	l.Helper()
	did, err := l.outbox.StepExport(l.Context(), l.files, "minga test")
	if err != nil || !did {
		l.Fatalf("no archive is made: %v", err)
	}
}

// unpacked gives the files of an archive by their name.
func (l *leaver) unpacked(w interface{ Result() *http.Response }) map[string]string {
	l.Helper()
	answer := w.Result()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != 200 || int64(len(body)) != answer.ContentLength || !slices.Contains(answer.Header["Cache-Control"], "private, no-store") {
		l.Fatalf("the archive: %d %v, %d bytes of %d, %v", answer.StatusCode, answer.Header, len(body), answer.ContentLength, err)
	}
	z, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		l.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			l.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			l.Fatal(err)
		}
		files[f.Name] = string(text)
	}
	return files
}
