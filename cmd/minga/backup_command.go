// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"filippo.io/age"

	"minga/storage/backup"
)

// backupCommand is `minga backup`.
type backupCommand struct {
	Create  backupCreate  `cmd:"" help:"Write everything that this instance keeps into one file, beside the running server."`
	Verify  backupVerify  `cmd:"" help:"Read every byte of a backup, restore it into a database that is thrown away, and look for damage there."`
	Restore backupRestore `cmd:"" help:"Make an instance of a backup, on an empty machine and with either kind of database. The server must not run."`
	Status  backupStatus  `cmd:"" help:"Say when the last good backup was made, and when one was last verified."`
}

// backupRow is a backup as it is printed.
type backupRow struct {
	File      string `json:"file"`
	Bytes     int64  `json:"bytes"`
	Host      string `json:"host"`
	MadeAt    string `json:"made_at"`
	Version   string `json:"version"`
	Schema    int64  `json:"schema"`
	Engine    string `json:"engine"`
	Encrypted bool   `json:"encrypted"`
	Keys      bool   `json:"keys"`
	Rows      int64  `json:"rows"`
	Files     int64  `json:"files"`
	FileBytes int64  `json:"file_bytes"`
	Verified  bool   `json:"verified"`
	// Missing counts files that rows name and that were gone when it was made; of a verified one.
	Missing int64    `json:"missing_files"`
	LeftOut []string `json:"left_out"`
}

// rowOf is a backup that was written or read.
func rowOf(file string, head backup.Head, m *backup.Manifest, encrypted, verified bool) backupRow {
	row := backupRow{
		File: file, Host: head.Host, MadeAt: stamp(head.MadeAt), Version: head.Program, Schema: head.Schema, Engine: head.Engine,
		Encrypted: encrypted, Keys: m.Keys, Rows: m.Total(), Files: m.Files.Count, FileBytes: m.Files.Bytes, Verified: verified, LeftOut: leftOut(m.Keys, !head.WithoutFiles),
	}
	if info, err := os.Stat(file); err == nil {
		row.Bytes = info.Size()
	}
	return row
}

// write prints it for people.
func (row backupRow) write(w io.Writer) {
	state := "not encrypted"
	if row.Encrypted {
		state = "encrypted"
	}
	if row.Verified {
		state += ", verified"
	}
	fmt.Fprintf(w, "%s\n  %s, %s, of %s at %s UTC (minga %s)\n  %d rows, %d files of %s\n", printable(row.File), sizeText(row.Bytes), state,
		printable(row.Host), row.MadeAt, printable(row.Version), row.Rows, row.Files, sizeText(row.FileBytes))
	if row.Missing > 0 {
		fmt.Fprintf(w, "  %d files that rows name were missing already when it was made: `minga db check` says which\n", row.Missing)
	}
	fmt.Fprintf(w, "  not in it: %s\n", strings.Join(row.LeftOut, "; "))
}

// backupCreate is `minga backup create`.
type backupCreate struct {
	File        string   `arg:"" optional:"" help:"File, folder, or s3://BUCKET/PREFIX. Default: a file named after host and time, in backup_to."`
	Recipient   []string `help:"Public key of age of somebody who may open it; may be given again. Default: backup_recipients." placeholder:"AGE"`
	WithoutKeys bool     `help:"Leave out the key that opens what is sealed in the database; a restore then needs it from elsewhere."`
	Verify      bool     `help:"Read it back and restore it into a database that is thrown away."`
}

// Run writes a backup.
func (a backupCreate) Run(t *terminal) error {
	return t.with(func(i *instance) error {
		to := i.config.Backup.Recipients
		if len(a.Recipient) > 0 {
			var err error
			if to, err = backup.Recipients(strings.Join(a.Recipient, " ")); err != nil {
				return err
			}
		}
		if len(to) == 0 {
			t.talk("this backup is not encrypted: whoever has the file can read everything in it, the keys of your federation too; name a recipient")
		}
		row, err := i.makeBackup(t.ctx, making{file: a.File, to: to, keys: !a.WithoutKeys, verify: a.Verify, who: byCommand, tell: t.counting()})
		if err != nil {
			return err
		}
		return t.print(row, row.write)
	})
}

// backupVerify is `minga backup verify`.
type backupVerify struct {
	File     string `arg:"" help:"Backup: a file, or s3://BUCKET/PREFIX/NAME."`
	Identity string `help:"File with the private key of age that opens it." placeholder:"FILE"`
}

