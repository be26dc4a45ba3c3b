// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"github.com/gin-gonic/gin"

	"minga/web/auth"
	"minga/web/respond"
)

// errorPage says what happened, what is safe, and what to do.
type errorPage struct {
	frame
	What, Hint string
	Status     int
}

// errorWords are the statuses that have words of their own.
var errorWords = map[int]string{
	http.StatusNotFound: "404", http.StatusGone: "410", http.StatusTooManyRequests: "429", http.StatusServiceUnavailable: "503",
	http.StatusInternalServerError: "500", http.StatusForbidden: "403", http.StatusUnauthorized: "403",
}

// Error answers an error with a page in the visitor's language. Nothing on it
// depends on what was asked for: what is hidden and what never was look the same,
// byte for byte. Who must sign in first, or confirm that it is they, is led there.
func (f *Face) Error(c *gin.Context, status int, err error) {
	var first *auth.SignInError
	if errors.As(err, &first) {
		if f.keepForm(c, first.Sent) {
			first.Next = againPath
		}
		c.Redirect(http.StatusSeeOther, "/sign-in?"+url.Values{"next": {first.Next}}.Encode())
		return
	}
	var again *auth.ProveError
	if errors.As(err, &again) {
		c.Redirect(http.StatusSeeOther, confirmPath+"?"+url.Values{"next": {again.Next}}.Encode())
		return
	}
	var second *auth.FactorError
	if errors.As(err, &second) {
		c.Redirect(http.StatusSeeOther, factorsPath+"?"+url.Values{"next": {second.Next}}.Encode())
		return
	}
	words := errorWords[status]
	if errors.Is(err, auth.ErrForm) {
		words = "form"
	}
	if words == "" {
		words = "other"
	}
	page := errorPage{frame: f.frame(c, "", "", nil), Status: status}
	page.Title, page.What, page.Hint = page.T("error_"+words), page.T("error_"+words+"_what"), page.T("error_"+words+"_hint")
	page.NoIndex, page.Canonical, page.Alternates, page.Graph = true, "", nil, nil
	for i, l := range page.Switch {
		page.Switch[i].URL = "?lang=" + l.Tag
	}
	c.Header("Cache-Control", "no-store")
	if f.show(c, status, "error", page) != nil {
		c.String(status, "%s %s\n", strconv.Itoa(status), respond.Words(status, err))
	}
}
