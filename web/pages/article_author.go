// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/web/auth"
)

// authorView asks whom an article names whether they wrote it too.
type authorView struct {
	formFrame
	Article libraryLink
	Action  string
	Rows    []authorRow
}

// authorRow is one that the article names, for whom the person may speak.
type authorRow struct {
	person
	ID        string
	Confirmed bool
}

// authorPage answers GET /library/ID/author.
func (f *Face) authorPage(c *gin.Context) error {
	w, p, err := f.authorFor(c)
	if err != nil {
		return err
	}
	view := authorView{formFrame: f.formFrame(c, "library_author", nil), Article: *f.articleLink(p), Action: libraryPath(p, "/author")}
	view.Section = "library"
	for _, a := range w.speakers {
		if at := slices.IndexFunc(p.Article.Contributors, func(x coop.Contributor) bool { return x.IRI == a.IRI }); at >= 0 {
			view.Rows = append(view.Rows, authorRow{f.person(a), a.ID.String(), p.Article.Contributors[at].Confirmed})
		}
	}
	return f.show(c, http.StatusOK, "article-author", view)
}

// authorFor finds the article of /library/ID/author, of this instance alone, and for whom
// the person may write.
func (f *Face) authorFor(c *gin.Context) (*articleForm, *coop.Post, error) {
	w, err := f.startArticle(c)
	if err != nil {
		return nil, nil, err
	}
	p, err := f.articleFor(c, anybody())
	if err == nil && !p.Local {
		err = fmt.Errorf("article %s is of another server: %w", p.ID, coop.ErrNotFound)
	}
	return w, p, err
}

// confirmAuthor answers POST /library/ID/author: act is yes or no.
func (f *Face) confirmAuthor(c *gin.Context) error {
	w, p, err := f.authorFor(c)
	if err != nil {
		return err
	}
	if w.author.ID.String() != c.PostForm("as") {
		return &coop.RoleError{Act: coop.ActPublish}
	}
	if err := w.speak(c); err != nil {
		return err
	}
	if err := f.Outbox.ConfirmAuthor(c.Request.Context(), w.author, p.ID, c.PostForm("act") == "yes"); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, f.pathOf(p))
	return nil
}

// forMembers finds an article for members of a co-op, federation or team, for somebody who
// is signed in and is one, or has a role in a co-op that is; err is what anybody gets. ask
// asks for it as a viewer.
func (f *Face) forMembers(c *gin.Context, err error, ask func(ctx context.Context, v coop.Viewer) (*coop.Post, error)) (*coop.Post, error) {
	me := auth.Account(c)
	if !errors.Is(err, coop.ErrNotFound) || me == nil || auth.SessionOf(c) == nil {
		return nil, err
	}
	held, wrong := auth.Speakers(c)
	if wrong != nil {
		return nil, err
	}
	for _, h := range held {
		v := coop.As(h.Account.ID)
		if h.Account.ID != me.ID {
			if !coop.RolesMay(h.Roles, coop.ActRead) {
				continue
			}
			v = coop.ViewerFor(h.Account.ID, h.Roles)
		}
		p, wrong := ask(c.Request.Context(), v)
		if wrong == nil && p.Article != nil && p.Visibility == coop.VisibleMembers && p.Article.Status != coop.ArticleDraft {
			return p, nil
		}
	}
	return nil, err
}
