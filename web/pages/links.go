// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"minga/coop"
	"minga/federation/sanitize"
)

// Where things are on this instance: an object of ours at its own address, a copy
// of another server's at an address with our id.

// pathOf is the page of a post here.
func (f *Face) pathOf(p *coop.Post) string {
	if p.Local {
		return strings.TrimPrefix(string(p.IRI), f.root())
	}
	switch p.Kind {
	case coop.KindJob:
		return "/jobs/" + p.ID.String()
	case coop.KindArticle:
		return "/library/" + p.ID.String()
	case coop.KindRequest:
		return requestPath(p, "")
	}
	if p.Decision != nil {
		return decisionPath(p, "")
	}
	if p.Author == nil {
		return "/interact"
	}
	return f.profileOf(p.Author) + "/" + p.ID.String()
}

// profileOf is the page of an account here.
func (f *Face) profileOf(a *coop.Account) string {
	switch {
	case a.Kind == coop.Instance && a.Local:
		return "/about"
	case a.Local:
		return "/@" + a.Name
	}
	return "/@" + a.Name + "@" + a.Host
}

// origin is where a post is at home: what a copy names as canonical.
func origin(p *coop.Post) string {
	if coop.ValidIRI(coop.IRI(p.URL)) {
		return p.URL
	}
	return string(p.IRI)
}

// person is an account as it is named on a page.
type person struct {
	Name, Handle, URL string
	Local             bool
	Picture           string // path of the avatar here; empty: none
}

// person names an account; nil is somebody unknown.
func (f *Face) person(a *coop.Account) person {
	if a == nil {
		return person{}
	}
	p := person{Name: a.DisplayName, Handle: "@" + a.Handle(f.AccountDomain).String(), URL: f.profileOf(a), Local: a.Local}
	if p.Name == "" {
		p.Name = a.Name
	}
	p.Picture = f.shown(f.Media.Links().Avatar(a))
	return p
}

// names finds accounts by their ids on the network: those known here with a link,
// the others by their address.
func (f *Face) names(ctx context.Context, iris []coop.IRI) (map[coop.IRI]person, error) {
	known, err := f.Store.AccountsByIRI(ctx, iris)
	if err != nil {
		return nil, err
	}
	all := make(map[coop.IRI]person, len(iris))
	for _, iri := range iris {
		if a := known[iri]; a != nil && !a.Gone() {
			all[iri] = f.person(a)
			continue
		}
		all[iri] = person{Name: string(iri)}
		if coop.ValidIRI(iri) {
			all[iri] = person{Name: string(iri), URL: string(iri)}
		}
	}
	return all, nil
}

// prose is a text of somebody in its own language.
type prose struct {
	Lang string
	HTML sanitize.Clean
}

// anyHeading is a heading inside of what people wrote.
var anyHeading = regexp.MustCompile(`(?i)<(/?)h[1-6]\b[^>]*>`)

// paragraphs is clean HTML without headings: those of a page are the page's own.
func paragraphs(html string) sanitize.Clean {
	return sanitize.Page(anyHeading.ReplaceAllString(html, "<${1}p>"))
}

// proseOf chooses the version of a text in a wanted language, else the main one.
func proseOf(wanted, main, content string, all map[string]string) prose {
	if version := all[wanted]; version != "" && wanted != main {
		return prose{wanted, paragraphs(version)}
	}
	return prose{main, paragraphs(content)}
}

// lineOf is the same for a line of plain text.
func lineOf(wanted, main, plain string, all map[string]string) line {
	if version := all[wanted]; version != "" {
		return line{wanted, version}
	}
	return line{main, plain}
}

// line is a line of plain text and its language.
type line struct{ Lang, Text string }

// excerpt is the beginning of HTML as plain text.
func excerpt(html string, most int) string {
	return coop.Shorten(strings.Join(strings.Fields(sanitize.Text(html)), " "), most)
}

// lastChange is when a post changed last.
func lastChange(p *coop.Post) time.Time {
	if p.Updated.After(p.Published) {
		return p.Updated
	}
	return p.Published
}

// current drops what the store still lists but whose time is over.
func current(posts []*coop.Post, now time.Time) []*coop.Post {
	return slices.DeleteFunc(posts, func(p *coop.Post) bool {
		return p.Kind == coop.KindJob && (p.Job == nil || !p.Job.Applicable(now)) ||
			p.Kind == coop.KindArticle && (p.Article == nil || p.Article.Status != coop.ArticlePublished)
	})
}
