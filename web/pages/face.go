// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"io/fs"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"minga/coop"
	"minga/inbox"
	"minga/outbox"
	"minga/outbox/translate"
	"minga/storage"
	"minga/storage/media"
	"minga/web/auth"
	"minga/web/respond"
)

// Options are what the face is made of. All but SourceURL and Demo are required.
type Options struct {
	Store         *storage.Store
	Inbox         *inbox.Inbox
	Outbox        *outbox.Outbox
	Now           func() time.Time
	Scheme        string   // http or https
	Host          string   // host[:port] of our ids
	AccountDomain string   // domain of our handles
	Language      string   // for people who ask for none of Languages
	Languages     []string // that the pages are offered in, in the order of the switch; none: all of ours
	Zone          *time.Location
	Version       string
	Demo          bool                  // every page says that its content is invented
	Contact       string                // mail address of whom people write to; may be empty
	SourceURL     string                // where the source of this program is (AGPL §13)
	Media         *media.Library        // nil: no pictures of other servers are shown
	Translator    *translate.Translator // nil: no machine translates

	Gate      *auth.Gate
	Passwords *auth.Passwords
	Proofs    *auth.Proofs
	Provider  *auth.Provider // where people sign in too; nil: nowhere
	Admit     auth.Admit
	// Registrations says who may make an account; empty: nobody.
	Registrations coop.Registrations
	// LeadsTo is where the page at an own path would send a browser on to an app; empty
	// for any other page.
	LeadsTo func(ctx context.Context, next string) string
	// More are the templates of other faces, in a folder templates, which [Face.Draw] draws.
	More []fs.FS
}

// Face answers browsers.
type Face struct {
	Options
	words     *words
	assets    *assets
	templates pageTemplates
	mounted   map[string]bool // paths that there are
	sheets    accentSheets
	painter   *painter

	// usual is the language for who asks for none of ours, where it was changed; nil:
	// Language.
	usual atomic.Pointer[string]
}

// New makes the face; an error is a mistake in its templates or catalogues.
func New(o Options) (*Face, error) {
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	own, err := loadOwn()
	if err != nil {
		return nil, err
	}
	f := &Face{Options: o, assets: own.assets, templates: own.templates, words: own.words.in(o.Zone, o.Languages), painter: own.painter}
	if len(o.More) > 0 {
		f.templates = maps.Clone(own.templates) // the others are every instance's
	}
	for _, files := range o.More {
		if err := f.templates.load(f.assets, files); err != nil {
			return nil, err
		}
	}
	f.mounted = map[string]bool{}
	for _, route := range f.Routes() {
		f.mounted[route.Path] = true
	}
	return f, nil
}

// own is what is part of the program and the same for every instance in it.
type own struct {
	words     *words
	assets    *assets
	templates pageTemplates
	painter   *painter
}

// loadOwn reads it once: thousands of texts and some hundred templates take longer to
// read than everything else at a start.
var loadOwn = sync.OnceValues(func() (o own, err error) {
	if o.words, err = loadWords(time.UTC); err != nil {
		return own{}, err
	}
	if o.assets, err = loadAssets(); err != nil {
		return own{}, err
	}
	if o.painter, err = newPainter(); err != nil {
		return own{}, err
	}
	o.templates, err = loadTemplates(o.assets)
	return o, err
})

// formats are the feeds of every list, by the end of their address.
var formats = []string{"atom", "rss", "json"}

// Routes is the table of this face. What is asked by GET is answered to HEAD too.
func (f *Face) Routes() []auth.Route {
	table := []struct {
		path   string
		handle respond.Handler
	}{
		{"/", f.home},
		{"/jobs", f.board},
		{"/jobs/:id", f.jobByID},
		{"/library", f.library},
		{"/library/topics/:topic", f.topic},
		{"/library/series/:id", f.series},
		{"/library/:id", f.articleByID},
		{"/library/:id/versions/:n", f.articleVersion},
		{"/library/:id/versions/:n/diff", f.articleDiff},
		{"/@:name", f.profile},
		{"/@:name/:id", f.postByID},
		{"/tags/:tag", f.tag},
		{"/about", f.about},
		{"/privacy", f.statement(coop.StatementPrivacy)},
		{"/terms", f.statement(coop.StatementTerms)},
	}
	var routes []auth.Route
	for _, line := range table {
		routes = append(routes, publicPage(line.path, line.handle)...)
	}
	for _, format := range []string{"ics", "csv", "xml"} {
		routes = append(routes, machines("/jobs."+format, f.jobFeed(format))...)
	}
	for _, format := range formats {
		routes = append(routes, machines("/jobs."+format, f.jobFeed(format))...)
		routes = append(routes, machines("/library."+format, f.libraryFeed(format))...)
	}
	routes = append(routes, machines("/library/topics.json", f.topicsAsked)...)
	routes = append(routes, machines("/assets/*file", f.asset)...)
	routes = append(routes, machines("/robots.txt", f.robots)...)
	routes = append(routes, machines("/sitemap.xml", f.sitemap)...)
	routes = append(routes, machines(mapsPath+":part", f.sitemapPart)...)
	return slices.Concat(
		routes,
		f.signInRoutes(),
		f.resetRoutes(),
		f.emailRoutes(),
		f.factorRoutes(),
		f.signUpRoutes(),
		f.inviteRoutes(),
		f.frameRoutes(),
		f.aboutRoutes(),
		f.appearanceRoutes(),
		f.machineRoutes(),
		f.jobRoutes(),
		f.askRoutes(),
		f.jobFormRoutes(),
		f.applyRoutes(),
		f.hiringRoutes(),
		f.deliveriesRoutes(),
		f.departureRoutes(),
		f.interactRoutes(),
		f.intentRoutes(),
		f.speakRoutes(),
		f.petitionRoutes(),
		f.belongRoutes(),
		f.reviewRoutes(),
		f.servicesRoutes(),
		f.termRoutes(),
		f.carryRoutes(),
		f.libraryRoutes(),
		f.listRoutes(),
		f.searchRoutes(),
		f.directoryRoutes(),
		f.requestRoutes(),
		f.offerRoutes(),
		f.decisionRoutes(),
		f.memberRoutes(),
		f.translationRoutes(),
		f.findRoutes(),
		f.networkRoutes(),
		f.roomRoutes(),
		f.settingsRoutes(),
	)
}

// publicPage is a page that looks the same to all, at a path: who is signed in is
// named in its frame.
func publicPage(path string, handle respond.Handler) []auth.Route {
	return reading(auth.Route{Path: path, Access: auth.Public, Handle: handle})
}

// machines is what looks at no cookie at all: feeds, assets, what is for machines.
func machines(path string, handle respond.Handler) []auth.Route {
	return reading(auth.Route{Path: path, Access: auth.Open, Handle: handle})
}

// reading completes a route that shows what anybody may see, asked by GET or HEAD.
func reading(r auth.Route) []auth.Route {
	r.Limit, r.CSRF, r.Sees, r.Form = auth.LimitReads, auth.CSRFSafe, auth.SeesPublic, respond.HTML
	get, head := r, r
	get.Method, head.Method = "GET", "HEAD"
	return []auth.Route{get, head}
}

// root is the address of this instance without a slash at its end.
func (f *Face) root() string { return f.Scheme + "://" + f.Host }

// anybody is who reads every page: what only some may see is never on one.
func anybody() coop.Viewer { return coop.Anonymous() }
