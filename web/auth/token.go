// SPDX-License-Identifier: AGPL-3.0-or-later

package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
)

// longestToken is more than any token of ours has, in bytes.
const longestToken = 512

// secretBytes is the randomness of tokens, codes and sessions.
const secretBytes = 32

// NewSecret makes a text that nobody can guess, and the hash to keep it by.
func NewSecret() (text string, hash []byte) {
	secret := make([]byte, secretBytes)
	_, _ = rand.Read(secret) // never fails (crypto/rand)
	text = base64.RawURLEncoding.EncodeToString(secret)
	return text, HashOf(text)
}

// HashOf is what a token, code or session is kept and looked up by.
func HashOf(text string) []byte {
	hash := sha256.Sum256([]byte(text))
	return hash[:]
}

// refusal is an error whose words people read, of a kind.
type refusal struct {
	status int
	words  string
	kind   error
}

// Error says what was refused.
func (r *refusal) Error() string { return r.words }

// Status is the answer's.
func (r *refusal) Status() int { return r.status }

// Unwrap names the kind.
func (r *refusal) Unwrap() error { return r.kind }

// What is said to tokens that are good, and not good enough.
var (
	errScope  = &refusal{http.StatusForbidden, "This action is outside the authorized scopes", coop.ErrForbidden}
	errNobody = &refusal{http.StatusForbidden, "This method requires an authenticated user", coop.ErrForbidden}
	// Clients know these two by their words, and show what to do.
	errUnconfirmed = &knownRefusal{refusal{http.StatusForbidden, "Your login is missing a confirmed e-mail address", coop.ErrForbidden}}
	errUnapproved  = &knownRefusal{refusal{http.StatusForbidden, "Your login is currently pending approval", coop.ErrForbidden}}
)

// knownRefusal is a refusal whose words are the same in every language.
type knownRefusal struct{ refusal }

// Verbatim are its words.
func (r *knownRefusal) Verbatim() string { return r.words }

// nobody says why a token that acts for nobody is not enough: it is an app's alone, or
// of somebody who signed up and has no account yet, and so no rights.
func (g *Gate) nobody(ctx context.Context, token *coop.Token) error {
	wish, err := g.Store.SignUpByToken(ctx, token.ID)
	switch {
	case errors.Is(err, coop.ErrNotFound):
		return errNobody
	case err != nil:
		return fmt.Errorf("sign-up of a token: %w", err)
	case wish.ConfirmedAt.IsZero():
		return errUnconfirmed
	}
	return errUnapproved
}

// byToken reads the bearer token of a request.
func (g *Gate) byToken(c *gin.Context, route Route) error {
	if !route.Stream && c.Request.URL.RawQuery != "" && c.Query("access_token") != "" {
		c.Header("WWW-Authenticate", "Bearer")
		return fmt.Errorf("a token in the address: %w", coop.ErrUnauthorized)
	}
	text, given := bearer(c.GetHeader("Authorization"))
	if !given && route.Stream {
		text, given = streamToken(c.Request)
	}
	if !given {
		if route.Access == Optional {
			return nil
		}
		c.Header("WWW-Authenticate", "Bearer")
		return fmt.Errorf("no bearer token: %w", coop.ErrUnauthorized)
	}
	token, account, err := g.Find(c.Request.Context(), text)
	if errors.Is(err, coop.ErrUnauthorized) {
		c.Header("WWW-Authenticate", `Bearer error="invalid_token"`)
	}
	if err != nil {
		return err
	}
	return g.admit(c, route, token, account)
}

// admit judges a good token by what the route demands.
func (g *Gate) admit(c *gin.Context, route Route, token *coop.Token, account *coop.Account) error {
	if account == nil && route.Access == Token {
		return g.nobody(c.Request.Context(), token)
	}
	if route.Scope != "" && !Allows(token.Scopes, route.Scope) {
		c.Header("WWW-Authenticate", `Bearer error="insufficient_scope"`)
		return errScope
	}
	c.Set(tokenKey, token)
	if account != nil {
		know(c, account, token.Viewer())
	}
	g.touch(c.Request.Context(), token)
	return nil
}

// touch notes the use of a token, seldom. That it could not be noted hurts nobody
// who asks.
func (g *Gate) touch(ctx context.Context, token *coop.Token) {
	now := g.Now()
	if !storage.TokenStale(token, now) {
		return
	}
	if err := g.Store.Write(ctx, func(tx *storage.Tx) error {
		if err := tx.TouchToken(ctx, token.ID, now); err != nil || token.AccountID == 0 {
			return err
		}
		return tx.WasHere(ctx, token.AccountID, now)
	}); err != nil {
		g.Log.WarnContext(ctx, "use of a token not noted", "token", token.ID, "err", err)
	}
}

// bearer is the token of an Authorization header.
func bearer(header string) (string, bool) {
	scheme, token, ok := strings.Cut(header, " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return "", false
	}
	return strings.TrimSpace(token), true
}

// streamToken is the token with which a browser opens a stream, where it can set no
// header: the name of the sub-protocol, or access_token in the address.
func streamToken(r *http.Request) (string, bool) {
	if protocols := StreamProtocols(r); len(protocols) > 0 {
		return protocols[0], true
	}
	text := r.URL.Query().Get("access_token")
	return text, text != ""
}

// StreamProtocols are the sub-protocols that the opening of a WebSocket offers (RFC 6455
// §4.1): of clients of the API the first is their token, and the answer must name it.
func StreamProtocols(r *http.Request) (protocols []string) {
	for _, value := range r.Header.Values("Sec-WebSocket-Protocol") {
		for part := range strings.SplitSeq(value, ",") {
			if part = strings.TrimSpace(part); part != "" && len(protocols) == 0 {
				protocols = append(protocols, part)
			}
		}
	}
	return protocols
}

// TokenText is the text of the token that was shown, for what keeps it sealed; empty
// where none was, or it was not good.
func TokenText(c *gin.Context) string {
	if TokenOf(c) == nil {
		return ""
	}
	text, _ := bearer(c.GetHeader("Authorization"))
	return text
}

// Find looks a token up by its hash; the account is nil for an app that acts for
// nobody. A withdrawn token and a suspended account are refused in the same words as
// a token that never was: ErrUnauthorized.
func (g *Gate) Find(ctx context.Context, text string) (*coop.Token, *coop.Account, error) {
	if text == "" || len(text) > longestToken {
		return nil, nil, fmt.Errorf("bearer token: %w", coop.ErrUnauthorized)
	}
	token, err := g.Store.TokenByHash(ctx, HashOf(text))
	if errors.Is(err, coop.ErrNotFound) {
		return nil, nil, fmt.Errorf("bearer token: %w", coop.ErrUnauthorized)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("bearer token: %w", err)
	}
	if token.AccountID == 0 {
		return token, nil, nil
	}
	account, err := g.Store.Account(ctx, token.AccountID)
	if err != nil && !errors.Is(err, coop.ErrNotFound) {
		return nil, nil, fmt.Errorf("account of a token: %w", err)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("bearer token: %w", coop.ErrUnauthorized)
	}
	return token, account, nil
}
