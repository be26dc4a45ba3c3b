// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"fmt"
	"io"

	"minga/coop"
)

// searchCommand is `minga search`.
type searchCommand struct {
	List   searchList   `cmd:"" help:"List the searches of the job board that can be followed."`
	Remove searchRemove `cmd:"" help:"Take the account of a search away for good; who saved the search keeps it."`

	Rebuild searchRebuild `cmd:"" help:"Write the words anew by which posts are found; the server may run meanwhile."`
}

// searchLine is a search that can be followed, as it is shown.
type searchLine struct {
	Handle    string `json:"handle"`
	Query     string `json:"query"`
	Followers int    `json:"followers"`
	Created   string `json:"created_at"`
	Alone     string `json:"without_followers_since,omitempty"`
}

// searchList is `minga search list`.
type searchList struct{}

// Run lists searches with an account.
func (searchList) Run(t *terminal) error {
	return t.with(func(i *instance) error {
		list, err := i.store.SearchActors(t.ctx, 1000)
		if err != nil {
			return err
		}
		rows := make([]searchLine, 0, len(list))
		for _, q := range list {
			a, err := i.store.Account(t.ctx, q.Account)
			if err != nil {
				return err
			}
			n, err := i.store.CountFollowers(t.ctx, a.ID, coop.FollowAccepted)
			if err != nil {
				return err
			}
			rows = append(rows, searchLine{a.Handle(i.config.AccountDomain).String(), q.Query, n, stamp(q.CreatedAt), stamp(q.AloneAt)})
		}
		return t.print(rows, func(w io.Writer) {
			for _, row := range rows {
				fmt.Fprintf(w, "%-40s %6d followers  since %s  %s\n", row.Handle, row.Followers, row.Created, printable(row.Query))
			}
		})
	})
}

// searchRemove is `minga search remove`.
type searchRemove struct {
	Name string `arg:"" help:"Name of the account, such as jobs-python-remote."`
}

// Run takes the account of a search away.
func (a searchRemove) Run(t *terminal) error {
	return t.with(func(i *instance) error {
		account, err := i.store.AccountByHandle(t.ctx, a.Name, "")
		if err != nil {
			return fmt.Errorf("search %s: %w", a.Name, err)
		}
		if account.Kind != coop.Search {
			return fmt.Errorf("%s is no search: %w", a.Name, coop.ErrForbidden)
		}
		return i.outbox.DeleteAccount(t.ctx, account)
	})
}

// searchRebuild is `minga search rebuild`.
type searchRebuild struct{}

// Run writes the words of all posts anew. Nothing that anybody wrote is changed, so nothing
// of it stands in the audit log.
func (searchRebuild) Run(t *terminal) error {
	return t.with(func(i *instance) error {
		posts, tell := int64(0), t.counting()
		if err := i.store.RebuildSearch(t.ctx, func(done int64) {
			posts = done
			tell("posts", done)
		}); err != nil {
			return err
		}
		return t.print(map[string]int64{"posts": posts}, func(w io.Writer) { fmt.Fprintf(w, "the words of %d posts were written anew\n", posts) })
	})
}
