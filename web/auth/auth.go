// SPDX-License-Identifier: AGPL-3.0-or-later

package auth

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
)

// store is the little of the store that this package asks.
type store interface {
	TokenByHash(ctx context.Context, hash []byte) (*coop.Token, error)
	SessionByHash(ctx context.Context, hash []byte) (*coop.Session, error)
	SignUpByToken(ctx context.Context, token coop.ID) (*coop.SignUp, error)
	Account(ctx context.Context, id coop.ID) (*coop.Account, error)
	RolesIn(ctx context.Context, account, person coop.ID) ([]coop.Role, error)
	RolesOf(ctx context.Context, person coop.ID) ([]coop.RoleHeld, error)
	Write(ctx context.Context, fn func(tx *storage.Tx) error) error
}

// Options are what the gate is made of; all but the switches are required.
type Options struct {
	Store  store
	Now    func() time.Time
	Log    *slog.Logger
	Secure bool // the instance is under https
	// StaffFactors demands two factors of owners, admins and moderators.
	StaffFactors bool
}

// Gate turns tokens and cookies into accounts.
type Gate struct {
	Options
	origins *http.CrossOriginProtection
}

// NewGate makes a gate.
func NewGate(o Options) *Gate { return &Gate{Options: o, origins: http.NewCrossOriginProtection()} }

// names under which the request remembers who asks.
const (
	accountKey = "minga.account"
	tokenKey   = "minga.token"
	viewerKey  = "minga.viewer"
	visitKey   = "minga.visit"
	gateKey    = "minga.gate"
)

// Identify asks what the route's class demands and remembers who it is: a bearer
// token (RFC 6750 §2.1), or the cookie of a session and, of what changes things, the
// token of its form, and of the staff a second factor; of a public page a session may
// say who it is and opens nothing. It returns ErrUnauthorized for a token that is missing where
// one is needed or that is not good, [SignInError] for a session likewise, and
// ErrForbidden for what lacks the route's scope and for forms of other sites.
func (g *Gate) Identify(c *gin.Context, route Route) error {
	c.Set(gateKey, g)
	switch route.Access {
	case Optional, Token, App:
		return g.byToken(c, route)
	case Visitor, Session:
		return g.byCookie(c, route)
	case Public:
		return g.recognise(c)
	}
	return nil
}

// Account is who acts; nil for anybody, and for an app that acts for nobody.
func Account(c *gin.Context) *coop.Account {
	account, _ := c.Value(accountKey).(*coop.Account)
	return account
}

// Person is the id of the person behind the act, for the audit log: of a token that
// acts for a co-op who let the app in. Zero: nobody, or the command line.
func Person(c *gin.Context) coop.ID {
	if token := TokenOf(c); token != nil && token.PersonID != 0 {
		return token.PersonID
	}
	if account := Account(c); account != nil && account.Kind == coop.Person {
		return account.ID
	}
	return 0
}

// TokenOf is the token that was shown; nil for none. Its App, Website and AppID say
// which app it is of.
func TokenOf(c *gin.Context) *coop.Token {
	token, _ := c.Value(tokenKey).(*coop.Token)
	return token
}

// Viewer is the viewer that reads for this request: anybody, until a gate knew better.
func Viewer(c *gin.Context) coop.Viewer {
	viewer, _ := c.Value(viewerKey).(coop.Viewer)
	return viewer
}

// SetViewer remembers the viewer that another gate verified, such as the
// signature of a fetch.
func SetViewer(c *gin.Context, viewer coop.Viewer) { c.Set(viewerKey, viewer) }

// know remembers who acts, and who reads.
func know(c *gin.Context, account *coop.Account, viewer coop.Viewer) {
	c.Set(accountKey, account)
	c.Set(viewerKey, viewer)
}
