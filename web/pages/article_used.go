// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"minga/coop"
)

// usedView asks a co-op whether it used an article.
type usedView struct {
	formFrame
	Article libraryLink
	Action  string
	Coops   []usedRow
}

// usedRow is a co-op for which the person may say so.
type usedRow struct {
	person
	ID   string
	Used bool
}

// usedPage answers GET /library/ID/used.
func (f *Face) usedPage(c *gin.Context) error {
	w, p, err := f.usedFor(c)
	if err != nil {
		return err
	}
	view := usedView{formFrame: f.formFrame(c, "library_used", nil), Article: *f.articleLink(p), Action: libraryPath(p, "/used")}
	view.Section = "library"
	for _, a := range w.speakers {
		if a.Kind == coop.Person || a.ID == p.AuthorID {
			continue
		}
		facts, err := f.Store.ArticleFacts(c.Request.Context(), coop.As(a.ID), []*coop.Post{p})
		if err != nil {
			return err
		}
		view.Coops = append(view.Coops, usedRow{f.person(a), a.ID.String(), facts[p.ID] != nil && facts[p.ID].Used})
	}
	return f.show(c, http.StatusOK, "article-used", view)
}

// usedFor finds the article of /library/ID/used and for whom the person may write.
func (f *Face) usedFor(c *gin.Context) (*articleForm, *coop.Post, error) {
	w, err := f.startArticle(c)
	if err != nil {
		return nil, nil, err
	}
	p, err := f.articleFor(c, anybody())
	return w, p, err
}

// use answers POST /library/ID/used: the co-op says that it used the article, or takes
// that back.
func (f *Face) use(c *gin.Context) error {
	w, p, err := f.usedFor(c)
	if err != nil {
		return err
	}
	if w.author.ID.String() != c.PostForm("as") || w.author.Kind == coop.Person {
		return &coop.RoleError{Act: coop.ActPublish}
	}
	if err := w.speak(c); err != nil {
		return err
	}
	ctx := c.Request.Context()
	if c.PostForm("act") == "back" {
		err = f.Outbox.UnuseArticle(ctx, w.author, p)
	} else {
		err = f.Outbox.UseArticle(ctx, w.author, p.ID)
	}
	if err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, f.pathOf(p))
	return nil
}
