// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// Who is told here of what happened. Each event is told in the transaction that
// stores it: the event's own method says which accounts come into question and what
// they have to do with it, [reader.concern] adds what the database knows of them, and
// [coop.Notifications] decides.

// tell notes an event for those of the accounts that are to be told.
func (tx *Tx) tell(ctx context.Context, e coop.Event, candidates ...coop.Concerned) error {
	if e.Quiet {
		return nil
	}
	if e.At.IsZero() {
		e.At = tx.e.now()
	}
	for part := range slices.Chunk(merged(candidates), mostIn) {
		concerned, err := tx.concern(ctx, e, part)
		if err != nil {
			return fmt.Errorf("tell of %s: %w", e.Kind, err)
		}
		for _, n := range coop.Notifications(e, concerned) {
			if err := tx.Notify(ctx, n); err != nil {
				return fmt.Errorf("tell of %s: %w", e.Kind, err)
			}
		}
	}
	return nil
}

// merged joins what was said of the same account.
func merged(candidates []coop.Concerned) []coop.Concerned {
	place := make(map[coop.ID]int, len(candidates))
	var list []coop.Concerned
	for _, c := range candidates {
		i, known := place[c.Account]
		switch {
		case c.Account == 0:
		case !known:
			place[c.Account] = len(list)
			list = append(list, c)
		default:
			m := &list[i]
			m.Mentioned, m.Replied, m.Asked = m.Mentioned || c.Mentioned, m.Replied || c.Replied, m.Asked || c.Asked
			m.Network = m.Network || c.Network
			m.Author, m.Voted, m.Boosted, m.Bell = m.Author || c.Author, m.Voted || c.Voted, m.Boosted || c.Boosted, m.Bell || c.Bell
			m.InRoom = m.InRoom || c.InRoom
		}
	}
	return list
}

// concern keeps the accounts of this instance and fills in what the database knows
// of them and of who did it.
func (r reader) concern(ctx context.Context, e coop.Event, candidates []coop.Concerned) ([]coop.Concerned, error) {
	if len(candidates) == 0 {
		return nil, nil
	}
	byID, ids := make(map[coop.ID]coop.Concerned, len(candidates)), make([]coop.ID, 0, len(candidates))
	for _, c := range candidates {
		byID[c.Account] = c
		ids = append(ids, c.Account)
	}
	a := args{int64(e.From), int64(e.Post), msOf(e.At)}
	return all(ctx, r, func(row pgx.CollectableRow) (coop.Concerned, error) { return scanConcerned(row, byID) }, `
		SELECT x.id, x.kind, x.suspended_at <> 0 OR x.deleted_at <> 0, `+r.seesEvent(&a)+`,
			`+blockBetween("x.id", "$1")+` OR EXISTS (
				SELECT 1 FROM server_blocks s
				WHERE s.account_id = x.id AND s.host = w.server),
			EXISTS (
				SELECT 1 FROM mutes m
				WHERE m.account_id = x.id AND m.target_id = $1 AND m.notifications AND (m.ends_at = 0 OR m.ends_at > $3))
			OR EXISTS (
				SELECT 1 FROM thread_mutes t
				WHERE t.account_id = x.id AND t.thread = p.thread),
			EXISTS (SELECT 1 FROM follows f WHERE f.follower_id = x.id AND f.target_id = $1 AND f.state = 'accepted'),
			COALESCE((SELECT f.created_at FROM follows f WHERE f.follower_id = $1 AND f.target_id = x.id AND f.state = 'accepted'), 0),
			EXISTS (SELECT 1 FROM notification_permissions n WHERE n.account_id = x.id AND n.from_id = $1),
			COALESCE(w.created_at, 0), COALESCE(w.local AND (w.kind = 'instance' OR w.rank IN ('moderator', 'admin', 'owner')), FALSE),
			`+r.policy(&a, "w.server", "('limit')")+`,
			COALESCE(p.visibility, '') = 'direct',
			COALESCE(q.author_id = x.id AND (q.kind IN ('job', 'request') OR EXISTS (
				SELECT 1 FROM post_addressees n
				WHERE n.post_id = q.id AND n.account_id = $1)), FALSE),
			COALESCE(y.not_following, ''), COALESCE(y.not_followers, ''), COALESCE(y.new_accounts, ''),
			COALESCE(y.private_mentions, ''), COALESCE(y.limited_accounts, '')
		FROM accounts x
		LEFT JOIN accounts w ON w.id = $1
		LEFT JOIN posts p ON p.id = $2
		LEFT JOIN posts q ON q.id = p.in_reply_to_id
		LEFT JOIN notification_policies y ON y.account_id = x.id
		WHERE x.local AND x.id IN `+in(&a, numbers(ids))+`
		ORDER BY x.id`, a...)
}

