// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"minga/coop"
)

// explainer asks SQLite for the plan of each statement before it runs.
type explainer struct {
	t    *testing.T
	q    querier
	seen int
}

// wholeTable is a plan that reads a table of the queues from end to end.
var wholeTable = regexp.MustCompile(`^SCAN (deliveries|destinations|documents|incoming|replays|tasks|dead_deliveries|gone_inboxes|id_slots|[a-z])( USING (COVERING )?INDEX \w+)?$`)

// allowed are plans that read in the order of a partial or time index and stop early.
var allowed = regexp.MustCompile(`USING (COVERING )?INDEX (replays_until|destinations_due|incoming_ready|incoming_dead|tasks_due)|^SCAN [rh]( |$)`)

func (e *explainer) explain(ctx context.Context, sql string, args []any) {
	e.t.Helper()
	e.seen++
	rows, err := e.q.Query(ctx, "EXPLAIN QUERY PLAN "+sql, args...)
	if err != nil {
		e.t.Errorf("%v in %s", err, sql)
		return
	}
	var id, parent, unused int
	var detail string
	_, err = pgx.ForEachRow(rows, []any{&id, &parent, &unused, &detail}, func() error {
		// The sweep of destinations is the exception: one row a host, and seldom.
		if wholeTable.MatchString(detail) && !allowed.MatchString(detail) && !strings.Contains(sql, "DELETE FROM destinations") {
			e.t.Errorf("%s:\n%s", detail, sql)
		}
		return nil
	})
	if err != nil {
		e.t.Error(err)
	}
}

// Query implements querier.
func (e *explainer) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	e.explain(ctx, sql, args)
	return e.q.Query(ctx, sql, args...)
}

// QueryRow implements querier.
func (e *explainer) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	e.explain(ctx, sql, args)
	return e.q.QueryRow(ctx, sql, args...)
}

// Exec implements querier.
func (e *explainer) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	e.explain(ctx, sql, args)
	return e.q.Exec(ctx, sql, args...)
}

// TestQueueStatementsUseTheirIndexes walks through every change of the queues:
// none may read a whole table.
func TestQueueStatementsUseTheirIndexes(t *testing.T) {
	s := openFor(t, "sqlite://"+t.TempDir()+"/minga.db")
	ctx := t.Context()
	if err := s.Migrate(ctx, nil); err != nil {
		t.Fatal(err)
	}
	seen := 0
	step := func(name string, fn func(tx *Tx) error) {
		t.Helper()
		err := s.Write(ctx, func(tx *Tx) error {
			e := &explainer{t: t, q: tx.q}
			tx.q = e
			defer func() { seen += e.seen }()
			return fn(tx)
		})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	var doc int64
	var claim Claim
	deliver := func(activity string) func(tx *Tx) error {
		return func(tx *Tx) error {
			_, err := tx.AddDeliveries(ctx, []Delivery{{Inbox: "https://one.test/inbox", DocumentID: doc, Activity: activity, Object: "https://here.test/o"}})
			return err
		}
	}
	settle := func(results ...Result) func(tx *Tx) error {
		return func(tx *Tx) error {
			claims, err := tx.ClaimDestinations(ctx, 5, time.Minute)
			if err != nil || len(claims) == 0 {
				return err
			}
			claim = claims[0]
			out := Settlement{Host: claim.Host, Fence: claim.Fence}
			for _, r := range results {
				out.Outcomes = append(out.Outcomes, Outcome{ID: claim.Deliveries[0].ID, Result: r, At: testNow()})
			}
			return tx.SettleDestination(ctx, out)
		}
	}
	step("document", func(tx *Tx) (err error) {
		doc, err = tx.PutDocument(ctx, Document{IRI: "https://here.test/o", Body: []byte("{}")})
		return err
	})
	step("create", deliver("Create"))
	step("missing", func(tx *Tx) error { _, err := tx.MissingInbox(ctx, "https://one.test/inbox"); return err })
	step("again", settle(Again))
	step("update", deliver("Update"))
	step("delete", deliver("Delete"))
	step("delivered", settle(Delivered))
	step("create", deliver("Create"))
	step("final", settle(Final))
	step("nothing", settle())
	step("hosts", func(tx *Tx) error {
		_, err := tx.RetryHost(ctx, "one.test")
		if err == nil {
			err = tx.ReviveDestination(ctx, "one.test")
		}
		if err == nil {
			err = tx.LearnSignature(ctx, "one.test", "x")
		}
		if err == nil {
			_, err = tx.DropDeliveries(ctx, "one.test")
		}
		if err == nil {
			err = tx.GoneInbox(ctx, "https://one.test/inbox")
		}
		return err
	})
	receive := func(tx *Tx) error {
		for _, key := range []string{"a", "b", "c"} {
			if _, err := tx.AddIncoming(ctx, Incoming{DedupeKey: key, Actor: "https://there.test/a", Object: "https://there.test/o"}); err != nil {
				return err
			}
		}
		return nil
	}
	step("receive", receive)
	for _, end := range []func(tx *Tx, in Incoming) error{
		func(tx *Tx, in Incoming) error { return tx.PostponeIncoming(ctx, in.ID, in.Fence, testNow(), "") },
		func(tx *Tx, in Incoming) error { return tx.FinishIncoming(ctx, in.ID, in.Fence) },
		func(tx *Tx, in Incoming) error { return tx.FailIncoming(ctx, in.ID, in.Fence, "") },
	} {
		step("incoming", func(tx *Tx) error {
			all, err := tx.ClaimIncoming(ctx, 1, time.Minute)
			if err != nil || len(all) != 1 {
				t.Errorf("claimed %d, %v", len(all), err)
				return err
			}
			return end(tx, all[0])
		})
	}
	step("retry", func(tx *Tx) error { _, err := tx.RetryIncoming(ctx, "there.test"); return err })
	step("replay", func(tx *Tx) error { _, err := tx.Replay(ctx, "k", testNow()); return err })
	step("ids", func(tx *Tx) error { _, err := tx.NextID(ctx, testNow().Add(-time.Hour)); return err })
	step("tasks", func(tx *Tx) error {
		if err := tx.AddTask(ctx, Task{Kind: "mail", Key: "1"}); err != nil {
			return err
		}
		all, err := tx.ClaimTasks(ctx, []string{"mail"}, 1, time.Minute)
		if err != nil {
			return err
		}
		return tx.FinishTask(ctx, all[0].ID, all[0].Fence)
	})
	step("delete document", func(tx *Tx) error { return tx.DeleteDocument(ctx, coop.IRI("https://here.test/o")) })
	step("sweep", func(tx *Tx) error { _, err := tx.SweepQueues(ctx, 10); return err })
	if seen < 60 {
		t.Errorf("only %d statements were looked at", seen)
	}
	if !strings.Contains(claim.Host, "one") {
		t.Error("nothing was claimed")
	}
}
