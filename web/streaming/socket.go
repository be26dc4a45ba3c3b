// SPDX-License-Identifier: AGPL-3.0-or-later

package streaming

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"

	"github.com/coder/websocket"
	"github.com/gin-gonic/gin"
	"golang.org/x/time/rate"

	"minga/web/auth"
	"minga/web/respond"
)

// Bounds of what a client may send. A frame that asks for something is below 1 kB.
const (
	longestMessage = 4 << 10 // bytes
	messageRate    = 5       // a second
	messageBurst   = 150
)

// socket answers GET /api/v1/streaming: one WebSocket for any number of topics, which the
// client names in the address and by frames.
func (h *Hub) socket(c *gin.Context) error {
	private(c)
	if err := upgrades(c.Request); err != nil {
		c.Header("Upgrade", "websocket")
		return err
	}
	// The request ends with this handler, which the connection outlives: what served the
	// opening is not kept for as long as somebody listens.
	s := newStream(context.WithoutCancel(c.Request.Context()), auth.TokenOf(c), auth.Account(c), false)
	if err := h.enter(s); err != nil {
		return err
	}
	conn, err := websocket.Accept(c.Writer, c.Request, &websocket.AcceptOptions{
		Subprotocols: auth.StreamProtocols(c.Request),
		// A token counts here and no cookie does: scripts of any site may come with one.
		OriginPatterns: []string{"*"},
	})
	if err != nil {
		h.leave(s)
		return nil //nolint:nilerr // it was answered
	}
	respond.Unmeasured(c)
	conn.SetReadLimit(longestMessage)
	q := c.Request.URL.Query()
	first := request{Type: "subscribe", Stream: one(q.Get("stream")), Tag: one(q.Get("tag")), List: one(q.Get("list"))}
	h.start(s, func() error {
		defer h.leave(s)
		s.end(h.writeSocket(s, conn))
		return conclude(conn, context.Cause(s.ctx))
	})
	h.start(s, func() error {
		if first.Stream != "" {
			h.act(s, first)
		}
		s.end(h.readSocket(s, conn))
		return nil
	})
	return nil
}

// start does a part of a stream beside the others. A panic ends that stream alone; how a
// connection ended was said to its client.
func (h *Hub) start(s *stream, part func() error) {
	h.parts.Go(func() error {
		defer func() {
			if p := recover(); p != nil {
				h.Log.Error("panic contained", "err", p, "stack", string(debug.Stack()))
				s.end(errFault)
			}
		}()
		_ = part()
		return nil
	})
}

// conclude closes a WebSocket and says why; who reads nothing would not read that either.
func conclude(conn *websocket.Conn, cause error) error {
	if errors.Is(cause, errSlow) || errors.Is(cause, context.DeadlineExceeded) {
		return conn.CloseNow()
	}
	return conn.Close(closing(cause))
}

// closing is how a WebSocket is closed, by the reason (RFC 6455 §7.4.1).
func closing(cause error) (websocket.StatusCode, string) {
	for reason, code := range map[error]websocket.StatusCode{
		errStopped: websocket.StatusGoingAway, errRights: websocket.StatusPolicyViolation, errFlood: websocket.StatusPolicyViolation, errFault: websocket.StatusInternalError,
		errBinary: websocket.StatusUnsupportedData,
	} {
		if errors.Is(cause, reason) {
			return code, reason.Error()
		}
	}
	return websocket.StatusNormalClosure, ""
}

// writeSocket writes what is for the stream until it ends; every second beat is a ping, and
// who does not answer it in time has left.
func (h *Hub) writeSocket(s *stream, conn *websocket.Conn) error {
	due := false
	for {
		select {
		case <-s.ctx.Done():
			return context.Cause(s.ctx)
		case frame := <-s.out:
			if err := h.within(s.ctx, func(ctx context.Context) error { return conn.Write(ctx, websocket.MessageText, frame) }); err != nil {
				return err
			}
		case <-s.beat:
			if due = !due; due {
				continue
			}
			if err := h.within(s.ctx, conn.Ping); err != nil {
				return err
			}
		}
	}
}

// within does something that may take as long as a frame.
func (h *Hub) within(ctx context.Context, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, h.Limits.Write)
	defer cancel()
	return do(ctx)
}

// readSocket does what the client asks for until it leaves or goes too far. Reading ends
// when the writer closes the connection.
func (h *Hub) readSocket(s *stream, conn *websocket.Conn) error {
	pace := rate.NewLimiter(messageRate, messageBurst)
	for {
		kind, text, err := conn.Read(context.WithoutCancel(s.ctx))
		if err != nil {
			return errLeft
		}
		if kind != websocket.MessageText {
			return errBinary
		}
		if !pace.AllowN(h.Now(), 1) {
			return errFlood
		}
		var r request
		if json.Unmarshal(text, &r) == nil {
			h.act(s, r)
		}
	}
}

// request is a frame of a client.
type request struct {
	Type   string `json:"type"`
	Stream one    `json:"stream"`
	Tag    one    `json:"tag"`
	List   one    `json:"list"`
}

// one is a text that some clients send as a list of one, or as a number.
type one string

// UnmarshalJSON reads any of these; what is none of them is empty.
func (o *one) UnmarshalJSON(b []byte) error {
	var text string
	if json.Unmarshal(b, &text) == nil {
		*o = one(text)
		return nil
	}
	var number json.Number
	if json.Unmarshal(b, &number) == nil {
		*o = one(number.String())
		return nil
	}
	var list []string
	if json.Unmarshal(b, &list) == nil && len(list) > 0 {
		*o = one(list[0])
	}
	return nil
}

// act does what a frame asks for. What cannot be is said by a frame; types that nobody
// knows are nothing.
func (h *Hub) act(s *stream, r request) {
	change := h.subscribe
	switch r.Type {
	case "subscribe":
	case "unsubscribe":
		change = h.unsubscribe
	default:
		return
	}
	err := h.within(s.ctx, func(ctx context.Context) error {
		return change(ctx, s, asked{Kind: Kind(r.Stream), Tag: string(r.Tag), List: string(r.List)})
	})
	if err == nil {
		return
	}
	var refused *refusal
	if !errors.As(err, &refused) {
		h.note(s.ctx, fmt.Errorf("subscribe: %w", err))
		refused = &refusal{http.StatusServiceUnavailable, "Please try again"}
	}
	s.refuse(refused)
}

// refuse says by a frame why something cannot be.
func (s *stream) refuse(why *refusal) {
	text, err := json.Marshal(struct {
		Error  string `json:"error"`
		Status int    `json:"status"`
	}{why.words, why.status})
	if err == nil {
		s.send(text)
	}
}
