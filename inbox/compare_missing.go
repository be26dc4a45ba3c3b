// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"context"
	"sync/atomic"
	"time"

	"minga/coop"
	"minga/storage"
)

// withBudget gives everything done under the context a budget of n fetches; the function
// says how many were spent.
func withBudget(ctx context.Context, n int) (context.Context, func() int) {
	left := &atomic.Int64{}
	left.Store(int64(n))
	return context.WithValue(ctx, fetchesKey{}, left), func() int { return n - int(max(0, left.Load())) }
}

// stateOf is when a post was written as it is.
func stateOf(p *coop.Post) time.Time { return maxTime(p.Published, p.Updated) }

// compareMissing asks for some of what is here and was not listed, each at its own origin,
// and says whether that was all.
func (in *Inbox) compareMissing(ctx context.Context, account *coop.Account, p *comparing) (over bool, err error) {
	list, err := in.store.Uncompared(ctx, account, p.Kinds, p.Sum.StartedAt, min(checkedAtOnce, mostChecked-p.Checked))
	if err != nil || len(list) == 0 {
		return true, err
	}
	began := in.now()
	for _, k := range list {
		if in.now().Sub(began) > compareTurn {
			return false, nil
		}
		if err := in.compareByID(ctx, p, k); err != nil {
			return false, err
		}
		p.Checked++
		p.Sum.Looked++
		err := in.store.Write(ctx, func(tx *storage.Tx) error { return in.markChecked(ctx, tx, account, k.ID) })
		if err != nil {
			return false, err
		}
	}
	return p.Checked >= mostChecked, nil
}

// markChecked notes that a post was asked for; one that was removed has no mark.
func (in *Inbox) markChecked(ctx context.Context, tx *storage.Tx, account *coop.Account, post coop.ID) error {
	if _, err := tx.Post(ctx, coop.System(), post); err != nil {
		return storeFault("look up a post", err)
	}
	return tx.MarkCompared(ctx, account.ID, []coop.ID{post}, in.now())
}

// compareByID asks the origin of one post. Only its own word removes it; what it says now
// takes the place of what is older here.
func (in *Inbox) compareByID(ctx context.Context, p *comparing, k storage.KnownPost) error {
	doc, err := in.ask(ctx, k.IRI)
	isGone, missing := gone(err)
	if isGone || missing || err == nil && doc.Type() == "Tombstone" {
		return in.removeCompared(ctx, p, k)
	}
	if err != nil {
		return in.comparedFault(ctx, p, err)
	}
	post, err := in.keepPost(ctx, doc, coop.Path{How: "fetch"})
	if err != nil {
		return in.comparedFault(ctx, p, err)
	}
	if stateOf(post).After(k.At) {
		p.Sum.Changed++
	}
	return in.store.Write(ctx, func(tx *storage.Tx) error { return tx.ConfirmJob(ctx, post.ID, in.now()) })
}

// removeCompared removes what its origin says is no more.
func (in *Inbox) removeCompared(ctx context.Context, p *comparing, k storage.KnownPost) error {
	err := in.store.Write(ctx, func(tx *storage.Tx) error {
		post, err := tx.Post(ctx, coop.System(), k.ID)
		if err != nil {
			return err
		}
		return tx.RemovePost(ctx, k.IRI, post.Author.IRI, in.now())
	})
	if err != nil {
		return in.comparedFault(ctx, p, err)
	}
	p.Sum.Removed++
	return nil
}
