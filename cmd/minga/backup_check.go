// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"time"

	"minga/web/admin"
)

// backupFailures is after how many failures in a row somebody has to look.
const backupFailures = 2

// checkBackup looks how old the last good backup is.
func (i *instance) checkBackup(ctx context.Context) admin.Finding {
	b, err := i.store.LastBackup(ctx)
	if err != nil {
		return unsure("database", err)
	}
	found := admin.Finding{Name: "backup", State: admin.FindingOK, Fact: stamp(b.At)}
	switch {
	case b.Failures >= backupFailures:
		found.State = admin.FindingFail
	case b.At.IsZero():
		return admin.Finding{Name: "backup", State: admin.FindingWarn}
	case i.now().Sub(b.At) > 2*i.config.Backup.Every:
		found.State = admin.FindingFail
	}
	if found.Fact == "" {
		found.Fact = "–"
	}
	return found
}

// backups says when the last good backup was made and when one was last verified; zero:
// never, or nobody knows.
func (i *instance) backups(ctx context.Context) (made, proved time.Time) {
	b, err := i.store.LastBackup(ctx)
	if err != nil {
		return made, proved
	}
	return b.At, b.Verified
}
