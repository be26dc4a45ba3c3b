// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"fmt"
	"io"

	"minga/coop"
	"minga/storage"
)

// reportCommand is `minga report`.
type reportCommand struct {
	List  reportList  `cmd:"" help:"List the reports that wait."`
	Close reportClose `cmd:"" help:"Close a report that was looked into."`
}

// reportRow is a report as it is shown.
type reportRow struct {
	ID       coop.ID  `json:"id"`
	Reporter string   `json:"reporter"`
	Accounts []string `json:"accounts"`
	Posts    []string `json:"posts"`
	Category string   `json:"category"`
	Comment  string   `json:"comment"`
	Created  string   `json:"created_at"`
	Closed   string   `json:"closed_at,omitempty"`
}

// reportList is `minga report list`.
type reportList struct {
	All bool `help:"Closed ones too."`
}

// Run lists reports.
func (a reportList) Run(t *terminal) error {
	return t.with(func(i *instance) error {
		list, err := i.store.Reports(t.ctx, storage.ReportQuery{Closed: a.All}, coop.Page{Limit: 200})
		if err != nil {
			return err
		}
		rows := make([]reportRow, 0, len(list))
		for _, x := range list {
			row, err := i.reportRow(t.ctx, x)
			if err != nil {
				return err
			}
			rows = append(rows, row)
		}
		return t.print(rows, func(w io.Writer) {
			for _, row := range rows {
				fmt.Fprintf(w, "%s  %-9s %s by %s about %v, %d posts\n    %s\n", row.ID, row.Category, row.Created, printable(row.Reporter), row.Accounts, len(row.Posts), printable(coop.CleanLine(row.Comment, 300)))
			}
		})
	})
}

// reportRow names who and what a report is about.
func (i *instance) reportRow(ctx context.Context, x coop.Report) (reportRow, error) {
	row := reportRow{ID: x.ID, Reporter: x.Host, Category: string(x.Category), Comment: x.Comment, Created: stamp(x.CreatedAt), Closed: stamp(x.ClosedAt)}
	accounts, err := i.store.Accounts(ctx, append([]coop.ID{x.Reporter}, x.Accounts...))
	if err != nil {
		return row, err
	}
	if a := accounts[x.Reporter]; a != nil {
		row.Reporter = a.Handle(i.config.AccountDomain).String()
	}
	for _, id := range x.Accounts {
		if a := accounts[id]; a != nil {
			row.Accounts = append(row.Accounts, a.Handle(i.config.AccountDomain).String())
		}
	}
	for _, id := range x.Posts {
		row.Posts = append(row.Posts, id.String())
	}
	return row, nil
}

// reportClose is `minga report close`.
type reportClose struct {
	ID string `arg:"" help:"Its id."`
}

// Run closes a report.
func (a reportClose) Run(t *terminal) error {
	return t.remove(a.ID, "report.close", func(tx *storage.Tx, ctx context.Context, id coop.ID) error {
		return tx.CloseReport(ctx, id, t.now())
	})
}
