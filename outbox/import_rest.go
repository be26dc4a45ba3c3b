// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"slices"
	"strings"
	"time"

	"minga/coop"
	"minga/coop/carry"
	"minga/storage"
)

// importRest ends what an import that takes the place of everything does not name, some
// at a time. Who stands in a row that could not be done stays: the row names them.
func (o *Outbox) importRest(ctx context.Context, job *importJob, at importAt) (time.Time, importAt, error) {
	var last coop.ID
	err := o.store.Write(ctx, func(tx *storage.Tx) (err error) {
		last, err = job.rest(ctx, tx, coop.ID(at.After))
		return err
	})
	if err != nil {
		return time.Time{}, at, err
	}
	if last == 0 {
		return o.now(), importAt{Stage: stageClean}, nil
	}
	at.After = int64(last)
	return o.now().Add(restPause), at, nil
}

// rest does one part and gives the last id that it looked at, 0 at the end.
func (j *importJob) rest(ctx context.Context, tx *storage.Tx, after coop.ID) (coop.ID, error) {
	switch j.kind {
	case carry.Lists:
		return 0, j.restOfLists(ctx, tx)
	case carry.Servers:
		return 0, j.restOfServers(ctx, tx)
	case carry.Bookmarks:
		return j.restOfBookmarks(ctx, tx)
	}
	return j.restOfAccounts(ctx, tx, after)
}

// ending is how one kind of tie to accounts is listed and ended.
type ending struct {
	list func(ctx context.Context, account, id, after coop.ID, limit int) ([]*coop.Account, error)
	end  func(ctx context.Context, target *coop.Account) error
}

// ending is that of the kind of the import.
func (j *importJob) ending(tx *storage.Tx) ending {
	switch j.kind {
	case carry.Blocks:
		return ending{tx.UnnamedBlocks, func(ctx context.Context, target *coop.Account) error {
			return j.o.unblock(ctx, tx, j.account, target)
		}}
	case carry.Mutes:
		return ending{tx.UnnamedMutes, func(ctx context.Context, target *coop.Account) error {
			_, err := tx.Unmute(ctx, j.account.ID, target.ID)
			return err
		}}
	}
	return ending{tx.UnnamedFollows, func(ctx context.Context, target *coop.Account) error {
		return j.o.unfollowAt(ctx, tx, j.account, target, false)
	}}
}

// restOfAccounts ends follows, blocks or mutes of accounts that no row names.
func (j *importJob) restOfAccounts(ctx context.Context, tx *storage.Tx, after coop.ID) (last coop.ID, err error) {
	failed, err := tx.FailedImportRows(ctx, j.ID, 0, carry.MaxRows)
	if err != nil {
		return 0, err
	}
	named := map[string]bool{}
	for _, row := range failed {
		named[strings.ToLower(row.Row.Target)] = true
	}
	e := j.ending(tx)
	list, err := e.list(ctx, j.account.ID, j.ID, after, rowsAtOnce)
	for _, a := range list {
		last = a.ID
		if named[strings.ToLower(a.Handle(j.o.o.Local.AccountDomain).String())] {
			continue
		}
		if err := e.end(ctx, a); err != nil {
			return 0, err
		}
	}
	return last, err
}

// restOfServers ends blocks of servers that no row names.
func (j *importJob) restOfServers(ctx context.Context, tx *storage.Tx) error {
	rows, err := tx.ImportRows(ctx, j.ID)
	if err != nil {
		return err
	}
	named := map[string]bool{}
	for _, row := range rows {
		named[row.Row.Target] = true
		if host, err := j.o.otherServer(row.Row.Target); err == nil {
			named[host] = true
		}
	}
	for page := (coop.Page{Limit: 1000}); ; {
		list, err := tx.ServerBlocks(ctx, j.account.ID, page)
		if err != nil || len(list) == 0 {
			return err
		}
		for _, b := range list {
			page.Max = b.ID
			if named[b.Host] {
				continue
			}
			if _, err := tx.RemoveServerBlock(ctx, j.account.ID, b.Host); err != nil {
				return err
			}
		}
	}
}

// restOfBookmarks lets go of posts that no row names.
func (j *importJob) restOfBookmarks(ctx context.Context, tx *storage.Tx) (last coop.ID, err error) {
	list, err := tx.UnnamedBookmarks(ctx, j.account.ID, j.ID, 500)
	for _, post := range list {
		last = post
		if err := tx.Unbookmark(ctx, j.account.ID, post); err != nil {
			return 0, err
		}
	}
	return last, err
}

// restOfLists removes lists of other titles, and who is in a list and not in a row of
// it.
func (j *importJob) restOfLists(ctx context.Context, tx *storage.Tx) error {
	rows, err := tx.ImportRows(ctx, j.ID)
	if err != nil {
		return err
	}
	lists, err := tx.Lists(ctx, j.account.ID)
	if err != nil {
		return err
	}
	for _, l := range lists {
		own := slices.DeleteFunc(slices.Clone(rows), func(r storage.ImportRow) bool { return r.Row.List != l.Title })
		if len(own) == 0 {
			err = tx.RemoveList(ctx, j.account.ID, l.ID)
		} else {
			err = j.restOfList(ctx, tx, l, own)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// restOfList takes out of a list whom its rows do not name.
func (j *importJob) restOfList(ctx context.Context, tx *storage.Tx, l *coop.List, rows []storage.ImportRow) error {
	named, written := map[coop.ID]bool{}, map[string]bool{}
	for _, row := range rows {
		named[row.Found], written[strings.ToLower(row.Row.Target)] = true, true
	}
	for page := (coop.Page{Limit: 1000}); ; {
		list, err := tx.ListAccounts(ctx, j.account.ID, l.ID, page)
		if err != nil || len(list) == 0 {
			return err
		}
		var out []coop.ID
		for _, e := range list {
			page.Max = e.ID
			if !named[e.Account.ID] && !written[strings.ToLower(e.Account.Handle(j.o.o.Local.AccountDomain).String())] {
				out = append(out, e.Account.ID)
			}
		}
		if err := tx.RemoveFromList(ctx, j.account.ID, l.ID, out); err != nil {
			return err
		}
	}
}
