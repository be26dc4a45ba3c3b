// SPDX-License-Identifier: AGPL-3.0-or-later

package oauth

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
)

// grant is a token as clients read it.
type grant struct {
	Token     string `json:"access_token"`
	Type      string `json:"token_type"` // Bearer
	Scope     string `json:"scope"`
	CreatedAt int64  `json:"created_at"` // Unix seconds
}

// token gives a token for a code, or to an app for itself: POST /oauth/token.
func (f *Face) token(c *gin.Context) error {
	form, err := fields(c)
	if err != nil {
		return answer(c, err)
	}
	for _, list := range form {
		if len(list) > 1 {
			return answer(c, errRequest)
		}
	}
	app, secret, err := f.client(c, form)
	if err != nil {
		return answer(c, err)
	}
	text, token, err := f.give(c.Request.Context(), app, secret, form)
	if err != nil {
		return answer(c, err)
	}
	unkept(c)
	c.JSON(http.StatusOK, grant{text, "Bearer", strings.Join(token.Scopes, " "), token.CreatedAt.Unix()})
	return nil
}

// give makes the token that a grant asks for.
func (f *Face) give(ctx context.Context, app *coop.App, secret bool, form url.Values) (string, *coop.Token, error) {
	switch form.Get("grant_type") {
	case "authorization_code":
		return f.redeem(ctx, app, secret, form)
	case "client_credentials":
		if !secret {
			return "", nil, errClient
		}
		return f.ownToken(ctx, app, form.Get("scope"))
	case "":
		return "", nil, errRequest
	}
	return "", nil, errGrantType
}

// client finds the app by its id, and judges its secret where one is shown, in the
// body or as Basic (RFC 6749 §2.3.1). secret tells whether a good one was.
func (f *Face) client(c *gin.Context, form url.Values) (app *coop.App, secret bool, err error) {
	id, text := form.Get("client_id"), form.Get("client_secret")
	if user, pass, ok := c.Request.BasicAuth(); ok {
		if text != "" {
			return nil, false, errRequest
		}
		if user, pass = unescaped(user), unescaped(pass); id != "" && id != user {
			return nil, false, errRequest
		}
		id, text = user, pass
	}
	app, err = f.Store.AppByClient(c.Request.Context(), id)
	if errors.Is(err, coop.ErrNotFound) {
		return nil, false, errClient
	}
	if err != nil || text == "" {
		return app, false, err
	}
	if subtle.ConstantTimeCompare(auth.HashOf(text), app.Secret) != 1 {
		return nil, false, errClient
	}
	return app, true, nil
}

// unescaped reads a part of Basic credentials, which are form-encoded first; many
// clients leave that out, and ours have nothing to encode.
func unescaped(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return plain
	}
	return s
}

// ownToken gives an app a token that acts as nobody.
func (f *Face) ownToken(ctx context.Context, app *coop.App, scope string) (string, *coop.Token, error) {
	scopes, err := scopesOf(app, scope)
	if err != nil {
		return "", nil, err
	}
	text, hash := auth.NewSecret()
	token := &coop.Token{Hash: hash, AppID: app.ID, App: app.Name, Scopes: scopes}
	return text, token, f.Store.Write(ctx, func(tx *storage.Tx) error { return tx.AddToken(ctx, token) })
}

// redeem gives a token for a code, once. A code that comes a second time takes back
// what it gave the first time (RFC 6749 §4.1.2): one of the two who had it was a thief.
func (f *Face) redeem(ctx context.Context, app *coop.App, secret bool, form url.Values) (text string, token *coop.Token, err error) {
	var bad error
	err = f.Store.Write(ctx, func(tx *storage.Tx) error {
		text, token, bad = "", nil, nil
		code, err := tx.CodeByHash(ctx, auth.HashOf(form.Get("code")))
		if errors.Is(err, coop.ErrNotFound) || err == nil && code.AppID != app.ID {
			bad = errGrant
			return nil
		}
		if err != nil {
			return err
		}
		if code.TokenID != 0 {
			bad = errGrant
			if err := tx.RevokeToken(ctx, code.TokenID, f.Now()); !errors.Is(err, coop.ErrNotFound) {
				return err
			}
			return nil
		}
		if bad = f.judge(code, secret, form); bad != nil {
			return nil
		}
		var hash []byte
		text, hash = auth.NewSecret()
		token = &coop.Token{Hash: hash, AccountID: code.AccountID, PersonID: code.PersonID, AppID: app.ID, App: app.Name, Scopes: code.Scopes}
		if err := tx.AddToken(ctx, token); err != nil {
			return err
		}
		return tx.UseCode(ctx, code.ID, token.ID)
	})
	return text, token, errors.Join(err, bad)
}

// judge says what keeps a code from being redeemed now by whoever shows it. An app
// without a secret must have sent a challenge; a verifier without a challenge means
// that somebody took the challenge away (RFC 9700 §4.8.2).
func (f *Face) judge(code *coop.Code, secret bool, form url.Values) error {
	verifier := form.Get("code_verifier")
	switch {
	case !secret && code.Challenge == "":
		return errClient
	case !f.Now().Before(code.EndsAt), form.Get("redirect_uri") != code.Redirect:
		return errGrant
	case code.Challenge == "" && verifier == "":
		return nil
	case code.Challenge == "" || !fits(verifier, code.Challenge):
		return errGrant
	}
	return nil
}

// fits checks a verifier by S256 (RFC 7636 §4.6).
func fits(verifier, challenge string) bool {
	if len(verifier) < 43 || len(verifier) > 128 {
		return false
	}
	sum := sha256.Sum256([]byte(verifier))
	return subtle.ConstantTimeCompare([]byte(base64.RawURLEncoding.EncodeToString(sum[:])), []byte(challenge)) == 1
}
