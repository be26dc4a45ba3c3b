// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"minga/coop"
	"minga/federation/vocabulary"
	"minga/storage"
)

// written is a post as it goes out: its document, and the activity that carries it.
type written struct {
	object   *coop.Document
	activity *coop.Document
	outgoing outgoing
}

// write makes the documents of a post: the object that is kept and served, and a
// Create or Update around it. Public objects, and what is said in the room of a team,
// carry their own proof, so their bytes are spliced in; others are embedded without a
// context of their own.
func (o *Outbox) write(ctx context.Context, tx *storage.Tx, p *coop.Post, kind string, iri coop.IRI) (written, error) {
	note := o.object(p)
	open := public(p.Visibility)
	room, err := o.room(ctx, tx, p)
	if err != nil {
		return written{}, err
	}
	proven := open || room != nil
	object, err := o.encodeObject(ctx, tx, note.Members(), p.Author, proven)
	if err != nil {
		return written{}, err
	}
	g := outgoing{activity: wrap(note, kind, iri), signer: p.Author, public: open, proven: proven, post: p.ID, object: p.IRI, urgent: p.Visibility == coop.VisibleDirect}
	switch {
	case proven:
		g.activity.Object = json.RawMessage(object)
	case p.Visibility == coop.VisibleMembers && p.Kind == coop.KindArticle:
		g.activity.Object = card(p, note).Members()
	default:
		g.activity.Object = note.Members()
	}
	if kind == "Update" {
		g.activity.Published = p.Updated
	}
	activity, err := o.encode(ctx, tx, g.activity, p.Author, proven)
	if err != nil {
		return written{}, err
	}
	return written{
		object:   &coop.Document{IRI: p.IRI, Public: open, Body: object},
		activity: &coop.Document{IRI: iri, Public: open, Body: activity}, outgoing: g,
	}, nil
}

// wrap is the activity around an object, with the same audience.
func wrap(n vocabulary.Note, kind string, iri coop.IRI) vocabulary.Activity {
	return vocabulary.Activity{ID: string(iri), Type: kind, Actor: n.AttributedTo, To: n.To, Cc: n.Cc, Audience: n.Audience, Published: n.Published, Object: n.Members()}
}

// card is a members-only article as it is pushed: the text itself is only served to
// members who ask for it with a signature.
func card(p *coop.Post, n vocabulary.Note) vocabulary.Note {
	n.Content, n.Contents, n.Source, n.Attachment = articleCard(p), nil, "", nil
	return n
}

// writePost runs act in one transaction on a copy of the post, which becomes the
// post once it is durable: the store may run act more than once, and who typed it
// keeps what they typed when it fails. What the outbox does around a post, see
// [Outbox.Once], is done in the same transaction.
func (o *Outbox) writePost(ctx context.Context, p *coop.Post, act func(tx *storage.Tx, p *coop.Post) error) error {
	var done *coop.Post
	err := o.writeOnce(ctx, func(tx *storage.Tx) (post, scheduled coop.ID, err error) {
		done = clone(p)
		err = act(tx, done)
		return done.ID, 0, err
	})
	if err == nil {
		*p = *done
	}
	return err
}

// clone copies a post as deep as it is changed here.
func clone(p *coop.Post) *coop.Post {
	q := *p
	q.To, q.Cc, q.Attachments = slices.Clone(p.To), slices.Clone(p.Cc), slices.Clone(p.Attachments)
	if p.Job != nil {
		job := *p.Job
		job.DescriptionMap, job.TitleMap = maps.Clone(job.DescriptionMap), maps.Clone(job.TitleMap)
		q.Job = &job
	}
	if p.Article != nil {
		article := *p.Article
		q.Article = &article
	}
	if p.Request != nil {
		q.Request = p.Request.Clone()
	}
	if p.Poll != nil {
		q.Poll = p.Poll.Clone()
	}
	if p.Decision != nil {
		q.Decision = p.Decision.Clone()
	}
	return &q
}

// publish keeps a new post of ours with its documents, queues its Create, and lets
// boards and the federation announce it, all in the caller's transaction.
func (o *Outbox) publish(ctx context.Context, tx *storage.Tx, p *coop.Post) error {
	if err := speaksHere(p.Author); err != nil {
		return err
	}
	if p.Visibility == coop.VisibleLocal {
		_, err := tx.AddPost(ctx, p, storage.Arrival{})
		return wrapErr("publish", p.IRI, err)
	}
	w, err := o.write(ctx, tx, p, "Create", below(p.IRI, "create"))
	if err != nil {
		return err
	}
	added, err := tx.AddPost(ctx, p, storage.Arrival{Object: w.object, Activity: w.activity})
	if err != nil {
		return wrapErr("publish", p.IRI, err)
	}
	if !added {
		return fmt.Errorf("publish %s: %w", p.IRI, coop.ErrConflict)
	}
	if err := o.spread(ctx, tx, p, w, false); err != nil {
		return err
	}
	return o.announceLocal(ctx, tx, p, w.activity, true)
}

