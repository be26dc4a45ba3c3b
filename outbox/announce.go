// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"

	"minga/coop"
	"minga/federation/vocabulary"
	"minga/storage"
)

// How a post gets round
//
// A board sends two activities about a post of a verified member. The first is an
// Announce of the unchanged original activity, its bytes spliced in, for Lemmy and
// its kin: of the Create, and of each Update, Delete, Like and Undo. The second is an
// Announce of the post's id, once in its life, for Mastodon and its kin. The
// federation sends the second form alone, by its settings.
//
// Nothing is announced twice: the id of the first form follows from the activity's
// id, and the second is kept as the board's boost of the post. Nothing that came as an
// announcement is announced: the inbox does not ask for it.

// announceLocal lets the boards and the federation of this instance announce what
// its own members publish. First says that the post is new.
func (o *Outbox) announceLocal(ctx context.Context, tx *storage.Tx, p *coop.Post, activity *coop.Document, first bool) error {
	if p.Visibility != coop.VisiblePublic {
		return nil
	}
	for _, iri := range append([]coop.IRI{p.Audience}, p.Cc...) {
		if !o.o.Local.own(iri) || iri == p.Author.Followers {
			continue
		}
		board, err := tx.AccountByIRI(ctx, iri)
		if isNotFound(err) || err == nil && (board.Kind != coop.Board || board.Gone()) {
			continue
		}
		if err != nil {
			return fmt.Errorf("board %s: %w", iri, err)
		}
		if err := o.BoardAnnounce(ctx, tx, board, activity, p, first); err != nil {
			return err
		}
	}
	if !first {
		return nil
	}
	return o.FederationAnnounce(ctx, tx, p)
}

// BoardAnnounce queues what a board of ours says about an activity: the activity form
// always, the plain id where first is true and it was not announced before. Whether
// the board wants it is the caller's question. Activity.Body must be the bytes as
// they came.
func (o *Outbox) BoardAnnounce(ctx context.Context, tx *storage.Tx, board *coop.Account, activity *coop.Document, post *coop.Post, first bool) error {
	if err := o.announceActivity(ctx, tx, board, activity, post); err != nil {
		return err
	}
	if !first {
		return nil
	}
	return o.announceID(ctx, tx, board, post)
}

// announceActivity is the first form [wire example 20].
func (o *Outbox) announceActivity(ctx context.Context, tx *storage.Tx, board *coop.Account, activity *coop.Document, post *coop.Post) error {
	iri := activityIRI(board.IRI, "Announce", derivedID(board.IRI, activity.IRI))
	if _, err := tx.Document(ctx, iri); !isNotFound(err) {
		return err // announced already
	}
	to, err := o.toFollowers(ctx, tx, board)
	if err != nil {
		return fmt.Errorf("followers of %s: %w", board.IRI, err)
	}
	g := outgoing{activity: announcement(board, string(iri), json.RawMessage(activity.Body)), signer: board, public: true, object: post.IRI}
	g.activity.Published = o.now()
	_, err = o.send(ctx, tx, g, to)
	if unspliceable(err) {
		// A stranger's bytes, such as terms without a context, or nearly as large as
		// others take: the id alone still goes round.
		o.log.WarnContext(ctx, "activity not announced", "activity", activity.IRI, "err", err)
		return nil
	}
	return wrapErr("announce", activity.IRI, err)
}

// unspliceable tells whether bytes cannot stand inside a document of ours.
func unspliceable(err error) bool {
	var large *coop.InvalidError
	return errors.As(err, &large) || errors.Is(err, vocabulary.ErrUnknownTerm) || errors.Is(err, vocabulary.ErrValue) || errors.Is(err, vocabulary.ErrNumber)
}

// derivedID is a number that follows from what is announced and by whom, so that
// doing it again is seen.
func derivedID(board, activity coop.IRI) coop.ID {
	sum := sha256.Sum256([]byte(board + " " + activity))
	return coop.ID(binary.BigEndian.Uint64(sum[:8]) >> 1)
}

// announcement is an Announce to everybody who follows.
func announcement(by *coop.Account, iri string, object any) vocabulary.Activity {
	return vocabulary.Activity{
		ID: iri, Type: "Announce", Actor: string(by.IRI), To: []string{string(coop.Public)}, Cc: []string{string(by.Followers)}, Object: object,
	}
}

