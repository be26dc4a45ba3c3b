// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
)

// suggestionPath is the page of a suggestion.
func suggestionPath(id coop.ID) string { return "/library/suggestions/" + id.String() }

// suggestionView is a proposed change: for who proposed it, and for the authors.
type suggestionView struct {
	formFrame
	Action  string
	Article libraryLink
	Head    line
	Who     person
	Author  person
	State   stateBadge
	Open    bool
	Owner   bool // who looks may answer it
	Mine    bool // who looks proposed it
	Behind  bool // the article has another version by now
	Reason  string
	Answer  string
	Sent    moment
	Base    string
	Result  string
	Changes diffView
	Theirs  *diffView // what the authors changed meanwhile
	Again   string    // where it is proposed once more
	Said    string
	Given   string // the answer as it was typed
}

// suggestionFor finds the suggestion of an address and for whom the person may look at it:
// that of others is not found.
func (f *Face) suggestionFor(c *gin.Context) (*articleForm, *coop.Suggestion, error) {
	w, err := f.startArticle(c)
	if err != nil {
		return nil, nil, err
	}
	id, err := coop.ParseID(c.Param("id"))
	if err != nil {
		return nil, nil, err
	}
	ctx := c.Request.Context()
	s, err := f.Store.Suggestion(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	p, err := f.Store.Post(ctx, coop.System(), s.PostID)
	if err != nil {
		return nil, nil, err
	}
	if w.before = p; p.Article == nil || p.Author == nil || !w.speaksFor(s.ByID) && !w.speaksFor(p.AuthorID) {
		return nil, nil, fmt.Errorf("suggestion %s of others: %w", id, coop.ErrNotFound)
	}
	if !w.speaksFor(p.AuthorID) {
		w.before, err = f.stillRead(ctx, p, s)
	}
	return w, s, err
}

// stillRead is the article for who proposed a change of it: as it stands, or, where they
// may not read it any more, as it was when they did.
func (f *Face) stillRead(ctx context.Context, p *coop.Post, s *coop.Suggestion) (*coop.Post, error) {
	_, err := f.Store.Post(ctx, storage.Seeing(ctx, s.ByID), p.ID)
	if !errors.Is(err, coop.ErrNotFound) {
		return p, err
	}
	was, article := *p, *p.Article
	article.Version, was.Article, was.Title = s.BaseVersion, &article, s.Base.Title
	return &was, nil
}

// suggestionPage answers GET /library/suggestions/ID.
func (f *Face) suggestionPage(c *gin.Context) error {
	w, s, err := f.suggestionFor(c)
	if err != nil {
		return err
	}
	view, err := f.suggestionView(c, w, s)
	if err != nil {
		return err
	}
	if c.Query("done") == "sent" {
		view.Said = view.T("library_suggestion_sent")
	}
	return f.show(c, http.StatusOK, "suggestion", view)
}

// suggestionView reads what the page shows.
func (f *Face) suggestionView(c *gin.Context, w *articleForm, s *coop.Suggestion) (*suggestionView, error) {
	p := w.before
	view := &suggestionView{
		formFrame: f.formFrame(c, "library_suggestion", nil), Action: suggestionPath(s.ID), Article: *f.articleLink(p), Head: line{p.Language, p.Title},
		Who: f.person(s.By), Author: f.person(p.Author), Open: s.State == coop.SuggestionOpen, Owner: w.speaksFor(p.AuthorID) && p.Local, Mine: w.speaksFor(s.ByID),
		Behind: s.BaseVersion != p.Article.Version, Reason: s.Reason, Answer: s.Answer, Base: strconv.FormatInt(s.BaseVersion, 10), Result: strconv.FormatInt(s.ResultVersion, 10),
	}
	view.Section = "library"
	view.Sent = momentOf(view.tongue, s.CreatedAt)
	view.State = view.suggestionBadge(s.State)
	base := s.Base.Revision(s.BaseVersion, p.Language)
	view.Changes = view.diff(base, s.Text.Revision(0, p.Language))
	if view.Behind && s.State != coop.SuggestionAccepted {
		theirs := view.diff(base, coop.PresentVersion(p))
		view.Theirs = &theirs
	}
	if view.Mine && s.State == coop.SuggestionConflict && p.Article.Status == coop.ArticlePublished {
		view.Again = libraryPath(p, "/suggest?from="+s.ID.String())
	}
	return view, nil
}

// suggestionBadge tells a state by sign and word.
func (t *tongue) suggestionBadge(state coop.SuggestionState) stateBadge {
	signs := map[coop.SuggestionState]stateBadge{
		coop.SuggestionOpen: {Class: "open", Sign: "●"}, coop.SuggestionAccepted: {Class: "filled", Sign: "✓"}, coop.SuggestionConflict: {Class: "paused", Sign: "◐"},
	}
	badge, known := signs[state]
	if !known {
		badge = stateBadge{Class: "closed", Sign: "○"}
	}
	badge.Word = t.T("library_suggestion_" + string(state))
	return badge
}

// answerSuggestion answers POST /library/suggestions/ID: the authors take it up or not,
// who proposed it takes it back.
func (f *Face) answerSuggestion(c *gin.Context) error {
	w, s, err := f.suggestionFor(c)
	if err != nil {
		return err
	}
	act, note := c.PostForm("act"), coop.CleanText(coop.Truncate(c.PostForm("note"), 4000), 500)
	author := w.before.AuthorID
	if act == "withdraw" {
		author = s.ByID
	}
	if w.author = w.speaker(author); w.author == nil {
		return &coop.RoleError{Act: coop.ActPublish}
	}
	if err := w.speak(c); err != nil {
		return err
	}
	err = f.decideSuggestion(c.Request.Context(), w, s, act, note)
	var list coop.Invalid
	if errors.As(err, &list) {
		return f.suggestionUnfit(c, w, s)
	}
	if err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, suggestionPath(s.ID))
	return nil
}

// speaker is the account with that id for which the person may write; nil: none.
func (w *articleForm) speaker(id coop.ID) *coop.Account {
	for _, a := range w.speakers {
		if a.ID == id {
			return a
		}
	}
	return nil
}

// decideSuggestion does what the pressed button says.
func (f *Face) decideSuggestion(ctx context.Context, w *articleForm, s *coop.Suggestion, act, note string) error {
	switch act {
	case "accept", "reject":
		_, err := f.Outbox.DecideSuggestion(ctx, s.ID, act == "accept", note)
		return err
	case "withdraw":
		return f.Outbox.WithdrawSuggestion(ctx, w.author, s.ID)
	}
	return &coop.InvalidError{Field: "act", Code: coop.CodeUnknown, Problem: "accept, reject or withdraw"}
}

// suggestionUnfit says that a text cannot be published as it is.
func (f *Face) suggestionUnfit(c *gin.Context, w *articleForm, s *coop.Suggestion) error {
	view, err := f.suggestionView(c, w, s)
	if err != nil {
		return err
	}
	view.complain("note", view.T("library_suggestion_unfit"))
	return f.show(c, http.StatusUnprocessableEntity, "suggestion", view)
}
