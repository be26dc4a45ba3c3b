// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"time"

	"minga/coop"
)

// putPoll writes the poll of a post. Where it asks what was asked before, votes stay,
// and of a poll of ours the counts too; another question begins anew.
func (tx *Tx) putPoll(ctx context.Context, p *coop.Post, by Arrival) error {
	// A vote that comes meanwhile must not be lost in the counts of before.
	if err := tx.holdRow(ctx, "polls", "post_id", "FOR NO KEY UPDATE", int64(p.ID)); err != nil {
		return err
	}
	old, err := tx.onePoll(ctx, p.ID)
	if err != nil && !isMissing(err) {
		return err
	}
	if old != nil && p.Poll != nil && old.SameQuestion(p.Poll) {
		if p.Local {
			p.Poll.Count(old)
		}
		return tx.changePoll(ctx, p)
	}
	if old != nil {
		if _, err := tx.exec(ctx, `DELETE FROM polls WHERE post_id = $1`, int64(p.ID)); err != nil {
			return fmt.Errorf("poll: %w", err)
		}
	}
	return tx.putNewPoll(ctx, p, by)
}

// putNewPoll writes the poll of a post that has none. Nobody here has to hear of the end
// of one that was over when it came.
func (tx *Tx) putNewPoll(ctx context.Context, p *coop.Post, _ Arrival) error {
	if p.Poll == nil {
		return nil
	}
	row := append(pollColumns(p.Poll),
		column{"post_id", int64(p.ID)}, column{"dirty", false}, column{"told_at", int64(0)},
		column{"ended", !p.Local && p.Poll.Over(tx.e.now())})
	if _, err := tx.insert(ctx, "polls", row, ""); err != nil {
		return err
	}
	for i, o := range p.Poll.Options {
		if _, err := tx.insert(ctx, "poll_options", []column{
			{"post_id", int64(p.ID)}, {"number", i}, {"title", coop.Truncate(o.Title, 1000)}, {"name", coop.Truncate(o.Name, 1000)}, {"votes", o.Votes},
		}, ""); err != nil {
			return err
		}
	}
	return nil
}

// pollColumns is what may change of a poll without being another question.
func pollColumns(q *coop.Poll) []column {
	return []column{
		{"multiple", q.Multiple},
		{"hide_totals", q.HideTotals},
		{"ends_at", msOf(q.Ends)},
		{"closed_at", msOf(q.Closed)},
		{"voters", max(q.Voters, coop.UnknownVotes)},
		{"fetched_at", msOf(q.FetchedAt)},
	}
}

// changePoll writes a new state of the same question. One that runs again will end
// again.
func (tx *Tx) changePoll(ctx context.Context, p *coop.Post) error {
	row := pollColumns(p.Poll)
	if !p.Poll.Over(tx.e.now()) {
		row = append(row, column{"ended", false})
	}
	if err := tx.update(ctx, "polls", row, "post_id", int64(p.ID)); err != nil {
		return err
	}
	for i, o := range p.Poll.Options {
		if _, err := tx.exec(ctx, `
			UPDATE poll_options
			SET votes = $1
			WHERE post_id = $2 AND number = $3`, max(o.Votes, coop.UnknownVotes), int64(p.ID), i); err != nil {
			return fmt.Errorf("poll: %w", err)
		}
	}
	return nil
}

// CountPoll takes over what the origin of a poll tells of its counts and its end,
// with the bytes that say so: no new state of the post. The question must be the one
// that is stored, else [coop.ErrConflict]. What was closed stays closed.
func (tx *Tx) CountPoll(ctx context.Context, p *coop.Post, by Arrival) error {
	old, err := tx.onePoll(ctx, p.ID)
	if err != nil {
		return err
	}
	if !old.SameQuestion(p.Poll) {
		return fmt.Errorf("count poll of %s: %w", p.IRI, coop.ErrConflict)
	}
	if p.Poll.Closed.IsZero() {
		p.Poll.Closed = old.Closed
	}
	if err := tx.changePoll(ctx, p); err != nil {
		return err
	}
	return tx.putDocuments(ctx, p, by)
}

// Vote is what an account chooses in the poll of a post.
type Vote struct {
	Post, Account coop.ID
	Options       []int     // places of options
	At            time.Time // when it was cast
	// Once refuses an account that voted before, whatever it chose. Ballots of other
	// servers bring the options of one voter one by one.
	Once bool
}

// AddVotes counts a vote and returns how many options got one: none where the voter
// had chosen them before. [coop.ErrNotFound] says that there is no such poll or
// option, [coop.ErrState] that it was over, [coop.ErrConflict] that the voter had
// their vote.
func (tx *Tx) AddVotes(ctx context.Context, v Vote) (added int, err error) {
	if added, err = tx.addVotes(ctx, v); err != nil {
		return 0, fmt.Errorf("vote in poll %s by %s: %w", v.Post, v.Account, err)
	}
	return added, nil
}

