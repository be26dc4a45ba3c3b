// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"fmt"
	"io"

	"minga/coop"
	"minga/storage"
)

// ruleCommand is `minga rule`.
type ruleCommand struct {
	Add    ruleAdd    `cmd:"" help:"Add a rule of this instance; a report can name it."`
	List   ruleList   `cmd:"" help:"List the rules."`
	Remove ruleRemove `cmd:"" help:"Take a rule back."`
}

// ruleRow is a rule as it is shown.
type ruleRow struct {
	ID    coop.ID    `json:"id"`
	Texts coop.Texts `json:"texts"`
	Hints coop.Texts `json:"hints"`
}

// ruleAdd is `minga rule add`.
type ruleAdd struct {
	Words string            `arg:"" optional:"" name:"text" help:"The rule, in the language of this instance."`
	Text  map[string]string `mapsep:"none" placeholder:"LANGUAGE=TEXT" help:"The rule in another language, such as --text ca=\"Sigueu amables\"; once for each."`
	Hint  map[string]string `mapsep:"none" placeholder:"LANGUAGE=TEXT" help:"More words about it."`
}

// Run adds a rule.
func (a ruleAdd) Run(t *terminal) error {
	return t.with(func(i *instance) error {
		x := &coop.Rule{Texts: i.inLanguages(a.Words, a.Text), Hints: a.Hint}
		if err := x.Validate(); err != nil {
			return err
		}
		if err := i.store.Write(t.ctx, func(tx *storage.Tx) error { return tx.AddRule(t.ctx, x) }); err != nil {
			return err
		}
		if err := i.audit(t.ctx, "rule.add", x.ID.String(), ""); err != nil {
			return err
		}
		return t.print(ruleRow{x.ID, x.Texts, x.Hints}, func(w io.Writer) { fmt.Fprintln(w, x.ID) })
	})
}

// ruleList is `minga rule list`.
type ruleList struct{}

// Run lists the rules.
func (ruleList) Run(t *terminal) error {
	return t.with(func(i *instance) error {
		rules, err := i.store.Rules(t.ctx)
		if err != nil {
			return err
		}
		rows := make([]ruleRow, 0, len(rules))
		for _, x := range rules {
			rows = append(rows, ruleRow{x.ID, x.Texts, x.Hints})
		}
		return t.print(rows, func(w io.Writer) {
			for _, row := range rows {
				fmt.Fprintln(w, row.ID)
				printTexts(w, row.Texts)
			}
		})
	})
}

// ruleRemove is `minga rule remove`.
type ruleRemove struct {
	ID string `arg:"" help:"Its id."`
}

// Run takes a rule back.
func (a ruleRemove) Run(t *terminal) error {
	return t.remove(a.ID, "rule.remove", (*storage.Tx).RemoveRule)
}

// remove takes something back by its id, and notes it in the audit log.
func (t *terminal) remove(text, act string, remove func(*storage.Tx, context.Context, coop.ID) error) error {
	id, err := coop.ParseID(text)
	if err != nil {
		return err
	}
	return t.with(func(i *instance) error {
		if err := i.store.Write(t.ctx, func(tx *storage.Tx) error { return remove(tx, t.ctx, id) }); err != nil {
			return err
		}
		return i.audit(t.ctx, act, id.String(), "")
	})
}