// update keeps a new state of a post of ours and queues its Update for everybody who
// may have the old one.
func (o *Outbox) update(ctx context.Context, tx *storage.Tx, p *coop.Post) error {
	return o.updateAs(ctx, tx, p, false)
}

// updateAs is update; first says that boards see the post for the first time.
func (o *Outbox) updateAs(ctx context.Context, tx *storage.Tx, p *coop.Post, first bool) error {
	if p.Visibility == coop.VisibleLocal {
		_, err := tx.UpdatePost(ctx, p, storage.Arrival{})
		return wrapErr("update", p.IRI, err)
	}
	iri, err := o.newIRI(ctx, tx, p.Author.IRI, "Update")
	if err != nil {
		return err
	}
	w, err := o.write(ctx, tx, p, "Update", coop.IRI(iri))
	if err != nil {
		return err
	}
	changed, err := tx.UpdatePost(ctx, p, storage.Arrival{Object: w.object, Activity: w.activity})
	if err != nil || !changed { // the same edit twice is one: there is nothing to tell
		return wrapErr("update", p.IRI, err)
	}
	if err := o.spread(ctx, tx, p, w, true); err != nil {
		return err
	}
	return o.announceLocal(ctx, tx, p, w.activity, first)
}

// spread queues the activity of a post for its audience. Whoever holds an earlier
// state hears of later ones too.
func (o *Outbox) spread(ctx context.Context, tx *storage.Tx, p *coop.Post, w written, later bool) error {
	to, err := o.reach(ctx, tx, p.Author, p, later)
	if err != nil {
		return fmt.Errorf("address %s: %w", p.IRI, err)
	}
	w.outgoing.post = p.ID
	if w.activity.ID == 0 {
		return fmt.Errorf("address %s: its activity was not kept", p.IRI)
	}
	return o.enqueue(ctx, tx, w.outgoing, w.activity, to)
}

// Delete withdraws a post of ours: a tombstone here, Delete everywhere.
func (o *Outbox) Delete(ctx context.Context, p *coop.Post) error {
	return o.store.Write(ctx, func(tx *storage.Tx) error {
		current, err := o.ownPost(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		return o.remove(ctx, tx, current)
	})
}

// remove collects the inboxes before the post goes: afterwards nobody knows who
// holds it.
func (o *Outbox) remove(ctx context.Context, tx *storage.Tx, p *coop.Post) error {
	to, err := o.reach(ctx, tx, p.Author, p, true)
	if err != nil {
		return fmt.Errorf("address Delete of %s: %w", p.IRI, err)
	}
	now := o.now()
	if err := tx.RemovePost(ctx, p.IRI, p.Author.IRI, now); err != nil {
		return fmt.Errorf("remove %s: %w", p.IRI, err)
	}
	if p.Visibility == coop.VisibleLocal || draft(p) {
		return nil
	}
	g := outgoing{
		activity: vocabulary.Activity{
			ID: string(below(p.IRI, "delete")), Type: "Delete", Actor: string(p.Author.IRI), To: texts(p.To), Cc: texts(p.Cc), Audience: string(p.Audience),
			Published: now, Object: vocabulary.Members{{Name: "id", Value: string(p.IRI)}, {Name: "type", Value: "Tombstone"}},
		},
		signer: p.Author, public: public(p.Visibility), object: p.IRI,
	}
	room, err := o.room(ctx, tx, p)
	if err != nil {
		return err
	}
	g.proven = room != nil
	doc, err := o.send(ctx, tx, g, to)
	if err != nil || doc == nil {
		return err
	}
	return o.announceLocal(ctx, tx, p, doc, false)
}

// edited is when an edit is made: not before the state that it changes, which another
// node may have written by a clock that is ahead of ours.
func (o *Outbox) edited(before *coop.Post) time.Time {
	now := o.now().UTC()
	if now.Before(before.Updated) {
		return before.Updated
	}
	return now
}

// ownPost finds a post of this instance with its author. Nobody else changes it before
// the transaction ends.
func (o *Outbox) ownPost(ctx context.Context, tx *storage.Tx, id coop.ID) (*coop.Post, error) {
	if err := tx.HoldPost(ctx, id); err != nil {
		return nil, err
	}
	p, err := tx.Post(ctx, coop.System(), id)
	if err != nil {
		return nil, fmt.Errorf("post %s: %w", id, err)
	}
	if !p.Local || p.Author == nil {
		return nil, fmt.Errorf("post %s is of another server: %w", p.IRI, coop.ErrForbidden)
	}
	return p, nil
}

// draft tells whether a post never left.
func draft(p *coop.Post) bool {
	return p.Job != nil && !p.Job.Status.OnWire() || p.Request != nil && !p.Request.Status.OnWire() || p.Article != nil && p.Article.Status == coop.ArticleDraft
}

// wrapErr adds what was done to what.
func wrapErr(act string, iri coop.IRI, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s %s: %w", act, iri, err)
}
