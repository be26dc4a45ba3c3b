// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"time"

	"minga/coop"
	"minga/storage"
)

// The paths of links that work once; what stands behind them is their secret.
const (
	resetPath  = "/reset/"
	emailPath  = "/confirm-email/"
	invitePath = "/invite/"
)

// NewReset makes an address where a person can choose a new password: once, within
// [coop.ResetLife]. What is no person of this instance gives [coop.ErrForbidden].
func (o *Outbox) NewReset(ctx context.Context, a *coop.Account) (string, error) {
	return o.newReset(ctx, a, coop.LinkReset)
}

// NewRenew makes such an address whose use also ends all second factors of the person:
// for those who lost theirs. It is never sent by mail, or whoever reads somebody's mail
// would need nothing else.
func (o *Outbox) NewRenew(ctx context.Context, a *coop.Account, also ...Also) (string, error) {
	return o.newReset(ctx, a, coop.LinkRenew, also...)
}

// newReset makes an address for a new password.
func (o *Outbox) newReset(ctx context.Context, a *coop.Account, purpose coop.LinkPurpose, also ...Also) (string, error) {
	if !a.Local || a.Kind != coop.Person {
		return "", fmt.Errorf("password of %s, which is no person here: %w", a.IRI, coop.ErrForbidden)
	}
	return o.newLink(ctx, resetPath, coop.Link{Purpose: purpose, AccountID: a.ID}, coop.ResetLife, also...)
}

// NewInvite makes an address where a person can make an account with a rank: once,
// within [coop.InviteLife]. With an address of mail the account has that one.
func (o *Outbox) NewInvite(ctx context.Context, email string, rank coop.Rank, also ...Also) (string, error) {
	if email != "" && !coop.ValidMail(email) {
		return "", &coop.InvalidError{Field: "email", Code: coop.CodeFormat, Problem: "this is no mail address"}
	}
	if rank == "" {
		rank = coop.RankMember
	}
	return o.newLink(ctx, invitePath, coop.Link{Purpose: coop.LinkInvite, Email: email, Rank: rank}, coop.InviteLife, also...)
}

// NewGuest makes an address where a person can make an account whom a member of this
// instance invites: once, within [coop.InviteLife], with no rank. note is for the member
// and the staff. Who may not invite gets what [storage.Tx.MayInvite] gives, and who is no
// person here [coop.ErrForbidden].
func (o *Outbox) NewGuest(ctx context.Context, by *coop.Account, note string, also ...Also) (string, error) {
	if !by.Local || by.Kind != coop.Person || by.Gone() {
		return "", fmt.Errorf("invitation by %s, who is no person here: %w", by.IRI, coop.ErrForbidden)
	}
	may := func(ctx context.Context, tx *storage.Tx) error { return tx.MayInvite(ctx, by.ID) }
	return o.newLinkIf(ctx, may, invitePath, coop.Link{Purpose: coop.LinkGuest, AccountID: by.ID, Note: coop.CleanLine(note, coop.MaxInviteNote)}, coop.InviteLife, also...)
}

// newLink keeps the hash of a new secret and gives the address that holds it.
func (o *Outbox) newLink(ctx context.Context, path string, l coop.Link, life time.Duration, also ...Also) (string, error) {
	return o.newLinkIf(ctx, func(context.Context, *storage.Tx) error { return nil }, path, l, life, also...)
}

// newLinkIf does so unless what is asked first gives an error.
func (o *Outbox) newLinkIf(ctx context.Context, may Also, path string, l coop.Link, life time.Duration, also ...Also) (string, error) {
	secret := rand.Text()
	l.Hash, l.EndsAt = LinkHash(secret), o.now().Add(life)
	err := o.store.Write(ctx, func(tx *storage.Tx) error {
		if err := may(ctx, tx); err != nil {
			return err
		}
		if err := tx.AddLink(ctx, &l); err != nil {
			return err
		}
		return besides(ctx, tx, also)
	})
	if err != nil {
		return "", fmt.Errorf("new link: %w", err)
	}
	return o.o.Local.root() + path + secret, nil
}

// LinkHash is what a link is kept and looked up by.
func LinkHash(secret string) []byte {
	hash := sha256.Sum256([]byte(secret))
	return hash[:]
}
