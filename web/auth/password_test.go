// SPDX-License-Identifier: AGPL-3.0-or-later

package auth

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/alexedwards/argon2id"

	"minga/coop"
)

func TestPasswords(t *testing.T) {
	p := NewPasswords()
	hash, err := p.Hash(t.Context(), "correct horse")
	if err != nil || !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Fatalf("hash %s: %v", hash, err)
	}
	for _, tt := range []struct {
		name, password, hash string
		want                 bool
	}{
		{"the right one", "correct horse", hash, true},
		{"a wrong one", "correct house", hash, false},
		{"an endless one", strings.Repeat("correct horse", 1000), hash, false},
		{"an empty one", "", hash, false},
		{"none is set", "correct horse", "", false},
		{"none is set and none is given", "", "", false},
	} {
		if got, err := p.Verify(t.Context(), tt.password, tt.hash); got != tt.want || err != nil {
			t.Errorf("%s: %v, %v", tt.name, got, err)
		}
	}
	if params, _, key, err := argon2id.DecodeHash(nobodysHash); err != nil || params.Memory != passwordWork.Memory || params.Iterations != passwordWork.Iterations || len(key) != 32 {
		t.Errorf("nobody's hash costs other work: %+v, %v", params, err)
	}
}

func TestFewPasswordsAtOnce(t *testing.T) {
	p := NewPasswords()
	for range passwordsAtOnce {
		p.running <- struct{}{}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Verify(ctx, "x", ""); !errors.Is(err, context.Canceled) {
		t.Errorf("did not wait for its turn: %v", err)
	}
	for range passwordsWaiting {
		p.waiting <- struct{}{}
	}
	var busy *coop.BusyError
	if _, err := p.Verify(t.Context(), "x", ""); !errors.As(err, &busy) {
		t.Errorf("an endless queue: %v", err)
	}
}
