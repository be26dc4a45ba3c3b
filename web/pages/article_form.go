// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/federation/sanitize"
	"minga/storage"
	"minga/web/auth"
	"minga/web/respond"
)

// articleFormBody is what the form of an article carries at most, in bytes: the text is
// percent-encoded on the way.
const articleFormBody = 1 << 20

// libraryRoutes are the pages on which people write, translate, suggest and decide.
func (f *Face) libraryRoutes() []auth.Route {
	get := func(path string, h respond.Handler) auth.Route {
		return auth.Route{Method: "GET", Path: path, Access: auth.Session, Limit: auth.LimitReads, CSRF: auth.CSRFSafe, Sees: auth.SeesOwn, Form: respond.HTML, Handle: h}
	}
	post := func(path string, limit auth.Limit, h respond.Handler) auth.Route {
		return auth.Route{Method: "POST", Path: path, Access: auth.Session, Limit: limit, CSRF: auth.CSRFForm, Sees: auth.SeesOwn, Body: articleFormBody, Form: respond.HTML, Handle: h}
	}
	files := post("/library/import", auth.LimitPosts, f.libraryImport)
	files.Body = libraryImportBody
	return []auth.Route{
		get("/library/import", f.libraryImportPage), files,
		get("/library/new", f.newArticlePage), post("/library/new", auth.LimitPosts, f.newArticle),
		post("/library/preview", auth.LimitReads, f.previewText),
		get("/library/mine", f.libraryMine),
		get("/library/:id/edit", f.editArticlePage), post("/library/:id/edit", auth.LimitPosts, f.editArticle),
		post("/library/:id/step", auth.LimitPosts, f.stepArticle),
		get("/library/:id/translate", f.translatePage), post("/library/:id/translate", auth.LimitPosts, f.translate),
		get("/library/:id/suggest", f.suggestPage), post("/library/:id/suggest", auth.LimitPosts, f.suggest),
		get("/library/suggestions/:id", f.suggestionPage), post("/library/suggestions/:id", auth.LimitPosts, f.answerSuggestion),
		get("/library/:id/used", f.usedPage), post("/library/:id/used", auth.LimitPosts, f.use),
		get("/library/:id/author", f.authorPage), post("/library/:id/author", auth.LimitPosts, f.confirmAuthor),
	}
}

// articleFormView is the form of an article.
type articleFormView struct {
	formFrame
	Action   string // where it goes
	Given    articleFields
	Speakers []choice // for whom the person may write; one needs no choice
	Who      person
	Edit     bool // an article that is published
	Draft    bool // one that is not
	Said     string
	Preview  *articlePreview
	Conflict *diffView    // what somebody else changed meanwhile, and what would be lost
	Article  *libraryLink // the page of the article; nil: there is none yet
	Beside   *besidePane  // the original of a translation
	Step     string       // where the steps go; empty: there are none
	Checked  string

	Licences, Tongues, Series []choice
}

// articlePreview is an article as others will see it.
type articlePreview struct {
	*tongue
	Head     line
	Summary  string
	Intro    prose
	Sections []section
	Count    int // characters of the summary
}

// besidePane is the original beside its translation.
type besidePane struct {
	Title    line
	Summary  string
	URL      string
	Source   string // as it was typed; empty: not known
	Intro    prose
	Sections []section
	Since    *diffView // what has changed since the translation was made
	Now      string    // the present version
	Stale    bool
}

// articleForm is what a request for the form is about.
type articleForm struct {
	me       *coop.Account
	speakers []*coop.Account
	author   *coop.Account
	before   *coop.Post // nil: none
	original *coop.Post // of a translation; nil: none
	fields   articleFields
}

// startArticle finds for whom the person may write: the co-ops in which they have the
// role for it, then themselves.
func (f *Face) startArticle(c *gin.Context) (*articleForm, error) {
	list, err := cooperatives(c, coop.ActPublish)
	if err != nil {
		return nil, err
	}
	me := auth.Account(c)
	slices.SortStableFunc(list, func(a, b *coop.Account) int { // co-ops before federations
		return cmp.Compare(string(a.Kind), string(b.Kind))
	})
	if me.Kind == coop.Person {
		list = append(list, me)
	}
	if len(list) == 0 {
		return nil, &coop.RoleError{Act: coop.ActPublish}
	}
	w := &articleForm{me: me, speakers: list, author: list[0]}
	w.choose(f.acting(c).String())
	w.choose(c.Query("as"))
	w.choose(c.PostForm("as"))
	return w, nil
}