// announceID is the second form [wire examples 04 and 21], once for each post.
func (o *Outbox) announceID(ctx context.Context, tx *storage.Tx, by *coop.Account, post *coop.Post) error {
	iri, err := o.newIRI(ctx, tx, by.IRI, "Announce")
	if err != nil {
		return err
	}
	now := o.now()
	added, err := tx.React(ctx, storage.Reaction{Kind: storage.Boost, Actor: by.ID, Post: post.ID, IRI: coop.IRI(iri), At: now, Quiet: true})
	if err != nil || !added {
		return err
	}
	author := post.Author
	if author == nil {
		if author, err = tx.Account(ctx, post.AuthorID); err != nil {
			return err
		}
	}
	to, err := o.toFollowers(ctx, tx, by, author)
	if err != nil {
		return fmt.Errorf("followers of %s: %w", by.IRI, err)
	}
	g := outgoing{activity: announcement(by, iri, string(post.IRI)), signer: by, public: true, object: post.IRI}
	g.activity.Cc, g.activity.Published = append(g.activity.Cc, string(author.IRI)), now
	if _, err := o.send(ctx, tx, g, to); err != nil {
		return fmt.Errorf("announce %s: %w", post.IRI, err)
	}
	return nil
}

// FederationAnnounce queues the federation's own Announce of a member's post, if its
// settings want that kind announced and it was not announced before. What others
// write is not announced. The topics of an article announce it too.
func (o *Outbox) FederationAnnounce(ctx context.Context, tx *storage.Tx, post *coop.Post) error {
	if post.Visibility != coop.VisiblePublic || post.InReplyTo != "" {
		return nil
	}
	if err := o.announceOnTopics(ctx, tx, post); err != nil || !o.announces(ctx, post.Kind) {
		return err
	}
	federation, err := tx.FederationAccount(ctx)
	if isNotFound(err) || err == nil && (federation.Gone() || federation.ID == post.AuthorID) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("the federation: %w", err)
	}
	member, err := tx.VerifiedMember(ctx, post.AuthorID, federation.ID)
	if err != nil || !member {
		return err
	}
	return o.announceID(ctx, tx, federation, post)
}

// announces reads the setting of a kind: jobs, articles and requests are announced unless it is
// "off", plain posts only if it is "on".
func (o *Outbox) announces(ctx context.Context, kind coop.PostKind) bool {
	switch kind {
	case coop.KindJob:
		return o.setting(ctx, "announce_jobs", "on") != "off"
	case coop.KindArticle:
		return o.setting(ctx, "announce_articles", "on") != "off"
	case coop.KindRequest:
		return o.setting(ctx, "announce_requests", "on") != "off"
	}
	return o.setting(ctx, "announce_notes", "off") == "on"
}

// Forward sends the stored bytes of a reply on to the followers of the owner of the
// thread, once (ActivityPub §7.1.2); from is the host that brought them and gets
// nothing back. Post is the reply. Only replies to posts of ours are forwarded, and
// of these only public ones: who was addressed otherwise has them already.
func (o *Outbox) Forward(ctx context.Context, tx *storage.Tx, activity *coop.Document, post *coop.Post, from string) error {
	parent, err := o.answered(ctx, tx, post)
	if err != nil || parent == nil || !public(post.Visibility) {
		return err
	}
	b := o.newInboxes(ctx, tx)
	b.followers(parent.AuthorID)
	b.holders(parent.ID)
	if b.err != nil {
		return fmt.Errorf("forward %s: %w", activity.IRI, b.err)
	}
	to := b.list[:0]
	for _, inbox := range b.list {
		if host := inbox.Host(); host != from && host != activity.IRI.Host() {
			to = append(to, inbox)
		}
	}
	kept, err := tx.Document(ctx, activity.IRI)
	if err != nil {
		return fmt.Errorf("forward %s: %w", activity.IRI, err)
	}
	g := outgoing{activity: vocabulary.Activity{ID: string(activity.IRI), Type: "Forward"}, signer: parent.Author, object: post.IRI}
	return o.enqueue(ctx, tx, g, &coop.Document{ID: coop.ID(kept.ID), IRI: kept.IRI}, to)
}

// answered is the post of ours that a post answers, nil for none.
func (o *Outbox) answered(ctx context.Context, tx *storage.Tx, post *coop.Post) (*coop.Post, error) {
	if post.InReplyTo == "" || !o.o.Local.own(post.InReplyTo) {
		return nil, nil
	}
	parent, err := tx.PostByIRI(ctx, coop.System(), post.InReplyTo)
	if isNotFound(err) || ignoreGone(err) == nil && err != nil {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("answered by %s: %w", post.IRI, err)
	}
	return parent, nil
}
