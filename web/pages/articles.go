// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/federation/sanitize"
	"minga/storage"
)

// libraryPage is the list of articles.
type libraryPage struct {
	frame
	Articles    []articleCard
	Total       int
	Next, First string
}

// perList is how many articles or posts stand on one page.
const perList = 20

// library answers /library.
func (f *Face) library(c *gin.Context) error {
	after := before(c)
	posts, next, err := f.articles(c.Request.Context(), storage.PostQuery{}, coop.Page{Max: after, Limit: perList})
	if err != nil {
		return err
	}
	stats, err := f.Store.Stats(c.Request.Context())
	if err != nil {
		return err
	}
	page := libraryPage{frame: f.frame(c, "", "library", nil), Total: stats.Articles}
	page.Title = page.T("library_title")
	page.Description = page.T("library_description", "Federation", page.Federation)
	page.feedsOf("/library", nil)
	page.Articles = f.articleCards(page.tongue, posts)
	page.Next, page.First, page.NoIndex = older("/library", next), first("/library", after), after != 0
	return f.show(c, http.StatusOK, "library", page)
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

// articlePage is one article.
type articlePage struct {
	frame
	Head       line
	Summary    string
	Author     person
	Others     []contributor
	Posted, At string
	Changed    string // empty: never
	Edition    string // its version; Version is the program's
	Banner     string
	Better     person // the article that replaces it
	Origin     string
	Intro      prose
	Sections   []section
	Licence    licenceBox
	Checked    string
	Topics     []string
	Original   string // of a translation
	Versions   []string
	Cites      []string
	Revisions  []revision
	Files      []file
	Tags       []string
	Through    []string
	Thread     []noteCard
	Reply      string
}

// contributor is a co-author; until confirmed the article only names them.
type contributor struct {
	Who       person
	Confirmed bool
}

// licenceBox says what one may do with an article.
type licenceBox struct {
	Name, URL string
	May       []string
}

// revision is an earlier version.
type revision struct{ Version, Day, At, Reason string }

// articleByID answers /library/ID: the copy of another server's article.
func (f *Face) articleByID(c *gin.Context) error {
	p, err := f.byID(c, coop.KindArticle)
	if err != nil || p == nil {
		return err
	}
	return f.showArticle(c, p)
}

// showArticle answers the page of an article.
func (f *Face) showArticle(c *gin.Context, p *coop.Post) error {
	page := &articlePage{frame: f.frame(c, p.Title, "library", nil), Reply: string(p.IRI)}
	f.fillArticle(page, p)
	if err := f.fillArticleWorld(c.Request.Context(), page, p); err != nil {
		return err
	}
	return f.show(c, http.StatusOK, "article", page)
}

// fillArticle fills in what the article itself says.
func (f *Face) fillArticle(page *articlePage, p *coop.Post) {
	a := p.Article
	page.Head, page.Summary, page.Description = line{p.Language, p.Title}, p.Summary, coop.Shorten(p.Summary, 300)
	page.Author, page.Posted, page.At = f.person(p.Author), page.Here(p.Published), page.Stamp(p.Published)
	page.Edition = strconv.FormatInt(max(a.Version, 1), 10)
	if p.Updated.After(p.Published) {
		page.Changed = page.Here(p.Updated)
	}
	if a.Status != coop.ArticlePublished {
		page.Banner, page.NoIndex = page.T("article_"+string(a.Status)), true
	}
	intro, sections := split(p.Content)
	page.Intro = prose{p.Language, sanitize.Page(intro)}
	page.Sections = sections
	page.Licence = page.licenceBox(a.License)
	page.Checked = page.Date(a.CheckedOn)
	for _, topic := range a.Topics {
		page.Topics = append(page.Topics, topic.Name)
	}
	page.Files, page.Tags, page.Through = f.files(page.tongue, p.Attachments), tagsOf(p), f.through(page.tongue, p)
	page.Original, page.Versions, page.Cites = web(a.TranslationOf), webs(a.Translations), webs(a.Citations)
	page.Graph.Type, page.Graph.Published, page.Graph.Modified = "article", page.Stamp(p.Published), page.Stamp(lastChange(p))
	page.Graph.Creator, page.Graph.Author = page.Author.Handle, page.Author.Name
	if !p.Local {
		page.Origin = origin(p)
		page.Canonical, page.Alternates = page.Origin, nil
	}
	page.NoIndex = page.NoIndex || p.Visibility != coop.VisiblePublic
}

// tagsOf are the hashtags of a post as words.
func tagsOf(p *coop.Post) []string {
	var tags []string
	for _, tag := range p.Hashtags {
		if tag != "" && !slices.Contains(tags, tag) {
			tags = append(tags, tag)
		}
	}
	return tags
}

// web is an address that may be linked; anything else is none.
func web(iri coop.IRI) string {
	if coop.ValidIRI(iri) {
		return string(iri)
	}
	return ""
}

// webs are those of a list that may be linked.
func webs(iris []coop.IRI) []string {
	var out []string
	for _, iri := range iris {
		if address := web(iri); address != "" {
			out = append(out, address)
		}
	}
	return out
}

// licenceBox says in words what a licence lets others do.
func (t *tongue) licenceBox(url string) licenceBox {
	box := licenceBox{Name: t.licence(url)}
	known := coop.LicenceOf(url)
	if known.Name == "" || url == coop.NoReuse {
		box.May = []string{t.T("reuse_none")}
		return box
	}
	box.URL = known.URL
	for _, rule := range []struct {
		holds bool
		key   string
	}{
		{known.Translate, "reuse_translate"},
		{known.Remix, "reuse_remix"},
		{known.Attribution, "reuse_name"},
		{known.ShareAlike, "reuse_alike"},
		{known.NonCommercial, "reuse_noncommercial"},
	} {
		if rule.holds {
			box.May = append(box.May, t.T(rule.key))
		}
	}
	return box
}

// fillArticleWorld asks for what stands around an article.
func (f *Face) fillArticleWorld(ctx context.Context, page *articlePage, p *coop.Post) error {
	a := p.Article
	var iris []coop.IRI
	for _, c := range a.Contributors {
		iris = append(iris, c.IRI)
	}
	names, err := f.names(ctx, iris)
	if err != nil {
		return err
	}
	for _, c := range a.Contributors {
		page.Others = append(page.Others, contributor{names[c.IRI], c.Confirmed})
	}
	if address := web(a.SupersededBy); address != "" {
		page.Better = person{Name: address, URL: address}
	}
	revisions, err := f.Store.Revisions(ctx, anybody(), p.ID)
	if err != nil {
		return err
	}
	for _, r := range revisions {
		page.Revisions = append(page.Revisions, revision{strconv.FormatInt(r.Version, 10), page.Here(r.At), page.Stamp(r.At), r.Reason})
	}
	page.Thread, err = f.thread(ctx, page.tongue, p)
	return err
}
