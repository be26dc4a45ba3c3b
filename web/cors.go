// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
)

// openToScripts tells the paths that scripts of other sites may read (Fetch §3.2):
// the API, what apps need to get and end a token, what servers say of themselves,
// media, and the pictures that stand in for those that an account has not. Pages never: there a cookie counts, and with it a person's rights. The
// page where a person allows an app is one of those.
func openToScripts(path string) bool {
	switch path {
	case "/oauth/token", "/oauth/revoke", "/oauth/userinfo":
		return true
	}
	return strings.HasPrefix(path, "/media/") || strings.HasPrefix(path, "/assets/") && strings.HasSuffix(path, ".svg") || forPrograms(path) && !strings.HasPrefix(path, "/oauth")
}

// cors lets scripts of other sites read what is made for programs, errors included.
// Credentials are never allowed: a cookie counts for nothing there.
func (s *server) cors(c *gin.Context) {
	if !openToScripts(c.Request.URL.Path) {
		return
	}
	h := c.Writer.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Expose-Headers", "Link, X-RateLimit-Reset, X-RateLimit-Limit, X-RateLimit-Remaining, X-Request-Id, X-Total-Count, Retry-After")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
}

// preflight answers the question that a browser asks before a script's request,
// without a token and for every path, so that the script can read the true answer.
func (s *server) preflight(c *gin.Context) {
	if c.Request.Method != http.MethodOptions || !openToScripts(c.Request.URL.Path) {
		return
	}
	h := c.Writer.Header()
	h.Set("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE")
	h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, Idempotency-Key")
	h.Set("Access-Control-Max-Age", "86400")
	c.AbortWithStatus(http.StatusNoContent)
}
