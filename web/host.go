// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"net"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/federation/origin"
	"minga/web/respond"
)

// errHost is said of a host that is not ours.
type errHost struct{}

func (errHost) Error() string { return "this server does not answer for that host" }

// Status is 421.
func (errHost) Status() int { return http.StatusMisdirectedRequest }

// checkHost refuses requests for other hosts; health checks ask by address and are
// answered under any, and a co-op may let its own domain's evidence be answered here.
func (s *server) checkHost(c *gin.Context) {
	if path := c.Request.URL.Path; path == "/healthz" || path == "/readyz" || path == coop.EvidencePath {
		return
	}
	host, err := origin.NormalizeHost(withoutDefaultPort(c.Request.Host, s.o.Scheme))
	if err != nil || !slices.Contains(s.hosts, host) {
		s.respond.Error(c, formFor(c, respond.Text), errHost{})
	}
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
