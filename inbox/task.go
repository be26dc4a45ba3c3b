// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"go.opentelemetry.io/otel/trace"

	"minga/coop"
	"minga/federation/span"
	"minga/storage"
)

// The tasks of this room.
const (
	taskBackfill   = "inbox.backfill"
	taskRefetch    = "inbox.refetch"        // an actor, by its IRI
	taskMembership = storage.TaskMembership // both ends of a membership
	taskThread     = "inbox.thread"
	taskRevalidate = "inbox.revalidate"
	taskTeamFile   = "inbox.team_file" // a file of a team's room, by its id
	taskServices   = "inbox.services"  // what a co-op says that it does
	taskCapacity   = "inbox.capacity"  // what time it has
	taskCompare    = "inbox.compare"   // what an account lists, with what is kept of it
	taskFollowers  = "inbox.followers" // whom of ours another server takes for followers
)

// again is what a task wants that is not done yet: at, and with which payload.
type again struct {
	at      time.Time
	payload any
}

// runners is the dispatch of the tasks.
func (in *Inbox) runners() map[string]func(context.Context, storage.Task) (*again, error) {
	return map[string]func(context.Context, storage.Task) (*again, error){
		taskBackfill:              in.runBackfill,
		taskRefetch:               in.runRefetch,
		taskMembership:            in.runMembership,
		taskThread:                in.runThread,
		taskRevalidate:            in.runRevalidate,
		taskTeamFile:              in.runTeamFile,
		taskServices:              in.runServices,
		taskCapacity:              in.runCapacity,
		taskCompare:               in.runCompare,
		taskFollowers:             in.runFollowers,
		storage.TaskRemoveAccount: in.runRemoveAccount,
		storage.TaskVerifyFields:  in.runVerifyFields,
		storage.TaskMove:          in.runMove,
		storage.TaskProveDomains:  in.runProveDomains,
	}
}

// taskKinds lists the tasks that this room claims.
func taskKinds() []string {
	return []string{taskBackfill, taskRefetch, taskMembership, taskThread, taskRevalidate, taskTeamFile, taskServices, taskCapacity, taskCompare, taskFollowers, storage.TaskRemoveAccount, storage.TaskVerifyFields, storage.TaskMove, storage.TaskProveDomains}
}

// maxTaskAttempts is after how many failures in a row a task is set aside.
const maxTaskAttempts = 8

// stepTask claims one task and does it.
func (in *Inbox) stepTask(ctx context.Context) (bool, error) {
	var claimed []storage.Task
	err := in.store.Write(ctx, func(tx *storage.Tx) (err error) {
		claimed, err = tx.ClaimTasks(ctx, taskKinds(), 1, lease)
		return err
	})
	if err != nil || len(claimed) == 0 {
		return false, err
	}
	start := in.now()
	ctx, traced := span.Root(ctx, in.o.Tracer, span.Task, trace.SpanKindConsumer, span.TaskKind(claimed[0].Kind))
	outcome, err := in.runTask(ctx, claimed[0])
	endTurn(traced, outcome)
	in.o.Counter.Handled(claimed[0].Kind, outcome, in.now().Sub(start))
	if errors.Is(err, storage.ErrLeaseLost) {
		return true, nil
	}
	return true, err
}

// runTask does a task and settles what became of it.
func (in *Inbox) runTask(ctx context.Context, t storage.Task) (string, error) {
	var next *again
	err := in.contained(func() (err error) {
		work, cancel := context.WithTimeout(withPause(ctx), workDeadline)
		defer cancel()
		next, err = in.runners()[t.Kind](work, t)
		return err
	})
	switch {
	case err == nil && next == nil:
		return "done", in.store.Write(ctx, func(tx *storage.Tx) error { return tx.FinishTask(ctx, t.ID, t.Fence) })
	case err == nil:
		return "again", in.taskAgain(ctx, t, next)
	case ctx.Err() != nil:
		return "postponed", in.handTaskOn(ctx, t)
	}
	return in.taskFailed(ctx, t, err)
}

