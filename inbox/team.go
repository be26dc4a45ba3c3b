// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"context"
	"errors"
	"fmt"

	"minga/coop"
	"minga/federation/document"
	"minga/federation/origin"
	"minga/storage"
)

// The room of a team
//
// What a member says it sends to the team, addressed to its members alone, with a proof
// of its own; the team's server forwards the bytes as they came to the personal inboxes
// of all other members. So what is here of a room was written by whom it says, whoever
// brought it, and stays readable when the team's server is gone. The team's server takes
// it from verified members only and tells everybody else why not; the others take it from
// that server, or from who is a member by both sides' documents.

// refusal is why something was not taken, which who sent it is told.
type refusal struct {
	team, to *coop.Account
	reason   string
}

// Error says why.
func (r refusal) Error() string { return "refused: " + r.reason }

// refuse is the effect of a refusal: it is said once.
func (w *work) refuse(no refusal) effect {
	return func(ctx context.Context, tx *storage.Tx) error {
		fresh, err := tx.Replay(ctx, "refused "+string(w.id), w.in.now().Add(onceMemory))
		if err != nil || !fresh {
			return err
		}
		return w.in.o.Answers.RefuseInRoom(ctx, tx, no.team, no.to, w.id, no.reason)
	}
}

// enter finds the team to whose room an object of the actor belongs, after the actor
// proved to be a member: nil for what is for no room.
func (w *work) enter(ctx context.Context, object *document.Object) (*coop.Account, error) {
	if object.Audience().Visibility() != document.Limited {
		return nil, nil
	}
	room, err := w.in.store.TeamByMembers(ctx, iris(object.Audience().All(), 100))
	if errors.Is(err, coop.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if room.Gone() {
		return nil, drop("target_gone")
	}
	if room.Local {
		return room, w.memberOfOurs(ctx, room)
	}
	return room, w.comesFrom(ctx, room)
}

// memberOfOurs refuses who is no verified member of a team of ours.
func (w *work) memberOfOurs(ctx context.Context, room *coop.Account) error {
	author, err := w.author(ctx)
	if err != nil {
		return err
	}
	member, err := w.in.store.VerifiedMember(ctx, author.ID, room.ID)
	if err != nil || member {
		return err
	}
	reason := "You are not a member of this team."
	if m, err := w.in.store.MembershipOf(ctx, author.ID, room.ID); err == nil && !m.End.IsZero() {
		reason = fmt.Sprintf("You have not been a member of this team since %s.", m.End.UTC().Format("2006-01-02"))
	}
	return refusal{team: room, to: author, reason: reason}
}

// comesFrom drops what is for a room elsewhere of which nobody here is, and what neither
// its server brought nor a member wrote.
func (w *work) comesFrom(ctx context.Context, room *coop.Account) error {
	here, err := w.in.store.MemberHere(ctx, room.ID)
	if err != nil {
		return err
	}
	if !here {
		return w.tooEarly("a room that nobody here is in")
	}
	if w.broughtBy(room) {
		return nil
	}
	author, err := w.author(ctx)
	if err != nil {
		return err
	}
	member, err := w.in.store.VerifiedMember(ctx, author.ID, room.ID)
	if err == nil && !member {
		err = drop("not_of_the_team")
	}
	return err
}

// broughtBy tells whether the server of a team signed the request: it knows who is in.
func (w *work) broughtBy(room *coop.Account) bool {
	host, err := origin.Host(string(w.inc.Signer))
	return err == nil && sameHost(room.IRI, host)
}

// teamAddressed is the members collection that an object names of a team whose member
// the author is, or of the team that brought it; empty for none.
func (in *Inbox) teamAddressed(ctx context.Context, doc *document.Object, author, room *coop.Account) (coop.IRI, error) {
	if room != nil {
		return room.Members, nil
	}
	team, err := in.store.TeamByMembers(ctx, iris(doc.Audience().All(), 100))
	if errors.Is(err, coop.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	member, err := in.store.VerifiedMember(ctx, author.ID, team.ID)
	if err == nil && !member && author.ID != team.ID {
		err = drop("not_of_the_team")
	}
	return team.Members, err
}

// saidInRoom is what follows from a message in a room beside keeping it: the files that
// it brings are fetched, and a team of ours forwards it.
func (w *work) saidInRoom(ctx context.Context, tx *storage.Tx, room *coop.Account, post *coop.Post, added bool) error {
	if !added {
		return nil
	}
	if _, err := tx.EnsureTeam(ctx, room); err != nil {
		return err
	}
	if err := w.in.keepRoomFiles(ctx, tx, room, post); err != nil {
		return err
	}
	return w.forwardInRoom(ctx, tx, room)
}

// forwardInRoom hands an activity on to the members of a team of ours, once. What nobody
// proved is not handed on: the others could not tell who wrote it.
func (w *work) forwardInRoom(ctx context.Context, tx *storage.Tx, room *coop.Account) error {
	if !room.Local || w.hint || w.id == "" {
		return nil
	}
	fresh, err := tx.Replay(ctx, "room "+string(w.id), w.in.now().Add(onceMemory))
	if err != nil || !fresh {
		return err
	}
	return w.in.o.Answers.ForwardInRoom(ctx, tx, room, w.activityDocument(), w.inc.Host)
}

// answeredInRoom is an answer within a team: a member agrees to the split, or the team
// does not take what one of ours wrote. Nil for anything else.
func (w *work) answeredInRoom(ctx context.Context, id coop.IRI, yes bool) (effect, error) {
	if id == "" {
		return nil, nil
	}
	record, err := w.in.store.Record(ctx, coop.System(), id)
	if err == nil && record.Kind == coop.RecordSplit && yes {
		return w.splitAgreed(ctx, record)
	}
	if err != nil && !errors.Is(err, coop.ErrNotFound) {
		return nil, err
	}
	if yes || !w.in.local(id) {
		return nil, nil
	}
	return w.refusedInRoom(ctx, id)
}

// refusedInRoom tells an author of ours that a team did not take a message.
func (w *work) refusedInRoom(ctx context.Context, activity coop.IRI) (effect, error) {
	doc, err := w.in.store.Document(ctx, activity)
	if errors.Is(err, coop.ErrNotFound) || err == nil && doc.PostID == 0 {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	post, err := w.in.store.Post(ctx, coop.System(), doc.PostID)
	if err != nil || !post.Local || post.Visibility != coop.VisibleMembers {
		return nil, storeFault("look up a post", err)
	}
	room, err := w.in.store.TeamByMembers(ctx, post.To)
	if err != nil || room.IRI != w.actor {
		return nil, storeFault("look up a team", err)
	}
	reason := plain(w.doc.Text("content").Value, 500)
	return func(ctx context.Context, tx *storage.Tx) error {
		return w.in.o.Answers.RefusedInRoom(ctx, tx, room, post, reason)
	}, nil
}

// splitAgreed notes that a member agrees to a version of the split, with the bytes by
// which it says so.
func (w *work) splitAgreed(ctx context.Context, split *coop.Record) (effect, error) {
	room, err := w.in.store.Account(ctx, split.TeamID)
	if err != nil {
		return nil, err
	}
	if room.Local {
		err = w.memberOfOurs(ctx, room)
	} else {
		err = w.comesFrom(ctx, room)
	}
	if err != nil {
		return nil, err
	}
	if _, err := w.author(ctx); err != nil {
		return nil, err // who said it is kept, and with it the key of the proof
	}
	return func(ctx context.Context, tx *storage.Tx) error {
		consent := &coop.Record{TeamID: room.ID, Kind: coop.RecordConsent, IRI: w.id, Author: w.actor, Body: w.doc.Bytes(), MediaType: "application/activity+json"}
		if err := tx.PutRecord(ctx, consent); err != nil {
			return err
		}
		if err := w.in.o.Answers.SplitAgreed(ctx, tx, room, split.IRI, w.actor); err != nil {
			return err
		}
		return w.forwardInRoom(ctx, tx, room)
	}, nil
}
