// SPDX-License-Identifier: AGPL-3.0-or-later

package auth

import (
	"net/url"
	"regexp"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
)

// OwnPath is a path of this server to go on to, with its query, or / for anything
// that could lead elsewhere in any browser's reading.
func OwnPath(next string) string {
	if len(next) > 8000 || !strings.HasPrefix(next, "/") || strings.ContainsFunc(next, func(r rune) bool { return r <= ' ' || r == 0x7f || r == '\\' }) {
		return "/"
	}
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || u.Opaque != "" || strings.HasPrefix(u.Path, "//") || strings.HasPrefix(u.Path, `/\`) {
		return "/"
	}
	u.Fragment, u.RawFragment = "", ""
	return u.String()
}

// sourceHost is a host as a content security policy can name one (CSP3 §2.3.1).
var sourceHost = regexp.MustCompile(`^[A-Za-z0-9.-]+(:[0-9]{1,5})?$`)

// source names a redirect in a content security policy: its origin, or its scheme
// where it has no origin that a policy could name; empty for none.
func source(redirect string) string {
	u, err := url.Parse(redirect)
	if err != nil || redirect == "" || redirect == coop.OutOfBand {
		return ""
	}
	if (u.Scheme == "http" || u.Scheme == "https") && sourceHost.MatchString(u.Host) {
		return u.Scheme + "://" + u.Host
	}
	return strings.ToLower(u.Scheme) + ":"
}

// LeadTo lets the page that is being answered send its form on to an app: browsers
// apply form-action to the redirect after a form too, and an app that opened this
// page in a window of its own must not lose hold of it.
func LeadTo(c *gin.Context, redirect string) {
	header := c.Writer.Header()
	header.Del("Cross-Origin-Opener-Policy")
	if to := source(redirect); to != "" {
		policy := header.Get("Content-Security-Policy")
		header.Set("Content-Security-Policy", strings.Replace(policy, "form-action 'self'", "form-action 'self' "+to, 1))
	}
}

// Consent is what a person is asked when an app wants in.
type Consent struct {
	App      *coop.App
	Redirect string // where the answer goes
	Scopes   []string
	As       []coop.Held // whom the app may act as: the person first, without roles; then who they speak for
	Action   string      // where the form goes: an own path
	Query    url.Values  // what was asked, so that the page can be had in another language
}