// handTaskOn is [Inbox.handOn] for a task.
func (in *Inbox) handTaskOn(ctx context.Context, t storage.Task) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), handOnWithin)
	defer cancel()
	return in.store.Write(ctx, func(tx *storage.Tx) error {
		tx.Wake(storage.TopicTasks)
		return tx.RenewTask(ctx, t.ID, t.Fence, 0)
	})
}

// taskAgain keeps a task's place and lets it come again.
func (in *Inbox) taskAgain(ctx context.Context, t storage.Task, next *again) error {
	var payload []byte
	if next.payload != nil {
		var err error
		if payload, err = json.Marshal(next.payload); err != nil {
			return fmt.Errorf("task %s: %w", t.Kind, err)
		}
	}
	return in.store.Write(ctx, func(tx *storage.Tx) error {
		return tx.PostponeTask(ctx, t.ID, t.Fence, next.at, payload, "")
	})
}

// taskFailed lets a task come again later, or sets it aside where that is of no
// use.
func (in *Inbox) taskFailed(ctx context.Context, t storage.Task, cause error) (string, error) {
	var why dropped
	if errors.As(cause, &why) || final(cause) {
		in.log.LogAttrs(ctx, slog.LevelDebug, "task dropped", slog.String("task", t.Kind), slog.Any("err", cause))
		return "dropped", in.store.Write(ctx, func(tx *storage.Tx) error { return tx.FinishTask(ctx, t.ID, t.Fence) })
	}
	text := coop.CleanLine(cause.Error(), 500)
	return "failed", in.store.Write(ctx, func(tx *storage.Tx) error {
		if t.Attempts >= maxTaskAttempts {
			return tx.FailTask(ctx, t.ID, t.Fence, text)
		}
		return tx.PostponeTask(ctx, t.ID, t.Fence, in.now().Add(backoff(t.Attempts)), nil, text)
	})
}

// addTask queues a task of this room.
func (in *Inbox) addTask(ctx context.Context, tx *storage.Tx, kind, key string, at time.Time, payload any) error {
	body, err := json.Marshal(payload)
	if err != nil {
		return fmt.Errorf("queue task %s: %w", kind, err)
	}
	return tx.AddTask(ctx, storage.Task{Kind: kind, Key: key, DueAt: at, Payload: body})
}

// decode reads a task's payload.
func decode[T any](t storage.Task) (T, error) {
	var v T
	if err := json.Unmarshal(t.Payload, &v); err != nil {
		return v, fmt.Errorf("task %s: %w", t.Kind, errors.Join(err, coop.ErrNotFound))
	}
	return v, nil
}

// queueRefetch lets an actor be fetched a minute from now: a burst of its Updates
// is one fetch.
func (in *Inbox) queueRefetch(ctx context.Context, tx *storage.Tx, iri coop.IRI) error {
	return in.addTask(ctx, tx, taskRefetch, string(iri), in.now().Add(time.Minute), iri)
}

func (in *Inbox) runRefetch(ctx context.Context, t storage.Task) (*again, error) {
	iri, err := decode[coop.IRI](t)
	if err != nil {
		return nil, err
	}
	_, err = in.Refresh(ctx, iri)
	return nil, err
}

// runRemoveAccount removes what a deleted account wrote, a batch at a time.
func (in *Inbox) runRemoveAccount(ctx context.Context, t storage.Task) (*again, error) {
	id, err := decode[coop.ID](t)
	if err != nil {
		return nil, err
	}
	n := 0
	err = in.store.Write(ctx, func(tx *storage.Tx) (err error) {
		n, err = tx.RemoveAccountBatch(ctx, id, 200)
		return err
	})
	if err != nil || n == 0 {
		return nil, err
	}
	return &again{at: in.now()}, nil
}
