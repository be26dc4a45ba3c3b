// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"strings"
	"testing"
	"time"

	"minga/coop"
	"minga/outbox/mail"
	"minga/outbox/mail/mailtest"
	"minga/storage"
	"minga/storage/storagetest"
)

// withMail runs a story on both databases, beside a mail server of that manner.
func withMail(t *testing.T, manner mailtest.Manner, story func(h *house, sink *mailtest.Sink)) {
	t.Helper()
	storagetest.EachAt(t, func(t *testing.T, s *storage.Store, clock *storagetest.Clock) {
		sink := mailtest.Open(t, manner)
		server := &mail.Server{
			Host: "127.0.0.1", Port: sink.Port, Security: mail.Plain, From: mail.Sender{Address: "minga@fed-sur.example"}, Now: clock.Now, Patience: time.Second,
		}
		story(newHouseIn(t, s, clock, func(o *Options) { o.Mail = server }), sink)
	})
}

// writer makes a person with an address.
func (h *house) writer(name, language string) *coop.Account {
	h.t.Helper()
	a, err := h.NewAccount(h.t.Context(), Registration{Kind: coop.Person, Name: name, Language: language, Email: name + "@mail.example"})
	h.must(err)
	return a
}

// post sends everything that is due now and says how many mails that were.
func (h *house) post() int {
	h.t.Helper()
	for n := 0; ; n++ {
		did, err := h.StepMail(h.t.Context())
		h.must(err)
		if !did {
			return n
		}
	}
}

// linkOf finds the link that an address leads to.
func (h *house) linkOf(purpose coop.LinkPurpose, address, path string) (*coop.Link, error) {
	secret, ok := strings.CutPrefix(address, "https://fed-sur.example"+path)
	if !ok {
		h.t.Errorf("%s does not lead to %s", address, path)
	}
	return h.store.LinkByHash(h.t.Context(), purpose, LinkHash(secret))
}

func TestWhoAsksForANewPasswordGetsALink(t *testing.T) {
	withMail(t, mailtest.Manner{}, func(h *house, sink *mailtest.Sink) {
		ctx := t.Context()
		ana := h.writer("ana", "it")
		for _, address := range []string{"ANA@mail.example", "ana@mail.example", "nobody@mail.example"} {
			h.must(h.AskReset(ctx, address))
		}
		if n := h.post(); n != 2 {
			h.t.Errorf("%d mails were queued; two ways to write one address are one", n)
		}
		mails := sink.Mails()
		if len(mails) != 1 || mails[0].To != "ana@mail.example" || !strings.Contains(mails[0].Subject, "Una nuova password per ana@fed-sur.example") {
			h.t.Fatalf("sent: %+v", mails)
		}
		link, err := h.linkOf(coop.LinkReset, mails[0].Link(), "/reset/")
		h.must(err)
		if link.AccountID != ana.ID || !link.EndsAt.Equal(h.clock.Now().Add(time.Hour)) {
			h.t.Errorf("the link is %+v", link)
		}
	})
}

// TestAWaitingMailMakesNoLinkAfterAllEnded: who was put out leaves no mail behind by which
// an address becomes the account's.
func TestAWaitingMailMakesNoLinkAfterAllEnded(t *testing.T) {
	withMail(t, mailtest.Manner{}, func(h *house, sink *mailtest.Sink) {
		ctx := t.Context()
		ana, bea := h.writer("ana", "en"), h.writer("bea", "en")
		h.must(h.AskEmail(ctx, ana, "thief@mail.example"))
		h.must(h.AskEmail(ctx, bea, "bea@other.example"))
		h.must(h.store.Write(ctx, func(tx *storage.Tx) error { return tx.EndOthers(ctx, ana.ID, 0) }))
		h.post()
		if mails := sink.Mails(); len(mails) != 1 || mails[0].To != "bea@other.example" {
			h.t.Errorf("sent: %+v", mails)
		}
	})
}

