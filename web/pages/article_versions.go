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
	"minga/federation/sanitize"
)

// versionPath is the page of one version of an article.
func versionPath(p *coop.Post, version int64) string {
	return libraryPath(p, "/versions/"+strconv.FormatInt(version, 10))
}

// diffPath is the page of what has changed in an article since a version.
func diffPath(p *coop.Post, version int64) string { return versionPath(p, version) + "/diff" }

// ignoreMissing drops the error that says that something is not here, or no more.
func ignoreMissing(err error) error {
	if errors.Is(err, coop.ErrNotFound) || errors.Is(err, coop.ErrGone) {
		return nil
	}
	return err
}

// versionPage is one version of an article.
type versionPage struct {
	frame
	Head          line
	Summary       string
	Article       libraryLink
	Edition       string
	Day, At       string
	Reason        string
	Present       bool
	Diff, Restore string
	Intro         prose
	Sections      []section
}

// diffPage compares two versions of an article.
type diffPage struct {
	frame
	Head    line
	Article libraryLink
	Diff    diffView
}

// versionOf finds a version of an article: its present one or an earlier one.
func (f *Face) versionOf(ctx context.Context, v coop.Viewer, p *coop.Post, text string) (coop.Revision, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return coop.Revision{}, fmt.Errorf("version %.20q of %s: %w", text, p.ID, coop.ErrNotFound)
	}
	if n == p.Article.Version {
		return coop.PresentVersion(p), nil
	}
	return f.Store.Revision(ctx, v, p.ID, n)
}

// articleVersion answers /library/ID/versions/N.
func (f *Face) articleVersion(c *gin.Context) error {
	p, err := f.articleFor(c, anybody())
	if err != nil {
		return err
	}
	r, err := f.versionOf(c.Request.Context(), anybody(), p, c.Param("n"))
	if err != nil {
		return err
	}
	page := versionPage{frame: f.frame(c, r.Title, "library", nil), Article: *f.articleLink(p)}
	page.NoIndex, page.Canonical, page.Alternates = true, "", nil
	page.Head, page.Summary, page.Edition, page.Reason = line{r.Language, r.Title}, r.Summary, strconv.FormatInt(r.Version, 10), r.Reason
	page.Day, page.At = page.Here(r.At), page.Stamp(r.At)
	if page.Present = r.Version == p.Article.Version; !page.Present {
		page.Diff = diffPath(p, r.Version)
		if p.Local && r.Source != "" && p.Article.Status == coop.ArticlePublished {
			page.Restore = libraryPath(p, "/edit?version="+page.Edition)
		}
	}
	intro, sections := split(r.Content)
	page.Intro, page.Sections = prose{r.Language, sanitize.Page(intro)}, sections
	return f.show(c, http.StatusOK, "article-version", page)
}

// articleDiff answers /library/ID/versions/N/diff: what changed from that version to the
// present one, or to the one that the query names in to.
func (f *Face) articleDiff(c *gin.Context) error {
	p, err := f.articleFor(c, anybody())
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	from, err := f.versionOf(ctx, anybody(), p, c.Param("n"))
	if err != nil {
		return err
	}
	to := coop.PresentVersion(p)
	if other := c.Query("to"); other != "" {
		if to, err = f.versionOf(ctx, anybody(), p, other); err != nil {
			return err
		}
	}
	page := diffPage{frame: f.frame(c, "", "library", nil), Head: line{p.Language, p.Title}, Article: *f.articleLink(p)}
	page.Title = page.T("library_diff_title", "From", strconv.FormatInt(from.Version, 10), "To", strconv.FormatInt(to.Version, 10))
	page.NoIndex, page.Canonical, page.Alternates = true, "", nil
	page.Diff = page.diff(from, to)
	return f.show(c, http.StatusOK, "article-diff", page)
}

// diffView is what changed from one text to another.
type diffView struct {
	*tongue
	Lang, Spoken   string // of the texts, of the page
	Title, Summary []diffPiece
	Hunks          []diffHunk
	Same           bool
}

// diffHunk is a place where the texts differ.
type diffHunk struct {
	Where string
	Lines []diffLine
}

// diffLine is a line that stayed (same), went (gone) or came (new).
type diffLine struct {
	Class  string
	Pieces []diffPiece
}

// diffPiece is a part of a line: the one that changed is marked.
type diffPiece struct {
	Text      string
	Gone, New bool
}

// aroundDiff is how many lines that stayed are shown around those that did not.
const aroundDiff = 3

// diff compares two texts.
func (t *tongue) diff(from, to coop.Revision) diffView {
	view := diffView{tongue: t, Spoken: t.Lang, Lang: to.Language}
	if from.Title != to.Title {
		view.Title = wordPieces(from.Title, to.Title)
	}
	if from.Summary != to.Summary {
		view.Summary = wordPieces(from.Summary, to.Summary)
	}
	before, after := coop.Comparable(from, to)
	for _, h := range coop.DiffLines(before, after, aroundDiff) {
		view.Hunks = append(view.Hunks, diffHunk{t.T("library_diff_line", "Number", t.Number(max(h.To, 1))), diffLines(h.Lines)})
	}
	view.Same = len(view.Title) == 0 && len(view.Summary) == 0 && len(view.Hunks) == 0
	return view
}

// wordPieces compares two lines word by word, in one line.
func wordPieces(from, to string) []diffPiece {
	var pieces []diffPiece
	for _, w := range coop.DiffWords(from, to) {
		pieces = append(pieces, diffPiece{w.Text, w.Op == coop.DiffRemove, w.Op == coop.DiffAdd})
	}
	return pieces
}

// diffLines shows the lines of a hunk. Where as many lines came as went before them,
// each is compared with its counterpart word by word.
func diffLines(lines []coop.DiffLine) []diffLine {
	var out []diffLine
	for i := 0; i < len(lines); {
		gone := runOf(lines[i:], coop.DiffRemove)
		came := runOf(lines[i+gone:], coop.DiffAdd)
		switch {
		case gone+came == 0:
			out = append(out, diffLine{"same", []diffPiece{{Text: lines[i].Text}}})
			i++
			continue
		case gone == came:
			out = append(out, pairedLines(lines[i:i+gone], lines[i+gone:i+gone+came])...)
		default:
			out = append(out, wholeLines(lines[i:i+gone+came])...)
		}
		i += gone + came
	}
	return out
}

// runOf is how many lines of one kind the lines begin with.
func runOf(lines []coop.DiffLine, op coop.DiffOp) int {
	n := 0
	for n < len(lines) && lines[n].Op == op {
		n++
	}
	return n
}

// pairedLines shows lines beside those that took their place.
func pairedLines(gone, came []coop.DiffLine) []diffLine {
	out := make([]diffLine, 0, 2*len(gone))
	for i := range gone {
		before, after := diffLine{Class: "gone"}, diffLine{Class: "new"}
		for _, piece := range wordPieces(gone[i].Text, came[i].Text) {
			if !piece.New {
				before.Pieces = append(before.Pieces, piece)
			}
			if !piece.Gone {
				after.Pieces = append(after.Pieces, piece)
			}
		}
		out = append(out, before, after)
	}
	return out
}

// wholeLines shows lines that went or came as a whole.
func wholeLines(lines []coop.DiffLine) []diffLine {
	out := make([]diffLine, 0, len(lines))
	for _, one := range lines {
		class, gone := "new", one.Op == coop.DiffRemove
		if gone {
			class = "gone"
		}
		out = append(out, diffLine{class, []diffPiece{{one.Text, gone, !gone}}})
	}
	return out
}
