// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
	"minga/web/respond"
)

// findPath is the search over everything. Its address is the question; what cannot be
// understood of it is left out.
const findPath = "/search"

// findPage is what was found.
type findPage struct {
	frame
	Asked    findQuery
	Kinds    []way
	Tongues  []choice
	Licences []choice
	Parts    []findPart
	Named    []person // whom or what the words name, letter for letter
	Open     string   // where a member opens what has not come here yet; empty: it is no address
	Nothing  bool
	Problems []string
	Next     string
	First    string
	More     bool // one of the finer choices was made
}

// findPart is what was found of one kind.
type findPart struct {
	ID, Title string
	Jobs      []jobCard
	Articles  []articleCard
	People    []foundAccount
	Notes     []noteCard
	Tags      []way
	All       way // where all of them stand; without a name: they stand here
}

// foundAccount is an account with the beginning of what it says of itself.
type foundAccount struct {
	Who person
	Bio line
}

// search answers GET /search.
func (f *Face) search(c *gin.Context) error {
	ctx, asked := c.Request.Context(), findOf(c)
	page := findPage{frame: f.frame(c, "", "search", asked.values()), Asked: asked}
	page.Title, page.NoIndex = page.T("find_title"), true
	page.Description = page.T("find_what", "Federation", page.Federation)
	page.choices(asked)
	if asked.Q == "" {
		return f.show(c, http.StatusOK, "search", page)
	}
	page.feedsOf(findPath, asked.asks("q"))
	if err := f.findNamed(ctx, &page); err != nil {
		return err
	}
	for _, part := range []func(context.Context, *findPage) error{f.foundJobs, f.foundArticles, f.foundCoops, f.foundPeople, f.foundPosts, f.foundTags} {
		if err := part(ctx, &page); err != nil {
			return err
		}
	}
	page.Nothing = len(page.Parts) == 0 && len(page.Named) == 0
	if asked.From != 0 || asked.Skip != 0 {
		page.First = withQuery(findPath, asked.values())
	}
	return f.show(c, http.StatusOK, "search", page)
}

// choices makes what can be chosen.
func (p *findPage) choices(asked findQuery) {
	for _, kind := range append([]string{""}, findKinds...) {
		one := asked
		one.Kind = kind
		p.Kinds = append(p.Kinds, way{withQuery(findPath, one.values()), p.T("find_kind_" + kindWord(kind)), kind == asked.Kind})
	}
	for _, l := range ourLanguages {
		p.Tongues = append(p.Tongues, choice{l.tag, p.Language(l.tag), asked.Lang == l.tag})
	}
	for _, l := range coop.Licences() {
		p.Licences = append(p.Licences, choice{l.URL, l.Name, asked.License == l.URL})
	}
	p.More = len(asked.asks("lang", "topic", "license", "federation")) > 0
	if _, err := coop.ParseTextQuery(asked.Q); err != nil && asked.Q != "" {
		var wrong *coop.InvalidError
		if errors.As(err, &wrong) {
			p.Problems = p.problems(coop.Invalid{wrong})
		}
	}
}

// kindWord is a kind as it stands in a key.
func kindWord(kind string) string {
	if kind == "" {
		return "all"
	}
	return kind
}

// add puts a part on the page, unless it is empty.
func (p *findPage) add(kind string, part findPart) {
	if len(part.Jobs)+len(part.Articles)+len(part.People)+len(part.Notes)+len(part.Tags) == 0 {
		return
	}
	part.ID, part.Title = kind, p.T("find_kind_"+kind)
	p.Parts = append(p.Parts, part)
}

// findNamed finds whom a handle or an address names among what is known here. Other
// servers are asked by members alone, on the page to which this one leads.
func (f *Face) findNamed(ctx context.Context, page *findPage) error {
	text := page.Asked.Q
	address := strings.Contains(text, "://")
	if handle, err := coop.ParseHandle(text); !address && (err != nil || handle.Host == "" || strings.ContainsRune(text, ' ')) {
		return nil
	}
	page.Open = intentPath + "/object?" + url.Values{"object": {text}}.Encode()
	known := &interactPage{frame: page.frame, Asked: text}
	err := f.look(ctx, known)
	switch {
	case errors.Is(err, coop.ErrNotFound), errors.Is(err, coop.ErrGone):
		return nil
	case err != nil:
		return err
	case known.Post != nil:
		page.Parts = append(page.Parts, findPart{ID: "named", Title: page.T("find_named"), Notes: []noteCard{*known.Post}})
	default:
		page.Named = append(page.Named, known.Who)
	}
	return nil
}

// findFeed answers /search.atom and its like: the newest of whatever kind with the words.
func (f *Face) findFeed(format string) respond.Handler {
	return func(c *gin.Context) error {
		asked := findOf(c)
		words, _ := coop.ParseTextQuery(asked.Q) // what is sound of it
		posts, err := f.Store.SearchPosts(c.Request.Context(), anybody(), storage.PostSearch{Text: words, Page: coop.Page{Limit: mostItems}})
		if err != nil {
			return err
		}
		t, q := f.tongueOf(c), asked.asks("q")
		return f.answerFeed(c, format, feed{
			Title: t.T("find_title") + ": " + asked.Q + " · " + f.federationName(c), Language: t.Lang,
			Page: f.root() + withQuery(findPath, q), Self: f.root() + withQuery(findPath+"."+format, q), Items: f.feedItems(current(posts, f.Now())),
		})
	}
}

// findRoutes are the search over everything and its feeds.
func (f *Face) findRoutes() []auth.Route {
	routes := publicPage(findPath, f.search)
	for _, format := range formats {
		routes = append(routes, machines(findPath+"."+format, f.findFeed(format))...)
	}
	return routes
}
