// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"minga/coop"
	"minga/storage"
)

// faultsEnv makes the fault tests run as long as the figures of docs/reliability.md
// ask for; scripts/faults sets it. faultsTable is the file that takes their rows.
const (
	faultsEnv   = "MINGA_FAULTS"
	faultsTable = "MINGA_FAULTS_TABLE"
)

// inShort is the one of two that fits: the gate's, or the long run's.
func inShort[T any](short, long T) T {
	if os.Getenv(faultsEnv) != "" {
		return long
	}
	return short
}

// tellFigure tells what a fault test measured, and adds it as a row to the table.
func tellFigure(t *testing.T, number, what, format string, args ...any) {
	t.Helper()
	tellTimed(t, nil, number, what, format, args...)
}

// slower names a time that was longer than its goal.
func slower(what string, took, goal time.Duration) []string {
	if took <= goal {
		return nil
	}
	return []string{fmt.Sprintf("%s: over %v", what, goal)}
}

// tellTimed is tellFigure for what has goals of time too: those that were missed stand in
// the row. They say as much of the machine as of minga, so the test passes all the same.
func tellTimed(t *testing.T, missed []string, number, what, format string, args ...any) {
	t.Helper()
	reached := "yes"
	switch {
	case t.Failed():
		reached = "no"
	case len(missed) > 0:
		reached = "in counts; " + strings.Join(missed, "; ")
	}
	measured := fmt.Sprintf(format, args...)
	t.Logf("%s, %s: %s; reached: %s", number, what, measured, reached)
	path := os.Getenv(faultsTable)
	if path == "" {
		return
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = fmt.Fprintf(f, "| %s | %s | %s | %s |\n", number, what, measured, reached)
	}
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		t.Errorf("table of figures: %v", err)
	}
}

// onlyLong leaves out of the gate what other tests show there in less time.
func onlyLong(t *testing.T, others string) {
	t.Helper()
	if os.Getenv(faultsEnv) == "" {
		t.Skipf("not run: a part of scripts/faults; here %s show it", others)
	}
}

// needRoot skips what only root may do, and says so.
func needRoot(t *testing.T, what string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skipf("not run: %s needs root", what)
	}
}

// needPostgres skips what only PostgreSQL can have where there is none.
func needPostgres(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("processes take their time: not with -short")
	}
	if os.Getenv("MINGA_TEST_POSTGRES") == "" {
		t.Skip("MINGA_TEST_POSTGRES is not set")
	}
}

// through lets a process reach its PostgreSQL by a wire alone; the test still reads it
// directly.
func (p *process) through(t *testing.T) *wire {
	t.Helper()
	u, err := url.Parse(p.dbURL)
	if err != nil {
		t.Fatal(err)
	}
	w := newWire(t, u.Host)
	u.Host = w.address()
	p.env = append(p.env, "MINGA_DATABASE_URL="+u.String())
	return w
}

// answers counts what came of requests, by status; 0 stands for no answer.
type answers struct {
	mu    sync.Mutex
	count map[int]int
	took  []time.Duration // of those that were answered
	marks map[string]bool // what was acknowledged
}

// note counts one.
func (a *answers) note(mark string, status int, took time.Duration, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.count == nil {
		a.count, a.marks = map[int]int{}, map[string]bool{}
	}
	if err != nil {
		status = 0
	} else {
		a.took = append(a.took, took)
	}
	a.count[status]++
	if status/100 == 2 {
		a.marks[mark] = true
	}
}

// of says how many had one of some statuses.
func (a *answers) of(statuses ...int) (n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, status := range statuses {
		n += a.count[status]
	}
	return n
}

// other counts what had none of some statuses.
func (a *answers) other(statuses ...int) (n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for status, count := range a.count {
		if !slices.Contains(statuses, status) {
			n += count
		}
	}
	return n
}

// slowest is a share of the answers' times, 1 the longest.
func (a *answers) slowest(share float64) time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.took) == 0 {
		return 0
	}
	slices.Sort(a.took)
	return a.took[min(len(a.took)-1, int(float64(len(a.took))*share))].Round(time.Millisecond)
}

