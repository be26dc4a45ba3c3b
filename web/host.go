// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/federation/origin"
	library "minga/storage/media"
	"minga/web/respond"
)

// hostOfMedia is the host that answers for files alone; empty: there is none.
func hostOfMedia(l *library.Library) (string, error) {
	own := l.Links().Places().Own
	if own == "" {
		return "", nil
	}
	host, err := origin.Host(own)
	if err != nil {
		return "", fmt.Errorf("host for media: %w", err)
	}
	return host, nil
}

// errHost is said of a host that is not ours.
type errHost struct{}

func (errHost) Error() string { return "this server does not answer for that host" }

// Status is 421.
func (errHost) Status() int { return http.StatusMisdirectedRequest }

// checkHost refuses requests for other hosts; health checks ask by address and are
// answered under any, and a co-op may let its own domain's evidence be answered here.
func (s *server) checkHost(c *gin.Context) {
	path := c.Request.URL.Path
	if path == "/healthz" || path == "/readyz" {
		return
	}
	host, err := origin.NormalizeHost(withoutDefaultPort(c.Request.Host, s.o.Scheme))
	switch {
	case err == nil && s.mediaHost != "" && host == s.mediaHost:
		s.onMediaHost(c)
	case path == coop.EvidencePath:
	case err != nil || !slices.Contains(s.hosts, host):
		s.respond.Error(c, formFor(c, respond.Text), errHost{})
	case s.mediaHost != "" && isFile(c.FullPath()):
		s.toMediaHost(c)
	}
}

// isFile tells the routes of files, by their patterns.
func isFile(pattern string) bool { return strings.HasPrefix(pattern, coop.MediaPath) }

// onMediaHost lets through, on the host for media, what asks for files and for the rules of
// crawlers. Documents and pages are never there, so that nothing uploaded shares an origin
// with them, and nobody is known: what a browser or a program says of itself is dropped.
func (s *server) onMediaHost(c *gin.Context) {
	pattern := c.FullPath()
	asked := c.Request.Method == http.MethodOptions && isFile(c.Request.URL.Path) // a script asks first
	if !isFile(pattern) && pattern != "/robots.txt" && !asked {
		s.respond.Error(c, formFor(c, respond.Text), fmt.Errorf("on the host for media: %w", coop.ErrNotFound))
		return
	}
	for _, name := range []string{"Cookie", "Authorization"} {
		c.Request.Header.Del(name)
	}
}

// movedLife is how long others may remember that files lie on the host for media: not for
// good, since that host may be taken away again.
const movedLife = "public, max-age=3600"

// toMediaHost leads from the address that files had before, which stands in documents
// that others keep, to the host for media.
func (s *server) toMediaHost(c *gin.Context) {
	target := s.o.Media.Links().Places().Own + c.Request.URL.EscapedPath()
	if c.Request.URL.RawQuery != "" {
		target += "?" + c.Request.URL.RawQuery
	}
	c.Header("Cache-Control", movedLife)
	c.Redirect(http.StatusFound, target)
	c.Abort()
}

// withoutDefaultPort drops the port that the scheme implies.
func withoutDefaultPort(host, scheme string) string {
	if name, port, err := net.SplitHostPort(host); err == nil && (scheme == "https" && port == "443" || scheme == "http" && port == "80") {
		if strings.Contains(name, ":") {
			return "[" + name + "]"
		}
		return name
	}
	return host
}
