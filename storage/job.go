// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"time"

	"minga/coop"
)

// DueJobs lists jobs of this instance and others whose ValidThrough is past at now
// and that are still open or paused here, the longest due first.
func (r reader) DueJobs(ctx context.Context, now time.Time, limit int) ([]*coop.Post, error) {
	return nil, errNotBuilt
}

// NextDueJob says when the next open or paused job ends; zero: none does.
func (r reader) NextDueJob(ctx context.Context) (time.Time, error) { return time.Time{}, errNotBuilt }

// ExpireRemoteJob marks a job of another server as expired here, whether its
// Update comes or not; a job that is neither open nor paused stays as it is.
func (tx *Tx) ExpireRemoteJob(ctx context.Context, post coop.ID, at time.Time) error {
	return errNotBuilt
}

// FreezeJob takes a job out of all lists after a report, as a mark of this
// instance alone; frozen false lifts it. Its page says "under review".
func (tx *Tx) FreezeJob(ctx context.Context, post coop.ID, frozen bool) error { return errNotBuilt }

// NextJobReference gives the next own reference of a co-op in a year, such as
// "2026-014": one more than the highest it ever used.
func (tx *Tx) NextJobReference(ctx context.Context, author coop.ID, year int) (string, error) {
	return "", errNotBuilt
}

// PossibleDuplicates lists pairs of jobs that may be the same (same co-op, title
// and place within 45 days): never merged alone, for moderators to look at.
func (r reader) PossibleDuplicates(ctx context.Context, limit int) ([][2]coop.ID, error) {
	return nil, errNotBuilt
}
