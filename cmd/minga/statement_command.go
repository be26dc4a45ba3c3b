// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"minga/coop"
	"minga/storage"
)

// statementCommand is `minga statement`.
type statementCommand struct {
	Set    statementSet    `cmd:"" help:"Say what this place is, what is kept about people, or on what terms it may be used."`
	Show   statementShow   `cmd:"" help:"Print what is said."`
	Remove statementRemove `cmd:"" help:"Take it back."`
}

// statementSet is `minga statement set`.
type statementSet struct {
	Kind string            `arg:"" help:"about, privacy or terms." enum:"about,privacy,terms"`
	File map[string]string `mapsep:"none" placeholder:"LANGUAGE=FILE" help:"A file with the Markdown in a language, such as --file es=privacidad.md; once for each. All that was said before is replaced." required:""`
}

// Run keeps what the files say.
func (a statementSet) Run(t *terminal) error {
	s := &coop.Statement{Kind: coop.StatementKind(a.Kind), Texts: coop.Texts{}}
	for language, path := range a.File {
		text, err := t.from.read(path)
		if err != nil {
			return usage("%s: %v", path, err)
		}
		s.Texts[language] = strings.ToValidUTF8(string(text), "")
	}
	if err := s.Validate(); err != nil {
		return err
	}
	return t.with(func(i *instance) error {
		if err := i.store.Write(t.ctx, func(tx *storage.Tx) error { return tx.PutStatement(t.ctx, s) }); err != nil {
			return err
		}
		return i.audit(t.ctx, "statement.set", a.Kind, "")
	})
}

// statementShow is `minga statement show`.
type statementShow struct {
	Kind string `arg:"" help:"about, privacy or terms." enum:"about,privacy,terms"`
}

// Run prints the Markdown of all languages.
func (a statementShow) Run(t *terminal) error {
	return t.with(func(i *instance) error {
		s, err := i.store.Statement(t.ctx, coop.StatementKind(a.Kind))
		if err != nil {
			return err
		}
		return t.print(s.Texts, func(w io.Writer) {
			for _, tag := range slices.Sorted(maps.Keys(s.Texts)) {
				fmt.Fprintf(w, "[%s]\n%s\n", tag, s.Texts[tag])
			}
		})
	})
}

// statementRemove is `minga statement remove`.
type statementRemove struct {
	Kind string `arg:"" help:"about, privacy or terms." enum:"about,privacy,terms"`
}

// Run takes it back.
func (a statementRemove) Run(t *terminal) error {
	return t.with(func(i *instance) error {
		s := &coop.Statement{Kind: coop.StatementKind(a.Kind)}
		if err := i.store.Write(t.ctx, func(tx *storage.Tx) error { return tx.PutStatement(t.ctx, s) }); err != nil {
			return err
		}
		return i.audit(t.ctx, "statement.remove", a.Kind, "")
	})
}
