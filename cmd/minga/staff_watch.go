// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"minga/outbox"
	"minga/outbox/mail"
	"minga/storage"
	"minga/storage/media"
	"minga/web/admin"
)

// lostFor is for how long an instance may be not ready before the staff is told.
const lostFor = 15 * time.Minute

// watchStaff tells owners and admins by mail what is broken, once for each cause, and on
// Mondays what waits for them.
func (i *instance) watchStaff(ctx context.Context) error {
	for pause(ctx, time.Minute) {
		if err := i.tellStaff(ctx); err != nil && ctx.Err() == nil {
			i.log.ErrorContext(ctx, "staff not told", "err", err)
		}
	}
	return nil
}

// tellStaff looks once.
func (i *instance) tellStaff(ctx context.Context) error {
	if i.current().MailUrgent {
		for cause, note := range i.alarms(ctx) {
			if err := i.settleCause(ctx, cause, note); err != nil {
				return err
			}
		}
	}
	if i.current().MailWeekly {
		return i.tellWeekly(ctx)
	}
	return nil
}

// settleCause tells of a cause that there is, and forgets one that is over (nil).
func (i *instance) settleCause(ctx context.Context, cause string, note *outbox.StaffNote) error {
	if note != nil {
		note.Cause = cause
		_, err := i.outbox.TellStaff(ctx, *note)
		return err
	}
	open, err := i.store.CauseOpen(ctx, cause)
	if err != nil || !open {
		return err
	}
	return i.store.Write(ctx, func(tx *storage.Tx) error { return tx.CloseCause(ctx, cause) })
}

// alarms are all causes that there may be, each with what is to be told of it, nil where
// there is nothing to tell.
func (i *instance) alarms(ctx context.Context) map[string]*outbox.StaffNote {
	return map[string]*outbox.StaffNote{
		"backup": i.alarmBackup(ctx), "disk": i.alarmDisk(), "certificate": i.alarmCertificate(ctx), "ready": i.alarmReady(ctx),
		"doctor": i.alarmDoctor(ctx),
	}
}

// alarmBackup is for a backup that failed twice, or is older than twice its interval.
// Where none is wished for there is nothing to miss.
func (i *instance) alarmBackup(ctx context.Context) *outbox.StaffNote {
	last, err := i.store.LastBackup(ctx)
	every := i.config.Backup.Every
	if err != nil || i.config.Backup.To == "" || every <= 0 {
		return nil
	}
	late := !last.At.IsZero() && i.now().Sub(last.At) > 2*every
	if last.Failures < 2 && !late {
		return nil
	}
	return &outbox.StaffNote{Kind: mail.AlarmBackup, Fact: stamp(last.At), Path: "/admin/backups"}
}

// alarmDisk is for a disk that is short of space.
func (i *instance) alarmDisk() *outbox.StaffNote {
	space, err := media.SpaceOf(i.root)
	if err != nil || !space.Short() {
		return nil
	}
	return &outbox.StaffNote{Kind: mail.AlarmDisk, Fact: strconv.Itoa(space.Percent()), Path: "/admin/media"}
}

// alarmCertificate is for one that ends soon: our own, or the one that others were shown
// at the last look, whoever has it.
func (i *instance) alarmCertificate(ctx context.Context) *outbox.StaffNote {
	ends, err := i.certificateEnd(ctx)
	fact := stamp(ends)
	if err != nil || ends.IsZero() || ends.Sub(i.now()) > certificateWarning {
		fact = i.seenTLS(ctx)
	}
	if fact == "" {
		return nil
	}
	return &outbox.StaffNote{Kind: mail.AlarmCertificate, Fact: fact, Path: "/admin/doctor"}
}

// alarmReady is for an instance that has not been ready for a while. A database that is
// away can tell nobody; that is what the alert rules of others are for.
func (i *instance) alarmReady(ctx context.Context) *outbox.StaffNote {
	problems := i.notReady(ctx)
	if len(problems) == 0 {
		i.unready = time.Time{}
		return nil
	}
	if i.unready.IsZero() {
		i.unready = i.now()
	}
	if i.now().Sub(i.unready) < lostFor {
		return nil
	}
	return &outbox.StaffNote{Kind: mail.AlarmReady, Fact: strings.Join(slices.Sorted(maps.Keys(problems)), ", "), Path: "/admin"}
}

// weeklyHour is when the digest of Mondays is written, in the instance's zone.
const weeklyHour = 8

// tellWeekly writes the digest of the week, once, if anything waits.
func (i *instance) tellWeekly(ctx context.Context) error {
	now := i.now().In(i.config.Zone)
	if now.Weekday() != time.Monday || now.Hour() < weeklyHour {
		return nil
	}
	year, week := now.ISOWeek()
	waiting, err := i.store.WaitingDecisions(ctx)
	if err != nil || waiting == 0 {
		return err
	}
	_, err = i.outbox.TellStaff(ctx, outbox.StaffNote{
		Kind: mail.Weekly, Cause: fmt.Sprintf("week-%d-%02d", year, week), Fact: strconv.Itoa(waiting), Path: "/admin",
	})
	return err
}

// checkDisk looks how much is free.
func (i *instance) checkDisk() admin.Finding {
	space, err := media.SpaceOf(i.root)
	one := admin.Finding{Name: "disk", State: admin.FindingOK, Fact: strconv.Itoa(space.Percent())}
	switch {
	case err != nil:
		return unsure("disk", err)
	case space.Full():
		one.State = admin.FindingFail
	case space.Short():
		one.State = admin.FindingWarn
	}
	return one
}
