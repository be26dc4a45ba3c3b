// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"context"
	"errors"
	"net/netip"

	"minga/coop"
	"minga/federation/document"
	"minga/storage"
)

// object is what a Create or Update is about, as something that may be believed: the embedded copy where id and owner are the actor's;
// a fetch where it is only named, or owned by another of that origin; nothing
// where it is of another origin.
func (w *work) object(ctx context.Context) (*document.Object, error) {
	r := w.doc.Ref("object")
	id := coop.IRI(r.ID)
	if id == "" || !sameOrigin(id, w.actor) {
		return nil, drop("foreign_object")
	}
	if copy := r.Object(); copy != nil && !w.hint {
		owner := coop.IRI(copy.Owner())
		if owner == w.actor {
			return copy, nil
		}
		if owner != "" && !sameOrigin(owner, w.actor) {
			return nil, drop("foreign_owner")
		}
	}
	return w.refetch(ctx, id)
}

// Post finds a post that we keep, or fetches it from its origin and keeps it; as
// the program itself: whether somebody may see it is the caller's question. Errors
// as [Inbox.Actor]; what is there and is no post is [coop.ErrNotFound].
func (in *Inbox) Post(ctx context.Context, iri coop.IRI) (*coop.Post, error) {
	post, err := in.store.PostByIRI(ctx, coop.System(), iri)
	if err == nil || !errors.Is(err, coop.ErrNotFound) || in.local(iri) {
		return post, err
	}
	return in.fetchPost(ctx, iri, coop.Path{How: "fetch"})
}

// fetchPost fetches a post by its id and keeps it quietly.
func (in *Inbox) fetchPost(ctx context.Context, iri coop.IRI, path coop.Path) (*coop.Post, error) {
	if err := in.allowed(ctx, iri); err != nil {
		return nil, err
	}
	doc, err := in.fetchDocument(ctx, string(iri), netip.Addr{})
	if err != nil {
		return nil, fetchFault(err)
	}
	return in.keepPost(ctx, unwrap(doc), path)
}

// keepPost keeps an object that its own server gave us, or another document of
// that server embeds. path says how; Via may be zero: the author then.
func (in *Inbox) keepPost(ctx context.Context, doc *document.Object, path coop.Path) (*coop.Post, error) {
	post, err := in.believePost(ctx, doc, nil)
	if err != nil {
		return nil, err
	}
	err = in.store.Write(ctx, func(tx *storage.Tx) error {
		arrival := in.arrivalOf(post, doc, nil, path)
		arrival.Quiet = true
		_, err := in.storePost(ctx, tx, post, arrival)
		return err
	})
	if err != nil {
		return nil, err
	}
	return in.store.PostByIRI(ctx, coop.System(), post.IRI)
}

// believePost reads a post that its own origin vouches for: owner and id must be
// of one origin, and the owner known or to be had.
// known is the owner if the caller has it already, else nil.
func (in *Inbox) believePost(ctx context.Context, doc *document.Object, known *coop.Account) (*coop.Post, error) {
	return in.believeSaid(ctx, doc, known, nil)
}

// believeSaid is believePost; what is for the members of a team counts by one of them
// alone, or where room is that team and it brought the post itself.
func (in *Inbox) believeSaid(ctx context.Context, doc *document.Object, known, room *coop.Account) (*coop.Post, error) {
	id, owner := coop.IRI(doc.ID()), coop.IRI(doc.Owner())
	if id == "" || owner == "" || !sameOrigin(id, owner) {
		return nil, drop("foreign_owner")
	}
	if err := isPost(doc); err != nil {
		return nil, errors.Join(err, coop.ErrNotFound)
	}
	author, err := known, error(nil)
	if author == nil || author.IRI != owner {
		if author, err = in.Actor(ctx, owner); err != nil {
			return nil, err
		}
	}
	if author.Gone() || author.Local {
		return nil, drop("actor_gone")
	}
	var members []coop.IRI
	if doc.Audience().Visibility() == document.Limited {
		if members, err = in.memberCollections(ctx, author); err != nil {
			return nil, err
		}
		team, err := in.teamAddressed(ctx, doc, author, room)
		if err != nil {
			return nil, err
		}
		members = append(members, team)
	}
	post, err := in.readPost(doc, author, members...)
	if err != nil {
		return nil, errors.Join(err, coop.ErrNotFound)
	}
	return post, in.nameMentions(ctx, post)
}

