// SPDX-License-Identifier: AGPL-3.0-or-later

package auth

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
)

// store is the little of the store that this package asks.
type store interface {
	TokenByHash(ctx context.Context, hash []byte) (*coop.Token, error)
	Account(ctx context.Context, id coop.ID) (*coop.Account, error)
}

// Gate turns tokens into accounts.
type Gate struct{ store store }

// NewGate makes a gate over the store.
func NewGate(s store) *Gate { return &Gate{s} }

// names under which the request remembers who asks.
const (
	accountKey = "minga.account"
	tokenKey   = "minga.token"
	viewerKey  = "minga.viewer"
)

// longestToken is more than any token of ours has, in bytes.
const longestToken = 512

// Identify reads the bearer token of a request (RFC 6750 §2.1) as the route's
// class demands and remembers who asks. It returns ErrUnauthorized for a token
// that is missing where one is needed or that is not good, ErrForbidden for one
// without the route's scope.
func (g *Gate) Identify(c *gin.Context, route Route) error {
	if route.Access != Token && route.Access != Optional {
		return nil
	}
	text, given := bearer(c.GetHeader("Authorization"))
	if !given {
		if route.Access == Optional {
			return nil
		}
		return fmt.Errorf("no bearer token: %w", coop.ErrUnauthorized)
	}
	token, account, err := g.find(c.Request.Context(), text)
	if err != nil {
		return err
	}
	if route.Scope != "" && !Allows(token.Scopes, route.Scope) {
		return fmt.Errorf("token lacks scope %s: %w", route.Scope, coop.ErrForbidden)
	}
	c.Set(tokenKey, token)
	c.Set(accountKey, account)
	c.Set(viewerKey, coop.As(account.ID))
	return nil
}

// bearer is the token of an Authorization header.
func bearer(header string) (string, bool) {
	scheme, token, ok := strings.Cut(header, " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return "", false
	}
	return strings.TrimSpace(token), true
}

// find looks a token up by its hash. A withdrawn token and a suspended account
// are refused in the same words as a token that never was.
func (g *Gate) find(ctx context.Context, text string) (*coop.Token, *coop.Account, error) {
	if text == "" || len(text) > longestToken {
		return nil, nil, fmt.Errorf("bearer token: %w", coop.ErrUnauthorized)
	}
	hash := sha256.Sum256([]byte(text))
	token, err := g.store.TokenByHash(ctx, hash[:])
	if errors.Is(err, coop.ErrNotFound) {
		return nil, nil, fmt.Errorf("bearer token: %w", coop.ErrUnauthorized)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("bearer token: %w", err)
	}
	account, err := g.store.Account(ctx, token.AccountID)
	if err != nil && !errors.Is(err, coop.ErrNotFound) {
		return nil, nil, fmt.Errorf("account of a token: %w", err)
	}
	if err != nil || account.Gone() || !token.RevokedAt.IsZero() {
		return nil, nil, fmt.Errorf("bearer token: %w", coop.ErrUnauthorized)
	}
	return token, account, nil
}

// Account is who asks; nil for anybody.
func Account(c *gin.Context) *coop.Account {
	account, _ := c.Value(accountKey).(*coop.Account)
	return account
}

// TokenOf is the token that was shown; nil for none.
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
