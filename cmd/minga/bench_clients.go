// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

// benchClients is `minga bench clients`: it reads and writes as apps do, on an
// instance that [benchFill] filled.
type benchClients struct {
	Base     string `required:"" help:"Address of the instance, such as http://localhost:8080."`
	World    string `required:"" help:"File with what fill printed."`
	PID      int    `required:"" name:"pid" help:"Process of the instance."`
	Database int    `name:"database-pid" help:"First process of the database server, whose children are counted apart; 0: none."`
	Runs     int    `default:"5" help:"Runs of each."`
	Reads    int    `default:"200" help:"Requests of a run that reads, one after the other."`
	Writes   int    `default:"1000" help:"Requests of a run that writes."`
	InFlight int    `default:"16" help:"Requests at once of a run that writes."`
	Only     string `help:"Only what has this in its name."`

	client *http.Client
	world  benchWorld
}

// spread is the least, the middle and the most of the runs.
type spread struct {
	Min    float64 `json:"min"`
	Median float64 `json:"median"`
	Max    float64 `json:"max"`
}

// spreadOf is the spread of some runs.
func spreadOf(runs []float64) spread {
	slices.Sort(runs)
	return spread{runs[0], runs[len(runs)/2], runs[len(runs)-1]}
}

// clientRow is one line of the result; times are milliseconds, as the client sees
// them.
type clientRow struct {
	Name     string `json:"name"`
	Requests int    `json:"requests"` // of one run
	InFlight int    `json:"in_flight"`
	CPU      spread `json:"cpu_ms"` // of the instance, for one request
	Database spread `json:"database_cpu_ms"`
	P50      spread `json:"p50_ms"`
	P95      spread `json:"p95_ms"`
	P99      spread `json:"p99_ms"`
	Bytes    int    `json:"bytes"` // of the last answer
	RSS      int64  `json:"rss_bytes"`
}

// call is a request that is measured: the nth of its run.
type call func(ctx context.Context, n int) (*http.Request, error)

// Run measures everything, the limit first: an answer that asks nothing of anybody.
func (b benchClients) Run(t *terminal) error {
	text, err := os.ReadFile(b.World)
	if err != nil {
		return usage("world: %v", err)
	}
	if err := json.Unmarshal(text, &b.world); err != nil {
		return usage("world: %v", err)
	}
	b.client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: b.InFlight}, Timeout: time.Minute}
	for _, part := range []func(*terminal) error{b.limit, b.home, b.others, b.search, b.post} {
		if err := part(t); err != nil {
			return err
		}
	}
	return nil
}

// limit is what any answer costs at least.
func (b benchClients) limit(t *terminal) error {
	nothing := b.get("", "/healthz")
	if err := b.measure(t, "an empty answer", b.Reads, 1, nothing); err != nil {
		return err
	}
	return b.measure(t, "an empty answer, in flight", b.Writes, b.InFlight, nothing)
}

// home reads the home timeline of each kind of reader, its first and its tenth page.
func (b benchClients) home(t *terminal) error {
	const path = "/api/v1/timelines/home?limit=20"
	for _, r := range b.world.Readers {
		if err := b.measure(t, "home, "+r.Name, b.Reads, 1, b.get(r.Token, path)); err != nil {
			return err
		}
		last, err := b.walk(t.ctx, r.Token, path, 9)
		if err != nil {
			return err
		}
		if err := b.measure(t, "home, "+r.Name+", page 10", b.Reads, 1, b.get(r.Token, path+"&max_id="+last)); err != nil {
			return err
		}
	}
	return nil
}

// walk goes so many pages down and gives the id at which the next begins.
func (b benchClients) walk(ctx context.Context, token, path string, pages int) (last string, err error) {
	for range pages {
		address := path
		if last != "" {
			address += "&max_id=" + last
		}
		r, err := b.get(token, address)(ctx, 0)
		if err != nil {
			return "", err
		}
		body, err := b.do(r)
		if err != nil {
			return "", err
		}
		var list []struct{ ID string }
		if err := json.Unmarshal(body, &list); err != nil || len(list) == 0 {
			return "", fmt.Errorf("%s has no further page: %w", path, err)
		}
		last = list[len(list)-1].ID
	}
	return last, nil
}

// others reads what else an app shows.
func (b benchClients) others(t *terminal) error {
	token := b.world.Readers[1].Token
	for _, one := range [][2]string{
		{"notifications in groups", "/api/v2/notifications?limit=40"},
		{"notifications", "/api/v1/notifications?limit=40"},
		{"context of 100", "/api/v1/statuses/" + b.world.Thread.String() + "/context"},
		{"statuses of an account", "/api/v1/accounts/" + b.world.Author.String() + "/statuses?limit=20"},
		{"public timeline", "/api/v1/timelines/public?limit=20"},
		{"local timeline", "/api/v1/timelines/public?limit=20&local=true"},
		{"timeline of a hashtag", "/api/v1/timelines/tag/topic7?limit=20"},
		{"one status", "/api/v1/statuses/" + b.world.Thread.String()},
		{"own account", "/api/v1/accounts/verify_credentials"},
	} {
		if err := b.measure(t, one[0], b.Reads, 1, b.get(token, one[1])); err != nil {
			return err
		}
	}
	return nil
}

