// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"net/http"
	"slices"

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
	Waiting  []suggestionRow // changes that others propose, and that wait for an answer
	Proposed []suggestionRow // changes that it proposes to others
}

// suggestionRow is a suggestion in a list.
type suggestionRow struct {
	Title libraryLink // leads to the suggestion
	Who   person      // who proposes it; of one's own, whose article it is
	State stateBadge
	Sent  moment
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
	} else if c.Query("done") == "published" {
		view.Done = view.T("library_published_now")
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
	if err != nil {
		return shelf, err
	}
	return shelf, f.fillSuggestions(ctx, t, a, &shelf)
}

// fillSuggestions lists the suggestions that wait for an account, and its own.
func (f *Face) fillSuggestions(ctx context.Context, t *tongue, a *coop.Account, shelf *libraryShelf) error {
	waiting, err := f.Store.SuggestionsTo(ctx, a.ID, 0, true, coop.Page{Limit: shelfShown})
	if err != nil {
		return err
	}
	proposed, err := f.Store.SuggestionsBy(ctx, a.ID, 0, coop.Page{Limit: shelfShown})
	if err != nil {
		return err
	}
	var ids []coop.ID
	for _, s := range slices.Concat(waiting, proposed) {
		ids = append(ids, s.PostID)
	}
	posts, err := f.Store.PostsByID(ctx, coop.As(a.ID), ids)
	if err != nil {
		return err
	}
	articles := map[coop.ID]*coop.Post{}
	for _, p := range posts {
		articles[p.ID] = p
	}
	for _, s := range waiting {
		shelf.Waiting = append(shelf.Waiting, f.suggestionRow(t, s, articles[s.PostID], s.By))
	}
	for _, s := range proposed {
		if p := articles[s.PostID]; p != nil {
			shelf.Proposed = append(shelf.Proposed, f.suggestionRow(t, s, p, p.Author))
		}
	}
	return nil
}

// suggestionRow shows a suggestion; who is the other side.
func (f *Face) suggestionRow(t *tongue, s *coop.Suggestion, p *coop.Post, who *coop.Account) suggestionRow {
	row := suggestionRow{Title: libraryLink{Name: s.Text.Title, URL: suggestionPath(s.ID)}, Who: f.person(who), State: t.suggestionBadge(s.State), Sent: momentOf(t, s.CreatedAt)}
	if p != nil {
		row.Title.Name, row.Title.Lang = p.Title, p.Language
	}
	return row
}
