// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"errors"
	"strings"
	"testing"

	"minga/coop"
	"minga/outbox/mail"
	"minga/outbox/mail/mailtest"
	"minga/storage"
	"minga/storage/storagetest"
)

// TestAMailServerIsNamed: mails leave through it at once, and after the next start; its
// password is kept sealed; one of the configuration is not changed.
func TestAMailServerIsNamed(t *testing.T) {
	storagetest.EachAt(t, func(t *testing.T, s *storage.Store, clock *storagetest.Clock) {
		ctx, sink := t.Context(), mailtest.Open(t, mailtest.Manner{})
		plain := func(o *Options) { o.Local.Scheme = "http" }
		h := newHouseIn(t, s, clock, plain)
		if err := h.TestMail(ctx, "ana@mail.example", "en"); !errors.Is(err, coop.ErrUnavailable) || h.SendsMail() {
			t.Errorf("no server: %v", err)
		}
		server := MailServer{Host: "127.0.0.1", Port: sink.Port, From: "Minga <minga@fed-sur.example>", Security: mail.Plain}
		h.must(h.KeepMail(ctx, server, Noted(coop.AuditEntry{Who: "ana", Act: "mail.server", Target: server.Host})))
		h.must(h.TestMail(ctx, "ana@mail.example", "en"))
		again := newHouseIn(t, s, clock, plain)
		h.must(again.TestMail(ctx, "bo@mail.example", "en"))
		if mails := sink.Mails(); len(mails) != 2 || mails[1].To != "bo@mail.example" {
			t.Errorf("%d mails arrived", len(mails))
		}
		server.User, server.Password, server.Security = "minga", "geheim wort", mail.StartTLS
		h.must(h.KeepMail(ctx, server))
		kept, err := s.Setting(ctx, mailSetting)
		if err != nil || strings.Contains(kept, "geheim") {
			t.Errorf("kept %s, %v", kept, err)
		}
		if got := newHouseIn(t, s, clock, plain).mailer.Load(); got == nil || got.Password != "geheim wort" || got.From.Name != "Minga" {
			t.Errorf("recalled %+v", got)
		}
		fixed := newHouseIn(t, s, clock, plain, func(o *Options) { o.Mail = &mail.Server{Host: "mail.example"} })
		if err := fixed.KeepMail(ctx, server); !errors.Is(err, coop.ErrForbidden) {
			t.Errorf("one of the configuration: %v", err)
		}
		if host, is := fixed.MailHost(); host != "mail.example" || !is {
			t.Errorf("the configuration names %q, %v", host, is)
		}
		h.must(s.Write(ctx, func(tx *storage.Tx) error { return tx.SetSetting(ctx, mailSetting, "{") }))
		if newHouseIn(t, s, clock, plain).SendsMail() {
			t.Error("what cannot be read sends mails")
		}
		h.must(h.KeepMail(ctx, MailServer{}))
		if _, err := s.Setting(ctx, mailSetting); h.SendsMail() || !errors.Is(err, coop.ErrNotFound) {
			t.Errorf("ended: %v", err)
		}
	})
}
