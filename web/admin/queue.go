// SPDX-License-Identifier: AGPL-3.0-or-later

package admin

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"

	"minga/storage"
	"minga/web/respond"
)

// queueView says whether things move.
type queueView struct {
	Done    string
	Queues  []queueRow
	Failing []peerRow
}

// queueRow is one queue in words.
type queueRow struct {
	Name, Waiting, Oldest, Dead string
	Bad                         bool // it stands still
}

// still is for how long something that is due may wait before we say so, in minutes.
const still = 15

// mostHosts is how many servers are tried again at once, and listed here.
const mostHosts = 1000

// queuePage answers GET /admin/queue.
func (f *Face) queuePage(c *gin.Context) error {
	t, ctx := f.Shell.Tongue(c), c.Request.Context()
	view := queueView{}
	if c.Query("done") == "retry" {
		view.Done = t.T("admin_queue_done")
	}
	var err error
	if view.Queues, err = f.queueRows(ctx, t); err != nil {
		return err
	}
	if view.Failing, err = f.failing(ctx, t, 100); err != nil {
		return err
	}
	return f.draw(c, "admin-queue", "admin_queue_title", view)
}

// queueRows are the three queues.
func (f *Face) queueRows(ctx context.Context, t respond.Tongue) ([]queueRow, error) {
	out, err := f.Store.QueueStats(ctx)
	if err != nil {
		return nil, err
	}
	in, err := f.Store.IncomingStats(ctx)
	if err != nil {
		return nil, err
	}
	tasks, err := f.Store.TaskStats(ctx)
	if err != nil {
		return nil, err
	}
	var work storage.TaskStats
	for _, kind := range tasks {
		work.Waiting, work.Dead, work.OldestDue = work.Waiting+kind.Waiting, work.Dead+kind.Dead, max(work.OldestDue, kind.OldestDue)
	}
	row := func(name string, waiting, dead int, minutes float64) queueRow {
		r := queueRow{Name: t.T("admin_queue_" + name), Waiting: t.Number(waiting), Dead: t.Number(dead), Bad: minutes >= still}
		if waiting > 0 {
			r.Oldest = t.N("admin_minutes", int(minutes))
		}
		return r
	}
	return []queueRow{
		row("deliveries", out.Waiting, out.Dead, out.OldestDue.Minutes()),
		row("incoming", in.Waiting, in.Dead, in.OldestDue.Minutes()),
		row("tasks", work.Waiting, work.Dead, work.OldestDue.Minutes()),
	}, nil
}

// retryQueue answers POST /admin/queue: everything that waits is tried now.
func (f *Face) retryQueue(c *gin.Context) error {
	ctx := c.Request.Context()
	all, err := f.Store.Destinations(ctx, mostHosts)
	if err != nil {
		return err
	}
	hosts := make([]string, len(all))
	for i, d := range all {
		hosts[i] = d.Host
	}
	err = f.Store.Write(ctx, func(tx *storage.Tx) error {
		_, err := tx.RetryQueues(ctx, hosts, "")
		return also(err, func() error { return tx.AddAudit(ctx, audit(noted(c, "queue.retry", "", ""))) })
	})
	if err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, queuePath+"?done=retry")
	return nil
}
