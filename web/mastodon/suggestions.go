// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
	"minga/web/mastodon/entity"
	"minga/web/mastodon/input"
	"minga/web/respond"
)

// suggestionJSON is a change of an article that somebody proposed: seen by its author and
// by who proposed it.
type suggestionJSON struct {
	ID            string          `json:"id"`
	URI           string          `json:"uri"`
	ArticleID     string          `json:"article_id"`
	State         string          `json:"state"`
	By            *entity.Account `json:"by"`
	Version       int64           `json:"version"`        // from which it was made
	ResultVersion *int64          `json:"result_version"` // that it became
	Title         string          `json:"title"`
	Summary       string          `json:"summary"`
	Markdown      string          `json:"markdown"`
	Reason        string          `json:"reason"`
	Answer        entity.Null     `json:"answer"`
	CreatedAt     entity.Time     `json:"created_at"`
	DecidedAt     entity.Time     `json:"decided_at"`
}

// suggestionRoutes are proposals for articles, on both sides.
func (f *Face) suggestionRoutes() []auth.Route {
	own := func(path string, h respond.Handler) auth.Route { return f.own("/v1/minga"+path, scopeRead, h) }
	write := func(method, path string, h respond.Handler) auth.Route {
		return f.write(method, "/v1/minga"+path, scopeWrite, auth.LimitPosts, h)
	}
	return []auth.Route{
		own("/articles/:id/suggestions", f.articleSuggestions),
		write("POST", "/articles/:id/suggestions", f.suggest),
		own("/suggestions", f.listSuggestions),
		own("/suggestions/:id", f.getSuggestion),
		write("POST", "/suggestions/:id/accept", f.acceptSuggestion),
		write("POST", "/suggestions/:id/reject", f.rejectSuggestion),
		write("DELETE", "/suggestions/:id", f.withdrawSuggestion),
	}
}

// newSuggestionJSON shows one.
func (f *Face) newSuggestionJSON(s *coop.Suggestion) suggestionJSON {
	out := suggestionJSON{
		ID: s.ID.String(), URI: string(s.IRI), ArticleID: s.PostID.String(), State: string(s.State), Version: s.BaseVersion,
		Title: s.Text.Title, Summary: s.Text.Summary, Markdown: s.Text.Source, Reason: s.Reason, Answer: entity.Null(s.Answer),
		CreatedAt: entity.Time(s.CreatedAt), DecidedAt: entity.Time(s.DecidedAt),
	}
	if s.ResultVersion > 0 {
		out.ResultVersion = &s.ResultVersion
	}
	if s.By != nil {
		out.By = f.account(s.By)
	}
	return out
}

// showSuggestions answers a page of them.
func (f *Face) showSuggestions(c *gin.Context, list []*coop.Suggestion) error {
	if len(list) > 0 {
		f.link(c, list[0].ID, list[len(list)-1].ID)
	}
	out, by := make([]suggestionJSON, len(list)), []*entity.Account{}
	for i, s := range list {
		if out[i] = f.newSuggestionJSON(s); out[i].By != nil {
			by = append(by, out[i].By)
		}
	}
	if err := f.complete(c.Request.Context(), by...); err != nil {
		return err
	}
	c.JSON(http.StatusOK, out)
	return nil
}

// showSuggestion answers one.
func (f *Face) showSuggestion(c *gin.Context, s *coop.Suggestion) error {
	out := f.newSuggestionJSON(s)
	if out.By != nil {
		if err := f.complete(c.Request.Context(), out.By); err != nil {
			return err
		}
	}
	c.JSON(http.StatusOK, out)
	return nil
}

// articleSuggestions lists what was proposed for an article: GET
// /api/v1/minga/articles/:id/suggestions. Its author sees all, others their own;
// `open=1` narrows to what waits for an answer.
func (f *Face) articleSuggestions(c *gin.Context) error {
	p, err := f.post(c, coop.KindArticle)
	if err != nil {
		return err
	}
	ctx, me, page := c.Request.Context(), auth.Account(c), pageOf(c, 20, 40)
	if p.AuthorID == me.ID {
		list, err := f.Store.SuggestionsTo(ctx, me.ID, p.ID, c.Query("open") == "1", page)
		if err != nil {
			return err
		}
		return f.showSuggestions(c, list)
	}
	list, err := f.Store.SuggestionsBy(ctx, me.ID, p.ID, page)
	if err != nil {
		return err
	}
	return f.showSuggestions(c, list)
}

