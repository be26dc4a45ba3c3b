// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"

	"minga/coop"
	"minga/federation/vocabulary"
	"minga/storage"
)

// FeatureTag shows a hashtag on a profile and tells the followers; twice is once. The
// first one gives the actor its collection of hashtags, which an Update tells. What is
// no hashtag, and one too many, give an *[coop.InvalidError].
func (o *Outbox) FeatureTag(ctx context.Context, a *coop.Account, name string) (tag coop.FeaturedTag, err error) {
	err = o.store.Write(ctx, func(tx *storage.Tx) error {
		var added bool
		if tag, added, err = tx.FeatureTag(ctx, a.ID, name); err != nil || !added {
			return err
		}
		known, err := tx.HoldAccount(ctx, a.ID)
		if err != nil {
			return err
		}
		if known.FeaturedTags == "" {
			known.FeaturedTags = below(known.IRI, string(CollectionTags))
			if err := o.saveActor(ctx, tx, known); err != nil {
				return err
			}
		}
		return o.sendTag(ctx, tx, "Add", known, tag.Name)
	})
	return tag, err
}

// UnfeatureTag takes a hashtag off a profile; one that was not there is no error.
func (o *Outbox) UnfeatureTag(ctx context.Context, a *coop.Account, name string) error {
	return o.store.Write(ctx, func(tx *storage.Tx) error {
		removed, err := tx.UnfeatureTag(ctx, a.ID, name)
		if err != nil || !removed {
			return err
		}
		return o.sendTag(ctx, tx, "Remove", a, name)
	})
}

// hashtag is a hashtag as an object of its own.
func (o *Outbox) hashtag(name string) vocabulary.Members {
	return vocabulary.Hashtag(name, o.o.Local.Tag(name))
}

// sendTag tells the followers of a change. The target is the collection of pinned
// posts, as other servers expect: the type of the object says what it is about.
func (o *Outbox) sendTag(ctx context.Context, tx *storage.Tx, kind string, a *coop.Account, name string) error {
	if a.Featured == "" {
		return nil
	}
	iri, err := o.newIRI(ctx, tx, a.IRI, kind)
	if err != nil {
		return err
	}
	to, err := o.toFollowers(ctx, tx, a)
	if err != nil {
		return err
	}
	_, err = o.send(ctx, tx, outgoing{signer: a, public: true, object: a.FeaturedTags, activity: vocabulary.Activity{
		ID: iri, Type: kind, Actor: string(a.IRI), To: []string{string(coop.Public)}, Cc: some(a.Followers),
		Object: o.hashtag(name), Target: string(a.Featured), Published: o.now(),
	}}, to)
	return err
}

// featuredTags lists the hashtags of a profile on one page.
func (o *Outbox) featuredTags(ctx context.Context, owner *coop.Account) (page, int, error) {
	tags, err := o.store.FeaturedTags(ctx, owner.ID)
	p := page{}
	for _, tag := range tags {
		p.items = append(p.items, o.hashtag(tag.Name))
	}
	return p, len(tags), err
}
