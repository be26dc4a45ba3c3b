// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"fmt"
	"strings"
	"time"

	"minga/coop"
	"minga/federation/origin"
	"minga/federation/vocabulary"
	"minga/storage"
)

// Block makes a local account block target, which ends follows both ways. The other
// side hears of each end on its own, before the Block: many servers do nothing at a
// Block but note it. Oneself cannot be blocked: [coop.ErrForbidden].
func (o *Outbox) Block(ctx context.Context, a, target *coop.Account) error {
	if a.ID == target.ID {
		return fmt.Errorf("%s blocks itself: %w", a.IRI, coop.ErrForbidden)
	}
	return o.store.Write(ctx, func(tx *storage.Tx) error { return o.block(ctx, tx, a, target) })
}

// block is Block in the caller's transaction.
func (o *Outbox) block(ctx context.Context, tx *storage.Tx, a, target *coop.Account) error {
	if err := o.endFollows(ctx, tx, a, target); err != nil {
		return err
	}
	iri := blockOf(a, target)
	if err := tx.AddBlock(ctx, storage.Block{IRI: iri, Blocker: a.ID, Target: target.ID, At: o.now()}); err != nil {
		return fmt.Errorf("%s blocks %s: %w", a.IRI, target.IRI, err)
	}
	to, err := o.toOne(ctx, tx, target)
	if err != nil {
		return err
	}
	_, err = o.send(ctx, tx, outgoing{activity: blockActivity(a, target, o.now()), signer: a, object: iri, urgent: true}, to)
	return err
}

// endFollows ends the follows between a local account and another, either way.
func (o *Outbox) endFollows(ctx context.Context, tx *storage.Tx, a, other *coop.Account) error {
	if err := o.unfollow(ctx, tx, a, other); err != nil {
		return err
	}
	return o.refuse(ctx, tx, other, a)
}

// refuse ends the follow of a local account by another, asked or accepted, and says
// so; none is no error.
func (o *Outbox) refuse(ctx context.Context, tx *storage.Tx, follower, a *coop.Account) error {
	f, err := tx.Follow(ctx, follower.ID, a.ID)
	if isNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := tx.RemoveFollow(ctx, follower.ID, a.ID); err != nil {
		return fmt.Errorf("%s refuses %s: %w", a.IRI, follower.IRI, err)
	}
	return o.AnswerFollow(ctx, tx, f, false, "")
}

// RemoveFollower ends the follow of a local account by another; none is no error.
func (o *Outbox) RemoveFollower(ctx context.Context, a, follower *coop.Account) error {
	return o.store.Write(ctx, func(tx *storage.Tx) error { return o.refuse(ctx, tx, follower, a) })
}

// Unblock ends a block; none is no error.
func (o *Outbox) Unblock(ctx context.Context, a, target *coop.Account) error {
	return o.store.Write(ctx, func(tx *storage.Tx) error { return o.unblock(ctx, tx, a, target) })
}

// unblock is Unblock in the caller's transaction.
func (o *Outbox) unblock(ctx context.Context, tx *storage.Tx, a, target *coop.Account) error {
	removed, err := tx.RemoveBlock(ctx, a.ID, target.ID)
	if err != nil || !removed {
		return err
	}
	to, err := o.toOne(ctx, tx, target)
	if err != nil {
		return err
	}
	return o.undo(ctx, tx, outgoing{activity: blockActivity(a, target, o.now()), signer: a, object: blockOf(a, target), urgent: true}, to)
}

// blockOf is the id of one account's block of another: derived, so that its Undo can
// name it after the record is gone.
func blockOf(a, target *coop.Account) coop.IRI {
	return below(a.IRI, "activities/block-"+target.ID.String())
}

func blockActivity(a, target *coop.Account, at time.Time) vocabulary.Activity {
	return vocabulary.Activity{
		ID: string(blockOf(a, target)), Type: "Block", Actor: string(a.IRI), To: []string{string(target.IRI)}, Object: string(target.IRI), Published: at,
	}
}

// BlockServer makes a local account want nothing of a server, and ends all follows
// between them, of which the accounts there are told one by one. Of the block itself
// nobody is told. What is no host, or this instance, gives a *coop.InvalidError.
func (o *Outbox) BlockServer(ctx context.Context, a *coop.Account, host string) error {
	host, err := o.otherServer(host)
	if err != nil {
		return err
	}
	return o.store.Write(ctx, func(tx *storage.Tx) error { return o.blockServer(ctx, tx, a, host) })
}

// blockServer is BlockServer in the caller's transaction, of a host as it is compared.
func (o *Outbox) blockServer(ctx context.Context, tx *storage.Tx, a *coop.Account, host string) error {
	if err := tx.AddServerBlock(ctx, a.ID, host); err != nil {
		return err
	}
	for {
		follows, err := tx.FollowsWithServer(ctx, a.ID, host, 100)
		if err != nil || len(follows) == 0 {
			return err
		}
		for _, f := range follows {
			if err := o.endFollow(ctx, tx, a, f); err != nil {
				return err
			}
		}
	}
}

// endFollow ends a follow in which a local account is the one or the other.
func (o *Outbox) endFollow(ctx context.Context, tx *storage.Tx, a *coop.Account, f *coop.Follow) error {
	if f.Follower.ID == a.ID {
		return o.unfollow(ctx, tx, a, f.Target)
	}
	return o.refuse(ctx, tx, f.Follower, a)
}

// UnblockServer ends it; none is no error, and no follow comes back.
func (o *Outbox) UnblockServer(ctx context.Context, a *coop.Account, host string) error {
	host, err := o.otherServer(host)
	if err != nil {
		return err
	}
	return o.store.Write(ctx, func(tx *storage.Tx) error {
		_, err := tx.RemoveServerBlock(ctx, a.ID, host)
		return err
	})
}

// otherServer is a host as it is compared, if it is another's.
func (o *Outbox) otherServer(host string) (string, error) {
	name, err := origin.NormalizeHost(strings.TrimSpace(host))
	if err != nil {
		return "", &coop.InvalidError{Field: "domain", Code: coop.CodeFormat, Problem: "is the name of a server such as coop.example"}
	}
	if name == o.o.Local.Host || name == o.o.Local.AccountDomain {
		return "", &coop.InvalidError{Field: "domain", Code: coop.CodeNotAllowed, Problem: "is this server"}
	}
	return name, nil
}