// listSuggestions lists what was proposed for articles of the token's account, with
// `by=me` what it proposed itself: GET /api/v1/minga/suggestions.
func (f *Face) listSuggestions(c *gin.Context) error {
	ctx, me, page := c.Request.Context(), auth.Account(c), pageOf(c, 20, 40)
	ask := func() ([]*coop.Suggestion, error) {
		return f.Store.SuggestionsTo(ctx, me.ID, 0, c.Query("open") == "1", page)
	}
	if c.Query("by") == "me" {
		ask = func() ([]*coop.Suggestion, error) { return f.Store.SuggestionsBy(ctx, me.ID, 0, page) }
	}
	list, err := ask()
	if err != nil {
		return err
	}
	return f.showSuggestions(c, list)
}

// suggestion finds that of the path for one of its two sides; author tells which.
func (f *Face) suggestion(c *gin.Context) (s *coop.Suggestion, author bool, err error) {
	id, err := idOf(c)
	if err != nil {
		return nil, false, err
	}
	ctx, me := c.Request.Context(), auth.Account(c)
	if s, err = f.Store.Suggestion(ctx, id); err != nil {
		return nil, false, err
	}
	p, err := f.Store.Post(ctx, storage.Seeing(ctx, me.ID), s.PostID)
	author = err == nil && p.Local && p.AuthorID == me.ID
	if !author && s.ByID != me.ID {
		return nil, false, fmt.Errorf("suggestion %s of others: %w", id, coop.ErrNotFound)
	}
	return s, author, nil
}

// getSuggestion answers GET /api/v1/minga/suggestions/:id.
func (f *Face) getSuggestion(c *gin.Context) error {
	s, _, err := f.suggestion(c)
	if err != nil {
		return err
	}
	return f.showSuggestion(c, s)
}

// suggest proposes another text of an article: POST
// /api/v1/minga/articles/:id/suggestions with title, summary, markdown, reason and the
// version that was read. What is not sent stays as it is; without a version it is the
// present one.
func (f *Face) suggest(c *gin.Context) error {
	p, err := f.post(c, coop.KindArticle)
	if err != nil {
		return err
	}
	in, err := input.Read(c)
	if err != nil {
		return err
	}
	s := &coop.Suggestion{BaseVersion: p.Article.Version, Text: coop.TextOf(coop.PresentVersion(p)), Reason: in.Text("reason")}
	for name, to := range map[string]*string{"title": &s.Text.Title, "summary": &s.Text.Summary, "markdown": &s.Text.Source} {
		if in.Has(name) {
			*to = in.Text(name)
		}
	}
	if in.Has("version") {
		s.BaseVersion = int64(in.Number("version"))
	}
	if err := in.Err(); err != nil {
		return err
	}
	if err := f.Outbox.Suggest(c.Request.Context(), auth.Account(c), p.ID, s); err != nil {
		return err
	}
	return f.showSuggestion(c, s)
}

// acceptSuggestion makes it the next version: POST /api/v1/minga/suggestions/:id/accept. The
// state of the answer is conflict where the article had another version by then.
func (f *Face) acceptSuggestion(c *gin.Context) error { return f.decideSuggestion(c, true) }

// rejectSuggestion refuses it, with a reason: POST /api/v1/minga/suggestions/:id/reject.
func (f *Face) rejectSuggestion(c *gin.Context) error { return f.decideSuggestion(c, false) }

// decideSuggestion answers a suggestion to an article of the token's account. A decision
// that was made already is answered as it is.
func (f *Face) decideSuggestion(c *gin.Context, accept bool) error {
	s, author, err := f.suggestion(c)
	if err != nil {
		return err
	}
	if !author {
		return fmt.Errorf("decide about one's own suggestion %s: %w", s.ID, coop.ErrForbidden)
	}
	in, err := input.Read(c)
	if err != nil {
		return err
	}
	note := in.Text("reason")
	if err := in.Err(); err != nil {
		return err
	}
	if s.State == coop.SuggestionAccepted && accept || s.State == coop.SuggestionRejected && !accept {
		return f.showSuggestion(c, s)
	}
	if s, err = f.Outbox.DecideSuggestion(c.Request.Context(), s.ID, accept, note); err != nil {
		return err
	}
	return f.showSuggestion(c, s)
}

// withdrawSuggestion takes one's own back: DELETE /api/v1/minga/suggestions/:id.
func (f *Face) withdrawSuggestion(c *gin.Context) error {
	s, _, err := f.suggestion(c)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	if s.State != coop.SuggestionWithdrawn {
		if err := f.Outbox.WithdrawSuggestion(ctx, auth.Account(c), s.ID); err != nil {
			return err
		}
		if s, err = f.Store.Suggestion(ctx, s.ID); err != nil {
			return err
		}
	}
	return f.showSuggestion(c, s)
}
