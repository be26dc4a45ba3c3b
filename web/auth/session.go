// SPDX-License-Identifier: AGPL-3.0-or-later

package auth

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

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

// SentForm is a form that was sent after its session had ended.
type SentForm struct {
	Path   string     // where it went
	Values url.Values // without its token
}

// Error says what to do.
func (e *SignInError) Error() string { return "sign in first" }

// Unwrap makes it an ErrUnauthorized.
func (e *SignInError) Unwrap() error { return coop.ErrUnauthorized }

// ErrForm is said of a form that did not come from our page for this visitor.
var ErrForm error = &refusal{http.StatusForbidden, "This form was not sent from a page of this server, or it is too old: open the page again", coop.ErrForbidden}

// FormField is the name of the field that every form of a visitor carries.
const FormField = "form_token"

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

// maxSent is the most bytes of a form that is kept over a sign-in.
const maxSent = 48 << 10

// sentForm reads a form that changes something and came without a session. One with
// files, a long one, and one with a secret in it is not kept.
func sentForm(c *gin.Context, route Route) *SentForm {
	kind, _, _ := mime.ParseMediaType(c.GetHeader("Content-Type"))
	length := c.Request.ContentLength
	if safe(c.Request.Method) || kind != "application/x-www-form-urlencoded" || length <= 0 || length > min(route.Body, maxSent) {
		return nil
	}
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, maxSent)
	if c.Request.ParseForm() != nil {
		return nil
	}
	sent := &SentForm{OwnPath(c.Request.URL.EscapedPath()), url.Values{}}
	for name, values := range c.Request.PostForm {
		for _, secret := range []string{"password", "code", "credential", "secret", "token"} {
			if name != FormField && strings.Contains(name, secret) {
				return nil
			}
		}
		if name != FormField {
			sent.Values[name] = values
		}
	}
	return sent
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

// checkForm wants the token that [FormToken] gave to this visitor, in a form of most
// bytes.
func checkForm(c *gin.Context, v *visit, most int64) error {
	if c.Request.ContentLength > most {
		return fmt.Errorf("form of %d bytes: %w", c.Request.ContentLength, coop.ErrTooLarge)
	}
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, most)
	if err := parseForm(c.Request); err != nil {
		return err
	}
	given := c.Request.PostForm.Get(FormField)
	if v.secret == "" || !hmac.Equal([]byte(given), []byte(formToken(v.secret))) {
		return ErrForm
	}
	return nil
}

// CheckPart wants the token of a form that its handler reads part by part
// ([Route].Parts): the handler asks it before it believes or keeps anything of the form.
func CheckPart(c *gin.Context, given string) error {
	v, _ := c.Value(visitKey).(*visit)
	if v == nil || v.secret == "" || !hmac.Equal([]byte(given), []byte(formToken(v.secret))) {
		return ErrForm
	}
	return nil
}

// formMemory is how much of a form with files is held in memory, in bytes.
const formMemory = 1 << 20

// parseForm reads a form of either kind.
func parseForm(r *http.Request) error {
	var err error
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind == "multipart/form-data" {
		err = r.ParseMultipartForm(formMemory)
	} else {
		err = r.ParseForm()
	}
	var long *http.MaxBytesError
	if errors.As(err, &long) {
		return fmt.Errorf("form: %w", err)
	}
	if err != nil {
		return &coop.InvalidError{Field: "form", Problem: "this form cannot be read"}
	}
	return nil
}

// formToken is the token of a secret. The secret cannot be had from it.
func formToken(secret string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("form of minga"))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// FormToken is what every form that changes something carries in the field
// [FormField]: bound to the session, and before sign-in to a cookie that is set
// here. It is empty on routes that take no cookies.
func FormToken(c *gin.Context) string {
	v, _ := c.Value(visitKey).(*visit)
	if v == nil {
		return ""
	}
	if v.secret == "" {
		v.secret, _ = NewSecret()
		v.gate.setCookie(c, formCookie, v.secret, 0)
	}
	return formToken(v.secret)
}

// SessionOf is the session of the visitor; nil: nobody signed in.
func SessionOf(c *gin.Context) *coop.Session {
	v, _ := c.Value(visitKey).(*visit)
	if v == nil {
		return nil
	}
	return v.session
}

// SignIn begins a session of a person in a new row with a new cookie, and ends the
// one that the browser had. Whoever calls it has seen the proof, and says whether it
// was of two factors.
func (g *Gate) SignIn(c *gin.Context, account *coop.Account, strong bool) error {
	ctx := c.Request.Context()
	text, hash := NewSecret()
	session := &coop.Session{Hash: hash, AccountID: account.ID, Browser: coop.BrowserOf(c.GetHeader("User-Agent")), ProvedAt: g.Now(), Strong: strong}
	before := SessionOf(c)
	err := g.Store.Write(ctx, func(tx *storage.Tx) error {
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