// choose takes the account that was asked for, if the person may write for it.
func (w *articleForm) choose(id string) {
	for _, a := range w.speakers {
		if a.ID.String() == id {
			w.author = a
		}
	}
}

// speak lets what follows be done in the author's name.
func (w *articleForm) speak(c *gin.Context) error {
	if w.author.ID == w.me.ID {
		return nil
	}
	_, err := auth.ActAs(c, w.author.ID, coop.ActPublish)
	return err
}

// ownArticle finds an article of one of those for whom the person may write: that of
// anybody else is not found.
func (f *Face) ownArticle(c *gin.Context, w *articleForm) (*coop.Post, error) {
	id, err := coop.ParseID(c.Param("id"))
	if err != nil {
		return nil, err
	}
	ctx := c.Request.Context()
	for _, a := range w.speakers {
		p, err := f.Store.Post(ctx, storage.Seeing(ctx, a.ID), id)
		if err == nil && p.AuthorID == a.ID && p.Article != nil {
			w.author, w.before = a, p
			return p, nil
		}
	}
	return nil, fmt.Errorf("article %s of another: %w", id, coop.ErrNotFound)
}

// articleView fills in what does not depend on what was typed.
func (f *Face) articleView(c *gin.Context, w *articleForm, path, title string) (*articleFormView, error) {
	view := &articleFormView{formFrame: f.formFrame(c, title, nil), Action: path, Given: w.fields, Who: f.person(w.author)}
	view.Section = "library"
	for _, a := range w.speakers {
		view.Speakers = append(view.Speakers, choice{a.ID.String(), f.person(a).Name, a.ID == w.author.ID})
	}
	ctx := c.Request.Context()
	for _, a := range w.speakers {
		series, err := f.Store.AllSeries(ctx, coop.As(a.ID), a.ID, coop.Page{Limit: 40})
		if err != nil {
			return nil, err
		}
		for _, s := range series {
			name := s.Title
			if len(w.speakers) > 1 {
				name += " · " + f.person(a).Name
			}
			view.Series = append(view.Series, choice{string(s.IRI), name, false})
		}
	}
	view.list()
	return view, nil
}

// list makes the lists to choose from, with what was chosen.
func (v *articleFormView) list() {
	v.Tongues = v.languageChoices([]string{v.Given.Language})
	v.Licences = nil
	for _, l := range coop.Licences() {
		v.Licences = append(v.Licences, choice{l.URL, v.licence(l.URL), l.URL == v.Given.License})
	}
	known := slices.ContainsFunc(v.Series, func(s choice) bool { return s.Value == v.Given.Series })
	if v.Given.Series != "" && !known {
		v.Series = append(v.Series, choice{v.Given.Series, v.Given.SeriesName, true})
	}
	for i := range v.Series {
		v.Series[i].Chosen = v.Series[i].Value == v.Given.Series
	}
}

// beside shows an original beside its translation, made from a version of it.
func (f *Face) beside(c *gin.Context, t *tongue, q *coop.Post, made int64) (*besidePane, error) {
	intro, sections := split(q.Content)
	pane := &besidePane{
		Title: line{q.Language, q.Title}, Summary: q.Summary, URL: f.pathOf(q), Source: q.Source,
		Intro: prose{q.Language, sanitize.Page(intro)}, Sections: sections, Now: fmt.Sprint(q.Article.Version), Stale: coop.StaleBy(q.Article.Version, made) > 0,
	}
	if !pane.Stale {
		return pane, nil
	}
	r, err := f.versionOf(c.Request.Context(), anybody(), q, fmt.Sprint(made))
	if err != nil {
		return pane, ignoreMissing(err)
	}
	diff := t.diff(r, coop.PresentVersion(q))
	pane.Since = &diff
	return pane, nil
}
