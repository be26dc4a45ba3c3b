// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/web/auth"
	"minga/web/respond"
)

// observe counts every answer by the pattern of its route.
func (s *server) observe(c *gin.Context) {
	if s.o.Metric == nil {
		return
	}
	begun := s.o.Now()
	c.Next()
	if respond.IsUnmeasured(c) {
		return
	}
	route := c.FullPath()
	if route == "" {
		route = "none"
	}
	s.o.Metric(route, c.Request.Method, c.Writer.Status(), s.o.Now().Sub(begun))
}

// contain is the one place where a panic of a handler stops: the request is
// answered 500 and somebody is told.
func (s *server) contain(c *gin.Context) {
	defer func() {
		if p := recover(); p != nil {
			if p == http.ErrAbortHandler {
				panic(p)
			}
			s.respond.Error(c, formFor(c, respond.Text), fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
		}
	}()
	c.Next()
}

// policy is the content security policy of every answer. JSON
// and feeds need nothing of it, and lose nothing by it.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; connect-src 'self'; font-src 'self'; " +
	"manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"

// policy is that of this instance: where files have a host of their own, or lie in a bucket
// that browsers read themselves, pictures may come from there.
func (s *server) policy() string {
	from := "'self'"
	for _, origin := range []string{s.o.Media.Links().Places().Own, s.o.Media.PublicOrigin()} {
		if origin != "" && !strings.HasSuffix(from, " "+origin) {
			from += " " + origin
		}
	}
	if from == "'self'" {
		return policy
	}
	return strings.NewReplacer("img-src 'self'", "img-src "+from, "media-src 'self'", "media-src "+from).Replace(policy)
}

// headers are those of all answers, errors and redirects included.
func (s *server) headers(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("Content-Security-Policy", s.policy())
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Permissions-Policy", "accelerometer=(), camera=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("X-Frame-Options", "DENY")
	if s.o.Scheme == "https" {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
	c.Next()
}

// name gives every answer a number of its own, under which the log has it.
func (s *server) name(c *gin.Context) { c.Header("X-Request-Id", rand.Text()) }

// private keeps shared caches out of what a token shows: of the API every answer
// depends on who asks (RFC 9111 §4.1), and what was asked with a token is kept
// nowhere.
func (s *server) private(c *gin.Context) {
	if !strings.HasPrefix(c.Request.URL.Path, "/api/") {
		return
	}
	h := c.Writer.Header()
	h.Set("Vary", "Authorization")
	if c.GetHeader("Authorization") != "" {
		h.Set("Cache-Control", "private, no-store")
	}
}

// health answers machines that look after the process.
func (s *server) health() []auth.Route {
	line := func(path string, h respond.Handler) auth.Route {
		return auth.Route{Method: "GET", Path: path, Access: auth.Open, Limit: auth.LimitNone, CSRF: auth.CSRFSafe, Sees: auth.SeesNobody, Form: respond.JSON, Handle: h}
	}
	return []auth.Route{line("/healthz", healthy), line("/health", healthy), line("/readyz", s.ready)}
}

// healthy says that the process is up, and touches nothing.
func healthy(c *gin.Context) error {
	c.JSON(http.StatusOK, gin.H{"status": "up"})
	return nil
}

// ready says what keeps the instance from working, by name.
func (s *server) ready(c *gin.Context) error {
	c.Header("Cache-Control", "no-store")
	missing := map[string]string{}
	if s.o.Ready != nil {
		missing = s.o.Ready(c)
	}
	if len(missing) > 0 {
		c.JSON(http.StatusServiceUnavailable, gin.H{"status": "not ready", "problems": missing})
		return nil
	}
	c.JSON(http.StatusOK, gin.H{"status": "ready"})
	return nil
}
