// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
)

// newArticlePage answers GET /library/new.
func (f *Face) newArticlePage(c *gin.Context) error {
	w, err := f.startArticle(c)
	if err != nil {
		return err
	}
	w.fields = newFields(w.author, f.tongueOf(c).Lang, f.licence())
	view, err := f.articleView(c, w, "/library/new", "library_new")
	if err != nil {
		return err
	}
	return f.show(c, http.StatusOK, "article-form", view)
}

// licence is what a new article gets where nobody chooses.
func (f *Face) licence() string { return coop.DefaultLicence }

// newArticle answers POST /library/new.
func (f *Face) newArticle(c *gin.Context) error {
	w, err := f.startArticle(c)
	if err != nil {
		return err
	}
	w.fields = typedArticle(c)
	view, err := f.articleView(c, w, "/library/new", "library_new")
	if err != nil {
		return err
	}
	return f.sendArticle(c, view, w, newArticlePost(w.author))
}

// newArticlePost is an article of which nothing is written yet.
func newArticlePost(author *coop.Account) *coop.Post {
	return &coop.Post{Author: author, AuthorID: author.ID, Local: true, Kind: coop.KindArticle, Article: &coop.Article{}}
}

// editArticlePage answers GET /library/ID/edit: the article as it is, or the text of an
// earlier version.
func (f *Face) editArticlePage(c *gin.Context) error {
	w, view, err := f.editView(c)
	if err != nil {
		return err
	}
	if version := c.Query("version"); version != "" && !view.Draft {
		r, err := f.versionOf(c.Request.Context(), storage.Seeing(c.Request.Context(), w.author.ID), w.before, version)
		if err != nil {
			return err
		}
		if r.Source != "" {
			view.Given.Title, view.Given.Summary, view.Given.Text = r.Title, r.Summary, r.Source
			view.Given.Reason = view.T("library_again", "Version", strconv.FormatInt(r.Version, 10))
			view.Said = view.T("library_restoring", "Version", strconv.FormatInt(r.Version, 10))
		}
	}
	if c.Query("saved") != "" {
		view.Said = view.T("library_saved")
	}
	return f.show(c, http.StatusOK, "article-form", view)
}

// editView finds the article of /library/ID/edit. One that was replaced, archived or
// withdrawn is edited no more.
func (f *Face) editView(c *gin.Context) (*articleForm, *articleFormView, error) {
	w, err := f.startArticle(c)
	if err != nil {
		return nil, nil, err
	}
	p, err := f.ownArticle(c, w)
	if err != nil {
		return nil, nil, err
	}
	ctx := c.Request.Context()
	if w.fields, err = f.fieldsOfArticle(ctx, p); err != nil {
		return nil, nil, err
	}
	view, err := f.articleView(c, w, libraryPath(p, "/edit"), "library_edit_title")
	if err != nil {
		return nil, nil, err
	}
	if p.Article.Status != coop.ArticleDraft && p.Article.Status != coop.ArticlePublished {
		return nil, nil, coop.ErrState
	}
	view.Draft = p.Article.Status == coop.ArticleDraft
	view.Edit = !view.Draft
	view.Step, view.Checked = libraryPath(p, "/step"), view.Date(p.Article.CheckedOn)
	if view.Edit {
		view.Article = f.articleLink(p)
	}
	return w, view, f.besideEdit(c, w, view)
}

// besideEdit shows the original of a translation beside it.
func (f *Face) besideEdit(c *gin.Context, w *articleForm, view *articleFormView) error {
	a := w.before.Article
	if a.TranslationOf == "" {
		return nil
	}
	q, err := f.Store.PostByIRI(c.Request.Context(), anybody(), a.TranslationOf)
	if err != nil || q.Article == nil {
		return ignoreMissing(err)
	}
	w.original = q
	view.Beside, err = f.beside(c, view.tongue, q, a.TranslatedVersion)
	return err
}

// editArticle answers POST /library/ID/edit.
func (f *Face) editArticle(c *gin.Context) error {
	w, view, err := f.editView(c)
	if err != nil {
		return err
	}
	w.fields = typedArticle(c)
	view.Given = w.fields
	view.list()
	p := *w.before
	article := *w.before.Article
	p.Article = &article
	return f.sendArticle(c, view, w, &p)
}

