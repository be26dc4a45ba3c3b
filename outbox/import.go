// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"minga/coop"
	"minga/coop/carry"
	"minga/storage"
)

// Imports. A file that somebody brought from elsewhere is kept as rows, and a task does
// them: a few at a time, each in one transaction with the note that it is done, so that
// a kill loses and doubles nothing. Rows that ask the same server have their turn a
// second apart, whoever brought them; one whose server does not answer comes again
// twice. What takes the place of everything that was there before ends the rest last,
// when it is known whom the rows mean.

// finder looks up accounts and posts, here and elsewhere. Declared here, where it is
// needed; the outbox never hears of the inbox.
type finder interface {
	// ByHandle finds an actor by name@host.
	ByHandle(ctx context.Context, h coop.Handle) (*coop.Account, error)
	// Open finds what stands at an address, an actor or a post; one of both is nil.
	Open(ctx context.Context, address coop.IRI) (*coop.Account, *coop.Post, error)
}

const (
	rowsAtOnce   = 20               // rows of one turn of an import
	rowsTogether = 4                // of them at the same time
	rowPatience  = 20 * time.Second // for the look-up of one row
	restPause    = 5 * time.Second  // between turns that end what is not in the file
	rowTries     = 3
	importTries  = 8 // failures in a row of our own, after which an import is stopped
)

// importAt is how far an import has come.
type importAt struct {
	Stage string `json:"stage,omitempty"` // empty: the rows; else one of the below
	After int64  `json:"after,omitempty"` // id of the last row of the stage
}

// The stages after the rows.
const (
	stageRest  = "rest"  // what the file does not name ends
	stageClean = "clean" // rows that are done are forgotten
)

// StartImport keeps a file that was read and lets it be done; i says whose it is, its
// kind, and whether what it does not name ends. That is refused with a
// *[coop.InvalidError] of field overwrite where rows of the file cannot be read, since
// they would count as not named.
func (o *Outbox) StartImport(ctx context.Context, i *coop.Import, file *carry.File) error {
	if i.Overwrite && len(file.Bad) > 0 {
		return &coop.InvalidError{Field: "overwrite", Code: coop.CodeNotAllowed, Problem: "rows of the file cannot be read, and whom they mean would be removed: mend them first"}
	}
	kind := carry.Kind(i.Kind)
	if !kind.Valid() {
		return &coop.InvalidError{Field: "kind", Code: coop.CodeUnknown, Problem: "is one of following, lists, blocks, mutes, domain_blocks and bookmarks"}
	}
	host := func(r carry.Row) string { return o.importHost(kind, r) }
	return o.store.Write(ctx, func(tx *storage.Tx) error { return tx.AddImport(ctx, i, file, host) })
}

// importHost is the server that a row asks, empty for none.
func (o *Outbox) importHost(kind carry.Kind, r carry.Row) string {
	host := ""
	switch kind {
	case carry.Servers:
	case carry.Bookmarks:
		host = coop.IRI(r.Target).Host()
	default:
		if h, err := coop.ParseHandle(r.Target); err == nil {
			host = h.Host
		}
	}
	if host == o.o.Local.Host || host == o.o.Local.AccountDomain {
		return ""
	}
	return host
}

// StopImport ends an import of the account's own before its time; what was done stays.
func (o *Outbox) StopImport(ctx context.Context, account, id coop.ID) error {
	return o.store.Write(ctx, func(tx *storage.Tx) error { return tx.StopImport(ctx, account, id) })
}

// RunImports does imports until ctx ends, woken by the store. It returns nil when ctx
// ended; an error is the store's.
func (o *Outbox) RunImports(ctx context.Context) error {
	return o.turns(ctx, storage.TopicTasks, o.StepImport)
}

// StepImport gives one import its turn and says whether there was one. Errors are those
// of the store.
func (o *Outbox) StepImport(ctx context.Context) (did bool, err error) {
	var claimed []storage.Task
	err = o.store.Write(ctx, func(tx *storage.Tx) (err error) {
		claimed, err = tx.ClaimTasks(ctx, []string{storage.TaskImport}, 1, lease)
		return err
	})
	if err != nil || len(claimed) == 0 {
		return false, err
	}
	defer func() {
		if v := recover(); v != nil {
			o.panicked(ctx, "import", v) // its lease runs out and it comes again
		}
	}()
	next, at, failed := o.workImport(ctx, claimed[0])
	return true, o.settleImport(ctx, claimed[0], next, at, failed)
}

