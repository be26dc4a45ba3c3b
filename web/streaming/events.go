// SPDX-License-Identifier: AGPL-3.0-or-later

package streaming

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"minga/web/auth"
	"minga/web/respond"
)

// thump is the sign of life of server-sent events: a comment.
const thump = ":thump\n"

// events answers GET /api/v1/streaming/user and its kin: one topic as server-sent events.
func (h *Hub) events(kind Kind) respond.Handler {
	return func(c *gin.Context) error {
		private(c)
		a := asked{Kind: kind, Tag: c.Query("tag"), List: c.Query("list")}
		if on := c.Query("only_media"); on == "true" || on == "1" {
			a.Kind = withMedia(kind)
		}
		s := newStream(c.Request.Context(), auth.TokenOf(c), auth.Account(c), true)
		if err := h.enter(s); err != nil {
			return err
		}
		defer h.leave(s)
		if err := h.subscribe(s.ctx, s, a); err != nil {
			return err
		}
		respond.Unmeasured(c)
		header := c.Writer.Header()
		header.Set("Content-Type", "text/event-stream; charset=utf-8")
		header.Set("X-Accel-Buffering", "no") // nginx hands on what it gets at once
		c.Status(http.StatusOK)
		if c.Request.Method == http.MethodHead {
			return nil
		}
		return h.writeEvents(s, c.Writer)
	}
}

// withMedia is the kind that shows of a public timeline posts with files alone.
func withMedia(kind Kind) Kind {
	switch kind {
	case Public:
		return PublicMedia
	case PublicLocal:
		return PublicLocalMedia
	case PublicRemote:
		return PublicFarMedia
	default:
		return kind
	}
}

// writeEvents writes what is for the stream until it ends. That it ended is no error.
func (h *Hub) writeEvents(s *stream, w http.ResponseWriter) error {
	conn := http.NewResponseController(w)
	// The bounds of ordinary requests are not those of a stream; without a connection, as
	// in a test, there are none.
	_ = errors.Join(conn.SetReadDeadline(time.Time{}), conn.SetWriteDeadline(time.Time{}))
	stop := context.AfterFunc(s.ctx, func() {
		if errors.Is(context.Cause(s.ctx), errSlow) {
			breakOff(conn)
		}
	})
	defer stop()
	frame := []byte(":)\n\n")
	for {
		if err := h.writeEvent(s.ctx, conn, w, frame); err != nil {
			return nil //nolint:nilerr // the client left
		}
		select {
		case <-s.ctx.Done():
			return nil
		case frame = <-s.out:
		case <-s.beat:
			frame = []byte(thump)
		}
	}
}

// breakOff lets what is being written fail.
func breakOff(conn *http.ResponseController) { _ = conn.SetWriteDeadline(time.Unix(1, 0)) }

// writeEvent writes a frame to its end, or breaks the connection off when that takes too
// long. That the stream ended meanwhile is no reason: the answer has an orderly end.
func (h *Hub) writeEvent(ctx context.Context, conn *http.ResponseController, w http.ResponseWriter, frame []byte) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), h.Limits.Write)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { breakOff(conn) })
	defer stop()
	if _, err := w.Write(frame); err != nil {
		return err
	}
	return conn.Flush()
}
