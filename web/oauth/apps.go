// SPDX-License-Identifier: AGPL-3.0-or-later

package oauth

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
)

// application is an app as clients read it.
type application struct {
	ID           string   `json:"id"`
	Name         string   `json:"name"`
	Website      *string  `json:"website"`
	Scopes       []string `json:"scopes"`
	RedirectURI  string   `json:"redirect_uri"` // newline-joined
	RedirectURIs []string `json:"redirect_uris"`
	VapidKey     string   `json:"vapid_key"`
}

// credentials are an app that has just registered: the secret is told once.
type credentials struct {
	application
	ClientID  string `json:"client_id"`
	Secret    string `json:"client_secret"`
	ExpiresAt int    `json:"client_secret_expires_at"` // 0: never
}

// createApp registers an app: POST /api/v1/apps with client_name, redirect_uris,
// scopes (default read) and website.
func (f *Face) createApp(c *gin.Context) error {
	form, err := fields(c)
	if err != nil {
		return err
	}
	app, err := appOf(form)
	if err != nil {
		return err
	}
	var secret string
	app.ClientID, _ = auth.NewSecret()
	secret, app.Secret = auth.NewSecret()
	ctx := c.Request.Context()
	if err := f.Store.Write(ctx, func(tx *storage.Tx) error { return tx.AddApp(ctx, app) }); err != nil {
		return err
	}
	unkept(c)
	c.JSON(http.StatusOK, credentials{application: f.application(c, app), ClientID: app.ClientID, Secret: secret})
	return nil
}

// appOf reads what an app says of itself. Redirects are a list, or lines of one text.
func appOf(form url.Values) (*coop.App, error) {
	app := &coop.App{Name: form.Get("client_name"), Website: strings.TrimSpace(form.Get("website"))}
	for _, redirect := range strings.Fields(strings.Join(form["redirect_uris"], "\n")) {
		if !slices.Contains(app.Redirects, redirect) {
			app.Redirects = append(app.Redirects, redirect)
		}
	}
	scopes, err := coop.ParseScopes(strings.Join(form["scopes"], " "))
	if err != nil {
		return nil, err
	}
	if app.Scopes = scopes; len(scopes) == 0 {
		app.Scopes = []string{"read"}
	}
	return app, app.Validate()
}

// application is an app in the shape of the API.
func (f *Face) application(c *gin.Context, a *coop.App) application {
	shown := application{
		ID: a.ID.String(), Name: a.Name, Scopes: a.Scopes, RedirectURI: strings.Join(a.Redirects, "\n"), RedirectURIs: a.Redirects,
	}
	if f.PushKey != nil {
		shown.VapidKey = f.PushKey(c.Request.Context())
	}
	if a.Website != "" {
		shown.Website = &a.Website
	}
	return shown
}

// verifyApp says which app a token is of: GET /api/v1/apps/verify_credentials. A token
// that was made on the command line is its own app.
func (f *Face) verifyApp(c *gin.Context) error {
	token := auth.TokenOf(c)
	app := &coop.App{ID: token.ID, Name: token.App, Scopes: token.Scopes, Redirects: []string{}}
	if token.AppID != 0 {
		var err error
		if app, err = f.Store.App(c.Request.Context(), token.AppID); err != nil {
			return err
		}
	}
	c.JSON(http.StatusOK, f.application(c, app))
	return nil
}