func TestNoMailToWhoIsGone(t *testing.T) {
	withMail(t, mailtest.Manner{}, func(h *house, sink *mailtest.Sink) {
		ctx := t.Context()
		ana := h.writer("ana", "en")
		h.must(h.store.Write(ctx, func(tx *storage.Tx) error { return tx.SuspendAccount(ctx, ana.ID, h.clock.Now()) }))
		h.must(h.AskReset(ctx, ana.Email))
		if h.post(); len(sink.Mails()) != 0 {
			h.t.Errorf("sent: %+v", sink.Mails())
		}
	})
}

func TestAMailIsQueuedWithWhatItTells(t *testing.T) {
	withMail(t, mailtest.Manner{}, func(h *house, sink *mailtest.Sink) {
		ctx := t.Context()
		ana := h.writer("ana", "ca")
		change := func(fails error) {
			_ = h.store.Write(ctx, func(tx *storage.Tx) error {
				h.must(h.TellPasswordChanged(ctx, tx, ana))
				return fails
			})
		}
		change(coop.ErrConflict)
		if h.post() != 0 {
			h.t.Error("what did not happen was told")
		}
		change(nil)
		h.post()
		if mails := sink.Mails(); len(mails) != 1 || mails[0].Subject != "Ha canviat la contrasenya de ana@fed-sur.example" || mails[0].Link() != "https://fed-sur.example/reset" {
			h.t.Errorf("sent: %+v", mails)
		}
	})
}

func TestPeopleHearOfTheirSecondFactors(t *testing.T) {
	withMail(t, mailtest.Manner{}, func(h *house, sink *mailtest.Sink) {
		ctx := t.Context()
		ana := h.writer("ana", "it")
		for n, tt := range []struct {
			kind          mail.Kind
			subject, link string
		}{
			{mail.Factors, "L’accesso di ana@fed-sur.example è cambiato", "/settings/security"},
			{mail.Codes, "Molti codici sbagliati per ana@fed-sur.example", "/settings/security"},
			{mail.Copy, "Una chiave di accesso di ana@fed-sur.example è stata rifiutata", "/settings/security"},
			{mail.Moved, "Un altro indirizzo per ana@fed-sur.example", "/reset"},
		} {
			h.must(h.store.Write(ctx, func(tx *storage.Tx) error { return h.TellSecurity(ctx, tx, ana, tt.kind) }))
			h.post()
			mails := sink.Mails()
			if len(mails) != n+1 || mails[n].To != ana.Email || mails[n].Subject != tt.subject || mails[n].Link() != "https://fed-sur.example"+tt.link {
				h.t.Errorf("sent: %+v", mails)
			}
		}
	})
}

func TestInvitations(t *testing.T) {
	withMail(t, mailtest.Manner{}, func(h *house, sink *mailtest.Sink) {
		ctx := t.Context()
		h.must(h.store.Write(ctx, func(tx *storage.Tx) error {
			return h.SendInvite(ctx, tx, "new@mail.example", "pt-BR", coop.RankModerator)
		}))
		h.post()
		link, err := h.linkOf(coop.LinkInvite, sink.Mails()[0].Link(), "/invite/")
		h.must(err)
		if link.Email != "new@mail.example" || link.Rank != coop.RankModerator || !link.EndsAt.Equal(h.clock.Now().Add(7*24*time.Hour)) {
			h.t.Errorf("the link is %+v", link)
		}
	})
}

func TestAMailIsTriedAgainForADay(t *testing.T) {
	withMail(t, mailtest.Manner{Refuse: "MAIL", Code: 550}, func(h *house, sink *mailtest.Sink) {
		ctx := t.Context()
		ana := h.writer("ana", "en")
		h.must(h.AskReset(ctx, ana.Email))
		if n := h.post(); n != 1 {
			h.t.Errorf("%d attempts at once, want one", n)
		}
		for range 30 {
			h.clock.Advance(time.Hour)
			h.post()
		}
		if n := sink.Connections(); n < 8 || n > 20 {
			h.t.Errorf("%d attempts in 30 hours", n)
		}
		if dead := h.deadMails(ctx); dead != 1 {
			h.t.Errorf("%d mails are set aside, want one", dead)
		}
		sink.Behave(mailtest.Manner{})
		h.must(h.AskReset(ctx, ana.Email))
		if h.post(); len(sink.Mails()) != 1 {
			h.t.Errorf("asked once more: %d mails", len(sink.Mails()))
		}
	})
}

