// SPDX-License-Identifier: AGPL-3.0-or-later

package main_test

import (
	"go/ast"
	"strings"
	"testing"
)

// memories are what lives as long as the program and is shared between requests: fields
// that are maps beside a lock, and caches. Each says why it does not grow for ever,
// however many strangers there are. One that is not here fails [TestMemoriesHaveAnEnd].
var memories = map[string]string{
	"inbox.Inbox.rates":                "a memo: a time and a number of keys (remember)",
	"inbox.Inbox.touched":              "a memo",
	"inbox.Inbox.blocked":              "a memo",
	"inbox.Inbox.keys":                 "a memo",
	"inbox.Inbox.rotated":              "a memo",
	"inbox.Inbox.met":                  "a memo",
	"inbox.Inbox.failed":               "a memo",
	"inbox.Inbox.silent":               "a memo",
	"inbox.Inbox.failures":             "a memo",
	"inbox.Inbox.ownID":                "a memo of one",
	"inbox.Inbox.visited":              "a memo",
	"inbox.Inbox.polls":                "a memo",
	"inbox.Inbox.flights":              "what is being fetched: 256 at once",
	"inbox.memo.byKey":                 "the memo itself: the oldest goes first, and all go with their time",
	"federation.slots.hosts":           "hosts of which something is being fetched",
	"outbox/translate.Translator.kept": "a cache with a weight and a time",
	"outbox.keyring.pairs":             "own accounts, 1,000 at most",
	"outbox/push.hosts.busy":           "hosts to which something is being sent",
	"outbox/push.hosts.turns":          "cleared at 2,000",
	"outbox/push.hosts.rests":          "2,000 at most",
	"storage.board.byID":               "the jobs of the board, which are rows",
	"storage.board.byAcct":             "their authors",
	"storage.statements.known":         "the texts of statements, which are constant",
	"storage.wakeups.listeners":        "this program's own workers",
	"storage.wakeups.outgoing":         "names of queues",
	"storage.vigil.open":               "connections to the database, of which the pool has a number",
	"storage.wakeups.feeds":            "this program's own hubs",
	"web.limiter.seen":                 "100,000 askers, three hours",
	"web/activitypub.Face.told":        "a cache with a number and a time",
	"web/media.Face.flights":           "pictures that are being fetched, within the limit of files",
	"web/media.failures.at":            "cleared at 10,000, ten minutes",
	"web/pages.painter.done":           "as many pictures as the painter keeps: TestPainterForgets",
	"web/streaming.Hub.streams":        "10,000 streams",
	"web/streaming.Hub.holds":          "accounts that have streams",
	"web/streaming.Hub.topics":         "what streams listen to",
	"cmd/minga.chosen.values":          "settings",
	"web.places.holders":               "who has a place, of which there is a number",
	"web.admission.known":              "a cache with a number and a time",
	"cmd/minga.entrance.inside":        "open connections that wait for an answer",
	"cmd/minga.crowd.reached":          "the bench alone",
}

// TestMemoriesHaveAnEnd lists every memory of the program by reading its source.
func TestMemoriesHaveAnEnd(t *testing.T) {
	found := map[string]bool{}
	for _, f := range goFiles(t) {
		if f.isTest() || under(f.path, "scripts") {
			continue
		}
		for _, name := range memoriesOf(f) {
			found[name] = true
			if memories[name] == "" {
				t.Errorf("%s: nothing says why %s does not grow for ever", f.path, name)
			}
		}
	}
	for name := range memories {
		if !found[name] {
			t.Errorf("%s is no memory any more", name)
		}
	}
}

// memoriesOf are the fields of a file that remember.
func memoriesOf(f *sourceFile) (names []string) {
	ast.Inspect(f.syntax, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok {
			return true
		}
		fields, ok := spec.Type.(*ast.StructType)
		if !ok {
			return true
		}
		locked := holdsLock(fields)
		for _, field := range fields.Fields.List {
			_, isMap := field.Type.(*ast.MapType)
			if !isCache(field.Type) && !(locked && isMap) {
				continue
			}
			for _, name := range field.Names {
				names = append(names, f.dir()+"."+spec.Name.Name+"."+name.Name)
			}
		}
		return true
	})
	return names
}

// holdsLock tells whether a struct is shared.
func holdsLock(fields *ast.StructType) bool {
	for _, field := range fields.Fields.List {
		if name := typeName(field.Type); name == "sync.Mutex" || name == "sync.RWMutex" {
			return true
		}
	}
	return false
}

// isCache tells the types that remember by themselves.
func isCache(e ast.Expr) bool {
	switch typeName(e) {
	case "memo", "otter.Cache", "sync.Map", "singleflight.Group":
		return true
	}
	return false
}

// typeName is a type as it is written, without stars and parameters.
func typeName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return typeName(e.X)
	case *ast.IndexExpr:
		return typeName(e.X)
	case *ast.IndexListExpr:
		return typeName(e.X)
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return strings.TrimPrefix(typeName(e.X)+"."+e.Sel.Name, ".")
	}
	return ""
}
