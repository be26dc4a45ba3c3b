// SPDX-License-Identifier: AGPL-3.0-or-later

package activitypub

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"minga/web/respond"
)

// errRehearsal is said to other servers of everything but NodeInfo while this instance is a
// rehearsal: what they would keep of it, such as keys, may never be true. It is no refusal:
// of a copy that takes the place of what it was made from they try again, and lose nothing.
type errRehearsal struct{}

func (errRehearsal) Error() string {
	return "this instance is a rehearsal: it meets no other server until it is promoted"
}

// Status is 503.
func (errRehearsal) Status() int { return http.StatusServiceUnavailable }

// RetryAfter is an hour: a promotion is nothing that happens in a moment.
func (errRehearsal) RetryAfter() time.Duration { return time.Hour }

// Open is nil where other servers are answered, and what is said to them in a rehearsal.
func (f *Face) Open(c *gin.Context) error {
	on, err := f.Store.Rehearsing(c.Request.Context())
	if err == nil && on {
		err = errRehearsal{}
	}
	return err
}

// behind lets a handler answer unless this is a rehearsal.
func (f *Face) behind(h respond.Handler) respond.Handler {
	return func(c *gin.Context) error {
		if err := f.Open(c); err != nil {
			return err
		}
		return h(c)
	}
}
