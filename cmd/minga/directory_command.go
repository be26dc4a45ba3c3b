// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"minga/coop"
	"minga/coop/openlist"
	"minga/storage"
)

// directoryCommand is `minga directory`.
type directoryCommand struct {
	Import directoryImport `cmd:"" help:"Read in a list of co-ops that others publish, CSV or JSON. Its entries are shown with source and licence and are no accounts."`
	List   directoryList   `cmd:"" help:"List what was read in."`
	Remove directoryRemove `cmd:"" help:"Forget a list and its entries."`
	Term   termCommand     `cmd:"" help:"The catalogue of services, sectors and technologies."`
}

// directoryImport is `minga directory import`.
type directoryImport struct {
	File    string `arg:"" help:"A CSV whose first line names the columns, or a JSON list of objects: name, url, country, city or place, latitude, longitude, services, …" type:"path"`
	Source  string `required:"" help:"What the list is called; reading in the same again replaces it."`
	Licence string `required:"" help:"On which terms it may be used, such as \"CC0 1.0\"."`
	Address string `help:"Where it stands on the web."`
}

// openListRow is a list as it is printed.
type openListRow struct {
	Source     string `json:"source"`
	Address    string `json:"address"`
	Licence    string `json:"licence"`
	ImportedAt string `json:"imported_at"`
	Entries    int    `json:"entries"`
	Skipped    int    `json:"skipped,omitempty"` // without a name, or there twice
}

func openListRowOf(l coop.OpenList) openListRow {
	return openListRow{Source: l.Source, Address: l.Address, Licence: l.Licence, ImportedAt: l.ImportedAt.UTC().Format(time.RFC3339), Entries: l.Entries}
}

// Run reads a list in.
func (a directoryImport) Run(t *terminal) error {
	file, err := openList(a.File)
	if err != nil {
		return usage("%v", err)
	}
	defer file.Close()
	entries, skipped, err := openlist.Read(file, storage.MostListed)
	var invalid *coop.InvalidError
	if errors.Is(err, openlist.ErrFormat) || errors.As(err, &invalid) {
		return usage("%s: %v", a.File, err)
	}
	if err != nil {
		return err
	}
	list := coop.OpenList{Source: a.Source, Licence: a.Licence, Address: a.Address}
	return t.with(func(i *instance) error {
		if err := i.store.Write(t.ctx, func(tx *storage.Tx) error {
			if err := tx.PutOpenList(t.ctx, &list, entries); err != nil {
				return err
			}
			return tx.AddAudit(t.ctx, &coop.AuditEntry{Who: byCommand, Act: "directory.import", Target: list.Source, Why: filepath.Base(a.File)})
		}); err != nil {
			return err
		}
		row := openListRowOf(list)
		row.Skipped = skipped + len(entries) - list.Entries
		return t.print(row, func(w io.Writer) {
			fmt.Fprintf(w, "%d entries of %s (%s) read in, %d left out\n", row.Entries, printable(row.Source), printable(row.Licence), row.Skipped)
		})
	})
}

// directoryList is `minga directory list`.
type directoryList struct{}

// Run lists what was read in.
func (directoryList) Run(t *terminal) error {
	return t.with(func(i *instance) error {
		lists, err := i.store.OpenLists(t.ctx)
		if err != nil {
			return err
		}
		rows := make([]openListRow, len(lists))
		for n, l := range lists {
			rows[n] = openListRowOf(l)
		}
		return t.print(rows, func(w io.Writer) {
			for _, r := range rows {
				fmt.Fprintf(w, "%-40s %6d  %-20s %s\n", printable(r.Source), r.Entries, printable(r.Licence), r.ImportedAt)
			}
		})
	})
}

// directoryRemove is `minga directory remove`.
type directoryRemove struct {
	Source string `arg:"" help:"What the list is called."`
}

// Run forgets a list.
func (a directoryRemove) Run(t *terminal) error {
	return t.with(func(i *instance) error {
		return i.store.Write(t.ctx, func(tx *storage.Tx) error {
			if err := tx.RemoveOpenList(t.ctx, a.Source); err != nil {
				return err
			}
			return tx.AddAudit(t.ctx, &coop.AuditEntry{Who: byCommand, Act: "directory.remove", Target: a.Source})
		})
	})
}
