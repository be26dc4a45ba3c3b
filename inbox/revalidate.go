// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"context"
	"errors"
	"net/http"
	"time"

	"minga/coop"
	"minga/federation"
	"minga/storage"
)

// confirmEvery is how old our knowledge of a remote job may be when it is opened.
const confirmEvery = 24 * time.Hour

// Revalidate queues a conditional GET for a remote job that nobody has confirmed
// for 24 hours; for any other post it does nothing.
func (in *Inbox) Revalidate(ctx context.Context, post *coop.Post) error {
	if post.Local || post.Job == nil || post.Job.Ended() || in.now().Sub(post.Job.ConfirmedAt) < confirmEvery {
		return nil
	}
	return in.store.Write(ctx, func(tx *storage.Tx) error {
		return in.addTask(ctx, tx, taskRevalidate, string(post.IRI), in.now(), post.IRI)
	})
}

// runRevalidate asks a job's origin. Only its own word that it is gone removes it;
// a failed fetch closes nothing.
func (in *Inbox) runRevalidate(ctx context.Context, t storage.Task) (*again, error) {
	iri, err := decode[coop.IRI](t)
	if err != nil {
		return nil, err
	}
	post, err := in.store.PostByIRI(ctx, coop.System(), iri)
	if err != nil || post.Local || post.Job == nil {
		return nil, err
	}
	if err := errors.Join(in.allowed(ctx, iri), in.polite(ctx, iri.Host())); err != nil {
		return nil, err
	}
	found, err := in.o.Client.Fetch(ctx, federation.Ask{
		IRI: string(iri), LastModified: post.Job.ConfirmedAt.UTC().Format(http.TimeFormat),
	})
	if isGone, missing := gone(err); isGone || missing {
		return nil, in.store.Write(ctx, func(tx *storage.Tx) error {
			return tx.RemovePost(ctx, iri, post.Author.IRI, in.now())
		})
	}
	if err != nil {
		return nil, drop("not_confirmed")
	}
	return nil, in.confirm(ctx, post, found)
}

// confirm notes that a job still stands, or takes over what it says now.
func (in *Inbox) confirm(ctx context.Context, post *coop.Post, found federation.Fetched) error {
	if !found.NotModified {
		doc, err := readFetched(found)
		if err != nil {
			return err
		}
		if doc.Type() == "Tombstone" {
			return in.store.Write(ctx, func(tx *storage.Tx) error {
				return tx.RemovePost(ctx, post.IRI, post.Author.IRI, in.now())
			})
		}
		if _, err := in.keepPost(ctx, doc, coop.Path{How: "fetch"}); err != nil {
			return err
		}
	}
	return in.store.Write(ctx, func(tx *storage.Tx) error { return tx.ConfirmJob(ctx, post.ID, in.now()) })
}
