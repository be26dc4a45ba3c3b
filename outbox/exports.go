// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"archive/zip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"minga/coop"
	"minga/outbox/mail"
	"minga/storage"
)

// Archives for people. Who asks for what they have gets it as one file: what other
// servers and people read of it (see [Outbox.ExportArchive]), and every row that is kept
// about them. It is made in the background, by one node, and begun anew by another where
// that node ends; sealed while it is written; and gone after a week.

// shelf keeps archives and opens the files of posts. Declared here, where it is needed:
// the library of files is one.
type shelf interface {
	// KeepExport keeps what write writes, under a name of its own.
	KeepExport(ctx context.Context, write func(to io.Writer) error) (name string, size int64, err error)
	// DropExport removes what no row names.
	DropExport(ctx context.Context, names ...string)
	// Original opens a file of ours by its name.
	Original(ctx context.Context, name string) (io.ReadCloser, error)
}

const (
	exportLease = 5 * time.Minute  // of the task; renewed while bytes are written
	exportTell  = 10 * time.Second // between notes of how far it is
	exportTries = 3
	exportPath  = "/settings/export"
)

// AskExport lets an archive of everything that an account has be made, for a person who
// may have it. before is the file of an older archive, which the caller removes; empty:
// none. One that is being made, or was asked for just now, gives [coop.ErrConflict].
func (o *Outbox) AskExport(ctx context.Context, account, person *coop.Account, also ...Also) (before string, err error) {
	err = o.store.Write(ctx, func(tx *storage.Tx) (err error) {
		if before, err = tx.AskExport(ctx, account.ID, person.ID); err != nil {
			return err
		}
		return besides(ctx, tx, also)
	})
	return before, err
}

// RunExports makes archives until ctx ends, woken by the store. It returns nil when ctx
// ended; an error is the store's.
func (o *Outbox) RunExports(ctx context.Context, files shelf, software string) error {
	return o.turns(ctx, storage.TopicTasks, func(ctx context.Context) (bool, error) { return o.StepExport(ctx, files, software) })
}

// StepExport makes one archive that somebody waits for and says whether there was one.
// Errors are those of the store; what else goes wrong is said on the person's page.
func (o *Outbox) StepExport(ctx context.Context, files shelf, software string) (did bool, err error) {
	var claimed []storage.Task
	err = o.store.Write(ctx, func(tx *storage.Tx) (err error) {
		claimed, err = tx.ClaimTasks(ctx, []string{storage.TaskExport}, 1, exportLease)
		return err
	})
	if err != nil || len(claimed) == 0 {
		return false, err
	}
	defer func() {
		if v := recover(); v != nil {
			o.panicked(ctx, "export", v) // its lease runs out and it comes again
		}
	}()
	m := &exporting{o: o, task: claimed[0], files: files, software: software, told: o.now()}
	return true, m.settle(ctx, m.make(ctx))
}

// exporting is one archive that is being made.
type exporting struct {
	o        *Outbox
	task     storage.Task
	files    shelf
	software string
	account  *coop.Account
	made     coop.Export
	written  int64
	told     time.Time
}

// make writes the archive and keeps it.
func (m *exporting) make(ctx context.Context) error {
	id, err := coop.ParseID(m.task.Key)
	if err != nil {
		return fmt.Errorf("export %.40q: %w", m.task.Key, err)
	}
	m.made.AccountID = id
	if m.account, err = m.o.store.Account(ctx, id); err != nil {
		return err
	}
	if !m.account.DeletedAt.IsZero() {
		return fmt.Errorf("export %s: %w", m.account.IRI, coop.ErrNotFound)
	}
	m.made.Name, m.made.Bytes, err = m.files.KeepExport(ctx, func(to io.Writer) error {
		return m.write(ctx, &progress{ctx: ctx, to: to, m: m})
	})
	return err
}

// write writes the zip file.
func (m *exporting) write(ctx context.Context, to io.Writer) error {
	z := zip.NewWriter(to)
	head, err := m.o.ExportArchive(ctx, z, m.account, m.software, "", m.files.Original)
	if err == nil {
		m.made.Posts, m.made.Files = head.Posts, head.Files
		err = m.o.personalRows(ctx, z, m.account)
	}
	return errors.Join(err, z.Close())
}

// progress counts what is written, tells how much it is and keeps the lease.
type progress struct {
	ctx context.Context
	to  io.Writer
	m   *exporting
}

// Write implements io.Writer.
func (p *progress) Write(b []byte) (int, error) {
	n, err := p.to.Write(b)
	p.m.written += int64(n)
	if now := p.m.o.now(); err == nil && now.Sub(p.m.told) >= exportTell {
		p.m.told = now
		err = p.m.tell(p.ctx)
	}
	return n, err
}