// seesEvent is the condition that the account x may see the post $2.
func (r reader) seesEvent(a *args) string {
	return `EXISTS (
		SELECT 1 FROM posts p
		JOIN accounts a ON a.id = p.author_id
		WHERE p.id = $2 AND ` + r.visibleTo(a, "x.id") + `)`
}

// scanConcerned reads a row of [reader.concern] into what was known before.
func scanConcerned(row pgx.CollectableRow, before map[coop.ID]coop.Concerned) (coop.Concerned, error) {
	var id, follower, made int64
	var kind string
	var c coop.Concerned
	var chosen [5]string
	err := row.Scan(&id, &kind, &c.Gone, &c.MaySee, &c.Blocks, &c.Mutes, &c.Knows.Follows, &follower, &c.Knows.Permitted,
		&made, &c.Knows.Staff, &c.Knows.Limited, &c.Knows.Private, &c.Knows.Answer,
		&chosen[0], &chosen[1], &chosen[2], &chosen[3], &chosen[4])
	known := before[coop.ID(id)]
	known.Kind, known.Gone, known.MaySee, known.Blocks, known.Mutes, known.Knows = coop.AccountKind(kind), c.Gone, c.MaySee, c.Blocks, c.Mutes, c.Knows
	known.Knows.FollowerAt, known.Knows.MadeAt, known.Policy = atMs(follower), atMs(made), policyOf(chosen)
	return known, err
}

// tellOfPost tells who is mentioned, addressed directly or answered, and who wants
// to hear of each post of the author.
func (tx *Tx) tellOfPost(ctx context.Context, p *coop.Post, by Arrival) error {
	if by.Quiet || isDraft(p) {
		return nil
	}
	named, err := tx.namedHere(ctx, p)
	if err != nil {
		return err
	}
	var concerned []coop.Concerned
	for _, id := range named {
		concerned = append(concerned, coop.Concerned{Account: id, Mentioned: true})
	}
	about, err := tx.askedAbout(ctx, p, named)
	if err != nil {
		return err
	}
	for _, id := range about {
		concerned = append(concerned, coop.Concerned{Account: id, Asked: true})
	}
	toSelf := p.InReplyTo == ""
	if p.InReplyToID != 0 {
		parent, err := tx.Post(ctx, coop.System(), p.InReplyToID)
		if err != nil {
			return err
		}
		asked := parent.Job != nil && p.Visibility == coop.VisibleDirect || parent.Request != nil
		concerned = append(concerned, coop.Concerned{Account: parent.AuthorID, Replied: true, Asked: asked})
		toSelf = parent.AuthorID == p.AuthorID
	}
	if toSelf && p.Visibility != coop.VisibleDirect {
		bells, err := tx.bells(ctx, p)
		if err != nil {
			return err
		}
		concerned = append(concerned, bells...)
	}
	mates, err := tx.roomMates(ctx, p)
	if err != nil {
		return err
	}
	concerned = append(concerned, mates...)
	network, err := tx.network(ctx, p)
	if err != nil {
		return err
	}
	concerned = append(concerned, network...)
	return tx.tell(ctx, coop.Event{Kind: coop.EventCreated, From: p.AuthorID, Post: p.ID}, concerned...)
}

