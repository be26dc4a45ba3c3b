// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"fmt"
	"time"

	"minga/coop"
	"minga/federation/vocabulary"
	"minga/storage"
)

// Boost announces a public post to the account's followers; twice is once. See
// [Outbox.BoostFor].
func (o *Outbox) Boost(ctx context.Context, a *coop.Account, p *coop.Post) error {
	return o.BoostFor(ctx, a, p, coop.VisiblePublic)
}

// BoostFor announces a post to everybody who looks, or, with the audience followers,
// to these alone; twice is once. One's own post for followers is announced to them
// alone in any case. A post that is for others, or that the account may not see, gives
// [coop.ErrNotFound]; an audience that a boost cannot have an *[coop.InvalidError]; an
// account that moved away [coop.ErrForbidden].
func (o *Outbox) BoostFor(ctx context.Context, a *coop.Account, p *coop.Post, audience coop.Visibility) error {
	if err := speaksHere(a); err != nil {
		return err
	}
	return o.store.Write(ctx, func(tx *storage.Tx) error {
		post, err := tx.Post(ctx, storage.Seeing(ctx, a.ID), p.ID)
		if err != nil {
			return fmt.Errorf("boost %s: %w", p.ID, err)
		}
		own := post.Visibility == coop.VisibleFollowers && post.AuthorID == a.ID
		if !public(post.Visibility) && !own || draft(post) {
			return fmt.Errorf("boost %s: %w", p.ID, coop.ErrNotFound)
		}
		if own {
			audience = coop.VisibleFollowers
		}
		if !public(audience) && audience != coop.VisibleFollowers {
			return &coop.InvalidError{Field: "visibility", Code: coop.CodeNotAllowed, Problem: "is public, unlisted or private"}
		}
		iri, added, err := o.react(ctx, tx, storage.Reaction{Kind: storage.Boost, Audience: audience}, a, post)
		if err != nil || !added {
			return err
		}
		return o.sendBoost(ctx, tx, a, post, boosting(a, post, coop.IRI(iri), audience, o.now()))
	})
}

// boosting is the Announce of a post for an audience (ActivityPub §7.11). Of a post
// for followers only its name goes out.
func boosting(a *coop.Account, post *coop.Post, iri coop.IRI, audience coop.Visibility, at time.Time) outgoing {
	g := outgoing{activity: announcement(a, string(iri), string(post.IRI)), signer: a, public: public(audience), object: iri}
	switch audience {
	case coop.VisibleUnlisted:
		g.activity.To, g.activity.Cc = []string{string(a.Followers)}, []string{string(coop.Public)}
	case coop.VisibleFollowers:
		g.activity.To, g.activity.Cc = []string{string(a.Followers)}, nil
	}
	if post.AuthorID != a.ID {
		g.activity.Cc = append(g.activity.Cc, string(post.Author.IRI))
	}
	g.activity.Published = at
	return g
}

// sendBoost tells the followers and the author.
func (o *Outbox) sendBoost(ctx context.Context, tx *storage.Tx, a *coop.Account, post *coop.Post, g outgoing) error {
	to, err := o.toFollowers(ctx, tx, a, post.Author)
	if err != nil {
		return err
	}
	_, err = o.send(ctx, tx, g, to)
	return err
}

// react stores a reaction with a new id.
func (o *Outbox) react(ctx context.Context, tx *storage.Tx, x storage.Reaction, a *coop.Account, post *coop.Post) (string, bool, error) {
	name := map[storage.ReactionKind]string{storage.Boost: "Announce", storage.Like: "Like"}[x.Kind]
	iri, err := o.newIRI(ctx, tx, a.IRI, name)
	if err != nil {
		return "", false, err
	}
	x.Actor, x.Post, x.IRI, x.At = a.ID, post.ID, coop.IRI(iri), o.now()
	added, err := tx.React(ctx, x)
	if err != nil {
		return "", false, fmt.Errorf("%s %s: %w", x.Kind, post.IRI, err)
	}
	return iri, added, nil
}

// Unboost takes a boost back; none is no error.
func (o *Outbox) Unboost(ctx context.Context, a *coop.Account, p *coop.Post) error {
	return o.store.Write(ctx, func(tx *storage.Tx) error {
		post, was, err := o.unreact(ctx, tx, storage.Boost, a, p.ID)
		if err != nil || was == nil {
			return err
		}
		to, err := o.toFollowers(ctx, tx, a, post.Author)
		if err != nil {
			return err
		}
		return o.undo(ctx, tx, boosting(a, post, was.IRI, was.Audience, o.now()), to)
	})
}

