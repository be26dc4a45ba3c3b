// SPDX-License-Identifier: AGPL-3.0-or-later

package storage_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"minga/coop"
	"minga/storage"
	"minga/storage/storagetest"
)

func TestTokensAreFoundByHashUntilRevoked(t *testing.T) {
	eachWorld(t, func(w *world) {
		telar, ana := w.account("telar", "", coop.Coop), w.account("ana", "", coop.Person)
		hash := bytes.Repeat([]byte{9}, 32)
		token := &coop.Token{Hash: hash, AccountID: telar.ID, PersonID: ana.ID, App: "cli", Scopes: []string{"read", "write:jobs"}}
		w.give(telar, ana, coop.Publisher)
		w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.AddToken(ctx, token) })
		token.Person, token.Roles = ana.Name, []coop.Role{coop.Publisher}
		got, err := w.s.TokenByHash(w.Context(), hash)
		if diff := cmp.Diff(token, must(w, got, err)); diff != "" {
			w.Error(diff)
		}
		used := func() time.Time {
			list, err := w.s.Tokens(w.Context(), telar.ID)
			return must(w, list, err)[0].LastUsed
		}
		touch := func() {
			w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.TouchToken(ctx, token.ID, w.clock.Now()) })
		}
		touch()
		first := w.clock.Now()
		w.clock.Advance(59 * time.Minute)
		touch()
		if !used().Equal(first) {
			w.Errorf("touched within the hour: %s", used())
		}
		w.clock.Advance(time.Minute)
		if !storage.TokenStale(&coop.Token{LastUsed: first}, w.clock.Now()) {
			w.Error("not stale after an hour")
		}
		touch()
		if used().Equal(first) {
			w.Error("not touched after an hour")
		}
		suspend := func(at time.Time) {
			w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.SuspendAccount(ctx, ana.ID, at) })
		}
		suspend(w.clock.Now())
		_, err = w.s.TokenByHash(w.Context(), hash)
		w.wants(err, coop.ErrNotFound)
		suspend(time.Time{})
		w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.RevokeToken(ctx, token.ID, w.clock.Now()) })
		_, err = w.s.TokenByHash(w.Context(), hash)
		w.wants(err, coop.ErrNotFound)
		w.wants(w.try(func(ctx context.Context, tx *storage.Tx) error { return tx.RevokeToken(ctx, token.ID+1, w.clock.Now()) }), coop.ErrNotFound)
	})
}

// TestTokensOfWhoIsSuspended: a stream that is open asks whether its token still stands. It
// does not while the account or the person behind it is suspended, and does again after.
func TestTokensOfWhoIsSuspended(t *testing.T) {
	eachWorld(t, func(w *world) {
		telar, ana := w.account("telar", "", coop.Coop), w.account("ana", "", coop.Person)
		token := &coop.Token{Hash: bytes.Repeat([]byte{8}, 32), AccountID: telar.ID, PersonID: ana.ID, App: "cli", Scopes: []string{"read"}}
		w.give(telar, ana, coop.Publisher)
		w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.AddToken(ctx, token) })
		wants := func(when string, want int) {
			w.Helper()
			list, err := w.s.TokensStand(w.Context(), []coop.ID{token.ID})
			if got := must(w, list, err); len(got) != want {
				w.Errorf("%s: %d tokens stand, want %d", when, len(got), want)
			}
		}
		wants("good", 1)
		for _, who := range []*coop.Account{telar, ana} {
			w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.SuspendAccount(ctx, who.ID, w.clock.Now()) })
			wants(who.Name+" suspended", 0)
			w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.SuspendAccount(ctx, who.ID, time.Time{}) })
			wants(who.Name+" back", 1)
		}
	})
}

// audit appends n entries.
func (w *world) audit(n int) {
	w.Helper()
	for range n {
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			return tx.AddAudit(ctx, &coop.AuditEntry{Who: "ana", Act: "job.publish", Target: "https://x.example/1", Why: "asked"})
		})
	}
}

func TestAuditLogIsAChain(t *testing.T) {
	eachWorld(t, func(w *world) {
		if err := w.s.VerifyAudit(w.Context()); err != nil {
			w.Errorf("empty: %v", err)
		}
		w.audit(3)
		if err := w.s.VerifyAudit(w.Context()); err != nil {
			w.Errorf("three entries: %v", err)
		}
		list, err := w.s.Audit(w.Context(), storage.AuditQuery{}, coop.Page{Limit: 2})
		if len(must(w, list, err)) != 2 || list[0].ID < list[1].ID || list[0].Act != "job.publish" || !list[0].At.Equal(w.clock.Now()) {
			w.Errorf("log: %+v", list)
		}
	})
}

