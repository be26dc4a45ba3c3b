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

// pulse is the sign of life that the worker loops give.
type pulse struct {
	now  func() time.Time
	last atomic.Int64 // Unix milliseconds
}

// newPulse begins alive: the loops have yet to start.
func newPulse(now func() time.Time) *pulse {
	p := &pulse{now: now}
	p.beat()
	return p
}

// beat is a sign of life.
func (p *pulse) beat() { p.last.Store(p.now().UnixMilli()) }

// silent is how long nobody gave a sign of life.
func (p *pulse) silent() time.Duration { return p.now().Sub(time.UnixMilli(p.last.Load())) }

// ready says what keeps the instance from working, by name.
func (i *instance) ready(c *gin.Context) map[string]string {
	ctx, cancel := context.WithTimeout(c.Request.Context(), databasePatience)
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
	for _, q := range queues {
		if q.OldestSeconds > queuePatience.Seconds() && i.pulse.silent() > workerPatience {
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
