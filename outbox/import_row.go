// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"errors"
	"time"

	"minga/coop"
	"minga/coop/carry"
	"minga/storage"
)

// importJob is an import under way.
type importJob struct {
	o *Outbox
	*coop.Import

	account *coop.Account
	kind    carry.Kind
}

// imported is whom or what a row means; one of the two, or none where it is a server.
type imported struct {
	account *coop.Account
	post    *coop.Post
}

// id is what is remembered of it.
func (i imported) id() coop.ID {
	switch {
	case i.account != nil:
		return i.account.ID
	case i.post != nil:
		return i.post.ID
	}
	return 0
}

// problemError is why a row can never be done: one of coop's words.
type problemError string

func (e problemError) Error() string { return string(e) }

// row does one row: it finds whom it means, and then acts and notes that in one
// transaction. Errors are those of the store.
func (j *importJob) row(ctx context.Context, row storage.ImportRow) error {
	found, err := j.find(ctx, row.Row)
	if err == nil {
		err = j.o.store.Write(ctx, func(tx *storage.Tx) error {
			waits, err := tx.SettleImportRow(ctx, row, found.id(), "")
			if err != nil || !waits {
				return err
			}
			return j.act(ctx, tx, row.Row, found)
		})
	}
	if err == nil {
		return nil
	}
	problem, again := problemOf(err)
	switch {
	case again && row.Tries+1 < rowTries:
		at := j.o.now().Add(importAgain(row.Tries))
		return j.o.store.Write(ctx, func(tx *storage.Tx) error { return tx.PostponeImportRow(ctx, row, at) })
	case problem == "" || ctx.Err() != nil:
		return err
	}
	return j.o.store.Write(ctx, func(tx *storage.Tx) error {
		_, err := tx.SettleImportRow(ctx, row, found.id(), problem)
		return err
	})
}

// importAgain is how long a server that did not answer is left alone: ten minutes, then
// an hour.
func importAgain(tries int) time.Duration {
	if tries == 0 {
		return 10 * time.Minute
	}
	return time.Hour
}

// problemOf sorts why a row could not be done; again says that another time it might.
// Empty: the fault is ours.
func problemOf(err error) (problem string, again bool) {
	var said problemError
	var invalid *coop.InvalidError
	var net interface{ Temporary() bool }
	switch {
	case errors.As(err, &said):
		return string(said), false
	case errors.As(err, &invalid) && invalid.Code == coop.CodeTooMany:
		return coop.ImportTooMany, false
	case errors.Is(err, coop.ErrNotFound), errors.Is(err, coop.ErrGone):
		return coop.ImportNotFound, false
	case errors.Is(err, coop.ErrForbidden), errors.As(err, &invalid):
		return coop.ImportRefused, false
	case errors.As(err, &net):
		return coop.ImportAway, net.Temporary()
	case errors.Is(err, context.DeadlineExceeded):
		return coop.ImportAway, true
	}
	return "", false
}

// find looks up whom or what a row means.
func (j *importJob) find(ctx context.Context, r carry.Row) (imported, error) {
	ctx, cancel := context.WithTimeout(ctx, rowPatience)
	defer cancel()
	switch j.kind {
	case carry.Servers:
		return imported{}, nil
	case carry.Bookmarks:
		post, err := j.findPost(ctx, coop.IRI(r.Target))
		return imported{post: post}, err
	}
	account, err := j.findAccount(ctx, r.Target)
	return imported{account: account}, err
}

// findAccount finds an account that can be followed, blocked or muted.
func (j *importJob) findAccount(ctx context.Context, target string) (*coop.Account, error) {
	handle, err := coop.ParseHandle(target)
	if err != nil {
		return nil, err
	}
	a, err := j.byHandle(ctx, handle)
	switch {
	case err != nil:
		return nil, err
	case a.Gone():
		return nil, coop.ErrNotFound
	case a.ID == j.account.ID && j.kind != carry.Lists:
		return nil, problemError(coop.ImportSelf)
	}
	return a, nil
}

// byHandle asks who can ask elsewhere, or the store alone.
func (j *importJob) byHandle(ctx context.Context, h coop.Handle) (*coop.Account, error) {
	if j.o.o.Find != nil {
		return j.o.o.Find.ByHandle(ctx, h)
	}
	if h.Host == j.o.o.Local.AccountDomain || h.Host == j.o.o.Local.Host {
		h.Host = ""
	}
	return j.o.store.AccountByHandle(ctx, h.Name, h.Host)
}

// findPost finds a post that the account may see.
func (j *importJob) findPost(ctx context.Context, address coop.IRI) (*coop.Post, error) {
	viewer := coop.As(j.account.ID)
	post, err := j.o.store.PostByIRI(ctx, viewer, address)
	if err == nil || !isNotFound(err) || j.o.o.Find == nil {
		return post, err
	}
	account, post, err := j.o.o.Find.Open(ctx, address)
	if err != nil {
		return nil, err
	}
	if account != nil || post == nil {
		return nil, problemError(coop.ImportDifferent)
	}
	return j.o.store.Post(ctx, viewer, post.ID)
}

// act does what a row says, as if it were typed. What holds already is not said again.
func (j *importJob) act(ctx context.Context, tx *storage.Tx, r carry.Row, found imported) error {
	switch j.kind {
	case carry.Following:
		return j.o.wantFollow(ctx, tx, j.account, found.account, followOptions(r), false)
	case carry.Lists:
		return j.list(ctx, tx, r, found.account)
	case carry.Mutes:
		return tx.Mute(ctx, j.account.ID, found.account.ID, r.Hide, time.Time{})
	case carry.Servers:
		host, err := j.o.otherServer(r.Target)
		if err != nil {
			return err
		}
		return j.o.blockServer(ctx, tx, j.account, host)
	case carry.Bookmarks:
		return tx.Bookmark(ctx, j.account.ID, found.post.ID)
	}
	known, err := tx.Relationships(ctx, j.account.ID, []coop.ID{found.account.ID}, true)
	if err != nil {
		return err
	}
	if r := known[found.account.ID]; r != nil && r.Blocking {
		return nil
	}
	return j.o.block(ctx, tx, j.account, found.account)
}

// followOptions are what a row wants of a follow.
func followOptions(r carry.Row) coop.FollowOptions {
	return coop.FollowOptions{Boosts: r.Boosts, Bell: r.Bell, Languages: r.Languages}
}

// list puts an account into the list of a title, which is made where it is missing. Who
// is in a list is followed.
func (j *importJob) list(ctx context.Context, tx *storage.Tx, r carry.Row, target *coop.Account) error {
	l, err := j.titled(ctx, tx, r.List)
	if err != nil {
		return err
	}
	if target.ID != j.account.ID {
		_, err := tx.Follow(ctx, j.account.ID, target.ID)
		if isNotFound(err) {
			_, err = j.o.followAt(ctx, tx, j.account, target, false)
		}
		if err != nil {
			return err
		}
	}
	var there *coop.InvalidError
	if err := tx.AddToList(ctx, j.account.ID, l.ID, []coop.ID{target.ID}); err != nil && !errors.As(err, &there) {
		return err
	}
	return nil
}

// titled finds or makes the list of a title.
func (j *importJob) titled(ctx context.Context, tx *storage.Tx, title string) (*coop.List, error) {
	lists, err := tx.Lists(ctx, j.account.ID)
	if err != nil {
		return nil, err
	}
	for _, l := range lists {
		if l.Title == title {
			return l, nil
		}
	}
	l := &coop.List{Owner: j.account.ID, Title: title, Replies: coop.RepliesList}
	return l, tx.AddList(ctx, l)
}
