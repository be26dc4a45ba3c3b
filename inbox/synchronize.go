// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"minga/coop"
	"minga/federation"
	"minga/storage"
)

// Follower synchronisation (FEP-8fcf). What another server created for the followers of an
// actor alone may say, by a digest, whom of ours it takes for them. Where that is not whom
// we take for them, the list is asked for at the actor's own server, and both sides are
// made to agree: who is not on it follows no more here, who waits and is on it was
// accepted, and who does not follow ends that there. The header itself is only a hint.

// Bounds of it.
const (
	mostFollowers  = 5_000            // of ours, of one actor, that are compared
	followersEvery = time.Hour        // at most, for one actor
	followersLater = 2 * time.Minute  // so that answers that are on their way arrive
	youngFollow    = 10 * time.Minute // one that the other side may not have heard of
	mostUndone     = 50
)

// followersPart is what is asked of another server about its followers.
type followersPart struct {
	Actor coop.IRI `json:"actor"`
	URL   coop.IRI `json:"url"`
}

// synchronize looks at the header of a delivery that was taken. A failure is no reason to
// refuse it: the next one says the same.
func (in *Inbox) synchronize(ctx context.Context, a *arrival, who sender) {
	if a.r.Header.Get(federation.SynchronizationHeader) == "" || who.signer != a.actor {
		return
	}
	if err := in.noteFollowers(ctx, a); err != nil {
		in.log.WarnContext(ctx, "followers not compared", slog.String("actor", string(a.actor)), slog.Any("err", err))
	}
}

// noteFollowers queues the comparison where the digests differ.
func (in *Inbox) noteFollowers(ctx context.Context, a *arrival) error {
	account, err := in.store.AccountByIRI(ctx, a.actor)
	if errors.Is(err, coop.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	said, ok := federation.ReadSynchronization(a.r.Header, string(account.Followers))
	if !ok || account.Gone() || account.Local {
		return nil
	}
	ids, err := in.store.FollowersOn(ctx, account.ID, in.o.Local.Host, mostFollowers+1)
	if err != nil || len(ids) > mostFollowers || federation.FollowersDigest(plainIDs(ids)) == said.Digest {
		return err
	}
	return in.store.Write(ctx, func(tx *storage.Tx) error {
		now := in.now()
		fresh, err := tx.Replay(ctx, "followers "+string(a.actor), now.Add(followersEvery))
		if err != nil || !fresh {
			return err
		}
		return in.addTask(ctx, tx, taskFollowers, string(a.actor), now.Add(followersLater), followersPart{a.actor, coop.IRI(said.URL)})
	})
}

// plainIDs are ids as they are hashed.
func plainIDs(ids []coop.IRI) []string {
	list := make([]string, len(ids))
	for i, id := range ids {
		list[i] = string(id)
	}
	return list
}

// runFollowers makes both sides agree.
func (in *Inbox) runFollowers(ctx context.Context, t storage.Task) (*again, error) {
	p, err := decode[followersPart](t)
	if err != nil {
		return nil, err
	}
	account, err := in.store.AccountByIRI(ctx, p.Actor)
	if err != nil || account.Gone() || !sameOrigin(p.URL, account.Followers) {
		return nil, err
	}
	there, err := in.followersThere(ctx, p.URL)
	if err != nil {
		return nil, err
	}
	here, err := in.store.FollowersOn(ctx, account.ID, in.o.Local.Host, mostFollowers+1)
	if err != nil || len(here) > mostFollowers {
		return nil, err
	}
	for _, id := range here {
		if !slices.Contains(there, id) {
			if err := in.followNoMore(ctx, id, account); err != nil {
				return nil, err
			}
		}
	}
	there = slices.DeleteFunc(there, func(id coop.IRI) bool { return slices.Contains(here, id) })
	return nil, in.followersClaimed(ctx, account, there[:min(len(there), mostUndone)])
}

// followersThere reads whom of ours a list names. It counts only if it is whole: from a
// part of it nobody could tell who is missing.
func (in *Inbox) followersThere(ctx context.Context, at coop.IRI) ([]coop.IRI, error) {
	var there []coop.IRI
	for range maxPages {
		read, err := in.readPage(ctx, at)
		if err != nil {
			return nil, err
		}
		for _, r := range read.items {
			if id := coop.IRI(r.ID); in.local(id) && len(there) < mostFollowers {
				there = append(there, id)
			}
		}
		if read.next == "" {
			return there, honest(read, at)
		}
		at = read.next
	}
	return nil, fmt.Errorf("%s has no end: %w", at, coop.ErrNotFound)
}

// honest is an error where a list on one page says to have more than it shows.
func honest(read page, at coop.IRI) error {
	if read.total > 0 && len(read.items) == 0 {
		return fmt.Errorf("%s hides what it counts: %w", at, coop.ErrNotFound)
	}
	return nil
}

// followNoMore ends a follow of ours that the other side does not know of.
func (in *Inbox) followNoMore(ctx context.Context, id coop.IRI, target *coop.Account) error {
	return in.store.Write(ctx, func(tx *storage.Tx) error {
		f, err := in.followOf(ctx, tx, id, target)
		if err != nil || f == nil || f.State != coop.FollowAccepted || in.now().Sub(maxTime(f.CreatedAt, f.UpdatedAt)) < youngFollow {
			return err
		}
		_, err = tx.RemoveFollow(ctx, f.Follower.ID, target.ID)
		return err
	})
}

// followOf is the follow of an account of ours, nil for none.
func (in *Inbox) followOf(ctx context.Context, tx *storage.Tx, id coop.IRI, target *coop.Account) (*coop.Follow, error) {
	follower, err := tx.AccountByIRI(ctx, id)
	if err != nil {
		return nil, storeFault("look up an account", err)
	}
	f, err := tx.Follow(ctx, follower.ID, target.ID)
	if err != nil {
		return nil, storeFault("look up a follow", err)
	}
	return f, nil
}

// followersClaimed: who waits was accepted; who does not follow says so.
func (in *Inbox) followersClaimed(ctx context.Context, target *coop.Account, claimed []coop.IRI) error {
	known, err := in.store.AccountsByIRI(ctx, claimed)
	if err != nil {
		return err
	}
	for _, id := range claimed {
		follower := known[id]
		if follower == nil || !follower.Local || follower.Gone() {
			continue
		}
		err := in.store.Write(ctx, func(tx *storage.Tx) error {
			f, err := in.followOf(ctx, tx, id, target)
			if err != nil {
				return err
			}
			if f == nil {
				return in.o.Answers.UndoLost(ctx, tx, follower, target)
			}
			return in.followAccepted(ctx, tx, f)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
