// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"minga/federation/signature"
)

// benchTarget is the instance under test.
type benchTarget struct {
	Base     string `required:"" help:"Address of the instance, such as http://localhost:8080."`
	Token    string `required:"" help:"Token of the co-op that publishes or follows."`
	Actor    string `required:"" help:"Path of that co-op's actor, such as /coops/telar."`
	Database int    `name:"database-pid" help:"First process of the database server, whose children are counted apart; 0: none."`
	PIDs     []int  `required:"" name:"pid" help:"Process of the instance; more than one are added up."`
}

// api posts JSON to the instance with the token.
func (b benchTarget) api(ctx context.Context, c *crowd, path string, v any) (map[string]any, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	answer, err := c.client.Post(ctx, b.Base+path, body, func(r *http.Request) error {
		r.Header.Set("Authorization", "Bearer "+b.Token)
		r.Header.Set("Content-Type", "application/json")
		return nil
	})
	if err != nil {
		return nil, err
	}
	if answer.Status != http.StatusOK {
		return nil, fmt.Errorf("%s answered %d: %s", path, answer.Status, answer.Body)
	}
	return nil, nil
}

// benchFanout is `minga bench fanout`.
type benchFanout struct {
	benchTarget
	Hosts int           `default:"1000" help:"Inbox hosts."`
	Runs  int           `default:"5" help:"Posts of each kind."`
	Dead  int           `default:"100" help:"Hosts that drop connections in the last part."`
	Slow  int           `default:"50" help:"Hosts that answer late in the last part."`
	Delay time.Duration `default:"10s" help:"How late."`
}

// Run makes hosts follow, publishes, and prints one row for each kind.
func (b benchFanout) Run(t *terminal) error {
	limit, err := measureLimits()
	if err != nil {
		return err
	}
	c, err := newCrowd(t.ctx, b.Hosts)
	if err != nil {
		return err
	}
	defer func() { _ = c.close() }()
	if err := b.follow(t, c); err != nil {
		return err
	}
	// The first post opens the connections, the others find them open.
	if err := b.publish(t, c, "fan-out, RSA, first post", limit.RSASign, 1, b.Hosts); err != nil {
		return err
	}
	if err := b.publish(t, c, "fan-out, RSA, kept connections", limit.RSASign, b.Runs, b.Hosts); err != nil {
		return err
	}
	c.active.Store(true)
	c.dead, c.slow, c.delay = b.Dead, b.Slow, b.Delay
	if err := b.publish(t, c, "fan-out, RSA, some dead and slow", limit.RSASign, b.Runs, b.Hosts-b.Dead-b.Slow); err != nil {
		return err
	}
	c.active.Store(false)
	return b.modern(t, c, limit)
}

// modern does the same once the hosts ask for RFC 9421 with Ed25519.
func (b benchFanout) modern(t *terminal, c *crowd, limit limits) error {
	c.accept = signature.AcceptSignature()
	healthy := b.Hosts - b.Dead - b.Slow // the others rest after their failures
	if err := b.publish(t, c, "fan-out, hosts begin to ask for Ed25519", limit.RSASign, 1, healthy); err != nil {
		return err
	}
	return b.publish(t, c, "fan-out, Ed25519, kept connections", limit.RSASign, b.Runs, healthy)
}

// follow lets every host's actor follow the co-op and waits until all are accepted.
func (b benchFanout) follow(t *terminal, c *crowd) error {
	target := b.Base + b.Actor
	c.want(`"Accept"`)
	said := &progress{w: t.err, last: time.Now()}
	err := each(t.ctx, 0, b.Hosts, 16, func(ctx context.Context, n int) error {
		body := fmt.Sprintf(`{"@context":"https://www.w3.org/ns/activitystreams","id":"%s/follow","type":"Follow","actor":%q,"object":%q}`, c.actor(n), c.actor(n), target)
		status, err := c.post(ctx, target+"/inbox", n, []byte(body))
		if err == nil && status != http.StatusAccepted {
			err = fmt.Errorf("follow by %s answered %d", c.host(n), status)
		}
		return err
	})
	if err != nil {
		return err
	}
	said.say("%d follows sent", b.Hosts)
	ctx, cancel := context.WithTimeout(t.ctx, 5*time.Minute)
	defer cancel()
	return c.await(ctx, b.Hosts)
}

// publish publishes runs articles one after the other and prints the median.
func (b benchFanout) publish(t *terminal, c *crowd, name string, limit float64, runs, hosts int) error {
	var rows []benchRow
	for n := range runs {
		row, err := b.once(t.ctx, c, fmt.Sprintf("%s %d", name, n), hosts)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		rows = append(rows, newBenchRow(name, hosts, row.CPU, row.DatabaseCPU, limit, time.Duration(row.Seconds*float64(time.Second))))
	}
	row := median(rows)
	row.RSS = processRSS(b.PIDs[0])
	return t.result(row)
}

// once publishes one article and waits until so many hosts have it.
func (b benchFanout) once(ctx context.Context, c *crowd, title string, hosts int) (benchRow, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	mark := fmt.Sprintf("bench-%d", time.Now().UnixNano())
	c.want(mark)
	before, database, err := b.spent()
	if err != nil {
		return benchRow{}, err
	}
	begun := time.Now()
	_, err = b.api(ctx, c, "/api/v1/minga/articles", map[string]any{
		"title": title, "summary": "A post of the bench, " + mark, "language": "en", "markdown": "Text of " + mark + ".",
	})
	if err != nil {
		return benchRow{}, err
	}
	if err := c.await(ctx, hosts); err != nil {
		return benchRow{}, err
	}
	took := time.Since(begun)
	pause(ctx, 300*time.Millisecond) // what settles after the last answer counts too
	after, databaseAfter, err := b.spent()
	return benchRow{CPU: after - before, DatabaseCPU: databaseAfter - database, Seconds: took.Seconds()}, err
}

// spent is the CPU time that the instance and its database have used.
func (b benchTarget) spent() (instance, database float64, err error) {
	if instance, err = processesCPU(b.PIDs); err != nil {
		return 0, 0, err
	}
	return instance, childrenCPU(b.Database), nil
}
