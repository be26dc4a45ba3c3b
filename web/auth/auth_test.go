// SPDX-License-Identifier: AGPL-3.0-or-later

package auth

import (
	"context"
	"crypto/sha256"
	"errors"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
)

// oneToken is a store that knows the token "good" and the session "signed".
type oneToken struct {
	token   coop.Token
	account coop.Account
	writes  *int
	wish    *coop.SignUp
}

func (s oneToken) TokenByHash(_ context.Context, hash []byte) (*coop.Token, error) {
	if sum := sha256.Sum256([]byte("good")); string(hash) != string(sum[:]) {
		return nil, coop.ErrNotFound
	}
	return &s.token, nil
}

func (s oneToken) SessionByHash(_ context.Context, hash []byte) (*coop.Session, error) {
	if sum := sha256.Sum256([]byte("signed")); string(hash) != string(sum[:]) {
		return nil, coop.ErrNotFound
	}
	return &coop.Session{ID: 3, AccountID: s.account.ID, SeenAt: noon}, nil
}

func (s oneToken) SignUpByToken(_ context.Context, token coop.ID) (*coop.SignUp, error) {
	if s.wish == nil || s.wish.TokenID != token {
		return nil, coop.ErrNotFound
	}
	return s.wish, nil
}

func (s oneToken) Account(context.Context, coop.ID) (*coop.Account, error) { return &s.account, nil }

func (s oneToken) RolesIn(_ context.Context, account, person coop.ID) ([]coop.Role, error) {
	if account == s.account.ID && person == s.token.PersonID {
		return s.token.Roles, nil
	}
	return nil, nil
}

func (s oneToken) RolesOf(context.Context, coop.ID) ([]coop.RoleHeld, error) { return nil, nil }

func (s oneToken) Write(context.Context, func(*storage.Tx) error) error {
	if s.writes != nil {
		*s.writes++
	}
	return nil
}

var noon = time.Date(2030, 5, 1, 12, 0, 0, 0, time.UTC)

// gateOf is a gate over a store.
func gateOf(s oneToken) *Gate {
	return NewGate(Options{Store: s, Now: func() time.Time { return noon }, Log: slog.New(slog.DiscardHandler), Secure: true})
}

// request is a request with pairs of headers.
func request(method, target, body string, headers ...string) (*gin.Context, *httptest.ResponseRecorder) {
	gin.SetMode(gin.TestMode)
	w := httptest.NewRecorder()
	c, _ := gin.CreateTestContext(w)
	c.Request = httptest.NewRequest(method, target, strings.NewReader(body))
	for i := 0; i+1 < len(headers); i += 2 {
		c.Request.Header.Set(headers[i], headers[i+1])
	}
	return c, w
}

func TestIdentify(t *testing.T) {
	long := strings.Repeat("x", longestToken+1)
	appAlone := func(s *oneToken) { s.token.AccountID = 0 }
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
		{"a token of an app alone on a route of people", Token, "Bearer good", []string{"write"}, appAlone, coop.ErrForbidden, false},
		{"a token of an app alone where anybody may", Optional, "Bearer good", []string{"write"}, appAlone, nil, false},
		{"a token of an app alone where apps may", App, "Bearer good", []string{"write"}, appAlone, nil, false},
		{"a token of a person where apps may", App, "Bearer good", []string{"write"}, nil, nil, true},
		{"no token where apps may", App, "", nil, nil, coop.ErrUnauthorized, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := oneToken{token: coop.Token{Scopes: tt.scopes, AccountID: 7, LastUsed: noon}, account: coop.Account{ID: 7}}
			if tt.spoil != nil {
				tt.spoil(&s)
			}
			c, w := request("GET", "/", "", "Authorization", tt.header)
			err := gateOf(s).Identify(c, Route{Access: tt.access, Scope: "write:minga"})
			if !errors.Is(err, tt.want) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
			if known := Account(c) != nil; known != tt.known || known != (Viewer(c) == coop.As(7)) {
				t.Errorf("account known: %v, viewer %v", known, Viewer(c))
			}
			if challenge := w.Header().Get("WWW-Authenticate"); (tt.want == coop.ErrUnauthorized) && !strings.HasPrefix(challenge, "Bearer") {
				t.Errorf("401 with challenge %q", challenge)
			}
		})
	}
}

