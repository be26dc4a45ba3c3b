// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"context"
	"errors"
	"hash/fnv"
	"log/slog"
	"time"

	"minga/coop"
	"minga/storage"
)

// How what deliveries lost comes back
//
// Once a night each federation that ours follows is held against what is kept of it here.
// Its collections are read page by page, the newest change first, as anybody may read
// them: an entry that is not here is fetched, one that is newer than ours takes its place.
// What is here, open, and stands in none of them is asked for at its own origin, by its
// id, and only that origin's word that it is gone removes it. A first page that answers
// with the ETag of the night before ends the work on its collection at once; once a week
// it does not.
//
// Nobody is told of anything that comes so, and nothing of it is sent on. Entries are
// believed as in a backfill: an embedded copy of the collection's own origin, else a fetch
// at the origin of the id. What another server can make us do has an end: requests, pages,
// entries, the time of one turn, and how often it may fail.

// Bounds of one comparison.
const (
	mostCompared  = 2_000 // entries of one collection
	mostOfOutbox  = 100   // the newest of an outbox
	mostAsked     = 300   // requests of ours
	mostChecked   = 100   // posts that are not listed and asked for by their ids
	checkedAtOnce = 20    // of these in one turn
	compareTurn   = 45 * time.Second
	compareTries  = 4 // failures in a row, then the next night
	// tooYoung is how old a post must be to count as lost: its delivery may be on its way,
	// and what a comparison brings nobody is told of.
	tooYoung = 10 * time.Minute
)

// comparing is the payload of a comparison: where it stands.
type comparing struct {
	Account coop.ID         `json:"account"`
	Full    bool            `json:"full,omitempty"` // ETags do not count
	Since   time.Time       `json:"since"`          // of the follow
	Left    []listing       `json:"left,omitempty"`
	Next    coop.IRI        `json:"next,omitempty"`
	Pages   int             `json:"pages,omitempty"`
	Skip    int             `json:"skip,omitempty"` // entries of the page that are done
	Kinds   []coop.PostKind `json:"kinds,omitempty"`
	Checked int             `json:"checked,omitempty"`
	Asked   int             `json:"asked,omitempty"`
	// Unclean: something could not be had or was left out, so the next night reads all again.
	Unclean bool             `json:"unclean,omitempty"`
	Marks   storage.PageTags `json:"marks,omitempty"`
	Sum     coop.Comparison  `json:"sum"`
}

// listing is one collection of a comparison.
type listing struct {
	Collection coop.IRI `json:"collection"`
	// Kinds are those of which a post that is not listed is asked for.
	Kinds []coop.PostKind `json:"kinds"`
	Most  int             `json:"most"`
	// Old is how many of the first entries are taken over whatever their age; of the others
	// only those that are younger than the follow.
	Old  int  `json:"old,omitempty"`
	Seen int  `json:"seen,omitempty"`
	Ends bool `json:"ends,omitempty"` // a page that brings nothing new is the last
}

// listings are the collections of an account that are compared.
func listings(a *coop.Account, articles int) []listing {
	var all []listing
	add := func(l listing) {
		if l.Collection != "" {
			all = append(all, l)
		}
	}
	add(listing{Collection: a.Jobs, Kinds: []coop.PostKind{coop.KindJob}, Most: mostCompared, Old: mostCompared})
	add(listing{Collection: a.Knowledge, Kinds: []coop.PostKind{coop.KindArticle}, Most: mostCompared, Old: articles})
	add(listing{Collection: a.Requests, Kinds: []coop.PostKind{coop.KindRequest}, Most: mostCompared, Old: mostCompared})
	add(listing{Collection: a.Outbox, Kinds: []coop.PostKind{coop.KindNote, coop.KindQuestion}, Most: mostOfOutbox, Ends: true})
	return all
}

// PlanComparisons queues the comparisons that are due, gives each account its hour of the
// next night, and says how many were queued. It is called again and again.
func (in *Inbox) PlanComparisons(ctx context.Context) (int, error) {
	now, n := in.now(), 0
	due, err := in.store.ComparisonsDue(ctx, now, 100)
	if err != nil {
		return 0, err
	}
	for account, was := range due {
		next := in.nightOf(account, now)
		err := in.store.Write(ctx, func(tx *storage.Tx) error {
			if err := tx.PlanComparison(ctx, account, next); err != nil || was.IsZero() {
				return err // followed since today: its backfill is enough
			}
			p := comparing{Account: account, Full: weekly(account, now), Sum: coop.Comparison{Account: account}}
			return in.addTask(ctx, tx, taskCompare, account.String(), now, p)
		})
		if err != nil {
			return n, err
		}
		if !was.IsZero() {
			n++
		}
	}
	return n, nil
}

// CompareSoon queues a comparison with an account, as a part of tx: whole, and as soon as
// a worker is free.
func (in *Inbox) CompareSoon(ctx context.Context, tx *storage.Tx, account coop.ID) error {
	p := comparing{Account: account, Full: true, Sum: coop.Comparison{Account: account}}
	return in.addTask(ctx, tx, taskCompare, account.String(), in.now(), p)
}

// The night, in the zone of this instance.
const (
	nightBegins = 1 * time.Hour
	nightLasts  = 4 * time.Hour
)

// nightOf is the next time after now at which an account is compared: each has its own
// place in the night, and another one on each instance.
func (in *Inbox) nightOf(account coop.ID, now time.Time) time.Time {
	h := fnv.New32a()
	_, _ = h.Write([]byte(in.o.Local.Host + " " + account.String()))
	place := nightBegins + time.Duration(h.Sum32()%uint32(nightLasts/time.Second))*time.Second
	local := now.In(in.o.Zone)
	at := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, in.o.Zone).Add(place)
	if !at.After(now) {
		at = at.AddDate(0, 0, 1)
	}
	return at.UTC()
}

