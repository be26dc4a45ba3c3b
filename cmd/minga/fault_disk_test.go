// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"minga/storage"
)

// dataDir is the folder of a process that keeps everything in SQLite.
func (p *process) dataDir() string { return filepath.Dir(strings.TrimPrefix(p.dbURL, "sqlite://")) }

// mountAt mounts something at a folder until the test ends; the folder is made.
func mountAt(t *testing.T, dir string, args ...string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), "mount", append(args, dir)...).CombinedOutput(); err != nil {
		t.Skipf("not run: mount %v: %v %s", args, err, bytes.TrimSpace(out))
	}
	const detach = 2 // MNT_DETACH of umount2(2); package syscall of other systems does not know it
	t.Cleanup(func() { _ = syscall.Unmount(dir, detach) })
}

// onDisk is a process with a co-op, that keeps its data where prepare has put a disk.
func onDisk(t *testing.T, prepare func(dir string)) (p *process, token string) {
	t.Helper()
	if testing.Short() {
		t.Skip("processes take their time: not with -short")
	}
	p = newProcess(t, "ana", storage.SQLite, "MINGA_LOG_LEVEL=error")
	p.hurt.Store(true)
	prepare(p.dataDir())
	p.start()
	p.do(nil, "account", "create", "telar", "--kind", "coop")
	return p, p.do(nil, "token", "create", "--account", "telar", "--scopes", "read write")
}

// TestFaultDiskFull is R4: the disk of the data folder is full for a while. What is
// read is read, what would be written is refused with 507, and with room it goes on by
// itself; nothing that was answered is lost.
func TestFaultDiskFull(t *testing.T) {
	needRoot(t, "a small disk")
	p, token := onDisk(t, func(dir string) { mountAt(t, dir, "-t", "tmpfs", "-o", "size=96m,mode=0700", "minga-test") })
	var posts answers
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var load sync.WaitGroup
	load.Go(func() {
		posts.stream(ctx, []*http.Client{p.client, p.client, p.client, p.client}, p.host, token, "full", time.Millisecond)
	})
	eventually(t, 30*time.Second, "posts are taken", func() bool { return posts.of(200) > 5 })
	filler := filepath.Join(p.dataDir(), "filler")
	fill(t, filler)
	eventually(t, 60*time.Second, "posts are refused with 507", func() bool { return posts.of(http.StatusInsufficientStorage) > 5 })
	for end := time.Now().Add(inShort(time.Second, time.Minute)); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		for _, path := range []string{"/", "/jobs", "/api/v1/timelines/public"} {
			if status, _, err := p.call(ctx, http.MethodGet, path, "", nil); err != nil || status != http.StatusOK {
				t.Errorf("with a full disk %s is answered %d, %v", path, status, err)
			}
		}
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	back, before := time.Now(), posts.of(200)
	eventually(t, 30*time.Second, "posts are taken again", func() bool { return posts.of(200) > before+5 })
	took := time.Since(back)
	stop()
	load.Wait()
	lost, doubled := posts.kept(p.texts())
	if n := posts.other(200, 503, 507); n+lost+doubled > 0 {
		t.Errorf("%d lost, %d doubled, answers %s", lost, doubled, &posts)
	}
	tellFigure(t, "R4", "disk full for "+inShort("1 s", "60 s"), "posts: %s; taken again %v after there was room; lost: %d; doubled: %d",
		&posts, took.Round(time.Millisecond), lost, doubled)
	p.checkUp()
}

// fill writes a file until the disk has no room.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	for piece := make([]byte, 1<<20); len(piece) > 0; {
		if _, err := f.Write(piece); errors.Is(err, syscall.ENOSPC) {
			piece = piece[:len(piece)/2]
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

// TestFaultDiskErrors is R3: the n-th write or sync of a thread fails, as a broken disk
// or one without room would have it. The answer is never that it was kept when it was
// not, and the next start finds a whole database.
func TestFaultDiskErrors(t *testing.T) {
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Skip("not run: there is no strace to break system calls with")
	}
	p, token := onDisk(t, func(string) {})
	var posts answers
	broken := 0
	for n := range inShort(2, 100) {
		for _, fault := range []string{"fsync,fdatasync:error=EIO:when=%d", "pwrite64:error=ENOSPC:when=%d"} {
			fault = fmt.Sprintf(fault, 1+n*inShort(4, 1))
			broken += p.withFault(t, strace, fault, func() {
				ctx, stop := context.WithTimeout(t.Context(), 400*time.Millisecond)
				defer stop()
				posts.stream(ctx, []*http.Client{p.client, p.client, p.client}, p.host, token, fault, 5*time.Millisecond)
			})
			p.kill()
			p.start()
		}
	}
	lost, doubled := posts.kept(p.texts())
	if n := posts.other(0, 200, 503, 507); n+lost+doubled > 0 {
		t.Errorf("%d lost, %d doubled, answers %s", lost, doubled, &posts)
	}
	if posts.of(200) == 0 || broken == 0 {
		t.Errorf("%d system calls failed, answers %s: that proves nothing", broken, &posts)
	}
	tellFigure(t, "R3", "syncs fail with EIO, writes with ENOSPC", "%d system calls failed, kill and start after each; posts: %s; lost: %d; doubled: %d",
		broken, &posts, lost, doubled)
	p.checkUp()
}

