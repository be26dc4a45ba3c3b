// SPDX-License-Identifier: AGPL-3.0-or-later

package auth

import (
	"context"
	"errors"
	"testing"
	"time"

	"minga/coop"
)

// proven is a store whose one session was proven at a time.
type proven struct {
	oneToken
	at time.Time
}

func (s proven) SessionByHash(ctx context.Context, hash []byte) (*coop.Session, error) {
	session, err := s.oneToken.SessionByHash(ctx, hash)
	if session != nil {
		session.ProvedAt = s.at
	}
	return session, err
}

func TestFresh(t *testing.T) {
	for _, tt := range []struct {
		name    string
		cookie  string
		at      time.Time
		prove   bool // must prove again
		nothing bool // nobody is signed in
	}{
		{"just now", signed, noon, false, false},
		{"almost a quarter of an hour ago", signed, noon.Add(-coop.ProofLife + time.Second), false, false},
		{"a quarter of an hour ago", signed, noon.Add(-coop.ProofLife), true, false},
		{"never", signed, time.Time{}, true, false},
		{"by another node's clock, a little ahead", signed, noon.Add(30 * time.Second), false, false},
		{"in the future", signed, noon.Add(time.Hour), true, false},
		{"not signed in", "", noon, false, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, _ := request("POST", "https://coop.example/settings/export", "", "Cookie", tt.cookie, "Referer", "https://coop.example/settings/export?a=1")
			gate := gateOf(oneToken{})
			gate.Store = proven{oneToken{account: coop.Account{ID: 7, Kind: coop.Person}}, tt.at}
			if err := gate.Identify(c, Route{Method: "GET", Access: Visitor, CSRF: CSRFSafe}); err != nil {
				t.Fatal(err)
			}
			err := Fresh(c)
			var prove *ProveError
			var sign *SignInError
			if errors.As(err, &prove) != tt.prove || errors.As(err, &sign) != tt.nothing || (err == nil) != (!tt.prove && !tt.nothing) {
				t.Fatalf("%v", err)
			}
			if tt.prove && (prove.Next != "/settings/export?a=1" || !errors.Is(err, coop.ErrForbidden)) {
				t.Errorf("leads back to %s", prove.Next)
			}
		})
	}
	c, _ := request("GET", "https://coop.example/", "")
	if err := Fresh(c); !errors.Is(err, coop.ErrForbidden) {
		t.Errorf("where no cookies count: %v", err)
	}
}
