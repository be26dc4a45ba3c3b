// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"minga/storage"
	"minga/storage/storagetest"
)

// built is the program as users run it, built once for all tests that need it.
var built struct {
	sync.Once
	dir, path string
	err       error
}

// TestMain looks for goroutines that were left, and removes the program.
func TestMain(m *testing.M) {
	// A cache ends its sweeper when the collector finds that nobody has the cache.
	sweeper := goleak.IgnoreTopFunction("github.com/maypok86/otter/v2.periodicCleanUp[...]")
	goleak.VerifyTestMain(m, sweeper, goleak.Cleanup(func(code int) {
		_ = os.RemoveAll(built.dir)
		os.Exit(code)
	}))
}

// program gives the path of the built program.
func program(t *testing.T) string {
	t.Helper()
	built.Do(func() {
		if built.dir, built.err = os.MkdirTemp("", "minga-test-"); built.err != nil {
			return
		}
		built.path = filepath.Join(built.dir, "minga")
		out, err := exec.Command("go", "build", "-o", built.path, ".").CombinedOutput()
		if err != nil {
			built.err = fmt.Errorf("build: %w\n%s", err, out)
		}
	})
	if errors.Is(built.err, exec.ErrNotFound) {
		t.Skip("there is no go tool to build the program with")
	}
	if built.err != nil {
		t.Fatal(built.err)
	}
	return built.path
}

// process is an instance as a process of its own.
type process struct {
	t      *testing.T
	name   string
	host   string
	dbURL  string
	env    []string
	client *http.Client
	// command makes what start starts; nil: `minga serve`.
	command func() *exec.Cmd

	// hurt: a fault is made on purpose, and the process may complain of it.
	hurt atomic.Bool

	cmd    *exec.Cmd
	ended  chan error
	stderr *tail
}

// tail keeps the last lines of what a process says.
type tail struct {
	mu    sync.Mutex
	lines []string
}

func (x *tail) add(line string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.lines = append(x.lines, line)
	x.lines = x.lines[max(0, len(x.lines)-40):]
}

func (x *tail) String() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return strings.Join(x.lines, "\n")
}

// newProcess prepares an instance; nothing runs yet.
func newProcess(t *testing.T, name string, engine storage.Engine, settings ...string) *process {
	t.Helper()
	path := program(t)
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	_ = l.Close()
	dir := t.TempDir()
	p := &process{t: t, name: name, host: name + ".localhost:" + port, dbURL: "sqlite://" + filepath.Join(dir, "data", "minga.db")}
	if engine == storage.Postgres {
		p.dbURL = storagetest.PostgresURL(t)
	}
	p.client = &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "tcp4", "127.0.0.1:"+port)
		},
	}}
	p.env = append([]string{
		"HOME=" + dir, "PATH=" + filepath.Dir(path), "MINGA_HOST=" + p.host, "MINGA_SCHEME=http", "MINGA_DEV=1", "MINGA_LISTEN=127.0.0.1:" + port,
		"MINGA_DATA_DIR=" + filepath.Join(dir, "data"), "MINGA_DATABASE_URL=" + p.dbURL, "MINGA_ADMIN_LISTEN=", "MINGA_RATE_LIMIT=off",
		"MINGA_FEDERATION_HANDLE=" + name, "MINGA_LOG_LEVEL=warn", "MINGA_LOG_FORMAT=text",
	}, settings...)
	t.Cleanup(func() { p.kill(); p.client.CloseIdleConnections() })
	return p
}

// start runs `minga serve` until it says that it is ready.
func (p *process) start() {
	p.t.Helper()
	p.cmd = exec.Command(built.path, "serve")
	if p.command != nil {
		p.cmd = p.command()
	}
	p.cmd.Env, p.cmd.SysProcAttr = p.env, &syscall.SysProcAttr{Setpgid: true}
	out, err := p.cmd.StderrPipe()
	if err == nil {
		err = p.cmd.Start()
	}
	if err != nil {
		p.t.Fatal(err)
	}
	ready := make(chan struct{})
	p.ended, p.stderr = make(chan error, 1), &tail{}
	go p.watch(p.cmd, out, ready, p.ended, p.stderr)
	select {
	case <-ready:
	case err := <-p.ended:
		p.ended <- err
		p.t.Fatalf("%s ended before it was ready: %v\n%s", p.name, err, p.stderr)
	case <-time.After(30 * time.Second):
		p.t.Fatalf("%s is not ready\n%s", p.name, p.stderr)
	}
}

