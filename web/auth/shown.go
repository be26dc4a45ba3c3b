// SPDX-License-Identifier: AGPL-3.0-or-later

package auth

import (
	"fmt"

	"github.com/gin-gonic/gin"

	"minga/coop"
)

// Shown is a name for the credential that a request shows, good or not: its token or the
// cookie of its session, never their text. Empty: it shows none.
func (g *Gate) Shown(c *gin.Context) string {
	text, kind := g.shown(c)
	if text == "" || len(text) > longestToken {
		return ""
	}
	return kind + string(HashOf(text))
}

// shown is the text, and which of both it is: a token in a cookie is not a session.
func (g *Gate) shown(c *gin.Context) (text, kind string) {
	if text, given := bearer(c.GetHeader("Authorization")); given {
		return text, "token"
	}
	return g.cookie(c, sessionCookie), "session"
}

// Owner looks up whose a credential is. It gives nobody any right: [Gate.Identify] does, and
// asks for all of it. It returns ErrUnauthorized or ErrNotFound for a credential that is not
// good, and zero for one of an app that acts for nobody.
func (g *Gate) Owner(c *gin.Context) (coop.ID, error) {
	ctx := c.Request.Context()
	text, kind := g.shown(c)
	if kind == "session" {
		session, _, err := g.session(ctx, text)
		if err != nil {
			return 0, fmt.Errorf("owner of a session: %w", err)
		}
		return session.AccountID, nil
	}
	_, account, err := g.Find(ctx, text)
	if err != nil || account == nil {
		return 0, err
	}
	return account.ID, nil
}
