// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// benchInbox is `minga bench inbox`.
type benchInbox struct {
	benchTarget
	Activities int    `default:"10000" help:"Signed Creates to send."`
	Actors     int    `default:"50" help:"Actors that send them, each on its own host."`
	InFlight   int    `default:"200" help:"Requests at once."`
	Metrics    string `default:"http://127.0.0.1:9090/metrics" help:"Metrics of the instance."`
	Name       string `default:"inbox" help:"Name of the row."`
}

// Run follows the actors, sends, waits until all is worked off, and prints a row.
func (b benchInbox) Run(t *terminal) error {
	limit, err := measureLimits()
	if err != nil {
		return err
	}
	c, err := newCrowd(t.ctx, b.Actors)
	if err != nil {
		return err
	}
	defer func() { _ = c.close() }()
	if err := b.follow(t, c); err != nil {
		return err
	}
	before, database, err := b.spent()
	if err != nil {
		return err
	}
	begun := time.Now()
	latencies, failures, err := b.send(t, c)
	if err != nil {
		return err
	}
	if err := b.settle(t, c); err != nil {
		return err
	}
	took := time.Since(begun)
	after, databaseAfter, err := b.spent()
	if err != nil {
		return err
	}
	row := newBenchRow(b.Name, b.Activities, after-before, databaseAfter-database, limit.RSAVerify, took)
	slices.Sort(latencies)
	row.P50, row.P99 = quantile(latencies, 0.50), quantile(latencies, 0.99)
	row.Failures, row.RSS = failures, processRSS(b.PIDs[0])
	return t.result(row)
}

// follow makes the co-op follow every actor, so that what they send is kept.
func (b benchInbox) follow(t *terminal, c *crowd) error {
	return each(t.ctx, 0, b.Actors, 4, func(ctx context.Context, n int) error {
		_, err := b.api(ctx, c, "/api/v1/minga/follows", map[string]string{"account": c.actor(n)})
		if err != nil {
			return err
		}
		return b.accept(ctx, c, n)
	})
}

// accept answers the follow.
func (b benchInbox) accept(ctx context.Context, c *crowd, n int) error {
	body := fmt.Sprintf(`{"@context":"https://www.w3.org/ns/activitystreams","id":"%s/accept","type":"Accept","actor":%q,"object":{"type":"Follow","actor":%q,"object":%q}}`,
		c.actor(n), c.actor(n), b.Base+b.Actor, c.actor(n))
	status, err := c.post(ctx, b.Base+b.Actor+"/inbox", n, []byte(body))
	if err == nil && status != http.StatusAccepted {
		err = fmt.Errorf("accept by %s answered %d", c.host(n), status)
	}
	return err
}

// send posts all Creates and notes how long each answer took, in milliseconds.
func (b benchInbox) send(t *terminal, c *crowd) (latencies []float64, failures int, err error) {
	var mu sync.Mutex
	said := &progress{w: t.err, last: time.Now()}
	run := time.Now().UnixNano()
	err = each(t.ctx, 0, b.Activities, b.InFlight, func(ctx context.Context, n int) error {
		body := b.note(c, n, run)
		begun := time.Now()
		status, err := c.post(ctx, b.Base+"/inbox", n%b.Actors, body)
		if err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		latencies = append(latencies, float64(time.Since(begun).Microseconds())/1000)
		if status != http.StatusAccepted {
			failures++
		}
		said.say("%d of %d sent", len(latencies), b.Activities)
		return nil
	})
	return latencies, failures, err
}

// note is a Create as Mastodon sends it.
func (b benchInbox) note(c *crowd, n int, run int64) []byte {
	actor := c.actor(n % b.Actors)
	id := fmt.Sprintf("%s/notes/%d-%d", actor, run, n)
	public, followers := "https://www.w3.org/ns/activitystreams#Public", actor+"/followers"
	at := time.Now().UTC().Format(time.RFC3339)
	body, err := json.Marshal(map[string]any{
		"@context": []any{"https://www.w3.org/ns/activitystreams", map[string]string{"sensitive": "as:sensitive", "Hashtag": "as:Hashtag"}},
		"id":       id + "/activity", "type": "Create", "actor": actor, "published": at, "to": []string{public}, "cc": []string{followers},
		"object": map[string]any{
			"id": id, "type": "Note", "attributedTo": actor, "published": at, "to": []string{public}, "cc": []string{followers}, "url": id,
			"content":   "<p>" + strings.Repeat("A sentence of a post that says something. ", 8) + "</p>",
			"sensitive": false, "tag": []map[string]string{{"type": "Hashtag", "name": "#coops", "href": "http://" + c.host(0) + "/tags/coops"}},
			"attachment": []any{}, "replies": id + "/replies",
		},
	})
	if err != nil {
		return nil
	}
	return body
}

// settle waits until the incoming queue is empty, as the instance's metrics say.
func (b benchInbox) settle(t *terminal, c *crowd) error {
	ctx, cancel := context.WithTimeout(t.ctx, 10*time.Minute)
	defer cancel()
	for {
		page, err := c.client.Get(ctx, b.Metrics, "text/plain", 1<<20)
		if err != nil {
			return fmt.Errorf("ask how far it is: %w", err)
		}
		if strings.Contains(string(page.Body), "minga_queue_depth{queue=\"incoming\"} 0\n") {
			return nil
		}
		if !pause(ctx, 20*time.Millisecond) {
			return ctx.Err()
		}
	}
}

// quantile of a sorted list.
func quantile(sorted []float64, q float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(len(sorted)-1, int(q*float64(len(sorted))))]
}

// median is the row whose CPU stands in the middle.
func median(rows []benchRow) benchRow {
	slices.SortFunc(rows, func(a, b benchRow) int {
		switch {
		case a.CPU < b.CPU:
			return -1
		case a.CPU > b.CPU:
			return 1
		}
		return 0
	})
	return rows[len(rows)/2]
}