// watch reads what a process says, then waits for its end.
func (p *process) watch(cmd *exec.Cmd, out io.Reader, ready chan struct{}, ended chan error, lines *tail) {
	scan := bufio.NewScanner(out)
	scan.Buffer(nil, 1<<20)
	once := sync.OnceFunc(func() { close(ready) })
	for scan.Scan() {
		lines.add(scan.Text())
		if strings.HasPrefix(scan.Text(), "ready ") {
			once()
		}
		if p.hurt.Load() {
			p.t.Logf("%s: %s", p.name, scan.Text())
		}
		if strings.Contains(scan.Text(), "level=ERROR") && !p.hurt.Load() || strings.Contains(scan.Text(), "panic") {
			p.t.Errorf("%s: %s", p.name, scan.Text())
		}
	}
	ended <- cmd.Wait()
}

// kill is kill -9 of the process group; a process that does not run is left alone.
func (p *process) kill() {
	if p.cmd == nil {
		return
	}
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	<-p.ended
	p.cmd = nil
}

// stop asks for an orderly end, and says how long it took and the exit code.
func (p *process) stop(signal os.Signal) (time.Duration, int) {
	p.t.Helper()
	begun := time.Now()
	if err := p.cmd.Process.Signal(signal); err != nil {
		p.t.Fatal(err)
	}
	select {
	case <-p.ended:
	case <-time.After(20 * time.Second):
		_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
		<-p.ended
		p.t.Errorf("%s did not end\n%s", p.name, p.stderr)
	}
	code := p.cmd.ProcessState.ExitCode()
	p.cmd = nil
	return time.Since(begun), code
}

// run is one command line beside the server: its stdout and exit code.
func (p *process) run(args ...string) (string, int) {
	p.t.Helper()
	cmd := exec.Command(built.path, args...)
	var out, talk bytes.Buffer
	cmd.Env, cmd.Stdout, cmd.Stderr = p.env, &out, &talk
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		p.t.Fatalf("%s %v: %v", p.name, args, err)
	}
	if verbose {
		p.t.Logf("%s %v: %d\n%s%s", p.name, args, cmd.ProcessState.ExitCode(), &out, &talk)
	}
	return strings.TrimSpace(out.String()), cmd.ProcessState.ExitCode()
}

// do is run for what must go well, with its JSON read into v unless that is nil.
func (p *process) do(v any, args ...string) string {
	p.t.Helper()
	if v != nil {
		args = append([]string{"--json"}, args...)
	}
	out, code := p.run(args...)
	if code != 0 {
		p.t.Fatalf("%s: minga %s ended with %d: %s", p.name, strings.Join(args, " "), code, out)
	}
	if v != nil {
		if err := json.Unmarshal([]byte(out), v); err != nil {
			p.t.Fatalf("%s: minga %s printed %q: %v", p.name, strings.Join(args, " "), out, err)
		}
	}
	return out
}

// call asks the API and gives status and body; an error means that no answer came.
func (p *process) call(ctx context.Context, method, path, token string, body any) (int, []byte, error) {
	var reader io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return 0, nil, err
		}
		reader = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(ctx, method, "http://"+p.host+path, reader)
	if err != nil {
		return 0, nil, err
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	w, err := p.client.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = w.Body.Close() }()
	text, err := io.ReadAll(w.Body)
	return w.StatusCode, text, err
}

// eventually asks again and again until it is so.
func eventually(t *testing.T, patience time.Duration, what string, so func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !so(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within %v: %s", patience, what)
		}
	}
}
