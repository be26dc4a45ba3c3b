// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"fmt"

	"minga/coop"
	"minga/federation/vocabulary"
	"minga/storage"
)

// Pin features a post of the account's own on its profile and tells the followers by
// an Add to its featured collection (ActivityPub §7.8); twice is once. A post of
// another, a direct one and one too many give an *[coop.InvalidError], one that the
// account may not see [coop.ErrNotFound].
func (o *Outbox) Pin(ctx context.Context, a *coop.Account, p *coop.Post) error {
	return o.store.Write(ctx, func(tx *storage.Tx) error {
		post, err := o.pinnable(ctx, tx, a, p.ID)
		if err != nil {
			return err
		}
		added, err := tx.PinSome(ctx, a.ID, post.ID, coop.MaxPins)
		if err != nil || !added {
			return err
		}
		return o.sendPin(ctx, tx, "Add", a, post)
	})
}

// pinnable finds a post that may be featured.
func (o *Outbox) pinnable(ctx context.Context, tx *storage.Tx, a *coop.Account, id coop.ID) (*coop.Post, error) {
	post, err := tx.Post(ctx, storage.Seeing(ctx, a.ID), id)
	if err != nil {
		return nil, fmt.Errorf("pin %s: %w", id, err)
	}
	problem := ""
	switch {
	case post.AuthorID != a.ID:
		problem = "only one's own posts can be pinned"
	case post.Visibility == coop.VisibleDirect:
		problem = "direct posts cannot be pinned"
	case draft(post):
		problem = "what is not published cannot be pinned"
	}
	if problem != "" {
		return nil, &coop.InvalidError{Field: "id", Code: coop.CodeNotAllowed, Problem: problem}
	}
	return post, nil
}

// Unpin takes a post off the profile; one that was not there is no error.
func (o *Outbox) Unpin(ctx context.Context, a *coop.Account, p *coop.Post) error {
	return o.store.Write(ctx, func(tx *storage.Tx) error {
		post, err := tx.Post(ctx, storage.Seeing(ctx, a.ID), p.ID)
		if err != nil {
			return fmt.Errorf("unpin %s: %w", p.ID, err)
		}
		removed, err := tx.UnpinOne(ctx, a.ID, post.ID)
		if err != nil || !removed {
			return err
		}
		return o.sendPin(ctx, tx, "Remove", a, post)
	})
}

// sendPin tells the followers of a change of the featured collection. Nobody elsewhere
// hears of what stays on this instance or among members.
func (o *Outbox) sendPin(ctx context.Context, tx *storage.Tx, kind string, a *coop.Account, post *coop.Post) error {
	if post.Visibility == coop.VisibleLocal || post.Visibility == coop.VisibleMembers || a.Featured == "" {
		return nil
	}
	iri, err := o.newIRI(ctx, tx, a.IRI, kind)
	if err != nil {
		return err
	}
	v := vocabulary.Activity{ID: iri, Type: kind, Actor: string(a.IRI), To: []string{string(a.Followers)}, Object: string(post.IRI), Target: string(a.Featured), Published: o.now()}
	if public(post.Visibility) {
		v.To, v.Cc = []string{string(coop.Public)}, []string{string(a.Followers)}
	}
	to, err := o.toFollowers(ctx, tx, a)
	if err != nil {
		return err
	}
	_, err = o.send(ctx, tx, outgoing{activity: v, signer: a, public: public(post.Visibility), object: post.IRI}, to)
	return err
}
