// SPDX-License-Identifier: AGPL-3.0-or-later

package respond

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
)

// Patience gives a request that moves a large file so long for all of it, in place of
// the bounds of ordinary requests: a phone in a village sends a picture for minutes.
// Whoever calls it calls what it returns when the file has moved.
func Patience(c *gin.Context, most time.Duration) func() {
	conn := http.NewResponseController(c.Writer)
	if conn.SetReadDeadline(time.Time{}) != nil || conn.SetWriteDeadline(time.Time{}) != nil {
		return func() {} // no connection, such as in a test
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), most)
	stop := context.AfterFunc(ctx, func() {
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			past := time.Unix(1, 0)
			_ = errors.Join(conn.SetReadDeadline(past), conn.SetWriteDeadline(past)) // the connection may be gone
		}
	})
	return func() {
		stop()
		cancel()
	}
}

// unmeasuredKey is where [Unmeasured] leaves its word.
const unmeasuredKey = "minga.unmeasured"

// Unmeasured says that how long a request took tells nothing: it is a stream.
func Unmeasured(c *gin.Context) { c.Set(unmeasuredKey, true) }

// IsUnmeasured tells whether [Unmeasured] was said.
func IsUnmeasured(c *gin.Context) bool { return c.GetBool(unmeasuredKey) }
