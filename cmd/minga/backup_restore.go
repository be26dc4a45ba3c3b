// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"

	"minga/coop"
	"minga/storage"
	"minga/storage/backup"
)

// backupRestore is `minga backup restore`.
type backupRestore struct {
	File             string `arg:"" help:"Backup: a file, or s3://BUCKET/PREFIX/NAME."`
	Identity         string `help:"File with the private key of age that opens it." placeholder:"FILE"`
	To               string `help:"Database to restore into, of either kind. Default: database_url." placeholder:"URL"`
	Yes              bool   `help:"Restore although the data folder or the database is not empty; what was there is set aside or, in PostgreSQL, replaced."`
	ResumeDeliveries bool   `help:"Send what waited to be sent when the backup was made. Without: it counts as done."`
}

// restoring is a restore under way.
type restoring struct {
	backupRestore

	t      *terminal
	config *Config
	reader *backup.Reader
	root   *os.Root
	aside  [][2]string // what was set aside: where it was, where it is
	keys   [][]byte    // that open what is sealed; none: nobody knows
}

// restoredRow is a restore as it is printed.
type restoredRow struct {
	backupRow

	Into    storage.Engine   `json:"into"`
	Held    storage.Restored `json:"held_back"`
	Aside   []string         `json:"set_aside"`
	ToCheck []string         `json:"to_check"`
}

// Run restores.
func (a backupRestore) Run(t *terminal) error {
	config, err := t.config()
	if err != nil {
		return err
	}
	if a.To != "" {
		config.DatabaseURL = a.To
	}
	file, _, err := config.openBackup(t.ctx, a.File)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	identities, err := t.identities(a.Identity)
	if err != nil {
		return err
	}
	plain, encrypted, err := backup.Decrypted(file, identities)
	if err != nil {
		return err
	}
	x := &restoring{backupRestore: a, t: t, config: config}
	if x.reader, err = backup.NewReader(plain); err != nil {
		return err
	}
	row, err := x.run(t.ctx, encrypted)
	if err != nil {
		return err
	}
	return t.print(row, row.write)
}

// run does it, step by step; what fails leaves what was there as it was.
func (x *restoring) run(ctx context.Context, encrypted bool) (row restoredRow, err error) {
	if err := x.fits(x.reader.Head()); err != nil {
		return row, err
	}
	if err := x.mayReplace(ctx); err != nil {
		return row, err
	}
	if x.root, err = x.config.openDataDir(); err != nil {
		return row, err
	}
	defer func() { err = errors.Join(err, x.root.Close()) }()
	if err := x.setAside(); err != nil {
		return row, errors.Join(err, x.back())
	}
	row, err = x.into(ctx, encrypted)
	if err != nil {
		return row, errors.Join(err, x.putBack())
	}
	return row, nil
}

// fits looks whether the backup is of the instance that is configured here: names stand
// in ids and never change.
func (x *restoring) fits(head backup.Head) error {
	if head.Host != x.config.Host || head.AccountDomain != x.config.AccountDomain || head.Scheme != x.config.Scheme {
		return usage("this backup is of %s (handles end in @%s, ids begin with %s://): set MINGA_HOST=%s and what else its configuration said",
			printable(head.Host), printable(head.AccountDomain), printable(head.Scheme), printable(head.Host))
	}
	return nil
}

