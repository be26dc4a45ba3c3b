// SPDX-License-Identifier: AGPL-3.0-or-later

package auth

import (
	"context"
	"fmt"
	"time"

	"github.com/alexedwards/argon2id"

	"minga/coop"
)

// passwordWork is what hashing a password costs: 19 MiB and two passes (RFC 9106
// §4, in the size that OWASP names for servers).
var passwordWork = &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// nobodysHash is checked where there is no password, so that this takes as long as
// where there is one. No password fits it.
const nobodysHash = "$argon2id$v=19$m=19456,t=2,p=1$bWluZ2EgYW5kIG5vYm9keQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// How many computations run and wait at once. Each running one needs 19 MiB.
const (
	passwordsAtOnce  = 2
	passwordsWaiting = 64
)

// longestPassword is more than any password may have, in bytes; a longer one is
// wrong without a look.
const longestPassword = 1024

// Passwords hashes and checks passwords, few at a time.
type Passwords struct {
	running, waiting chan struct{}
}

// NewPasswords makes the one of a process.
func NewPasswords() *Passwords {
	return &Passwords{make(chan struct{}, passwordsAtOnce), make(chan struct{}, passwordsWaiting)}
}

// Hash is the hash to keep, in argon2id's own text form. What may be a password is
// said by [coop.ValidatePassword]. It gives a [coop.BusyError] when too many wait.
func (p *Passwords) Hash(ctx context.Context, password string) (hash string, err error) {
	err = p.work(ctx, func() error {
		hash, err = argon2id.CreateHash(password, passwordWork)
		return err
	})
	return hash, err
}

// Verify tells whether a password fits a hash; an empty hash fits none, and costs as
// much to ask. It gives a [coop.BusyError] when too many wait.
func (p *Passwords) Verify(ctx context.Context, password, hash string) (fits bool, err error) {
	if hash == "" || len(password) > longestPassword {
		hash, password = nobodysHash, coop.Truncate(password, longestPassword)
	}
	err = p.work(ctx, func() error {
		fits, err = argon2id.ComparePasswordAndHash(password, hash)
		return err
	})
	return fits && hash != nobodysHash, err
}

// work waits for its turn and does it.
func (p *Passwords) work(ctx context.Context, do func() error) error {
	select {
	case p.waiting <- struct{}{}:
		defer func() { <-p.waiting }()
	default:
		return &coop.BusyError{After: 5 * time.Second, Reason: "too many passwords to check"}
	}
	select {
	case p.running <- struct{}{}:
		defer func() { <-p.running }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if err := do(); err != nil {
		return fmt.Errorf("password: %w", err)
	}
	return nil
}
