// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"errors"
	"hash/fnv"
	"net/http"
	"time"

	"minga/coop"
	"minga/federation"
	"minga/storage"
)

// What becomes of an attempt
//
// Any 2xx is the end: the delivery is done. A 4xx is the end too, since the same bytes
// would get the same answer, but for three: 401 may mean that the peer could not fetch
// our key, 408 and 429 say by themselves that it was the moment. 410 says besides that
// the inbox is no more; 404 does after it has said nothing else for seven days.
//
// Everything else is tried again, and the question is whose failure it was. A host that
// gives no answer at all (name, connection, TLS, time), or says 429 or 503, fails as a
// whole: it rests, the delivery waits unchanged and without having used up an attempt,
// and after the rest one single delivery goes as a probe. So a dead host with a hundred
// thousand waiting deliveries costs one connection now and then. A host that answers
// 500 to one delivery may take the next, so that failure is the delivery's own; only
// when ten in a row fail without a success between them the host rests.
//
// The pause before the n-th repetition is n⁴ + 15 s, with up to 30 % more so that what
// failed together does not come again together, and never above six hours. What the
// peer asks for by Retry-After is obeyed up to a day. After seven days a delivery is
// given up. A host that failed on seven distinct days is unavailable: it gets one probe
// a day, until one is answered or the host writes to us.

const (
	// giveUpAfter is how long a delivery is tried.
	giveUpAfter = 7 * 24 * time.Hour
	// longestPause is the most time between two attempts.
	longestPause = 6 * time.Hour
	// longestRest is the most that Retry-After may ask for, and the time between the
	// probes of an unavailable host.
	longestRest = 24 * time.Hour
	// missingFor is how long an inbox must answer 404 to count as gone.
	missingFor = 7 * 24 * time.Hour
	// streakOfHost is how many own failures in a row are the host's.
	streakOfHost = 10
)

// verdict is what an answer, or none, means.
type verdict struct {
	result  storage.Result
	host    bool          // the whole host fails
	wait    time.Duration // what the peer asked for; 0: nothing
	gone    bool          // the inbox is no more
	missing bool          // the inbox said 404
	reason  string
}

// judge says what an attempt means, from the error alone: nil is a success.
func judge(err error) verdict {
	if err == nil {
		return verdict{result: storage.Delivered}
	}
	v := verdict{result: storage.Again, reason: err.Error()}
	var e *federation.Error
	if !errors.As(err, &e) {
		return v
	}
	v.wait = min(e.RetryAfter, longestRest)
	switch {
	case e.Kind == federation.KindBusy || e.Kind == federation.KindCanceled:
		v.result = storage.Unsent // ours: nothing was sent
	case e.HostFault():
		v.result, v.host = storage.Unsent, true
	case e.Kind == federation.KindStatus && e.Status == http.StatusGone:
		v.result, v.gone = storage.Final, true
	case e.Kind == federation.KindStatus && e.Status == http.StatusNotFound:
		v.result, v.missing = storage.Final, true
	case !e.Temporary() && e.Kind != federation.KindRedirect:
		v.result = storage.Final
	}
	return v
}

// pause is the time before the n-th repetition of something, n from 1 on. Seed spreads
// what failed together.
func pause(n int, seed string) time.Duration {
	n = min(max(n, 1), 100)
	wait := time.Duration(n*n*n*n+15) * time.Second
	h := fnv.New32a()
	_, _ = h.Write([]byte(seed))
	wait += wait * time.Duration(h.Sum32()%301) / 1000
	return min(wait, longestPause)
}

// outcomeOf turns a verdict into what the queue is told of one delivery.
func outcomeOf(d *storage.ClaimedDelivery, v verdict, now time.Time) storage.Outcome {
	out := storage.Outcome{ID: d.ID, Result: v.result, Error: v.reason}
	if v.result == storage.Delivered || v.result == storage.Unsent && now.Sub(d.CreatedAt) < giveUpAfter {
		out.Error = ""
	}
	if v.result == storage.Again {
		out.At = now.Add(max(pause(d.Attempts+1, coop.ID(d.ID).String()), v.wait))
	}
	tooLong := v.result == storage.Again && out.At.Sub(d.CreatedAt) >= giveUpAfter
	if tooLong || v.result == storage.Unsent && now.Sub(d.CreatedAt) >= giveUpAfter {
		out.Result, out.Error = storage.Final, "given up after seven days: "+v.reason
	}
	return out
}

// rest says until when a failing host rests: after its failures so far, this one not
// counted, or as long as it asked for.
func rest(c *storage.Claim, v verdict, now time.Time) time.Time {
	wait := pause(c.Failures+1, c.Host)
	if v.wait > 0 {
		wait = v.wait
	}
	if c.Unavailable {
		wait = max(wait, longestRest)
	}
	return now.Add(wait)
}
