// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
)

// crawlPaths are where the parts of these pages stand, as robots.txt names them
// (RFC 9309 §2.2.2: the longest that fits counts, * is anything).
func crawlPaths(part coop.CrawlPart) []string {
	switch part {
	case coop.CrawlJobs:
		return []string{"/jobs", "/coops/*/jobs/"}
	case coop.CrawlLibrary:
		return []string{"/library", "/coops/*/articles/", "/people/*/articles/"}
	case coop.CrawlPeople:
		return []string{"/@", "/directory"}
	case coop.CrawlTalk:
		return []string{"/@*/", "/tags/", "/coops/*/notes/", "/people/*/notes/", "/federation/notes/"}
	}
	return nil
}

// notCrawled are paths with nothing to find for any program.
var notCrawled = []string{"/api/", "/interact", "/sign-in", "/sign-up", "/reset", "/settings/", "/admin", "/applications/", "/alerts/", "/deletions/"}

// agents are the collectors of data that are named: those of the policy, or those that
// this program knows.
func (f *Face) agents(p coop.CrawlPolicy) []string {
	if len(p.Agents) > 0 {
		return p.Agents
	}
	return strings.Fields(string(f.assets.files["crawlers.txt"].plain))
}

// robotsText writes a policy as robots.txt (RFC 9309).
func (f *Face) robotsText(p coop.CrawlPolicy) string {
	var b strings.Builder
	b.WriteString("# What programs may read here, in words: " + f.root() + "/about/crawlers\n")
	for _, agent := range f.agents(p) {
		b.WriteString("User-agent: " + agent + "\n")
	}
	if len(p.AI) == 0 {
		b.WriteString("Disallow: /\n")
	} else {
		writeParts(&b, p.Collects)
	}
	b.WriteString("\nUser-agent: *\n")
	writeParts(&b, p.Searches)
	b.WriteString("\nSitemap: " + f.root() + "/sitemap.xml\n")
	return b.String()
}

// writeParts refuses what is not open, and what holds nothing.
func writeParts(b *strings.Builder, open func(coop.CrawlPart) bool) {
	for _, path := range notCrawled {
		b.WriteString("Disallow: " + path + "\n")
	}
	for _, part := range coop.CrawlParts() {
		word := "Disallow: "
		if open(part) {
			word = "Allow: "
		}
		for _, path := range crawlPaths(part) {
			b.WriteString(word + path + "\n")
		}
	}
}

// robots answers robots.txt.
func (f *Face) robots(c *gin.Context) error {
	policy, err := f.Store.CrawlPolicy(c.Request.Context())
	if err != nil {
		return err
	}
	text := f.robotsText(policy)
	if f.rehearsing(c) {
		text = "# A rehearsal: nothing here is real yet.\nUser-agent: *\nDisallow: /\n"
	}
	body := []byte(text)
	c.Header("Cache-Control", "public, max-age=3600")
	send(c, http.StatusOK, assetTypes[".txt"], fingerprint(body), body, nil)
	return nil
}

// crawlersPage says in words who may read what.
type crawlersPage struct {
	aboutFrame
	Parts  []crawlRow
	Agents []string
}

// crawlRow is a part of the pages.
type crawlRow struct {
	Part, Name string
	Search, AI bool
}

// crawlRows are the parts with what a policy says.
func (t *tongue) crawlRows(p coop.CrawlPolicy) []crawlRow {
	var rows []crawlRow
	for _, part := range coop.CrawlParts() {
		rows = append(rows, crawlRow{string(part), t.T("crawl_" + string(part)), p.Searches(part), p.Collects(part)})
	}
	return rows
}

// crawlers answers /about/crawlers.
func (f *Face) crawlers(c *gin.Context) error {
	policy, err := f.Store.CrawlPolicy(c.Request.Context())
	if err != nil {
		return err
	}
	page := crawlersPage{aboutFrame: f.aboutFrame(c, "about_crawlers", nil), Agents: f.agents(policy)}
	page.Parts = page.crawlRows(policy)
	return f.show(c, http.StatusOK, "about-crawlers", page)
}
