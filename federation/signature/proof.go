// SPDX-License-Identifier: AGPL-3.0-or-later

package signature

import (
	"crypto/ed25519"
	"time"
)

// Proof is a FEP-8b32 integrity proof that a document carries, not yet verified.
type Proof struct{}

// AddProof returns doc, a JSON object, with an eddsa-jcs-2022 proof as its last
// member. The other members keep their order and their bytes, but for @context, which
// gets data-integrity/v2 where it is absent. key must be Ed25519; its ID becomes the
// verificationMethod. A document that carries a proof already is an error.
func AddProof(doc []byte, key PrivateKey, created time.Time) ([]byte, error) {
	return nil, errNotBuilt
}

// ReadProof finds the proof of a document: nil and no error when there is none or none
// of a suite that we know, which is the same to us; an *Error when it is malformed.
func ReadProof(doc []byte) (*Proof, error) { return nil, errNotBuilt }

// Method is the verificationMethod: the id of a key. The caller must find it in the
// assertionMethod of the document's owner.
func (p *Proof) Method() string { return "" }

// Created is when the proof says that it was made; the zero time when it does not say.
func (p *Proof) Created() time.Time { return time.Time{} }

// Verify holds the proof against the key that Method names, over the original bytes
// of the document without proof and signature. owner is the actor in whose
// assertionMethod the key stands; it shares the method's origin, else BadKey.
func (p *Proof) Verify(key ed25519.PublicKey, owner string) (Identity, error) {
	return Identity{}, errNotBuilt
}
