// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"encoding/xml"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"minga/coop"
)

// siteIndex names the parts of the list of pages for search engines (sitemaps.org).
type siteIndex struct {
	XMLName xml.Name  `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 sitemapindex"`
	Parts   []siteURL `xml:"sitemap"`
}

// siteMap is one part: only what is public, ours, current, and of authors who want to be
// found.
type siteMap struct {
	XMLName xml.Name  `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 urlset"`
	URLs    []siteURL `xml:"url"`
}

type siteURL struct {
	Loc     string `xml:"loc"`
	Changed string `xml:"lastmod,omitempty"`
}

const (
	// perMap is how many pages a part has at most (sitemaps.org).
	perMap = 50_000
	// mostMaps bounds the number of a part.
	mostMaps = 1000
)

// mapped are the kinds of posts that search engines read, by the name of their parts.
var mapped = []struct {
	name string
	kind coop.PostKind
	part coop.CrawlPart
}{{"jobs", coop.KindJob, coop.CrawlJobs}, {"articles", coop.KindArticle, coop.CrawlLibrary}}

// mapsPath is where the parts are.
const mapsPath = "/sitemaps/"

// siteURLOf is a line of either list.
func siteURLOf(address string, changed time.Time) siteURL {
	u := siteURL{Loc: address}
	if !changed.IsZero() {
		u.Changed = changed.UTC().Format(time.RFC3339)
	}
	return u
}

// sitemap answers /sitemap.xml: the index of the parts.
func (f *Face) sitemap(c *gin.Context) error {
	ctx := c.Request.Context()
	policy, err := f.Store.CrawlPolicy(ctx)
	if err != nil {
		return err
	}
	var index siteIndex
	add := func(name string, changed time.Time) {
		index.Parts = append(index.Parts, siteURLOf(f.root()+mapsPath+name+".xml", changed))
	}
	add("pages", time.Time{})
	if policy.Searches(coop.CrawlPeople) {
		add("people", time.Time{})
	}
	for _, m := range mapped {
		if !policy.Searches(m.part) {
			continue
		}
		parts, err := f.Store.MapParts(ctx, m.kind, perMap)
		if err != nil {
			return err
		}
		for _, p := range parts {
			add(m.name+"-"+strconv.Itoa(p.Number), p.Changed)
		}
	}
	return sendMap(c, index)
}

// sendMap writes either list.
func sendMap(c *gin.Context, list any) error {
	body, err := markup(list)
	if err != nil {
		return fmt.Errorf("write sitemap: %w", err)
	}
	c.Header("Cache-Control", always)
	send(c, http.StatusOK, "application/xml; charset=utf-8", fingerprint(body), body, nil)
	return nil
}

// sitemapPart answers /sitemaps/NAME.xml.
func (f *Face) sitemapPart(c *gin.Context) error {
	ctx := c.Request.Context()
	name, ok := strings.CutSuffix(c.Param("part"), ".xml")
	if !ok {
		return fmt.Errorf("part %.40q of the site map: %w", c.Param("part"), coop.ErrNotFound)
	}
	policy, err := f.Store.CrawlPolicy(ctx)
	if err != nil {
		return err
	}
	list := siteMap{}
	switch {
	case name == "pages":
		list.URLs = f.mapPages()
	case name == "people" && policy.Searches(coop.CrawlPeople):
		list.URLs, err = f.mapAccounts(ctx)
	default:
		list.URLs, err = f.mapPosts(ctx, name, policy)
	}
	if err != nil {
		return err
	}
	return sendMap(c, list)
}

// mapPages are the pages that there are always.
func (f *Face) mapPages() []siteURL {
	var list []siteURL
	for _, path := range []string{
		"/", "/jobs", "/library", "/directory", "/about", "/about/rules", "/about/privacy", "/about/moderation", "/about/federation", "/about/stats", "/about/accessibility", "/about/crawlers",
	} {
		if f.mounted[path] {
			list = append(list, siteURLOf(f.root()+path, time.Time{}))
		}
	}
	return list
}

// mapPosts are open jobs or published articles of ours: the part of a name.
func (f *Face) mapPosts(ctx context.Context, name string, policy coop.CrawlPolicy) ([]siteURL, error) {
	kind, text, _ := strings.Cut(name, "-")
	number, err := strconv.Atoi(text)
	if err != nil || number < 1 || number > mostMaps || strconv.Itoa(number) != text {
		return nil, fmt.Errorf("part %.40q of the site map: %w", name, coop.ErrNotFound)
	}
	for _, m := range mapped {
		if m.name != kind || !policy.Searches(m.part) {
			continue
		}
		rows, err := f.Store.MapRows(ctx, m.kind, number, perMap)
		if err != nil || len(rows) == 0 && number > 1 {
			return nil, firstError(err, coop.ErrNotFound)
		}
		list := make([]siteURL, 0, len(rows))
		for _, r := range rows {
			list = append(list, siteURLOf(string(r.IRI), r.Changed))
		}
		return list, nil
	}
	return nil, fmt.Errorf("part %.40q of the site map: %w", name, coop.ErrNotFound)
}

// firstError is the first that there is.
func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// mapAccounts are the profiles of those who want to be found (FEP-5feb).
func (f *Face) mapAccounts(ctx context.Context) ([]siteURL, error) {
	var list []siteURL
	for page := (coop.Page{Limit: 1000}); len(list) < perMap; {
		accounts, err := f.Store.LocalAccounts(ctx, "", page)
		if err != nil || len(accounts) == 0 {
			return list, err
		}
		for _, a := range accounts {
			if a.Indexable && !a.Gone() && a.Kind != coop.Instance {
				list = append(list, siteURLOf(f.root()+f.profileOf(a), a.UpdatedAt))
			}
			page.Max = a.ID
		}
	}
	return list, nil
}
