// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"minga/coop"
	"minga/outbox"
)

// What people bring from other programs: articles and jobs, each on its own, so that one
// that is wrong keeps no other out, and a run that was stopped goes on where it was when it
// is run again.

// broughtRow is one thing of a file and what became of it, as it is printed.
type broughtRow struct {
	Line    int      `json:"line,omitempty"` // of a table, else the place in the file
	File    string   `json:"file,omitempty"`
	ID      coop.ID  `json:"id,omitempty"`
	Title   string   `json:"title,omitempty"`
	State   string   `json:"state"` // draft, published, known, left, bad
	Problem []string `json:"problems,omitempty"`
}

// bringing is a file on its way.
type bringing struct {
	t                 *terminal
	i                 *instance
	account           *coop.Account
	language, licence string // of what says none
	dry, publish      bool
	tell              func(what string, n int64)
	rows              []broughtRow
}

// bring opens the instance, takes what there is and says what became of it, also where it
// was stopped.
func (t *terminal) bring(a importCommand, what string, take func(b *bringing) error) error {
	return t.withAccount(a.Account, func(i *instance, account *coop.Account) error {
		b := &bringing{t: t, i: i, account: account, language: a.Language, licence: a.License, dry: a.DryRun, publish: a.Publish, tell: t.counting(), rows: []broughtRow{}}
		if b.language == "" {
			b.language = account.Language
		}
		if b.licence == "" {
			b.licence = coop.DefaultLicence
		}
		err := take(b)
		if err != nil && len(b.rows) == 0 {
			return err
		}
		if !b.dry {
			after := context.WithoutCancel(t.ctx) // what was done until it was stopped stands in the log
			if wrong := i.audit(after, "account.import", string(account.IRI), what); wrong != nil {
				return wrong
			}
			if wrong := i.store.Nudge(after); wrong != nil {
				return wrong
			}
		}
		if said := b.report(); err == nil {
			return said
		}
		t.talk("stopped after %d; run it again to go on: what is here stays as it is", len(b.rows))
		return err
	})
}

// bad notes what could not be read at all.
func (b *bringing) bad(row broughtRow, problem string) {
	row.State, row.Problem = string(outbox.TakenBad), []string{problem}
	b.rows = append(b.rows, row)
}

// done notes what became of one thing.
func (b *bringing) done(row broughtRow, became outbox.Brought, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", strings.TrimSpace(row.where()+" "+row.Title), err)
	}
	row.State = string(became.State)
	if became.State == outbox.TakenNew {
		row.State = "published"
	}
	if became.Post != nil && (became.State == outbox.TakenNew || became.State == outbox.TakenDraft) {
		row.ID = became.Post.ID
	}
	for _, e := range became.Wrong {
		row.Problem = append(row.Problem, e.Field+": "+e.Problem)
	}
	b.rows = append(b.rows, row)
	b.tell("things", int64(len(b.rows)))
	return b.t.ctx.Err()
}

// where is where in its file or folder it stands.
func (r broughtRow) where() string {
	if r.Line == 0 {
		return r.File
	}
	return strings.TrimSpace(fmt.Sprintf("line %d  %s", r.Line, r.File))
}

// report prints what became of each; what could not be kept makes it partly done.
func (b *bringing) report() error {
	counts := map[string]int{}
	for _, row := range b.rows {
		counts[row.State]++
	}
	err := b.t.print(b.rows, func(w io.Writer) {
		for _, row := range b.rows {
			fmt.Fprintf(w, "%-9s  %s  %s\n", row.State, printable(row.where()), printable(row.Title))
			if len(row.Problem) > 0 {
				fmt.Fprintf(w, "           %s\n", printable(strings.Join(row.Problem, "; ")))
			}
		}
		if b.dry {
			fmt.Fprint(w, "nothing is changed; ")
		}
		fmt.Fprintf(w, "%d published, %d drafts, %d known, %d left out, %d bad\n", counts["published"], counts["draft"], counts["known"], counts["left"], counts["bad"])
	})
	if failed := counts["bad"]; err == nil && failed > 0 {
		err = &partlyError{fmt.Sprintf("%d could not be kept", failed)}
	}
	return err
}
