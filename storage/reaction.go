// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// ReactionKind is Like or Boost.
type ReactionKind string

// The kinds of reactions.
const (
	Like  ReactionKind = "like"
	Boost ReactionKind = "boost" // Announce of the plain id
)

// Reaction is one account's like or boost of one post.
type Reaction struct {
	ID      coop.ID // set by the store
	Kind    ReactionKind
	Actor   coop.ID
	Post    coop.ID
	IRI     coop.IRI // id of the activity; empty: none
	At      time.Time
	Content string // emoji of a Like, plain text, 100 characters at most
	// Audience is who may see a boost: public, unlisted or followers; empty: public.
	Audience coop.Visibility
	Quiet    bool // tell nobody
	// UsedOn is the day on which a co-op says that it used an article; ISO 8601, empty:
	// it is only a like.
	UsedOn string
}

// ReactionQuery says which reactions are wanted; at least Post or Actor.
type ReactionQuery struct {
	Post  coop.ID
	Actor coop.ID
	Kind  ReactionKind // empty: both
}

// reactionColumns are those that [scanReaction] reads, of the table named x.
const reactionColumns = "x.id, x.kind, x.actor_id, x.post_id, x.iri, x.at, x.content, x.audience, x.used_on"

// scanReaction reads a row of [reactionColumns].
func scanReaction(row pgx.CollectableRow) (x Reaction, err error) {
	var id, actor, post, at int64
	var kind, iri, audience string
	err = row.Scan(&id, &kind, &actor, &post, &iri, &at, &x.Content, &audience, &x.UsedOn)
	x.Audience = coop.Visibility(audience)
	x.ID, x.Kind, x.Actor, x.Post, x.IRI, x.At = coop.ID(id), ReactionKind(kind), coop.ID(actor), coop.ID(post), coop.IRI(iri), atMs(at)
	return x, err
}

// ReactionByIRI finds a reaction by the id of its activity, or gives [coop.ErrNotFound].
func (r reader) ReactionByIRI(ctx context.Context, iri coop.IRI) (*Reaction, error) {
	x, err := first(ctx, r, scanReaction, `
		SELECT `+reactionColumns+`
		FROM reactions x
		WHERE x.iri = $1 AND x.iri <> ''
		ORDER BY x.id
		LIMIT 1`, cleanText(string(iri)))
	if err != nil {
		return nil, fmt.Errorf("reaction %s: %w", iri, err)
	}
	return &x, nil
}

// ReactionOf finds what one account did with one post, or gives [coop.ErrNotFound].
func (r reader) ReactionOf(ctx context.Context, kind ReactionKind, actor, post coop.ID) (*Reaction, error) {
	x, err := first(ctx, r, scanReaction, `
		SELECT `+reactionColumns+`
		FROM reactions x
		WHERE x.post_id = $1 AND x.kind = $2 AND x.actor_id = $3`, int64(post), string(kind), int64(actor))
	if err != nil {
		return nil, fmt.Errorf("%s of post %s by %s: %w", kind, post, actor, err)
	}
	return &x, nil
}

// Reactions lists reactions to posts that the viewer may see, by accounts that
// are not gone, newest first.
func (r reader) Reactions(ctx context.Context, v coop.Viewer, q ReactionQuery, page coop.Page) ([]Reaction, error) {
	var a args
	from := r.reactionsFrom(&a, v, q)
	p := a.page("x.id", page)
	list, err := all(ctx, r, scanReaction, `
		SELECT `+reactionColumns+from+` AND `+p.where+`
		`+p.order, a...)
	if err != nil {
		return nil, fmt.Errorf("reactions: %w", err)
	}
	return newestFirst(p, list), nil
}

// CountReactions counts what [reader.Reactions] would list without a page.
func (r reader) CountReactions(ctx context.Context, v coop.Viewer, q ReactionQuery) (int, error) {
	var a args
	n, err := r.number(ctx, "SELECT COUNT(*)"+r.reactionsFrom(&a, v, q), a...)
	return int(n), err
}

