// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// ballotColumns are those that [scanBallot] reads, of the table named b.
const ballotColumns = "b.post_id, b.voter_id, b.choice, b.reason, b.iri, b.at, b.refused"

// scanBallot reads a row of [ballotColumns].
func scanBallot(row pgx.CollectableRow) (b coop.Ballot, err error) {
	var post, voter, at int64
	var iri string
	err = row.Scan(&post, &voter, &b.Option, &b.Reason, &iri, &at, &b.Refused)
	b.PostID, b.VoterID, b.IRI, b.At = coop.ID(post), coop.ID(voter), coop.IRI(iri), atMs(at)
	return b, err
}

// mostBallots is how many ballots of one decision are read: more electors there are not.
const mostBallots = 10_000

// Ballots lists the ballots of a decision that count, the oldest first, with who cast
// them. Who may see them is the caller's question.
func (r reader) Ballots(ctx context.Context, post coop.ID) ([]coop.Ballot, error) {
	list, err := all(ctx, r, scanBallot, `
		SELECT `+ballotColumns+`
		FROM decision_ballots b
		WHERE b.post_id = $1
		ORDER BY b.at, b.voter_id
		LIMIT $2`, int64(post), mostBallots)
	if err != nil {
		return nil, fmt.Errorf("ballots of %s: %w", post, err)
	}
	ids := make([]coop.ID, len(list))
	for i, b := range list {
		ids[i] = b.VoterID
	}
	voters, err := r.Accounts(ctx, ids)
	for i := range list {
		list[i].Voter = voters[list[i].VoterID]
	}
	return list, err
}

// BallotOf finds the ballot of an account in a decision, or gives [coop.ErrNotFound].
func (r reader) BallotOf(ctx context.Context, post, voter coop.ID) (coop.Ballot, error) {
	b, err := first(ctx, r, scanBallot, `
		SELECT `+ballotColumns+`
		FROM decision_ballots b
		WHERE b.post_id = $1 AND b.voter_id = $2`, int64(post), int64(voter))
	if err != nil {
		return b, fmt.Errorf("ballot of %s in %s: %w", voter, post, err)
	}
	return b, nil
}

// BallotByIRI finds a ballot by the id of the activity that brought it.
func (r reader) BallotByIRI(ctx context.Context, iri coop.IRI) (coop.Ballot, error) {
	b, err := first(ctx, r, scanBallot, `
		SELECT `+ballotColumns+`
		FROM decision_ballots b
		WHERE b.iri = $1 AND b.iri <> ''`, cleanText(string(iri)))
	if err != nil {
		return b, fmt.Errorf("ballot %s: %w", iri, err)
	}
	return b, nil
}

// Echo is how often each option of a decision was chosen by who is not of its electorate,
// in the order of the options of its poll: it is shown beside the count and is none.
func (r reader) Echo(ctx context.Context, post coop.ID, options int) ([]int, error) {
	type votes struct{ option, n int }
	list, err := all(ctx, r, func(row pgx.CollectableRow) (v votes, err error) {
		err = row.Scan(&v.option, &v.n)
		return v, err
	}, `
		SELECT v.number, COUNT(*)
		FROM poll_votes v
		WHERE v.post_id = $1 AND NOT EXISTS (
			SELECT 1 FROM decision_electors e
			WHERE e.post_id = v.post_id AND e.account_id = v.account_id)
		GROUP BY v.number`, int64(post))
	if err != nil {
		return nil, fmt.Errorf("echo of %s: %w", post, err)
	}
	echo := make([]int, options)
	for _, v := range list {
		if v.option < options {
			echo[v.option] = v.n
		}
	}
	return echo, nil
}

