// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// pollRow is one option of a poll, with the poll.
type pollRow struct {
	post   coop.ID
	poll   coop.Poll
	option coop.PollOption
}

// scanPollRow reads an option with its poll.
func scanPollRow(row pgx.CollectableRow) (p pollRow, err error) {
	var post, ends, closed, fetched int64
	err = row.Scan(&post, &p.poll.Multiple, &p.poll.HideTotals, &ends, &closed, &p.poll.Voters, &fetched, &p.option.Title, &p.option.Name, &p.option.Votes)
	p.post = coop.ID(post)
	p.poll.Ends, p.poll.Closed, p.poll.FetchedAt = atMs(ends), atMs(closed), atMs(fetched)
	return p, err
}

// polls finds the polls of posts by one statement.
func (r reader) polls(ctx context.Context, posts []coop.ID) (map[coop.ID]*coop.Poll, error) {
	var a args
	rows, err := all(ctx, r, scanPollRow, `
		SELECT q.post_id, q.multiple, q.hide_totals, q.ends_at, q.closed_at, q.voters, q.fetched_at, o.title, o.name, o.votes
		FROM polls q
		JOIN poll_options o ON o.post_id = q.post_id
		WHERE q.post_id IN `+in(&a, numbers(posts))+`
		ORDER BY o.post_id, o.number`, a...)
	if err != nil {
		return nil, fmt.Errorf("polls: %w", err)
	}
	found := make(map[coop.ID]*coop.Poll)
	for _, row := range rows {
		p := found[row.post]
		if p == nil {
			p = row.poll.Clone()
			found[row.post] = p
		}
		p.Options = append(p.Options, row.option)
	}
	return found, nil
}

// fillPolls gives each question its poll.
func (r reader) fillPolls(ctx context.Context, _ coop.Viewer, posts []*coop.Post) error {
	var ask []coop.ID
	for _, p := range posts {
		if p.Kind == coop.KindQuestion {
			ask = append(ask, p.ID)
		}
	}
	if len(ask) == 0 {
		return nil
	}
	found, err := r.polls(ctx, ask)
	if err != nil {
		return err
	}
	for _, p := range posts {
		p.Poll = found[p.ID]
	}
	return r.fillDecisions(ctx, asking(posts))
}

// asking are the posts that have a poll.
func asking(posts []*coop.Post) []*coop.Post {
	var list []*coop.Post
	for _, p := range posts {
		if p.Poll != nil {
			list = append(list, p)
		}
	}
	return list
}

// PollVotes are the options that an account chose, by post, each list in the order
// of the options; posts in whose poll it did not vote are left out.
func (r reader) PollVotes(ctx context.Context, account coop.ID, posts []coop.ID) (map[coop.ID][]int, error) {
	votes := make(map[coop.ID][]int)
	type vote struct {
		post   int64
		number int
	}
	for part := range slices.Chunk(unique(posts), mostIn) {
		a := args{int64(account)}
		list, err := all(ctx, r, func(row pgx.CollectableRow) (v vote, err error) {
			err = row.Scan(&v.post, &v.number)
			return v, err
		}, `
			SELECT post_id, number
			FROM poll_votes
			WHERE account_id = $1 AND post_id IN `+in(&a, numbers(part))+`
			ORDER BY post_id, number`, a...)
		if err != nil {
			return nil, fmt.Errorf("votes of account %s: %w", account, err)
		}
		for _, v := range list {
			votes[coop.ID(v.post)] = append(votes[coop.ID(v.post)], v.number)
		}
	}
	return votes, nil
}

// pollGrace is how long after the end of a poll elsewhere its voters here are told:
// by then its last counts have come.
const pollGrace = 5 * time.Minute

// EndingPolls lists the posts whose polls are over and whose end was not told yet,
// at most limit, the longest over first.
func (r reader) EndingPolls(ctx context.Context, now time.Time, limit int) ([]coop.ID, error) {
	ids, err := all(ctx, r, scanID, `
		SELECT q.post_id
		FROM polls q
		JOIN posts p ON p.id = q.post_id
		WHERE NOT q.ended AND q.ends_at <> 0 AND q.ends_at <= $1 AND (p.local OR q.ends_at <= $2)
			AND NOT (p.local AND EXISTS (SELECT 1 FROM decisions d WHERE d.post_id = q.post_id))
		ORDER BY q.ends_at, q.post_id
		LIMIT $3`, msOf(now), msOf(now.Add(-pollGrace)), min(limit, mostListed))
	if err != nil {
		return nil, fmt.Errorf("ending polls: %w", err)
	}
	return ids, nil
}

// CountedPolls lists the posts of ours whose polls were voted in since they were
// last told elsewhere, which was before a time; at most limit. Those of decisions that are
// over are told with their outcome.
func (r reader) CountedPolls(ctx context.Context, before time.Time, limit int) ([]coop.ID, error) {
	ids, err := all(ctx, r, scanID, `
		SELECT q.post_id
		FROM polls q
		WHERE q.dirty AND q.told_at <= $1
		ORDER BY q.told_at, q.post_id
		LIMIT $2`, msOf(before), min(limit, mostListed))
	if err != nil {
		return nil, fmt.Errorf("counted polls: %w", err)
	}
	return ids, nil
}

// onePoll is the poll of a post, or [coop.ErrNotFound].
func (r reader) onePoll(ctx context.Context, post coop.ID) (*coop.Poll, error) {
	found, err := r.polls(ctx, []coop.ID{post})
	if err == nil && found[post] == nil {
		err = fmt.Errorf("poll of post %s: %w", post, coop.ErrNotFound)
	}
	return found[post], err
}

// isMissing tells that there is no such row.
func isMissing(err error) bool { return errors.Is(err, coop.ErrNotFound) }

// VotesOf are the options that each of the accounts chose in the poll of a post, in their
// order; who did not vote is left out.
func (r reader) VotesOf(ctx context.Context, accounts []coop.ID, post coop.ID) (map[coop.ID][]int, error) {
	votes := map[coop.ID][]int{}
	for part := range slices.Chunk(unique(accounts), mostIn) {
		a := args{int64(post)}
		_, err := all(ctx, r, func(row pgx.CollectableRow) (none struct{}, err error) {
			var account int64
			var number int
			err = row.Scan(&account, &number)
			votes[coop.ID(account)] = append(votes[coop.ID(account)], number)
			return none, err
		}, `
			SELECT v.account_id, v.number
			FROM poll_votes v
			WHERE v.post_id = $1 AND v.account_id IN `+in(&a, numbers(part))+`
			ORDER BY v.account_id, v.number`, a...)
		if err != nil {
			return nil, fmt.Errorf("votes in post %s: %w", post, err)
		}
	}
	return votes, nil
}
