// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/outbox"
	"minga/web/auth"
	"minga/web/mastodon/entity"
)

// statusSource is what was typed, as PUT takes it: GET /api/v1/statuses/:id/source.
// It is for the author alone.
func (f *Face) statusSource(c *gin.Context) error {
	e, err := f.ownStatus(c)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, sourceOf(e.Post))
	return nil
}

// sourceOf is what was typed. Where nothing was, it is what the text says; of a job of
// ours, the text from which it could be read.
func sourceOf(p *coop.Post) entity.StatusSource {
	s := entity.StatusSource{ID: entity.ID(p.ID), Text: p.Source, SpoilerText: p.Summary, ContentType: p.SourceType}
	if p.Kind == coop.KindArticle {
		s.SpoilerText = ""
	}
	if p.Job != nil && p.Local {
		s.Text, s.ContentType = outbox.JobSource(p), "text/plain"
	}
	if s.Text == "" && len(p.Attachments) == 0 && p.Poll == nil {
		s.Text = coop.VisibleText(p.Content)
	}
	if s.ContentType == "" {
		s.ContentType = "text/plain"
	}
	return s
}

// statusHistory lists the states of a status, the oldest first and the present last:
// GET /api/v1/statuses/:id/history.
func (f *Face) statusHistory(c *gin.Context) error {
	ctx := c.Request.Context()
	e, err := f.entry(c)
	if err != nil {
		return err
	}
	p := e.Post
	earlier, err := f.Store.Revisions(ctx, auth.Viewer(c), p.ID)
	if err != nil {
		return fmt.Errorf("history of %s: %w", p.ID, err)
	}
	accounts, err := f.accountsOf(ctx, []*coop.Account{p.Author})
	if err != nil {
		return err
	}
	slices.Reverse(earlier)
	edits := make(entity.List[entity.StatusEdit], 0, len(earlier)+1)
	for _, r := range append(earlier, present(p)) {
		edits = append(edits, f.edit(p, r, accounts[0]))
	}
	c.JSON(http.StatusOK, edits)
	return nil
}

// present is the state of now among those before.
func present(p *coop.Post) coop.Revision {
	r := coop.Revision{PostID: p.ID, At: p.Updated, Title: p.Title, Summary: p.Summary, Content: p.Content, Sensitive: p.Sensitive, Attachments: p.Attachments}
	if r.At.IsZero() {
		r.At = p.Published
	}
	if p.Poll != nil {
		for _, o := range p.Poll.Options {
			r.Options = append(r.Options, o.Title)
		}
	}
	return r
}

// edit is one state as clients read it.
func (f *Face) edit(p *coop.Post, r coop.Revision, by *entity.Account) entity.StatusEdit {
	out := entity.StatusEdit{Content: r.Content, SpoilerText: r.Summary, Sensitive: r.Sensitive, CreatedAt: entity.Time(r.At), Account: by}
	if p.Kind == coop.KindArticle {
		then := &coop.Post{Title: r.Title, Summary: r.Summary, URL: p.URL, IRI: p.IRI, Hashtags: p.Hashtags}
		out.Content, out.SpoilerText = f.articleText(then), ""
	}
	out.MediaAttachments = f.attachments(p.ID, r.Attachments)
	if len(r.Options) > 0 {
		out.Poll = &entity.EditPoll{}
		for _, title := range r.Options {
			out.Poll.Options = append(out.Poll.Options, entity.EditOption{Title: title})
		}
	}
	return out
}
