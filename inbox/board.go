// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"context"
	"errors"
	"slices"
	"time"

	"minga/coop"
	"minga/storage"
)

// onceMemory is how long it is remembered that a board announced an activity.
const onceMemory = 400 * 24 * time.Hour

// announceOnBoards hands an activity to the boards of ours that its post names,
// each activity once. What was brought by another's Announce is never announced
// again, nor what nobody proved.
func (w *work) announceOnBoards(ctx context.Context, tx *storage.Tx, post *coop.Post, create bool) error {
	if w.via != nil || w.hint || w.id == "" || post.Visibility != coop.VisiblePublic {
		return nil
	}
	boards, err := w.boardsOf(ctx, tx, post)
	if err != nil {
		return err
	}
	for _, board := range boards {
		if err := w.announceOn(ctx, tx, board, post, create); err != nil {
			return err
		}
	}
	return nil
}

// announceOn hands an activity to one board.
func (w *work) announceOn(ctx context.Context, tx *storage.Tx, board *coop.Account, post *coop.Post, create bool) error {
	takes, err := w.boardTakes(ctx, tx, board, post)
	if err != nil || !takes {
		return err
	}
	until := w.in.now().Add(onceMemory)
	fresh, err := tx.Replay(ctx, "board "+board.ID.String()+" "+string(w.id), until)
	if err != nil || !fresh {
		return err
	}
	first := false
	if create {
		if first, err = tx.Replay(ctx, "board "+board.ID.String()+" id "+string(post.IRI), until); err != nil {
			return err
		}
	}
	return w.in.o.Answers.BoardAnnounce(ctx, tx, board, w.activityDocument(), post, first)
}

// boardsOf are the boards of this instance that a post names in cc or audience.
func (w *work) boardsOf(ctx context.Context, tx *storage.Tx, post *coop.Post) ([]*coop.Account, error) {
	var named []coop.IRI
	for _, i := range slices.Concat(post.To, post.Cc, []coop.IRI{post.Audience}) {
		if w.in.local(i) && !slices.Contains(named, i) && len(named) < 20 {
			named = append(named, i)
		}
	}
	if len(named) == 0 {
		return nil, nil
	}
	known, err := tx.AccountsByIRI(ctx, named)
	if err != nil {
		return nil, err
	}
	var boards []*coop.Account
	for _, i := range named {
		if a := known[i]; a != nil && a.Local && a.Kind == coop.Board && !a.Gone() {
			boards = append(boards, a)
		}
	}
	return boards, nil
}

// boardTakes tells whether a board of ours carries such a post by such an author.
func (w *work) boardTakes(ctx context.Context, tx *storage.Tx, board *coop.Account, post *coop.Post) (bool, error) {
	if !boardCarries(board, post.Kind) {
		return false, nil
	}
	member, err := w.in.ownMember(ctx, tx, post.AuthorID)
	if err != nil || member {
		return member, err
	}
	if w.in.o.Board == nil || w.in.o.Board(ctx, board) != BoardFollowers {
		return false, nil
	}
	f, err := tx.Follow(ctx, post.AuthorID, board.ID)
	if errors.Is(err, coop.ErrNotFound) {
		return false, nil
	}
	return err == nil && f.State == coop.FollowAccepted, err
}

// boardCarries: @jobs carries jobs, @library articles, and nothing else.
func boardCarries(board *coop.Account, kind coop.PostKind) bool {
	switch board.Name {
	case "jobs":
		return kind == coop.KindJob
	case "library":
		return kind == coop.KindArticle
	}
	return kind == coop.KindJob || kind == coop.KindArticle
}

// ownMember tells whether an author is a verified member of our federation.
func (in *Inbox) ownMember(ctx context.Context, tx *storage.Tx, author coop.ID) (bool, error) {
	federation, ok := in.ownID.get("federation", in.now())
	if !ok {
		account, err := tx.FederationAccount(ctx)
		if errors.Is(err, coop.ErrNotFound) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		federation = account.ID
		in.ownID.put("federation", federation, in.now())
	}
	return tx.VerifiedMember(ctx, author, federation)
}

// announceByFederation lets our federation say what a member elsewhere published,
// once, also when another had brought it before.
func (w *work) announceByFederation(ctx context.Context, tx *storage.Tx, post *coop.Post) error {
	if w.via != nil || w.hint || post.Visibility != coop.VisiblePublic {
		return nil
	}
	member, err := w.in.ownMember(ctx, tx, post.AuthorID)
	if err != nil || !member {
		return err
	}
	fresh, err := tx.Replay(ctx, "federation "+string(post.IRI), w.in.now().Add(onceMemory))
	if err != nil || !fresh {
		return err
	}
	return w.in.o.Answers.FederationAnnounce(ctx, tx, post)
}

// forward hands on what was addressed to a collection of ours in answer to a post
// of ours, seen for the first time (ActivityPub §7.1.2).
func (w *work) forward(ctx context.Context, tx *storage.Tx, post *coop.Post) error {
	if w.via != nil || w.hint || w.id == "" {
		return nil
	}
	addressed, err := w.addressesOurCollection(ctx, tx, post)
	if err != nil || !addressed {
		return err
	}
	fresh, err := tx.Replay(ctx, "forward "+string(w.id), w.in.now().Add(onceMemory))
	if err != nil || !fresh {
		return err
	}
	return w.in.o.Answers.Forward(ctx, tx, w.activityDocument(), post, w.inc.Host)
}

// addressesOurCollection tells whether the followers of the author of ours that
// is answered are addressed.
func (w *work) addressesOurCollection(ctx context.Context, tx *storage.Tx, post *coop.Post) (bool, error) {
	parent, err := tx.PostByIRI(ctx, coop.System(), post.InReplyTo)
	if err != nil {
		return false, storeFault("look up a post", err)
	}
	if !parent.Local || parent.Author == nil || parent.Author.Followers == "" {
		return false, nil
	}
	return slices.Contains(post.To, parent.Author.Followers) || slices.Contains(post.Cc, parent.Author.Followers), nil
}
