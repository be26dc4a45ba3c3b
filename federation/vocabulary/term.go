// SPDX-License-Identifier: AGPL-3.0-or-later

package vocabulary

import (
	"iter"
	"strings"
)

// Term is one extension term.
type Term struct {
	Name      string
	Prefix    string
	Namespace string
	Local     string // the name inside the namespace
	Type      string // "@id", a type's IRI, or empty
	Container string // "@set", "@list", "@language", or empty
	OnActors  bool   // whether it has this meaning on actors
	OnPosts   bool   // whether it has this meaning on everything else
}

// Terms are all extension terms in the order of the context.
func Terms() iter.Seq[Term] {
	return func(yield func(Term) bool) {
		prefix, namespace := "", ""
		for line := range strings.Lines(termTable) {
			line = strings.TrimSpace(line)
			if rest, ok := strings.CutPrefix(line, "@ "); ok {
				prefix, namespace, _ = strings.Cut(rest, " ")
				continue
			}
			if line != "" && !yield(parseTerm(line, prefix, namespace)) {
				return
			}
		}
	}
}

// parseTerm reads a line of the table.
func parseTerm(line, prefix, namespace string) Term {
	name, flags, _ := strings.Cut(line, " ")
	t := Term{Name: name, Prefix: prefix, Namespace: namespace, Local: name, OnActors: true, OnPosts: true}
	for flags != "" {
		var flag string
		flag, flags, _ = strings.Cut(flags, " ")
		switch flag {
		case "id":
			t.Type = "@id"
		case "time":
			t.Type = "http://www.w3.org/2001/XMLSchema#dateTime"
		case "multibase":
			t.Type = "sec:multibase"
		case "set", "list", "language":
			t.Container = "@" + flag
		case "actor":
			t.OnPosts = false
		case "post":
			t.OnActors = false
		default:
			t.Local = strings.TrimPrefix(flag, "as=")
		}
	}
	return t
}

// meant tells whether the term has this meaning in a document of the kind.
func (t Term) meant(kind Kind) bool {
	if kind&Actor != 0 {
		return t.OnActors
	}
	return t.OnPosts
}
