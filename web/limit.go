// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"fmt"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/maypok86/otter/v2"
	"golang.org/x/time/rate"

	"minga/coop"
	"minga/web/auth"
)

// limitPerson is what all tokens of a person may ask together.
const limitPerson auth.Limit = -1

// rates: so many in so long. Each is a bucket that holds n and fills up again evenly
// in that time, so that who was refused need not wait for the end of a window.
var rates = map[auth.Limit]struct {
	n   int
	per time.Duration
}{
	auth.LimitReads:     {600, 5 * time.Minute},
	auth.LimitAPI:       {300, 5 * time.Minute},
	limitPerson:         {1500, 5 * time.Minute},
	auth.LimitPosts:     {300, 3 * time.Hour},
	auth.LimitDeletes:   {30, 30 * time.Minute},
	auth.LimitMedia:     {30, 30 * time.Minute},
	auth.LimitApps:      {5, 10 * time.Minute},
	auth.LimitSignIn:    {25, 5 * time.Minute},
	auth.LimitSignInOf:  {25, time.Hour},
	auth.LimitMail:      {5, 30 * time.Minute},
	auth.LimitSignUp:    {5, 30 * time.Minute},
	auth.LimitForms:     {5, time.Hour},
	auth.LimitAsk:       {10, time.Minute},
	auth.LimitTranslate: {60, time.Hour},
	auth.LimitFiles:     {1500, 5 * time.Minute},
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

// standing is how much of a limit an asker has left.
type standing struct {
	most, left int
	full       time.Time // when nothing is used up any more
}

// admit says whether the asker may go on; if not, the error says when. A limit
// without a rate admits everybody and has no standing.
func (l *limiter) admit(limit auth.Limit, who string) (*standing, error) {
	allowed, ok := rates[limit]
	if !ok {
		return nil, nil
	}
	bucket := l.bucket(limitKey{limit, who}, rate.Every(allowed.per/time.Duration(allowed.n)), allowed.n)
	now := l.now()
	r := bucket.ReserveN(now, 1)
	wait := r.DelayFrom(now)
	if wait > 0 {
		r.CancelAt(now)
	}
	tokens := min(max(bucket.TokensAt(now), 0), float64(allowed.n))
	missing := time.Duration((float64(allowed.n) - tokens) * float64(allowed.per) / float64(allowed.n))
	s := &standing{most: allowed.n, left: int(tokens), full: now.Add(missing)}
	if wait > 0 {
		s.left = 0
		return s, &coop.BusyError{After: wait, Limit: true, Reason: "too many requests"}
	}
	return s, nil
}

// bucket is the one of an asker, a full one at first.
func (l *limiter) bucket(key limitKey, every rate.Limit, n int) *rate.Limiter {
	if bucket, ok := l.seen.GetIfPresent(key); ok {
		return bucket
	}
	bucket, _ := l.seen.SetIfAbsent(key, rate.NewLimiter(every, n))
	return bucket
}

// admitted counts an act that a handler alone can name; see [auth.Admit].
func (s *server) admitted(limit auth.Limit, who string) error {
	if !s.limiting() {
		return nil
	}
	_, err := s.limiter.admit(limit, who)
	return err
}

// count holds a request against every limit of its route. On the paths for
// programs the header says how much the tightest one leaves.
func (s *server) count(c *gin.Context, limit auth.Limit) error {
	if !s.limiting() {
		return nil
	}
	var tightest *standing
	var refused error
	for _, key := range limitsOf(c, limit) {
		left, err := s.limiter.admit(key.limit, key.who)
		if left != nil && (tightest == nil || err != nil || left.left < tightest.left) {
			tightest = left
		}
		if refused = err; refused != nil {
			break
		}
	}
	if tightest != nil && forPrograms(c.Request.URL.Path) {
		tightest.show(c.Writer.Header())
	}
	return refused
}

// limitsOf says against whom a request counts: the token and the person behind it,
// or the address. What a person may do only so often counts on top.
func limitsOf(c *gin.Context, limit auth.Limit) []limitKey {
	addr := askerAddr(clientAddr(c))
	token := auth.TokenOf(c)
	switch limit {
	case auth.LimitAPI, auth.LimitPosts, auth.LimitDeletes, auth.LimitMedia:
	default:
		return []limitKey{{limit, addr}}
	}
	if token == nil {
		return []limitKey{{auth.LimitAPI, addr}}
	}
	who := token.PersonID
	if who == 0 {
		who = token.AccountID
	}
	keys := []limitKey{{auth.LimitAPI, "token " + token.ID.String()}}
	if who == 0 {
		return keys // an app that acts for nobody yet
	}
	keys = append(keys, limitKey{limitPerson, who.String()})
	if limit != auth.LimitAPI {
		keys = append(keys, limitKey{limit, who.String()})
	}
	return keys
}

// resetLayout is a moment as clients of the API read it: three decimals and Z.
const resetLayout = "2006-01-02T15:04:05.000Z"

// show writes the standing as clients read it.
func (s *standing) show(h http.Header) {
	h.Set("X-RateLimit-Limit", strconv.Itoa(s.most))
	h.Set("X-RateLimit-Remaining", strconv.Itoa(s.left))
	h.Set("X-RateLimit-Reset", s.full.UTC().Format(resetLayout))
}

// forPrograms tells the paths where every answer is for a program: errors are JSON.
func forPrograms(path string) bool {
	for _, root := range []string{"/api", "/oauth", "/.well-known", "/nodeinfo"} {
		if rest, ok := strings.CutPrefix(path, root); ok && (rest == "" || rest[0] == '/') {
			return true
		}
	}
	return false
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