// settleImport writes down how far an import came; a zero time means that it has ended.
func (o *Outbox) settleImport(ctx context.Context, t storage.Task, next time.Time, at importAt, failed error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleWithin)
	defer cancel()
	payload, err := json.Marshal(at)
	if err != nil {
		return fmt.Errorf("import %s: %w", t.Key, err)
	}
	err = o.store.Write(ctx, func(tx *storage.Tx) error {
		switch {
		case failed != nil && t.Attempts >= importTries:
			return tx.FailTask(ctx, t.ID, t.Fence, failed.Error())
		case failed != nil:
			return tx.PostponeTask(ctx, t.ID, t.Fence, o.now().Add(pause(t.Attempts, t.Key)), nil, failed.Error())
		case next.IsZero():
			return tx.FinishTask(ctx, t.ID, t.Fence)
		}
		return tx.PostponeTask(ctx, t.ID, t.Fence, next, payload, "")
	})
	if failed != nil {
		o.log.LogAttrs(ctx, slog.LevelWarn, "import not done", slog.String("id", t.Key), slog.Int("attempt", t.Attempts), slog.Any("err", failed))
	}
	if errors.Is(err, storage.ErrLeaseLost) {
		return nil // it was stopped, or another node has it
	}
	return err
}

// workImport does one turn: some rows, or what comes after them. It says when the next
// is due, never where the import has ended.
func (o *Outbox) workImport(ctx context.Context, t storage.Task) (next time.Time, at importAt, err error) {
	if len(t.Payload) > 0 {
		if err := json.Unmarshal(t.Payload, &at); err != nil {
			return next, at, fmt.Errorf("import %s: %w", t.Key, err)
		}
	}
	id, err := coop.ParseID(t.Key)
	if err != nil {
		return next, at, fmt.Errorf("import %.40q: %w", t.Key, err)
	}
	job, err := o.importJob(ctx, id)
	if err != nil || job == nil {
		return next, at, err
	}
	switch at.Stage {
	case stageRest:
		return o.importRest(ctx, job, at)
	case stageClean:
		return o.importClean(ctx, job, at)
	}
	return o.importRows(ctx, job, at)
}

// importJob is an import with whom it is for; nil where it has ended.
func (o *Outbox) importJob(ctx context.Context, id coop.ID) (*importJob, error) {
	i, err := o.store.Import(ctx, 0, id)
	if isNotFound(err) {
		return nil, nil
	}
	if err != nil || i.State != coop.ImportWorking {
		return nil, err
	}
	a, err := o.store.Account(ctx, i.AccountID)
	if err != nil {
		return nil, err
	}
	if a.Gone() {
		return nil, o.StopImport(ctx, a.ID, i.ID)
	}
	return &importJob{o, i, a, carry.Kind(i.Kind)}, nil
}

// importRows does the rows that are due.
func (o *Outbox) importRows(ctx context.Context, job *importJob, at importAt) (time.Time, importAt, error) {
	rows, err := o.store.DueImportRows(ctx, job.ID, rowsAtOnce)
	if err != nil {
		return time.Time{}, at, err
	}
	var some errgroup.Group
	some.SetLimit(rowsTogether)
	for _, row := range rows {
		some.Go(func() error { return job.row(ctx, row) })
	}
	if err := some.Wait(); err != nil {
		return time.Time{}, at, err
	}
	next, err := o.store.NextImportRow(ctx, job.ID)
	if err != nil || !next.IsZero() {
		return next, at, err
	}
	at.Stage = stageClean
	if job.Overwrite {
		at.Stage = stageRest
	}
	return o.now(), at, nil
}

// importClean forgets the rows that are done, and ends the import.
func (o *Outbox) importClean(ctx context.Context, job *importJob, at importAt) (time.Time, importAt, error) {
	n := 0
	err := o.store.Write(ctx, func(tx *storage.Tx) (err error) {
		if n, err = tx.ForgetImported(ctx, job.ID, 1000); err != nil || n > 0 {
			return err
		}
		return tx.FinishImport(ctx, job.ID)
	})
	if err != nil || n == 0 {
		return time.Time{}, at, err
	}
	return o.now(), at, nil
}
