// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"minga/coop"
	"minga/coop/carry"
	"minga/outbox"
)

// importedArticle is a file and what became of it, as it is printed.
type importedArticle struct {
	File    string   `json:"file"`
	ID      coop.ID  `json:"id,omitempty"`
	Title   string   `json:"title,omitempty"`
	State   string   `json:"state"` // draft, published, known, bad
	Problem []string `json:"problems,omitempty"`
}

// articles takes in a folder of Markdown.
func (a importCommand) articles(t *terminal) error {
	info, err := os.Stat(a.File)
	if err != nil || !info.IsDir() {
		return usage("%s is no folder", a.File)
	}
	return t.withAccount(a.Account, func(i *instance, account *coop.Account) error {
		lang, licence := a.Language, a.License
		if lang == "" {
			lang = account.Language
		}
		if licence == "" {
			licence = coop.DefaultLicence
		}
		files, bad, err := carry.Articles(os.DirFS(a.File), lang, licence)
		if err != nil {
			return err
		}
		report := []importedArticle{}
		for _, one := range bad {
			report = append(report, importedArticle{File: one.Name, State: "bad", Problem: []string{string(one.Problem)}})
		}
		if a.DryRun {
			for _, file := range files {
				report = append(report, importedArticle{File: file.Name, Title: file.Title, State: "read"})
			}
			return a.reportArticles(t, report)
		}
		done, err := i.outbox.ImportArticles(t.ctx, account, files)
		if err != nil {
			return err
		}
		if err := i.audit(t.ctx, "account.import", string(account.IRI), "articles"); err != nil {
			return err
		}
		for _, one := range done {
			row, err := a.importedArticle(t, i, account, one)
			if err != nil {
				return err
			}
			report = append(report, row)
		}
		if err := i.store.Nudge(t.ctx); err != nil {
			return err
		}
		return a.reportArticles(t, report)
	})
}

// importedArticle says what became of one file, and publishes it where that was asked.
func (a importCommand) importedArticle(t *terminal, i *instance, account *coop.Account, one outbox.Imported) (importedArticle, error) {
	row := importedArticle{File: one.Name, State: "known"}
	if one.Post == nil {
		return row, nil
	}
	row.ID, row.Title, row.State = one.Post.ID, one.Post.Title, "draft"
	for _, e := range one.Wrong {
		row.Problem = append(row.Problem, e.Field+": "+e.Problem)
	}
	if !a.Publish || len(one.Wrong) > 0 {
		return row, nil
	}
	if err := i.outbox.PublishArticle(t.ctx, account, one.Post); err != nil {
		return row, err
	}
	row.State = "published"
	return row, nil
}

// reportArticles prints what became of a folder; files that could not be read make it
// partly done.
func (a importCommand) reportArticles(t *terminal, rows []importedArticle) error {
	failed := 0
	err := t.print(rows, func(w io.Writer) {
		for _, row := range rows {
			fmt.Fprintf(w, "%-9s  %s  %s\n", row.State, printable(row.File), printable(row.Title))
			if len(row.Problem) > 0 {
				fmt.Fprintf(w, "           %s\n", printable(strings.Join(row.Problem, "; ")))
			}
		}
	})
	for _, row := range rows {
		if row.State == "bad" {
			failed++
		}
	}
	if err == nil && failed > 0 {
		err = &partlyError{fmt.Sprintf("%d files could not be read", failed)}
	}
	return err
}