// tell notes how far it is.
func (m *exporting) tell(ctx context.Context) error {
	return m.o.store.Write(ctx, func(tx *storage.Tx) error {
		if err := tx.RenewTask(ctx, m.task.ID, m.task.Fence, exportLease); err != nil {
			return err
		}
		return tx.WrittenExport(ctx, m.account.ID, m.written)
	})
}

// settle keeps the row of what became of it, or takes the file back.
func (m *exporting) settle(ctx context.Context, failed error) error {
	o, ending := m.o, ctx.Err() != nil
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleWithin)
	defer cancel()
	if failed != nil && !isNotFound(failed) {
		o.log.LogAttrs(ctx, slog.LevelWarn, "archive not made", slog.Int("attempt", m.task.Attempts), slog.Any("err", failed))
	}
	err := o.store.Write(ctx, func(tx *storage.Tx) error {
		switch {
		case failed == nil || isNotFound(failed):
		case ending:
			return tx.PostponeTask(ctx, m.task.ID, m.task.Fence, o.now(), nil, failed.Error())
		case m.task.Attempts < exportTries && !errors.Is(failed, coop.ErrFull):
			return tx.PostponeTask(ctx, m.task.ID, m.task.Fence, o.now().Add(pause(m.task.Attempts, m.task.Key)), nil, failed.Error())
		}
		return m.end(ctx, tx, failed)
	})
	if err != nil || failed != nil {
		m.files.DropExport(ctx, m.made.Name)
	}
	if errors.Is(err, storage.ErrLeaseLost) || isNotFound(err) {
		return nil // another node has it, or nobody wants it any more
	}
	return err
}

// end ends the task and says to the person what became of it.
func (m *exporting) end(ctx context.Context, tx *storage.Tx, failed error) error {
	if err := tx.FinishTask(ctx, m.task.ID, m.task.Fence); err != nil || isNotFound(failed) {
		return err
	}
	if failed != nil {
		m.made.Name, m.made.Problem = "", "broken"
		if errors.Is(failed, coop.ErrFull) {
			m.made.Problem = "full"
		}
		return tx.ReadyExport(ctx, &m.made)
	}
	e, err := tx.AccountExport(ctx, m.account.ID)
	if err == nil {
		err = tx.ReadyExport(ctx, &m.made)
	}
	if err != nil {
		return err
	}
	return m.o.tellExported(ctx, tx, m.account, e.PersonID)
}

// tellExported lets who asked know that the archive lies ready.
func (o *Outbox) tellExported(ctx context.Context, tx *storage.Tx, a *coop.Account, person coop.ID) error {
	p, err := tx.Account(ctx, person)
	if err != nil || !o.SendsMail() || p.Email == "" {
		return err
	}
	return o.addMail(ctx, tx, a.ID.String(), letter{Kind: mail.Exported, To: p.Email, Name: o.handle(a), Language: p.Language, Account: a.ID})
}

// exportLetter is where the archive is fetched: a page that asks who one is. The mail
// holds no secret that opens anything.
func (o *Outbox) exportLetter(ctx context.Context, l *letter) (string, error) {
	e, err := o.store.AccountExport(ctx, l.Account)
	if err != nil {
		return "", err
	}
	l.more = map[string]string{"Day": o.words.Date(l.Language, e.EndsAt)}
	if e.PersonID != e.AccountID {
		return o.o.Local.root() + exportPath + "?as=" + e.AccountID.String(), nil
	}
	return o.o.Local.root() + exportPath, nil
}

// personalRows writes every row that is kept about an account, a file for each table.
func (o *Outbox) personalRows(ctx context.Context, z *zip.Writer, a *coop.Account) error {
	for _, table := range storage.PersonalTables() {
		if err := o.exportTable(ctx, z, a, table); err != nil {
			return fmt.Errorf("export %s: %w", a.IRI, err)
		}
	}
	return nil
}

// exportTable writes the rows of one table; of none there is no file.
func (o *Outbox) exportTable(ctx context.Context, z *zip.Writer, a *coop.Account, table string) error {
	var to io.Writer
	between := "[\n"
	err := o.store.PersonalRows(ctx, table, a.ID, func(row storage.PersonalRow) (err error) {
		if to == nil {
			to, err = z.CreateHeader(&zip.FileHeader{Name: "data/" + table + ".json", Method: zip.Deflate, Modified: o.now().UTC()})
		}
		text, failed := json.Marshal(row)
		if err = errors.Join(err, failed); err == nil {
			_, err = io.WriteString(to, between+string(text))
			between = ",\n"
		}
		return err
	})
	if err == nil && to != nil {
		_, err = io.WriteString(to, "\n]\n")
	}
	return err
}
