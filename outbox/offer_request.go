// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"

	"minga/coop"
	"minga/storage"
)

// giveBack opens the hours of what was agreed again. Of a request of another server its
// origin does it, and says so by an Update.
func (o *Outbox) giveBack(ctx context.Context, tx *storage.Tx, f *coop.Offer) error {
	if err := tx.EndAgreement(ctx, f.ID); err != nil {
		return err
	}
	if f.PostID == 0 || f.Owner == nil || !f.Owner.Local {
		return nil
	}
	if err := tx.ReleaseHours(ctx, f.PostID, f.Slot, f.Hours); err != nil {
		return err
	}
	if err := o.slotsChanged(ctx, tx, f.PostID); err != nil {
		return err
	}
	return o.leftByRelease(ctx, tx, f)
}

// leftByRelease takes a co-op out of the team of a request of ours once nothing that it
// agreed to holds any more, with the reason of the release: from then on it gets no
// message of the room. An invitation that it has not answered is taken back.
func (o *Outbox) leftByRelease(ctx context.Context, tx *storage.Tx, f *coop.Offer) error {
	t, err := tx.TeamOfRequest(ctx, f.PostID)
	if isNotFound(err) || err == nil && (!t.Account.Local || f.ByID == f.OwnerID) {
		return nil
	}
	if err != nil {
		return err
	}
	rest, err := tx.Agreements(ctx, storage.AgreementQuery{Post: f.PostID, Side: f.ByID, Active: true}, coop.Page{Limit: 1})
	if err != nil || len(rest) > 0 {
		return err
	}
	m, err := tx.MembershipOf(ctx, f.ByID, t.ID)
	if isNotFound(err) {
		return nil
	}
	if err != nil || !m.State.Inside() && m.State != coop.MembershipInvited {
		return err
	}
	return o.removeMember(ctx, tx, m, f.Reason)
}

// slotsChanged publishes what is open of a request of ours, after hours of it were taken
// or given back: its state follows. What is required being covered, there is a team, and
// who is accepted later gets in.
func (o *Outbox) slotsChanged(ctx context.Context, tx *storage.Tx, id coop.ID) error {
	post, err := o.ownPost(ctx, tx, id)
	if err != nil {
		return err
	}
	if err := o.requestChanged(ctx, tx, post); err != nil {
		return err
	}
	if post.Request.Status != coop.RequestCovered {
		if _, err := tx.TeamOfRequest(ctx, id); isNotFound(err) {
			return nil
		}
	}
	parties, err := o.partiesOf(ctx, tx, post)
	if err != nil {
		return err
	}
	return o.formTeam(ctx, tx, post, parties)
}
