// SPDX-License-Identifier: AGPL-3.0-or-later

package main_test

import (
	"go/token"
	"regexp"
	"slices"
	"strings"
	"testing"

	"minga/storage/storagetest"
)

// finding is a place in a file where a rule is broken.
type finding struct {
	pos  token.Pos
	what string
}

// sourceRule says what may not be written, and the one place where it may.
type sourceRule struct {
	name    string
	why     string
	allowed []string // files or folders from the root, each with its reason beside it
	find    func(f *sourceFile) []finding

	planted []string // statements that must fire
	clean   []string // statements that must not
}

// wordRules keep others from going round the gates. A place is added to allowed only with
// the reason why no other will do.
var wordRules = []sourceRule{
	{
		name: "sql-from-values", why: "SQL is one constant text; values are bound as $1",
		find: findBuiltSQL,
		planted: []string{
			`_ = fmt.Sprintf("SELECT id FROM posts WHERE author = %d", id)`,
			`q.Exec(ctx, "DELETE FROM posts WHERE id = " + id)`,
			`q.Query(ctx, "SELECT id FROM posts ORDER BY " + column)`,
			`b.WriteString(" AND host = '" + host + "'")`,
			`fmt.Fprintf(b, "UPDATE posts SET title = '%s'", title)`,
			`sql += " WHERE id = " + id`,
			`where := title; q.Query(ctx, "SELECT id FROM posts WHERE " + where)`,
			`p := post{name: title}; q.Query(ctx, "SELECT id FROM posts ORDER BY " + p.name)`,
			`sorted := func(by string) string { return "ORDER BY " + by }; sorted(title)`,
			`order := func() string { return title }; _ = "SELECT id FROM posts " + order()`,
		},
		clean: []string{
			`q.Exec(ctx, "DELETE FROM posts WHERE id = $1", id)`,
			`q.Exec(ctx, "SELECT id FROM posts WHERE " + fixed, id)`,
			`_ = fmt.Sprintf("update of %s: where it came from is unknown", id)`,
			`_ = fmt.Sprintf("SELECT id FROM posts WHERE author = $%d", n)`,
			`where := "TRUE"; where += " AND local"; q.Query(ctx, "SELECT id FROM posts WHERE " + where)`,
			`p := post{name: "id"}; q.Query(ctx, "SELECT id FROM posts ORDER BY " + p.name)`,
			`sorted := func(by string) string { return "ORDER BY " + by }; sorted("id")`,
			`order := func() string { return "ORDER BY id" }; _ = "SELECT id FROM posts " + order()`,
		},
	},
	{
		name: "sql-outside-storage", why: "rows are read and written by storage alone, behind its visibility",
		allowed: []string{"storage"},
		find:    findSQL,
		planted: []string{"_ = `\n\tSELECT id\n\tFROM posts`", `_ = "INSERT INTO posts (id) VALUES ($1)"`, `_ = "DELETE FROM posts"`, `_ = "UPDATE posts SET title = $1"`},
		clean:   []string{`_ = "select a job from the board"`, `_ = "Update of a post"`},
	},
	{
		name: "own-http-client", why: "every request goes out through the one client and its address guard",
		allowed: []string{
			"federation/*", // the client itself, in the root package
			// The mail server is named by the admin and may stand in an inside network: it
			// is no peer, and no stranger's word leads there.
			"outbox/mail/server.go",
			// The bench plays apps towards the instance that it was started beside, over as
			// many kept connections as there are apps.
			"cmd/minga/bench_clients.go", "cmd/minga/bench_streams.go",
		},
		find: findNames(map[string][]string{
			"net/http":   {"Client", "Get", "Head", "Post", "PostForm", "DefaultClient", "DefaultTransport", "Transport", "RoundTripper"},
			"net":        {"Dial", "DialTimeout", "DialTCP", "DialUDP", "DialIP", "DialUnix", "Dialer", "Resolver", "LookupHost", "LookupIP", "LookupAddr"},
			"crypto/tls": {"Dial", "DialWithDialer", "Dialer"},
		}),
		planted: []string{
			`c := &http.Client{}; _ = c`, `http.Get(u)`, `_ = http.DefaultClient`, `var _ http.Transport`,
			`net.Dial("tcp", u)`, `var _ net.Dialer`, `tls.Dial("tcp", u, nil)`, `net.LookupHost(u)`,
		},
		clean: []string{`_ = http.StatusOK`, `net.Listen("tcp", u)`, `_ = header.Get("Date")`, `http := local{}; http.Get(u)`},
	},
	{
		name: "clock", why: "time comes from the clock that was handed in, so that tests need not sleep",
		allowed: []string{"cmd/minga"}, // where the clock is made
		find: findNames(map[string][]string{
			"time": {"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker"},
		}),
		planted: []string{`_ = time.Now()`, `_ = time.Since(t)`, `time.Sleep(1)`, `<-time.After(1)`, `_ = time.NewTicker(1)`, `now := time.Now; _ = now`},
		clean:   []string{`ctx, cancel := context.WithTimeout(ctx, time.Second)`, `_ = time.UnixMilli(1)`, `a.Now()`},
	},
	{
		name: "files", why: "files of the data folder are opened through os.Root, which no name can leave",
		allowed: []string{"cmd/minga"}, // reads configuration and secrets, makes the data folder
		find: findNames(map[string][]string{
			"os": {
				"Open", "OpenFile", "Create", "ReadFile", "WriteFile", "ReadDir", "Mkdir", "MkdirAll", "Remove", "RemoveAll",
				"Rename", "Symlink", "Link", "Chmod", "Truncate", "CreateTemp", "MkdirTemp", "DirFS",
			},
			"io/ioutil": {"ReadFile", "WriteFile", "ReadDir", "TempDir", "TempFile"},
		}),
		planted: []string{`os.Open(name)`, `os.Create(name)`, `os.ReadFile(name)`, `os.RemoveAll(name)`, `os.DirFS(name)`},
		clean:   []string{`root, _ := os.OpenRoot(name)`, `root.Open(name)`, `_ = os.ErrNotExist`},
	},
	{
		name: "unescaped-html", why: "only what the sanitiser made is HTML; everything else is escaped by the template",
		allowed: []string{"federation/sanitize"}, // the sanitiser itself
		find: findNames(map[string][]string{
			"html/template": {"HTML", "HTMLAttr", "JS", "JSStr", "CSS", "URL", "Srcset"},
			"text/template": {"New", "Must", "Template", "ParseFS", "ParseFiles"},
		}),
		planted: []string{`_ = template.HTML(text)`, `_ = template.JS(text)`, `_ = template.URL(text)`},
		clean:   []string{`_ = template.New("page")`, `_ = template.HTMLEscapeString(text)`},
	},
	{
		name: "weak-random", why: "what nobody may guess comes from crypto/rand",
		find: findImports("math/rand", "math/rand/v2"),
		planted: []string{
			`_ = rand.Int()`,
		},
		clean: []string{`crand.Read(b)`},
	},
	{
		name: "exec", why: "minga starts no other program",
		find: findAny(
			findImports("os/exec", "plugin"),
			findNames(map[string][]string{"syscall": {"Exec", "ForkExec", "StartProcess"}, "os": {"StartProcess"}}),
		),
		planted: []string{`exec.Command("ls")`, `os.StartProcess("ls", nil, nil)`, `syscall.Exec("ls", nil, nil)`},
		clean:   []string{`q.Exec(ctx, "DELETE FROM posts")`},
	},
	{
		name: "unsafe", why: "memory safety is why this is Go",
		find:    findImports("unsafe", "C"),
		planted: []string{`_ = unsafe.Sizeof(1)`},
	},
	{
		name: "secret-compare", why: "secrets are compared by crypto/subtle or hmac.Equal, in constant time",
		find: findSecretCompares,
		planted: []string{
			`_ = token == given`, `_ = form.Password != stored.Password`, `_ = bytes.Equal(mac, sum)`,
			`_ = r.CSRFToken == cookie.Value`, `_ = strings.EqualFold(digest, want)`, `_ = slices.Equal(signature, other)`,
			`_ = string(secret) == given`,
		},
		clean: []string{
			`_ = token == ""`, `_ = secret != nil`, `_ = len(token) == 32`, `_ = token.ID == other.ID`, `_ = tok == token2.EOF`,
			`_ = subtle.ConstantTimeCompare(mac, sum) == 1`, `_ = digest == "sha-256"`, `_ = password == fixed`, `_ = tokenType == given`,
		},
	},
	{
		name: "unverified-tls", why: "a certificate that is not checked is none",
		find:    findIdentifier("InsecureSkipVerify"),
		planted: []string{`_ = tls.Config{InsecureSkipVerify: true}`, `conf.InsecureSkipVerify = true`},
		clean:   []string{`_ = tls.Config{MinVersion: tls.VersionTLS12}`},
	},
	{
		name: "environment", why: "settings are read in cmd/minga and handed on as plain values",
		allowed: []string{"cmd/minga"},
		find: findNames(map[string][]string{
			"os":      {"Getenv", "LookupEnv", "Environ", "ExpandEnv", "Setenv", "Args"},
			"syscall": {"Getenv", "Environ"},
		}),
		planted: []string{`_ = os.Getenv("MINGA_HOST")`, `os.LookupEnv("MINGA_HOST")`, `_ = os.Args`},
		clean:   []string{`_ = config.Environ`},
	},
	{
		name: "bare-go", why: "a goroutine belongs to the runner that recovers its panic and waits for its end",
		allowed: []string{"cmd/minga"}, // the runner
		find:    findAny(findGo, findNames(map[string][]string{"sync": {"WaitGroup"}})),
		planted: []string{`go deliver()`, `go func() { deliver() }()`, `var wg sync.WaitGroup; wg.Go(deliver)`},
		clean:   []string{`run.Go("deliver", deliver)`, `var group errgroup.Group; group.Go(deliver)`},
	},
	{
		name: "error-to-client", why: "web/respond alone says what a stranger may read of an error",
		allowed: []string{"web/respond"},
		find:    findErrorAnswers,
		planted: []string{
			`c.JSON(500, gin.H{"error": err.Error()})`, `c.String(500, err.Error())`, `http.Error(w, err.Error(), 500)`,
			`c.AbortWithStatusJSON(400, fmt.Sprint(err.Error()))`, `c.JSON(500, err)`, `fmt.Fprintln(w, err)`,
		},
		clean: []string{
			`c.String(status, respond.Words(status, err))`,
			`c.JSON(200, job)`, `log.Info("refused", "err", err.Error())`, `http.Error(w, "gone", 410)`,
		},
	},
	{
		name: "panic", why: "nothing that comes in may end the program; a constructor of constants says so by Must",
		allowed: []string{"web/middleware.go"}, // hands http.ErrAbortHandler on, as net/http wants it
		find:    findPanics,
		planted: []string{`panic("job without title")`, `log2.Panicf("x")`, `os.Exit(1)`},
		clean:   []string{`recover()`, `return`},
	},
	{
		name: "print", why: "facts go through slog, data to the writer that the command was given",
		allowed: []string{"cmd/minga"},
		find: findAny(
			findNames(map[string][]string{"fmt": {"Print", "Printf", "Println"}, "os": {"Stdout", "Stderr"}}),
			findImports("log"),
			findBuiltins("print", "println"),
		),
		planted: []string{`fmt.Println(token)`, `fmt.Printf("%s", token)`, `println(token)`, `_ = os.Stdout`, `log.Println(token)`},
		clean:   []string{`fmt.Fprintln(w, job)`, `slog.Info("delivered", "host", host)`},
	},
}

