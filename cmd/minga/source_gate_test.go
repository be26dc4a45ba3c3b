// SPDX-License-Identifier: AGPL-3.0-or-later

package main_test

import (
	"go/ast"
	"slices"
	"strings"
	"testing"
)

// sourceRules are those of the words that a line is made of, and those of the gates.
var sourceRules = slices.Concat(wordRules, gateRules)

// gateRules keep what came from elsewhere on the one way in, and readers to what they
// may see.
var gateRules = []sourceRule{
	{
		name: "unproven-activity", why: "an activity is queued by the inbox gate alone, after the last of its checks",
		allowed: []string{
			"inbox/receive.go", // the end of the gate
		},
		find:    findMethods("AddIncoming"),
		planted: []string{`tx.AddIncoming(ctx, storage.Incoming{Body: body})`, `queue := tx.AddIncoming; _ = queue`},
		clean:   []string{`in.Receive(ctx, request)`, `tx.FinishIncoming(ctx, id)`},
	},
	{
		name: "activity-handlers", why: "what an activity does is chosen by its type, after it was proven",
		allowed: []string{"inbox/apply.go"}, // the dispatch, and the list of types for FEDERATION.md
		find:    findMethods("handlers"),
		planted: []string{`do, err := w.handlers()["Create"](ctx)`},
		clean:   []string{`in.Step(ctx)`, `handlers := 1; _ = handlers`},
	},
	{
		name: "one-client", why: "what goes out goes through the one client, which a rehearsal shuts; the others each ask one place that the operator named, or this instance itself",
		allowed: []string{
			"cmd/minga/instance_client.go",                              // the one
			"cmd/minga/acme.go",                                         // the certificate authority
			"cmd/minga/provider.go",                                     // where people sign in
			"cmd/minga/telemetry.go",                                    // the collector
			"cmd/minga/translation.go",                                  // the service that translates
			"cmd/minga/acts.go",                                         // this instance, asked by the health check
			"cmd/minga/doctor_checks.go", "cmd/minga/doctor_command.go", // this instance, as others see it
			"cmd/minga/bench_fediverse.go", // instances of its own
		},
		find:    findNames(map[string][]string{"minga/federation": {"New"}}),
		planted: []string{`client, err := federation.New(federation.Options{})`},
		clean:   []string{`found, err := in.o.Client.Document(ctx, address)`},
	},
	{
		name: "system-viewer", why: "a door reads with the eyes of who stands before it",
		allowed: []string{
			"storage", "inbox", "outbox", // the program's own work; their doors take a viewer
			"cmd/minga",                // who has the database has everything
			"web/admin/reports.go",     // what was reported, shown to who decides about it
			"web/pages/suggestions.go", // a suggestion's own post, shown to its author and to who suggests
			"web/mastodon/streamed.go", // a line, written once for readers who were chosen by what they may see
			"web/pages/job_review.go",  // whether an address is a job that moderators froze; nothing of it is shown
		},
		find:    findNames(map[string][]string{"minga/coop": {"System", "ViewerSystem"}}),
		planted: []string{`f.Store.Post(ctx, coop.System(), id)`, `_ = coop.Viewer{Class: coop.ViewerSystem}`},
		clean:   []string{`f.Store.Post(ctx, auth.Viewer(c), id)`},
	},
	{
		name: "content-type", why: "what came is judged by its content type before its content",
		allowed: []string{
			"federation/finger.go", // wellKnown, whose callers judge
			"inbox/peer_list.go",   // a list that an admin subscribed to; what is no CSV has no rows
			"inbox/team_file.go",   // taken only if it is, byte for byte, what a signed record says
			"web/media/remote.go",  // pictures: judged by their first bytes, and made anew
			// The doctor looks whether there is an answer, and reads none of it; the bench
			// reads its own instance.
			"cmd/minga/doctor_host.go", "cmd/minga/doctor_command.go", "cmd/minga/doctor_others.go", "cmd/minga/acts.go", "cmd/minga/bench_inbox.go",
		},
		find:    findUnjudgedFetches,
		planted: []string{`page, err := in.o.Client.Get(ctx, address, "text/html", 1<<20); use(page.Body, err)`, `page, _ := c.wellKnown(ctx, host, "/.well-known/x", "text/plain"); use(page.Body)`, `a, _ := c.fetch(ctx, w); use(a.body)`},
		clean: []string{
			`page, _ := client.Get(ctx, address, "text/html", 1<<20); if page.Type == "text/html" { use(page.Body) }`,
			`a, _ := c.fetch(ctx, w); if isActivity(a.header) { use(a.body) }`, `x.Header.Get("Accept")`,
		},
	},
}

