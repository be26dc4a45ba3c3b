// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"context"
	"errors"

	"minga/coop"
	"minga/federation/document"
	"minga/storage"
)

// entry is a post that a collection lists.
type entry struct {
	id coop.IRI
	// object is its copy, where that is of the collection's own origin; nil: only its id
	// counts.
	object *document.Object
}

// entryOf reads an item of a collection: a post, the Create of one, or an Announce, of
// which only the id counts. An empty id is none of these.
func entryOf(r document.Ref, from coop.IRI) entry {
	object := r.Object()
	if object != nil && object.Class() == document.Activity {
		switch object.Type() {
		case "Create":
			r = object.Ref("object")
		case "Announce":
			inner := object.Ref("object")
			if said := inner.Object(); said != nil && said.Class() == document.Activity {
				inner = said.Ref("object")
			}
			r = document.Ref{ID: inner.ID}
		default:
			return entry{}
		}
		object = r.Object()
	}
	e := entry{id: coop.IRI(r.ID), object: object}
	if !sameOrigin(e.id, from) {
		e.object = nil
	}
	return e
}

// newer says whether a listed copy says to be later than what we keep. A foreign one says
// nothing: its own server is asked by who follows that.
func (e entry) newer(k storage.KnownPost) bool {
	if e.object == nil {
		return false
	}
	at, ok := e.object.Time("updated")
	return ok && at.After(k.At)
}

// compareEntry makes one entry right here, and gives the post that it is; zero where it is
// none of ours to keep. Only what ends the whole turn is an error.
func (in *Inbox) compareEntry(ctx context.Context, p *comparing, current *listing, e entry, known storage.KnownPost) (coop.ID, error) {
	switch {
	case e.id == "" || known.Local || in.local(e.id):
		return 0, nil
	case known.ID != 0 && e.object == nil && current.Ends:
		return 0, nil // announced once: that says nothing of what it is now
	case known.ID != 0 && !e.newer(known):
		return known.ID, nil
	case known.ID == 0 && !in.lost(p, current, e.object):
		return 0, nil
	}
	object := e.object
	if object == nil {
		var err error
		if object, known, err = in.askEntry(ctx, e.id); err != nil {
			return 0, in.comparedFault(ctx, p, err)
		}
		if known.ID != 0 || !in.lost(p, current, object) {
			return known.ID, nil
		}
	}
	if known.ID == 0 && !openJob(object) {
		return 0, nil
	}
	post, err := in.keepPost(ctx, object, coop.Path{Via: p.Account, How: "backfill"})
	if err != nil {
		return known.ID, in.comparedFault(ctx, p, err)
	}
	switch {
	case known.ID == 0:
		p.Sum.Added++
	case stateOf(post).After(known.At):
		p.Sum.Changed++
	}
	return post.ID, nil
}

// askEntry fetches what an id names; where that is the activity around a post that we
// keep, that post is said too.
func (in *Inbox) askEntry(ctx context.Context, id coop.IRI) (*document.Object, storage.KnownPost, error) {
	object, err := in.ask(ctx, id)
	if err != nil || coop.IRI(object.ID()) == id {
		return object, storage.KnownPost{}, err
	}
	post := coop.IRI(object.ID())
	known, err := in.store.KnownPosts(ctx, []coop.IRI{post})
	return object, known[post], err
}

// lost tells whether a post that is not here would be, had its delivery come. Without a
// copy nothing is known of it yet.
func (in *Inbox) lost(p *comparing, current *listing, object *document.Object) bool {
	if object == nil {
		return true
	}
	at, ok := object.Time("published")
	if !ok {
		return current.Seen < current.Old
	}
	if in.now().Sub(at) < tooYoung {
		p.Unclean = true // it counts the next night
		return false
	}
	return current.Seen < current.Old || !at.Before(p.Since)
}

// comparedFault lets one bad entry not end the rest.
func (in *Inbox) comparedFault(ctx context.Context, p *comparing, err error) error {
	var why dropped
	switch {
	case ctx.Err() != nil || errors.Is(err, errBudget):
		return err
	case errors.As(err, &why), errors.Is(err, coop.ErrGone), errors.Is(err, errBallot), errors.Is(err, errNoPost):
		return nil // nothing that should be here
	case errors.Is(err, coop.ErrUnavailable):
		return err
	}
	p.Sum.Missed++
	return nil
}
