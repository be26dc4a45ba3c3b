// SPDX-License-Identifier: AGPL-3.0-or-later

package oauth

import (
	"context"
	"time"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
	"minga/web/respond"
)

// pages draws what people see.
type pages interface {
	// Consent asks a person whether an app may.
	Consent(c *gin.Context, ask auth.Consent) error
	// Code shows a code to carry over to an app that cannot be sent to.
	Code(c *gin.Context, app *coop.App, code string) error
	// Refused says why a browser is not sent on; reason is a word of RFC 6749 §4.1.2.1.
	Refused(c *gin.Context, status int, reason string) error
}

// Options are what the face is made of; all but PushKey are required.
type Options struct {
	Store  *storage.Store
	Pages  pages
	Now    func() time.Time
	Scheme string
	Host   string
	// PushKey is the public key for Web Push (RFC 8292), empty where there is none; nil: so it is.
	PushKey func(ctx context.Context) string
	Media   coop.MediaPlaces // where files of ours are read
}

// Face answers apps.
type Face struct{ Options }

// New makes the face.
func New(o Options) *Face { return &Face{o} }

// What requests may carry at most, in bytes.
const appBody, formBody = 128 << 10, 32 << 10

// authorizePath is where apps send people.
const authorizePath = "/oauth/authorize"

// Routes is the table of this face.
func (f *Face) Routes() []auth.Route {
	post := func(path string, limit auth.Limit, body int64, h respond.Handler) auth.Route {
		return auth.Route{Method: "POST", Path: path, Access: auth.Open, Limit: limit, CSRF: auth.CSRFBearer, Sees: auth.SeesNobody, Body: body, Form: respond.JSON, Handle: h}
	}
	return []auth.Route{
		post("/api/v1/apps", auth.LimitApps, appBody, f.createApp),
		{Method: "GET", Path: "/api/v1/apps/verify_credentials", Access: auth.App, Limit: auth.LimitAPI, CSRF: auth.CSRFSafe, Sees: auth.SeesOwn, Form: respond.JSON, Handle: f.verifyApp},
		{Method: "GET", Path: authorizePath, Access: auth.Visitor, Limit: auth.LimitReads, CSRF: auth.CSRFSafe, Sees: auth.SeesNobody, Form: respond.HTML, Handle: f.authorize},
		{Method: "POST", Path: authorizePath, Access: auth.Session, Limit: auth.LimitReads, CSRF: auth.CSRFForm, Sees: auth.SeesNobody, Body: formBody, Form: respond.HTML, Handle: f.decide},
		post("/oauth/token", auth.LimitAPI, formBody, f.token),
		post("/oauth/revoke", auth.LimitAPI, formBody, f.revoke),
		{Method: "GET", Path: userInfoPath, Access: auth.Token, Scope: "profile read:accounts", Limit: auth.LimitAPI, CSRF: auth.CSRFSafe, Sees: auth.SeesOwn, Form: respond.JSON, Handle: f.whoIs},
		{Method: "POST", Path: userInfoPath, Access: auth.Token, Act: coop.ActRead, Scope: "profile read:accounts", Limit: auth.LimitAPI, CSRF: auth.CSRFBearer, Sees: auth.SeesOwn, Body: formBody, Form: respond.JSON, Handle: f.whoIs},
		{Method: "GET", Path: "/.well-known/oauth-authorization-server", Access: auth.Open, Limit: auth.LimitReads, CSRF: auth.CSRFSafe, Sees: auth.SeesNobody, Form: respond.JSON, Handle: f.metadata},
	}
}

// root is the issuer: the address of this instance.
func (f *Face) root() string { return f.Scheme + "://" + f.Host }
