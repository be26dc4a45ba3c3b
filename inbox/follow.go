// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"context"
	"errors"

	"minga/coop"
	"minga/storage"
)

// follow keeps a follow of an account of ours and answers it: at once, or later
// where a person decides. A repeated one is answered again.
func (w *work) follow(ctx context.Context) (effect, error) {
	target, err := w.localAccount(ctx, coop.IRI(w.doc.Ref("object").ID))
	if err != nil {
		return nil, err
	}
	follower, err := w.author(ctx)
	if err != nil {
		return nil, err
	}
	refuse, err := w.refusesFollow(ctx, follower, target)
	if err != nil {
		return nil, err
	}
	state, err := w.in.followState(ctx, follower, target)
	if err != nil {
		return nil, err
	}
	f := &coop.Follow{IRI: w.id, Follower: follower, Target: target, State: state, CreatedAt: w.in.now()}
	return func(ctx context.Context, tx *storage.Tx) error {
		if refuse {
			return w.in.o.Answers.AnswerFollow(ctx, tx, f, false, "")
		}
		return w.keepFollow(ctx, tx, f)
	}, nil
}

// keepFollow keeps the state that a follow has already reached: who was accepted
// stays so, also when the follow comes again.
func (w *work) keepFollow(ctx context.Context, tx *storage.Tx, f *coop.Follow) error {
	known, err := tx.Follow(ctx, f.Follower.ID, f.Target.ID)
	if err != nil && !errors.Is(err, coop.ErrNotFound) {
		return err
	}
	if err == nil {
		f.ID, f.CreatedAt, f.Note = known.ID, known.CreatedAt, known.Note
		if known.State == coop.FollowAccepted {
			f.State = coop.FollowAccepted
		}
	}
	if err := tx.PutFollow(ctx, f); err != nil {
		return err
	}
	if f.State != coop.FollowAccepted {
		return nil
	}
	return w.in.o.Answers.AnswerFollow(ctx, tx, f, true, f.Note)
}

// refusesFollow: the target moved away, a block stands between them, the target wants nothing of the
// follower's server, or the instance actor is asked by somebody who is no server.
func (w *work) refusesFollow(ctx context.Context, follower, target *coop.Account) (bool, error) {
	if target.MovedTo != "" {
		return true, nil // it is followed where it went
	}
	if target.Kind == coop.Instance && follower.ActorType != "Application" && follower.ActorType != "Service" {
		return true, nil
	}
	known, err := w.in.store.Relationships(ctx, target.ID, []coop.ID{follower.ID}, true)
	if err != nil {
		return false, err
	}
	r := known[follower.ID]
	return r != nil && (r.Blocking || r.BlockedBy || r.DomainBlocking), nil
}

// followState is the rule of who is accepted at once: boards, searches and topics
// take everybody, a federation takes people at once and other federations by its
// setting, everybody else by theirs. A server without a decision in the mode
// `ask`, or a limited one, waits.
func (in *Inbox) followState(ctx context.Context, follower, target *coop.Account) (coop.FollowState, error) {
	host := follower.IRI.Host()
	decision, err := in.decide(ctx, host)
	if err != nil {
		return "", err
	}
	peer, err := in.store.Peer(ctx, host)
	if err != nil && !errors.Is(err, coop.ErrNotFound) {
		return "", err
	}
	holds := err == nil && (peer.ExpiresAt.IsZero() || in.now().Before(peer.ExpiresAt))
	limited, known := holds && peer.Policy == coop.PolicyLimit, holds && peer.Policy == coop.PolicyAllow
	if decision != coop.Admit || limited {
		return coop.FollowAsked, nil
	}
	switch target.Kind {
	case coop.Board, coop.Search, coop.Topic, coop.Instance:
		return coop.FollowAccepted, nil
	case coop.Federation:
		if follower.Kind != coop.Federation && follower.Kind != coop.Board {
			return coop.FollowAccepted, nil
		}
		if in.federationWaits(ctx, known) {
			return coop.FollowAsked, nil
		}
	}
	if target.Locked {
		return coop.FollowAsked, nil
	}
	return coop.FollowAccepted, nil
}

// federationWaits is the setting of who lets other federations follow ours; allowed
// says that their server is on the allow list.
func (in *Inbox) federationWaits(ctx context.Context, allowed bool) bool {
	if in.o.Follows == nil {
		return false
	}
	switch in.o.Follows(ctx) {
	case FollowsAtOnce:
		return false
	case FollowsAllowed:
		return !allowed
	default:
		return true
	}
}
