// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/federation/sanitize"
	"minga/outbox"
	"minga/storage"
)

// showConflict shows what somebody else has stored meanwhile against what was typed:
// who sends the form again puts this text in the place of that one.
func (f *Face) showConflict(c *gin.Context, view *articleFormView, w *articleForm) error {
	ctx := c.Request.Context()
	last, err := f.Store.Post(ctx, storage.Seeing(ctx, w.author.ID), w.before.ID)
	if err != nil {
		return err
	}
	mine := coop.Revision{Title: w.fields.Title, Summary: w.fields.Summary, Source: w.fields.Text, Language: w.fields.Language}
	diff := view.diff(coop.PresentVersion(last), mine)
	view.Conflict = &diff
	view.Given.Version, view.Given.Seen = strconv.FormatInt(last.Article.Version, 10), seenAt(last)
	view.complain("text", view.T("library_conflict"))
	return f.show(c, http.StatusConflict, "article-form", view)
}

// preview is an article as others will see it.
func (t *tongue) preview(g articleFields) *articlePreview {
	intro, sections := split(outbox.Markdown(g.Text))
	return &articlePreview{
		tongue: t, Head: line{g.Language, g.Title}, Summary: g.Summary, Intro: prose{g.Language, sanitize.Page(intro)}, Sections: sections,
		Count: coop.VisibleLength(g.Summary),
	}
}

// previewText answers POST /library/preview: a page with the article alone, or only the
// part for a script that asks for a fragment.
func (f *Face) previewText(c *gin.Context) error {
	view := &articleFormView{formFrame: f.formFrame(c, "library_preview", nil), Given: typedArticle(c)}
	view.Section = "library"
	view.Preview = view.preview(view.Given)
	if strings.Contains(c.GetHeader("Accept"), "fragment=1") {
		return f.showPart(c, "article-preview", "preview-part", view.Preview)
	}
	return f.show(c, http.StatusOK, "article-preview", view)
}

// showPart draws one part of a page, for a script that puts it into a page that is
// there already.
func (f *Face) showPart(c *gin.Context, page, part string, view any) error {
	var out bytes.Buffer
	if err := f.templates.draw(&out, page, part, view); err != nil {
		return err
	}
	c.Header("Vary", "Accept, Accept-Language, Cookie")
	send(c, http.StatusOK, "text/html; charset=utf-8", fingerprint(out.Bytes()), out.Bytes(), nil)
	return nil
}