// withFault does something while strace breaks system calls of the process, and says
// how many it broke.
func (p *process) withFault(t *testing.T, strace, fault string, do func()) int {
	t.Helper()
	calls, _, _ := strings.Cut(fault, ":")
	cmd := exec.CommandContext(t.Context(), strace, "-f", "-p", strconv.Itoa(p.cmd.Process.Pid), "-e", "trace="+calls, "-e", "inject="+fault)
	out, err := cmd.StderrPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	said := &straceLog{attached: make(chan bool, 1)}
	var reader sync.WaitGroup
	reader.Go(func() { _, _ = io.Copy(said, out) })
	select {
	case ok := <-said.attached:
		if !ok {
			t.Skip("not run: strace may not attach here")
		}
	case <-time.After(30 * time.Second):
		t.Skip("not run: strace does not attach here")
	}
	do()
	_ = cmd.Process.Signal(os.Interrupt) // it lets go
	reader.Wait()
	_ = cmd.Wait()
	return said.broken
}

// straceLog reads what strace says.
type straceLog struct {
	attached chan bool
	once     sync.Once
	broken   int
}

// Write implements io.Writer.
func (l *straceLog) Write(text []byte) (int, error) {
	if bytes.Contains(text, []byte("attached")) {
		l.once.Do(func() { l.attached <- true })
	}
	if bytes.Contains(text, []byte("Operation not permitted")) {
		l.once.Do(func() { l.attached <- false })
	}
	l.broken += bytes.Count(text, []byte("(INJECTED)"))
	return len(text), nil
}

// TestFaultPowerLoss is R2: the data lies on a disk of its own, a copy of which is taken
// while the process works: what was not synced is not in it. The copy opens whole, with
// everything that was answered before.
func TestFaultPowerLoss(t *testing.T) {
	needRoot(t, "a disk image")
	if _, err := exec.LookPath("mkfs.ext4"); err != nil {
		t.Skip("not run: there is no mkfs.ext4 to make a disk with")
	}
	image := filepath.Join(t.TempDir(), "disk")
	makeImage(t, image)
	p, token := onDisk(t, func(dir string) {
		mountAt(t, dir, "-o", "loop", image)
		if err := os.Chmod(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	})
	var posts answers
	ctx, stop := context.WithCancel(t.Context())
	var load sync.WaitGroup
	load.Go(func() {
		// In the long form slower, or a quick machine fills the disk before its last loss.
		posts.stream(ctx, []*http.Client{p.client, p.client, p.client}, p.host, token, "power", inShort(time.Millisecond, 20*time.Millisecond))
	})
	lost, losses := 0, inShort(2, 30)
	for n := range losses {
		pause(ctx, time.Duration(200+137*n%800)*time.Millisecond)
		lost += p.powerLoss(t, image, &posts)
	}
	stop()
	load.Wait()
	if n := posts.other(200); n+lost > 0 {
		t.Errorf("%d lost, answers %s", lost, &posts)
	}
	tellFigure(t, "R2", "power lost "+strconv.Itoa(losses)+" times", "posts: %s; copies that were damaged: 0; acknowledged and lost: %d", &posts, lost)
}

// makeImage makes a file that is an empty disk.
func makeImage(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err == nil {
		err = errors.Join(f.Truncate(192<<20), f.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), "mkfs.ext4", "-q", "-F", path).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

// powerLoss looks at a copy of the disk as it is at this moment, and says how much of
// what was acknowledged is not in it.
func (p *process) powerLoss(t *testing.T, image string, posts *answers) int {
	t.Helper()
	group := -p.cmd.Process.Pid
	_ = syscall.Kill(group, syscall.SIGSTOP)
	known := posts.sofar()
	picture := image + ".copy"
	err := copyTwice(image, picture)
	_ = syscall.Kill(group, syscall.SIGCONT)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	mountAt(t, dir, "-o", "loop", picture)
	defer func() { _ = syscall.Unmount(dir, 0) }()
	after := &process{t: t, name: "after the loss", host: p.host, dbURL: "sqlite://" + filepath.Join(dir, "minga.db")}
	after.env = append(append([]string{}, p.env...), "MINGA_DATA_DIR="+dir, "MINGA_DATABASE_URL="+after.dbURL)
	after.checkUp()
	lost, doubled := known.kept(after.texts())
	if doubled > 0 {
		t.Errorf("%d doubled", doubled)
	}
	return lost
}

// copyTwice copies a file until two copies in a row are the same: then nothing was
// written meanwhile, and it is a picture of one moment.
func copyTwice(from, to string) error {
	for range 100 {
		before, err := os.ReadFile(from)
		if err != nil {
			return err
		}
		again, err := os.ReadFile(from)
		if err != nil {
			return err
		}
		if bytes.Equal(before, again) {
			return os.WriteFile(to, again, 0o600)
		}
	}
	return errors.New("the disk never stands still")
}
