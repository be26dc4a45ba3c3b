// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	"minga/coop"
	"minga/storage"
)

// auditCommand is `minga audit`.
type auditCommand struct {
	List   auditList   `cmd:"" help:"List what was done, by whom and in whose name, newest first."`
	Export auditExport `cmd:"" help:"Write the whole audit log, oldest first, one JSON object a line."`
	Check  auditCheck  `cmd:"" help:"Check that nothing in the audit log was changed or removed."`
}

// auditRow is an entry as commands print it.
type auditRow struct {
	ID     coop.ID `json:"id"`
	At     string  `json:"at"`
	Who    string  `json:"who"`
	In     string  `json:"in,omitempty"` // the co-op in whose name, by its handle
	Act    string  `json:"act"`
	Target string  `json:"target"`
	Why    string  `json:"why,omitempty"`
	From   string  `json:"from,omitempty"`
}

// auditLog reads the log of the instance, or of one co-op.
type auditLog struct {
	t     *terminal
	i     *instance
	query storage.AuditQuery
	names map[coop.ID]string
}

// audits makes the reader of a log.
func (t *terminal) audits(i *instance, in string) (*auditLog, error) {
	log := &auditLog{t: t, i: i, names: map[coop.ID]string{}}
	if in == "" {
		return log, nil
	}
	account, err := i.localAccount(t.ctx, in)
	if err == nil {
		log.query.Account = account.ID
	}
	return log, err
}

// page reads a page of entries as rows.
func (l *auditLog) page(page coop.Page) ([]auditRow, error) {
	entries, err := l.i.store.Audit(l.t.ctx, l.query, page)
	if err != nil {
		return nil, err
	}
	var ids []coop.ID
	for _, e := range entries {
		if _, known := l.names[e.OnBehalf]; !known && e.OnBehalf != 0 {
			ids = append(ids, e.OnBehalf)
		}
	}
	accounts, err := l.i.store.Accounts(l.t.ctx, ids)
	if err != nil {
		return nil, err
	}
	for id, a := range accounts {
		l.names[id] = a.Handle(l.i.config.AccountDomain).String()
	}
	rows := make([]auditRow, len(entries))
	for n, e := range entries {
		rows[n] = auditRow{e.ID, e.At.UTC().Format(time.RFC3339), e.Who, l.names[e.OnBehalf], e.Act, e.Target, e.Why, e.From}
	}
	return rows, nil
}

// auditList is `minga audit list`.
type auditList struct {
	In    string `help:"Only what was done in the name of this co-op." placeholder:"COOP"`
	Limit int    `help:"How many entries." default:"50"`
}

// Run lists the newest entries.
func (a auditList) Run(t *terminal) error {
	if a.Limit < 1 || a.Limit > 1000 {
		return usage("--limit is a number from 1 to 1000; `minga audit export` writes all")
	}
	return t.with(func(i *instance) error {
		log, err := t.audits(i, a.In)
		if err != nil {
			return err
		}
		rows := []auditRow{}
		for page := (coop.Page{Limit: min(a.Limit, 200)}); len(rows) < a.Limit; {
			some, err := log.page(page)
			if err != nil {
				return err
			}
			rows = append(rows, some...)
			if len(some) < page.Limit {
				break
			}
			page.Max = some[len(some)-1].ID
		}
		rows = rows[:min(len(rows), a.Limit)]
		return t.print(rows, func(w io.Writer) {
			for _, r := range rows {
				in := r.In
				if in == "" {
					in = "-"
				}
				fmt.Fprintf(w, "%s  %s  %s  %s  %s %s\n", r.At, printable(r.Who), printable(in), printable(r.Act), printable(r.Target), printable(r.Why))
			}
		})
	})
}

// auditExport is `minga audit export`.
type auditExport struct {
	In string `help:"Only what was done in the name of this co-op." placeholder:"COOP"`
}

// Run writes all entries, a page at a time.
func (a auditExport) Run(t *terminal) error {
	return t.with(func(i *instance) error {
		log, err := t.audits(i, a.In)
		if err != nil {
			return err
		}
		encoder := json.NewEncoder(t.out)
		encoder.SetEscapeHTML(false)
		for page := (coop.Page{Min: 1, Limit: 200}); ; {
			rows, err := log.page(page)
			if err != nil {
				return err
			}
			slices.Reverse(rows)
			for _, r := range rows {
				if err := encoder.Encode(r); err != nil {
					return fmt.Errorf("write the audit log: %w", err)
				}
				page.Min = r.ID
			}
			if len(rows) < page.Limit {
				return nil
			}
		}
	})
}

// auditCheck is `minga audit check`.
type auditCheck struct{}

// Run walks the chain.
func (auditCheck) Run(t *terminal) error {
	return t.with(func(i *instance) error {
		if err := i.store.VerifyAudit(t.ctx); err != nil {
			return err
		}
		return t.print(map[string]bool{"whole": true}, func(w io.Writer) { fmt.Fprintln(w, "the audit log is whole") })
	})
}
