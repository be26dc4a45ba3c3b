// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"minga/storage"
	"minga/storage/media"
)

// storeFigures asks the store at each look, two seconds at most. What counts whole tables
// is asked for every few minutes only.
type storeFigures struct {
	store *storage.Store
	now   func() time.Time

	mu      sync.Mutex
	counted time.Time
	kept    storage.Figures
}

// figuresLife is how old a count of whole tables may be.
const figuresLife = 5 * time.Minute

// figurePatience is how long one look may take.
const figurePatience = 2 * time.Second

// gauge describes a figure.
func gauge(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, labels, nil)
}

// The figures of the store.
var (
	queueDepth   = gauge("minga_queue_depth", "What waits in a queue.", "queue")
	queueOldest  = gauge("minga_queue_oldest_seconds", "Age of the oldest that is due.", "queue")
	queueDead    = gauge("minga_queue_dead", "What was set aside.", "queue")
	jobsKept     = gauge("minga_jobs", "Jobs that are kept, each once.", "state")
	peersKnown   = gauge("minga_peers", "Known servers, by what was decided, and those given up.", "state")
	pushTargets  = gauge("minga_push_subscriptions", "Apps that are told of notifications while they are closed.")
	postsKept    = gauge("minga_posts", "Posts that are kept.", "origin")
	accountsHere = gauge("minga_accounts", "Accounts of this instance.", "kind")
	mediaKept    = gauge("minga_media_bytes", "What files take.", "origin")
	backupMade   = gauge("minga_backup_last_success_timestamp_seconds", "When the last backup was made; 0: never.")
	backupProved = gauge("minga_backup_last_verified_timestamp_seconds", "When the last backup was verified; 0: never.")
	diskFree     = gauge("minga_disk_free_bytes", "What is free where the data lies.")
	checkState   = gauge("minga_check_state", "What the last look of this instance at itself found: 0 ok, 1 warn, 2 fail.", "check")
	checkedAt    = gauge("minga_check_last_timestamp_seconds", "When that look ended; 0: never.")
	dbConnected  = gauge("minga_db_connections", "Connections to the database: in use, idle, and the most there may be.", "state")
)

// Describe names the figures.
func (f *storeFigures) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{queueDepth, queueOldest, queueDead, jobsKept, peersKnown, pushTargets, postsKept, accountsHere, mediaKept} {
		ch <- d
	}
}

// Collect asks for them; a store that does not answer gives none.
func (f *storeFigures) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), figurePatience)
	defer cancel()
	counts := f.counts(ctx)
	for d, found := range map[*prometheus.Desc]map[string]int64{jobsKept: counts.Jobs, peersKnown: counts.Peers, postsKept: counts.Posts, accountsHere: counts.Accounts, mediaKept: counts.Media} {
		for word, n := range found {
			ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(n), word)
		}
	}
	if n, err := f.store.CountPush(ctx); err == nil {
		ch <- prometheus.MustNewConstMetric(pushTargets, prometheus.GaugeValue, float64(n))
	}
	queues, err := readQueues(ctx, f.store)
	if err != nil {
		return
	}
	for _, q := range queues {
		ch <- prometheus.MustNewConstMetric(queueDepth, prometheus.GaugeValue, float64(q.Waiting), q.Name)
		ch <- prometheus.MustNewConstMetric(queueOldest, prometheus.GaugeValue, q.OldestSeconds, q.Name)
		ch <- prometheus.MustNewConstMetric(queueDead, prometheus.GaugeValue, float64(q.Dead), q.Name)
	}
}

// counts are those of whole tables, as of at most [figuresLife] ago. Where counting takes
// too long the last ones stay.
func (f *storeFigures) counts(ctx context.Context) storage.Figures {
	f.mu.Lock()
	defer f.mu.Unlock()
	if now := f.now(); f.counted.IsZero() || now.Sub(f.counted).Abs() > figuresLife {
		if found, err := f.store.Figures(ctx); err == nil {
			f.kept, f.counted = found, now
		}
	}
	return f.kept
}

// nodeFigures are those of this node: its disk, its connections, its backups.
type nodeFigures struct{ i *instance }

// Describe names the figures.
func (f *nodeFigures) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{backupMade, backupProved, diskFree, dbConnected, checkState, checkedAt} {
		ch <- d
	}
}

// Collect asks for them.
func (f *nodeFigures) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), figurePatience)
	defer cancel()
	say := func(d *prometheus.Desc, n float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, n, labels...)
	}
	if space, err := media.SpaceOf(f.i.root); err == nil {
		say(diskFree, float64(space.Free))
	}
	connected := f.i.store.Connections()
	say(dbConnected, float64(connected.InUse), "in_use")
	say(dbConnected, float64(connected.Idle), "idle")
	say(dbConnected, float64(connected.Most), "max")
	made, proved := f.i.backups(ctx)
	say(backupMade, unixSeconds(made))
	say(backupProved, unixSeconds(proved))
	x, err := f.i.store.Examination(ctx)
	if err != nil {
		return
	}
	say(checkedAt, unixSeconds(x.Ended))
	for _, found := range x.Found {
		say(checkState, stateNumber(found.State), found.Name)
	}
}

// unixSeconds is a moment as Prometheus counts it; none is 0.
func unixSeconds(at time.Time) float64 {
	if at.IsZero() {
		return 0
	}
	return float64(at.UnixMilli()) / 1000
}
