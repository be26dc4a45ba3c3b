// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"fmt"

	"minga/coop"
	"minga/federation/vocabulary"
	"minga/outbox/text"
	"minga/storage"
)

// Follow makes a local account follow target, here or elsewhere, and returns the
// follow as it stands; a repeated one is sent again. A block either way, or a server
// that is blocked, by the follower too, gives [coop.ErrForbidden].
func (o *Outbox) Follow(ctx context.Context, follower, target *coop.Account, also ...Also) (*coop.Follow, error) {
	var f *coop.Follow
	err := o.store.Write(ctx, func(tx *storage.Tx) (err error) {
		if f, err = o.follow(ctx, tx, follower, target); err != nil {
			return err
		}
		return besides(ctx, tx, also)
	})
	return f, err
}

// FollowWith is [Outbox.Follow] with what the follower wants of it. Where the follow
// was accepted before only that changes, and nothing is sent: the other side does
// not hear of it. Complaints are coop.Invalid.
func (o *Outbox) FollowWith(ctx context.Context, follower, target *coop.Account, want coop.FollowOptions) error {
	err := coop.ValidateFollowOptions(want)
	if err != nil {
		return err
	}
	// The end of the same follow, at the same moment, may take it away between two
	// statements: then it begins anew.
	for range 5 {
		if err = o.followWith(ctx, follower, target, want); !isNotFound(err) {
			break
		}
	}
	return err
}

// followWith is one try of FollowWith.
func (o *Outbox) followWith(ctx context.Context, follower, target *coop.Account, want coop.FollowOptions) error {
	return o.store.Write(ctx, func(tx *storage.Tx) error { return o.wantFollow(ctx, tx, follower, target, want, true) })
}

// wantFollow follows where that was not accepted before, and notes what is wanted of it.
func (o *Outbox) wantFollow(ctx context.Context, tx *storage.Tx, follower, target *coop.Account, want coop.FollowOptions, urgent bool) error {
	known, err := tx.Follow(ctx, follower.ID, target.ID)
	if err != nil && !isNotFound(err) {
		return err
	}
	if known == nil || known.State != coop.FollowAccepted {
		if _, err := o.followAt(ctx, tx, follower, target, urgent); err != nil {
			return err
		}
	}
	return tx.SetFollowOptions(ctx, follower.ID, target.ID, want)
}

func (o *Outbox) follow(ctx context.Context, tx *storage.Tx, follower, target *coop.Account) (*coop.Follow, error) {
	return o.followAt(ctx, tx, follower, target, true)
}

// followAt is follow; what many do at once is not urgent.
func (o *Outbox) followAt(ctx context.Context, tx *storage.Tx, follower, target *coop.Account, urgent bool) (*coop.Follow, error) {
	if err := o.mayFollow(ctx, tx, follower, target); err != nil {
		return nil, fmt.Errorf("%s follows %s: %w", follower.IRI, target.IRI, err)
	}
	f, err := tx.Follow(ctx, follower.ID, target.ID)
	if isNotFound(err) {
		f, err = o.newFollow(ctx, tx, follower, target)
	}
	if err != nil {
		return nil, fmt.Errorf("%s follows %s: %w", follower.IRI, target.IRI, err)
	}
	if target.Local {
		return f, nil
	}
	to, err := o.toOne(ctx, tx, target)
	if err != nil {
		return nil, err
	}
	g := outgoing{activity: followActivity(f), signer: follower, object: pairOf(follower, target), urgent: urgent}
	g.activity.To, g.activity.Published = []string{string(target.IRI)}, f.CreatedAt
	_, err = o.send(ctx, tx, g, to)
	return f, err
}

// mayFollow refuses what can only fail. Who moved away is followed where it went.
func (o *Outbox) mayFollow(ctx context.Context, tx *storage.Tx, follower, target *coop.Account) error {
	if !follower.Local || follower.ID == target.ID || target.Gone() || target.MovedTo != "" {
		return coop.ErrForbidden
	}
	known, err := tx.Relationships(ctx, follower.ID, []coop.ID{target.ID}, true)
	if err != nil {
		return err
	}
	if r := known[target.ID]; r != nil && (r.Blocking || r.BlockedBy || r.DomainBlocking) {
		return coop.ErrForbidden
	}
	if !target.Local && o.hostBlocked(ctx, tx, target.IRI.Host()) {
		return coop.ErrForbidden
	}
	return nil
}

