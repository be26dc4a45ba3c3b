// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
	"minga/web/respond"
)

// A probe is a request that this instance sends to its own public address, as a stranger
// would. Its answer tells what arrived of it, so that `minga doctor` sees what a proxy
// does to requests. Its secret stands in the address and is good for a minute; for
// everybody else there is no such page.

// The paths of probes, each before its secret. The one of the stream lies among the
// streams, which proxies treat in their own way.
const (
	ProbePath       = "/.well-known/minga-probe/"
	ProbeStreamPath = "/api/v1/streaming/probe/"
)

// ProbeBody is how large the body of a probe may be, in bytes: what docs/proxies.md asks
// of proxies.
const ProbeBody = 48 << 20

// Probed is what the server saw of a probe.
type Probed struct {
	Method string      `json:"method"`
	Host   string      `json:"host"`
	Target string      `json:"target"` // path and query, as they were asked for
	From   string      `json:"from"`   // the address that limits and the log know
	Peer   string      `json:"peer"`   // the other end of the connection
	Proxy  bool        `json:"proxy"`  // the other end is one of trusted_proxies
	Header http.Header `json:"header"`
	Bytes  int64       `json:"bytes"` // of the body
}

// probes is the table of the probes.
func (s *server) probes() []auth.Route {
	asked := func(method, path string, h respond.Handler) auth.Route {
		return auth.Route{Method: method, Path: path + ":secret", Access: auth.Open, Limit: auth.LimitReads, CSRF: auth.CSRFSafe, Sees: auth.SeesNobody, Form: respond.JSON, Handle: h}
	}
	large := asked(http.MethodPost, ProbePath, s.probed)
	large.CSRF, large.Body = auth.CSRFBearer, ProbeBody
	stream := asked(http.MethodGet, ProbeStreamPath, s.probeStream)
	stream.Limit = auth.LimitAPI // as what lies beside it
	return []auth.Route{asked(http.MethodGet, ProbePath, s.probed), large, stream}
}

// peerKey is where locate leaves the other end of the connection for probes.
const peerKey = "minga.peer"

// seen is what arrived of a request.
func (s *server) seen(c *gin.Context) Probed {
	r, peer := c.Request, c.GetString(peerKey)
	addr, err := netip.ParseAddr(peer)
	return Probed{
		Method: r.Method, Host: r.Host, Target: r.RequestURI, From: c.ClientIP(), Peer: peer,
		Proxy: err == nil && trusted(s.proxies(), addr), Header: r.Header,
	}
}

// mayProbe looks whether somebody of this instance made the secret of the address.
func (s *server) mayProbe(c *gin.Context) error {
	c.Header("Cache-Control", "no-store")
	_, err := s.o.Store.Probe(c.Request.Context(), c.Param("secret"))
	return err
}

// probed answers GET and POST /.well-known/minga-probe/SECRET.
func (s *server) probed(c *gin.Context) error {
	if err := s.mayProbe(c); err != nil {
		return err
	}
	saw := s.seen(c)
	if c.Request.Method == http.MethodPost {
		n, err := io.Copy(io.Discard, c.Request.Body)
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return fmt.Errorf("body of a probe: %w", coop.ErrTooLarge)
		}
		if err != nil {
			return fmt.Errorf("body of a probe: %w: %w", &coop.InvalidError{Field: "body", Problem: "it did not arrive whole"}, err)
		}
		saw.Bytes = n
	}
	c.JSON(http.StatusOK, saw)
	return nil
}

// What the stream of a probe says: first, and then whether the first event was heard
// before its end.
const (
	ProbeBegan = "event: probe"
	ProbeHeard = "event: heard"
	ProbeLate  = "event: late"
)

// probePatience is how long the stream of a probe waits to be heard, and probeLook after
// how long it looks again.
const (
	probePatience = 4 * time.Second
	probeLook     = 50 * time.Millisecond
)

// probeStream answers GET /api/v1/streaming/probe/SECRET: one event, and another when
// somebody says that the first was heard. What collects answers before it hands them on
// shows neither in time.
func (s *server) probeStream(c *gin.Context) error {
	if err := s.mayProbe(c); err != nil {
		return err
	}
	respond.Unmeasured(c)
	header := c.Writer.Header()
	header.Set("Content-Type", "text/event-stream; charset=utf-8")
	header.Set("X-Accel-Buffering", "no") // as real streams do
	upgrade := strings.EqualFold(c.GetHeader("Upgrade"), "websocket") && slices.ContainsFunc(c.Request.Header.Values("Connection"), func(v string) bool {
		return strings.Contains(strings.ToLower(v), "upgrade")
	})
	c.Status(http.StatusOK)
	if c.Request.Method == http.MethodHead {
		return nil
	}
	fmt.Fprintf(c.Writer, "%s\ndata: upgrade=%t\n\n", ProbeBegan, upgrade)
	c.Writer.Flush()
	last := ProbeLate
	if s.isHeard(c.Request.Context(), c.Param("secret")) {
		last = ProbeHeard
	}
	fmt.Fprintf(c.Writer, "%s\ndata: end\n\n", last)
	return nil
}

// isHeard waits until the stream of a probe was heard, for a while.
func (s *server) isHeard(ctx context.Context, secret string) bool {
	ctx, cancel := context.WithTimeout(ctx, probePatience)
	defer cancel()
	for ctx.Err() == nil {
		var p storage.Probe
		var err error
		if p, err = s.o.Store.Probe(ctx, secret); err != nil || p.Heard {
			return err == nil && p.Heard
		}
		look, done := context.WithTimeout(ctx, probeLook)
		<-look.Done()
		done()
	}
	return false
}
