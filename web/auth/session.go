// SPDX-License-Identifier: AGPL-3.0-or-later

package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
)

// visit is what a request with cookies knows.
type visit struct {
	gate    *Gate
	session *coop.Session // nil: nobody is signed in
	secret  string        // of the session's cookie, or of the cookie for forms before it
}

// SignInError is said where somebody must sign in first (401); pages lead there.
type SignInError struct {
	Next string // an own path to come back to
	// Sent is a form that came without a session, so that nothing that was typed is lost;
	// nil: there was none, or one that may not be kept. It was judged by nobody.
	Sent *SentForm
}

// Error says what to do.
func (e *SignInError) Error() string { return "sign in first" }

// Unwrap makes it an ErrUnauthorized.
func (e *SignInError) Unwrap() error { return coop.ErrUnauthorized }

// byCookie knows a visitor by the session's cookie and judges the forms that change
// something: none of another site, none without this visitor's token.
func (g *Gate) byCookie(c *gin.Context, route Route) error {
	c.Header("Cache-Control", "private, no-store")
	changes := route.CSRF == CSRFForm && !safe(c.Request.Method)
	if changes && g.origins.Check(c.Request) != nil {
		return ErrForm
	}
	v := &visit{gate: g}
	c.Set(visitKey, v)
	if err := g.recall(c, v); err != nil {
		return err
	}
	if v.session == nil && route.Access == Session {
		return &SignInError{Next: g.comeBack(c), Sent: sentForm(c, route)}
	}
	if route.Rank != "" && !Account(c).Rank.AtLeast(route.Rank) {
		return fmt.Errorf("page of the staff: %w", coop.ErrNotFound)
	}
	if v.session != nil {
		if err := g.strong(c, route, v.session, Account(c)); err != nil {
			return err
		}
	}
	if changes && !route.Parts {
		return checkForm(c, v, route.Body)
	}
	return nil
}

// recognise knows who is signed in on a page that is the same for all, so that what
// stands around it can say so. Who reads stays anybody: nothing more of what the page is
// about is shown. Without a session no cookie is set and the answer may be kept by caches.
func (g *Gate) recognise(c *gin.Context) error {
	text := g.cookie(c, sessionCookie)
	if text == "" {
		return nil
	}
	session, account, err := g.session(c.Request.Context(), text)
	if errors.Is(err, coop.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "private, no-store")
	c.Set(visitKey, &visit{gate: g, session: session, secret: text})
	know(c, account, coop.Anonymous())
	g.visited(c, session, text)
	return nil
}

// safe are the methods that change nothing (RFC 9110 §9.2.1).
func safe(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}

// recall finds the session of a request, or else the cookie for forms.
func (g *Gate) recall(c *gin.Context, v *visit) error {
	ctx := c.Request.Context()
	text := g.cookie(c, sessionCookie)
	if text != "" {
		session, account, err := g.session(ctx, text)
		if err != nil && !errors.Is(err, coop.ErrNotFound) {
			return err
		}
		if err == nil {
			v.session, v.secret = session, text
			know(c, account, coop.As(account.ID))
			g.visited(c, session, text)
			return nil
		}
	}
	v.secret = g.cookie(c, formCookie)
	return nil
}

// session finds a session and its person.
func (g *Gate) session(ctx context.Context, text string) (*coop.Session, *coop.Account, error) {
	session, err := g.Store.SessionByHash(ctx, HashOf(text))
	if err != nil {
		return nil, nil, err
	}
	account, err := g.Store.Account(ctx, session.AccountID)
	if err == nil && account.Gone() {
		err = coop.ErrNotFound
	}
	return session, account, err
}

// visited notes a visit, seldom, and lets the cookie live longer.
func (g *Gate) visited(c *gin.Context, session *coop.Session, text string) {
	ctx, now := c.Request.Context(), g.Now()
	if !storage.SessionStale(session, now) {
		return
	}
	if err := g.Store.Write(ctx, func(tx *storage.Tx) error {
		if err := tx.TouchSession(ctx, session.ID, now); err != nil {
			return err
		}
		return tx.WasHere(ctx, session.AccountID, now)
	}); err != nil {
		g.Log.WarnContext(ctx, "visit not noted", "session", session.ID, "err", err)
		return
	}
	g.setCookie(c, sessionCookie, text, coop.SessionIdle)
}

