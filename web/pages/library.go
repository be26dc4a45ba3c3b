// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/respond"
)

// Bounds of the library's page.
const (
	perList        = 20 // articles or posts on one page
	topicsShown    = 24
	seriesShown    = 6
	needsShown     = 3
	longestTopic   = 200
	languagesShown = 12
)

// libraryPage is the list of articles: all of them, those of a topic, or those that
// were asked for.
type libraryPage struct {
	frame
	Heading     string
	Topic       string // the page of a topic
	Follow      string // the handle of that topic's account; empty: it has none
	Q           string
	Kept        []fact // what else of the question the form keeps
	Problems    []string
	Tongues     []choice
	Needs       string // a language that the articles are missing in
	Chips       []libraryLink
	Used        bool // ordered by use
	ByUse       string
	ByDate      string
	Plain       bool // nothing was asked: the shelves are shown
	Topics      []libraryLink
	Languages   []libraryLink
	Series      []seriesCard
	Wanted      []articleCard // that need a translation into the reader's language
	WantedTitle string
	WantedMore  string
	Articles    []articleCard
	Total       int
	Next, First string
}

// libraryLink is a way to a part of the library.
type libraryLink struct {
	Name, URL, Lang string
	Count           int
	Words           string // what the count means, for who does not see where it stands
}

// seriesCard is a series in a list.
type seriesCard struct {
	Title line
	URL   string
	Owner person
}

// library answers /library.
func (f *Face) library(c *gin.Context) error {
	return f.showLibrary(c, "/library", coop.ParseArticleQuery(c.Request.URL.Query()), "")
}

// topic answers /library/topics/T and its feeds.
func (f *Face) topic(c *gin.Context) error {
	name := coop.CleanLine(c.Param("topic"), longestTopic)
	format := ""
	for _, one := range formats {
		if rest, ok := strings.CutSuffix(name, "."+one); ok {
			name, format = rest, one
		}
	}
	query := coop.ParseArticleQuery(c.Request.URL.Query())
	query.Topic = []string{name}
	path := "/library/topics/" + url.PathEscape(name)
	if format != "" {
		return f.answerLibraryFeed(c, format, query, path)
	}
	return f.showLibrary(c, path, query, name)
}

// showLibrary answers the list at a path; topic is the one that the path names.
func (f *Face) showLibrary(c *gin.Context, path string, query coop.ArticleQuery, topic string) error {
	ctx := c.Request.Context()
	asked := query.Values()
	if topic != "" {
		asked.Del("topic")
	}
	page := libraryPage{frame: f.frame(c, "", "library", asked), Topic: topic, Q: query.Q, Used: query.Order == coop.ArticlesUsed}
	list, err := f.findArticles(c, query)
	if err != nil {
		return err
	}
	if topic != "" {
		if err := f.nameTopic(ctx, &page, topic); err != nil {
			return err
		}
	}
	page.Title = cmp.Or(page.Heading, page.T("library_title"))
	page.Heading = page.Title
	page.Description = page.T("library_description", "Federation", page.Federation)
	page.feedsOf(path, asked)
	page.Total = list.Total
	if page.Articles, err = f.libraryCards(ctx, page.tongue, list.Posts); err != nil {
		return err
	}
	page.lists(path, query, asked)
	page.turn(c, path, asked, list)
	page.NoIndex = page.NoIndex || c.Query("before") != "" || c.Query("cursor") != "" || query.Q != "" || topic != "" && list.Total == 0
	page.Plain = topic == "" && len(asked) == 0 && page.First == ""
	if page.Plain {
		if err := f.fillShelves(ctx, &page); err != nil {
			return err
		}
	}
	return f.show(c, http.StatusOK, "library", page)
}

// findArticles asks for the page of articles that an address names.
func (f *Face) findArticles(c *gin.Context, query coop.ArticleQuery) (storage.ArticleList, error) {
	page := storage.ArticlePage{Page: coop.Page{Max: before(c), Limit: perList}, Cursor: c.Query("cursor"), Domain: f.AccountDomain}
	list, err := f.Store.SearchArticles(c.Request.Context(), anybody(), query, page)
	if err == nil && query.Order != coop.ArticlesUsed && len(list.Posts) == perList {
		list.Next = list.Posts[perList-1].ID.String()
	}
	return list, err
}

// turn makes the ways to the next page and back.
func (p *libraryPage) turn(c *gin.Context, path string, asked url.Values, list storage.ArticleList) {
	name := "before"
	if p.Used {
		name = "cursor"
	}
	if c.Query(name) != "" {
		p.First = withQuery(path, asked)
	}
	if list.Next != "" {
		p.Next = withQuery(path, instead(asked, name, list.Next))
	}
}

// instead is a query with one value more, or, empty, without any of that name.
func instead(q url.Values, name, value string) url.Values {
	next := url.Values{}
	for k, v := range q {
		if k != name {
			next[k] = v
		}
	}
	if value != "" {
		next.Set(name, value)
	}
	return next
}

