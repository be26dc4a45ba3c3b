// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/web/auth"
	"minga/web/mastodon/entity"
	"minga/web/mastodon/input"
)

// revisionJSON is one version of an article.
type revisionJSON struct {
	Version  int64       `json:"version"`
	Current  bool        `json:"current"`
	At       entity.Time `json:"at"`
	Title    string      `json:"title"`
	Summary  string      `json:"summary"`
	Language entity.Null `json:"language"`
	Reason   entity.Null `json:"reason"`
	Markdown entity.Null `json:"markdown"`
	HTML     string      `json:"html"`
}

// newRevisionJSON shows an earlier version.
func newRevisionJSON(r coop.Revision) revisionJSON {
	return revisionJSON{r.Version, false, entity.Time(r.At), r.Title, r.Summary, entity.Null(r.Language), entity.Null(r.Reason), entity.Null(r.Source), r.Content}
}

// revisions lists the versions of an article, the present one first: GET
// /api/v1/minga/articles/:id/revisions.
func (f *Face) revisions(c *gin.Context) error {
	p, err := f.post(c, coop.KindArticle)
	if err != nil {
		return err
	}
	list, err := f.Store.Revisions(c.Request.Context(), auth.Viewer(c), p.ID)
	if err != nil {
		return fmt.Errorf("revisions of %s: %w", p.ID, err)
	}
	present := newRevisionJSON(coop.PresentVersion(p))
	present.Current = true
	out := []revisionJSON{present}
	for _, r := range list {
		out = append(out, newRevisionJSON(r))
	}
	c.JSON(http.StatusOK, out)
	return nil
}

// version finds the version of an article that a text names: its present one or an
// earlier one.
func (f *Face) version(c *gin.Context, p *coop.Post, text string) (coop.Revision, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return coop.Revision{}, fmt.Errorf("version %.20q of %s: %w", text, p.ID, coop.ErrNotFound)
	}
	if n == p.Article.Version {
		return coop.PresentVersion(p), nil
	}
	return f.Store.Revision(c.Request.Context(), auth.Viewer(c), p.ID, n)
}

// revision answers one version: GET /api/v1/minga/articles/:id/revisions/:n.
func (f *Face) revision(c *gin.Context) error {
	p, err := f.post(c, coop.KindArticle)
	if err != nil {
		return err
	}
	r, err := f.version(c, p, c.Param("n"))
	if err != nil {
		return err
	}
	out := newRevisionJSON(r)
	out.Current = r.Version == p.Article.Version
	c.JSON(http.StatusOK, out)
	return nil
}

// diffJSON is what became of one version until another.
type diffJSON struct {
	From    int64      `json:"from"`
	To      int64      `json:"to"`
	Title   *turnJSON  `json:"title"`   // null: the same
	Summary *turnJSON  `json:"summary"` // null: the same
	Hunks   []hunkJSON `json:"hunks"`
	Unified string     `json:"unified"` // the same as text
}

type (
	// turnJSON is a line before and after.
	turnJSON struct {
		From string `json:"from"`
		To   string `json:"to"`
	}
	// hunkJSON is a place where the texts differ.
	hunkJSON struct {
		From      int        `json:"from"`
		FromLines int        `json:"from_lines"`
		To        int        `json:"to"`
		ToLines   int        `json:"to_lines"`
		Lines     []lineJSON `json:"lines"`
	}
	// lineJSON is a line that stayed (same), went (remove) or came (add).
	lineJSON struct {
		Op   string `json:"op"`
		Text string `json:"text"`
	}
)

// aroundDiff is how many lines that stayed are shown around those that did not.
const aroundDiff = 3

// revisionDiff compares a version with the present one, or with the one that the query
// names in `to`: GET /api/v1/minga/articles/:id/revisions/:n/diff.
func (f *Face) revisionDiff(c *gin.Context) error {
	p, err := f.post(c, coop.KindArticle)
	if err != nil {
		return err
	}
	from, err := f.version(c, p, c.Param("n"))
	if err != nil {
		return err
	}
	to := coop.PresentVersion(p)
	if other := c.Query("to"); other != "" {
		if to, err = f.version(c, p, other); err != nil {
			return err
		}
	}
	c.JSON(http.StatusOK, newDiffJSON(from, to))
	return nil
}

