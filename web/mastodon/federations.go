// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
	"minga/web/mastodon/entity"
)

// federationJSON is a federation as this instance's own stands to it.
type federationJSON struct {
	*entity.Account
	Own           bool          `json:"own"`       // it is this instance's
	Members       int           `json:"members"`   // verified ones that are known here
	Following     *relationJSON `json:"following"` // ours follows it; null: not
	FollowedBy    *relationJSON `json:"followed_by"`
	LastReceived  entity.Time   `json:"last_received"` // from its server
	LastDelivered entity.Time   `json:"last_delivered"`
	Backfill      *backfillJSON `json:"backfill"` // null: nothing of it was fetched
}

// relationJSON is how far a follow between federations has come.
type relationJSON struct {
	State string      `json:"state"` // asked, accepted
	Note  string      `json:"note"`  // what the answer said, such as a filter
	Since entity.Time `json:"since"`
}

// backfillJSON is how far the fetching of what was published before has come.
type backfillJSON struct {
	State      string      `json:"state"` // running, done
	Done       int         `json:"done"`  // items looked at
	Kept       int         `json:"kept"`  // of them kept
	StartedAt  entity.Time `json:"started_at"`
	UpdatedAt  entity.Time `json:"updated_at"`
	FinishedAt entity.Time `json:"finished_at"`
}

// newBackfillJSON shows a backfill.
func newBackfillJSON(b coop.Backfill) *backfillJSON {
	state := "running"
	if b.Finished() {
		state = "done"
	}
	return &backfillJSON{state, b.Done, b.Kept, entity.Time(b.StartedAt), entity.Time(b.UpdatedAt), entity.Time(b.FinishedAt)}
}

// getFederation answers GET /api/v1/minga/federations/:id: which federation it is, how
// ours stands to it, and what flows.
func (f *Face) getFederation(c *gin.Context) error {
	id, err := idOf(c)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	a, err := f.Store.Account(ctx, id)
	if err != nil {
		return err
	}
	if a.Gone() || a.Kind != coop.Federation {
		return fmt.Errorf("federation %s: %w", id, coop.ErrNotFound)
	}
	list, err := f.accountsOf(ctx, []*coop.Account{a})
	if err != nil {
		return err
	}
	out := &federationJSON{Account: list[0]}
	if err := f.standing(ctx, out, a); err != nil {
		return fmt.Errorf("federation %s: %w", id, err)
	}
	c.JSON(http.StatusOK, out)
	return nil
}

// standing writes how our federation stands to another one. That one waits for an
// answer is known to those who give it alone, and stands in GET /federations.
func (f *Face) standing(ctx context.Context, out *federationJSON, a *coop.Account) (err error) {
	own, err := f.Store.FederationAccount(ctx)
	if err != nil {
		return err
	}
	out.Own = own.ID == a.ID
	if out.Members, err = f.Store.CountMemberships(ctx, storage.MembershipQuery{Organization: a.ID, Verified: true}); err != nil {
		return err
	}
	if out.Following, err = f.relation(ctx, own.ID, a.ID); err != nil {
		return err
	}
	if out.FollowedBy, err = f.relation(ctx, a.ID, own.ID); err != nil {
		return err
	}
	if peer, err := f.Store.Peer(ctx, a.IRI.Host()); err == nil && !a.Local {
		out.LastReceived, out.LastDelivered = entity.Time(peer.LastReceived), entity.Time(peer.LastDelivered)
	} else if err != nil && !errors.Is(err, coop.ErrNotFound) {
		return err
	}
	fills, err := f.Store.Backfills(ctx, []coop.ID{a.ID})
	if b, ok := fills[a.ID]; ok {
		out.Backfill = newBackfillJSON(b)
	}
	return err
}

// relation is the accepted follow of one account by another; nil for none.
func (f *Face) relation(ctx context.Context, follower, target coop.ID) (*relationJSON, error) {
	x, err := f.Store.Follow(ctx, follower, target)
	if errors.Is(err, coop.ErrNotFound) || err == nil && x.State != coop.FollowAccepted {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &relationJSON{string(x.State), x.Note, entity.Time(x.CreatedAt)}, nil
}

// listFederations answers GET /api/v1/minga/federations: those that this instance's
// federation follows, is followed by, or has asked, with how far their backfill came.
func (f *Face) listFederations(c *gin.Context) error {
	ctx := c.Request.Context()
	own, err := f.Store.FederationAccount(ctx)
	if err != nil {
		return fmt.Errorf("federation of this instance: %w", err)
	}
	leads := auth.Account(c).ID == own.ID || f.leads(c) == nil
	list, err := f.follows(ctx, own.ID, pageOf(c, 40, 80), func(a *coop.Account) bool { return a.Kind == coop.Federation && a.ID != own.ID })
	if err != nil {
		return err
	}
	out := []followJSON{}
	ids := []coop.ID{}
	for _, x := range list {
		if leads || x.State == string(coop.FollowAccepted) { // who asks whom is the federation's business
			out, ids = append(out, x), append(ids, coop.ID(x.Account.ID))
		}
	}
	fills, err := f.Store.Backfills(ctx, ids)
	if err != nil {
		return err
	}
	for i := range out {
		if b, ok := fills[ids[i]]; ok && out[i].Direction == "following" {
			out[i].Backfill = newBackfillJSON(b)
		}
	}
	c.JSON(http.StatusOK, out)
	return nil
}