// into fills the database and the folder or bucket of files.
func (x *restoring) into(ctx context.Context, encrypted bool) (row restoredRow, err error) {
	store, err := storage.Open(ctx, storage.Options{URL: x.config.DatabaseURL, Now: x.t.now})
	if err != nil {
		return row, fmt.Errorf("open database: %w", err)
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	if full, err := store.Populated(ctx); err != nil || full && !x.Yes {
		return row, errors.Join(err, fmt.Errorf("the database is not empty; --yes replaces what is there: %w", coop.ErrState))
	}
	i := &instance{config: x.config, log: slog.New(slog.DiscardHandler), now: x.t.now}
	if err := os.MkdirAll(x.config.Media.Dir, 0o700); err != nil {
		return row, fmt.Errorf("media folder: %w", err)
	}
	if i.mediaRoot, err = os.OpenRoot(x.config.Media.Dir); err != nil {
		return row, fmt.Errorf("media folder: %w", err)
	}
	defer func() { err = errors.Join(err, i.mediaRoot.Close()) }()
	files, err := i.mediaFiles(ctx, i.mediaRoot)
	if err != nil {
		return row, err
	}
	m, err := backup.Restore(ctx, x.reader, backup.Into{Store: store, Files: files, Keys: x.takeKeys, Tell: x.t.counting(), Type: mediaType})
	if err != nil {
		return row, err
	}
	return x.finish(ctx, store, m, encrypted)
}

// takeKeys keeps the key in its file. Where the configuration names the key, it has to be
// the same one.
func (x *restoring) takeKeys(text []byte) (err error) {
	if x.keys, err = parseSecrets(string(text), "the key of the backup"); err != nil || x.config.SecretKeys == "" {
		return errors.Join(err, x.root.WriteFile(secretFile, text, 0o600))
	}
	set, err := parseSecrets(x.config.SecretKeys, "MINGA_SECRET_KEY")
	if err != nil {
		return err
	}
	for _, key := range x.keys {
		if !slices.ContainsFunc(set, func(one []byte) bool { return sameSecret(string(one), string(key)) }) {
			return usage("MINGA_SECRET_KEY is not the key of this backup: give both, or unset it")
		}
	}
	return nil
}

// finish makes what was restored fit to go on, and looks whether it is whole.
func (x *restoring) finish(ctx context.Context, store *storage.Store, m *backup.Manifest, encrypted bool) (row restoredRow, err error) {
	head := x.reader.Head()
	row = restoredRow{backupRow: rowOf(x.File, head, m, encrypted, false), Into: store.Engine(), Aside: []string{}}
	err = store.Write(ctx, func(tx *storage.Tx) (err error) {
		if row.Held, err = tx.Restored(ctx, x.ResumeDeliveries); err != nil {
			return err
		}
		err = tx.ChangeBackup(ctx, func(b *storage.Backup) { b.At, b.Busy, b.Asked = head.MadeAt, zeroTime, zeroTime })
		why := "made at " + stamp(head.MadeAt) + " UTC"
		return errors.Join(err, tx.AddAudit(ctx, &coop.AuditEntry{At: x.t.now(), Who: byCommand, Act: "backup.restore", Why: why}))
	})
	if err != nil {
		return row, err
	}
	if x.config.Rehearsal { // of the copy, whatever the one it was made from is
		i := &instance{config: x.config, log: slog.New(slog.DiscardHandler), now: x.t.now}
		if err := i.beginRehearsal(ctx, store, true); err != nil {
			return row, err
		}
	}
	found, err := store.Check(ctx)
	if err != nil {
		return row, err
	}
	for _, moved := range x.aside {
		row.Aside = append(row.Aside, moved[1])
	}
	row.ToCheck = x.toCheck(ctx, found)
	return row, nil
}

// toCheck says what is left to look at.
func (x *restoring) toCheck(ctx context.Context, found []string) []string {
	var list []string
	for _, problem := range found {
		list = append(list, "`minga db check` finds: "+problem)
	}
	if len(x.keys) == 0 {
		list = append(list, "the key was left out of this backup: put "+secretFile+" of before into "+x.config.DataDir+" (mode 0600) before you start the server")
	} else if err := x.opensSealed(ctx); err != nil {
		list = append(list, "the key does not open what is sealed in the database: "+err.Error())
	}
	return append(list,
		"start the server, then `minga doctor`: name, certificate, mail and queue",
		"`minga account list` and the pages of one co-op: are names, posts and pictures there?",
		"what was published after the backup is lost here and may stand on other servers: tell your people since when",
		"`minga peer list`: follows that began or ended since are not known; follow again where needed",
		"`minga backup create`: the next backup, of this machine")
}

// opensSealed tries the key.
func (x *restoring) opensSealed(ctx context.Context) error {
	store, err := storage.Open(ctx, storage.Options{URL: x.config.DatabaseURL, Now: x.t.now, SecretKeys: x.keys})
	if err != nil {
		return err
	}
	return errors.Join(store.SecretKeyFits(ctx), store.Close())
}

// write prints it for people.
func (row restoredRow) write(w io.Writer) {
	fmt.Fprintf(w, "restored %s into %s: %d rows, %d files of %s, as they were at %s UTC\n", printable(row.Host), row.Into, row.Rows, row.Files, sizeText(row.FileBytes), row.MadeAt)
	if n := row.Held.Deliveries + row.Held.Tasks; n > 0 {
		fmt.Fprintf(w, "not sent again: %d deliveries, %d mails and messages; --resume-deliveries would have\n", row.Held.Deliveries, row.Held.Tasks)
	}
	if row.Held.Scheduled > 0 {
		fmt.Fprintf(w, "%d posts whose time has come meanwhile wait for their authors\n", row.Held.Scheduled)
	}
	for _, path := range row.Aside {
		fmt.Fprintf(w, "set aside: %s (remove it when all is well)\n", path)
	}
	fmt.Fprintln(w, "now check:")
	for _, line := range row.ToCheck {
		fmt.Fprintf(w, "  - %s\n", printable(line))
	}
}