// Run verifies a backup, and notes it where the instance is here.
func (a backupVerify) Run(t *terminal) error {
	config, err := t.config()
	if err != nil {
		return err
	}
	row, head, err := verifyFile(t.ctx, checking{t: t, file: a.File, identity: a.Identity, config: config})
	if err != nil {
		return err
	}
	if head.Host == config.Host && config.hasDatabase() {
		if err := t.with(func(i *instance) error { return i.noteVerified(t.ctx, head, a.File) }); err != nil {
			return err
		}
	}
	return t.print(row, func(w io.Writer) {
		row.write(w)
		fmt.Fprintln(w, "this backup is good: every byte was read, and it was restored and checked")
	})
}

// checking is what a backup is verified with.
type checking struct {
	t              *terminal
	file, identity string
	config         *Config
}

// verifyFile verifies a file.
func verifyFile(ctx context.Context, c checking) (row backupRow, head backup.Head, err error) {
	identities, err := c.t.identities(c.identity)
	if err != nil {
		return row, head, err
	}
	return c.config.verifyWith(ctx, c.file, identities, c.t.now, c.t.counting())
}

// verifyWith verifies a file that identities open.
func (c *Config) verifyWith(ctx context.Context, path string, identities []age.Identity, now func() time.Time, tell func(string, int64)) (row backupRow, head backup.Head, err error) {
	file, size, err := c.openBackup(ctx, path)
	if err != nil {
		return row, head, err
	}
	defer func() { _ = file.Close() }()
	plain, encrypted, err := backup.Decrypted(file, identities)
	if err != nil {
		return row, head, err
	}
	r, err := backup.NewReader(plain)
	if err != nil {
		return row, head, err
	}
	dir, remove, err := backup.Scratch(c.scratchFolder())
	if err != nil {
		return row, head, err
	}
	defer remove()
	m, err := backup.Verify(ctx, r, backup.Checking{Scratch: dir, Now: now, Tell: tell, Secrets: func(text []byte) ([][]byte, error) {
		return parseSecrets(string(text), "the key of the backup")
	}})
	if err != nil {
		return row, head, err
	}
	row = rowOf(path, r.Head(), m, encrypted, true)
	row.Bytes, row.Missing = size, m.Missing
	return row, r.Head(), nil
}

// identities reads the file with private keys of age, if one was named.
func (t *terminal) identities(path string) ([]age.Identity, error) {
	if path == "" {
		return nil, nil
	}
	text, err := t.from.read(path)
	if err != nil {
		return nil, usage("identity: %v", err)
	}
	return backup.Identities(text)
}

// hasDatabase tells whether an instance may be here: a database of SQLite has its file.
func (c *Config) hasDatabase() bool {
	path := databaseFile(c.DatabaseURL)
	if path == "" {
		return true
	}
	_, err := os.Stat(path)
	return err == nil
}

// backupStatus is `minga backup status`.
type backupStatus struct{}

// Run tells what is known.
func (backupStatus) Run(t *terminal) error {
	return t.with(func(i *instance) error {
		b, err := i.store.LastBackup(t.ctx)
		if err != nil {
			return err
		}
		facts := map[string]any{
			"to": i.config.Backup.To, "last_good": stamp(b.At), "file": b.File, "bytes": b.Bytes, "encrypted": b.Encrypted,
			"last_verified": stamp(b.Verified), "failures": b.Failures, "problem": b.Problem,
		}
		return t.print(facts, func(w io.Writer) {
			if b.At.IsZero() {
				fmt.Fprintln(w, "no backup has been made yet")
			} else {
				fmt.Fprintf(w, "last good backup: %s UTC, %s (%s)\n", stamp(b.At), printable(b.File), sizeText(b.Bytes))
			}
			if b.Verified.IsZero() {
				fmt.Fprintln(w, "none was verified yet: `minga backup create --verify` does it")
			} else {
				fmt.Fprintf(w, "last verified: the one of %s UTC\n", stamp(b.Verified))
			}
			if b.Failures > 0 {
				fmt.Fprintf(w, "failed since: %d times, last at %s UTC: %s\n", b.Failures, stamp(b.Failed), printable(b.Problem))
			}
			if i.config.Backup.To == "" {
				fmt.Fprintln(w, "none are made by themselves: backup_to is not set")
			}
		})
	})
}
