// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
)

// libraryMineView is what a person, and the co-ops for which they may write, have in the
// library and what waits there for them.
type libraryMineView struct {
	formFrame
	Done    string
	Shelves []libraryShelf
}

// libraryShelf is what one account has.
type libraryShelf struct {
	Who      person
	Drafts   []draftRow
	Articles []libraryLink
}

// draftRow is an article that is not published: everybody who may write for the account
// has it.
type draftRow struct {
	Title, Lang, URL string
	Saved            moment
}

// shelfShown is how many articles of one account are listed.
const shelfShown = 20

// libraryMine answers GET /library/mine.
func (f *Face) libraryMine(c *gin.Context) error {
	w, err := f.startArticle(c)
	if err != nil {
		return err
	}
	view := libraryMineView{formFrame: f.formFrame(c, "library_mine", nil)}
	view.Section = "library"
	if c.Query("done") == "withdrawn" {
		view.Done = view.T("library_withdrawn")
	}
	for _, a := range w.speakers {
		shelf, err := f.shelf(c, view.tongue, a)
		if err != nil {
			return err
		}
		view.Shelves = append(view.Shelves, shelf)
	}
	return f.show(c, http.StatusOK, "library-mine", view)
}

// shelf is what an account has in the library.
func (f *Face) shelf(c *gin.Context, t *tongue, a *coop.Account) (libraryShelf, error) {
	shelf := libraryShelf{Who: f.person(a)}
	ctx := c.Request.Context()
	query := storage.PostQuery{Authors: []coop.ID{a.ID}, Kinds: []coop.PostKind{coop.KindArticle}}
	posts, err := f.Store.Posts(ctx, coop.As(a.ID), query, coop.Page{Limit: shelfShown})
	if err != nil {
		return shelf, err
	}
	query.Drafts = true
	drafts, err := f.Store.Posts(ctx, coop.As(a.ID), query, coop.Page{Limit: shelfShown})
	for _, p := range drafts {
		row := draftRow{Title: p.Title, Lang: p.Language, URL: libraryPath(p, "/edit"), Saved: t.minute(lastChange(p))}
		if row.Title == "" {
			row.Title, row.Lang = t.T("library_untitled"), ""
		}
		shelf.Drafts = append(shelf.Drafts, row)
	}
	for _, p := range current(posts, f.Now()) {
		shelf.Articles = append(shelf.Articles, *f.articleLink(p))
	}
	return shelf, err
}
