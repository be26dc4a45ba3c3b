// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
	"minga/web/mastodon/entity"
	"minga/web/mastodon/input"
)

// What is in a filter: keywords and posts, each with an id of its own.

// filterKeywords answers GET /api/v2/filters/:id/keywords.
func (f *Face) filterKeywords(c *gin.Context) error {
	x, err := f.ownFilter(c)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, keywordsOf(x.Keywords))
	return nil
}

// addKeyword answers POST /api/v2/filters/:id/keywords.
func (f *Face) addKeyword(c *gin.Context) error {
	id, err := idOf(c)
	if err != nil {
		return err
	}
	return f.keepKeyword(c, &coop.FilterKeyword{FilterID: id}, (*storage.Tx).AddFilterKeyword)
}

// keepKeyword reads a keyword, keeps it and answers it.
func (f *Face) keepKeyword(c *gin.Context, k *coop.FilterKeyword, keep func(*storage.Tx, context.Context, coop.ID, *coop.FilterKeyword) error) error {
	ctx, self := c.Request.Context(), auth.Account(c).ID
	v, err := input.Read(c)
	if err != nil {
		return err
	}
	defer func() { _ = v.Close() }()
	if v.Has("keyword") {
		k.Keyword = v.Text("keyword")
	}
	if whole := v.Flag("whole_word"); whole != nil {
		k.WholeWord = *whole
	}
	if err := v.Err(); err != nil {
		return err
	}
	if err := k.Validate(); err != nil {
		return err
	}
	if err := f.Store.Write(ctx, func(tx *storage.Tx) error { return keep(tx, ctx, self, k) }); err != nil {
		return err
	}
	c.JSON(http.StatusOK, keywordOf(*k))
	return nil
}

// ownKeyword finds the keyword in the path among those of the token's account.
func (f *Face) ownKeyword(c *gin.Context) (*coop.FilterKeyword, error) {
	return ownIn(c, f.Store.FilterKeyword)
}

// oneKeyword answers GET /api/v2/filters/keywords/:id.
func (f *Face) oneKeyword(c *gin.Context) error {
	k, err := f.ownKeyword(c)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, keywordOf(*k))
	return nil
}

// updateKeyword answers PUT and PATCH /api/v2/filters/keywords/:id.
func (f *Face) updateKeyword(c *gin.Context) error {
	k, err := f.ownKeyword(c)
	if err != nil {
		return err
	}
	return f.keepKeyword(c, k, (*storage.Tx).SetFilterKeyword)
}

// removeKeyword answers DELETE /api/v2/filters/keywords/:id.
func (f *Face) removeKeyword(c *gin.Context) error {
	id, err := idOf(c)
	if err != nil {
		return err
	}
	return f.done(c, func(ctx context.Context, tx *storage.Tx) error {
		return tx.RemoveFilterKeyword(ctx, auth.Account(c).ID, id)
	})
}

// filterStatuses answers GET /api/v2/filters/:id/statuses.
func (f *Face) filterStatuses(c *gin.Context) error {
	x, err := f.ownFilter(c)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, filterStatusesOf(x.Posts))
	return nil
}

// addFilterStatus answers POST /api/v2/filters/:id/statuses: a post that the account
// may see, or the boost of one.
func (f *Face) addFilterStatus(c *gin.Context) error {
	ctx, self := c.Request.Context(), auth.Account(c).ID
	id, err := idOf(c)
	if err != nil {
		return err
	}
	v, err := input.Read(c)
	if err != nil {
		return err
	}
	defer func() { _ = v.Close() }()
	status, err := coop.ParseID(v.Text("status_id"))
	if err != nil {
		return err
	}
	e, err := f.Store.Entry(ctx, auth.Viewer(c), status)
	if err != nil {
		return err
	}
	p := &coop.FilterPost{FilterID: id, PostID: e.Post.ID}
	if err := f.Store.Write(ctx, func(tx *storage.Tx) error { return tx.AddFilterPost(ctx, self, p) }); err != nil {
		return err
	}
	c.JSON(http.StatusOK, entity.FilterStatus{ID: entity.ID(p.ID), StatusID: entity.ID(p.PostID)})
	return nil
}

// ownFilterPost finds the place in the path among those of the token's account.
func (f *Face) ownFilterPost(c *gin.Context) (*coop.FilterPost, error) {
	return ownIn(c, f.Store.FilterPost)
}

// oneFilterStatus answers GET /api/v2/filters/statuses/:id.
func (f *Face) oneFilterStatus(c *gin.Context) error {
	p, err := f.ownFilterPost(c)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, entity.FilterStatus{ID: entity.ID(p.ID), StatusID: entity.ID(p.PostID)})
	return nil
}

// removeFilterStatus answers DELETE /api/v2/filters/statuses/:id with what it was.
func (f *Face) removeFilterStatus(c *gin.Context) error {
	ctx := c.Request.Context()
	p, err := f.ownFilterPost(c)
	if err != nil {
		return err
	}
	if err := f.Store.Write(ctx, func(tx *storage.Tx) error { return tx.RemoveFilterPost(ctx, auth.Account(c).ID, p.ID) }); err != nil {
		return err
	}
	c.JSON(http.StatusOK, entity.FilterStatus{ID: entity.ID(p.ID), StatusID: entity.ID(p.PostID)})
	return nil
}
