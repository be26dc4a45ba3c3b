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
	return g.Renew(c, func(_ *storage.Tx, s *coop.Session) error {
		s.ProvedAt, s.Strong = g.Now(), s.Strong || strong
		return nil
	})
}

// Renew lets the session of this visitor go on, as do changes it, under a new cookie,
// in one transaction with all that do does. The cookie before opens nothing any more.
// Who is signed in no longer gets a [SignInError].
func (g *Gate) Renew(c *gin.Context, do func(tx *storage.Tx, s *coop.Session) error) error {
	before := SessionOf(c)
	if before == nil {
		return &SignInError{Next: g.comeBack(c)}
	}
	ctx := c.Request.Context()
	text, hash := NewSecret()
	var session coop.Session
	var over bool
	err := g.Store.Write(ctx, func(tx *storage.Tx) error {
		session = *before // a transaction may run twice
		if err := do(tx, &session); err != nil {
			return err
		}
		err := tx.RenewSession(ctx, &session, hash)
		over = errors.Is(err, coop.ErrNotFound)
		return err
	})
	if over {
		return &SignInError{Next: g.comeBack(c)} // it ended while this was asked
	}
	if err != nil {
		return err
	}
	g.setCookie(c, sessionCookie, text, coop.SessionIdle)
	c.Set(visitKey, &visit{g, &session, text})
	return nil
}

// FactorError is said where somebody of the staff must first set up a second factor, or
// show it (403); pages lead there.
type FactorError struct {
	Next string // an own path to come back to
}

// Error says what to do.
func (e *FactorError) Error() string { return "set up a second factor first" }

// Unwrap makes it an ErrForbidden.
func (e *FactorError) Unwrap() error { return coop.ErrForbidden }

// strong is nil when a session may go on: the staff of an instance does nothing before
// two factors proved who they are, but what leads there.
func (g *Gate) strong(c *gin.Context, route Route, s *coop.Session, a *coop.Account) error {
	if !g.StaffFactors || route.Early || s.Strong || !a.Rank.Staff() {
		return nil
	}
	return &FactorError{Next: g.comeBack(c)}
}
