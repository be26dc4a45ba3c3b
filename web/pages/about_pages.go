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
	"minga/federation/sanitize"
	"minga/outbox/text"
	"minga/storage"
	"minga/web/auth"
)

// tabs are the sections of one thing: part "tabs".
type tabs struct {
	Label string
	Ways  []way
}

// aboutFrame is the frame of the pages that say what this instance is and does.
type aboutFrame struct {
	frame
	Tabs tabs
}

// aboutRoutes are these pages. /about itself is the first of them.
func (f *Face) aboutRoutes() []auth.Route {
	var routes []auth.Route
	for _, one := range []struct {
		path   string
		handle func(*gin.Context) error
	}{
		{"/about/rules", f.rulesOfPlace},
		{"/about/privacy", f.privacy},
		{"/about/moderation", f.moderation},
		{"/about/federation", f.federationPage},
		{"/about/stats", f.statsPage},
		{"/about/accessibility", f.accessibility},
		{"/about/crawlers", f.crawlers},
	} {
		for _, r := range publicPage(one.path, one.handle) {
			r.Sees = auth.SeesNobody
			routes = append(routes, r)
		}
	}
	return routes
}

// aboutFrame makes the frame of one of these pages.
func (f *Face) aboutFrame(c *gin.Context, title string, meaning url.Values) aboutFrame {
	page := aboutFrame{frame: f.frame(c, "", "about", meaning)}
	page.Title = page.T(title)
	page.Description = page.Title + ": " + page.Federation
	page.Tabs.Label = page.T("about_title")
	for _, one := range []struct{ path, name string }{
		{"/about", page.T("about_tab")},
		{"/about/rules", page.T("about_rules")},
		{"/about/privacy", page.T("about_privacy")},
		{"/about/moderation", page.T("about_moderation")},
		{"/about/federation", page.T("about_federation")},
		{"/about/stats", page.T("about_stats")},
		{"/about/accessibility", page.T("about_accessibility")},
		{"/about/crawlers", page.T("about_crawlers")},
	} {
		page.Tabs.Ways = append(page.Tabs.Ways, way{one.path, one.name, c.Request.URL.Path == one.path})
	}
	return page
}

// rulesPage is what is asked of everybody here.
type rulesPage struct {
	aboutFrame
	Rules []ruleText
}

// ruleText is a rule in one language.
type ruleText struct{ Text, Hint string }

// rulesOfPlace answers /about/rules.
func (f *Face) rulesOfPlace(c *gin.Context) error {
	page := rulesPage{aboutFrame: f.aboutFrame(c, "about_rules", nil)}
	rules, err := f.Store.Rules(c.Request.Context())
	if err != nil {
		return err
	}
	for _, r := range rules {
		page.Rules = append(page.Rules, ruleText{r.Texts.In(page.Lang), r.Hints.In(page.Lang)})
	}
	return f.show(c, http.StatusOK, "about-rules", page)
}

// keptRow is something that is kept, and how long.
type keptRow struct{ What, Long string }

// privacyPage is what is kept about people.
type privacyPage struct {
	aboutFrame
	Text    sanitize.Clean
	Changed moment
	Kept    []keptRow
	Cookies []keptRow
}

// keptOf is what this program keeps, and how long: each line is what it does.
func keptOf(t *tongue) (kept, cookies []keptRow) {
	kept = []keptRow{
		{t.T("about_kept_posts"), t.T("about_long_author")},
		{t.T("about_kept_account"), t.T("about_long_account")},
		{t.T("about_kept_direct"), t.T("about_long_author")},
		{t.T("hiring_kept"), t.T("hiring_kept_long")},
		{t.T("about_kept_notices"), t.T("about_long_year")},
		{t.T("about_kept_sessions"), t.T("about_long_sessions")},
		{t.T("about_kept_links"), t.T("about_long_links")},
		{t.T("about_kept_pictures"), t.T("about_long_pictures")},
		{t.T("about_kept_servers"), t.T("about_long_servers")},
		{t.T("about_kept_acts"), t.T("about_long_acts")},
	}
	cookies = []keptRow{
		{t.T("about_cookie_lang"), t.T("about_long_year")},
		{t.T("about_cookie_theme"), t.T("about_long_year")},
		{t.T("about_cookie_session"), t.T("about_long_sessions")},
		{t.T("about_cookie_form"), t.T("about_long_browser")},
		{t.T("again_cookie"), t.T("again_cookie_long")},
		{t.T("about_cookie_acting"), t.T("about_long_browser")},
	}
	return kept, cookies
}

// privacy answers /about/privacy: what the instance says in its own words, then what the
// program does.
func (f *Face) privacy(c *gin.Context) error {
	page := privacyPage{aboutFrame: f.aboutFrame(c, "about_privacy", nil)}
	page.Kept, page.Cookies = keptOf(page.tongue)
	s, err := f.Store.Statement(c.Request.Context(), coop.StatementPrivacy)
	if err != nil && !errors.Is(err, coop.ErrNotFound) {
		return err
	}
	if err == nil {
		clean, _ := text.Markdown(s.Texts.In(page.Lang))
		page.Text, page.Changed = sanitize.Page(clean), momentOf(page.tongue, s.ChangedAt)
	}
	return f.show(c, http.StatusOK, "about-privacy", page)
}

