// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"context"
	"crypto/ed25519"
	"errors"
	"net/netip"

	"go.opentelemetry.io/otel/trace"

	"minga/coop"
	"minga/federation"
	"minga/federation/document"
	"minga/federation/origin"
	"minga/federation/signature"
	"minga/federation/span"
)

// How an actor was proven, as the queue keeps it.
const (
	provenForwarded = "forwarded" // it was not: the document is a hint
	provenGone      = "gone"      // its server says that the actor is no more (410)
)

// sender is who sent a request, proven, and by what it stands for its actor.
type sender struct {
	signer   coop.IRI       // owner of the key that signed the request; empty for provenGone
	host     string         // of the signer
	form     signature.Form // of the request's signature
	proof    string         // a signature.Form, or one of the words above
	found    foundKey       // the key of the request
	proofKey foundKey       // the key of the document's proof
}

// remember keeps the keys that verified at hand, and who was fetched for them.
func (s sender) remember(in *Inbox) {
	for _, f := range []foundKey{s.found, s.proofKey} {
		if f.key.ID != "" && !f.cached {
			in.keys.put(f.key.ID, f.key, in.now())
		}
		if f.doc != nil {
			in.met.put(string(f.doc.account.IRI), f.doc, in.now())
		}
	}
}

// prove does the steps key, signature, and actor = owner (or a proof by the
// actor, or a forwarded copy).
func (in *Inbox) prove(ctx context.Context, a *arrival, claim *signature.Claim) (sender, error) {
	identity, found, err := in.verifyTraced(ctx, claim, a.r.Remote)
	if err != nil {
		return in.believeGone(ctx, a, claim, err)
	}
	host, _ := origin.Host(identity.Owner())
	who := sender{
		signer: coop.IRI(identity.Owner()), host: host, form: identity.Form(),
		proof: string(identity.Form()), found: found,
	}
	if a.actor == "" {
		a.actor = who.signer
	}
	return in.bind(ctx, a, who)
}

// verifyTraced is verify in a span.
func (in *Inbox) verifyTraced(ctx context.Context, claim *signature.Claim, remote netip.Addr) (signature.Identity, foundKey, error) {
	ctx, traced := span.Begin(ctx, span.Verify, trace.SpanKindInternal)
	defer traced.End()
	identity, found, err := in.verify(ctx, claim, remote)
	verified(traced, identity, err)
	return identity, found, err
}

// verify holds a claim against the key that it names, fetching it where it is
// not known, and once more where the known one does not fit. Errors are final:
// *RefusedError or, when we ourselves are short of means, *coop.BusyError.
func (in *Inbox) verify(ctx context.Context, claim *signature.Claim, remote netip.Addr) (signature.Identity, foundKey, error) {
	host, _ := origin.Host(claim.KeyID())
	found, err := in.findKey(ctx, claim.KeyID(), remote)
	if err != nil {
		return signature.Identity{}, found, keyRefusal(err, host)
	}
	identity, err := claim.Verify(found.key)
	if err == nil {
		return identity, found, nil
	}
	var bad *signature.Error
	if found.cached && errors.As(err, &bad) && bad.Refetch {
		if fresh, ferr := in.refetchKey(ctx, found.key, remote); ferr == nil {
			found = fresh
			identity, err = claim.Verify(found.key)
		} else if isGone, _ := gone(ferr); isGone {
			err = errors.Join(err, ferr)
		}
	}
	if err != nil {
		return signature.Identity{}, found, signatureRefusal(err, host)
	}
	return identity, found, nil
}

// keyRefusal is a 401 for a key that could not be had, but a 503 where we were
// too busy to ask, or the store did not answer.
func keyRefusal(err error, host string) error {
	var failure *federation.Error
	switch {
	case errors.As(err, &failure) && failure.Kind == federation.KindBusy:
		return &coop.BusyError{After: fetchDeadline, Reason: "too many keys are being fetched"}
	case errors.Is(err, coop.ErrUnavailable):
		return err
	}
	return signatureRefusal(err, host)
}

// believeGone is the one thing that is believed without a signature: that a
// known actor is no more, when its own server answers 410 at its id, and not 404. The key's id may be anything on that server, so the
// actor's id is what is asked.
func (in *Inbox) believeGone(ctx context.Context, a *arrival, claim *signature.Claim, cause error) (sender, error) {
	if a.activity != "Delete" || a.actor == "" || a.object != a.actor {
		return sender{}, cause
	}
	if isGone, _ := gone(cause); !isGone || !origin.Same(claim.KeyID(), string(a.actor)) {
		return sender{}, cause
	}
	_, err := in.fetchDocument(ctx, string(a.actor), a.r.Remote)
	if isGone, _ := gone(err); !isGone {
		return sender{}, cause
	}
	return sender{host: a.host, proof: provenGone}, nil
}

// bind is the step "actor = owner". A good proof outranks the signature of the
// request; a bad one by a key of the actor refuses it.
func (in *Inbox) bind(ctx context.Context, a *arrival, who sender) (sender, error) {
	proven, key, err := in.proof(ctx, a.doc.Bytes(), a.actor, a.r.Remote)
	if err != nil {
		return sender{}, signatureRefusal(err, a.host)
	}
	if proven {
		who.proof, who.proofKey = string(signature.Integrity), key
		return who, nil
	}
	if who.signer == a.actor {
		return who, nil
	}
	if who.host == a.host {
		return sender{}, &RefusedError{Kind: KindSignature, Reason: "signer_not_actor", Host: who.host}
	}
	if err := in.mayForward(ctx, a, who.host); err != nil {
		return sender{}, err
	}
	who.proof = provenForwarded
	return who, nil
}

// hasProof says whether a document claims to prove itself.
func hasProof(doc *document.Object) bool { return doc.Has("proof") }

// proof verifies the integrity proof of a document by owner (FEP-8b32). Without
// one, with one of an unknown suite, or whose key cannot be had, it proves
// nothing, which is no error; one that a known key contradicts is, once that key was
// looked up anew.
func (in *Inbox) proof(ctx context.Context, body []byte, owner coop.IRI, remote netip.Addr) (bool, foundKey, error) {
	p, err := signature.ReadProof(body)
	if err != nil || p == nil {
		return false, foundKey{}, err
	}
	if !origin.Same(p.Method(), string(owner)) {
		return false, foundKey{}, nil
	}
	found, err := in.findKey(ctx, p.Method(), remote)
	if err != nil {
		return false, foundKey{}, nil
	}
	proven, err := holds(p, found, owner)
	var bad *signature.Error
	if found.cached && errors.As(err, &bad) && bad.Refetch {
		if fresh, ferr := in.refetchKey(ctx, found.key, remote); ferr == nil {
			found = fresh
			proven, err = holds(p, found, owner)
		}
	}
	if !proven {
		return false, foundKey{}, err
	}
	return true, found, nil
}

// holds holds a proof against a key: false where the key is not one of owner's that
// could prove anything, an error where it contradicts the proof.
func holds(p *signature.Proof, found foundKey, owner coop.IRI) (bool, error) {
	key, ok := found.key.Key.(ed25519.PublicKey)
	if !ok || coop.IRI(found.key.Owner) != owner {
		return false, nil
	}
	_, err := p.Verify(key, string(owner))
	return err == nil, err
}
