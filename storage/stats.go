// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import "context"

// Stats are true numbers of this instance, for NodeInfo and the front page.
type Stats struct {
	Users          int // people and co-ops of this instance that are not gone
	ActiveMonth    int // of them, who published in the last 30 days
	ActiveHalfYear int // in the last 180 days
	Posts          int // local public and unlisted posts that answer nothing
	Comments       int // local public and unlisted replies
	Coops          int // co-ops of this instance
	OpenJobs       int // listed here, from anywhere, each once
	Articles       int // listed here, from anywhere
	Peers          int // servers heard of in the last 30 days
}

// Stats counts.
func (r reader) Stats(ctx context.Context) (Stats, error) { return Stats{}, errNotBuilt }
