// SPDX-License-Identifier: AGPL-3.0-or-later

package auth

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
)

// The cookies, without what binds them to the host.
const (
	sessionCookie = "minga-session"
	formCookie    = "minga-form"
)

// cookieName binds a cookie to the host where the connection is safe (RFC 6265bis
// §4.1.3.2).
func (g *Gate) cookieName(name string) string {
	if g.Secure {
		return "__Host-" + name
	}
	return name
}

// cookie is what a cookie of ours holds, empty for none and for what cannot be ours.
func (g *Gate) cookie(c *gin.Context, name string) string {
	cookie, err := c.Request.Cookie(g.cookieName(name))
	if err != nil || len(cookie.Value) > longestToken {
		return ""
	}
	return cookie.Value
}

// setCookie sets a cookie for a time; 0: until the browser closes, below: no more.
func (g *Gate) setCookie(c *gin.Context, name, value string, life time.Duration) {
	age := int(life.Seconds())
	if life < 0 {
		age = -1
	}
	http.SetCookie(c.Writer, &http.Cookie{ //nolint:gosec // without Secure only over plain http, in development
		Name: g.cookieName(name), Value: value, Path: "/", MaxAge: age, Secure: g.Secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}