// newDiffJSON compares two versions by what was typed, or by what can be read where
// that is not known of both.
func newDiffJSON(from, to coop.Revision) diffJSON {
	out := diffJSON{From: from.Version, To: to.Version, Title: turn(from.Title, to.Title), Summary: turn(from.Summary, to.Summary), Hunks: []hunkJSON{}}
	before, after := coop.Comparable(from, to)
	var text strings.Builder
	for _, h := range coop.DiffLines(before, after, aroundDiff) {
		hunk := hunkJSON{h.From, h.FromLines, h.To, h.ToLines, make([]lineJSON, len(h.Lines))}
		fmt.Fprintf(&text, "@@ -%d,%d +%d,%d @@\n", h.From, h.FromLines, h.To, h.ToLines)
		for i, line := range h.Lines {
			hunk.Lines[i] = lineJSON{map[coop.DiffOp]string{coop.DiffSame: "same", coop.DiffAdd: "add", coop.DiffRemove: "remove"}[line.Op], line.Text}
			text.WriteByte(byte(line.Op))
			text.WriteString(line.Text)
			text.WriteByte('\n')
		}
		out.Hunks = append(out.Hunks, hunk)
	}
	out.Unified = text.String()
	return out
}

// turn is a line that changed; nil where it did not.
func turn(from, to string) *turnJSON {
	if from == to {
		return nil
	}
	return &turnJSON{from, to}
}

// restoreRevision publishes an earlier text as the next version: POST
// /api/v1/minga/articles/:id/revisions/:n/restore, with the `version` that is
// replaced; without one whatever is last is.
func (f *Face) restoreRevision(c *gin.Context) error {
	p, err := f.mine(c, coop.KindArticle)
	if err != nil {
		return err
	}
	in, err := input.Read(c)
	if err != nil {
		return err
	}
	if in.Has("version") {
		p.Article.Version = int64(in.Number("version"))
	}
	reason := in.Text("reason")
	if err := in.Err(); err != nil {
		return err
	}
	old, err := f.version(c, p, c.Param("n"))
	if err != nil {
		return err
	}
	if old.Source == "" {
		return &coop.InvalidError{Field: "version", Code: coop.CodeNotAllowed, Problem: "what was typed then is not known any more"}
	}
	if reason == "" {
		reason = fmt.Sprintf("version %d again", old.Version)
	}
	p.Title, p.Summary, p.Source, p.Language, p.Article.Reason = old.Title, old.Summary, old.Source, old.Language, reason
	return f.answerEdit(c, p)
}

// conflict is an edit of a version that is not the last: both texts are shown, so that
// who wrote can put them together.
type conflict struct {
	yours, last *coop.Post
}

// Error says which version was edited and which is the last.
func (e *conflict) Error() string {
	return fmt.Sprintf("version %d is not the last: that is %d", e.yours.Article.Version, e.last.Article.Version)
}

// Unwrap names the kind.
func (e *conflict) Unwrap() error { return coop.ErrConflict }

// Conflict is what the answer has besides: see [respond.Responder.Error].
func (e *conflict) Conflict() (version int64, yours, current any) {
	mine, last := newRevisionJSON(coop.PresentVersion(e.yours)), newRevisionJSON(coop.PresentVersion(e.last))
	mine.HTML, mine.At, last.Current = "", entity.Time{}, true
	return e.last.Article.Version, mine, last
}

// answerEdit publishes the next version of an article and answers it. Of a version that
// is not the last both texts are shown.
func (f *Face) answerEdit(c *gin.Context, p *coop.Post) error {
	yours := *p
	article := *p.Article
	yours.Article = &article
	err := f.answer(c, p, func(ctx context.Context) error { return f.Outbox.EditArticle(ctx, p) })
	if !errors.Is(err, coop.ErrConflict) {
		return err
	}
	last, found := f.Store.Post(c.Request.Context(), auth.Viewer(c), p.ID)
	if found != nil || last.Article == nil {
		return errors.Join(err, found)
	}
	return &conflict{&yours, last}
}