// memberCollections are those that a post of the author may be addressed to: of
// our federation, and of those that the author says to belong to.
func (in *Inbox) memberCollections(ctx context.Context, author *coop.Account) ([]coop.IRI, error) {
	known, err := in.store.AccountsByIRI(ctx, author.MemberOf[:min(len(author.MemberOf), maxClaims)])
	if err != nil {
		return nil, err
	}
	var list []coop.IRI
	for _, a := range known {
		list = append(list, a.Members)
	}
	ours, err := in.store.FederationAccount(ctx)
	if errors.Is(err, coop.ErrNotFound) {
		return list, nil
	}
	if err != nil {
		return nil, err
	}
	return append(list, ours.Members), nil
}

// nameMentions fills in which of the mentioned accounts we keep.
func (in *Inbox) nameMentions(ctx context.Context, p *coop.Post) error {
	var named []coop.IRI
	for _, m := range p.Mentions {
		named = append(named, m.IRI)
	}
	if len(named) == 0 {
		return nil
	}
	known, err := in.store.AccountsByIRI(ctx, named)
	if err != nil {
		return err
	}
	for i, m := range p.Mentions {
		if a := known[m.IRI]; a != nil {
			p.Mentions[i].Account = a.ID
		}
	}
	return nil
}

// arrivalOf is what the store keeps beside a post: the bytes and the way.
func (in *Inbox) arrivalOf(p *coop.Post, object *document.Object, activity *coop.Document, path coop.Path) storage.Arrival {
	if path.At = in.now(); path.Via == 0 {
		path.Via = p.AuthorID
	}
	if path.How == "" {
		path.How = "direct"
	}
	arrival := storage.Arrival{
		Object: &coop.Document{IRI: p.IRI, OwnerID: p.AuthorID, Body: object.Bytes()}, Path: path,
	}
	if activity != nil && activity.IRI != "" {
		arrival.Activity = activity
	}
	return arrival
}

// storePost adds a post, or where it is known takes over a newer state of it, and
// says whether it is new. A job that would leave the arrows of its states stays
// as it was.
func (in *Inbox) storePost(ctx context.Context, tx *storage.Tx, p *coop.Post, by storage.Arrival) (added bool, err error) {
	fresh := *p // the store fills in what it knows of a post
	if added, err = tx.AddPost(ctx, p, by); err != nil || added {
		return added, err
	}
	known, err := heldPost(ctx, tx, p.ID)
	if err != nil {
		return false, err
	}
	*p, p.ID = fresh, known.ID
	if !newer(p, known) || !mayReplace(known, p) {
		return false, nil
	}
	_, err = tx.UpdatePost(ctx, p, by)
	return false, err
}

// heldPost is a post as it is now and stays until the transaction ends: another state
// may have come since it was looked up, by a board or by a fetch.
func heldPost(ctx context.Context, tx *storage.Tx, id coop.ID) (*coop.Post, error) {
	if err := tx.HoldPost(ctx, id); err != nil {
		return nil, err
	}
	return tx.Post(ctx, coop.System(), id)
}

// newer tells whether a state says to be later than the one that we keep. One
// that does not say is the state that we know: seeing it again is no edit.
func newer(p, known *coop.Post) bool {
	return !p.Updated.IsZero() && p.Updated.After(known.Published) && p.Updated.After(known.Updated)
}

// mayReplace tells whether a new state of a post may take the place of the old.
func mayReplace(old, new *coop.Post) bool {
	if old.AuthorID != new.AuthorID {
		return false
	}
	if old.Decision != nil && new.Decision != nil && !coop.StageMayBecome(old.Decision.Stage, new.Decision.Stage) {
		return false
	}
	if old.Request != nil && new.Request != nil {
		return old.Request.MayChangeTo(new.Request)
	}
	return old.Job == nil || new.Job == nil || old.Job.MayChangeTo(new.Job)
}
