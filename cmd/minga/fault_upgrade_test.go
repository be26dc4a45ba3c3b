// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"minga/storage"
)

// TestFaultKilledWhileUpgrading is R19: killed with kill -9 while it makes the backup or
// changes the database of an older version, the next start goes on. At the end the
// database is whole, and one backup holds what there was before the first step.
func TestFaultKilledWhileUpgrading(t *testing.T) {
	eachProcess(t, func(t *testing.T, engine storage.Engine) {
		rounds, kills, steps := inShort(1, 5), 4, 0
		var longest time.Duration
		for range rounds {
			p, dir := olderInstance(t, engine)
			for n := range kills {
				steps += p.upgradeAndKill(n)
			}
			begun := time.Now()
			if out, code := p.run("db", "migrate"); code != exitDone {
				t.Fatalf("the next start: %d %s", code, out)
			}
			longest = max(longest, time.Since(begun))
			upgradedWell(t, p.dbURL)
			keptFirst(t, filepath.Join(dir, "backups"))
		}
		tellFigure(t, "R19", "killed "+strconv.Itoa(rounds*kills)+" times while it was upgraded, "+string(engine),
			"%d steps made between the kills, the rest by the next start in at most %v; the database whole, a backup of before there", steps, longest.Round(10*time.Millisecond))
	})
}

// olderInstance is a process with the database of an older version, and its data folder.
func olderInstance(t *testing.T, engine storage.Engine) (p *process, dir string) {
	t.Helper()
	p = newProcess(t, "ana", engine, "MINGA_LOG_LEVEL=info")
	for _, set := range p.env {
		if value, is := strings.CutPrefix(set, "MINGA_DATA_DIR="); is {
			dir = value
		}
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	olderDatabase(t, p.dbURL)
	return p, dir
}

// keptFirst complains where the backup of before the first step is not among the few that
// are there.
func keptFirst(t *testing.T, folder string) {
	t.Helper()
	whole, first := 0, false
	for _, path := range backupsBefore(t, folder) {
		if strings.HasSuffix(path, ".part") {
			continue
		}
		whole++
		first = first || strings.Contains(path, beforeName+fmt.Sprintf("schema-%04d-", oldSchema))
	}
	if whole > keptBefore || !first {
		t.Errorf("%d backups, of the old schema: %v", whole, first)
	}
}

// upgradeAndKill lets an upgrade begin and kills it: by turns after some time, in which
// the backup is made, and after a number of steps. It says how many steps it saw.
func (p *process) upgradeAndKill(n int) (steps int) {
	p.t.Helper()
	cmd := exec.CommandContext(p.t.Context(), built.path, "db", "migrate")
	cmd.Env, cmd.SysProcAttr = p.env, &syscall.SysProcAttr{Setpgid: true}
	out, err := cmd.StderrPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		p.t.Fatal(err)
	}
	end := func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	if n%2 == 0 {
		timer := time.AfterFunc(time.Duration(50+rand.IntN(150*(n+1)))*time.Millisecond, end)
		defer timer.Stop()
	}
	for scan := bufio.NewScanner(out); scan.Scan(); {
		if strings.Contains(scan.Text(), "schema changed") {
			if steps++; n%2 == 1 && steps > rand.IntN(3) {
				end()
			}
		}
	}
	_ = cmd.Wait()
	return steps
}
