// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"minga/coop"
)

// translatePage answers GET /library/ID/translate: an empty form beside the original.
func (f *Face) translatePage(c *gin.Context) error {
	_, view, err := f.translateView(c)
	if err != nil || view == nil {
		return err
	}
	return f.show(c, http.StatusOK, "article-form", view)
}

// translateView finds the original of /library/ID/translate and shows it beside the
// form. A nil view without error means that the answer was given.
func (f *Face) translateView(c *gin.Context) (*articleForm, *articleFormView, error) {
	w, err := f.startArticle(c)
	if err != nil {
		return nil, nil, err
	}
	q, err := f.articleFor(c, anybody())
	if err != nil {
		return nil, nil, err
	}
	if q.Article.TranslationOf != "" {
		return nil, nil, f.toOriginal(c, q)
	}
	if q.Article.Status != coop.ArticlePublished || !w.mayTranslate(q) {
		return nil, nil, fmt.Errorf("translate %s: %w", q.IRI, coop.ErrForbidden)
	}
	w.original = q
	w.fields = w.translationFields(q, f.tongueOf(c).Lang)
	view, err := f.articleView(c, w, libraryPath(q, "/translate"), "library_translate_title")
	if err != nil {
		return nil, nil, err
	}
	view.withoutLanguage(q.Language)
	view.Beside, err = f.beside(c, view.tongue, q, q.Article.Version)
	return w, view, err
}

// mayTranslate tells whether the licence lets others translate, or it is one's own.
func (w *articleForm) mayTranslate(q *coop.Post) bool {
	own := slices.ContainsFunc(w.speakers, func(a *coop.Account) bool { return a.ID == q.AuthorID })
	return own || coop.LicenceOf(q.Article.License).Translate
}

// toOriginal leads from a translation, which is made of the original, to that.
func (f *Face) toOriginal(c *gin.Context, q *coop.Post) error {
	p, err := f.Store.PostByIRI(c.Request.Context(), anybody(), q.Article.TranslationOf)
	if err != nil {
		return err
	}
	c.Redirect(http.StatusFound, libraryPath(p, "/translate"))
	return nil
}

// translationFields are those of an empty translation: what it has from its original.
func (w *articleForm) translationFields(q *coop.Post, lang string) articleFields {
	g := newFields(w.author, lang, coop.LicenceOf(q.Article.License).URL)
	if g.Language == q.Language {
		g.Language = lang
	}
	if g.Language == q.Language {
		g.Language = ""
	}
	for i, t := range q.Article.Topics {
		if i > 0 {
			g.Topics += ", "
		}
		g.Topics += t.Name
	}
	return g
}

// withoutLanguage takes the language of the original from those to choose.
func (v *articleFormView) withoutLanguage(tag string) {
	v.Tongues = slices.DeleteFunc(v.Tongues, func(l choice) bool { return l.Value == tag })
	if v.Given.Language == "" {
		v.Tongues = append([]choice{{Chosen: true}}, v.Tongues...)
	}
}

// translate answers POST /library/ID/translate.
func (f *Face) translate(c *gin.Context) error {
	w, view, err := f.translateView(c)
	if err != nil || view == nil {
		return err
	}
	q := w.original
	w.fields = typedArticle(c)
	view.Given = w.fields
	view.list()
	view.withoutLanguage(q.Language)
	if w.fields.Language == q.Language {
		return f.refuseArticle(c, view, coop.Invalid{{Field: "language", Code: coop.CodeNotAllowed, Problem: "the original is in that language"}})
	}
	p := newArticlePost(w.author)
	p.Hashtags, p.Article.Topics = q.Hashtags, q.Article.Topics
	return f.sendArticle(c, view, w, p)
}

// stepArticle answers POST /library/ID/step: the article still holds, is archived, has a
// successor, or goes.
func (f *Face) stepArticle(c *gin.Context) error {
	w, view, err := f.editView(c)
	if err != nil {
		return err
	}
	p := w.before
	if err := w.speak(c); err != nil {
		return err
	}
	ctx := c.Request.Context()
	switch step := c.PostForm("step"); step {
	case "checked":
		err = f.Outbox.CheckArticle(ctx, p.ID)
	case "archive":
		_, err = f.Outbox.StepArticle(ctx, p.ID, step, "")
	case "supersede":
		return f.supersede(c, view, p)
	case "withdraw":
		return f.withdrawArticle(c, view, p)
	default:
		err = &coop.InvalidError{Field: "step", Code: coop.CodeUnknown, Problem: "checked, archive, supersede or withdraw"}
	}
	if err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, f.pathOf(p))
	return nil
}

// supersede puts another article in the place of one.
func (f *Face) supersede(c *gin.Context, view *articleFormView, p *coop.Post) error {
	by := coop.IRI(coop.CleanLine(c.PostForm("by"), 2048))
	if !coop.ValidIRI(by) || by == p.IRI {
		view.complain("by", view.T("library_by_needed"))
		return f.show(c, http.StatusUnprocessableEntity, "article-form", view)
	}
	if _, err := f.Outbox.StepArticle(c.Request.Context(), p.ID, "supersede", by); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, f.pathOf(p))
	return nil
}

// withdrawArticle takes an article, or a draft, away: who does it says that they are sure.
func (f *Face) withdrawArticle(c *gin.Context, view *articleFormView, p *coop.Post) error {
	if c.PostForm("sure") == "" {
		view.complain("sure", view.T("library_sure_needed"))
		return f.show(c, http.StatusUnprocessableEntity, "article-form", view)
	}
	ctx := c.Request.Context()
	var err error
	if p.Article.Status == coop.ArticleDraft {
		err = f.Outbox.Delete(ctx, p)
	} else {
		_, err = f.Outbox.StepArticle(ctx, p.ID, "withdraw", "")
	}
	if err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, "/library/mine?done=withdrawn")
	return nil
}
