// SPDX-License-Identifier: AGPL-3.0-or-later

package signature

import "time"

// Form is a way to prove who sent a request or wrote a document.
type Form string

const (
	// Cavage is draft-cavage-http-signatures-12, what most of the fediverse speaks.
	Cavage Form = "cavage"
	// RFC9421 is what a Claim says of itself before the key is known.
	RFC9421 Form = "rfc9421"
	// RFC9421RSA is RFC 9421 with rsa-v1_5-sha256 (§3.3.2).
	RFC9421RSA Form = "rfc9421-rsa"
	// RFC9421Ed25519 is RFC 9421 with ed25519 (§3.3.6).
	RFC9421Ed25519 Form = "rfc9421-ed25519"
	// Integrity is a FEP-8b32 proof inside a document.
	Integrity Form = "eddsa-jcs-2022"
)

const (
	// MaxHeader is the longest signature header that is read, in bytes.
	MaxHeader = 8 << 10
	// MaxAge is how far in the past a signature without `expires` may be.
	MaxAge = 65 * time.Minute
	// MaxAhead is how far ahead a peer's clock may be.
	MaxAhead = time.Hour
	// MaxExpires is the most that a signed `expires` counts after the creation.
	MaxExpires = 12 * time.Hour
	// MaxCreatedAhead is how far ahead cavage's (created) may be: go-fed/httpsig
	// refuses more.
	MaxCreatedAhead = 10 * time.Second
)

// Identity is a key that was proved to have signed a request or a document, and the
// actor whose key it is. The zero value is nobody, and only Claim.Verify and
// Proof.Verify make another: take an Identity where something is done in a peer's
// name, and ask Valid first.
type Identity struct {
	keyID string
	owner string
	form  Form
}

// Valid says whether a verifier of this package made the identity.
func (i Identity) Valid() bool { return i.keyID != "" && i.owner != "" }

// KeyID is the id of the key, such as "https://coop.example/users/ana#main-key".
func (i Identity) KeyID() string { return i.keyID }

// Owner is the id of the actor whose key it is.
func (i Identity) Owner() string { return i.owner }

// Form is how it was proved: Cavage, RFC9421RSA, RFC9421Ed25519 or Integrity.
func (i Identity) Form() Form { return i.form }