// reactionsFrom is the rest of a question about reactions.
func (r reader) reactionsFrom(a *args, v coop.Viewer, q ReactionQuery) string {
	where := r.visible(a, v) + " AND " + boostVisible(a, v, "x")
	if q.Post != 0 {
		where += " AND x.post_id = " + a.add(int64(q.Post))
	}
	if q.Actor != 0 {
		where += " AND x.actor_id = " + a.add(int64(q.Actor))
	}
	if q.Kind != "" {
		where += " AND x.kind = " + a.add(string(q.Kind))
	}
	return `
		FROM reactions x
		JOIN accounts w ON w.id = x.actor_id
		JOIN posts p ON p.id = x.post_id
		JOIN accounts a ON a.id = p.author_id
		WHERE w.suspended_at = 0 AND w.deleted_at = 0 AND ` + where
}

// boostable is the condition that a boost x of the post p is a line of timelines: of
// what everybody may see, and of an author's own for followers, which these alone see.
const boostable = "(p.visibility IN ('public', 'unlisted') OR p.visibility = 'followers' AND x.actor_id = p.author_id)"

// boostVisible is the condition that the viewer may know of the reaction x: of a boost
// for followers these and who boosted.
func boostVisible(a *args, v coop.Viewer, x string) string {
	switch v.Class {
	case coop.ViewerSystem:
		return "TRUE"
	case coop.ViewerAccount, coop.ViewerRemote:
		return boostVisibleTo(a.add(int64(v.Account)), x)
	default:
		return x + ".audience <> 'followers'"
	}
}

// boostVisibleTo is [boostVisible] for the account that a placeholder or a column names.
func boostVisibleTo(who, x string) string {
	return "(" + x + ".audience <> 'followers' OR " + x + ".actor_id = " + who + ` OR EXISTS (
			SELECT 1 FROM follows bf
			WHERE bf.follower_id = ` + who + ` AND bf.target_id = ` + x + `.actor_id AND bf.state = 'accepted'))`
}

// React stores a like or boost, once for each account and post, tells the author
// if it is of this instance, and notes a remote actor's server as a holder. It
// returns false when it was there. [coop.ErrGone] says that its activity was undone
// before it came, or that the post was withdrawn or the actor is gone;
// [coop.ErrNotFound] that there is no such post or actor.
func (tx *Tx) React(ctx context.Context, x Reaction) (added bool, err error) {
	if added, err = tx.react(ctx, x); err != nil {
		return false, fmt.Errorf("%s of post %s by %s: %w", x.Kind, x.Post, x.Actor, err)
	}
	return added, nil
}

// react is the story of React.
func (tx *Tx) react(ctx context.Context, x Reaction) (bool, error) {
	actor, err := tx.Account(ctx, x.Actor)
	if err != nil {
		return false, err
	}
	if actor.Gone() {
		return false, coop.ErrGone
	}
	if err := tx.mayReact(ctx, x.IRI, actor); err != nil {
		return false, err
	}
	p, err := tx.Post(ctx, coop.System(), x.Post)
	if err != nil {
		return false, err
	}
	id, err := tx.insertReaction(ctx, x)
	if id == 0 || err != nil {
		return false, err
	}
	if x.Kind == Boost {
		tx.changed(coop.Change{Kind: coop.ChangeBoost, ID: id, Post: x.Post, Account: x.Actor})
	}
	if actor.Local {
		if err := tx.keepFindable(ctx, p); err != nil {
			return true, err
		}
	}
	if err := tx.holds(ctx, x.Post, actor); err != nil || x.Quiet {
		return true, err
	}
	kind := coop.EventLiked
	if x.Kind == Boost {
		kind = coop.EventBoosted
	}
	return true, tx.tell(ctx, coop.Event{Kind: kind, From: x.Actor, Post: x.Post}, coop.Concerned{Account: p.AuthorID, Author: true})
}

