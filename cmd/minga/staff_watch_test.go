// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"time"

	"minga/coop"
	"minga/federation/signature/signaturetest"
	"minga/outbox/mail/mailtest"
	"minga/storage"
)

// TestStaffIsToldOnce: a backup that failed twice, work that stands still and what waits
// on a Monday are told by mail to owners and admins, once for each cause, and again only
// after the cause was over. The mail leads to the page that solves it.
func TestStaffIsToldOnce(t *testing.T) {
	sink := mailtest.Open(t, mailtest.Manner{})
	config := interopConfig(t, 8080, map[string]string{
		"MINGA_SMTP_HOST": "127.0.0.1", "MINGA_SMTP_PORT": strconv.Itoa(sink.Port), "MINGA_SMTP_TLS": "none", "MINGA_MAIL_FROM": "minga@sur.example",
		"MINGA_BACKUP_TO": t.TempDir(),
	})
	now := time.Date(2030, 5, 5, 12, 0, 0, 0, time.UTC) // a Sunday
	i, err := newInstance(t.Context(), config, slog.New(slog.DiscardHandler), func() time.Time { return now }, signaturetest.Keys())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = i.close() })
	for name, rank := range map[string]coop.Rank{"eva": coop.RankOwner, "ana": coop.RankMember} {
		if code, _, talk := typedWith(t, config.DataDir, map[string]string{"MINGA_HOST": config.Host, "MINGA_FEDERATION_HANDLE": "sur"}, "account", "create", name, "--email", name+"@sur.example", "--role", string(rank), "--confirmed"); code != exitDone {
			t.Fatal(talk)
		}
	}
	look := func(when, want string) {
		t.Helper()
		i.pulse.beat()
		i.pulse.inboxBeat()
		i.pulse.outboxBeat()
		if err := i.tellStaff(t.Context()); err != nil {
			t.Fatal(err)
		}
		before := len(sink.Mails())
		for {
			did, err := i.outbox.StepMail(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if !did {
				break
			}
		}
		got := []string{}
		for _, m := range sink.Mails()[before:] {
			got = append(got, m.Header.Get("To"))
			if !strings.Contains(m.Body, config.BaseURL()+"/admin") || strings.Contains(m.Body, "<no value>") {
				t.Errorf("%s: the mail leads nowhere: %s", when, m.Body)
			}
		}
		if said := strings.Join(got, " "); said != want {
			t.Errorf("%s: mails to %q, want %q", when, said, want)
		}
	}
	change := func(do func(b *storage.Backup)) {
		t.Helper()
		if err := i.store.Write(t.Context(), func(tx *storage.Tx) error { return tx.ChangeBackup(t.Context(), do) }); err != nil {
			t.Fatal(err)
		}
	}
	owner := "<eva@sur.example>"
	look("all is well", "")
	change(func(b *storage.Backup) { b.Failures = 1 })
	look("a backup failed once", "")
	change(func(b *storage.Backup) { b.Failures = 2 })
	look("a backup failed twice", owner)
	look("the same a minute later", "")
	change(func(b *storage.Backup) { b.Failures, b.At = 0, now })
	look("it is good again", "")
	change(func(b *storage.Backup) { b.Failures = 2 })
	look("it failed twice again", owner)
	change(func(b *storage.Backup) { b.Failures = 0 })
	now = now.Add(24 * time.Hour)
	look("a Monday on which nothing waits", "")
	waiting := &coop.Report{Comment: "spam", Category: "spam"}
	federation, err := i.store.FederationAccount(t.Context())
	if err == nil {
		waiting.Accounts, waiting.Reporter = []coop.ID{federation.ID}, federation.ID
		err = i.store.Write(t.Context(), func(tx *storage.Tx) error { _, err := tx.AddReport(t.Context(), waiting); return err })
	}
	if err != nil {
		t.Fatal(err)
	}
	look("a Monday with a report", owner)
	look("the same Monday", "")
	i.config.MailWeekly = false
	now = now.Add(7 * 24 * time.Hour)
	change(func(b *storage.Backup) { b.At = now })
	look("the next Monday, without the digest", "")
}
