// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"
	"time"

	"minga/outbox"
	"minga/outbox/mail"
	"minga/storage"
	"minga/web/admin"
)

// The server looks at itself once a day, and whenever somebody of the staff asks. What it
// finds is kept in the database, check by check, so that the page of every node shows how
// far it is.

// examineEvery is how often it looks by itself, and examineLimit after how long one that
// did not end counts as broken off.
const (
	examineEvery = 24 * time.Hour
	examineLimit = 20 * time.Minute
)

// examineSoon asks the loop for a look; one that is asked for already is enough.
func (i *instance) examineSoon() {
	select {
	case i.asked <- struct{}{}:
	default:
	}
}

// runExaminations looks when it is time or somebody asks. Where nobody else can reach us
// it looks only when it is asked.
func (i *instance) runExaminations(ctx context.Context) error {
	for {
		asked := false
		select {
		case <-ctx.Done():
			return nil
		case <-i.asked:
			asked = true
		case <-time.After(time.Minute):
		}
		if !asked && i.config.Dev {
			continue
		}
		if err := i.examineIfDue(ctx, asked); err != nil && ctx.Err() == nil {
			i.log.ErrorContext(ctx, "examination failed", "err", err)
		}
	}
}

// examineIfDue looks, unless another node is at it or it is too early.
func (i *instance) examineIfDue(ctx context.Context, asked bool) error {
	if x, err := i.store.Examination(ctx); err != nil || !i.examinationDue(x, asked) {
		return err
	}
	mine := false
	err := i.store.Write(ctx, func(tx *storage.Tx) error {
		return tx.ChangeExamination(ctx, func(x *storage.Examination) {
			if mine = i.examinationDue(*x, asked); !mine {
				return
			}
			if !x.Ended.IsZero() {
				x.Failed = failures(x.Found)
			}
			x.Began, x.Ended, x.Busy = i.now().UTC(), time.Time{}, i.now().Add(examineLimit).UTC()
			x.Checks, x.Found = len((&lookout{i: i}).checks(false))+1, nil
		})
	})
	if err != nil || !mine {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, examineLimit)
	defer cancel()
	err = i.examine(ctx, false, func(found []admin.Finding) error { return i.noteFound(ctx, found) })
	return errors.Join(err, i.store.Write(context.WithoutCancel(ctx), func(tx *storage.Tx) error {
		return tx.ChangeExamination(ctx, func(x *storage.Examination) {
			x.Busy = time.Time{}
			if err == nil {
				x.Ended = i.now().UTC()
			}
		})
	}))
}

// examinationDue tells whether it is time.
func (i *instance) examinationDue(x storage.Examination, asked bool) bool {
	if now := i.now(); now.Before(x.Busy) || !asked && now.Sub(x.Began).Abs() < examineEvery {
		return false
	}
	return true
}

// noteFound keeps what one check found. One that found nothing counts all the same.
func (i *instance) noteFound(ctx context.Context, found []admin.Finding) error {
	return i.store.Write(ctx, func(tx *storage.Tx) error {
		return tx.ChangeExamination(ctx, func(x *storage.Examination) {
			if len(found) == 0 {
				x.Checks--
			}
			for _, f := range found {
				x.Found = append(x.Found, storage.Examined{Name: f.Name, State: string(f.State), Fact: f.Fact, Why: f.Why})
			}
		})
	})
}

// failures are the names of the checks that failed.
func failures(found []storage.Examined) (names []string) {
	for _, f := range found {
		if f.State == string(admin.FindingFail) {
			names = append(names, f.Name)
		}
	}
	return names
}

// ownAlarms are checks of which the staff is told by mails of their own.
var ownAlarms = []string{"backup", "disk", "certificate", "tls"}

// alarmDoctor is for checks that failed twice in a row: once may be a moment.
func (i *instance) alarmDoctor(ctx context.Context) *outbox.StaffNote {
	x, err := i.store.Examination(ctx)
	if err != nil || x.Ended.IsZero() {
		return nil
	}
	n := 0
	for _, name := range failures(x.Found) {
		if slices.Contains(x.Failed, name) && !slices.Contains(ownAlarms, name) {
			n++
		}
	}
	if n == 0 {
		return nil
	}
	return &outbox.StaffNote{Kind: mail.AlarmDoctor, Fact: strconv.Itoa(n), Path: "/admin/doctor"}
}

// glance keeps what the checks found for a while: the pages ask each time they are
// looked at.
type glance struct {
	mu    sync.Mutex
	at    time.Time
	found []admin.Finding
}

// glanceLife is how long it is kept.
const glanceLife = 20 * time.Second

// checks are the findings for the pages: those that are had at once, and what the last
// look found amiss beyond them.
func (i *instance) checks(ctx context.Context) []admin.Finding {
	i.glance.mu.Lock()
	defer i.glance.mu.Unlock()
	if i.glance.found != nil && i.now().Sub(i.glance.at) <= glanceLife {
		return i.glance.found
	}
	var found []admin.Finding
	err := i.examine(ctx, true, func(list []admin.Finding) error { found = append(found, list...); return nil })
	if err != nil {
		found = append(found, failed("database", err))
	}
	if len(found) > 1 { // the database answers
		if on, err := i.store.Rehearsing(ctx); err == nil && !on {
			found = append(found, i.checkAddress(ctx))
		}
		found = append(found, i.lastSeen(ctx, found)...)
	}
	i.glance.found, i.glance.at = found, i.now()
	return found
}

// lastSeen is what the last look found amiss of which nothing is known yet.
func (i *instance) lastSeen(ctx context.Context, known []admin.Finding) (list []admin.Finding) {
	x, err := i.store.Examination(ctx)
	if err != nil {
		return nil
	}
	for _, f := range x.Found {
		there := slices.ContainsFunc(known, func(k admin.Finding) bool { return k.Name == f.Name })
		if !there && f.State != string(admin.FindingOK) {
			list = append(list, admin.Finding{Name: f.Name, State: admin.FindingState(f.State), Fact: f.Fact, Why: f.Why})
		}
	}
	return list
}

// seenTLS is the end of the certificate that others see, where the last look said that it
// is near; empty: it is far, or nobody knows.
func (i *instance) seenTLS(ctx context.Context) string {
	x, err := i.store.Examination(ctx)
	if err != nil {
		return ""
	}
	for _, f := range x.Found {
		if f.Name == "tls" && f.State != string(admin.FindingOK) {
			return f.Fact
		}
	}
	return ""
}

// stateNumber is a state as the metrics show it.
func stateNumber(state string) float64 {
	switch admin.FindingState(state) {
	case admin.FindingFail:
		return 2
	case admin.FindingWarn:
		return 1
	}
	return 0
}