// mayReact tells whether the id of a reaction was not taken back before it came
// ([coop.ErrGone]).
func (tx *Tx) mayReact(ctx context.Context, iri coop.IRI, actor *coop.Account) error {
	if iri == "" {
		return nil
	}
	if err := tx.alone(ctx, string(iri)); err != nil {
		return err
	}
	buried, err := tx.buried(ctx, iri, actor.IRI)
	if err == nil && buried {
		err = coop.ErrGone
	}
	return err
}

// insertReaction writes the row and gives its id; zero says that it was there.
func (tx *Tx) insertReaction(ctx context.Context, x Reaction) (coop.ID, error) {
	now := tx.e.now()
	if x.At.IsZero() || x.At.After(now) {
		x.At = now
	}
	id, err := tx.NextID(ctx, x.At)
	if err != nil {
		return 0, err
	}
	n, err := tx.insert(ctx, "reactions", []column{
		{"id", int64(id)},
		{"kind", string(x.Kind)},
		{"actor_id", int64(x.Actor)},
		{"post_id", int64(x.Post)},
		{"iri", string(x.IRI)},
		{"content", coop.Truncate(x.Content, 100)},
		{"audience", string(cmp.Or(x.Audience, coop.VisiblePublic))},
		{"used_on", x.UsedOn},
		{"at", msOf(x.At)},
	}, "ON CONFLICT DO NOTHING")
	if err != nil || n == 0 {
		return 0, err
	}
	return id, nil
}

// MarkUsed makes a like that is here say that its actor used the article, under the id
// of the activity that says so. A missing like is no error.
func (tx *Tx) MarkUsed(ctx context.Context, actor, post coop.ID, iri coop.IRI, usedOn string) error {
	_, err := tx.exec(ctx, `
		UPDATE reactions
		SET used_on = $1, iri = $2
		WHERE post_id = $3 AND kind = 'like' AND actor_id = $4`, usedOn, cleanText(string(iri)), int64(post), int64(actor))
	if err != nil {
		return fmt.Errorf("use of post %s by %s: %w", post, actor, err)
	}
	return nil
}

// toldOf is what a reaction tells the author.
func toldOf(kind ReactionKind) coop.NotificationKind {
	if kind == Boost {
		return coop.NotifyReblog
	}
	return coop.NotifyFavourite
}

// Unreact removes a reaction with what it told; a missing one is no error and
// returns false. Where the Undo may have overtaken its activity, the caller keeps
// the activity's id by [Tx.AddTombstone].
func (tx *Tx) Unreact(ctx context.Context, kind ReactionKind, actor, post coop.ID) (removed bool, err error) {
	gone, err := all(ctx, tx.reader, scanID, `
		DELETE FROM reactions
		WHERE post_id = $1 AND kind = $2 AND actor_id = $3
		RETURNING id`, int64(post), string(kind), int64(actor))
	if err != nil || len(gone) == 0 {
		return false, err
	}
	if kind == Boost {
		tx.changed(coop.Change{Kind: coop.ChangeUnboost, ID: gone[0], Post: post, Account: actor})
	}
	return true, tx.untell(ctx, toldOf(kind), actor, post, 0)
}

// Pin features a post of the account itself; twice is once. A post of another gives
// [coop.ErrForbidden].
func (tx *Tx) Pin(ctx context.Context, account, post coop.ID, at time.Time) error {
	p, err := tx.Post(ctx, coop.System(), post)
	if err != nil {
		return err
	}
	if p.AuthorID != account {
		return fmt.Errorf("pin post %s: %w", post, coop.ErrForbidden)
	}
	_, err = tx.insert(ctx, "pins", []column{
		{"account_id", int64(account)}, {"post_id", int64(post)}, {"at", msOf(at)},
	}, "ON CONFLICT DO NOTHING")
	return err
}

// Unpin ends [Tx.Pin]; a missing one is no error.
func (tx *Tx) Unpin(ctx context.Context, account, post coop.ID) error {
	_, err := tx.exec(ctx, `DELETE FROM pins WHERE account_id = $1 AND post_id = $2`, int64(account), int64(post))
	return err
}
