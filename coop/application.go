// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import "time"

// ApplicationLife is how long what people wrote to apply for a job is kept after the
// job has ended.
const ApplicationLife = 90 * 24 * time.Hour

// ApplicationsEnd is when what people wrote to apply for the job is deleted; zero as
// long as it has not ended.
func (j *Job) ApplicationsEnd() time.Time {
	if !j.Ended() || j.Closed.IsZero() {
		return time.Time{}
	}
	return j.Closed.Add(ApplicationLife)
}