// TestSource holds every rule over every file of the program; tests are free.
func TestSource(t *testing.T) {
	storagetest.WithoutRace(t)
	for _, f := range goFiles(t) {
		if f.isTest() || under(f.path, "scripts") {
			continue
		}
		for _, rule := range sourceRules {
			if mayBreak(f, rule) {
				continue
			}
			for _, found := range rule.find(f) {
				t.Errorf("%s:%d: %s: %s: %s", f.path, f.line(found.pos), rule.name, found.what, rule.why)
			}
		}
	}
}

// mayBreak tells whether the file lies in a place that the rule allows: a file, a
// folder with all below it, or, with a star, the folder's own files only.
func mayBreak(f *sourceFile, rule sourceRule) bool {
	return slices.ContainsFunc(rule.allowed, func(place string) bool {
		if folder, ok := strings.CutSuffix(place, "/*"); ok {
			return f.dir() == folder
		}
		return under(f.path, place)
	})
}

// TestSourceAllowed keeps the list of exceptions true: a place that is gone, or
// that no longer needs its exception, must leave it.
func TestSourceAllowed(t *testing.T) {
	files := goFiles(t)
	for _, rule := range sourceRules {
		for _, place := range rule.allowed {
			only := sourceRule{allowed: []string{place}}
			used := slices.ContainsFunc(files, func(f *sourceFile) bool {
				return !f.isTest() && mayBreak(f, only) && len(rule.find(f)) > 0
			})
			if !used {
				t.Errorf("%s: %s needs no exception any more", rule.name, place)
			}
		}
	}
}