// perServers is how many servers one page lists.
const perServers = 100

// serverRow is another server, as these pages list it.
type serverRow struct {
	Host, Policy, Reason, Software string
	Since, Received, Delivered     moment
}

// serversPage lists servers: those that are shut out, or those with which we exchange.
type serversPage struct {
	aboutFrame
	Servers     []serverRow
	Limited     []serverRow
	Next, First string
}

// after is the last host of the page before.
func after(c *gin.Context) string { return coop.Truncate(strings.ToLower(c.Query("after")), 300) }

// moderation answers /about/moderation: how to report, and which servers are shut out or
// limited, with the reason that everybody may read.
func (f *Face) moderation(c *gin.Context) error {
	page, from := serversPage{aboutFrame: f.aboutFrame(c, "about_moderation", nil)}, after(c)
	blocked, next, err := f.serversOf(c.Request.Context(), page.tongue, coop.PolicyBlock, from)
	if err != nil {
		return err
	}
	page.Servers = blocked
	if from == "" {
		if page.Limited, _, err = f.serversOf(c.Request.Context(), page.tongue, coop.PolicyLimit, ""); err != nil {
			return err
		}
	}
	page.page("/about/moderation", from, next)
	return f.show(c, http.StatusOK, "about-moderation", page)
}

// page fills in the way to the rest of the list.
func (p *serversPage) page(path, from, next string) {
	if from != "" {
		p.First, p.NoIndex = path, true
	}
	if next != "" {
		p.Next = withQuery(path, url.Values{"after": {next}})
	}
}

// serversOf lists servers of a policy by host, and says after which the next page goes on.
func (f *Face) serversOf(ctx context.Context, t *tongue, policy coop.PeerPolicy, from string) ([]serverRow, string, error) {
	peers, err := f.Store.Peers(ctx, storage.PeerQuery{Policy: policy, After: from, Limit: perServers})
	if err != nil {
		return nil, "", err
	}
	var rows []serverRow
	for _, p := range peers {
		open := !p.ExpiresAt.IsZero() && !f.Now().Before(p.ExpiresAt)
		if policy == coop.PolicyNone && p.Policy == coop.PolicyBlock && !open || policy != coop.PolicyNone && open {
			continue
		}
		row := serverRow{Host: p.Host, Reason: p.PublicReason, Software: p.Software, Since: momentOf(t, p.FirstSeen), Received: momentOf(t, p.LastReceived), Delivered: momentOf(t, p.LastDelivered)}
		rows = append(rows, row)
	}
	if len(peers) < perServers {
		return rows, "", nil
	}
	return rows, peers[len(peers)-1].Host, nil
}

// federationPage answers /about/federation: what is sent where, and with whom we exchange.
func (f *Face) federationPage(c *gin.Context) error {
	page, from := serversPage{aboutFrame: f.aboutFrame(c, "about_federation", nil)}, after(c)
	servers, next, err := f.serversOf(c.Request.Context(), page.tongue, coop.PolicyNone, from)
	if err != nil {
		return err
	}
	page.Servers = servers
	page.page("/about/federation", from, next)
	return f.show(c, http.StatusOK, "about-federation", page)
}

// statsPage is this place in numbers.
type statsPage struct {
	aboutFrame
	Stats storage.Stats
	Weeks []weekRow
	Most  int // posts in one week
}

// weekRow is what happened in a week.
type weekRow struct {
	Begins                     moment
	Posts                      int // for the bar
	Count, Visitors, NewPeople string
}

// statsWeeks is how many weeks are told of.
const statsWeeks = 12

// statsPage answers /about/stats.
func (f *Face) statsPage(c *gin.Context) error {
	ctx := c.Request.Context()
	page := statsPage{aboutFrame: f.aboutFrame(c, "about_stats", nil), Most: 1}
	var err error
	if page.Stats, err = f.Store.Stats(ctx); err != nil {
		return err
	}
	weeks, err := f.Store.Weeks(ctx, statsWeeks)
	if err != nil {
		return err
	}
	for _, w := range weeks {
		page.Most = max(page.Most, w.Posts)
		page.Weeks = append(page.Weeks, weekRow{
			Begins: moment{page.Day(w.Begins), page.Stamp(w.Begins)}, Posts: w.Posts, Count: page.Number(w.Posts), Visitors: page.Number(w.Visitors), NewPeople: page.Number(w.NewPeople),
		})
	}
	return f.show(c, http.StatusOK, "about-stats", page)
}

// accessibility answers /about/accessibility.
func (f *Face) accessibility(c *gin.Context) error {
	return f.show(c, http.StatusOK, "about-accessibility", f.aboutFrame(c, "about_accessibility", nil))
}
