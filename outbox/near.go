// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"minga/coop"
	"minga/storage"
)

// How long before their end those concerned are told of it, and of how many in one call.
const (
	requestNear  = 48 * time.Hour
	decisionNear = 24 * time.Hour
	maxNear      = 100
)

// TellNear tells of ends that are near, once each: of requests without a team, who requested
// and the co-ops here that offered or asked; of decisions, the electors here who have not
// voted. It says of how many. Call it every minute, on as many nodes as there are.
func (o *Outbox) TellNear(ctx context.Context) (int, error) {
	requests, err := o.store.NearRequests(ctx, o.now(), requestNear, maxNear)
	if err != nil {
		return 0, err
	}
	decisions, err := o.store.NearDecisions(ctx, o.now(), decisionNear, maxNear)
	if err != nil {
		return 0, err
	}
	done, failed := o.eachNear(ctx, requests, o.requestEnds)
	more, failedToo := o.eachNear(ctx, decisions, o.decisionEnds)
	return done + more, errors.Join(failed, failedToo)
}

// eachNear tells of one after the other, each in its own transaction, and counts those of
// which nobody else has told.
func (o *Outbox) eachNear(ctx context.Context, due []coop.ID, tell func(context.Context, *storage.Tx, coop.ID) (bool, error)) (int, error) {
	done, failed := 0, error(nil)
	for _, id := range due {
		told := false
		err := o.store.Write(ctx, func(tx *storage.Tx) (err error) {
			told, err = tell(ctx, tx, id)
			return err
		})
		switch {
		case err != nil: // one that cannot be told must not keep the others quiet
			failed = errors.Join(failed, fmt.Errorf("end of %s: %w", id, err))
		case told:
			done++
		}
	}
	return done, failed
}

// requestEnds tells of the end of one request, unless its roles are covered.
func (o *Outbox) requestEnds(ctx context.Context, tx *storage.Tx, id coop.ID) (bool, error) {
	mine, err := tx.ClaimNearRequest(ctx, id, o.now())
	if err != nil || !mine {
		return false, err
	}
	p, err := tx.RequestOf(ctx, id)
	if err != nil || p.Request.Covered() {
		return false, err
	}
	return true, tx.TellRequestNear(ctx, p)
}

// decisionEnds tells of the end of one decision: the accounts by a notification, their
// delegates by a mail too.
func (o *Outbox) decisionEnds(ctx context.Context, tx *storage.Tx, id coop.ID) (bool, error) {
	mine, err := tx.ClaimNearDecision(ctx, id, o.now())
	if err != nil || !mine {
		return false, err
	}
	p, err := tx.Post(ctx, coop.System(), id)
	if err != nil {
		return false, err
	}
	missing, err := tx.ElectorsWithoutBallot(ctx, id)
	if err != nil || len(missing) == 0 || p.Decision == nil {
		return false, err
	}
	if err := tx.TellDecisionNear(ctx, p, missing); err != nil || !o.SendsMail() {
		return true, err
	}
	for _, elector := range missing {
		if err := o.eachHolder(ctx, tx, elector, coop.ActBallot, func(a *coop.Account) error { return o.mailDecision(ctx, tx, p, elector, a) }); err != nil {
			return false, err
		}
	}
	return true, nil
}
