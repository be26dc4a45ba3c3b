// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"minga/coop"
)

// queueLoad remembers for a second how full the incoming queue is, so that a
// flood does not count rows for every request.
type queueLoad struct {
	mu   sync.Mutex
	at   time.Time
	full bool
}

// room says no before a request is looked at when too much waits already, or
// for too long: what is acknowledged must also be done.
func (in *Inbox) room(ctx context.Context) error {
	in.load.mu.Lock()
	defer in.load.mu.Unlock()
	now := in.now()
	if age := now.Sub(in.load.at); age < 0 || age >= time.Second {
		stats, err := in.store.IncomingStats(ctx)
		if err != nil {
			return unavailable("count the incoming queue", err)
		}
		in.load.at = now
		in.load.full = stats.Waiting >= in.o.MaxWaiting || stats.OldestDue > in.o.MaxAge
	}
	if in.load.full {
		return &coop.BusyError{After: time.Minute, Reason: "the incoming queue is full"}
	}
	return nil
}

// unavailable makes a 503 of a failure of the store.
func unavailable(doing string, err error) error {
	return fmt.Errorf("%s: %w: %w", doing, coop.ErrUnavailable, err)
}

// limiter is the bucket of one server. Only proven requests take from it, else a
// stranger could use up another server's share.
func (in *Inbox) limiter(host string) *rate.Limiter {
	return in.rates.getOrPut(host, in.now(), func() *rate.Limiter {
		return rate.NewLimiter(rate.Limit(float64(in.o.HostRate)/60), in.o.HostRate)
	})
}

// overRate says whether a server's share of the minute is used up.
func (in *Inbox) overRate(host string) error {
	if in.o.HostRate < 0 || in.limiter(host).TokensAt(in.now()) >= 1 {
		return nil
	}
	return &coop.BusyError{After: 30 * time.Second, Limit: true, Reason: "over the rate of " + host}
}

// spend takes one request from a server's share.
func (in *Inbox) spend(host string) {
	if in.o.HostRate >= 0 {
		in.limiter(host).AllowN(in.now(), 1)
	}
}