// weekly says whether an account is read whole today, whatever its ETags say.
func weekly(account coop.ID, now time.Time) bool {
	return time.Weekday(uint64(account)%7) == now.UTC().Weekday()
}

// Compare holds what is kept of an account against what it lists, now and whole, whatever
// is queued, and says what came of it. It may take minutes. Errors: [coop.ErrNotFound] for
// an account of ours or one that is gone, else those of the store and of ctx; what the
// other server did wrong stands in the comparison.
func (in *Inbox) Compare(ctx context.Context, account *coop.Account) (coop.Comparison, error) {
	if account.Local || account.Gone() {
		return coop.Comparison{}, coop.ErrNotFound
	}
	p := comparing{Account: account.ID, Full: true, Sum: coop.Comparison{Account: account.ID}}
	for tries := 0; ; {
		over, err := in.compareStep(withPause(ctx), &p)
		if err == nil && over {
			return p.Sum, nil
		}
		if err == nil {
			tries = 0
			continue
		}
		if ctx.Err() != nil {
			return p.Sum, ctx.Err()
		}
		if tries++; tries >= compareTries || !temporary(err) {
			p.Sum.Error = coop.CleanLine(err.Error(), 500)
			return p.Sum, in.endComparison(ctx, &p)
		}
	}
}

// runCompare does one turn of a comparison and keeps its place.
func (in *Inbox) runCompare(ctx context.Context, t storage.Task) (*again, error) {
	p, err := decode[comparing](t)
	if err != nil {
		return nil, err
	}
	over, err := in.compareStep(ctx, &p)
	switch {
	case err != nil && (ctx.Err() != nil || !temporary(err) && !final(err)):
		return nil, err
	case err != nil && t.Attempts < compareTries && temporary(err):
		return nil, err
	case err != nil:
		p.Sum.Error = coop.CleanLine(err.Error(), 500)
		return nil, in.endComparison(ctx, &p)
	case over:
		return nil, nil
	}
	return &again{at: in.now(), payload: p}, nil
}

// compareStep does one turn: it begins, reads a page, or asks for what is not listed. It
// says whether that was the last.
func (in *Inbox) compareStep(ctx context.Context, p *comparing) (over bool, err error) {
	account, err := in.store.Account(ctx, p.Account)
	if err != nil {
		return false, err
	}
	ctx, spent := withBudget(ctx, max(0, mostAsked-p.Asked))
	defer func() { p.Asked += spent() }()
	switch {
	case account.Gone():
		p.Sum.Error = "the account is gone"
		return true, in.endComparison(ctx, p)
	case p.Sum.StartedAt.IsZero():
		return false, in.beginComparison(ctx, account, p)
	case len(p.Left) > 0:
		err = in.comparePage(ctx, account, p)
	default:
		over, err = in.compareMissing(ctx, account, p)
	}
	if errors.Is(err, errBudget) {
		p.Unclean, p.Sum.Error = true, "more than one night's requests"
		return true, in.endComparison(ctx, p)
	}
	if err != nil || !over {
		return false, errors.Join(err, in.noteComparison(ctx, p, nil))
	}
	return true, in.endComparison(ctx, p)
}

// beginComparison looks up the account anew, since the Update of its actor may be what was
// lost, and what it lists.
func (in *Inbox) beginComparison(ctx context.Context, account *coop.Account, p *comparing) error {
	fresh, err := in.Refresh(ctx, account.IRI)
	if err != nil {
		return err
	}
	if p.Since, err = in.followedSince(ctx, account); err != nil {
		return err
	}
	p.Left = listings(fresh, in.o.BackfillArticles)
	p.Sum = coop.Comparison{Account: p.Account, StartedAt: in.now()}
	return in.noteComparison(ctx, p, nil)
}

// followedSince is when the first account of ours followed another; now where none does.
func (in *Inbox) followedSince(ctx context.Context, account *coop.Account) (time.Time, error) {
	follows, err := in.store.Followers(ctx, account.ID, coop.FollowAccepted, coop.Page{Limit: 40})
	since := in.now()
	for _, f := range follows {
		if f.Follower.Local && f.CreatedAt.Before(since) {
			since = f.CreatedAt
		}
	}
	return since, err
}

// noteComparison writes down how far it came.
func (in *Inbox) noteComparison(ctx context.Context, p *comparing, marks storage.PageTags) error {
	return in.store.Write(ctx, func(tx *storage.Tx) error { return tx.NoteComparison(ctx, p.Sum, marks) })
}

// endComparison writes down the end. The ETags count only where nothing was left out.
func (in *Inbox) endComparison(ctx context.Context, p *comparing) error {
	if p.Sum.StartedAt.IsZero() {
		p.Sum.StartedAt = in.now()
	}
	p.Sum.FinishedAt = in.now()
	marks := storage.PageTags{}
	if p.Marks != nil {
		marks = p.Marks
	}
	if p.Unclean || p.Sum.Missed > 0 || p.Sum.Error != "" {
		marks = storage.PageTags{}
	}
	in.log.InfoContext(ctx, "compared", slog.String("account", p.Account.String()), slog.Int("looked", p.Sum.Looked), slog.Int("added", p.Sum.Added),
		slog.Int("changed", p.Sum.Changed), slog.Int("removed", p.Sum.Removed), slog.Int("missed", p.Sum.Missed), slog.String("err", p.Sum.Error))
	return in.noteComparison(ctx, p, marks)
}
