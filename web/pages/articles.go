// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/federation/sanitize"
)

// articlePage is one article.
type articlePage struct {
	frame
	Head       line
	Summary    string
	Author     person
	Others     []contributor
	Named      string // where co-authors of ours say that they are; empty: nobody is asked
	Members    bool   // for members alone
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
	CheckedBy  person
	Topics     []libraryLink
	Part       *articlePart   // of a series
	Translate  *translateForm // nil: no machine translates it
	Original   *originalNote
	Versions   []translationRow
	Cites      []citation
	CitedBy    []citation
	UsedBy     string // how many co-ops; empty: none
	Users      []userRow
	Revisions  []revision
	Files      []file
	Tags       []string
	Through    []string
	Thread     []noteCard
	Reply      string
	Tools      articleTools
}

// contributor is a co-author; until confirmed the article only names them.
type contributor struct {
	Who       person
	Confirmed bool
}

// licenceBox says what one may do with an article, and how to name it.
type licenceBox struct {
	Name, URL string
	May       []string
	Credit    string // a line to copy; empty: nothing may be used
}

// revision is an earlier version.
type revision struct{ Version, Day, At, Reason, URL, Diff string }

// articleTools are the pages on which one does something with an article; those that
// need a sign-in ask for it. Empty: not with this one.
type articleTools struct{ Suggest, Translate, Used, Edit string }

// libraryPath is a page about an article, by the article's local id.
func libraryPath(p *coop.Post, rest string) string { return "/library/" + p.ID.String() + rest }

// articleByID answers /library/ID: the copy of another server's article.
func (f *Face) articleByID(c *gin.Context) error {
	p, err := f.byID(c, coop.KindArticle)
	if err != nil || p == nil {
		return err
	}
	return f.showArticle(c, p)
}

// articleFor finds the article that an address names by its local id, as the viewer may
// see it.
func (f *Face) articleFor(c *gin.Context, v coop.Viewer) (*coop.Post, error) {
	id, err := coop.ParseID(c.Param("id"))
	if err != nil {
		return nil, err
	}
	p, err := f.Store.Post(c.Request.Context(), v, id)
	if err != nil {
		return nil, err
	}
	if p.Article == nil || p.Author == nil {
		return nil, fmt.Errorf("post %s is no article: %w", id, coop.ErrNotFound)
	}
	return p, nil
}

// showArticle answers the page of an article.
func (f *Face) showArticle(c *gin.Context, p *coop.Post) error {
	page := &articlePage{frame: f.frame(c, p.Title, "library", nil), Reply: string(p.IRI)}
	f.fillArticle(page, p)
	page.Translate = f.translateForm(&page.frame, p, p.Language)
	fill := f.fillArticleWorld
	if page.Members { // what stands around it is asked as anybody, to whom it is not there
		fill = func(ctx context.Context, page *articlePage, p *coop.Post) error {
			return f.fillAuthors(ctx, page, p, nil)
		}
	}
	if err := fill(c.Request.Context(), page, p); err != nil {
		return err
	}
	if p.Local && !page.NoIndex {
		way := f.crumbs(crumb{page.T("library_title"), "/library"}, crumb{p.Title, f.pathOf(p)})
		if err := page.tell(f.articleSchema(page, p), way); err != nil {
			return err
		}
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
	page.Intro, page.Sections = prose{p.Language, sanitize.Page(intro)}, sections
	page.Licence = page.licenceBox(a.License)
	if page.Licence.URL != "" {
		page.Licence.Credit = page.T("library_credit", "Title", p.Title, "Author", page.Author.Name, "Address", origin(p), "Licence", page.Licence.Name)
	}
	page.Checked = page.Date(a.CheckedOn)
	for _, topic := range a.Topics {
		page.Topics = append(page.Topics, libraryLink{Name: topic.Name, URL: topicPath(topic.Name)})
	}
	page.Files, page.Tags, page.Through = f.files(page.tongue, p.Attachments), tagsOf(p), f.through(page.tongue, p)
	page.Graph.Type, page.Graph.Published, page.Graph.Modified = "article", page.Stamp(p.Published), page.Stamp(lastChange(p))
	page.Graph.Creator, page.Graph.Author = page.Author.Handle, page.Author.Name
	page.Graph.Picture = f.root() + cardPath(p.ID)
	if !p.Local {
		page.Origin = origin(p)
		page.Canonical, page.Alternates = page.Origin, nil
	}
	page.NoIndex = page.NoIndex || p.Visibility != coop.VisiblePublic
	if p.Local && slices.ContainsFunc(a.Contributors, func(c coop.Contributor) bool { return !c.Confirmed }) {
		page.Named = libraryPath(p, "/author")
	}
	if page.Tools = toolsOf(p); p.Visibility == coop.VisibleMembers {
		page.Members, page.Tools, page.Graph, page.Named = true, articleTools{}, &openGraph{Type: "article"}, ""
	}
}

// toolsOf are the ways to do something with an article. A suggestion goes to who wrote
// it, so that there must be a text as it was typed.
func toolsOf(p *coop.Post) articleTools {
	var tools articleTools
	if p.Article.Status != coop.ArticlePublished {
		return tools
	}
	tools.Used = libraryPath(p, "/used")
	if p.Source != "" {
		tools.Suggest = libraryPath(p, "/suggest")
	}
	if coop.LicenceOf(p.Article.License).Translate && p.Article.TranslationOf == "" {
		tools.Translate = libraryPath(p, "/translate")
	}
	if p.Local {
		tools.Edit = libraryPath(p, "/edit")
	}
	return tools
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
