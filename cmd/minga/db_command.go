// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"minga/storage"
)

// dbCommand is `minga db`.
type dbCommand struct {
	Migrate dbMigrate `cmd:"" help:"Bring the schema to where this version needs it; serve does it too."`
	Copy    dbCopy    `cmd:"" help:"Copy everything into another database, of either kind, and compare both."`
	Check   dbCheck   `cmd:"" help:"Look for damage."`
}

// dbMigrate is `minga db migrate`.
type dbMigrate struct {
	NoBackup bool `help:"Make no backup before: there is one already."`
}

// Run opens the store, which migrates.
func (a dbMigrate) Run(t *terminal) error {
	return t.withDatabase(a.NoBackup, func(i *instance) error {
		return t.print(map[string]string{"state": "up to date"}, func(w io.Writer) { fmt.Fprintln(w, "the schema is up to date") })
	})
}

// withStore opens the database alone.
func (t *terminal) withStore(do func(i *instance) error) error { return t.withDatabase(false, do) }

// withDatabase is withStore; noBackup makes none before the database is changed.
func (t *terminal) withDatabase(noBackup bool, do func(i *instance) error) error {
	config, err := t.config()
	if err != nil {
		return err
	}
	i := &instance{config: config, log: t.logger(config), now: t.now, noBackup: noBackup}
	if err := i.openStore(t.ctx); err != nil {
		return errors.Join(err, i.close())
	}
	return errors.Join(do(i), i.close())
}

// dbCheck is `minga db check`.
type dbCheck struct {
	Repair bool `help:"Make good what is safe to make good: words, counts, numbers, queues, files without a record. The rest needs a person, or a backup."`
}

// checkResult is what db check found.
type checkResult struct {
	Engine   storage.Engine `json:"engine"`
	Problems []string       `json:"problems"`
	Repaired []string       `json:"repaired,omitempty"`
}

// mostMissing bounds the names of files that are listed.
const mostMissing = 100

// Run prints one line for each problem; none is exit 0. What was repaired is none any more.
func (a dbCheck) Run(t *terminal) error {
	return t.withStore(func(i *instance) error {
		r := checkResult{Engine: i.store.Engine()}
		if err := i.openMedia(t.ctx); err != nil {
			return err
		}
		if a.Repair {
			if err := i.repair(t.ctx, &r); err != nil {
				return err
			}
		}
		if err := i.check(t.ctx, &r); err != nil {
			return err
		}
		err := t.print(r, r.write)
		if err == nil && len(r.Problems) > 0 {
			return errors.Join(errSaid, errors.New("problems found"))
		}
		return err
	})
}

// check looks at the database, and at the files that it names.
func (i *instance) check(ctx context.Context, r *checkResult) error {
	problems, err := i.store.Check(ctx)
	if err != nil {
		return fmt.Errorf("check database: %w", err)
	}
	missing, _, err := i.media.Missing(ctx, mostMissing)
	if err != nil {
		return fmt.Errorf("check files: %w", err)
	}
	for _, name := range missing {
		problems = append(problems, "the file "+name+" is missing")
	}
	r.Problems = append([]string{}, problems...)
	return nil
}

// repair makes good what is safe, and writes what it did into the audit log.
func (i *instance) repair(ctx context.Context, r *checkResult) error {
	done, err := i.store.Repair(ctx)
	if err != nil {
		return err
	}
	pruned, err := i.media.Prune(ctx, 100*365*24*time.Hour, false)
	if err != nil {
		return fmt.Errorf("files without a record: %w", err)
	}
	if n := pruned.Orphans; n > 0 {
		done = append(done, fmt.Sprintf("%d files without a record were removed", n))
	}
	if r.Repaired = done; len(done) == 0 {
		return nil
	}
	return i.audit(ctx, "db.repair", "", strings.Join(done, "; "))
}

// write prints it for people.
func (r checkResult) write(w io.Writer) {
	for _, line := range r.Repaired {
		fmt.Fprintf(w, "repaired: %s\n", printable(line))
	}
	for _, problem := range r.Problems {
		fmt.Fprintln(w, printable(problem))
	}
	if len(r.Problems) == 0 {
		fmt.Fprintln(w, "no problem found")
	}
}
