// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"minga/storage"
)

// dbCopy is `minga db copy`.
type dbCopy struct {
	To   string `required:"" help:"Empty database that everything goes into: sqlite:///path or postgres://…." placeholder:"URL"`
	From string `help:"Database that is copied; it is only read. Default: the one of the settings." placeholder:"URL"`
}

// copyReport is how a copy went.
type copyReport struct {
	Equal    bool               `json:"equal"`
	Tables   []storage.TableSum `json:"tables"`
	Differ   []string           `json:"differ"`
	Changed  []string           `json:"changed_meanwhile"`
	Problems []string           `json:"problems"`
}

// Run copies, and compares both afterwards: they are equal, or it fails.
func (a dbCopy) Run(t *terminal) error {
	from, err := a.source(t)
	if err != nil {
		return err
	}
	source, err := storage.Open(t.ctx, storage.Options{URL: from, Now: t.now})
	if err != nil {
		return fmt.Errorf("open the source: %w", err)
	}
	defer func() { _ = source.Close() }() // nothing was written
	target, err := storage.Open(t.ctx, storage.Options{URL: a.To, Now: t.now})
	if err != nil {
		return fmt.Errorf("open the target: %w", err)
	}
	r, err := copyBetween(t, source, target)
	if err = errors.Join(err, target.Close()); err != nil {
		return err
	}
	return a.report(t, r)
}

// source is the URL that is copied from; a file that is not there is not made.
func (a dbCopy) source(t *terminal) (string, error) {
	from := a.From
	if from == "" {
		config, err := t.config()
		if err != nil {
			return "", err
		}
		from = config.DatabaseURL
	}
	if from == a.To {
		return "", usage("source and target are the same database")
	}
	return from, missingFile(from)
}

// missingFile complains of a SQLite that would have to be made first.
func missingFile(database string) error {
	path := databaseFile(database)
	if path == "" {
		return nil
	}
	if _, err := os.Stat(path); err != nil {
		return usage("there is no database at %s", path)
	}
	return nil
}

// copyBetween copies, compares what both hold, and brings the copy to the newest schema.
func copyBetween(t *terminal, source, target *storage.Store) (r copyReport, err error) {
	read, err := source.CopyTo(t.ctx, target, t.copied("copied"))
	if err != nil {
		return r, err
	}
	written, err := target.Sums(t.ctx, t.copied("compared"))
	if err != nil {
		return r, err
	}
	now, err := source.Sums(t.ctx, nil)
	if err != nil {
		return r, err
	}
	r = copyReport{Tables: read, Differ: storage.Difference(read, written), Changed: storage.Difference(read, now)}
	if err := target.Migrate(t.ctx, nil); err != nil {
		return r, err
	}
	tell := t.counting()
	if err := target.RebuildSearch(t.ctx, func(done int64) { tell("words of posts", done) }); err != nil {
		return r, err
	}
	r.Problems, err = target.Check(t.ctx)
	r.Equal = len(r.Differ)+len(r.Changed)+len(r.Problems) == 0
	return r, err
}

// copied says how far it came.
func (t *terminal) copied(did string) func(storage.TableSum) {
	tell, rows := t.counting(), int64(0)
	return func(s storage.TableSum) {
		rows += s.Rows
		tell(did+" up to "+s.Table+", rows", rows)
	}
}

// report prints what was copied; what differs makes it fail.
func (dbCopy) report(t *terminal, r copyReport) error {
	err := t.print(r, func(w io.Writer) {
		var rows int64
		for _, table := range r.Tables {
			if rows += table.Rows; table.Rows > 0 {
				fmt.Fprintf(w, "%-28s %10d  %.16s\n", table.Table, table.Rows, table.Sum)
			}
		}
		for _, line := range r.Differ {
			fmt.Fprintf(w, "differs: %s\n", line)
		}
		for _, line := range r.Changed {
			fmt.Fprintf(w, "changed while it was copied, stop the server first: %s\n", line)
		}
		for _, line := range r.Problems {
			fmt.Fprintf(w, "problem in the copy: %s\n", printable(line))
		}
		if r.Equal {
			fmt.Fprintf(w, "equal: %d tables, %d rows\n", len(r.Tables), rows)
		}
	})
	if err == nil && !r.Equal {
		return errors.Join(errSaid, errors.New("the copy is not equal"))
	}
	return err
}