// PutBallot keeps the ballot of an elector in place of the one before; in a decision of
// ours the counts of its poll follow. Whether it may be cast is the caller's question; hold
// the post before ([Tx.HoldPost]).
func (tx *Tx) PutBallot(ctx context.Context, p *coop.Post, b *coop.Ballot) error {
	b.PostID = p.ID
	row := []column{
		{"post_id", int64(p.ID)},
		{"voter_id", int64(b.VoterID)},
		{"choice", coop.Truncate(b.Option, 1000)},
		{"reason", coop.Truncate(b.Reason, 20_000)},
		{"iri", string(b.IRI)},
		{"at", msOf(b.At)},
		{"refused", coop.Truncate(b.Refused, 5000)},
	}
	if _, err := tx.exec(ctx, `DELETE FROM decision_ballots WHERE post_id = $1 AND voter_id = $2`, int64(p.ID), int64(b.VoterID)); err != nil {
		return fmt.Errorf("ballot in %s: %w", p.IRI, err)
	}
	if _, err := tx.insert(ctx, "decision_ballots", row, ""); err != nil {
		return fmt.Errorf("ballot in %s: %w", p.IRI, err)
	}
	if err := tx.markBallot(ctx, p, b); err != nil {
		return err
	}
	tx.aboutPost(p)
	if !p.Local {
		return nil
	}
	return tx.CountBallots(ctx, p)
}

// markBallot makes a ballot of an account here the vote by which its apps show what it
// chose; it counts nowhere.
func (tx *Tx) markBallot(ctx context.Context, p *coop.Post, b *coop.Ballot) error {
	if b.Voter == nil || !b.Voter.Local {
		return nil
	}
	if _, err := tx.exec(ctx, `DELETE FROM poll_votes WHERE post_id = $1 AND account_id = $2`, int64(p.ID), int64(b.VoterID)); err != nil {
		return err
	}
	_, err := tx.insert(ctx, "poll_votes", []column{
		{"post_id", int64(p.ID)}, {"account_id", int64(b.VoterID)}, {"number", p.Decision.Option(b.Option)}, {"at", msOf(b.At)},
	}, "")
	return err
}

// RefuseBallot notes that the server of a decision did not count a ballot of ours.
func (tx *Tx) RefuseBallot(ctx context.Context, b coop.Ballot) error {
	_, err := tx.exec(ctx, `
		UPDATE decision_ballots
		SET refused = $3
		WHERE post_id = $1 AND voter_id = $2`, int64(b.PostID), int64(b.VoterID), coop.Truncate(b.Refused, 5000))
	return err
}

// ClearBallots forgets every ballot of a decision that we have, and what others chose in
// its poll: it asks something new.
func (tx *Tx) ClearBallots(ctx context.Context, p *coop.Post) error {
	for _, sql := range []string{
		`DELETE FROM decision_ballots WHERE post_id = $1`,
		`DELETE FROM poll_votes WHERE post_id = $1`,
	} {
		if _, err := tx.exec(ctx, sql, int64(p.ID)); err != nil {
			return fmt.Errorf("clear the ballots of %s: %w", p.IRI, err)
		}
	}
	if !p.Local {
		return nil
	}
	return tx.CountBallots(ctx, p)
}

// CountBallots writes what the ballots come to into the poll, in p and in the store, and
// notes that there is something to tell.
func (tx *Tx) CountBallots(ctx context.Context, p *coop.Post) error {
	counts, err := all(ctx, tx.reader, scanText, `
		SELECT b.choice
		FROM decision_ballots b
		WHERE b.post_id = $1`, int64(p.ID))
	if err != nil {
		return err
	}
	for i := range p.Poll.Options {
		p.Poll.Options[i].Votes = 0
	}
	p.Poll.Voters = len(counts)
	for _, option := range counts {
		if i := p.Decision.Option(option); i >= 0 && i < len(p.Poll.Options) {
			p.Poll.Options[i].Votes++
		}
	}
	if err := tx.changePoll(ctx, p); err != nil {
		return err
	}
	_, err = tx.exec(ctx, `UPDATE polls SET dirty = TRUE WHERE post_id = $1`, int64(p.ID))
	return err
}

// AddEcho notes what somebody outside the electorate chose in the poll of a decision; it
// is counted nowhere but in [reader.Echo]. The first choice stays.
func (tx *Tx) AddEcho(ctx context.Context, v Vote) error {
	had, err := tx.PollVotes(ctx, v.Account, []coop.ID{v.Post})
	if err != nil || len(had[v.Post]) > 0 || len(v.Options) == 0 {
		return err
	}
	_, err = tx.insert(ctx, "poll_votes", []column{
		{"post_id", int64(v.Post)}, {"account_id", int64(v.Account)}, {"number", v.Options[0]}, {"at", msOf(v.At)},
	}, "ON CONFLICT DO NOTHING")
	return err
}
