// SPDX-License-Identifier: AGPL-3.0-or-later

package signature

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"minga/federation/origin"

	"github.com/gowebpki/jcs"
	"github.com/mr-tron/base58"
)

const (
	suite          = "eddsa-jcs-2022"
	proofType      = "DataIntegrityProof"
	contextBase    = "https://www.w3.org/ns/activitystreams"
	contextProof   = "https://w3id.org/security/data-integrity/v2"
	maxProofMethod = 2048
)

// Proof is a FEP-8b32 integrity proof that a document carries, not yet verified.
type Proof struct {
	method    string
	created   time.Time
	expires   time.Time
	signature []byte
	context   json.RawMessage // of the proof itself; nil when it has none
	options   members         // the proof without proofValue
	document  members         // the document without proof and signature
}

// ReadProof finds the proof of a document: nil and no error when there is none or none
// of a suite that we know, which is the same to us; an *Error when it is malformed. Of
// several proofs the first of our suite counts.
func ReadProof(doc []byte) (*Proof, error) {
	document, err := splitObject(doc)
	if err != nil {
		return nil, refuse(Malformed, "document is not one JSON object")
	}
	for _, one := range listOf(document.get("proof")) {
		options, err := splitObject(one)
		if err != nil || options.text("cryptosuite") != suite || options.text("type") != proofType {
			continue
		}
		return newProof(document, options)
	}
	return nil, nil
}

// newProof checks the form of a proof of our suite.
func newProof(document, options members) (*Proof, error) {
	p := &Proof{method: options.text("verificationMethod"), context: options.get("@context")}
	if options.text("proofPurpose") != "assertionMethod" {
		return nil, refuse(Malformed, "proofPurpose")
	}
	if p.method == "" || len(p.method) > maxProofMethod {
		return nil, refuse(Malformed, "verificationMethod")
	}
	if err := p.readTimes(options); err != nil {
		return nil, err
	}
	value := options.text("proofValue")
	if !strings.HasPrefix(value, "z") || len(value) > 128 {
		return nil, refuse(Malformed, "proofValue is not base58-btc")
	}
	var err error
	if p.signature, err = base58.Decode(value[1:]); err != nil || len(p.signature) != ed25519.SignatureSize {
		return nil, refuse(Malformed, "proofValue is not an Ed25519 signature")
	}
	p.options = options.without("proofValue")
	p.document = document.without("proof", "signature")
	return p, nil
}

// readTimes reads `created` and `expires`, which may be absent but not unreadable (VC
// Data Integrity §2.1).
func (p *Proof) readTimes(options members) (err error) {
	for name, to := range map[string]*time.Time{"created": &p.created, "expires": &p.expires} {
		if options.get(name) == nil {
			continue
		}
		if *to, err = time.Parse(time.RFC3339, options.text(name)); err != nil {
			return refuse(Malformed, name)
		}
	}
	return nil
}

// Method is the verificationMethod: the id of a key. The caller must find it in the
// assertionMethod of the document's owner.
func (p *Proof) Method() string { return p.method }

// Created is when the proof says that it was made; the zero time when it does not say.
func (p *Proof) Created() time.Time { return p.created }

// Expired says whether the proof limited itself to a time that is over.
func (p *Proof) Expired(now time.Time) bool { return !p.expires.IsZero() && now.After(p.expires) }

// Verify holds the proof against the key that Method names, over the original bytes
// of the document without proof and signature. owner is the actor in whose
// assertionMethod the key stands; it shares the method's origin, else BadKey.
func (p *Proof) Verify(key ed25519.PublicKey, owner string) (Identity, error) {
	k := PublicKey{ID: p.method, Owner: owner, Key: key}
	if err := k.check(); err != nil {
		return Identity{}, err
	}
	for _, try := range p.readings() {
		data, err := hashData(try.options, try.document)
		if err != nil {
			return Identity{}, refuse(Malformed, "document has no canonical form")
		}
		if ed25519.Verify(key, data, p.signature) {
			return Identity{keyID: p.method, owner: owner, form: Integrity}, nil
		}
	}
	return Identity{}, &Error{Reason: BadSignature, Refetch: true, detail: "proof does not verify"}
}

// reading is one way to take what was signed.
type reading struct{ options, document members }

