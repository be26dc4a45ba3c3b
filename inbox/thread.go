// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"context"
	"errors"
	"time"

	"minga/coop"
	"minga/federation/document"
	"minga/storage"
)

// Bounds of what is fetched around one post.
const (
	threadEvery = 15 * time.Minute
	levelsUp    = 5
	maxReplies  = 100
)

// Thread queues the fetching of what stands above a post and of the replies below
// it, at most once in 15 minutes for one post.
func (in *Inbox) Thread(ctx context.Context, post *coop.Post) error {
	return in.store.Write(ctx, func(tx *storage.Tx) error { return in.queueThread(ctx, tx, post) })
}

func (in *Inbox) queueThread(ctx context.Context, tx *storage.Tx, post *coop.Post) error {
	name := post.Thread
	if name == "" {
		name = post.IRI
	}
	if post.Local && post.InReplyTo == "" {
		return nil // its replies come to us
	}
	fresh, err := tx.Replay(ctx, "thread "+string(name), in.now().Add(threadEvery))
	if err != nil || !fresh {
		return err
	}
	return in.addTask(ctx, tx, taskThread, string(name), in.now(), post.IRI)
}

// runThread fetches up to five posts above, then the replies.
func (in *Inbox) runThread(ctx context.Context, t storage.Task) (*again, error) {
	iri, err := decode[coop.IRI](t)
	if err != nil {
		return nil, err
	}
	post, err := in.store.PostByIRI(ctx, coop.System(), iri)
	if err != nil {
		return nil, err
	}
	top, err := in.fetchAbove(ctx, post)
	if err != nil {
		return nil, err
	}
	if in.local(top.IRI) {
		return nil, nil
	}
	return nil, in.fetchReplies(ctx, top)
}

// fetchAbove fetches the posts above one and gives the highest that we then keep.
func (in *Inbox) fetchAbove(ctx context.Context, post *coop.Post) (*coop.Post, error) {
	for range levelsUp {
		if post.InReplyTo == "" {
			return post, nil
		}
		parent, err := in.store.PostByIRI(ctx, coop.System(), post.InReplyTo)
		if errors.Is(err, coop.ErrNotFound) && !in.local(post.InReplyTo) {
			parent, err = in.fetchOne(ctx, post.InReplyTo)
		}
		if err != nil {
			if ctx.Err() != nil {
				return nil, err
			}
			return post, nil // hidden, gone, or not to be had: the thread ends here
		}
		post = parent
	}
	return post, nil
}

// fetchOne fetches and keeps one post of a thread.
func (in *Inbox) fetchOne(ctx context.Context, iri coop.IRI) (*coop.Post, error) {
	doc, err := in.ask(ctx, iri)
	if err != nil {
		return nil, err
	}
	return in.keepPost(ctx, doc, coop.Path{How: "fetch"})
}

// fetchReplies reads a post's context, else its replies, and keeps what is there:
// at most 100, each from its own origin.
func (in *Inbox) fetchReplies(ctx context.Context, post *coop.Post) error {
	stored, err := in.store.Document(ctx, post.IRI)
	if err != nil {
		return storeFault("look up a document", err)
	}
	doc, err := document.Read(stored.Body)
	if err != nil {
		return err
	}
	for _, member := range []string{"context", "replies"} {
		collection := coop.IRI(doc.Ref(member).ID)
		if collection == "" || !sameOrigin(collection, post.IRI) {
			continue
		}
		n, err := in.fetchItems(ctx, collection)
		if err != nil && ctx.Err() != nil {
			return err
		}
		if n > 0 {
			return nil
		}
	}
	return nil
}

// fetchItems keeps the posts of a collection and says how many it looked at.
func (in *Inbox) fetchItems(ctx context.Context, collection coop.IRI) (int, error) {
	n := 0
	var ids []coop.IRI
	err := in.walk(ctx, collection, maxPages, func(r document.Ref) bool {
		if r.ID != "" {
			ids = append(ids, coop.IRI(r.ID))
		}
		n++
		return n < maxReplies
	})
	for _, id := range ids {
		if ctx.Err() != nil {
			return n, ctx.Err()
		}
		if in.local(id) {
			continue
		}
		if _, known := in.store.PostByIRI(ctx, coop.System(), id); errors.Is(known, coop.ErrNotFound) {
			_, _ = in.fetchOne(ctx, id) // one that cannot be had does not end the rest
		}
	}
	return n, err
}
