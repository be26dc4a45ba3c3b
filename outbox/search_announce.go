// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"errors"
	"fmt"

	"minga/coop"
	"minga/storage"
)

// announceFound announces what waits, each question as much as it may in an hour. What
// closed meanwhile is left out.
func (o *Outbox) announceFound(ctx context.Context) (did bool, err error) {
	queries, err := o.store.QueriesThatWait(ctx, mostQueries)
	if err != nil {
		return false, err
	}
	for _, q := range queries {
		moved, err := o.announceOf(ctx, q)
		if err != nil {
			return did, fmt.Errorf("announce for search %s: %w", q.ID, err)
		}
		did = did || moved
	}
	return did, nil
}

// announceOf announces for one question.
func (o *Outbox) announceOf(ctx context.Context, q coop.SearchQuery) (did bool, err error) {
	hits, err := o.store.HitsIn(ctx, q.ID, coop.MaxAnnounces, storage.HitWaiting)
	if err != nil {
		return false, err
	}
	for _, h := range hits {
		moved := false
		err := o.store.Write(ctx, func(tx *storage.Tx) (err error) {
			moved, err = o.announceHit(ctx, tx, q, h)
			return err
		})
		if err != nil || !moved {
			return did, err
		}
		did = true
	}
	return did, nil
}

// announceHit announces one job, unless the hour is full: then nothing moved.
func (o *Outbox) announceHit(ctx context.Context, tx *storage.Tx, q coop.SearchQuery, h storage.SearchHit) (bool, error) {
	now := o.now()
	n, err := tx.AnnouncedSince(ctx, q.ID, now.Add(-announceWithin))
	if err != nil || n >= coop.MaxAnnounces {
		return false, err
	}
	answers, err := tx.JobsThatAnswer(ctx, q.Asked(), o.o.Local.AccountDomain, []coop.ID{h.Post})
	if err != nil {
		return false, err
	}
	by, err := tx.Account(ctx, q.Account)
	if _, answers := answers[h.Post]; isNotFound(err) || err == nil && (by.Gone() || !answers) {
		h.State = storage.HitEnded
		return true, tx.SetHit(ctx, h)
	}
	if err != nil {
		return false, err
	}
	post, err := tx.Post(ctx, coop.System(), h.Post)
	if err != nil {
		return false, err
	}
	if err := o.announceID(ctx, tx, by, post); err != nil {
		return false, err
	}
	boost, err := tx.ReactionOf(ctx, storage.Boost, by.ID, post.ID)
	if err != nil {
		return false, err
	}
	h.State, h.Announce, h.AnnouncedAt = storage.HitAnnounced, boost.IRI, now
	return true, tx.SetHit(ctx, h)
}

// takeBack takes back announcements of jobs that closed or answer no more.
func (o *Outbox) takeBack(ctx context.Context) (bool, error) {
	hits, err := o.store.HitsIn(ctx, 0, mostPerTurn, storage.HitEnding)
	if err != nil {
		return false, err
	}
	for _, h := range hits {
		err := o.store.Write(ctx, func(tx *storage.Tx) error { return o.takeBackHit(ctx, tx, h) })
		if err != nil {
			return false, fmt.Errorf("take back %s: %w", h.Announce, err)
		}
	}
	return len(hits) > 0, nil
}

// takeBackHit takes one back.
func (o *Outbox) takeBackHit(ctx context.Context, tx *storage.Tx, h storage.SearchHit) error {
	if mine, err := tx.EndHit(ctx, h); !mine || err != nil {
		return err
	}
	q, err := tx.SearchQuery(ctx, h.Query)
	if isNotFound(err) || err == nil && q.Account == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	by, err := tx.Account(ctx, q.Account)
	if err != nil || by.Gone() {
		return ignoreGone(err)
	}
	return o.takeBackAll(ctx, tx, by, h)
}

// tendSearches does once an hour what is due from time to time: searches that nobody
// follows go, and what nobody confirmed.
func (o *Outbox) tendSearches(ctx context.Context) (bool, error) {
	now := o.now()
	before := o.tended.Load()
	if now.UnixMilli()-before < lookEvery.Milliseconds() || !o.tended.CompareAndSwap(before, now.UnixMilli()) {
		return false, nil
	}
	err := o.store.Write(ctx, func(tx *storage.Tx) error {
		return errors.Join(tx.CountAlone(ctx, now), tx.SweepSearches(ctx, mostQueries))
	})
	if err != nil {
		return false, err
	}
	alone, err := o.store.AloneSince(ctx, now.Add(-coop.SearchAlone), mostPerTurn)
	if err != nil {
		return false, err
	}
	for _, q := range alone {
		if err := o.endSearch(ctx, q); err != nil {
			return false, fmt.Errorf("end search %s: %w", q.ID, err)
		}
	}
	return false, nil
}
