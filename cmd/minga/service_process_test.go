// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"minga/storage"
)

// ear is a service manager's ear: what was told, in its order.
type ear struct {
	path string
	mu   sync.Mutex
	told []string
}

// newEar listens at a socket of its own (sd_notify(3)).
func newEar(t *testing.T) *ear {
	t.Helper()
	dir, err := os.MkdirTemp("", "ear") // a socket's path is short
	if err != nil {
		t.Fatal(err)
	}
	e := &ear{path: filepath.Join(dir, "notify")}
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: e.path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	t.Cleanup(func() { _ = conn.Close(); wait.Wait(); _ = os.RemoveAll(dir) })
	wait.Go(func() {
		text := make([]byte, 4096)
		for {
			n, err := conn.Read(text)
			if err != nil {
				return
			}
			e.mu.Lock()
			e.told = append(e.told, string(text[:n]))
			e.mu.Unlock()
		}
	})
	return e
}

// at is where something that begins so was told first; -1: not yet.
func (e *ear) at(begin string) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	for n, one := range e.told {
		if strings.HasPrefix(one, begin) {
			return n
		}
	}
	return -1
}

// count is how often it was told.
func (e *ear) count(begin string) (n int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, one := range e.told {
		if strings.HasPrefix(one, begin) {
			n++
		}
	}
	return n
}

// TestServiceTellsItsManager: who started the program hears that it asks for time while
// it begins, that it is ready, that it lives, and that it ends.
func TestServiceTellsItsManager(t *testing.T) {
	if testing.Short() {
		t.Skip("processes take their time: not with -short")
	}
	e := newEar(t)
	p := newProcess(t, "ana", storage.SQLite, "NOTIFY_SOCKET="+e.path, "WATCHDOG_USEC=900000")
	p.start()
	eventually(t, 30*time.Second, "READY and three signs of life", func() bool { return e.at("READY=1") >= 0 && e.count("WATCHDOG=1") >= 3 })
	eventually(t, 30*time.Second, "a status in words", func() bool { return e.at("STATUS=serving http://ana.localhost") >= 0 })
	ready := e.at("READY=1")
	for _, before := range []string{"EXTEND_TIMEOUT_USEC=60000000", "STATUS=changing the database", "STATUS=changing the database: "} {
		if at := e.at(before); at < 0 || at > ready {
			t.Errorf("%q was told at %d, READY at %d", before, at, ready)
		}
	}
	if err := p.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	eventually(t, 30*time.Second, "RELOADING, then READY again", func() bool { return e.at("RELOADING=1\nMONOTONIC_USEC=") > ready && e.count("READY=1") == 2 })
	if _, code := p.stop(syscall.SIGTERM); code != 0 {
		t.Errorf("ended with %d", code)
	}
	eventually(t, 30*time.Second, "STOPPING", func() bool { return e.at("STOPPING=1") > ready })
}

// handedTo starts the program with a listener that somebody else keeps, as systemd does.
func handedTo(t *testing.T, p *process, l net.Listener) {
	t.Helper()
	file, err := l.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	p.command = func() *exec.Cmd {
		// The number of the process is known to the process alone.
		cmd := exec.Command("/bin/sh", "-c", `LISTEN_PID=$$ LISTEN_FDS=1 exec "$0" serve`, built.path)
		cmd.ExtraFiles = []*os.File{file}
		return cmd
	}
}

// TestHandedOverListenerLosesNoRequest: with socket activation a restart is a pause, not a
// refusal: who asks meanwhile is answered by the next process.
func TestHandedOverListenerLosesNoRequest(t *testing.T) {
	if testing.Short() {
		t.Skip("processes take their time: not with -short")
	}
	p := newProcess(t, "ana", storage.SQLite, "MINGA_LISTEN=127.0.0.1:1") // a port that cannot be had
	l, err := net.Listen("tcp4", strings.Replace(p.host, "ana.localhost", "127.0.0.1", 1))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	handedTo(t, p, l)
	p.start()
	client := &http.Client{Timeout: time.Minute, Transport: &http.Transport{DisableKeepAlives: true}}
	over, end := context.WithCancel(t.Context())
	var wait sync.WaitGroup
	var asked, failed sync.Map
	for n := range 4 {
		wait.Go(func() {
			for turn := 0; over.Err() == nil; turn++ {
				answer, err := client.Get("http://" + l.Addr().String() + "/healthz")
				if err != nil || answer.StatusCode != http.StatusOK {
					failed.Store(n, err)
				} else {
					_ = answer.Body.Close()
				}
				asked.Store(n, turn+1)
				time.Sleep(5 * time.Millisecond)
			}
		})
	}
	for range 2 {
		if _, code := p.stop(syscall.SIGTERM); code != 0 {
			t.Errorf("ended with %d", code)
		}
		p.start()
	}
	end()
	wait.Wait()
	failed.Range(func(_, err any) bool { t.Errorf("a request was lost: %v", err); return true })
	asked.Range(func(n, turns any) bool {
		if turns.(int) < 3 {
			t.Errorf("client %v asked %v times only", n, turns)
		}
		return true
	})
}