// nameTopic says what a topic is called, and by which account it can be followed.
func (f *Face) nameTopic(ctx context.Context, page *libraryPage, topic string) error {
	page.Heading = topic
	known, err := f.Store.Topics(ctx, topic, 1, 0)
	if err != nil {
		return err
	}
	if len(known) == 1 && strings.EqualFold(known[0].Name, topic) {
		page.Heading = known[0].Name
	}
	a, err := f.Store.AccountByHandle(ctx, "topic-"+strings.ToLower(strings.ReplaceAll(topic, " ", "-")), "")
	if errors.Is(err, coop.ErrNotFound) || err == nil && a.Gone() {
		return nil
	}
	if err == nil {
		page.Follow = f.person(a).Handle
	}
	return err
}

// lists makes what can be chosen, and what was chosen as chips that take it away.
func (p *libraryPage) lists(path string, query coop.ArticleQuery, asked url.Values) {
	for _, l := range ourLanguages {
		p.Tongues = append(p.Tongues, choice{l.tag, p.Language(l.tag), len(query.Lang) == 1 && query.Lang[0] == l.tag})
	}
	p.ByUse, p.ByDate = withQuery(path, instead(asked, "order", "used")), withQuery(path, instead(asked, "order", ""))
	p.Problems = p.problems(query.Problems)
	if p.Topic == "" {
		p.chips("topic", query.Topic, path, asked, func(s string) string { return s })
	}
	p.chips("lang", query.Lang, path, asked, p.Language)
	p.chips("needs", query.Needs, path, asked, func(tag string) string { return p.T("library_needs_in", "Language", p.Language(tag)) })
	p.chips("series", query.Series, path, asked, func(string) string { return p.T("library_one_series") })
	p.chips("license", query.License, path, asked, p.licence)
	p.chips("coop", query.Coop, path, asked, func(s string) string { return "@" + s })
	p.chips("federation", query.Federation, path, asked, func(s string) string { return "@" + s })
	p.chips("source", query.Source, path, asked, func(s string) string { return p.T("source_" + s) })
	if query.Archive {
		p.chips("state", []string{"archive"}, path, asked, func(string) string { return p.T("library_archive") })
	}
	kept := instead(instead(asked, "q", ""), "lang", "")
	for _, name := range sortedNames(kept) {
		for _, value := range kept[name] {
			p.Kept = append(p.Kept, fact{name, value})
		}
	}
}

// chips names the values of one part of the question; each leads to the list without it.
func (p *libraryPage) chips(name string, values []string, path string, asked url.Values, say func(string) string) {
	for _, value := range values {
		rest := instead(asked, name, "")
		for _, other := range values {
			if other != value {
				rest.Add(name, other)
			}
		}
		p.Chips = append(p.Chips, libraryLink{Name: say(value), URL: withQuery(path, rest)})
	}
}

// fillShelves fills in the ways into the library: topics, series, languages, and what
// needs a translation into the reader's language.
func (f *Face) fillShelves(ctx context.Context, page *libraryPage) error {
	topics, err := f.Store.Topics(ctx, "", topicsShown, 0)
	if err != nil {
		return err
	}
	for _, t := range topics {
		page.Topics = append(page.Topics, libraryLink{Name: t.Name, URL: topicPath(t.Value), Count: t.Articles, Words: page.N("count_articles", t.Articles)})
	}
	languages, err := f.Store.ArticleLanguages(ctx)
	if err != nil {
		return err
	}
	for _, l := range languages[:min(len(languages), languagesShown)] {
		page.Languages = append(page.Languages, libraryLink{
			Name: page.Language(l.Tag), URL: withQuery("/library", url.Values{"lang": {l.Tag}}), Count: l.Articles, Words: page.N("count_articles", l.Articles),
		})
	}
	series, err := f.Store.AllSeries(ctx, anybody(), 0, coop.Page{Limit: seriesShown})
	if err != nil {
		return err
	}
	for _, s := range series {
		page.Series = append(page.Series, seriesCard{line{s.Language, s.Title}, seriesPath(s), f.person(s.Owner)})
	}
	return f.fillWanted(ctx, page)
}

// fillWanted finds what the reader's language is missing, the most used first.
func (f *Face) fillWanted(ctx context.Context, page *libraryPage) error {
	query := coop.ArticleQuery{Needs: []string{page.Lang}, Order: coop.ArticlesUsed}
	list, err := f.Store.SearchArticles(ctx, anybody(), query, storage.ArticlePage{Page: coop.Page{Limit: needsShown}, Domain: f.AccountDomain})
	if err != nil || list.Total == 0 {
		return err
	}
	page.WantedTitle = page.T("library_needs_title", "Language", page.Language(page.Lang))
	if page.Wanted, err = f.libraryCards(ctx, page.tongue, list.Posts); list.Total > len(list.Posts) {
		page.WantedMore = withQuery("/library", query.Values())
	}
	return err
}

// topicPath is the page of a topic.
func topicPath(name string) string { return "/library/topics/" + url.PathEscape(name) }

// seriesPath is the page of a series.
func seriesPath(s *coop.Series) string { return "/library/series/" + s.ID.String() }

// libraryFeed answers /library.atom and its like, with the query of the page.
func (f *Face) libraryFeed(format string) respond.Handler {
	return func(c *gin.Context) error {
		return f.answerLibraryFeed(c, format, coop.ParseArticleQuery(c.Request.URL.Query()), "/library")
	}
}
