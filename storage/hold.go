// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"minga/coop"
)

// On PostgreSQL transactions run beside each other: what one reads may be changed by
// another before it has written. Who reads something in order to decide by it reads it
// here, and nobody else changes it before the transaction ends. What may be there once or
// never is held by a name (see [Tx.alone]), what is there by its row. The one writer of
// SQLite holds everything.

// HoldAccount gives an account as it is, and lets nobody else change it before the
// transaction ends: who writes a part of it writes no old state of the rest. Others may
// point to it meanwhile. Errors as [Store.Account].
func (tx *Tx) HoldAccount(ctx context.Context, id coop.ID) (*coop.Account, error) {
	if err := tx.holdRow(ctx, "accounts", "id", "FOR NO KEY UPDATE", int64(id)); err != nil {
		return nil, err
	}
	return tx.Account(ctx, id)
}

// AtTheDoor is for who lets somebody in as an account and for who ends what was let in:
// until the end nobody else does either. So what proved who they are is looked at once
// more behind it, and either still stands or ends what came of it.
func (tx *Tx) AtTheDoor(ctx context.Context, account coop.ID) error {
	return tx.alone(ctx, "door of "+account.String())
}

// HoldSession keeps a session until the transaction ends, for who grants something by it
// that must end with it. One that is over gives [coop.ErrUnauthorized].
func (tx *Tx) HoldSession(ctx context.Context, s *coop.Session) error {
	if err := tx.AtTheDoor(ctx, s.AccountID); err != nil {
		return err
	}
	known, err := tx.number(ctx, `SELECT COUNT(*) FROM sessions WHERE id = $1 AND hash = $2`, int64(s.ID), s.Hash)
	if err == nil && known == 0 {
		err = coop.ErrUnauthorized
	}
	if err != nil {
		return fmt.Errorf("session %s: %w", s.ID, err)
	}
	return nil
}

// aloneWithHandle is [Tx.alone] for who gives a handle to an actor of another server.
func (tx *Tx) aloneWithHandle(ctx context.Context, a *coop.Account) error {
	if a.Local {
		return nil
	}
	return tx.alone(ctx, "handle "+strings.ToLower(a.Name+"@"+cmp.Or(a.Host, a.IRI.Host())))
}

// holdRow waits until nobody else changes a row, and keeps it until the end. One that is
// not there is none of its concern.
func (tx *Tx) holdRow(ctx context.Context, table, key, how string, is any) error {
	if err := tx.soon(ctx, "SELECT 1 FROM "+table+" WHERE "+key+" = $1 "+how, is); err != nil {
		return fmt.Errorf("hold %v of %s: %w", is, table, err)
	}
	return nil
}

// Follow is [Store.Follow] for who goes on by it: until the end nobody else begins,
// answers or ends a follow between the two, nor blocks.
func (tx *Tx) Follow(ctx context.Context, follower, target coop.ID) (*coop.Follow, error) {
	if err := tx.aloneBetween(ctx, follower, target); err != nil {
		return nil, err
	}
	return tx.reader.Follow(ctx, follower, target)
}

// aloneBetween is [Tx.alone] for follows and blocks between two accounts, either way.
func (tx *Tx) aloneBetween(ctx context.Context, a, b coop.ID) error {
	return tx.alone(ctx, "between "+min(a, b).String()+" and "+max(a, b).String())
}

// PersonByEmail is [Store.PersonByEmail] for who goes on to give the address to somebody:
// until the end nobody else does.
func (tx *Tx) PersonByEmail(ctx context.Context, email string) (*coop.Account, error) {
	if err := tx.aloneWithAddress(ctx, email); err != nil {
		return nil, err
	}
	return tx.reader.PersonByEmail(ctx, email)
}

// aloneWithAddress is [Tx.alone] for who gives a mail address to an account.
func (tx *Tx) aloneWithAddress(ctx context.Context, email string) error {
	return tx.alone(ctx, "address "+strings.ToLower(email))
}

// Membership is [Store.Membership] for who goes on by it: until the end nobody else
// changes it.
func (tx *Tx) Membership(ctx context.Context, id coop.ID) (*coop.Membership, error) {
	m, err := tx.reader.Membership(ctx, id)
	if err != nil {
		return nil, err
	}
	return tx.MembershipOf(ctx, m.Member.ID, m.Organization.ID)
}

// MembershipOf is [Store.MembershipOf] for who goes on by it: until the end nobody else
// makes or changes it.
func (tx *Tx) MembershipOf(ctx context.Context, member, organization coop.ID) (*coop.Membership, error) {
	if err := tx.alone(ctx, "membership of "+member.String()+" in "+organization.String()); err != nil {
		return nil, err
	}
	return tx.reader.MembershipOf(ctx, member, organization)
}

// Suggestion is [Store.Suggestion] for who goes on by it: until the end nobody else
// decides it or takes it back.
func (tx *Tx) Suggestion(ctx context.Context, id coop.ID) (*coop.Suggestion, error) {
	if err := tx.holdRow(ctx, "suggestions", "id", "FOR UPDATE", int64(id)); err != nil {
		return nil, err
	}
	return tx.reader.Suggestion(ctx, id)
}

// OpenSuggestions is [Store.OpenSuggestions] for who goes on to suggest one more.
func (tx *Tx) OpenSuggestions(ctx context.Context, post, by coop.ID) (int, error) {
	if err := tx.alone(ctx, "suggestions of "+by.String()+" to "+post.String()); err != nil {
		return 0, err
	}
	return tx.reader.OpenSuggestions(ctx, post, by)
}

// Team is [Store.Team] for who goes on by it: until the end nobody else changes what is
// kept of the room.
func (tx *Tx) Team(ctx context.Context, id coop.ID) (*coop.Room, error) {
	if err := tx.alone(ctx, "team "+id.String()); err != nil {
		return nil, err
	}
	return tx.reader.Team(ctx, id)
}

// aloneWithPeer is [Tx.alone] for who decides about a server.
func (tx *Tx) aloneWithPeer(ctx context.Context, host string) error {
	return tx.alone(ctx, "peer "+peerHost(host))
}

// Filter is [Store.Filter] for who goes on to add to it.
func (tx *Tx) Filter(ctx context.Context, owner, id coop.ID) (*coop.Filter, error) {
	if err := tx.aloneWithFilters(ctx, owner); err != nil {
		return nil, err
	}
	return tx.reader.Filter(ctx, owner, id)
}

// aloneWithFilters is [Tx.alone] for who adds to the filters of an account.
func (tx *Tx) aloneWithFilters(ctx context.Context, owner coop.ID) error {
	return tx.alone(ctx, "filters "+owner.String())
}
