// SPDX-License-Identifier: AGPL-3.0-or-later

package auth

import (
	"errors"
	"fmt"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
)

// ProveError is said where somebody who is signed in must first prove again who they
// are (403); pages lead there.
type ProveError struct {
	Next string // an own path to come back to
}

// Error says what to do.
func (e *ProveError) Error() string { return "confirm first that it is you" }

// Unwrap makes it an ErrForbidden.
func (e *ProveError) Unwrap() error { return coop.ErrForbidden }

// Fresh is nil when the person behind this session proved within [coop.ProofLife] who
// they are: by a password, a passkey or a code. Else it is a [ProveError], which
// leads a browser to the page where they do and from there back to the page that was
// asked for, or whose form it was; without a session it is a [SignInError]. It is
// asked when such a page is shown and again when its form arrives, so that hardly
// anybody loses what they typed.
func Fresh(c *gin.Context) error {
	v, _ := c.Value(visitKey).(*visit)
	switch {
	case v == nil:
		return fmt.Errorf("no session is looked at here: %w", coop.ErrForbidden)
	case v.session == nil:
		return &SignInError{Next: v.gate.comeBack(c)}
	case !v.session.Fresh(v.gate.Now()):
		return &ProveError{Next: v.gate.comeBack(c)}
	}
	return nil
}

// Prove notes that the person of this session proved just now who they are. What a
// session may do rises by that, so it goes on under a new cookie (security.md §4.8);
// a session once proven by two factors stays so.
func (g *Gate) Prove(c *gin.Context, strong bool) error {
	return g.Renew(c, func(s *coop.Session) { s.ProvedAt, s.Strong = g.Now(), s.Strong || strong }, nil)
}

// Renew lets the session of this visitor go on, changed, under a new cookie, in one
// transaction with what is done (which may be nil). The one before opens nothing any
// more. Who signed in nowhere gets a [SignInError].
func (g *Gate) Renew(c *gin.Context, change func(s *coop.Session), do func(tx *storage.Tx) error) error {
	before := SessionOf(c)
	if before == nil {
		return &SignInError{Next: "/"}
	}
	ctx := c.Request.Context()
	text, hash := NewSecret()
	var session coop.Session
	err := g.Store.Write(ctx, func(tx *storage.Tx) error {
		session = *before // a transaction may run twice
		change(&session)
		if err := tx.RenewSession(ctx, &session, hash); err != nil {
			return err
		}
		if do == nil {
			return nil
		}
		return do(tx)
	})
	if errors.Is(err, coop.ErrNotFound) && do == nil {
		return &SignInError{Next: "/"} // it ended while this was asked
	}
	if err != nil {
		return err
	}
	g.setCookie(c, sessionCookie, text, coop.SessionIdle)
	c.Set(visitKey, &visit{g, &session, text})
	return nil
}
