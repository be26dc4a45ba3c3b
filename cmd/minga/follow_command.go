// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"minga/coop"
	"minga/outbox"
)

// peerFollow is `minga peer follow`.
type peerFollow struct {
	Handle string        `arg:"" help:"name@host, or the address of the actor."`
	As     string        `help:"Who follows; the federation unless said otherwise."`
	Wait   time.Duration `default:"0s" help:"Wait so long for the answer and the first jobs."`
}

// Run asks to follow and, with --wait, says how far it came.
func (a peerFollow) Run(t *terminal) error {
	return t.with(func(i *instance) error {
		follower, target, err := i.pair(t.ctx, a.As, a.Handle)
		if err != nil {
			return err
		}
		follow, err := i.outbox.Follow(t.ctx, follower, target, noted("peer.follow", string(target.IRI), ""))
		if err != nil {
			return err
		}
		if follow, err = i.awaitFollow(t, follow, a.Wait); err != nil {
			return err
		}
		row := map[string]string{"target": target.Handle(i.config.AccountDomain).String(), "uri": string(target.IRI), "state": string(follow.State)}
		return t.print(row, func(w io.Writer) { fmt.Fprintf(w, "%s: %s\n", row["target"], row["state"]) })
	})
}

// awaitFollow looks again each second until the answer came or time is up. The
// delivery itself is the running server's work.
func (i *instance) awaitFollow(t *terminal, f *coop.Follow, patience time.Duration) (*coop.Follow, error) {
	for end := t.now().Add(patience); f.State == coop.FollowAsked && t.now().Before(end); {
		if !pause(t.ctx, time.Second) {
			return f, t.ctx.Err()
		}
		t.talk("waiting for %s", f.Target.Handle(i.config.AccountDomain))
		next, err := i.store.Follow(t.ctx, f.Follower.ID, f.Target.ID)
		if err != nil {
			return f, fmt.Errorf("follow of %s: %w", f.Target.IRI, err)
		}
		f = next
	}
	return f, nil
}

// pair finds who follows and who is followed.
func (i *instance) pair(ctx context.Context, as, handle string) (follower, target *coop.Account, err error) {
	if as == "" {
		follower, err = i.store.FederationAccount(ctx)
	} else {
		follower, err = i.localAccount(ctx, as)
	}
	if err != nil {
		return nil, nil, err
	}
	target, err = i.anyAccount(ctx, handle)
	return follower, target, err
}

// anyAccount finds an account by handle or address, here or elsewhere.
func (i *instance) anyAccount(ctx context.Context, name string) (*coop.Account, error) {
	if strings.Contains(name, "://") {
		account, err := i.inbox.Actor(ctx, coop.IRI(name))
		if err != nil {
			return nil, fmt.Errorf("actor %s: %w", printable(name), err)
		}
		return account, nil
	}
	handle, err := coop.ParseHandle(name)
	if err != nil {
		return nil, err
	}
	account, err := i.inbox.ByHandle(ctx, handle)
	if err != nil {
		return nil, fmt.Errorf("account %s: %w", handle, err)
	}
	return account, nil
}

// peerUnfollow is `minga peer unfollow`.
type peerUnfollow struct {
	Handle string `arg:"" help:"name@host, or the address of the actor."`
	As     string `help:"Who follows; the federation unless said otherwise."`
}

// Run ends a follow of ours.
func (a peerUnfollow) Run(t *terminal) error {
	return t.with(func(i *instance) error {
		follower, target, err := i.pair(t.ctx, a.As, a.Handle)
		if err != nil {
			return err
		}
		return i.outbox.Unfollow(t.ctx, follower, target, noted("peer.unfollow", string(target.IRI), ""))
	})
}

// followDecision is what accept and reject share.
type followDecision struct {
	Handle string `arg:"" help:"Who asked: name@host, or the address of the actor."`
	Target string `help:"Whom they want to follow; the federation unless said otherwise."`
	Note   string `help:"What the answer says."`
}

type (
	peerAccept struct{ followDecision }
	peerReject struct{ followDecision }
)

// Run accepts a follow that waits.
func (a peerAccept) Run(t *terminal) error { return a.decide(t, true) }

// Run refuses a follow.
func (a peerReject) Run(t *terminal) error { return a.decide(t, false) }

// decide answers the follow of one account.
func (a followDecision) decide(t *terminal, accept bool) error {
	return t.with(func(i *instance) error {
		target, follower, err := i.pair(t.ctx, a.Target, a.Handle)
		if err != nil {
			return err
		}
		follow, err := i.store.Follow(t.ctx, follower.ID, target.ID)
		if err != nil {
			return fmt.Errorf("follow of %s by %s: %w", target.Name, a.Handle, err)
		}
		act := "peer.reject"
		if accept {
			act = "peer.accept"
		}
		return i.outbox.DecideFollow(t.ctx, follow, accept, a.Note, noted(act, string(follower.IRI), a.Note))
	})
}

// peerWaiting is `minga peer waiting`.
type peerWaiting struct {
	Target string `help:"Whom they want to follow; the federation unless said otherwise."`
}

// Run lists follows that wait.
func (a peerWaiting) Run(t *terminal) error {
	return t.with(func(i *instance) error {
		target, err := i.store.FederationAccount(t.ctx)
		if a.Target != "" {
			target, err = i.localAccount(t.ctx, a.Target)
		}
		if err != nil {
			return err
		}
		follows, err := i.store.Followers(t.ctx, target.ID, coop.FollowAsked, coop.Page{Limit: 200})
		if err != nil {
			return err
		}
		rows := make([]map[string]string, 0, len(follows))
		for _, f := range follows {
			rows = append(rows, map[string]string{"handle": f.Follower.Handle(i.config.AccountDomain).String(), "uri": string(f.Follower.IRI), "since": stamp(f.CreatedAt)})
		}
		return t.print(rows, func(w io.Writer) {
			for _, row := range rows {
				fmt.Fprintf(w, "%-40s since %s\n", printable(row["handle"]), row["since"])
			}
		})
	})
}

// noted adds to an act what the audit log says of it.
func noted(act, target, why string) outbox.Also {
	return outbox.Noted(coop.AuditEntry{Who: byCommand, Act: act, Target: target, Why: why})
}
