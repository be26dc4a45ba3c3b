// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"minga/coop"
	"minga/storage"
)

// termCommand is `minga directory term`.
type termCommand struct {
	List      termList      `cmd:"" help:"List terms."`
	Twins     termTwins     `cmd:"" help:"List groups of terms that probably mean the same; the one to keep comes first."`
	Feature   termFeature   `cmd:"" help:"Put a term into the shop window."`
	Unfeature termUnfeature `cmd:"" help:"Take a term out of the shop window, or say no to a proposal."`
	Merge     termMerge     `cmd:"" help:"Say that a term means the same as another: searches find both."`
	Unmerge   termUnmerge   `cmd:"" help:"Undo a merging."`
}

// termRow is a term as it is printed.
type termRow struct {
	ID    coop.ID           `json:"id"`
	Kind  coop.ServiceKind  `json:"kind"`
	Name  string            `json:"name"`
	State coop.ServiceState `json:"state"`
	Into  coop.ID           `json:"into,omitempty"`
	Uses  int               `json:"uses"`
}

func termRowOf(t *coop.ServiceTerm) termRow {
	return termRow{t.ID, t.Kind, t.Label, t.State, t.Into, t.Uses}
}

func (r termRow) write(w io.Writer) {
	fmt.Fprintf(w, "%6s  %-10s %-9s %5d  %s\n", r.ID, r.Kind, r.State, r.Uses, printable(r.Name))
}

// termList is `minga directory term list`.
type termList struct {
	State string `help:"Only those in this state." enum:",own,proposed,featured,merged" default:""`
	Text  string `help:"Only those with words that begin so."`
}

// Run lists terms.
func (a termList) Run(t *terminal) error {
	return t.with(func(i *instance) error {
		q := storage.TermQuery{Prefix: a.Text}
		if a.State != "" {
			q.States = []coop.ServiceState{coop.ServiceState(a.State)}
		}
		terms, err := i.store.ServiceTerms(t.ctx, q, 3000)
		if err != nil {
			return err
		}
		rows := make([]termRow, len(terms))
		for n, term := range terms {
			rows[n] = termRowOf(term)
		}
		return t.print(rows, func(w io.Writer) {
			for _, row := range rows {
				row.write(w)
			}
		})
	})
}

// termTwins is `minga directory term twins`.
type termTwins struct{}

// Run lists twins.
func (termTwins) Run(t *terminal) error {
	return t.with(func(i *instance) error {
		groups, err := i.store.Twins(t.ctx)
		if err != nil {
			return err
		}
		rows := make([][]termRow, len(groups))
		for n, group := range groups {
			for _, term := range group {
				rows[n] = append(rows[n], termRowOf(term))
			}
		}
		return t.print(rows, func(w io.Writer) {
			for _, group := range rows {
				for _, row := range group {
					row.write(w)
				}
				fmt.Fprintln(w)
			}
		})
	})
}

// decideTerm does one act on a term as the command line, with its entry in the log.
func decideTerm(t *terminal, id coop.ID, act string, do func(ctx context.Context, tx *storage.Tx) error) error {
	return t.with(func(i *instance) error {
		ctx := storage.ActingAs(t.ctx, storage.Acting{Who: byCommand, Act: act, Target: id.String()})
		if err := i.store.Write(ctx, func(tx *storage.Tx) error { return do(ctx, tx) }); err != nil {
			return err
		}
		term, err := i.store.ServiceTerm(t.ctx, id)
		if errors.Is(err, coop.ErrNotFound) { // nobody says it: it is gone with that
			return nil
		}
		if err != nil {
			return err
		}
		row := termRowOf(term)
		return t.print(row, row.write)
	})
}

// termFeature is `minga directory term feature`.
type termFeature struct {
	ID     coop.ID           `arg:"" help:"Number of the term."`
	Name   string            `help:"How it is written from now on."`
	Labels map[string]string `help:"Its names in languages, such as --labels es=Alojamiento." placeholder:"LANGUAGE=NAME"`
}

// Run features a term.
func (a termFeature) Run(t *terminal) error {
	return decideTerm(t, a.ID, "terms.feature", func(ctx context.Context, tx *storage.Tx) error {
		return tx.FeatureTerm(ctx, a.ID, a.Name, a.Labels)
	})
}

// termUnfeature is `minga directory term unfeature`.
type termUnfeature struct {
	ID coop.ID `arg:"" help:"Number of the term."`
}

// Run takes a term out of the shop window.
func (a termUnfeature) Run(t *terminal) error {
	return decideTerm(t, a.ID, "terms.unfeature", func(ctx context.Context, tx *storage.Tx) error { return tx.UnfeatureTerm(ctx, a.ID) })
}

// termMerge is `minga directory term merge`.
type termMerge struct {
	ID   coop.ID `arg:"" help:"Number of the term."`
	Into coop.ID `arg:"" help:"Number of the one that it means."`
}

// Run merges a term.
func (a termMerge) Run(t *terminal) error {
	return decideTerm(t, a.ID, "terms.merge", func(ctx context.Context, tx *storage.Tx) error { return tx.MergeTerm(ctx, a.ID, a.Into) })
}

// termUnmerge is `minga directory term unmerge`.
type termUnmerge struct {
	ID coop.ID `arg:"" help:"Number of the term."`
}

// Run undoes a merging.
func (a termUnmerge) Run(t *terminal) error {
	return decideTerm(t, a.ID, "terms.unmerge", func(ctx context.Context, tx *storage.Tx) error { return tx.UnmergeTerm(ctx, a.ID) })
}
