// SPDX-License-Identifier: AGPL-3.0-or-later

package main_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// rooms says what each room may import of ours besides itself. Change it only
// with a decision in docs/decisions.
var rooms = []struct {
	room string
	may  []string
	rule string
}{
	{"cmd", []string{"web", "inbox", "outbox", "storage", "federation", "coop"}, "cmd wires everything below it"},
	{"scripts", []string{"web", "inbox", "outbox", "storage", "federation", "coop"}, "programs under scripts may use every room"},
	{"web", []string{"inbox", "outbox", "storage", "federation", "coop"}, "web stands on inbox, outbox, storage, federation and coop"},
	{"inbox", []string{"storage", "federation", "coop"}, "inbox stands on storage, federation and coop and never meets outbox"},
	{"outbox", []string{"storage", "federation", "coop"}, "outbox stands on storage, federation and coop and never meets inbox"},
	{"storage", []string{"coop"}, "storage stands on coop alone"},
	{"federation", nil, "federation imports nothing of ours: it could serve another program unchanged"},
	{"coop", nil, "coop imports nothing of ours"},
}

// faces are the doors inside web. A face may use the shared folders of web,
// never another face.
var (
	faces      = []string{"activitypub", "mastodon", "oauth", "pages", "admin", "api", "media", "streaming"}
	faceShares = []string{"respond", "auth"}
)

// libraries that one place alone may use. Test files are free of them: a second
// opinion in a test is welcome.
var libraries = []struct {
	path   string
	places []string // empty: tests only
	rule   string
}{
	{"github.com/go-fed/activity", []string{"federation/vocabulary"}, "only federation/vocabulary imports go-fed/activity: its build is slow and its serialiser loses terms"},
	{"github.com/go-fed/httpsig", []string{"federation/signature"}, "only federation/signature imports go-fed/httpsig, behind our strict front"},
	{"github.com/piprate/json-gold", nil, "json-gold is for tests: minga expands no JSON-LD at run time"},
	{"github.com/jackc/pgx", []string{"storage"}, "only storage speaks to a database"},
	{"modernc.org/sqlite", []string{"storage"}, "only storage speaks to a database"},
	{"database/sql", []string{"storage"}, "only storage speaks to a database"},
	{"github.com/pressly/goose", []string{"storage"}, "only storage migrates"},
	{"github.com/gin-gonic/gin", []string{"web", "cmd", "scripts"}, "only web answers HTTP through gin"},
	{"github.com/alecthomas/kong", []string{"cmd", "scripts"}, "only cmd reads the command line"},
	{"github.com/BurntSushi/toml", []string{"cmd", "scripts", "outbox/text", "outbox/mail", "web"}, "toml is for the configuration (cmd) and for catalogues of texts (outbox/text, outbox/mail, web)"},
	{"github.com/wneessen/go-mail", []string{"outbox/mail"}, "mail leaves by outbox/mail alone, which knows what may stand in a header"},
	{"github.com/dunglas/httpsfv", []string{"federation"}, "signatures are federation's"},
	{"github.com/gowebpki/jcs", []string{"federation"}, "proofs are federation's"},
	{"go.opentelemetry.io/otel/sdk", []string{"cmd"}, "rooms begin spans; only cmd records them"},
	{"pgregory.net/rapid", nil, "rapid is for tests"},
	{"go.uber.org/goleak", nil, "goleak is for tests"},
	{"github.com/google/go-cmp", nil, "go-cmp is for tests"},
	{"testing", nil, "testing is for tests"},
}

// coopNever are the doors to the world that the words have no use for.
var coopNever = []string{
	"database/sql", "net", "net/http", "os", "os/exec", "log/slog", "syscall",
	"github.com/jackc/pgx", "modernc.org/sqlite", "github.com/gin-gonic/gin",
}

// allOfGoFed are the package that tests ask for a second opinion, and what it stands on.
var allOfGoFed = []string{module + "/federation/vocabulary/gofed", "github.com/go-fed/activity/streams"}

// TestImports holds the rule of ARCHITECTURE.md over every file of the program.
func TestImports(t *testing.T) {
	files := goFiles(t)
	if len(files) < 10 {
		t.Fatalf("only %d Go files found: the walk does not see the program", len(files))
	}
	for _, f := range files {
		for _, spec := range f.syntax.Imports {
			if broken := judgeImport(f.path, f.isTest(), importPath(spec)); broken != "" {
				t.Errorf("%s:%d: imports %s: %s", f.path, f.line(spec.Pos()), importPath(spec), broken)
			}
		}
	}
}

// judgeImport names the rule that an import breaks, or is empty.
func judgeImport(file string, isTest bool, path string) string {
	dir := file[:max(strings.LastIndexByte(file, '/'), 0)]
	if !isTest && slices.Contains(allOfGoFed, path) && module+"/"+dir != allOfGoFed[0] {
		return "go-fed's streams as a whole is for a second opinion in tests: it brings all types with their readers, a fifth of the program"
	}
	if path == module || strings.HasPrefix(path, module+"/") {
		return judgeRoom(dir, strings.TrimPrefix(strings.TrimPrefix(path, module), "/"))
	}
	if under(dir, "coop") && !isTest && isAny(path, coopNever) {
		return "coop knows no database, no network, no clock and no files"
	}
	return judgeLibrary(dir, isTest, path)
}

// isAny tells whether the path is one of the list; a module of several packages
// stands for all of them, a package of the standard library for itself.
func isAny(path string, list []string) bool {
	return slices.ContainsFunc(list, func(p string) bool {
		return path == p || strings.Contains(p, ".") && under(path, p)
	})
}