// sendArticle does what the pressed button says: a look, a draft, or the article.
func (f *Face) sendArticle(c *gin.Context, view *articleFormView, w *articleForm, p *coop.Post) error {
	ctx := c.Request.Context()
	act := c.PostForm("act")
	if act == "preview" {
		view.Preview = view.preview(w.fields)
		return f.show(c, http.StatusOK, "article-form", view)
	}
	if list := w.fields.write(ctx, f, p); len(list) > 0 {
		return f.refuseArticle(c, view, list)
	}
	w.translates(p)
	if act != "draft" && act != "publish" || act == "draft" && view.Edit {
		return f.refuseArticle(c, view, coop.Invalid{{Field: "title", Code: coop.CodeUnknown, Problem: "preview, draft or publish"}})
	}
	if act == "publish" {
		if err := coop.ValidateArticle(p); err != nil {
			return f.answerArticle(c, view, w, err)
		}
	}
	if err := w.speak(c); err != nil {
		return err
	}
	if err := f.articleSeries(c, w, p); err != nil {
		return f.answerArticle(c, view, w, err)
	}
	if view.Draft && w.fields.Seen != seenAt(w.before) {
		return f.showConflict(c, view, w)
	}
	return f.keepArticle(c, view, w, p, act)
}

// translates notes of which article it is a translation, and which version it follows.
func (w *articleForm) translates(p *coop.Post) {
	if w.original == nil {
		return
	}
	p.Article.TranslationOf = w.original.IRI
	if w.before == nil || w.fields.Follows {
		p.Article.TranslatedVersion = w.original.Article.Version
	}
}

// keepArticle stores what was written and leads to it.
func (f *Face) keepArticle(c *gin.Context, view *articleFormView, w *articleForm, p *coop.Post, act string) error {
	ctx := c.Request.Context()
	var err error
	switch {
	case act == "draft":
		err = f.Outbox.SaveArticleDraft(ctx, w.author, p)
	case view.Edit:
		p.Article.Version, _ = strconv.ParseInt(w.fields.Version, 10, 64)
		err = f.Outbox.EditArticle(ctx, p)
	default:
		err = f.Outbox.PublishArticle(ctx, w.author, p)
	}
	if errors.Is(err, coop.ErrConflict) && view.Edit {
		return f.showConflict(c, view, w)
	}
	if err != nil {
		return f.answerArticle(c, view, w, err)
	}
	if act == "draft" {
		c.Redirect(http.StatusSeeOther, libraryPath(p, "/edit?saved=1"))
		return nil
	}
	c.Redirect(http.StatusSeeOther, f.pathOf(p))
	return nil
}

// articleSeries finds the series that was chosen, or makes the one that was named: only
// the author's own.
func (f *Face) articleSeries(c *gin.Context, w *articleForm, p *coop.Post) error {
	ctx := c.Request.Context()
	before := p.Article.Series
	p.Article.Series = nil
	switch {
	case w.fields.NewSeries != "":
		s := &coop.Series{Title: w.fields.NewSeries, Language: w.fields.Language}
		if err := f.Outbox.PutSeries(ctx, w.author, s); err != nil {
			return err
		}
		p.Article.Series = &coop.Term{URI: string(s.IRI), Name: s.Title}
	case before != nil && before.URI == w.fields.Series:
		p.Article.Series = before
	case w.fields.Series != "":
		s, err := f.Store.SeriesByIRI(ctx, coop.IRI(w.fields.Series))
		if err != nil || s.OwnerID != w.author.ID {
			return &coop.InvalidError{Field: "series", Code: coop.CodeNotAllowed, Problem: "the series is somebody else's"}
		}
		p.Article.Series = &coop.Term{URI: string(s.IRI), Name: s.Title}
	}
	return nil
}

// answerArticle shows complaints beside their fields; other errors stay errors.
func (f *Face) answerArticle(c *gin.Context, view *articleFormView, _ *articleForm, err error) error {
	if list := coop.Complaints(err); list != nil {
		return f.refuseArticle(c, view, list)
	}
	return err
}

// refuseArticle shows the form again with what is wrong, and all that was typed.
func (f *Face) refuseArticle(c *gin.Context, view *articleFormView, list coop.Invalid) error {
	for _, field := range articleFieldNames {
		for _, e := range list {
			if strings.HasPrefix(e.Field, field.prefix) && view.Problem(field.name) == "" {
				view.complain(field.name, view.articleProblem(field.name, e))
			}
		}
	}
	if len(view.Problems) == 0 {
		view.complain("title", view.T("library_field_title")+": "+view.T("problem_format"))
	}
	return f.show(c, http.StatusUnprocessableEntity, "article-form", view)
}

// articleProblem says in words what is wrong with a field.
func (v *articleFormView) articleProblem(field string, e *coop.InvalidError) string {
	label := v.T("library_field_" + field)
	switch {
	case e.Field == "translation_of":
		return label + ": " + v.T("library_no_translation")
	case e.Field == "license" && e.Code == coop.CodeNotAllowed:
		return label + ": " + v.T("library_keep_licence")
	case field == "authors":
		return label + ": " + v.T("library_authors_unknown")
	case slices.Contains(fieldCodes, e.Code):
		return label + ": " + v.T("problem_"+e.Code)
	}
	return label + ": " + v.T("problem_format")
}
