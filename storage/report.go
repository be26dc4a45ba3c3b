// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"time"

	"minga/coop"
)

// ReportQuery says which reports are wanted.
type ReportQuery struct {
	Closed bool // closed ones too
}

// AddReport stores a report and tells the moderators; the same IRI again is
// ignored and returns false.
func (tx *Tx) AddReport(ctx context.Context, x *coop.Report) (added bool, err error) {
	return false, errNotBuilt
}

// Reports lists reports, newest first.
func (r reader) Reports(ctx context.Context, q ReportQuery, page coop.Page) ([]coop.Report, error) {
	return nil, errNotBuilt
}

// CloseReport ends a report; a missing one gives [coop.ErrNotFound].
func (tx *Tx) CloseReport(ctx context.Context, id coop.ID, at time.Time) error { return errNotBuilt }