// addVotes is the story of AddVotes. The first statement makes voters of one poll
// wait for each other.
func (tx *Tx) addVotes(ctx context.Context, v Vote) (int, error) {
	if _, err := tx.exec(ctx, `UPDATE polls SET dirty = dirty WHERE post_id = $1`, int64(v.Post)); err != nil {
		return 0, err
	}
	poll, err := tx.onePoll(ctx, v.Post)
	if err != nil {
		return 0, err
	}
	if poll.Over(v.At) {
		return 0, coop.ErrState
	}
	had, err := tx.PollVotes(ctx, v.Account, []coop.ID{v.Post})
	if err != nil {
		return 0, err
	}
	before := len(had[v.Post])
	if before > 0 && (v.Once || !poll.Multiple) || len(v.Options) > 1 && !poll.Multiple {
		return 0, coop.ErrConflict
	}
	added := 0
	for _, number := range v.Options {
		if number < 0 || number >= len(poll.Options) {
			return 0, coop.ErrNotFound
		}
		n, err := tx.addVote(ctx, v, number)
		if err != nil {
			return 0, err
		}
		added += n
	}
	return added, tx.countVoter(ctx, v, before == 0, added)
}

// addVote writes one vote and counts it.
func (tx *Tx) addVote(ctx context.Context, v Vote, number int) (int, error) {
	n, err := tx.insert(ctx, "poll_votes", []column{
		{"post_id", int64(v.Post)}, {"account_id", int64(v.Account)}, {"number", number}, {"at", msOf(v.At)},
	}, "ON CONFLICT DO NOTHING")
	if err != nil || n == 0 {
		return 0, err
	}
	_, err = tx.exec(ctx, `
		UPDATE poll_options
		SET votes = votes + 1
		WHERE post_id = $1 AND number = $2 AND votes >= 0`, int64(v.Post), number)
	return 1, err
}

// countVoter counts who voted for the first time, and notes of a poll of ours that
// there is something to tell.
func (tx *Tx) countVoter(ctx context.Context, v Vote, first bool, added int) error {
	if added == 0 {
		return nil
	}
	more := 0
	if first {
		more = 1
	}
	_, err := tx.exec(ctx, `
		UPDATE polls
		SET voters = CASE WHEN voters >= 0 THEN voters + $2 ELSE voters END,
			dirty = (SELECT p.local FROM posts p WHERE p.id = $1)
		WHERE post_id = $1`, int64(v.Post), more)
	return err
}

// TakePoll says that the counts of a poll of ours are told now; false: somebody else
// has done it meanwhile. Until the end of the transaction nobody votes in it.
func (tx *Tx) TakePoll(ctx context.Context, post coop.ID, at time.Time) (bool, error) {
	n, err := tx.exec(ctx, `
		UPDATE polls
		SET dirty = FALSE, told_at = $2
		WHERE post_id = $1 AND dirty`, int64(post), msOf(at))
	if err != nil {
		return false, fmt.Errorf("tell of poll %s: %w", post, err)
	}
	return n > 0, nil
}

// EndPoll ends a poll whose time is over: it tells its voters here, and its author
// if that is of this instance; one of ours is closed. False: it was done, or it is
// not over.
func (tx *Tx) EndPoll(ctx context.Context, post coop.ID, now time.Time) (bool, error) {
	n, err := tx.exec(ctx, `
		UPDATE polls
		SET ended = TRUE, dirty = FALSE, told_at = $2,
			closed_at = CASE WHEN closed_at = 0 THEN ends_at ELSE closed_at END
		WHERE post_id = $1 AND NOT ended AND ends_at <> 0 AND ends_at <= $2`, int64(post), msOf(now))
	if err != nil || n == 0 {
		return false, err
	}
	p, err := tx.Post(ctx, coop.System(), post)
	if err != nil {
		return false, err
	}
	if err := tx.tellOfEnd(ctx, p, now); err != nil {
		return false, fmt.Errorf("end poll %s: %w", post, err)
	}
	return true, nil
}

// mostVotersTold bounds whom the end of one poll tells.
const mostVotersTold = 10_000

// tellOfEnd tells who asked and who voted.
func (tx *Tx) tellOfEnd(ctx context.Context, p *coop.Post, now time.Time) error {
	voters, err := all(ctx, tx.reader, scanID, `
		SELECT DISTINCT b.id
		FROM poll_votes v
		JOIN accounts b ON b.id = v.account_id
		WHERE v.post_id = $1 AND b.local
		ORDER BY b.id
		LIMIT $2`, int64(p.ID), mostVotersTold)
	if err != nil {
		return err
	}
	concerned := []coop.Concerned{{Account: p.AuthorID, Author: true}}
	for _, id := range voters {
		concerned = append(concerned, coop.Concerned{Account: id, Voted: true})
	}
	return tx.tell(ctx, coop.Event{Kind: coop.EventPollEnded, From: p.AuthorID, Post: p.ID, At: now}, concerned...)
}
