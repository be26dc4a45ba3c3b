// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/maypok86/otter/v2"
	"golang.org/x/time/rate"

	"minga/coop"
	"minga/web/auth"
)

// rates: so many in so long.
var rates = map[auth.Limit]struct {
	n   int
	per time.Duration
}{
	auth.LimitReads: {600, 5 * time.Minute},
	auth.LimitAPI:   {300, 5 * time.Minute},
	auth.LimitPosts: {300, 3 * time.Hour},
}

// limiterCount bounds how many askers are remembered at once; the longest
// unseen are forgotten first.
const limiterCount = 100_000

// limiter counts requests per asker and limit, on this node.
type limiter struct {
	now  func() time.Time
	seen *otter.Cache[limitKey, *rate.Limiter]
}

// limitKey is who asks for what kind of thing.
type limitKey struct {
	limit auth.Limit
	who   string
}

// newLimiter makes a limiter with bounded memory.
func newLimiter(now func() time.Time) (*limiter, error) {
	seen, err := otter.New(&otter.Options[limitKey, *rate.Limiter]{
		MaximumSize:      limiterCount,
		ExpiryCalculator: otter.ExpiryAccessing[limitKey, *rate.Limiter](3 * time.Hour),
	})
	if err != nil {
		return nil, fmt.Errorf("rate limiter: %w", err)
	}
	return &limiter{now: now, seen: seen}, nil
}

// admit says whether the asker may go on; if not, the error says when.
func (l *limiter) admit(limit auth.Limit, who string) error {
	allowed, ok := rates[limit]
	if !ok {
		return nil
	}
	every := rate.Every(allowed.per / time.Duration(allowed.n))
	bucket, _ := l.seen.SetIfAbsent(limitKey{limit, who}, rate.NewLimiter(every, allowed.n))
	now := l.now()
	r := bucket.ReserveN(now, 1)
	if wait := r.DelayFrom(now); wait > 0 {
		r.CancelAt(now)
		return &coop.BusyError{After: wait, Limit: true, Reason: "too many requests"}
	}
	return nil
}

// asker names who is counted: the account of a token, else the address, of
// IPv6 its /64.
func asker(c *gin.Context) string {
	if account := auth.Account(c); account != nil {
		return "account " + account.ID.String()
	}
	return askerAddr(clientAddr(c))
}

// askerAddr is the part of an address that one asker may be thought to own.
func askerAddr(addr netip.Addr) string {
	if addr.Is6() && !addr.Is4In6() {
		if net, err := addr.Prefix(64); err == nil {
			return net.String()
		}
	}
	return addr.Unmap().String()
}

// clientAddr is the client's address: the peer's, or behind a trusted proxy the
// right-most untrusted one of its header.
func clientAddr(c *gin.Context) netip.Addr {
	addr, err := netip.ParseAddr(c.ClientIP())
	if err != nil {
		return netip.Addr{}
	}
	return addr
}
