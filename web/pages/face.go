// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"html/template"
	"slices"
	"time"

	"minga/coop"
	"minga/inbox"
	"minga/outbox"
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
	Scheme        string // http or https
	Host          string // host[:port] of our ids
	AccountDomain string // domain of our handles
	Language      string // for people who ask for none of ours
	Zone          *time.Location
	Version       string
	Demo          bool           // every page says that its content is invented
	SourceURL     string         // where the source of this program is (AGPL §13)
	Media         *media.Library // nil: no pictures of other servers are shown

	Gate      *auth.Gate
	Passwords *auth.Passwords
	Proofs    *auth.Proofs
	Provider  *auth.Provider // where people sign in too; nil: nowhere
	Admit     auth.Admit
	// LeadsTo is where the page at an own path would send a browser on to an app; empty
	// for any other page.
	LeadsTo func(ctx context.Context, next string) string
}

// Face answers browsers.
type Face struct {
	Options
	words     *words
	assets    *assets
	templates map[string]*template.Template
}

// New makes the face; an error is a mistake in its templates or catalogues.
func New(o Options) (*Face, error) {
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	f := &Face{Options: o}
	var err error
	if f.words, err = loadWords(o.Zone); err != nil {
		return nil, err
	}
	if f.assets, err = loadAssets(); err != nil {
		return nil, err
	}
	if f.templates, err = loadTemplates(f.assets); err != nil {
		return nil, err
	}
	return f, nil
}

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
		{"/jobs.ics", f.jobFeed("ics")},
		{"/jobs/:id", f.jobByID},
		{"/library", f.library},
		{"/library/:id", f.articleByID},
		{"/@:name", f.profile},
		{"/@:name/:id", f.postByID},
		{"/tags/:tag", f.tag},
		{"/about", f.about},
		{"/interact", f.interact},
		{"/assets/*file", f.asset},
		{"/robots.txt", f.robots},
		{"/sitemap.xml", f.sitemap},
	}
	var routes []auth.Route
	add := func(path string, handle respond.Handler) {
		for _, method := range []string{"GET", "HEAD"} {
			routes = append(routes, auth.Route{
				Method: method, Path: path, Access: auth.Open, Limit: auth.LimitReads, CSRF: auth.CSRFSafe,
				Sees: auth.SeesPublic, Form: respond.HTML, Handle: handle,
			})
		}
	}
	for _, line := range table {
		add(line.path, line.handle)
	}
	for _, format := range formats {
		add("/jobs."+format, f.jobFeed(format))
		add("/library."+format, f.libraryFeed(format))
	}
	return slices.Concat(routes, f.signInRoutes(), f.jobFormRoutes(), f.resetRoutes(), f.speakRoutes(), f.factorRoutes(), f.emailRoutes(), f.carryRoutes())
}

// root is the address of this instance without a slash at its end.
func (f *Face) root() string { return f.Scheme + "://" + f.Host }

// anybody is who reads every page: what only some may see is never on one.
func anybody() coop.Viewer { return coop.Anonymous() }