// mostTold bounds whom one post tells because it names them, mostBells those who
// asked for each post.
const (
	mostTold  = 100
	mostBells = 10_000
)

// namedHere are the accounts of this instance that a post mentions, or names when
// it is for them alone.
func (r reader) namedHere(ctx context.Context, p *coop.Post) ([]coop.ID, error) {
	iris := make([]coop.IRI, 0, len(p.Mentions))
	for _, m := range p.Mentions[:min(len(p.Mentions), mostTold)] {
		iris = append(iris, m.IRI)
	}
	if p.Visibility == coop.VisibleDirect {
		iris = append(iris, addressees(p)...)
	}
	accounts, err := r.AccountsByIRI(ctx, iris)
	if err != nil {
		return nil, err
	}
	var named []coop.ID
	for _, iri := range unique(iris) {
		if a := accounts[iri]; a != nil && a.Local && len(named) < mostTold {
			named = append(named, a.ID)
		}
	}
	return named, nil
}

// bells are the followers of this instance that want to hear of each post in its
// language.
func (r reader) bells(ctx context.Context, p *coop.Post) ([]coop.Concerned, error) {
	type bell struct {
		id        int64
		languages string
	}
	list, err := all(ctx, r, func(row pgx.CollectableRow) (b bell, err error) {
		err = row.Scan(&b.id, &b.languages)
		return b, err
	}, `
		SELECT f.follower_id, f.languages
		FROM follows f
		WHERE f.target_id = $1 AND f.bell AND f.state = 'accepted'
		ORDER BY f.id
		LIMIT $2`, int64(p.AuthorID), mostBells)
	if err != nil {
		return nil, fmt.Errorf("who wants to hear of each post: %w", err)
	}
	var concerned []coop.Concerned
	for _, b := range list {
		var languages []string
		if b.languages != "" {
			if err := json.Unmarshal([]byte(b.languages), &languages); err != nil {
				return nil, fmt.Errorf("languages of a follow: %w", err)
			}
		}
		if len(languages) == 0 || p.Language == "" || slices.Contains(languages, p.Language) {
			concerned = append(concerned, coop.Concerned{Account: coop.ID(b.id), Bell: true})
		}
	}
	return concerned, nil
}

// tellOfUpdate tells who boosted a post that it changed, and whom it names now and
// did not name before.
func (tx *Tx) tellOfUpdate(ctx context.Context, p, old *coop.Post, by Arrival) error {
	if by.Quiet || isDraft(p) {
		return nil
	}
	if err := tx.tellOfOutcome(ctx, p, old); err != nil {
		return err
	}
	boosters, err := all(ctx, tx.reader, scanID, `
		SELECT x.actor_id
		FROM reactions x
		JOIN accounts b ON b.id = x.actor_id
		WHERE x.post_id = $1 AND x.kind = 'boost' AND b.local AND b.kind NOT IN ('board', 'federation')
		ORDER BY x.id DESC
		LIMIT 100`, int64(p.ID))
	if err != nil {
		return err
	}
	before, errBefore := tx.namedHere(ctx, old)
	now, errNow := tx.namedHere(ctx, p)
	if errBefore != nil || errNow != nil {
		return fmt.Errorf("whom an edit names: %w", errors.Join(errBefore, errNow))
	}
	var concerned []coop.Concerned
	for _, id := range boosters {
		concerned = append(concerned, coop.Concerned{Account: id, Boosted: true})
	}
	for _, id := range now {
		concerned = append(concerned, coop.Concerned{Account: id, Mentioned: !slices.Contains(before, id)})
	}
	return tx.tell(ctx, coop.Event{Kind: coop.EventEdited, From: p.AuthorID, Post: p.ID}, concerned...)
}
