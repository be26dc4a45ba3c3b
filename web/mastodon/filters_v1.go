// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"context"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
	"minga/web/mastodon/entity"
	"minga/web/mastodon/input"
)

// In the first version of the API each keyword is a filter of its own: the ids are
// those of keywords.

// filterV1Of is a keyword as a filter.
func filterV1Of(x *coop.Filter, k coop.FilterKeyword) entity.FilterV1 {
	whole := filterOf(x)
	return entity.FilterV1{
		ID: entity.ID(k.ID), Phrase: k.Keyword, Context: whole.Context, ExpiresAt: whole.ExpiresAt,
		Irreversible: x.Act == coop.FilterHide, WholeWord: k.WholeWord,
	}
}

// filtersV1 answers GET /api/v1/filters.
func (f *Face) filtersV1(c *gin.Context) error {
	list, err := f.Store.Filters(c.Request.Context(), auth.Account(c).ID)
	if err != nil {
		return err
	}
	out := entity.List[entity.FilterV1]{}
	for _, x := range list {
		for _, k := range x.Keywords {
			out = append(out, filterV1Of(x, k))
		}
	}
	c.JSON(http.StatusOK, out)
	return nil
}

// keywordFilter finds the keyword in the path and its filter.
func (f *Face) keywordFilter(c *gin.Context) (*coop.Filter, *coop.FilterKeyword, error) {
	k, err := f.ownKeyword(c)
	if err != nil {
		return nil, nil, err
	}
	x, err := f.Store.Filter(c.Request.Context(), auth.Account(c).ID, k.FilterID)
	return x, k, err
}

// oneFilterV1 answers GET /api/v1/filters/:id.
func (f *Face) oneFilterV1(c *gin.Context) error {
	x, k, err := f.keywordFilter(c)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, filterV1Of(x, *k))
	return nil
}

// readFilterV1 reads what is sent of a filter of one phrase; what is not sent stays.
func (f *Face) readFilterV1(c *gin.Context, x *coop.Filter, k *coop.FilterKeyword) error {
	v, err := input.Read(c)
	if err != nil {
		return err
	}
	defer func() { _ = v.Close() }()
	if v.Has("phrase") {
		k.Keyword = v.Text("phrase")
	}
	if v.Has("context") {
		x.Contexts = contextsOf(v.Texts("context"))
	}
	if hide := v.Flag("irreversible"); hide != nil {
		x.Act = coop.FilterWarn
		if *hide {
			x.Act = coop.FilterHide
		}
	}
	if whole := v.Flag("whole_word"); whole != nil {
		k.WholeWord = *whole
	}
	f.readExpiry(v, x)
	if err := v.Err(); err != nil {
		return err
	}
	if x.Title == "" {
		x.Title = k.Keyword
	}
	checked := *x
	checked.Keywords = []coop.FilterKeyword{*k}
	if err := checked.Validate(); err != nil {
		return err
	}
	x.Title, *k = checked.Title, checked.Keywords[0]
	return nil
}

// createFilterV1 answers POST /api/v1/filters.
func (f *Face) createFilterV1(c *gin.Context) error {
	ctx := c.Request.Context()
	x, k := &coop.Filter{Owner: auth.Account(c).ID, Act: coop.FilterWarn}, &coop.FilterKeyword{}
	if err := f.readFilterV1(c, x, k); err != nil {
		return err
	}
	if err := f.Store.Write(ctx, func(tx *storage.Tx) error {
		made := *x
		made.Keywords = []coop.FilterKeyword{*k}
		if err := tx.AddFilter(ctx, &made); err != nil {
			return err
		}
		tx.AfterCommit(func() { *k = made.Keywords[0] })
		return nil
	}); err != nil {
		return err
	}
	c.JSON(http.StatusOK, filterV1Of(x, *k))
	return nil
}

// updateFilterV1 answers PUT and PATCH /api/v1/filters/:id. Where a filter has more
// than this one keyword, what would change the others too is refused.
func (f *Face) updateFilterV1(c *gin.Context) error {
	ctx := c.Request.Context()
	x, k, err := f.keywordFilter(c)
	if err != nil {
		return err
	}
	before := filterV1Of(x, *k)
	if err := f.readFilterV1(c, x, k); err != nil {
		return err
	}
	after := filterV1Of(x, *k)
	shared := len(x.Keywords)+len(x.Posts) > 1
	if shared && (after.Irreversible != before.Irreversible || after.ExpiresAt != before.ExpiresAt || !slices.Equal(after.Context, before.Context)) {
		return &coop.InvalidError{Field: "context", Code: coop.CodeNotAllowed, Problem: "this filter has several keywords: change it by a newer app"}
	}
	if err := f.Store.Write(ctx, func(tx *storage.Tx) error {
		if err := tx.SetFilter(ctx, x); err != nil {
			return err
		}
		return tx.SetFilterKeyword(ctx, x.Owner, k)
	}); err != nil {
		return err
	}
	c.JSON(http.StatusOK, after)
	return nil
}

// deleteFilterV1 answers DELETE /api/v1/filters/:id. With its last keyword a filter
// goes, unless it holds posts.
func (f *Face) deleteFilterV1(c *gin.Context) error {
	x, k, err := f.keywordFilter(c)
	if err != nil {
		return err
	}
	return f.done(c, func(ctx context.Context, tx *storage.Tx) error {
		if len(x.Keywords)+len(x.Posts) == 1 {
			return tx.RemoveFilter(ctx, x.Owner, x.ID)
		}
		return tx.RemoveFilterKeyword(ctx, x.Owner, k.ID)
	})
}
