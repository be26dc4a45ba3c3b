// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"
)

// Readiness fails when the database is silent this long, no worker has shown
// life for so long, or work that is due has waited so long.
const (
	databasePatience = 2 * time.Second
	workerPatience   = time.Minute
	queuePatience    = 15 * time.Minute
)

// pulse is the sign of life of what must not stand still: the reach of the database, the
// workers of the inbox, those of the outbox.
type pulse struct {
	now                     func() time.Time
	database, inbox, outbox atomic.Int64 // Unix milliseconds
}

// newPulse begins alive: the loops have yet to start.
func newPulse(now func() time.Time) *pulse {
	p := &pulse{now: now}
	p.beat()
	p.inboxBeat()
	p.outboxBeat()
	return p
}

// beat says that the database answered.
func (p *pulse) beat() { p.database.Store(p.now().UnixMilli()) }

// inboxBeat says that a worker of the inbox lives.
func (p *pulse) inboxBeat() { p.inbox.Store(p.now().UnixMilli()) }

// outboxBeat says that who delivers lives.
func (p *pulse) outboxBeat() { p.outbox.Store(p.now().UnixMilli()) }

// silent is for how long the one that is silent for longest gave no sign of life.
func (p *pulse) silent() time.Duration {
	oldest := min(p.database.Load(), p.inbox.Load(), p.outbox.Load())
	return p.now().Sub(time.UnixMilli(oldest))
}

// ready says what keeps the instance from working, by name.
func (i *instance) ready(c *gin.Context) map[string]string {
	if i.leaving.Load() {
		return map[string]string{"node": "this node is about to end"}
	}
	return i.notReady(c.Request.Context())
}

// notReady says the same of a node that is to stay.
func (i *instance) notReady(ctx context.Context) map[string]string {
	ctx, cancel := context.WithTimeout(ctx, databasePatience)
	defer cancel()
	if err := i.store.Ping(ctx); err != nil {
		return map[string]string{"database": "the database does not answer"}
	}
	problems := map[string]string{}
	if due, err := i.store.MigrationDue(ctx); err != nil || due {
		problems["migrations"] = "the schema of the database is not what this program needs"
	}
	if i.pulse.silent() > workerPatience {
		problems["workers"] = "no worker has shown life for a minute"
	}
	queues, err := readQueues(ctx, i.store)
	if err != nil {
		problems["database"] = "the database does not answer"
		return problems
	}
	// Dead servers alone are no reason: what is due to them is put off, and each attempt
	// counts as work.
	for _, q := range queues {
		if q.OldestSeconds > queuePatience.Seconds() && i.metrics.idle() > workerPatience {
			problems["queue "+q.Name] = "work that is due is not being done"
		}
	}
	return problems
}

// sameSecret compares in a time that does not depend on where two texts differ.
func sameSecret(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}