// plantedImports are those that the planted statements use; each file gets the
// ones that its statement names, as Go itself demands.
var plantedImports = map[string]string{
	"fmt": "fmt", "http": "net/http", "net": "net", "tls": "crypto/tls", "time": "time", "os": "os", "context": "context",
	"template": "html/template", "rand": "math/rand/v2", "crand": "crypto/rand", "exec": "os/exec", "syscall": "syscall",
	"bytes": "bytes", "strings": "strings", "slices": "slices", "subtle": "crypto/subtle", "token2": "go/token", "unsafe": "unsafe",
	"log": "log", "log2": "log", "slog": "log/slog", "gin": "github.com/gin-gonic/gin",
	"sync": "sync", "errgroup": "golang.org/x/sync/errgroup", "respond": "minga/web/respond", "coop": "minga/coop", "federation": "minga/federation",
}

// plant makes a file around a statement.
func plant(t *testing.T, statement string) *sourceFile {
	t.Helper()
	var src strings.Builder
	src.WriteString("package planted\n")
	for name, path := range plantedImports {
		used := regexp.MustCompile(`\b` + name + `\.`)
		if used.MatchString(statement) && !strings.Contains(statement, name+" :=") {
			src.WriteString("import " + name + " \"" + path + "\"\n")
		}
	}
	src.WriteString("const fixed = `visible`\nfunc act() {\n" + statement + "\n}\n")
	return parseSource(t, "planted/act.go", src.String())
}

// TestSourceRules proves by planted violations that each rule fires, and by
// their honest twins that it fires at nothing else.
func TestSourceRules(t *testing.T) {
	for _, rule := range sourceRules {
		t.Run(rule.name, func(t *testing.T) {
			if len(rule.planted) == 0 || rule.why == "" {
				t.Error("a rule needs its reason and a planted violation")
			}
			for _, statement := range rule.planted {
				if len(rule.find(plant(t, statement))) == 0 {
					t.Errorf("does not fire at %s", statement)
				}
			}
			for _, statement := range rule.clean {
				if found := rule.find(plant(t, statement)); len(found) != 0 {
					t.Errorf("fires at %s: %s", statement, found[0].what)
				}
			}
		})
	}
}
