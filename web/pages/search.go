// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
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

// findKinds are the kinds of things that it finds, in the order in which they are shown.
var findKinds = []string{"jobs", "library", "coops", "people", "posts", "tags"}

// findQuery is what was asked.
type findQuery struct {
	Q, Kind, Lang, Topic, License, Federation string
	// From is where a page of posts, or of people, begins.
	From coop.ID
	Skip int
}

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

// findShown is how many of a kind are shown among others, and findAlone by themselves.
const (
	findShown = 3
	findAlone = 20
)

// findOf reads what was asked. Nothing that can be typed is an error.
func findOf(c *gin.Context) findQuery {
	text := func(name string) string {
		return coop.CleanLine(coop.Truncate(c.Query(name), 800), 200)
	}
	q := findQuery{Q: text("q"), Kind: text("kind"), Lang: text("lang"), Topic: text("topic"), License: text("license"), Federation: strings.TrimPrefix(text("federation"), "@"), From: before(c)}
	if !slices.Contains(findKinds, q.Kind) {
		q.Kind = ""
	}
	if skip, err := coop.ParseID(text("skip")); err == nil {
		q.Skip = int(min(skip, 400))
	}
	return q
}

// values are the parameters of a question, those of its page left out.
func (q findQuery) values() url.Values {
	v := url.Values{}
	for name, value := range map[string]string{"q": q.Q, "kind": q.Kind, "lang": q.Lang, "topic": q.Topic, "license": q.License, "federation": q.Federation} {
		if value != "" {
			v.Set(name, value)
		}
	}
	return v
}

// asks are the parameters for the list of a kind.
func (q findQuery) asks(names ...string) url.Values {
	v := url.Values{}
	for name, value := range q.values() {
		if slices.Contains(names, name) {
			v[name] = value
		}
	}
	return v
}

// wants tells whether things of a kind are looked for: where more is asked than that kind
// can answer, it is not.
func (q findQuery) wants(kind string) bool {
	if q.Kind != "" && q.Kind != kind || q.Q == "" {
		return false
	}
	answers := map[string][]string{"jobs": {"lang", "federation"}, "library": {"lang", "topic", "license", "federation"}, "coops": {"lang", "federation"}}[kind]
	for name := range q.asks("lang", "topic", "license", "federation") {
		if !slices.Contains(answers, name) {
			return false
		}
	}
	return true
}

// limit is how many of a kind are shown.
func (q findQuery) limit() int {
	if q.Kind != "" {
		return findAlone
	}
	return findShown
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

// foundJobs finds jobs as the board does.
func (f *Face) foundJobs(ctx context.Context, page *findPage) error {
	if !page.Asked.wants("jobs") {
		return nil
	}
	asked := page.Asked.asks("q", "lang", "federation")
	query, err := f.Store.LookUp(ctx, coop.ParseJobQuery(asked))
	if err != nil {
		return err
	}
	list, err := f.Store.SearchJobs(ctx, anybody(), query, storage.JobPage{Limit: page.Asked.limit(), Domain: f.AccountDomain})
	if err != nil {
		return err
	}
	page.add("jobs", findPart{Jobs: f.foundCards(page.tongue, &query, list), All: way{URL: withQuery("/jobs", asked), Name: page.T("find_all_jobs")}})
	return nil
}

// foundArticles finds articles as the library does.
func (f *Face) foundArticles(ctx context.Context, page *findPage) error {
	if !page.Asked.wants("library") {
		return nil
	}
	asked := page.Asked.asks("q", "lang", "topic", "license", "federation")
	list, err := f.Store.SearchArticles(ctx, anybody(), coop.ParseArticleQuery(asked), storage.ArticlePage{Page: coop.Page{Limit: page.Asked.limit()}, Domain: f.AccountDomain})
	if err != nil {
		return err
	}
	cards, err := f.libraryCards(ctx, page.tongue, list.Posts)
	page.add("library", findPart{Articles: cards, All: way{URL: withQuery("/library", asked), Name: page.T("find_all_articles")}})
	return err
}

// foundCoops finds co-ops as the directory does.
func (f *Face) foundCoops(ctx context.Context, page *findPage) error {
	if !page.Asked.wants("coops") {
		return nil
	}
	asked := page.Asked.asks("q", "federation")
	if page.Asked.Lang != "" {
		asked.Set("language", page.Asked.Lang)
	}
	list, err := f.Store.Coops(ctx, coop.ParseDirectoryQuery(asked), f.AccountDomain, coop.Page{Limit: page.Asked.limit()})
	page.add("coops", findPart{People: f.foundAccounts(list), All: way{URL: withQuery("/directory", asked), Name: page.T("find_all_coops")}})
	return err
}

// foundAccounts shows accounts.
func (f *Face) foundAccounts(list []*coop.Account) []foundAccount {
	found := make([]foundAccount, len(list))
	for i, a := range list {
		found[i] = foundAccount{f.person(a), line{a.Language, excerpt(a.Bio, 160)}}
	}
	return found
}

// foundPeople finds who wants to be found: people, federations, boards, services.
func (f *Face) foundPeople(ctx context.Context, page *findPage) error {
	if !page.Asked.wants("people") {
		return nil
	}
	limit := page.Asked.limit()
	list, err := f.Store.SearchAccounts(ctx, anybody(), storage.AccountSearch{Text: page.Asked.Q, Limit: limit + 1, Offset: page.Asked.Skip})
	if err != nil {
		return err
	}
	all := way{}
	if len(list) > limit {
		list = list[:limit]
		if page.Asked.Kind == "" {
			all = page.Kinds[1+slices.Index(findKinds, "people")]
		} else {
			page.Next = withQuery(findPath, with(page.Asked.values(), "skip", coop.ID(page.Asked.Skip+limit).String()))
		}
	}
	list = slices.DeleteFunc(list, func(a *coop.Account) bool { return a.Kind == coop.Coop || a.Gone() })
	page.add("people", findPart{People: f.foundAccounts(list), All: all})
	return nil
}

// foundPosts finds what people wrote and want to be found; jobs and articles have lists of
// their own.
func (f *Face) foundPosts(ctx context.Context, page *findPage) error {
	if !page.Asked.wants("posts") {
		return nil
	}
	words, _ := coop.ParseTextQuery(page.Asked.Q) // what is sound of it
	posts, err := f.Store.SearchPosts(ctx, anybody(), storage.PostSearch{Text: words, Page: coop.Page{Max: page.Asked.From, Limit: findAlone}})
	if err != nil {
		return err
	}
	part := findPart{}
	if len(posts) == findAlone && page.Asked.Kind != "" {
		page.Next = withQuery(findPath, with(page.Asked.values(), "before", posts[findAlone-1].ID.String()))
	}
	notes := slices.DeleteFunc(posts, func(p *coop.Post) bool { return p.Job != nil || p.Article != nil })
	if limit := page.Asked.limit(); len(notes) > limit {
		notes, part.All = notes[:limit], page.Kinds[1+slices.Index(findKinds, "posts")]
	}
	part.Notes = f.noteCards(page.tongue, notes)
	page.add("posts", part)
	return nil
}

// foundTags finds hashtags by their beginning.
func (f *Face) foundTags(ctx context.Context, page *findPage) error {
	if !page.Asked.wants("tags") {
		return nil
	}
	tags, err := f.Store.SearchTags(ctx, page.Asked.Q, findAlone, 0)
	part := findPart{}
	for _, tag := range tags {
		part.Tags = append(part.Tags, way{URL: "/tags/" + url.PathEscape(tag), Name: "#" + tag})
	}
	page.add("tags", part)
	return err
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
