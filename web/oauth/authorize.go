// SPDX-License-Identifier: AGPL-3.0-or-later

package oauth

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
)

// asked is a request for a code that was found good.
type asked struct {
	app       *coop.App
	redirect  string
	scopes    []string
	state     string
	challenge string
}

// How long a code lives: until a browser has brought it over, or a person has.
const (
	codeLife      = 60 * time.Second
	codeLifeShown = 10 * time.Minute
)

// longestState is how long the state of an app may be, in bytes.
const longestState = 4000

// challenges are those of S256: 32 bytes in base64url (RFC 7636 §4.2).
var challenges = regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`)

// once are the parameters that may be given once (RFC 6749 §3.1).
var once = []string{"client_id", "redirect_uri", "response_type", "scope", "state", "code_challenge", "code_challenge_method"}

// read judges a request for a code. What is wrong is a [problem], told to the person
// and never to the redirect: nobody is sent anywhere by an address alone.
func (f *Face) read(ctx context.Context, query url.Values) (*asked, error) {
	for _, name := range once {
		if len(query[name]) > 1 {
			return nil, errRequest
		}
	}
	app, err := f.Store.AppByClient(ctx, query.Get("client_id"))
	if errors.Is(err, coop.ErrNotFound) {
		return nil, &problem{http.StatusBadRequest, errClient.reason, errClient.words}
	}
	if err != nil {
		return nil, err
	}
	a := &asked{app: app, redirect: query.Get("redirect_uri"), state: query.Get("state"), challenge: query.Get("code_challenge")}
	if a.redirect == "" && !query.Has("redirect_uri") && len(app.Redirects) == 1 {
		a.redirect = app.Redirects[0]
	}
	switch {
	case !slices.Contains(app.Redirects, a.redirect):
		return nil, errRedirect
	case query.Get("response_type") != "code":
		return nil, errResponse
	case len(a.state) > longestState, !proves(a.challenge, query.Get("code_challenge_method")):
		return nil, errRequest
	}
	a.scopes, err = scopesOf(app, query.Get("scope"))
	return a, err
}

// proves tells whether a challenge can be checked later; none need not be.
func proves(challenge, method string) bool {
	if challenge == "" {
		return method == "" || method == "S256"
	}
	return method == "S256" && challenges.MatchString(challenge)
}

// scopesOf are the scopes asked for, none beyond what the app registered. Who names
// none means read, or else all that was registered.
func scopesOf(app *coop.App, text string) ([]string, error) {
	scopes, err := coop.ParseScopes(text)
	if err != nil {
		return nil, errScope
	}
	if len(scopes) == 0 {
		if scopes = []string{"read"}; !coop.ScopesWithin(scopes, app.Scopes) {
			scopes = app.Scopes
		}
	}
	if !coop.ScopesWithin(scopes, app.Scopes) {
		return nil, errScope
	}
	return scopes, nil
}

// authorize asks the person, after sign-in: GET /oauth/authorize. With force_login
// everybody signs in anew.
func (f *Face) authorize(c *gin.Context) error {
	auth.LeadTo(c, "")
	query := c.Request.URL.Query()
	a, err := f.read(c.Request.Context(), query)
	if err != nil {
		return f.refuse(c, err)
	}
	if auth.Account(c) == nil || affirmed(query.Get("force_login")) {
		query.Del("force_login")
		signIn := url.Values{"next": {authorizePath + "?" + query.Encode()}}
		if lang := query.Get("lang"); lang != "" {
			signIn.Set("lang", lang)
		}
		c.Redirect(http.StatusFound, "/sign-in?"+signIn.Encode())
		return nil
	}
	auth.LeadTo(c, a.redirect)
	as, err := auth.Speakers(c)
	if err != nil {
		return err
	}
	return f.Pages.Consent(c, auth.Consent{
		App: a.app, Redirect: a.redirect, Scopes: a.scopes, As: as, Action: authorizePath + "?" + query.Encode(), Query: query,
	})
}

// affirmed tells what clients write for yes.
func affirmed(s string) bool { return s == "true" || s == "1" || s == "on" }

// whom the app shall act as by the form: the person, or an account in which they hold
// a role. From here on the request acts as that account. Anything else is refused
// alike, whether there is such an account or not.
func whom(c *gin.Context) (*coop.Account, error) {
	me, as := auth.Account(c), c.PostForm("as")
	if as == "" || as == me.ID.String() {
		return me, nil
	}
	id, err := coop.ParseID(as)
	if err != nil {
		return nil, coop.ErrForbidden
	}
	return auth.ActAs(c, id, coop.ActRead)
}

// refuse tells the person what is wrong with what the app asked.
func (f *Face) refuse(c *gin.Context, err error) error {
	var p *problem
	if !errors.As(err, &p) {
		return err
	}
	c.Header("Cache-Control", "no-store")
	return f.Pages.Refused(c, p.status, p.reason)
}

// decide takes the person's answer: POST /oauth/authorize, with the query of the page.
func (f *Face) decide(c *gin.Context) error {
	a, err := f.read(c.Request.Context(), c.Request.URL.Query())
	if err != nil {
		return f.refuse(c, err)
	}
	auth.LeadTo(c, a.redirect)
	switch c.PostForm("decision") {
	case "allow":
		return f.allow(c, a)
	case "deny":
		if a.redirect == coop.OutOfBand {
			return f.Pages.Refused(c, http.StatusForbidden, "access_denied")
		}
		sendOn(c, a, url.Values{"error": {"access_denied"}, "error_description": {"The resource owner or authorization server denied the request."}})
		return nil
	}
	return &coop.InvalidError{Field: "decision", Problem: "allow or deny"}
}

// allow makes a code and sends it on, or shows it.
func (f *Face) allow(c *gin.Context, a *asked) error {
	as, err := whom(c)
	if err != nil {
		return err
	}
	life := codeLife
	if a.redirect == coop.OutOfBand {
		life = codeLifeShown
	}
	person := auth.Account(c)
	text, hash := auth.NewSecret()
	code := &coop.Code{
		Hash: hash, AppID: a.app.ID, AccountID: as.ID, PersonID: person.ID, Redirect: a.redirect, Scopes: a.scopes, Challenge: a.challenge, EndsAt: f.Now().Add(life),
	}
	ctx := c.Request.Context()
	if err := f.Store.Write(ctx, func(tx *storage.Tx) error {
		if err := auth.Stays(c)(ctx, tx); err != nil {
			return err
		}
		if err := tx.AddCode(ctx, code); err != nil {
			return err
		}
		return tx.AddAudit(ctx, &coop.AuditEntry{Who: person.Name, OnBehalf: behalf(code), Act: "app.allow", Target: a.app.Name, Why: strings.Join(a.scopes, " ")})
	}); err != nil {
		return err
	}
	if a.redirect == coop.OutOfBand {
		return f.Pages.Code(c, a.app, text)
	}
	sendOn(c, a, url.Values{"code": {text}})
	return nil
}

// behalf is in whose name the person acts; zero: their own.
func behalf(code *coop.Code) coop.ID {
	if code.AccountID == code.PersonID {
		return 0
	}
	return code.AccountID
}

// sendOn sends the browser back to the app. The redirect stays as it was registered,
// byte for byte; what is answered stands behind it.
func sendOn(c *gin.Context, a *asked, answer url.Values) {
	if a.state != "" {
		answer.Set("state", a.state)
	}
	to := a.redirect
	switch {
	case !strings.Contains(to, "?"):
		to += "?"
	case !strings.HasSuffix(to, "?") && !strings.HasSuffix(to, "&"):
		to += "&"
	}
	c.Header("Location", to+answer.Encode())
	c.Header("Cache-Control", "no-store")
	c.Status(http.StatusFound)
	c.Writer.WriteHeaderNow()
}

// LeadsTo is where the consent page at an own path would send the browser on,
// for the sign-in page before it; empty where that is no such page.
func (f *Face) LeadsTo(ctx context.Context, next string) string {
	u, err := url.Parse(next)
	if err != nil || strings.TrimSuffix(u.Path, "/") != authorizePath {
		return ""
	}
	a, err := f.read(ctx, u.Query())
	if err != nil {
		return ""
	}
	return a.redirect
}
