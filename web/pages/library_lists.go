// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
)

// answerLibraryFeed writes the newest articles of a question as a feed.
func (f *Face) answerLibraryFeed(c *gin.Context, format string, query coop.ArticleQuery, path string) error {
	query.Archive, query.Order = false, coop.ArticlesNewest
	list, err := f.Store.SearchArticles(c.Request.Context(), anybody(), query, storage.ArticlePage{Page: coop.Page{Limit: mostItems}, Domain: f.AccountDomain})
	if err != nil {
		return err
	}
	asked := query.Values()
	if path != "/library" {
		asked.Del("topic")
	}
	t := f.tongueOf(c)
	return f.answerFeed(c, format, feed{
		Title: t.T("library_title") + " · " + f.federationName(c), Language: t.Lang,
		Page: f.root() + withQuery(path, asked), Self: f.root() + withQuery(path+"."+format, asked), Items: f.feedItems(current(list.Posts, f.Now())),
	})
}

// suggestedWord is an entry of what is offered while somebody types.
type suggestedWord struct {
	Value string `json:"value"`
	Label string `json:"label"`
}

// mostSuggested is how many words are offered.
const mostSuggested = 10

// topicsAsked answers /library/topics.json?q=: topics that begin with what was typed.
func (f *Face) topicsAsked(c *gin.Context) error {
	out := []suggestedWord{}
	if q := coop.CleanLine(coop.Truncate(c.Query("q"), longestTopic), longestTopic); q != "" {
		topics, err := f.Store.Topics(c.Request.Context(), q, mostSuggested, 0)
		if err != nil {
			return err
		}
		for _, t := range topics {
			out = append(out, suggestedWord{t.Name, t.Name})
		}
	}
	c.Header("Cache-Control", always)
	c.JSON(http.StatusOK, out)
	return nil
}

// seriesPage is a series with its articles in their order.
type seriesPage struct {
	frame
	Head    line
	Summary string
	Owner   person
	Parts   []seriesPart
	Origin  string
}

// seriesPart is an article of a series.
type seriesPart struct {
	articleCard
	Place string // empty: it says none
}

// series answers /library/series/ID and its feeds.
func (f *Face) series(c *gin.Context) error {
	text, format := c.Param("id"), ""
	for _, one := range formats {
		if rest, ok := strings.CutSuffix(text, "."+one); ok {
			text, format = rest, one
		}
	}
	id, err := coop.ParseID(text)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	s, err := f.Store.Series(ctx, anybody(), id)
	if err != nil {
		return err
	}
	posts, err := f.Store.InSeries(ctx, anybody(), s.IRI)
	if err != nil {
		return err
	}
	if format != "" {
		page := f.root() + seriesPath(s)
		return f.answerFeed(c, format, feed{Title: s.Title, Language: s.Language, Page: page, Self: page + "." + format, Items: f.feedItems(current(posts, f.Now()))})
	}
	return f.showSeries(c, s, posts)
}

// showSeries answers the page of a series.
func (f *Face) showSeries(c *gin.Context, s *coop.Series, posts []*coop.Post) error {
	page := seriesPage{frame: f.frame(c, s.Title, "library", nil), Head: line{s.Language, s.Title}, Summary: s.Summary, Owner: f.person(s.Owner)}
	page.Description = coop.Shorten(s.Summary, 300)
	page.feedsOf(seriesPath(s), nil)
	if !s.Local {
		page.Origin, page.NoIndex = web(s.IRI), true
	}
	cards, err := f.libraryCards(c.Request.Context(), page.tongue, posts)
	if err != nil {
		return err
	}
	for i, card := range cards {
		part := seriesPart{articleCard: card}
		if n := posts[i].Article.Position; n > 0 {
			part.Place = page.T("library_part", "Number", page.Number(n))
		}
		page.Parts = append(page.Parts, part)
	}
	return f.show(c, http.StatusOK, "series", page)
}

// libraryCards are cards of articles with what stands around them: who used them, and
// how far a translation is behind.
func (f *Face) libraryCards(ctx context.Context, t *tongue, posts []*coop.Post) ([]articleCard, error) {
	facts, err := f.Store.ArticleFacts(ctx, anybody(), posts)
	if err != nil {
		return nil, err
	}
	cards := f.articleCards(t, posts)
	n := 0
	for _, p := range posts {
		if p.Article == nil {
			continue
		}
		if known := facts[p.ID]; known != nil {
			if known.UsedBy > 0 {
				cards[n].UsedBy = t.N("library_used_by", known.UsedBy)
			}
			if behind := coop.StaleBy(known.OriginalVersion, p.Article.TranslatedVersion); behind > 0 {
				cards[n].Behind = t.N("library_behind", int(behind))
			}
		}
		if p.Article.CheckedOn != "" {
			cards[n].Checked = t.T("article_checked", "Day", t.Date(p.Article.CheckedOn))
		}
		n++
	}
	return cards, nil
}

// before is the place in a list that the address names; anything else is its
// beginning.
func before(c *gin.Context) coop.ID {
	id, err := coop.ParseID(c.Query("before"))
	if err != nil {
		return 0
	}
	return id
}

// older is the address of the next page of a list; empty: none.
func older(path string, next coop.ID) string {
	if next == 0 {
		return ""
	}
	return withQuery(path, url.Values{"before": {next.String()}})
}

// first leads back from a later page.
func first(path string, after coop.ID) string {
	if after == 0 {
		return ""
	}
	return path
}

// articles lists published articles that anybody may find, newest first, and the
// place where the next page begins.
func (f *Face) articles(ctx context.Context, q storage.PostQuery, page coop.Page) ([]*coop.Post, coop.ID, error) {
	q.Kinds, q.Listed = []coop.PostKind{coop.KindArticle}, true
	return f.list(ctx, q, page)
}

// list lists posts and says where the next page begins; zero: nowhere.
func (f *Face) list(ctx context.Context, q storage.PostQuery, page coop.Page) ([]*coop.Post, coop.ID, error) {
	posts, err := f.Store.Posts(ctx, anybody(), q, page)
	if err != nil {
		return nil, 0, err
	}
	var next coop.ID
	if len(posts) == page.Limit {
		next = posts[len(posts)-1].ID
	}
	return current(posts, f.Now()), next, nil
}
