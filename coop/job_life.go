// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"fmt"
	"time"
)

// Ended tells whether the opening is over for good: filled, withdrawn, closed or
// expired.
func (s JobStatus) Ended() bool {
	return in([]JobStatus{JobFilled, JobWithdrawn, JobClosed, JobExpired}, s)
}

// OnWire tells whether other servers may know the state.
func (s JobStatus) OnWire() bool { return in(JobStatuses(), s) }

// Ended tells whether the job is over for good, whatever the clock says.
func (j *Job) Ended() bool { return j.Status.Ended() }

// Expired tells whether the job's time is over: it says so, or it is open or
// paused and ValidThrough has come.
func (j *Job) Expired(now time.Time) bool {
	live := j.Status == JobOpen || j.Status == JobPaused
	return j.Status == JobExpired || live && !j.ValidThrough.After(now)
}

// Applicable tells whether one may apply now: open, and its time not over. Only
// such jobs stand in lists, feeds, search and sitemap.
func (j *Job) Applicable(now time.Time) bool { return j.Status == JobOpen && !j.Expired(now) }

// Do takes a step and keeps what goes with it: the time of closing, or that
// somebody confirmed it. Nothing changes when it returns [ErrState]. To extend,
// use [Job.Extend].
func (j *Job) Do(action JobAction, now time.Time) error {
	next, err := j.Status.Step(action)
	if err != nil {
		return err
	}
	if live := next == JobOpen || next == JobPaused; live && action != JobExtend && j.Expired(now) {
		return fmt.Errorf("%s a job whose time is over: %w", action, ErrState)
	}
	if next.Ended() && !j.Ended() {
		j.Closed = now.UTC().Truncate(time.Second)
	}
	if action == JobConfirm || action == JobPublish || action == JobApprove {
		j.ConfirmedAt = now.UTC().Truncate(time.Second)
	}
	j.Status = next
	return nil
}

// Extend moves the end of an open or paused job, at most to its roof. The error
// is [ErrState] or names closes_at. A job that the clock has ended is not woken:
// it is posted again.
func (j *Job) Extend(until, now time.Time) error {
	if _, err := j.Status.Step(JobExtend); err != nil || j.Expired(now) {
		return fmt.Errorf("extend a job that is %s: %w", j.Status, ErrState)
	}
	longer := *j
	longer.ValidThrough = until.UTC().Truncate(time.Second)
	c := &complaints{now: now}
	if longer.checkEnd(c); longer.ValidThrough.Before(j.ValidThrough) {
		c.add("closes_at", CodeOrder, "it closes later than that already")
	}
	if len(c.list) > 0 {
		return c.list
	}
	j.ValidThrough = longer.ValidThrough
	return nil
}

// Repost is a new draft of a job that has ended, named here as old: new dates,
// no reference, the rest as it was. The error is [ErrState].
func (j *Job) Repost(old IRI, now time.Time) (*Job, error) {
	if _, err := j.Status.Step(JobRepost); err != nil {
		return nil, err
	}
	again := j.Clone()
	again.Status, again.RepostOf, again.Identifier.Value, again.Version = JobDraft, old, "", 0
	again.DatePosted, again.ValidThrough, again.Closed, again.ConfirmedAt = "", time.Time{}, time.Time{}, time.Time{}
	again.Complete(now, JobDefaults{})
	return again, nil
}

// MayChangeTo tells whether an Update from the origin may replace the job: its
// state must follow the arrows. What only our clock has ended (Closed is zero)
// follows its origin all the same: the word of an extension or a closing may
// come late.
func (j *Job) MayChangeTo(next *Job) bool {
	from := j.Status
	if from == JobExpired && j.Closed.IsZero() {
		from = JobOpen
	}
	return MayBecome(from, next.Status)
}

// KeepPosted gives the new state of a job the day on which it was posted first:
// a board knows no bumping, so that day never moves forward, and the roof over
// ValidThrough stays with it.
func (j *Job) KeepPosted(before *Job) {
	first, ok := ParseDate(before.DatePosted)
	if now, readable := ParseDate(j.DatePosted); !ok || readable && !now.After(first) {
		return
	}
	j.DatePosted = before.DatePosted
	if roof := j.Roof(); j.ValidThrough.After(roof) {
		j.ValidThrough = roof
	}
}
