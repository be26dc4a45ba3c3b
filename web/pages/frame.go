// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
)

// frame is what stands around the content of every page.
type frame struct {
	*tongue
	Title       string // of the page, without the federation's name
	Description string // for search engines and previews
	Section     string // of the navigation: jobs, library, directory, desk, about
	Federation  string // its name
	Canonical   string // absolute; empty: none
	Alternates  []languageLink
	Switch      []languageLink
	Feeds       []feedLink
	Graph       *openGraph
	OEmbed      string          // absolute address of how to put this page into another; empty: one cannot
	Data        json.RawMessage // JSON-LD; nil: none
	NoIndex     bool
	Demo        bool
	Rehearsal   bool // nothing goes out until the instance is promoted: robots are kept out
	SourceURL   string
	Version     string
	Instance    string // host
	Mark        string // path of the federation's picture; empty: it has none
	Sheet       string // path of the style sheet
	Theme       string // light or dark; empty: as the browser has it
	Ways        []way  // of the main navigation
	Me          *member
	Home        string // the account elsewhere that the visitor let us remember
}

// unlisted tells whether search engines are asked to leave the page out.
func (fr frame) unlisted() bool { return fr.NoIndex || fr.Rehearsal }

// rehearsing tells whether this instance is a rehearsal; where nobody knows, the page is
// drawn without a word of it.
func (f *Face) rehearsing(c *gin.Context) bool {
	on, err := f.Store.Rehearsing(c.Request.Context())
	return on && err == nil
}

// languageLink leads to the same page in another language.
type languageLink struct {
	Tag, Name, URL string
	Current        bool
}

// feedLink is a feed of the list on this page.
type feedLink struct{ Title, Type, URL, Format string }

// openGraph is what previews show (ogp.me); all but Type may be empty.
type openGraph struct {
	Type, Locale         string
	Others               []string
	Published, Modified  string // RFC 3339
	Creator, Author, URL string
	Picture              string // absolute, 1200 × 630 pixels; empty: none
}

// sourceHome says where the source is, when the configuration does not.
const sourceHome = "/about"

// cookieName is the name of a cookie of ours: bound to the host where the connection
// is safe.
func (f *Face) cookieName(name string) string {
	if f.Scheme == "https" {
		return "__Host-minga-" + name
	}
	return "minga-" + name
}

// cookie is what a cookie of ours holds; empty for none.
func (f *Face) cookie(c *gin.Context, name string) string {
	cookie, err := c.Request.Cookie(f.cookieName(name))
	if err != nil {
		return ""
	}
	return cookie.Value
}

// year is how long what people chose is remembered, in seconds.
const year = 365 * 24 * 3600

