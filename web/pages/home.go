// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
)

// homePage is the front page.
type homePage struct {
	frame
	Bio      prose
	Jobs     []jobCard
	Closing  []jobCard
	Articles []articleCard
	Requests []requestCard
	Stats    storage.Stats
	Handle   string // of the federation
	Boards   []person
}

// home answers /: who this is, what is on offer, how to follow it.
func (f *Face) home(c *gin.Context) error {
	ctx := c.Request.Context()
	page := homePage{frame: f.frame(c, "", "", nil)}
	page.Description = page.T("home_description", "Federation", page.Federation)
	page.feedsOf("/jobs", nil)
	federation, err := f.Store.FederationAccount(ctx)
	switch {
	case err == nil:
		page.Bio = prose{federation.Language, paragraphs(federation.Bio)}
		page.Handle = "@" + federation.Handle(f.AccountDomain).String()
	case !errors.Is(err, coop.ErrNotFound):
		return err
	}
	if err := f.fillHome(ctx, &page); err != nil {
		return err
	}
	return f.show(c, http.StatusOK, "home", page)
}

// fillHome asks what is new.
func (f *Face) fillHome(ctx context.Context, page *homePage) error {
	newest, err := f.Store.SearchJobs(ctx, anybody(), coop.JobQuery{Order: coop.OrderNewest}, storage.JobPage{Limit: 3, Domain: f.AccountDomain})
	if err != nil {
		return err
	}
	closing, err := f.Store.SearchJobs(ctx, anybody(), coop.JobQuery{Order: coop.OrderClosing}, storage.JobPage{Limit: 3, Domain: f.AccountDomain})
	if err != nil {
		return err
	}
	articles, _, err := f.articles(ctx, storage.PostQuery{}, coop.Page{Limit: 3})
	if err != nil {
		return err
	}
	if page.Stats, err = f.Store.Stats(ctx); err != nil {
		return err
	}
	page.Jobs, page.Closing, page.Articles = f.jobCards(page.tongue, newest.Posts), f.jobCards(page.tongue, closing.Posts), f.articleCards(page.tongue, articles)
	asks, err := f.Store.Requests(ctx, anybody(), coop.RequestQuery{Takes: f.Now()}, coop.Page{Limit: 3})
	if err != nil {
		return err
	}
	page.Requests = f.requestCards(page.tongue, asks)
	page.Boards, err = f.boards(ctx)
	return err
}

// boards are the boards of this instance.
func (f *Face) boards(ctx context.Context) ([]person, error) {
	accounts, err := f.Store.LocalAccounts(ctx, coop.Board, coop.Page{Limit: 10})
	if err != nil {
		return nil, err
	}
	var list []person
	for _, a := range accounts {
		if !a.Gone() {
			list = append(list, f.person(a))
		}
	}
	return list, nil
}
