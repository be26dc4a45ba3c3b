// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
)

// tagPage is what anybody may find under a hashtag.
type tagPage struct {
	frame
	Tag         string
	Jobs        []jobCard
	Articles    []articleCard
	Notes       []noteCard
	Next, First string
}

// longestTag is more characters than a hashtag has.
const longestTag = 200

// tag answers /tags/T and its feeds. A tag that nobody used is an empty list.
func (f *Face) tag(c *gin.Context) error {
	tag := coop.CleanLine(c.Param("tag"), longestTag)
	for _, format := range formats {
		if rest, ok := strings.CutSuffix(tag, "."+format); ok {
			return f.tagFeed(c, rest, format)
		}
	}
	path, after := "/tags/"+url.PathEscape(tag), before(c)
	posts, next, err := f.list(c.Request.Context(), storage.PostQuery{Hashtag: tag, Listed: true, OpenJobs: true}, coop.Page{Max: after, Limit: perList})
	if err != nil {
		return err
	}
	page := tagPage{frame: f.frame(c, "#"+tag, "", nil), Tag: tag}
	page.Description = page.T("tag_description", "Tag", tag, "Federation", page.Federation)
	page.feedsOf(path, nil)
	page.NoIndex = len(posts) == 0 || after != 0
	page.Jobs, page.Articles = f.jobCards(page.tongue, posts), f.articleCards(page.tongue, posts)
	for _, p := range posts {
		if p.Job == nil && p.Article == nil {
			page.Notes = append(page.Notes, f.noteCard(page.tongue, p))
		}
	}
	page.Next, page.First = older(path, next), first(path, after)
	return f.show(c, http.StatusOK, "tag", page)
}
