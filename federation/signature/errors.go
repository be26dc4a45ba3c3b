// SPDX-License-Identifier: AGPL-3.0-or-later

package signature

import "fmt"

// Reason is why a signature was refused, in a word that counters and the admin's
// page can carry.
type Reason string

const (
	// Missing: no signature at all.
	Missing Reason = "missing"
	// Malformed: the header does not parse, has unknown or odd members, or is over
	// MaxHeader.
	Malformed Reason = "malformed"
	// Repeated: a parameter, header, digest or label occurs twice.
	Repeated Reason = "repeated"
	// TwoKeys: two forms in one request name two keys.
	TwoKeys Reason = "two_keys"
	// Uncovered: something that decides is not signed.
	Uncovered Reason = "uncovered"
	// BadDigest: the body is not the one that was digested, or there is no digest
	// that we know.
	BadDigest Reason = "digest"
	// BadTime: too old, too far ahead, expired, or without a time.
	BadTime Reason = "time"
	// WrongHost: the request was for a host that is not ours (421, not 401).
	WrongHost Reason = "host"
	// BadKeyID: not an http(s) URL, or on our own host.
	BadKeyID Reason = "key_id"
	// BadAlgorithm: a label that we do not know or that does not fit the key.
	BadAlgorithm Reason = "algorithm"
	// BadKey: size, exponent, kind or form of the key, or its owner is elsewhere.
	BadKey Reason = "key"
	// BadSignature: the cryptography says no.
	BadSignature Reason = "signature"
)

// Error is the refusal of a signature, a key or a proof.
type Error struct {
	Reason Reason
	// Refetch says that a newer copy of the key might verify: the header was good
	// and the key that we had was not the one.
	Refetch bool
	detail  string
}

// Error says the reason and a detail that holds nothing of the request.
func (e *Error) Error() string { return fmt.Sprintf("signature: %s: %s", e.Reason, e.detail) }

func refuse(r Reason, detail string) error { return &Error{Reason: r, detail: detail} }