// search types names, letter by letter.
func (b benchClients) search(t *terminal) error {
	names := []string{"anmal", "carlo", "juesa", "mirol", "solan", "vivir", "xazel", "lisaj"}
	typed := func(ctx context.Context, n int) (*http.Request, error) {
		name := names[n/5%len(names)]
		return b.get(b.world.Readers[1].Token, "/api/v1/accounts/search?limit=40&q="+url.QueryEscape(name[:n%5+1]))(ctx, n)
	}
	return b.measure(t, "accounts/search, 1 to 5 letters", b.Reads, 1, typed)
}

// post publishes.
func (b benchClients) post(t *terminal) error {
	for _, w := range b.world.Writers {
		write := func(ctx context.Context, n int) (*http.Request, error) {
			body, err := json.Marshal(map[string]any{"status": fmt.Sprintf("Note %d: the assembly of yesterday decided, after two rounds, to open the workshop on Saturdays. Whoever can lend a hand is welcome, there will be bread and soup.", n)})
			if err != nil {
				return nil, err
			}
			r, err := http.NewRequestWithContext(ctx, http.MethodPost, b.Base+"/api/v1/statuses", strings.NewReader(string(body)))
			if err == nil {
				r.Header.Set("Content-Type", "application/json")
				r.Header.Set("Authorization", "Bearer "+w.Token)
			}
			return r, err
		}
		if err := b.measure(t, "POST statuses, "+w.Name, b.Writes, b.InFlight, write); err != nil {
			return err
		}
	}
	return nil
}

// get is a request that reads; an empty token is none.
func (b benchClients) get(token, path string) call {
	return func(ctx context.Context, _ int) (*http.Request, error) {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, b.Base+path, nil)
		if err == nil && token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		return r, err
	}
}

// do sends a request and reads all of the answer.
func (b benchClients) do(r *http.Request) ([]byte, error) {
	answer, err := b.client.Do(r) //nolint:gosec // to the address that whoever runs the bench gave
	if err != nil {
		return nil, err
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s %s answered %d: %.200s", r.Method, r.URL.Path, answer.StatusCode, body)
	}
	return body, err
}

// measure makes the runs of one kind and prints its row. A short run before them is
// not counted.
func (b benchClients) measure(t *terminal, name string, requests, inFlight int, ask call) error {
	if !strings.Contains(name, b.Only) {
		return nil
	}
	row := clientRow{Name: name, Requests: requests, InFlight: inFlight}
	if _, err := b.run(t.ctx, &row, max(requests/10, 1), inFlight, ask); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	figures := map[*spread][]float64{}
	for range b.Runs {
		one, err := b.run(t.ctx, &row, requests, inFlight, ask)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		for at, figure := range one {
			figures[at] = append(figures[at], figure)
		}
	}
	for at, runs := range figures {
		*at = spreadOf(runs)
	}
	row.RSS = processRSS(b.PID)
	return t.result(row)
}

// run makes one run and gives its figures, each with its place in the row.
func (b benchClients) run(ctx context.Context, row *clientRow, requests, inFlight int, ask call) (map[*spread]float64, error) {
	var mu sync.Mutex
	var took []float64
	before, err := processCPU(b.PID)
	if err != nil {
		return nil, err
	}
	database := childrenCPU(b.Database)
	err = each(ctx, 0, requests, inFlight, func(ctx context.Context, n int) error {
		r, err := ask(ctx, n)
		if err != nil {
			return err
		}
		begun := time.Now()
		body, err := b.do(r)
		ms := float64(time.Since(begun).Microseconds()) / 1000
		mu.Lock()
		defer mu.Unlock()
		took, row.Bytes = append(took, ms), len(body)
		return err
	})
	if err != nil {
		return nil, err
	}
	if inFlight > 1 {
		pause(ctx, 300*time.Millisecond) // what settles after the last answer counts too
	}
	after, err := processCPU(b.PID)
	slices.Sort(took)
	per := 1000 / float64(requests)
	return map[*spread]float64{
		&row.CPU: (after - before) * per, &row.Database: (childrenCPU(b.Database) - database) * per,
		&row.P50: quantile(took, 0.50), &row.P95: quantile(took, 0.95), &row.P99: quantile(took, 0.99),
	}, err
}