// unreact removes a reaction and says what it was, nil for none.
func (o *Outbox) unreact(ctx context.Context, tx *storage.Tx, kind storage.ReactionKind, a *coop.Account, id coop.ID) (*coop.Post, *storage.Reaction, error) {
	was, err := tx.ReactionOf(ctx, kind, a.ID, id)
	if isNotFound(err) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("take back a %s: %w", kind, err)
	}
	post, err := tx.Post(ctx, coop.System(), id)
	if err != nil {
		return nil, nil, fmt.Errorf("take back a %s: %w", kind, err)
	}
	_, err = tx.Unreact(ctx, kind, a.ID, id)
	return post, was, err
}

// undo sends Undo of an activity of ours, with what is needed to know it by.
func (o *Outbox) undo(ctx context.Context, tx *storage.Tx, was outgoing, to []coop.IRI) error {
	iri, err := o.newIRI(ctx, tx, was.signer.IRI, "Undo")
	if err != nil {
		return err
	}
	what := was.activity
	was.activity = vocabulary.Activity{ID: iri, Type: "Undo", Actor: what.Actor, To: what.To, Cc: what.Cc, Published: o.now(), Object: bare(what)}
	_, err = o.send(ctx, tx, was, to)
	return err
}

// bare is an activity as another one embeds it: what it is, by whom, about what.
func bare(a vocabulary.Activity) vocabulary.Members {
	return vocabulary.Members{{Name: "id", Value: a.ID}, {Name: "type", Value: a.Type}, {Name: "actor", Value: a.Actor}, {Name: "object", Value: a.Object}}
}

// Like tells the author of a post; twice is once. Likes of posts on a board of ours
// are public, since the board announces them.
func (o *Outbox) Like(ctx context.Context, a *coop.Account, p *coop.Post) error {
	return o.store.Write(ctx, func(tx *storage.Tx) error {
		post, err := tx.Post(ctx, storage.Seeing(ctx, a.ID), p.ID)
		if err != nil {
			return fmt.Errorf("like %s: %w", p.ID, err)
		}
		iri, added, err := o.react(ctx, tx, storage.Reaction{Kind: storage.Like}, a, post)
		if err != nil || !added {
			return err
		}
		return o.sendLike(ctx, tx, a, post, o.like(a, post, iri), false)
	})
}

// like is a Like, with the public added where a board will announce it.
func (o *Outbox) like(a *coop.Account, post *coop.Post, iri string) vocabulary.Activity {
	v := vocabulary.Activity{ID: iri, Type: "Like", Actor: string(a.IRI), To: []string{string(post.Author.IRI)}, Object: string(post.IRI), Published: o.now()}
	if o.onBoard(post) {
		v.Cc = []string{string(coop.Public)}
	}
	return v
}

// onBoard tells whether a post stands on a board of ours.
func (o *Outbox) onBoard(post *coop.Post) bool {
	return post.Visibility == coop.VisiblePublic && post.Audience != "" && o.o.Local.own(post.Audience)
}

func (o *Outbox) sendLike(ctx context.Context, tx *storage.Tx, a *coop.Account, post *coop.Post, v vocabulary.Activity, undo bool) error {
	if post.Visibility == coop.VisibleLocal {
		return nil // nobody elsewhere may even know its name
	}
	to, err := o.toOne(ctx, tx, post.Author)
	if err != nil {
		return err
	}
	g := outgoing{activity: v, signer: a, public: o.onBoard(post), object: coop.IRI(v.ID)}
	if undo {
		iri, err := o.newIRI(ctx, tx, a.IRI, "Undo")
		if err != nil {
			return err
		}
		g.activity = vocabulary.Activity{ID: iri, Type: "Undo", Actor: v.Actor, To: v.To, Cc: v.Cc, Published: o.now(), Object: bare(v)}
	}
	doc, err := o.send(ctx, tx, g, to)
	if err != nil || doc == nil || !g.public {
		return err
	}
	return o.announceLocal(ctx, tx, post, doc, false)
}

// Unlike takes a like back; none is no error.
func (o *Outbox) Unlike(ctx context.Context, a *coop.Account, p *coop.Post) error {
	return o.store.Write(ctx, func(tx *storage.Tx) error {
		post, was, err := o.unreact(ctx, tx, storage.Like, a, p.ID)
		if err != nil || was == nil {
			return err
		}
		return o.sendLike(ctx, tx, a, post, o.like(a, post, string(was.IRI)), true)
	})
}
