// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"context"
	"errors"

	"minga/coop"
	"minga/federation/origin"
	"minga/federation/signature"
	"minga/storage"
)

// replayMemory is how long a signature is remembered: the longest that one can
// be valid, which is 12 h after a creation that is an hour ahead.
const replayMemory = signature.MaxExpires + signature.MaxAhead

// Receive is the one gate for what other servers push. nil
// means that the answer is 202: the activity is durable, was known already, or
// concerns nobody. Errors are *[RefusedError] (4xx), *[coop.BusyError] (429, 503)
// and those of the store ([coop.ErrUnavailable], 503).
func (in *Inbox) Receive(ctx context.Context, r Request) (Receipt, error) {
	receipt, err := in.received(ctx, r)
	if err != nil {
		in.countRefusal(ctx, r, err)
	}
	return receipt, err
}

// receive is the gate itself: each line is one step, in the order of the design,
// and no step stores or fetches anything before its time.
func (in *Inbox) receive(ctx context.Context, r Request) (Receipt, error) {
	if err := in.room(ctx); err != nil {
		return Receipt{}, err
	}
	if encoding := r.Header.Get("Content-Encoding"); encoding != "" && encoding != "identity" {
		return Receipt{}, &RefusedError{Kind: KindMediaType, Reason: "content_encoding"}
	}
	a, err := readArrival(r)
	if err != nil {
		return Receipt{}, err
	}
	arrived(ctx, a)
	if err := in.judgeHost(ctx, a, a.host); err != nil {
		return Receipt{}, err
	}
	claim, err := in.readClaim(r, a.host)
	if err != nil {
		return Receipt{}, err
	}
	if err := in.judgeSigner(ctx, a, claim); err != nil {
		return Receipt{}, err
	}
	if storm, err := in.deletesUnknownSelf(ctx, a); storm || err != nil {
		return Receipt{}, err
	}
	who, err := in.prove(ctx, a, claim)
	if err != nil {
		return Receipt{}, err
	}
	return in.accept(ctx, a, claim, who)
}

// judgeHost is the step of the domain: blocked, not on the list, or our own.
func (in *Inbox) judgeHost(ctx context.Context, a *arrival, host string) error {
	if host == "" {
		return nil // a bare object: judged by its signer
	}
	if in.ours(host) {
		return &RefusedError{Kind: KindSignature, Reason: "local_actor", Host: host}
	}
	decision, err := in.decide(ctx, host)
	if err != nil {
		return err
	}
	if decision == coop.Refuse {
		return &RefusedError{Kind: KindForbidden, Reason: "domain", Host: host}
	}
	a.decision = decision
	return in.overRate(host)
}

// readClaim is the step of the header's shape: nobody makes us fetch a key by
// sending rubbish.
func (in *Inbox) readClaim(r Request, host string) (*signature.Claim, error) {
	claim, err := signature.Read(r.signed(), in.policy())
	if err != nil {
		return nil, signatureRefusal(err, host)
	}
	return claim, nil
}

func (r Request) signed() signature.Request {
	return signature.Request{Method: r.Method, Target: r.Target, Host: r.Host, Header: r.Header, Body: r.Body}
}

func (in *Inbox) policy() signature.Policy {
	return signature.Policy{Now: in.now(), Scheme: in.o.Local.Scheme, Hosts: []string{in.o.Local.Host}}
}

// signatureRefusal keeps the verifier's own word for what was wrong.
func signatureRefusal(err error, host string) error {
	refused := &RefusedError{Kind: KindSignature, Reason: "key", Host: host, Err: err}
	var bad *signature.Error
	if errors.As(err, &bad) {
		refused.Reason = string(bad.Reason)
		if bad.Reason == signature.WrongHost {
			refused.Kind = KindHost
		}
	}
	return refused
}

// judgeSigner is the step "actor host = key host": another server may only carry
// a document that proves itself, or a copy that we may go and look for.
func (in *Inbox) judgeSigner(ctx context.Context, a *arrival, claim *signature.Claim) error {
	host, err := origin.Host(claim.KeyID())
	if err != nil {
		return &RefusedError{Kind: KindSignature, Reason: string(signature.BadKeyID), Host: a.host, Err: err}
	}
	a.keyID = claim.KeyID()
	if a.actor == "" {
		a.host = host
	}
	if host == a.host {
		if a.actor == "" {
			return in.judgeHost(ctx, a, host)
		}
		return nil
	}
	held := a.decision == coop.Hold
	if err := in.judgeHost(ctx, a, host); err != nil {
		return err
	}
	if held {
		a.decision = coop.Hold // the stricter of the two
	}
	if hasProof(a.doc) {
		return nil
	}
	return in.mayForward(ctx, a, host)
}

// deletesUnknownSelf is the rule against storms of deletions: who was never
// heard of here and leaves is answered before anybody is asked about it, and
// nothing is kept.
func (in *Inbox) deletesUnknownSelf(ctx context.Context, a *arrival) (bool, error) {
	if a.activity != "Delete" && a.activity != "Update" || a.object == "" || a.object != a.actor {
		return false, nil
	}
	_, err := in.store.AccountByIRI(ctx, a.actor)
	if errors.Is(err, coop.ErrNotFound) {
		return true, nil
	}
	if err != nil {
		return false, unavailable("look up an actor", err)
	}
	return false, nil
}