// deadMails counts the mails that were set aside.
func (h *house) deadMails(ctx context.Context) (n int) {
	stats, err := h.store.TaskStats(ctx)
	h.must(err)
	for _, s := range stats {
		n += s.Dead
	}
	return n
}

func TestAnAddressThatIsRefusedIsNotAskedAgain(t *testing.T) {
	withMail(t, mailtest.Manner{Refuse: "RCPT", Code: 550}, func(h *house, sink *mailtest.Sink) {
		h.must(h.AskReset(t.Context(), h.writer("ana", "en").Email))
		h.post()
		h.clock.Advance(48 * time.Hour)
		if h.post(); sink.Connections() != 1 || h.deadMails(t.Context()) != 1 {
			h.t.Errorf("%d attempts, %d set aside", sink.Connections(), h.deadMails(t.Context()))
		}
	})
}

func TestAServerThatHangsHoldsNobody(t *testing.T) {
	withMail(t, mailtest.Manner{Hang: "CONNECT"}, func(h *house, sink *mailtest.Sink) {
		ana := h.writer("ana", "en")
		begun := time.Now()
		h.must(h.AskReset(t.Context(), ana.Email))
		if took := time.Since(begun); took > 500*time.Millisecond {
			h.t.Errorf("who asked waited %s", took)
		}
		h.post()
		sink.Behave(mailtest.Manner{})
		h.clock.Advance(time.Minute)
		if h.post(); len(sink.Mails()) != 1 {
			h.t.Error("when it spoke again it got no mail")
		}
	})
}

func TestMailRunsUntilTheEnd(t *testing.T) {
	withMail(t, mailtest.Manner{}, func(h *house, sink *mailtest.Sink) {
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- h.RunMail(ctx) }()
		h.must(h.AskReset(ctx, h.writer("ana", "en").Email))
		for range 500 {
			if len(sink.Mails()) > 0 {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		stop()
		if err := <-ended; err != nil || len(sink.Mails()) != 1 {
			h.t.Errorf("%d mails, %v", len(sink.Mails()), err)
		}
	})
}

func TestWithoutAMailServer(t *testing.T) {
	h := newHouse(t)
	ctx := t.Context()
	ana := h.writer("ana", "en")
	if err := h.AskReset(ctx, ana.Email); err == nil {
		t.Error("a mail was promised")
	}
	h.must(h.store.Write(ctx, func(tx *storage.Tx) error { return h.TellPasswordChanged(ctx, tx, ana) }))
	ending, stop := context.WithTimeout(ctx, 20*time.Millisecond) // it waits for a server to be named
	defer stop()
	if err := h.RunMail(ending); err != nil {
		t.Error(err)
	}
	if stats, err := h.store.TaskStats(ctx); err != nil || len(stats) != 0 {
		t.Errorf("waiting: %+v, %v", stats, err)
	}
	address, err := h.NewReset(ctx, ana)
	h.must(err)
	if _, err := h.linkOf(coop.LinkReset, address, "/reset/"); err != nil {
		t.Errorf("the link of the command line: %v", err)
	}
	federation, err := h.store.FederationAccount(ctx)
	h.must(err)
	if _, err := h.NewReset(ctx, federation); err == nil {
		t.Error("a federation has a password")
	}
	for _, address := range []string{"ana", "a@b\r\nBcc: c@d.example", `"a"@mail.example`} {
		if err := h.AskReset(ctx, address); err == nil {
			t.Errorf("%q was taken", address)
		}
	}
}
