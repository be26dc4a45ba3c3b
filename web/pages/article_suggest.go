// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"minga/coop"
)

// suggestView is the form in which somebody else than its author changes an article.
type suggestView struct {
	formFrame
	Action   string
	Article  libraryLink
	Author   person
	Given    articleFields
	Speakers []choice
	Changes  *diffView // what was changed so far
	Note     string
}

// suggestPage answers GET /library/ID/suggest: the text as it is, or that of an earlier
// suggestion of one's own.
func (f *Face) suggestPage(c *gin.Context) error {
	w, view, err := f.suggestView(c)
	if err != nil || view == nil {
		return err
	}
	if id, err := coop.ParseID(c.Query("from")); err == nil {
		s, err := f.Store.Suggestion(c.Request.Context(), id)
		if err == nil && s.PostID == w.before.ID && w.speaksFor(s.ByID) {
			view.Given.Title, view.Given.Summary, view.Given.Text, view.Given.Reason = s.Text.Title, s.Text.Summary, s.Text.Source, s.Reason
			view.Note = view.T("library_suggest_again_what")
			view.Changes = view.changes(w)
		}
	}
	return f.show(c, http.StatusOK, "article-suggest", view)
}

// speaksFor tells whether the person may write for an account.
func (w *articleForm) speaksFor(id coop.ID) bool {
	return slices.ContainsFunc(w.speakers, func(a *coop.Account) bool { return a.ID == id })
}

// suggestView finds the article of /library/ID/suggest. Its author edits it instead: a
// nil view without error means that they were sent there.
func (f *Face) suggestView(c *gin.Context) (*articleForm, *suggestView, error) {
	w, err := f.startArticle(c)
	if err != nil {
		return nil, nil, err
	}
	p, err := f.articleFor(c, anybody())
	if err != nil {
		return nil, nil, err
	}
	if w.speaksFor(p.AuthorID) {
		c.Redirect(http.StatusSeeOther, libraryPath(p, "/edit"))
		return nil, nil, nil
	}
	if p.Article.Status != coop.ArticlePublished || p.Source == "" {
		return nil, nil, fmt.Errorf("suggest a change of %s: %w", p.IRI, coop.ErrNotFound)
	}
	w.before = p
	view := &suggestView{
		formFrame: f.formFrame(c, "library_suggest", nil), Action: libraryPath(p, "/suggest"), Article: *f.articleLink(p), Author: f.person(p.Author),
		Given: articleFields{Title: p.Title, Summary: p.Summary, Text: p.Source, Version: strconv.FormatInt(p.Article.Version, 10)},
	}
	view.Section = "library"
	for _, a := range w.speakers {
		view.Speakers = append(view.Speakers, choice{a.ID.String(), f.person(a).Name, a.ID == w.author.ID})
	}
	return w, view, nil
}

// changes compares what was typed with the article.
func (v *suggestView) changes(w *articleForm) *diffView {
	mine := coop.SuggestedText{Title: v.Given.Title, Summary: v.Given.Summary, Source: v.Given.Text}
	diff := v.diff(coop.PresentVersion(w.before), mine.Revision(0, w.before.Language))
	return &diff
}

// suggest answers POST /library/ID/suggest: a look at what was changed, or the
// suggestion.
func (f *Face) suggest(c *gin.Context) error {
	w, view, err := f.suggestView(c)
	if err != nil || view == nil {
		return err
	}
	view.Given = typedArticle(c)
	view.Given.Language = w.before.Language
	if c.PostForm("act") == "preview" {
		view.Changes = view.changes(w)
		return f.show(c, http.StatusOK, "article-suggest", view)
	}
	if err := w.speak(c); err != nil {
		return err
	}
	base, _ := strconv.ParseInt(view.Given.Version, 10, 64)
	s := &coop.Suggestion{BaseVersion: base, Reason: view.Given.Reason, Text: coop.SuggestedText{Title: view.Given.Title, Summary: view.Given.Summary, Source: view.Given.Text}}
	err = f.Outbox.Suggest(c.Request.Context(), w.author, w.before.ID, s)
	if err == nil {
		c.Redirect(http.StatusSeeOther, suggestionPath(s.ID)+"?done=sent")
		return nil
	}
	return f.refuseSuggestion(c, w, view, err)
}

// refuseSuggestion shows the form again with what is wrong; what somebody changed
// meanwhile is shown against what was typed.
func (f *Face) refuseSuggestion(c *gin.Context, w *articleForm, view *suggestView, err error) error {
	list := coop.Complaints(err)
	switch {
	case errors.Is(err, coop.ErrConflict):
		view.Given.Version = strconv.FormatInt(w.before.Article.Version, 10)
		view.Changes = view.changes(w)
		view.complain("text", view.T("library_conflict"))
		return f.show(c, http.StatusConflict, "article-suggest", view)
	case list == nil:
		return err
	}
	for _, e := range list {
		field := map[string]string{"title": "title", "summary": "summary", "markdown": "text", "reason": "reason"}[e.Field]
		key := "problem_format"
		switch {
		case e.Code == coop.CodeSame:
			key = "library_suggest_same"
		case field == "reason" && e.Code == coop.CodeTooMany:
			key = "library_suggest_many"
		case slices.Contains(fieldCodes, e.Code):
			key = "problem_" + e.Code
		}
		if field != "" && view.Problem(field) == "" {
			view.complain(field, view.T("library_field_"+field)+": "+view.T(key))
		}
	}
	return f.show(c, http.StatusUnprocessableEntity, "article-suggest", view)
}