// accept ends the gate: the actor's own standing, then bytes and job in one
// transaction. The replay memory is part of it, so it begins with the durable 202.
func (in *Inbox) accept(ctx context.Context, a *arrival, claim *signature.Claim, who sender) (Receipt, error) {
	in.spend(who.host)
	account, err := in.store.Standing(ctx, a.actor)
	if err != nil && !errors.Is(err, coop.ErrNotFound) {
		return Receipt{}, unavailable("look up an actor", err)
	}
	receipt := in.receipt(account, who)
	wanted, err := in.wanted(ctx, a, account)
	if err != nil || !wanted {
		return receipt, err
	}
	err = in.store.Write(ctx, func(tx *storage.Tx) error { return in.keep(ctx, tx, a, claim, who) })
	if err != nil {
		return Receipt{}, unavailable("keep an activity", err)
	}
	who.remember(in)
	in.synchronize(ctx, a, who)
	return receipt, nil
}

// wanted tells what is answered 202 and not kept: what an actor sends who is
// suspended or gone, and, in the mode `ask`, all that comes from servers without
// a decision but what concerns a follow, and actors that somebody here follows.
func (in *Inbox) wanted(ctx context.Context, a *arrival, account *storage.Standing) (bool, error) {
	if account != nil && account.Gone {
		return false, nil
	}
	if a.decision != coop.Hold {
		return true, nil
	}
	switch a.activity {
	case "Follow", "Undo", "Accept", "Reject":
		return true, nil
	}
	if account == nil {
		return false, nil
	}
	followed, err := in.store.FollowedHere(ctx, account.ID)
	if err != nil {
		return false, unavailable("look up a follow", err)
	}
	return followed, nil
}

// receipt asks a peer that has an Ed25519 key to sign with it.
func (in *Inbox) receipt(account *storage.Standing, who sender) Receipt {
	asks := account != nil && account.HasEd25519
	if who.found.doc != nil && who.found.doc.account.HasEd25519 {
		asks = true
	}
	if !asks {
		return Receipt{}
	}
	return Receipt{AcceptSignature: signature.AcceptSignature()}
}

// keep is the transaction of the gate.
func (in *Inbox) keep(ctx context.Context, tx *storage.Tx, a *arrival, claim *signature.Claim, who sender) error {
	fresh, err := tx.Replay(ctx, claim.ReplayKey(), in.now().Add(replayMemory))
	if err != nil || !fresh {
		return err
	}
	if err := in.keepKeys(ctx, tx, who); err != nil {
		return err
	}
	_, err = tx.AddIncoming(ctx, storage.Incoming{
		DedupeKey: a.dedupeKey(claim.ReplayKey()), Actor: a.actor, Host: a.host, Activity: a.id,
		Type: a.activity, Object: a.object, Recipient: a.r.Recipient,
		Signer: who.signer, Proof: who.proof, Body: a.r.Body, ReceivedAt: in.now(),
	})
	if err != nil {
		return err
	}
	return in.noteHost(ctx, tx, who, storage.Exchanged{Type: a.activity, ID: a.id})
}

// keepKeys keeps the keys that were fetched for this request.
func (in *Inbox) keepKeys(ctx context.Context, tx *storage.Tx, who sender) error {
	for _, f := range []foundKey{who.found, who.proofKey} {
		if f.doc == nil {
			continue
		}
		err := tx.SaveRemoteKeys(ctx, f.doc.account.IRI, f.doc.keepable(f.key.ID))
		if err != nil && !errors.Is(err, coop.ErrConflict) { // an id that changed hands is fetched again
			return err
		}
	}
	return nil
}

// noteHost notes that a server is alive, once a minute: its destination works
// again, and its form of signature is known.
func (in *Inbox) noteHost(ctx context.Context, tx *storage.Tx, who sender, said storage.Exchanged) error {
	if _, known := in.touched.get(who.host+" "+string(who.form), in.now()); known || who.proof == provenGone {
		return nil
	}
	if err := tx.TouchPeer(ctx, who.host, storage.PeerReceived, in.now(), said); err != nil {
		return err
	}
	if err := tx.ReviveDestination(ctx, who.host); err != nil {
		return err
	}
	if err := in.learnForm(ctx, tx, who); err != nil {
		return err
	}
	tx.AfterCommit(func() { in.touched.put(who.host+" "+string(who.form), struct{}{}, in.now()) })
	return nil
}

// learnForm remembers that a server speaks RFC 9421, unless more is known of it
// already.
func (in *Inbox) learnForm(ctx context.Context, tx *storage.Tx, who sender) error {
	if who.form != signature.RFC9421RSA && who.form != signature.RFC9421Ed25519 {
		return nil
	}
	known, err := tx.Signature(ctx, who.host)
	if err != nil || known.Form != "" && known.Form != string(signature.Cavage) {
		return err
	}
	return tx.LearnSignature(ctx, who.host, string(signature.RFC9421RSA))
}