// SessionOf is the session of the visitor; nil: nobody signed in.
func SessionOf(c *gin.Context) *coop.Session {
	v, _ := c.Value(visitKey).(*visit)
	if v == nil {
		return nil
	}
	return v.session
}

// Still is asked in the transaction that lets somebody in whether the proof that was seen
// before still stands, and keeps it until the end: a password that was changed while it was
// looked at lets nobody in. Its error is what the caller gets.
type Still func(ctx context.Context, tx *storage.Tx) error

// atTheDoor asks whether the proof of somebody who comes in still stands; nil: it cannot be
// taken back.
func atTheDoor(ctx context.Context, tx *storage.Tx, account coop.ID, still Still) error {
	if still == nil {
		return nil
	}
	if err := tx.AtTheDoor(ctx, account); err != nil {
		return err
	}
	return still(ctx, tx)
}

// Stays is the [Still] of what somebody does in the session of this visitor: a session that
// ended meanwhile gives a [SignInError].
func Stays(c *gin.Context) Still {
	return func(ctx context.Context, tx *storage.Tx) error {
		v, _ := c.Value(visitKey).(*visit)
		if v == nil || v.session == nil {
			return fmt.Errorf("nobody is signed in: %w", coop.ErrUnauthorized)
		}
		err := tx.HoldSession(ctx, v.session)
		if errors.Is(err, coop.ErrUnauthorized) {
			return &SignInError{Next: v.gate.comeBack(c)}
		}
		return err
	}
}

// SignIn begins a session of a person in a new row with a new cookie, and ends the
// one that the browser had. Whoever calls it has seen the proof, and says whether it
// was of two factors, and how to tell that it still stands; nil: it cannot be taken back.
func (g *Gate) SignIn(c *gin.Context, account *coop.Account, strong bool, still Still) error {
	ctx := c.Request.Context()
	text, hash := NewSecret()
	session := &coop.Session{Hash: hash, AccountID: account.ID, Browser: coop.BrowserOf(c.GetHeader("User-Agent")), ProvedAt: g.Now(), Strong: strong}
	before := SessionOf(c)
	err := g.Store.Write(ctx, func(tx *storage.Tx) error {
		if err := atTheDoor(ctx, tx, account.ID, still); err != nil {
			return err
		}
		if before != nil {
			if err := tx.EndSession(ctx, before.AccountID, before.ID); err != nil && !errors.Is(err, coop.ErrNotFound) {
				return err
			}
		}
		return tx.AddSession(ctx, session)
	})
	if err != nil {
		return fmt.Errorf("sign in: %w", err)
	}
	g.setCookie(c, sessionCookie, text, coop.SessionIdle)
	g.setCookie(c, formCookie, "", -1)
	c.Set(visitKey, &visit{g, session, text})
	know(c, account, coop.As(account.ID))
	return nil
}

// SignOut ends the session of the visitor, if there is one, and takes its cookie.
func (g *Gate) SignOut(c *gin.Context) error {
	ctx := c.Request.Context()
	session := SessionOf(c)
	g.setCookie(c, sessionCookie, "", -1)
	if session == nil {
		return nil
	}
	err := g.Store.Write(ctx, func(tx *storage.Tx) error { return tx.EndSession(ctx, session.AccountID, session.ID) })
	if err != nil && !errors.Is(err, coop.ErrNotFound) {
		return fmt.Errorf("sign out: %w", err)
	}
	return nil
}

// comeBack is where somebody goes on after signing in: the page that was asked for,
// or the one whose form it was.
func (g *Gate) comeBack(c *gin.Context) string {
	if safe(c.Request.Method) {
		return OwnPath(c.Request.URL.RequestURI())
	}
	referer := c.GetHeader("Referer")
	if _, rest, ok := strings.Cut(referer, "://"+c.Request.Host+"/"); ok {
		return OwnPath("/" + rest)
	}
	return "/"
}
