// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import "time"

const (
	// ExportLife is how long an archive lies ready.
	ExportLife = 7 * 24 * time.Hour
	// ExportPause is how long after one another can be asked for.
	ExportPause = time.Hour
)

// ExportState is how far an archive is.
type ExportState string

// The states.
const (
	ExportWorking ExportState = "working"
	ExportReady   ExportState = "ready"
	ExportFailed  ExportState = "failed"
)

// Export is an archive of everything that an account has, for who speaks for it.
type Export struct {
	AccountID ID // whose it is
	PersonID  ID // who asked for it
	State     ExportState
	Problem   string // why it failed: "full" for no room, else "broken"; empty
	Name      string // of the file, sealed; empty until it is ready
	Written   int64  // bytes so far, while it is made
	Bytes     int64  // of the archive
	Posts     int
	Files     int
	AskedAt   time.Time
	ReadyAt   time.Time // zero: it is not
	EndsAt    time.Time // when it goes, whatever became of it
}

// Again tells whether another may be asked for at now.
func (e *Export) Again(now time.Time) bool {
	return e.State == ExportFailed || e.State == ExportReady && !now.Before(e.AskedAt.Add(ExportPause))
}
