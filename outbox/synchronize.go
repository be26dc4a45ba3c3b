// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"slices"

	"minga/coop"
	"minga/federation"
	"minga/federation/vocabulary"
	"minga/storage"
)

// CollectionPart is the part of the followers of an account that lives on the server that
// asks (FEP-8fcf).
const CollectionPart CollectionName = "followers_synchronization"

// mostFollowersOn is up to how many followers on one server are compared.
const mostFollowersOn = 5_000

// followersPart writes the followers of an account on the viewer's server, as one page.
// Nobody else learns of them: [coop.ErrNotFound].
func (o *Outbox) followersPart(ctx context.Context, v coop.Viewer, owner *coop.Account) ([]byte, error) {
	if v.Host == "" || owner.Followers == "" {
		return nil, coop.ErrNotFound
	}
	ids, err := o.store.FollowersOn(ctx, owner.ID, v.Host, mostFollowersOn+1)
	if err != nil || len(ids) > mostFollowersOn {
		return nil, cmpErr(err, coop.ErrNotFound)
	}
	c := vocabulary.Collection{ID: string(below(owner.IRI, string(CollectionPart))), AttributedTo: string(owner.IRI), TotalItems: int64(len(ids)), Items: []any{}}
	for _, id := range ids {
		c.Items = append(c.Items, string(id))
	}
	return vocabulary.Encode(c.Members(), vocabulary.Post)
}

// cmpErr is the first that is one.
func cmpErr(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}

// synchronization is the header that a delivery carries: what is created for followers
// alone says whom of the receiving server we take for followers. Empty: none.
func (b *batch) synchronization(ctx context.Context, d *storage.ClaimedDelivery) (string, error) {
	if d.Activity != "Create" || bytes.Contains(d.Body, []byte(coop.Public)) || !bytes.Contains(d.Body, []byte("/followers\"")) {
		return "", nil
	}
	signer, err := b.o.store.Account(ctx, d.Signer)
	if err != nil || signer.Followers == "" || !addresses(d.Body, signer.Followers) {
		return "", err
	}
	ids, err := b.o.store.FollowersOn(ctx, signer.ID, b.claim.Host, mostFollowersOn+1)
	if err != nil || len(ids) > mostFollowersOn {
		return "", err
	}
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = string(id)
	}
	return federation.Synchronization{
		Collection: string(signer.Followers), URL: string(below(signer.IRI, string(CollectionPart))), Digest: federation.FollowersDigest(texts),
	}.String(), nil
}

// addresses tells whether an activity of ours is for a collection.
func addresses(body []byte, collection coop.IRI) bool {
	var a struct{ To, Cc []coop.IRI }
	return json.Unmarshal(body, &a) == nil && (slices.Contains(a.To, collection) || slices.Contains(a.Cc, collection))
}

// withSynchronization puts the header on a request that is about to be signed.
func withSynchronization(r *http.Request, value string) {
	if value != "" {
		r.Header.Set(federation.SynchronizationHeader, value)
	}
}

// UndoLost tells another server that an account here does not follow one of its own, of
// which it is said that it does: there is no follow here that could end.
func (o *Outbox) UndoLost(ctx context.Context, tx *storage.Tx, follower, target *coop.Account) error {
	iri, err := o.newIRI(ctx, tx, follower.IRI, "Follow")
	if err != nil {
		return err
	}
	to, err := o.toOne(ctx, tx, target)
	if err != nil {
		return err
	}
	was := followActivity(&coop.Follow{IRI: coop.IRI(iri), Follower: follower, Target: target})
	was.To = []string{string(target.IRI)}
	return o.undo(ctx, tx, outgoing{activity: was, signer: follower, object: pairOf(follower, target)}, to)
}