// judgeRoom judges an import of ours, both as folders from the root.
func judgeRoom(from, to string) string {
	fromRoom, _, _ := strings.Cut(from, "/")
	toRoom, _, _ := strings.Cut(to, "/")
	for _, r := range rooms {
		if r.room != fromRoom {
			continue
		}
		if fromRoom == toRoom {
			return judgeFace(from, to)
		}
		if !slices.Contains(r.may, toRoom) {
			return r.rule
		}
		return ""
	}
	return fmt.Sprintf("%q is no room of the table; a new one needs a decision in docs/decisions", fromRoom)
}

// judgeFace judges an import inside one room: only web has walls within.
func judgeFace(from, to string) string {
	if !under(from, "web") {
		return ""
	}
	fromFace, toFace := faceOf(from), faceOf(to)
	if slices.Contains(faceShares, fromFace) && slices.Contains(faces, toFace) {
		return fmt.Sprintf("web/%s serves the faces and knows none of them", fromFace)
	}
	if slices.Contains(faces, fromFace) && fromFace != toFace && !slices.Contains(faceShares, toFace) {
		return fmt.Sprintf("a face of web uses web/%s, never another face nor web itself", strings.Join(faceShares, " and web/"))
	}
	return ""
}

// faceOf is the second folder of a path in web, empty for web itself.
func faceOf(dir string) string {
	_, rest, _ := strings.Cut(dir, "/")
	face, _, _ := strings.Cut(rest, "/")
	return face
}

// judgeLibrary judges an import of a library.
func judgeLibrary(dir string, isTest bool, path string) string {
	if isTest {
		return ""
	}
	for _, l := range libraries {
		if !under(path, l.path) {
			continue
		}
		if !slices.ContainsFunc(l.places, func(place string) bool { return under(dir, place) }) {
			return l.rule
		}
	}
	return ""
}

// TestImportRules proves that each rule fires: a rule that never fires holds
// nothing.
func TestImportRules(t *testing.T) {
	for _, tt := range []struct {
		name, file, imports string
		test, broken        bool
	}{
		{"cmd wires web", "cmd/minga/serve.go", "minga/web/pages", false, false},
		{"web uses outbox", "web/api/jobs.go", "minga/outbox", false, false},
		{"nobody imports cmd", "web/server.go", "minga/cmd/minga", false, true},
		{"inbox never meets outbox", "inbox/create.go", "minga/outbox", false, true},
		{"outbox never meets inbox", "outbox/build/job.go", "minga/inbox/read", false, true},
		{"not in a test either", "outbox/publish_test.go", "minga/inbox", true, true},
		{"storage knows no wire", "storage/post.go", "minga/federation", false, true},
		{"storage uses coop", "storage/post.go", "minga/coop", false, false},
		{"federation is alone", "federation/client.go", "minga/coop", false, true},
		{"federation has rooms within", "federation/client.go", "minga/federation/signature", false, false},
		{"coop is alone", "coop/job.go", "minga/storage", false, true},
		{"coop has no network", "coop/job.go", "net/http", false, true},
		{"coop has no files", "coop/job.go", "os", false, true},
		{"coop may know an address", "coop/id.go", "net/url", false, false},
		{"a face never uses another", "web/mastodon/jobs.go", "minga/web/pages", false, true},
		{"nor web itself", "web/pages/jobs.go", "minga/web", false, true},
		{"a face grows folders", "web/pages/jobs.go", "minga/web/pages/templates", false, false},
		{"a face answers through respond", "web/api/jobs.go", "minga/web/respond", false, false},
		{"respond knows no face", "web/respond/error.go", "minga/web/api", false, true},
		{"web mounts its faces", "web/server.go", "minga/web/api", false, false},
		{"a new room needs a decision", "util/strings.go", "minga/coop", false, true},
		{"go-fed stays behind its adapter", "inbox/apply.go", "github.com/go-fed/activity/streams", false, true},
		{"the adapter has it", "federation/vocabulary/create.go", "github.com/go-fed/activity/streams/vocab", false, false},
		{"but a type at a time", "federation/vocabulary/create.go", "github.com/go-fed/activity/streams", false, true},
		{"all of it is a second opinion", "federation/vocabulary/gofed/recognise.go", "github.com/go-fed/activity/streams", false, false},
		{"which a test may ask", "outbox/strict_test.go", "minga/federation/vocabulary/gofed", true, false},
		{"and nobody else", "federation/document.go", "minga/federation/vocabulary/gofed", false, true},
		{"a test may ask it", "outbox/golden_test.go", "github.com/go-fed/activity/streams", true, false},
		{"httpsig has one door", "federation/client.go", "github.com/go-fed/httpsig", false, true},
		{"and that is this", "federation/signature/cavage.go", "github.com/go-fed/httpsig", false, false},
		{"a database has one room", "web/api/jobs.go", "github.com/jackc/pgx/v5", false, true},
		{"which is storage", "storage/open.go", "github.com/jackc/pgx/v5/pgxpool", false, false},
		{"a room begins spans", "outbox/trace.go", "go.opentelemetry.io/otel/trace", false, false},
		{"and records none", "outbox/trace.go", "go.opentelemetry.io/otel/sdk/trace", false, true},
		{"test libraries stay in tests", "coop/job.go", "pgregory.net/rapid", false, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := judgeImport(tt.file, tt.test, tt.imports); (got != "") != tt.broken {
				t.Errorf("judged %q, want broken = %v", got, tt.broken)
			}
		})
	}
}