// setCookie remembers a choice for so many seconds; below 0: no more, 0: until the
// browser closes.
func (f *Face) setCookie(c *gin.Context, name, value string, seconds int) {
	http.SetCookie(c.Writer, &http.Cookie{ //nolint:gosec // without Secure only over plain http, in development
		Name: f.cookieName(name), Value: value, Path: "/", MaxAge: seconds, Secure: f.Scheme == "https", HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

// langCookie remembers the language of the interface.
const langCookie = "lang"

// languageParam is the parameter that chooses the language of the interface. On
// the job board `lang` is a language of the work, in the lists of the library one of the
// articles, so that there the switch has a name of its own.
func languageParam(path string) string {
	for _, list := range []string{"/jobs", "/library", findPath} {
		if path == list || path == followPath || strings.HasPrefix(path, list+".") || strings.HasPrefix(path, "/library/topics/") {
			return "ui"
		}
	}
	return "lang"
}

// tongueOf is the language of the page for this reader.
func (f *Face) tongueOf(c *gin.Context) *tongue {
	if t := f.asked(c); t != nil {
		return t
	}
	usual := f.Language
	if changed := f.usual.Load(); changed != nil {
		usual = *changed
	}
	for _, tag := range []string{usual, f.Language} {
		if t := f.words.spoken(tag); t != nil {
			return t
		}
	}
	return f.words.of(f.words.offered[0].tag)
}

// Speak lets pages for people who ask for no language of ours be in this one from
// now on.
func (f *Face) Speak(language string) { f.usual.Store(&language) }

// asked is the language that the reader asked for: by the address, the cookie, the
// browser; nil for who said nothing, as search engines do. A choice in the address
// is remembered.
func (f *Face) asked(c *gin.Context) *tongue {
	if t := f.words.spoken(c.Query(languageParam(c.Request.URL.Path))); t != nil {
		f.remember(c, t)
		return t
	}
	if t := f.words.spoken(f.cookie(c, langCookie)); t != nil {
		return t
	}
	return f.words.accept(c.GetHeader("Accept-Language"))
}

// remember keeps the choice for a year, unless it is kept already.
func (f *Face) remember(c *gin.Context, t *tongue) {
	if f.cookie(c, langCookie) == t.Lang {
		return
	}
	f.setCookie(c, langCookie, t.Lang, year)
	c.Header("Cache-Control", "private, no-store")
}

// frame makes the frame of a page. Its canonical address is the path with those
// parameters that name what is on it.
func (f *Face) frame(c *gin.Context, title, section string, meaning url.Values) frame {
	t := f.tongueOf(c)
	path, own := c.Request.URL.EscapedPath(), f.federation(c)
	fr := frame{
		tongue: t, Title: title, Section: section, Federation: f.nameOf(own), Mark: f.mark(own), Sheet: f.sheetFor(c.Request.Context()), Demo: f.Demo, Rehearsal: f.rehearsing(c), Version: f.Version, Instance: f.Host,
		SourceURL: f.SourceURL, Canonical: f.root() + withQuery(path, meaning),
		Graph: &openGraph{Type: "website", Picture: f.root() + "/cards/home.png"}, Theme: f.theme(c), Me: f.member(c, t), Home: f.homeAccount(c),
	}
	fr.Ways = f.ways(&fr)
	if fr.SourceURL == "" {
		fr.SourceURL = sourceHome
	}
	for _, l := range f.words.offered {
		q := url.Values{}
		for k, v := range meaning {
			q[k] = v
		}
		q.Set(languageParam(c.Request.URL.Path), l.tag)
		fr.Switch = append(fr.Switch, languageLink{l.tag, l.name, withQuery(path, q), l.tag == t.Lang})
		fr.Alternates = append(fr.Alternates, languageLink{Tag: l.tag, URL: f.root() + withQuery(path, q)})
		if l.tag == t.Lang {
			fr.Graph.Locale = l.openGraph
		} else {
			fr.Graph.Others = append(fr.Graph.Others, l.openGraph)
		}
	}
	return fr
}

// nameOf is how the federation that runs this instance is called; nil: there is none.
func (f *Face) nameOf(a *coop.Account) string {
	if a == nil || a.DisplayName == "" {
		return f.AccountDomain
	}
	return a.DisplayName
}

// mark is the path of its picture; empty: the mark of this program stands for it.
func (f *Face) mark(a *coop.Account) string {
	if a == nil {
		return ""
	}
	return f.shown(f.Media.Links().Avatar(a))
}

// federationName is how the federation that runs this instance is called.
func (f *Face) federationName(c *gin.Context) string { return f.nameOf(f.federation(c)) }

// feedsOf are the feed links of a list at a path.
func (fr *frame) feedsOf(path string, q url.Values, more ...string) {
	types := map[string]string{"atom": "application/atom+xml", "rss": "application/rss+xml", "json": "application/feed+json", "ics": "text/calendar", "csv": "text/csv", "xml": "application/xml"}
	names := map[string]string{"atom": "Atom", "rss": "RSS", "json": "JSON Feed", "ics": "iCalendar", "csv": "CSV", "xml": "XML"}
	for _, format := range append(formats[:len(formats):len(formats)], more...) {
		fr.Feeds = append(fr.Feeds, feedLink{names[format] + ": " + fr.Title, types[format], withQuery(path+"."+format, q), names[format]})
	}
}