// readings are the ways in which honest peers build what they sign. With an @context
// in the proof (VC-DI-EDDSA §3.3.2) there is one: the document's must begin with it and
// is replaced by it. Without, Fedify and older peers sign the document's own, others
// none; each is signed whole, so trying both gives nothing to a forger.
func (p *Proof) readings() []reading {
	own := p.document.get("@context")
	if p.context != nil {
		if !beginsWith(own, p.context) {
			return nil
		}
		return []reading{{p.options, p.document.with("@context", p.context)}}
	}
	bare := reading{p.options, p.document}
	if own == nil {
		return []reading{bare}
	}
	return []reading{{p.options.with("@context", own), p.document}, bare}
}

// beginsWith says whether a document's @context starts with all entries of a proof's.
func beginsWith(document, proof json.RawMessage) bool {
	have, want := listOf(document), listOf(proof)
	if len(have) < len(want) {
		return false
	}
	for i := range want {
		a, errA := jcs.Transform(have[i])
		b, errB := jcs.Transform(want[i])
		if errA != nil || errB != nil || !bytes.Equal(a, b) {
			return false
		}
	}
	return true
}

// hashData is what is signed: the hash of the options, then that of the document
// (VC-DI-EDDSA §3.3.4).
func hashData(options, document members) ([]byte, error) {
	var data []byte
	for _, part := range []members{options, document} {
		canonical, err := jcs.Transform(part.object())
		if err != nil {
			return nil, fmt.Errorf("canonical JSON: %w", err)
		}
		sum := sha256.Sum256(canonical)
		data = append(data, sum[:]...)
	}
	return data, nil
}

// AddProof returns doc, a JSON object, with an eddsa-jcs-2022 proof as its last
// member. The other members keep their order and their bytes, but for @context, which
// gets data-integrity/v2 where it is absent. key must be Ed25519; its ID becomes the
// verificationMethod. A document that carries a proof already is an error.
func AddProof(doc []byte, key PrivateKey, created time.Time) ([]byte, error) {
	private, ok := key.Signer.(ed25519.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("add proof with %s: a %T is not an Ed25519 key", key.ID, key.Signer)
	}
	document, err := splitObject(doc)
	if err != nil {
		return nil, fmt.Errorf("add proof: %w", err)
	}
	if document.get("proof") != nil || document.get("signature") != nil {
		return nil, errors.New("add proof: the document carries one already")
	}
	context := addContext(document.get("@context"))
	document = document.with("@context", context)
	options, err := newOptions(context, key.ID, created)
	if err != nil {
		return nil, err
	}
	data, err := hashData(options, document)
	if err != nil {
		return nil, fmt.Errorf("add proof: %w", err)
	}
	value, err := quote("z" + base58.Encode(ed25519.Sign(private, data)))
	if err != nil {
		return nil, err
	}
	return document.with("proof", options.with("proofValue", value).object()).object(), nil
}

// newOptions is the proof before it is signed.
func newOptions(context json.RawMessage, method string, created time.Time) (members, error) {
	options := members{{"@context", context}}
	for _, m := range [][2]string{
		{"type", proofType},
		{"cryptosuite", suite},
		{"created", created.UTC().Format(time.RFC3339)},
		{"verificationMethod", method},
		{"proofPurpose", "assertionMethod"},
	} {
		value, err := quote(m[1])
		if err != nil {
			return nil, err
		}
		options = append(options, member{m[0], value})
	}
	return options, nil
}

// addContext puts the context of proofs behind the other URLs and before the inline
// terms, where every server looks for it.
func addContext(context json.RawMessage) json.RawMessage {
	entries := listOf(context)
	if entries == nil {
		entries = []json.RawMessage{json.RawMessage(`"` + contextBase + `"`)}
	}
	urls := 0
	for i, entry := range entries {
		var url string
		if json.Unmarshal(entry, &url) == nil && url == contextProof {
			return context
		}
		if url != "" && urls == i {
			urls++
		}
	}
	entries = slices.Insert(entries, urls, json.RawMessage(`"`+contextProof+`"`))
	return slices.Concat([]byte{'['}, bytes.Join(raw(entries), []byte{','}), []byte{']'})
}

// raw sees entries as the byte slices that they are.
func raw(entries []json.RawMessage) [][]byte {
	parts := make([][]byte, len(entries))
	for i, entry := range entries {
		parts[i] = entry
	}
	return parts
}

// SameOrigin says whether a proof's method can belong to an owner at all, so that a
// resolver need not fetch what Verify would refuse.
func (p *Proof) SameOrigin(owner string) bool { return origin.Same(p.method, owner) }
