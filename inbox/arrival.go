// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"

	"minga/coop"
	"minga/federation/document"
	"minga/federation/origin"
)

// arrival is a pushed document on its way through the gate: what its envelope
// says, and so far nothing that anybody proved.
type arrival struct {
	r        Request
	doc      *document.Object
	activity string   // type
	id       coop.IRI // empty: anonymous
	actor    coop.IRI // empty: a bare object without owner; then the signer is taken
	object   coop.IRI
	host     string // of the actor, or of the key where there is no actor
	keyID    string // as the header says
	decision coop.Verdict
}

// readArrival is the shape step: the limits on the token stream, then the
// envelope. The error is a *RefusedError.
func readArrival(r Request) (*arrival, error) {
	if err := document.Check(r.Body, document.Pushed()); err != nil {
		return nil, shapeRefusal(err)
	}
	doc, err := document.Read(r.Body)
	if err != nil {
		return nil, shapeRefusal(err)
	}
	a := &arrival{
		r: r, doc: doc, activity: doc.Type(), id: coop.IRI(doc.ID()),
		actor: coop.IRI(doc.Owner()), object: coop.IRI(doc.Ref("object").ID),
	}
	return a, a.checkEnvelope()
}

// shapeRefusal keeps the reader's own word for what was wrong.
func shapeRefusal(err error) error {
	refused := &RefusedError{Kind: KindShape, Reason: "shape", Err: err}
	var shape *document.ShapeError
	if errors.As(err, &shape) {
		refused.Reason = string(shape.Reason)
		if shape.Reason == document.TooLarge {
			refused.Kind = KindTooLarge
		}
	}
	return refused
}

// checkEnvelope wants what every later step rests on: an actor with a host, and
// an id of the actor's origin.
func (a *arrival) checkEnvelope() error {
	if a.doc.Class() == document.Activity && a.actor == "" {
		return &RefusedError{Kind: KindShape, Reason: "actor"}
	}
	if a.actor == "" {
		return nil
	}
	host, err := origin.Host(string(a.actor))
	if err != nil {
		return &RefusedError{Kind: KindShape, Reason: "actor", Err: err}
	}
	a.host = host
	switch {
	case a.id == "" && needsID(a.activity):
		return &RefusedError{Kind: KindShape, Reason: "id", Host: host}
	case a.id != "" && !origin.Same(string(a.id), string(a.actor)):
		return &RefusedError{Kind: KindShape, Reason: "origin", Host: host}
	}
	return nil
}

// needsID lists the activities that do not pass anonymously.
func needsID(activity string) bool {
	return activity == "Create" || activity == "Update" || activity == "Announce"
}

// dedupeKey is one for one activity: (actor, id), or the hash of the bytes. Not the
// actor's origin: who lives on the same server could else take a neighbour's id first.
// Follow and Join have their answer again each time they are signed anew, so the
// signature is part of their key. A Create that also comes to a personal inbox may
// concern its owner alone.
func (a *arrival) dedupeKey(replay string) string {
	key := string(a.id)
	if key == "" {
		sum := sha256.Sum256(a.r.Body)
		key = "sha256:" + hex.EncodeToString(sum[:])
	}
	switch {
	case a.activity == "Follow" || a.activity == "Join":
		key += " " + replay
	case a.activity == "Create" && a.r.Recipient != 0:
		key += " to " + a.r.Recipient.String()
	}
	key = string(a.actor) + " " + key
	if len(key) > 1000 {
		sum := sha256.Sum256([]byte(key))
		key = "sha256:" + hex.EncodeToString(sum[:])
	}
	return key
}