// newFollow stores a follow: accepted at once here unless the target wants to be
// asked, asked elsewhere.
func (o *Outbox) newFollow(ctx context.Context, tx *storage.Tx, follower, target *coop.Account) (*coop.Follow, error) {
	iri, err := o.newIRI(ctx, tx, follower.IRI, "Follow")
	if err != nil {
		return nil, err
	}
	now := o.now()
	f := &coop.Follow{IRI: coop.IRI(iri), Follower: follower, Target: target, State: coop.FollowAsked, CreatedAt: now, UpdatedAt: now}
	if target.Local && !target.Locked {
		f.State = coop.FollowAccepted
	}
	return f, tx.PutFollow(ctx, f)
}

// pairOf is what deliveries about a follow are ordered by: the end of one and the
// beginning of the next must not change places, since an Undo is also known by its
// actor and object.
func pairOf(follower, target *coop.Account) coop.IRI {
	return below(follower.IRI, "following/"+target.ID.String())
}

func followActivity(f *coop.Follow) vocabulary.Activity {
	return vocabulary.Activity{ID: string(f.IRI), Type: "Follow", Actor: string(f.Follower.IRI), Object: string(f.Target.IRI)}
}

// Unfollow ends a follow; none is no error.
func (o *Outbox) Unfollow(ctx context.Context, follower, target *coop.Account, also ...Also) error {
	return o.store.Write(ctx, func(tx *storage.Tx) error {
		if err := o.unfollow(ctx, tx, follower, target); err != nil {
			return err
		}
		return besides(ctx, tx, also)
	})
}

func (o *Outbox) unfollow(ctx context.Context, tx *storage.Tx, follower, target *coop.Account) error {
	return o.unfollowAt(ctx, tx, follower, target, true)
}

// unfollowAt is unfollow; what many do at once is not urgent.
func (o *Outbox) unfollowAt(ctx context.Context, tx *storage.Tx, follower, target *coop.Account, urgent bool) error {
	f, err := tx.Follow(ctx, follower.ID, target.ID)
	if isNotFound(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s unfollows %s: %w", follower.IRI, target.IRI, err)
	}
	if _, err := tx.RemoveFollow(ctx, follower.ID, target.ID); err != nil {
		return fmt.Errorf("%s unfollows %s: %w", follower.IRI, target.IRI, err)
	}
	to, err := o.toOne(ctx, tx, target)
	if err != nil {
		return err
	}
	was := followActivity(f)
	was.To = []string{string(target.IRI)}
	return o.undo(ctx, tx, outgoing{activity: was, signer: follower, object: pairOf(follower, target), urgent: urgent}, to)
}

// DecideFollow answers a follow of a local account: one that waits, or, to refuse, one
// that was accepted. Note is said in the answer's content, plain text.
func (o *Outbox) DecideFollow(ctx context.Context, f *coop.Follow, accept bool, note string, also ...Also) error {
	return o.store.Write(ctx, func(tx *storage.Tx) error {
		now, err := tx.Follow(ctx, f.Follower.ID, f.Target.ID)
		if err != nil {
			return fmt.Errorf("decide on a follow of %s: %w", f.Target.IRI, err)
		}
		if !now.Target.Local {
			return fmt.Errorf("decide on a follow of %s: %w", f.Target.IRI, coop.ErrForbidden)
		}
		now.Note, now.UpdatedAt = note, o.now()
		if accept {
			now.State = coop.FollowAccepted
			err = tx.PutFollow(ctx, now)
		} else {
			_, err = tx.RemoveFollow(ctx, now.Follower.ID, now.Target.ID)
		}
		if err != nil {
			return fmt.Errorf("decide on a follow of %s: %w", f.Target.IRI, err)
		}
		if err := o.AnswerFollow(ctx, tx, now, accept, note); err != nil {
			return err
		}
		return besides(ctx, tx, also)
	})
}

// AnswerFollow queues the Accept or Reject of a follow of a local account. What is
// stored about the follow is the caller's.
func (o *Outbox) AnswerFollow(ctx context.Context, tx *storage.Tx, f *coop.Follow, accept bool, note string) error {
	if f.Follower.Local {
		return nil
	}
	kind := "Reject"
	if accept {
		kind = "Accept"
	}
	iri, err := o.newIRI(ctx, tx, f.Target.IRI, kind)
	if err != nil {
		return err
	}
	to, err := o.toOne(ctx, tx, f.Follower)
	if err != nil {
		return err
	}
	_, err = o.send(ctx, tx, outgoing{signer: f.Target, object: f.IRI, urgent: true, activity: vocabulary.Activity{
		ID: iri, Type: kind, Actor: string(f.Target.IRI), To: []string{string(f.Follower.IRI)}, Published: o.now(),
		Object: bare(followActivity(f)), Content: text.Typed{}.Write(note).HTML,
	}}, to)
	return err
}