func TestTokensInTheAddressAreRefused(t *testing.T) {
	for _, access := range []Access{Token, Optional, App} {
		s := oneToken{token: coop.Token{Scopes: []string{"read"}, AccountID: 7}, account: coop.Account{ID: 7}}
		c, _ := request("GET", "/?access_token=good", "", "Authorization", "Bearer good")
		if err := gateOf(s).Identify(c, Route{Access: access, Scope: "read"}); !errors.Is(err, coop.ErrUnauthorized) {
			t.Errorf("class %d: %v", access, err)
		}
	}
}

func TestTheUseOfATokenIsNotedOnceAnHour(t *testing.T) {
	for last, want := range map[time.Time]int{noon.Add(-59 * time.Minute): 0, noon.Add(-time.Hour): 1, {}: 1} {
		writes := 0
		s := oneToken{token: coop.Token{Scopes: []string{"read"}, AccountID: 7, LastUsed: last}, account: coop.Account{ID: 7}, writes: &writes}
		c, _ := request("GET", "/", "", "Authorization", "Bearer good")
		if err := gateOf(s).Identify(c, Route{Access: Token, Scope: "read"}); err != nil || writes != want {
			t.Errorf("last used %s: %d writes, want %d (%v)", last, writes, want, err)
		}
	}
}

func TestPersonBehindAnAct(t *testing.T) {
	for _, tt := range []struct {
		name   string
		kind   coop.AccountKind
		person coop.ID
		want   coop.ID
	}{
		{"a person", coop.Person, 0, 7},
		{"a person who let an app in", coop.Person, 7, 7},
		{"a co-op through a person", coop.Coop, 9, 9},
		{"a co-op through the command line", coop.Coop, 0, 0},
	} {
		s := oneToken{token: coop.Token{Scopes: []string{"read"}, AccountID: 7, PersonID: tt.person, LastUsed: noon}, account: coop.Account{ID: 7, Kind: tt.kind}}
		c, _ := request("GET", "/", "", "Authorization", "Bearer good")
		if err := gateOf(s).Identify(c, Route{Access: Token, Scope: "read"}); err != nil || Person(c) != tt.want {
			t.Errorf("%s: %s, want %s (%v)", tt.name, Person(c), tt.want, err)
		}
	}
}

// TestNoRightsBeforeTheAccount: a token of somebody who signed up says what is missing.
func TestNoRightsBeforeTheAccount(t *testing.T) {
	for _, tt := range []struct {
		name string
		wish *coop.SignUp
		want error
	}{
		{"an app alone", nil, errNobody},
		{"somebody else's", &coop.SignUp{TokenID: 6}, errNobody},
		{"not confirmed", &coop.SignUp{TokenID: 5, ApprovedAt: noon}, errUnconfirmed},
		{"not approved", &coop.SignUp{TokenID: 5, ConfirmedAt: noon}, errUnapproved},
	} {
		s := oneToken{token: coop.Token{ID: 5, Scopes: []string{"read"}, LastUsed: noon}, wish: tt.wish}
		c, _ := request("GET", "/", "", "Authorization", "Bearer good")
		if err := gateOf(s).Identify(c, Route{Access: Token, Scope: "read"}); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
		if err := gateOf(s).Identify(c, Route{Access: App, Scope: "read"}); err != nil {
			t.Errorf("%s: where apps may: %v", tt.name, err)
		}
	}
}

func TestAllows(t *testing.T) {
	for _, tt := range []struct {
		scopes, asked string
		want          bool
	}{
		{"read", "read:accounts", true},
		{"read", "read:minga", true},
		{"read:accounts", "read", false},
		{"read:accounts", "read:blocks", false},
		{"readers", "read", false},
		{"rea", "read", false},
		{"follow", "read:blocks", true},
		{"follow", "write:follows", true},
		{"follow", "write:mutes", true},
		{"follow", "read:statuses", false},
		{"follow", "write", false},
		{"profile", "profile read:accounts", true},
		{"read:accounts", "profile read:accounts", true},
		{"push", "profile read:accounts", false},
		{"profile", "read:accounts", false},
		{"admin:read", "admin:read:reports", true},
		{"admin:read", "read", false},
		{"write", "push", false},
		{"", "read", false},
	} {
		if got := Allows(strings.Fields(tt.scopes), tt.asked); got != tt.want {
			t.Errorf("%q allows %q: %v", tt.scopes, tt.asked, got)
		}
	}
}
