// SPDX-License-Identifier: AGPL-3.0-or-later

package auth

import (
	"context"
	"crypto/sha256"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"minga/coop"
)

// oneToken is a store that knows the token "good".
type oneToken struct {
	token   coop.Token
	account coop.Account
}

func (s oneToken) TokenByHash(_ context.Context, hash []byte) (*coop.Token, error) {
	if sum := sha256.Sum256([]byte("good")); string(hash) != string(sum[:]) {
		return nil, coop.ErrNotFound
	}
	return &s.token, nil
}

func (s oneToken) Account(context.Context, coop.ID) (*coop.Account, error) { return &s.account, nil }

func TestIdentify(t *testing.T) {
	gin.SetMode(gin.TestMode)
	long := strings.Repeat("x", longestToken+1)
	past := time.Unix(1, 0)
	for _, tt := range []struct {
		name   string
		access Access
		header string
		scopes []string
		spoil  func(*oneToken)
		want   error
		known  bool
	}{
		{"a good token names its account", Token, "Bearer good", []string{"write"}, nil, nil, true},
		{"the scheme is not case-sensitive", Token, "bearer good", []string{"write:minga"}, nil, nil, true},
		{"no token where one is needed", Token, "", nil, nil, coop.ErrUnauthorized, false},
		{"no token where none is needed", Optional, "", nil, nil, nil, false},
		{"a bad token is refused even where none is needed", Optional, "Bearer bad", nil, nil, coop.ErrUnauthorized, false},
		{"a token is not looked at on an open route", Open, "Bearer bad", nil, nil, nil, false},
		{"a token of another scheme is none", Token, "Basic good", nil, nil, coop.ErrUnauthorized, false},
		{"a token without the scope", Token, "Bearer good", []string{"read"}, nil, coop.ErrForbidden, false},
		{"a narrower scope", Token, "Bearer good", []string{"write:media"}, nil, coop.ErrForbidden, false},
		{"an endless token", Token, "Bearer " + long, nil, nil, coop.ErrUnauthorized, false},
		{"a withdrawn token", Token, "Bearer good", []string{"write"}, func(s *oneToken) { s.token.RevokedAt = past }, coop.ErrUnauthorized, false},
		{"a suspended account", Token, "Bearer good", []string{"write"}, func(s *oneToken) { s.account.SuspendedAt = past }, coop.ErrUnauthorized, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := oneToken{token: coop.Token{Scopes: tt.scopes, AccountID: 7}, account: coop.Account{ID: 7}}
			if tt.spoil != nil {
				tt.spoil(&s)
			}
			c, _ := gin.CreateTestContext(httptest.NewRecorder())
			c.Request = httptest.NewRequest("GET", "/", nil)
			c.Request.Header.Set("Authorization", tt.header)
			err := NewGate(s).Identify(c, Route{Access: tt.access, Scope: "write:minga"})
			if !errors.Is(err, tt.want) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
			if known := Account(c) != nil; known != tt.known || known != (Viewer(c) == coop.As(7)) {
				t.Errorf("account known: %v, viewer %v", known, Viewer(c))
			}
		})
	}
}
