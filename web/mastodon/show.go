// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/web/auth"
)

// showStatus answers one post.
func (f *Face) showStatus(c *gin.Context, p *coop.Post) error { return f.showEntry(c, coop.EntryOf(p)) }

// showEntry answers one post or boost.
func (f *Face) showEntry(c *gin.Context, e coop.Entry) error {
	list, err := f.entries(c.Request.Context(), auth.Viewer(c), []coop.Entry{e})
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, list[0])
	return nil
}

// showStatuses answers a page of posts; the caller names its neighbours.
func (f *Face) showStatuses(c *gin.Context, posts []*coop.Post) error {
	list, err := f.statuses(c.Request.Context(), auth.Viewer(c), posts)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, list)
	return nil
}

// showEntries answers a page of a timeline and names its neighbours by the ids of its
// lines.
func (f *Face) showEntries(c *gin.Context, entries []coop.Entry) error {
	list, err := f.entries(c.Request.Context(), auth.Viewer(c), entries)
	if err != nil {
		return err
	}
	if len(entries) > 0 {
		f.link(c, entries[0].ID, entries[len(entries)-1].ID)
	}
	c.JSON(http.StatusOK, list)
	return nil
}

// showAccount answers an account with its counts.
func (f *Face) showAccount(c *gin.Context, a *coop.Account) error {
	list, err := f.accountsOf(c.Request.Context(), []*coop.Account{a})
	if err != nil {
		return fmt.Errorf("account %s: %w", a.ID, err)
	}
	c.JSON(http.StatusOK, list[0])
	return nil
}

// showAccounts answers a list of accounts; the caller names its neighbours.
func (f *Face) showAccounts(c *gin.Context, accounts []*coop.Account) error {
	list, err := f.accountsOf(c.Request.Context(), accounts)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, list)
	return nil
}

// entry finds a status by the id in the path: a post or a boost that the viewer may
// see. What is hidden, gone or never was is [coop.ErrNotFound] in the same words.
func (f *Face) entry(c *gin.Context) (coop.Entry, error) {
	id, err := idOf(c)
	if err != nil {
		return coop.Entry{}, err
	}
	return f.Store.Entry(c.Request.Context(), auth.Viewer(c), id)
}
