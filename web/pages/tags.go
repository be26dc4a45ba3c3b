// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
)

// tagPage is what anybody may find under a hashtag.
type tagPage struct {
	frame
	Tag         string
	Kinds       []way
	Search      string // the same word everywhere
	Follows     bool   // the member who looks does
	Action      string
	Jobs        []jobCard
	Articles    []articleCard
	Notes       []noteCard
	Next, First string
}

// longestTag is more characters than a hashtag has.
const longestTag = 200

// tagKinds are what a page of a hashtag can be narrowed to.
func tagKinds() map[string][]coop.PostKind {
	return map[string][]coop.PostKind{"jobs": {coop.KindJob}, "library": {coop.KindArticle}, "posts": {coop.KindNote, coop.KindQuestion}}
}

// followTag answers POST /tags/T: a member reads the hashtag at home, or no more.
func (f *Face) followTag(c *gin.Context) error {
	tag, ctx := coop.CleanLine(c.Param("tag"), longestTag), c.Request.Context()
	path := tagPath(tag)
	err := f.Store.Write(ctx, func(tx *storage.Tx) error {
		if c.PostForm("act") == "unfollow" {
			_, err := tx.UnfollowTag(ctx, auth.Account(c).ID, tag)
			return err
		}
		_, err := tx.FollowTag(ctx, auth.Account(c).ID, tag)
		return err
	})
	if err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, path)
	return nil
}

// tag answers /tags/T and its feeds. A tag that nobody used is an empty list.
func (f *Face) tag(c *gin.Context) error {
	tag := coop.CleanLine(c.Param("tag"), longestTag)
	for _, format := range formats {
		if rest, ok := strings.CutSuffix(tag, "."+format); ok {
			return f.tagFeed(c, rest, format)
		}
	}
	path, after := tagPath(tag), before(c)
	kind, query := c.Query("kind"), storage.PostQuery{Hashtag: tag, Listed: true, OpenJobs: true}
	if kinds, known := tagKinds()[kind]; known {
		query.Kinds = kinds
	} else {
		kind = ""
	}
	asked := findQuery{Kind: kind}.values()
	posts, next, err := f.list(c.Request.Context(), query, coop.Page{Max: after, Limit: perList})
	if err != nil {
		return err
	}
	page := f.tagPage(c, tag, kind)
	if page.Me != nil {
		follows, err := f.Store.FollowsTags(c.Request.Context(), auth.Account(c).ID, []string{tag})
		if err != nil {
			return err
		}
		page.Follows = len(follows) > 0
	}
	page.NoIndex = len(posts) == 0 || after != 0
	f.fillTag(page, posts)
	if next != 0 {
		page.Next = withQuery(path, with(asked, "before", next.String()))
	}
	if after != 0 {
		page.First = withQuery(path, asked)
	}
	return f.show(c, http.StatusOK, "tag", page)
}

// tagPage is the page around what was found.
func (f *Face) tagPage(c *gin.Context, tag, kind string) *tagPage {
	path := tagPath(tag)
	page := &tagPage{frame: f.frame(c, "#"+tag, "", findQuery{Kind: kind}.values()), Tag: tag, Action: path, Search: withQuery(findPath, url.Values{"q": {tag}})}
	for _, one := range []string{"", "jobs", "library", "posts"} {
		page.Kinds = append(page.Kinds, way{withQuery(path, findQuery{Kind: one}.values()), page.T("find_kind_" + kindWord(one)), one == kind})
	}
	page.Description = page.T("tag_description", "Tag", tag, "Federation", page.Federation)
	page.feedsOf(path, nil)
	return page
}

// fillTag shows what was found, each kind in its way.
func (f *Face) fillTag(page *tagPage, posts []*coop.Post) {
	page.Jobs, page.Articles = f.jobCards(page.tongue, posts), f.articleCards(page.tongue, posts)
	for _, p := range posts {
		if p.Job == nil && p.Article == nil {
			page.Notes = append(page.Notes, f.noteCard(page.tongue, p))
		}
	}
}

// tagPath is the page of a tag.
func tagPath(tag string) string { return "/tags/" + url.PathEscape(tag) }
