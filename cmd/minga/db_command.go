// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"errors"
	"fmt"
	"io"

	"minga/storage"
)

// dbCommand is `minga db`.
type dbCommand struct {
	Migrate dbMigrate `cmd:"" help:"Bring the schema to where this version needs it; serve does it too."`
	Copy    dbCopy    `cmd:"" help:"Copy everything into another database, of either kind, and compare both."`
	Check   dbCheck   `cmd:"" help:"Look for damage."`
}

// dbMigrate is `minga db migrate`.
type dbMigrate struct{}

// Run opens the store, which migrates.
func (dbMigrate) Run(t *terminal) error {
	return t.withStore(func(i *instance) error {
		return t.print(map[string]string{"state": "up to date"}, func(w io.Writer) { fmt.Fprintln(w, "the schema is up to date") })
	})
}

// withStore opens the database alone.
func (t *terminal) withStore(do func(i *instance) error) error {
	config, err := t.config()
	if err != nil {
		return err
	}
	i := &instance{config: config, log: config.newLogger(t.err), now: t.now}
	if err := i.openStore(t.ctx); err != nil {
		return errors.Join(err, i.close())
	}
	return errors.Join(do(i), i.close())
}

// dbCheck is `minga db check`.
type dbCheck struct{}

// checkResult is what db check found.
type checkResult struct {
	Engine   storage.Engine `json:"engine"`
	Problems []string       `json:"problems"`
}

// Run prints one line for each problem; none is exit 0.
func (dbCheck) Run(t *terminal) error {
	return t.withStore(func(i *instance) error {
		problems, err := i.store.Check(t.ctx)
		if err != nil {
			return fmt.Errorf("check database: %w", err)
		}
		err = t.print(checkResult{i.store.Engine(), append([]string{}, problems...)}, func(w io.Writer) {
			for _, problem := range problems {
				fmt.Fprintln(w, printable(problem))
			}
			if len(problems) == 0 {
				fmt.Fprintln(w, "no problem found")
			}
		})
		if err == nil && len(problems) > 0 {
			return errors.Join(errSaid, errors.New("problems found"))
		}
		return err
	})
}
