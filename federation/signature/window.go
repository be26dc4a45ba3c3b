// SPDX-License-Identifier: AGPL-3.0-or-later

package signature

import "time"

// latestUnix is far enough for any clock and small enough that no sum overflows.
const latestUnix = 1 << 40

// window is when a signature says that it was made and until when it holds, in Unix
// seconds; expires is 0 when it does not say.
type window struct{ created, expires int64 }

// check: from 65 min in the past to 60 min ahead; a signed
// `expires` may end it sooner or later, and counts as 12 h where it says more. It
// returns when the window ends.
func (w window) check(now time.Time) (time.Time, error) {
	if w.created > latestUnix {
		return time.Time{}, refuse(BadTime, "absurd")
	}
	created, end := time.Unix(w.created, 0), time.Unix(w.created, 0).Add(MaxAge)
	if w.expires > 0 {
		last := w.created + int64(MaxExpires/time.Second)
		end = time.Unix(min(w.expires, last), 0)
	}
	if created.After(now.Add(MaxAhead)) {
		return time.Time{}, refuse(BadTime, "too far ahead")
	}
	if now.After(end) {
		return time.Time{}, refuse(BadTime, "too old or expired")
	}
	return end, nil
}
