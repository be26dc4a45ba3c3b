// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"

	"minga/coop"
)

// putDecision writes the decision of a post, or takes away one that it is no more. Who may
// vote, and how they did, stays.
func (tx *Tx) putDecision(ctx context.Context, p *coop.Post) error {
	if p.Decision == nil {
		if p.Kind != coop.KindQuestion {
			return nil
		}
		_, err := tx.exec(ctx, `DELETE FROM decisions WHERE post_id = $1`, int64(p.ID))
		return err
	}
	d := p.Decision
	payload, err := jsonText(d)
	if err != nil {
		return err
	}
	row := []column{
		{"stage", string(d.Stage)},
		{"ends_at", msOf(p.Ends)},
		{"electorate", string(d.Electorate)},
		{"subject_kind", string(d.Subject.Kind)},
		{"subject_id", int64(d.Subject.ID)},
		{"payload", payload},
	}
	known, err := tx.number(ctx, `SELECT COUNT(*) FROM decisions WHERE post_id = $1`, int64(p.ID))
	if err != nil {
		return err
	}
	if known > 0 {
		return tx.update(ctx, "decisions", row, "post_id", int64(p.ID))
	}
	_, err = tx.insert(ctx, "decisions", append(row, column{"post_id", int64(p.ID)}), "")
	return err
}

// NextDecisionNumber gives the next number of a decision of an author: one more than the
// highest it ever used.
func (tx *Tx) NextDecisionNumber(ctx context.Context, author coop.ID) (int64, error) {
	n, err := first(ctx, tx.reader, scanNumber, `
		INSERT INTO decision_numbers (author_id, last)
		VALUES ($1, 1)
		ON CONFLICT (author_id) DO UPDATE SET last = decision_numbers.last + 1
		RETURNING last`, int64(author))
	if err != nil {
		return 0, fmt.Errorf("number of a decision: %w", err)
	}
	return n, nil
}

// FreezeElectors writes who may vote in a decision.
func (tx *Tx) FreezeElectors(ctx context.Context, post coop.ID, electors []coop.ID) error {
	for _, id := range unique(electors) {
		if _, err := tx.insert(ctx, "decision_electors", []column{{"post_id", int64(post)}, {"account_id", int64(id)}}, "ON CONFLICT DO NOTHING"); err != nil {
			return fmt.Errorf("electors of %s: %w", post, err)
		}
	}
	return nil
}

// SettleDecision says that the end of a decision of ours was told.
func (tx *Tx) SettleDecision(ctx context.Context, post coop.ID) error {
	_, err := tx.exec(ctx, `
		UPDATE polls
		SET ended = TRUE, dirty = FALSE, told_at = $2
		WHERE post_id = $1`, int64(post), msOf(tx.e.now()))
	if err != nil {
		return fmt.Errorf("settle decision %s: %w", post, err)
	}
	return nil
}

// ElectPeople lists the people who have a say in a co-op by a role in it, or, with account
// zero, everybody who is at home here.
func (r reader) ElectPeople(ctx context.Context, account coop.ID) ([]coop.ID, error) {
	a, where := args{}, "x.kind = 'person' AND x.rank <> ''"
	if account != 0 {
		where = "EXISTS (SELECT 1 FROM roles o WHERE o.person_id = x.id AND o.account_id = " + a.add(int64(account)) + ")"
	}
	ids, err := all(ctx, r, scanID, `
		SELECT x.id
		FROM accounts x
		WHERE x.local AND x.suspended_at = 0 AND x.deleted_at = 0 AND `+where+`
		ORDER BY x.id
		LIMIT `+a.add(mostBallots), a...)
	if err != nil {
		return nil, fmt.Errorf("people who decide: %w", err)
	}
	return ids, nil
}

// TellOfDecision tells those of this instance who may vote in a decision, or only some of
// them, and who opened it, that it opened, changed or ended. Who tells it is its author.
func (tx *Tx) TellOfDecision(ctx context.Context, p *coop.Post, only ...coop.ID) error {
	electors := only
	if len(only) == 0 {
		var err error
		if electors, err = tx.ElectorsHere(ctx, p.ID); err != nil {
			return err
		}
	}
	concerned := []coop.Concerned{{Account: p.AuthorID, Author: true}}
	for _, id := range electors {
		concerned = append(concerned, coop.Concerned{Account: id, Target: true})
	}
	return tx.tell(ctx, coop.Event{Kind: coop.EventDecision, From: p.AuthorID, Post: p.ID}, concerned...)
}