// findMethods reports the use of a method, called or handed on.
func findMethods(names ...string) func(*sourceFile) []finding {
	return func(f *sourceFile) []finding {
		return inspect(f, func(n ast.Node) string {
			if sel, ok := n.(*ast.SelectorExpr); ok && slices.Contains(names, sel.Sel.Name) {
				return "use of " + sel.Sel.Name
			}
			return ""
		})
	}
}

// fetches are the methods that ask another server, with how many arguments they have.
var fetches = map[string]int{"Get": 4, "GetSigned": 4, "wellKnown": 4, "fetch": 2}

// judges are what looks at a content type.
var judges = []string{"Type", "isJSON", "isText", "isActivity", "mediaType"}

// findUnjudgedFetches reports functions that ask another server and look at no content
// type.
func findUnjudgedFetches(f *sourceFile) (all []finding) {
	for _, decl := range f.syntax.Decls {
		fn, ok := decl.(*ast.FuncDecl)
		if !ok || fn.Body == nil || judgesType(fn) {
			continue
		}
		ast.Inspect(fn.Body, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if sel, ok := call.Fun.(*ast.SelectorExpr); ok && fetches[sel.Sel.Name] == len(call.Args) && len(call.Args) > 0 {
				all = append(all, finding{call.Pos(), sel.Sel.Name + " without a look at the content type"})
			}
			return true
		})
	}
	return all
}

// judgesType tells whether a function looks at a content type.
func judgesType(fn *ast.FuncDecl) (judged bool) {
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			judged = judged || slices.Contains(judges, n.Sel.Name)
		case *ast.Ident:
			judged = judged || slices.Contains(judges, n.Name)
		}
		return !judged
	})
	return judged
}

// intoInbox are the functions by which bytes get into inbox from the rest of the program
// otherwise than by a fetch of its own, with the reason why each may.
var intoInbox = map[string]string{
	"Receive":     "the gate",
	"VerifyGet":   "the gate of reads: nothing is done",
	"PutPeerList": "a list of servers that an admin hands in",
}

// TestDocumentsEnterByTheGate: no exported function of inbox takes a document, bytes or
// an activity, and none gives the effect of one away, but by the gate.
func TestDocumentsEnterByTheGate(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range goFiles(t) {
		if f.isTest() || f.dir() != "inbox" {
			continue
		}
		for _, name := range entrances(f) {
			seen[name] = true
			if intoInbox[name] == "" {
				t.Errorf("%s: by %s a document gets in that passed no gate", f.path, name)
			}
		}
	}
	for name := range intoInbox {
		if !seen[name] {
			t.Errorf("%s is no way in any more", name)
		}
	}
}

// carriers are the types that hold what another server sent, and what is made of it.
var carriers = []string{"work", "effect", "document.Object", "storage.Incoming", "Request", "[]byte", "io.Reader", "json.RawMessage"}

// entrances are the exported functions of a file whose types hold a carrier.
func entrances(f *sourceFile) (names []string) {
	for _, decl := range f.syntax.Decls {
		fn, ok := decl.(*ast.FuncDecl)
		if !ok || !fn.Name.IsExported() || fn.Recv != nil && !ast.IsExported(elementOf(fn.Recv.List[0].Type)) {
			continue
		}
		holds := false
		ast.Inspect(fn.Type, func(n ast.Node) bool {
			if e, ok := n.(ast.Expr); ok {
				holds = holds || slices.Contains(carriers, strings.TrimPrefix(f.text(e), "*"))
			}
			return true
		})
		if holds {
			names = append(names, fn.Name.Name)
		}
	}
	return names
}

// TestEntrancesAreSeen proves that the rule fires.
func TestEntrancesAreSeen(t *testing.T) {
	for source, want := range map[string]bool{
		"func (in *Inbox) Handle(ctx context.Context, doc *document.Object) error { return nil }":          true,
		"func (in *Inbox) Apply(ctx context.Context, inc storage.Incoming) error { return nil }":           true,
		"func Effect(w *work) (effect, error) { return nil, nil }":                                         true,
		"func (in *Inbox) Splice(body []byte) {}":                                                          true,
		"func (in *Inbox) handle(doc *document.Object) {}":                                                 false,
		"func (w *work) Handle(doc *document.Object) {}":                                                   false,
		"func (in *Inbox) Post(ctx context.Context, iri coop.IRI) (*coop.Post, error) { return nil, nil }": false,
	} {
		f := parseSource(t, "inbox/planted.go", "package inbox\n"+source)
		if got := len(entrances(f)) > 0; got != want {
			t.Errorf("%s: seen %v, want %v", source, got, want)
		}
	}
}