// String lists the statuses.
func (a *answers) String() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	var parts []string
	for _, status := range slices.Sorted(maps.Keys(a.count)) {
		name := fmt.Sprint(status)
		if status == 0 {
			name = "no answer"
		}
		parts = append(parts, fmt.Sprintf("%d × %s", a.count[status], name))
	}
	return strings.Join(parts, ", ")
}

// post publishes a status with a mark by a client, and counts what came of it.
func (a *answers) post(ctx context.Context, client *http.Client, host, token, mark string) int {
	body, _ := json.Marshal(map[string]string{"status": mark})
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+host+"/api/v1/statuses", bytes.NewReader(body))
	if err != nil {
		return 0
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+token)
	begun := time.Now()
	w, err := client.Do(r)
	status := 0
	if err == nil {
		status = w.StatusCode
		_ = w.Body.Close()
	}
	a.note(mark, status, time.Since(begun), err)
	return status
}

// stream posts from several clients until ctx ends, each with a pause between.
func (a *answers) stream(ctx context.Context, clients []*http.Client, host, token, prefix string, pace time.Duration) {
	var all sync.WaitGroup
	for n, client := range clients {
		all.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				a.post(context.WithoutCancel(ctx), client, host, token, fmt.Sprintf("%s-%d-%d", prefix, n, i))
				pause(ctx, pace)
			}
		})
	}
	all.Wait()
}

// tags are those of the text of a post that came from elsewhere.
var tags = regexp.MustCompile(`<[^>]*>`)

// texts are the posts of an account as the database of a process has them, and how
// often each is there.
func (p *process) texts() map[string]int {
	p.t.Helper()
	found := map[string]int{}
	p.each(coop.KindNote, func(_ context.Context, _ *storage.Store, post *coop.Post) {
		text := cmp.Or(post.Source, tags.ReplaceAllString(post.Content, ""))
		found[strings.TrimSpace(text)]++
	})
	return found
}

// kept compares what was acknowledged with what is there: how many are lost, and how
// many are there more than once.
func (a *answers) kept(stored map[string]int) (lost, doubled int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for mark := range a.marks {
		if stored[mark] == 0 {
			lost++
		}
	}
	for _, n := range stored {
		if n > 1 {
			doubled++
		}
	}
	return lost, doubled
}

// TestAnswersAreCompared: the judge of these tests finds a loss and a double that are
// planted, and nothing where nothing is wrong (R23).
func TestAnswersAreCompared(t *testing.T) {
	a := &answers{}
	a.note("one", 200, time.Second, nil)
	a.note("two", 200, time.Second, nil)
	a.note("three", 503, time.Second, nil)
	a.note("four", 0, time.Second, context.DeadlineExceeded)
	for _, tt := range []struct {
		name          string
		stored        map[string]int
		lost, doubled int
	}{
		{"what was answered is there", map[string]int{"one": 1, "two": 1}, 0, 0},
		{"what was not answered may be there", map[string]int{"one": 1, "two": 1, "four": 1}, 0, 0},
		{"a loss", map[string]int{"one": 1}, 1, 0},
		{"a double", map[string]int{"one": 1, "two": 2}, 0, 1},
		{"a double of what was not answered", map[string]int{"one": 1, "two": 1, "four": 2}, 0, 1},
	} {
		if lost, doubled := a.kept(tt.stored); lost != tt.lost || doubled != tt.doubled {
			t.Errorf("%s: %d lost, %d doubled", tt.name, lost, doubled)
		}
	}
	if a.of(200) != 2 || a.other(200) != 2 || a.String() != "1 × no answer, 2 × 200, 1 × 503" {
		t.Errorf("counted %s", a)
	}
}

// sofar is a copy of what was acknowledged until now.
func (a *answers) sofar() *answers {
	a.mu.Lock()
	defer a.mu.Unlock()
	return &answers{count: maps.Clone(a.count), marks: maps.Clone(a.marks)}
}
