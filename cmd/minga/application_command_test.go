// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"minga/coop"
	"minga/federation/signature/signaturetest"
	"minga/outbox"
	"minga/storage"
)

// TestApplicationsOnTheCommandLine: that there are some, and never whose.
func TestApplicationsOnTheCommandLine(t *testing.T) {
	config := interopConfig(t, 8080, nil)
	i, err := newInstance(t.Context(), config, slog.New(slog.DiscardHandler), time.Now, signaturetest.Keys())
	if err != nil {
		t.Fatal(err)
	}
	defer i.close() //nolint:errcheck // the test is over
	ctx := t.Context()
	telar, err := i.outbox.NewAccount(ctx, outbox.Registration{Kind: coop.Coop, Name: "telar", Language: "es"})
	if err != nil {
		t.Fatal(err)
	}
	run := func(want int, args ...string) string {
		t.Helper()
		code, out, talk := typedWith(t, config.DataDir, map[string]string{"MINGA_HOST": config.Host, "MINGA_FEDERATION_HANDLE": "sur"}, append([]string{"application"}, args...)...)
		if code != want {
			t.Errorf("%v ends with %d, want %d: %s", args, code, want, talk)
		}
		return out
	}
	run(exitNotFound, "form", "nobody", "on")
	run(exitDone, "form", "telar", "on")
	job := jobPost("Cooperativista de horno")
	job.Job.DirectApply = true
	if err := i.outbox.PublishJob(ctx, telar, job); err != nil {
		t.Fatal(err)
	}
	a := &coop.Application{PostID: job.ID, AccountID: telar.ID, Name: "Eva Secreta", Email: "eva@mail.example", Message: "Amaso.", Language: "es", Title: "Horno"}
	if err := i.store.Write(ctx, func(tx *storage.Tx) error { return tx.AddApplication(ctx, a, []byte(strings.Repeat("k", 32)), 0) }); err != nil {
		t.Fatal(err)
	}
	for _, out := range []string{run(exitDone, "list", job.ID.String()), run(exitDone, "list", job.ID.String(), "--json")} {
		if !strings.Contains(out, a.ID.String()) || strings.Contains(out, "Eva") || strings.Contains(out, "mail.example") || strings.Contains(out, "Amaso") {
			t.Errorf("listed: %s", out)
		}
	}
	run(exitDone, "answered", a.ID.String())
	if got, err := i.store.ApplicationByID(ctx, a.ID); err != nil || got.AnsweredAt.IsZero() {
		t.Errorf("answered: %+v, %v", got, err)
	}
	run(exitDone, "waiting", a.ID.String())
	run(exitDone, "delete", a.ID.String())
	run(exitNotFound, "delete", a.ID.String())
	run(exitNotFound, "list", "1")
	entries, err := i.store.Audit(ctx, storage.AuditQuery{Account: telar.ID}, coop.Page{Limit: 10})
	if err != nil || len(entries) != 4 || entries[0].Act != "applications.delete" || entries[3].Act != "hiring.form" {
		t.Errorf("noted %+v, %v", entries, err)
	}
}