// TestAuditLogShowsWhatWasDoneAroundIt changes the database behind the program.
func TestAuditLogShowsWhatWasDoneAroundIt(t *testing.T) {
	ctx := context.Background()
	for name, tt := range map[string]struct{ sql, says string }{
		"refused":  {`UPDATE audit SET who = 'eve'`, ""},
		"removed":  {`DELETE FROM audit WHERE number = 2`, ""},
		"changed":  {`ALTER TABLE audit DISABLE TRIGGER USER; UPDATE audit SET who = 'eve' WHERE number = 2`, "entry 2"},
		"cut":      {`ALTER TABLE audit DISABLE TRIGGER USER; DELETE FROM audit WHERE number = 3`, "the last 1 of 3"},
		"hole":     {`ALTER TABLE audit DISABLE TRIGGER USER; DELETE FROM audit WHERE number = 1`, "entry 1 is missing"},
		"cut head": {`ALTER TABLE audit DISABLE TRIGGER USER; DELETE FROM audit WHERE number = 3; UPDATE audit_head SET entries = 2`, "goes on"},
	} {
		t.Run(name, func(t *testing.T) {
			url := storagetest.MigratedURL(t)
			s, err := storage.Open(ctx, storage.Options{URL: url, Now: time.Now, SecretKeys: storagetest.Keys()})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = s.Close() }()
			w := &world{T: t, s: s}
			w.audit(3)
			conn, err := pgx.Connect(ctx, url)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = conn.Close(ctx) }()
			_, err = conn.Exec(ctx, tt.sql)
			if tt.says == "" {
				if err == nil || !strings.Contains(err.Error(), "append-only") {
					t.Errorf("the schema lets it happen: %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if err := s.VerifyAudit(ctx); err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("verify says %v, want %q", err, tt.says)
			}
		})
	}
}

func TestReportsComeOnceAndTellModerators(t *testing.T) {
	eachWorld(t, func(w *world) {
		moderator, ana := w.account("mod", "", coop.Person), w.account("ana", "far.example", coop.Person)
		moderator.Rank = coop.RankModerator
		w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.SaveAccount(ctx, moderator) })
		x := &coop.Report{IRI: "https://far.example/flag/1", Reporter: ana.ID, Host: "far.example", Accounts: []coop.ID{5}, Posts: []coop.ID{6, 7}, Comment: "misleading"}
		var added [2]bool
		for i := range added {
			again := *x
			w.write(func(ctx context.Context, tx *storage.Tx) (err error) {
				added[i], err = tx.AddReport(ctx, &again)
				return err
			})
			if i == 0 {
				*x = again
			}
		}
		if added != [2]bool{true, false} {
			w.Errorf("added %v", added)
		}
		w.saw(moderator, coop.NotifyReport)
		list, err := w.s.Reports(w.Context(), storage.ReportQuery{}, coop.Page{})
		if diff := cmp.Diff([]coop.Report{*x}, must(w, list, err)); diff != "" {
			w.Error(diff)
		}
		for domain, want := range map[string]int{"far.example": 1, "example": 1, "ar.example": 0} {
			if from, all, err := w.s.OpenReports(w.Context(), domain); from != want || all != 1 || err != nil {
				w.Errorf("%d of %s wait, %d of all, %v", from, domain, all, err)
			}
		}
		w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.CloseReport(ctx, x.ID, w.clock.Now()) })
		list, err = w.s.Reports(w.Context(), storage.ReportQuery{}, coop.Page{})
		if len(must(w, list, err)) != 0 {
			w.Error("a closed report is open")
		}
	})
}

func TestStatsAreTrue(t *testing.T) {
	eachWorld(t, func(w *world) {
		telar, ana := w.account("telar", "", coop.Coop), w.account("ana", "", coop.Person)
		w.account("fed", "", coop.Federation)
		far := w.account("sol", "far.example", coop.Coop)
		w.post(telar, job("old"))
		w.clock.Advance(40 * 24 * time.Hour)
		p := w.post(telar, job("new"))
		w.post(telar, job("draft", func(j *coop.Job) { j.Status = coop.JobDraft }))
		w.post(far, job("far"))
		w.post(far, func(p *coop.Post) { p.Visibility, p.To = coop.VisibleDirect, []coop.IRI{telar.IRI} })
		w.post(telar, func(r *coop.Post) { r.InReplyTo = p.IRI })
		w.post(telar, func(p *coop.Post) {
			p.Kind, p.Article = coop.KindArticle, &coop.Article{Status: coop.ArticlePublished, Version: 1}
		})
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			return tx.TouchPeer(ctx, "far.example", storage.PeerReceived, w.clock.Now(), storage.Exchanged{})
		})
		got, err := w.s.Stats(w.Context())
		want := storage.Stats{Users: 2, ActiveMonth: 1, ActiveHalfYear: 1, Posts: 3, Comments: 1, Coops: 1, OpenJobs: 3, Articles: 1, Peers: 1}
		if diff := cmp.Diff(want, must(w, got, err)); diff != "" {
			w.Error(diff)
		}
		_ = ana
	})
}
