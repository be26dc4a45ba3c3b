// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import "time"

// Passkey is a key of a person that a device or a manager of passwords keeps
// (WebAuthn §4). With the verification of its user it is both factors.
type Passkey struct {
	ID         ID
	AccountID  ID
	Credential []byte // its id, 1–1,023 bytes; no two keys have the same
	Handle     []byte // the user handle: random, 16–64 bytes, the same for all keys of a person
	Record     string // JSON of what checks a signature
	Name       string // as the person called it
	Signs      uint32 // how often it signed, by its own count; 0: it does not count
	CopiedAt   time.Time
	CreatedAt  time.Time
	UsedAt     time.Time
}

// MostPasskeys is how many a person may have.
const MostPasskeys = 20

// CodeSeed is what a program that shows codes shares with us (RFC 6238).
type CodeSeed struct {
	AccountID   ID
	Seed        string    // in base32
	ConfirmedAt time.Time // zero: no code of it was shown yet, and it counts for nothing
	LastStep    int64     // whose code was taken last
}

// Factors says what a person has besides a password.
type Factors struct {
	Codes    bool // a program that shows codes
	Passkeys int
	Recovery int // codes on paper that are left
}

// Any tells whether there is a second factor. Codes on paper alone are none.
func (f Factors) Any() bool { return f.Codes || f.Passkeys > 0 }

// RecoveryCodes is how many codes on paper a person gets at once.
const RecoveryCodes = 10

// Ceremony is what stands between the two halves of a proof, such as a challenge and
// its answer.
type Ceremony struct {
	Hash      []byte // SHA-256 of what the browser brings back
	Kind      string
	Browser   []byte // SHA-256 of the secret that this browser keeps
	AccountID ID     // zero: nobody yet
	State     string // JSON
	EndsAt    time.Time
}

// Identity is who a person is at another provider (OpenID Connect Core §5.7): by
// issuer and subject, which nobody is given twice. An address of mail names nobody.
type Identity struct {
	ID        ID
	AccountID ID
	Issuer    string
	Subject   string
	Name      string // as the provider showed it, for the person to know it by
	CreatedAt time.Time
	UsedAt    time.Time
}

// Wrong codes lead to a pause: the first is short, each further one twice as long.
const (
	MostWrongCodes   = 10
	firstCodePause   = 15 * time.Minute
	longestCodePause = 4 * time.Hour
)

// CodePause is how long no code of a person is looked at after so many pauses since
// the last right one. It ends by itself: nobody is locked out for good.
func CodePause(pauses int) time.Duration {
	pause := firstCodePause
	for range pauses {
		if pause *= 2; pause >= longestCodePause {
			return longestCodePause
		}
	}
	return pause
}
