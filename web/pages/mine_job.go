// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"time"

	"minga/coop"
	"minga/outbox"
	"minga/storage"
)

// mineJob is a job as those see it who are in charge of it.
type mineJob struct {
	ID, Title, URL, Edit, Like string
	Lang                       string
	State                      stateBadge
	Draft                      bool
	Ends                       string // until when it is open, or when it ended
	Ended                      bool
	Longer                     string // until when it would be open; empty: it cannot be extended
	Asks                       bool   // it ends soon: is it still open?
	Steps                      []string
	Applications               string // how many there are; empty: none, or not for this person
	Reading                    string // where they are read
	Kept                       string // until when they are kept
	Sent                       *delivery
}

// delivery is how far the word of a job came.
type delivery struct {
	Arrived, Waiting, Dead int
	Words                  string
	Left                   []undelivered
	Page                   string // of each server
}

// undelivered is a server that has not got it.
type undelivered struct{ Host, Why string }

// mineJob is a job in words.
func (f *Face) mineJob(ctx context.Context, view *mineView, p *coop.Post, n storage.ApplicationCount) (mineJob, error) {
	j, now := p.Job, f.Now()
	job := mineJob{ID: p.ID.String(), Title: j.Title, Lang: p.Language, URL: f.pathOf(p), State: view.badge(j, now), Draft: !j.Status.OnWire(), Ended: j.Ended() || j.Expired(now)}
	job.fillState(view, j)
	if view.Publish {
		job.fillSteps(view, j, now)
	}
	if view.Hire && (n.All > 0 || j.DirectApply) && !job.Draft {
		job.fillApplications(view, j, n)
	}
	if job.Draft || p.Visibility == coop.VisibleLocal {
		return job, nil
	}
	sent, err := f.Store.DeliveriesOfPost(ctx, p.ID)
	if err == nil && sent.Queued > 0 {
		job.Sent = deliveryOf(view.tongue, sent)
		job.Sent.Page = deliveriesPath + "/" + job.ID
	}
	return job, err
}

// fillState says until when it is open, or when it ended; a draft stands where it is
// edited.
func (m *mineJob) fillState(view *mineView, j *coop.Job) {
	switch {
	case m.Draft:
		m.URL = m.editPath()
	case m.Ended && !j.Closed.IsZero():
		m.Ends = view.T("mine_ended", "Day", view.Here(j.Closed))
	default:
		m.Ends = view.T("mine_until", "Day", view.Day(j.ValidThrough))
	}
}

// editPath is where it is edited.
func (m *mineJob) editPath() string { return "/jobs/" + m.ID + "/edit" }

// fillSteps says what who publishes may do with it now.
func (m *mineJob) fillSteps(view *mineView, j *coop.Job, now time.Time) {
	if !m.Ended {
		m.Edit = m.editPath()
	}
	if m.Draft {
		return
	}
	m.Like = "/jobs/new?like=" + m.ID
	if m.Ended {
		return
	}
	m.Steps = stepsOf(j)
	m.Longer = view.Day(outbox.ExtendedUntil(j, now))
	m.Asks = j.Status == coop.JobOpen && j.ValidThrough.Before(now.AddDate(0, 0, 7))
}

// fillApplications says how many applied, where that is read and until when it is kept.
func (m *mineJob) fillApplications(view *mineView, j *coop.Job, n storage.ApplicationCount) {
	m.Applications, m.Reading = view.N("applications_count", n.All), "/jobs/"+m.ID+"/applications"
	if n.Waiting > 0 {
		m.Applications += " · " + view.N("applications_open", n.Waiting)
	}
	if end := j.ApplicationsEnd(); !end.IsZero() && n.All > 0 {
		m.Kept = view.Day(end)
	}
}

// stepsOf are the buttons for a job that has not ended, without extending it.
func stepsOf(j *coop.Job) []string {
	if j.Status == coop.JobPaused {
		return []string{"fill", "resume", "close", "withdraw"}
	}
	return []string{"fill", "pause", "close", "withdraw"}
}

// deliveryOf says how far the documents of a job came.
func deliveryOf(t *tongue, s storage.DeliverySummary) *delivery {
	d := &delivery{Waiting: s.Waiting, Dead: s.Dead, Arrived: max(s.Queued-s.Waiting-s.Dead, 0)}
	d.Words = t.T("mine_sent", "Arrived", t.Number(d.Arrived), "Waiting", t.Number(d.Waiting), "Dead", t.Number(d.Dead))
	for _, left := range s.Left {
		why := "mine_sent_waiting"
		if left.State == "dead" {
			why = "mine_sent_dead"
		}
		d.Left = append(d.Left, undelivered{left.Host, t.T(why)})
	}
	return d
}
