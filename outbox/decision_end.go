// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"errors"
	"fmt"

	"minga/coop"
	"minga/storage"
)

// maxDecisions is how many decisions end in one call.
const maxDecisions = 100

// EndDecisions counts the decisions of ours whose time is over and tells everybody what
// came out; it says how many. Call it every minute.
func (o *Outbox) EndDecisions(ctx context.Context) (int, error) {
	due, err := o.store.EndingDecisions(ctx, o.now(), maxDecisions)
	if err != nil {
		return 0, err
	}
	done, failed := 0, error(nil)
	for _, id := range due {
		// One that cannot be ended must not keep the others open.
		if err := o.store.Write(ctx, func(tx *storage.Tx) error { return o.countOut(ctx, tx, id) }); err != nil {
			failed = errors.Join(failed, fmt.Errorf("end decision %s: %w", id, err))
			continue
		}
		done++
	}
	return done, failed
}

// countOut ends one decision, once: it looks again inside the transaction.
func (o *Outbox) countOut(ctx context.Context, tx *storage.Tx, id coop.ID) error {
	p, err := o.ownDecision(ctx, tx, id)
	if err != nil || !p.Decision.Stage.Running() || o.now().Before(p.Ends) {
		return err
	}
	ballots, err := tx.Ballots(ctx, p.ID)
	if err != nil {
		return err
	}
	d := p.Decision
	p.Poll.Closed = p.Ends
	if d.ListBallots {
		if err := o.listBallots(ctx, tx, p, ballots); err != nil {
			return err
		}
	}
	return o.endDecision(ctx, tx, p, coop.Tally(d.Electors, ballots, d.Quorum, d.Method).Stage)
}

// listBallots writes down who could vote and who did, so that anybody can count again.
func (o *Outbox) listBallots(ctx context.Context, tx *storage.Tx, p *coop.Post, ballots []coop.Ballot) error {
	electors, err := tx.Electors(ctx, p.ID)
	if err != nil {
		return err
	}
	for _, a := range electors {
		p.Decision.Roll = append(p.Decision.Roll, a.IRI)
	}
	for _, b := range ballots {
		if b.Voter != nil {
			p.Decision.Ballots = append(p.Decision.Ballots, coop.OpenBallot{Voter: b.Voter.IRI, Option: b.Option, Reason: b.Reason})
		}
	}
	return nil
}

// endDecision keeps what came out, tells those concerned, and sets in motion what hangs on
// it, all in one transaction: nobody is admitted by a decision that is not told.
func (o *Outbox) endDecision(ctx context.Context, tx *storage.Tx, p *coop.Post, result coop.Stage) error {
	p.Decision.Stage, p.Decision.Result = result, result
	if err := tx.CountBallots(ctx, p); err != nil {
		return err
	}
	if err := o.changeDecision(ctx, tx, p); err != nil {
		return err
	}
	if err := tx.SettleDecision(ctx, p.ID); err != nil {
		return err
	}
	if err := o.tellOfDecision(ctx, tx, p); err != nil {
		return err
	}
	return o.decided(ctx, tx, p)
}

// decider takes over the outcome of a decision that hung on something: adopted, rejected,
// no-quorum, withdrawn or, of advice, published.
type decider func(ctx context.Context, tx *storage.Tx, p *coop.Post, outcome coop.Stage) error

// deciders are who hears of the outcome, one line for each kind of thing that a decision
// can hang on.
func (o *Outbox) deciders() map[coop.SubjectKind]decider {
	return map[coop.SubjectKind]decider{
		coop.SubjectMembership: o.membershipDecided,
	}
}

// decided tells what a decision hangs on what came out.
func (o *Outbox) decided(ctx context.Context, tx *storage.Tx, p *coop.Post) error {
	tell, known := o.deciders()[p.Decision.Subject.Kind]
	if !known {
		return nil
	}
	if err := tell(ctx, tx, p, p.Decision.Result); err != nil {
		return fmt.Errorf("after decision %s: %w", p.IRI, err)
	}
	return nil
}
