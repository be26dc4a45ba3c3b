// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/web/auth"
	"minga/web/respond"
)

// requestsPath is where requests are listed; below it is each of ours, by its id.
const requestsPath = "/requests"

// requestRoutes are the pages about requests.
func (f *Face) requestRoutes() []auth.Route {
	get := func(path string, h respond.Handler) auth.Route {
		return auth.Route{Method: "GET", Path: path, Access: auth.Session, Limit: auth.LimitReads, CSRF: auth.CSRFSafe, Sees: auth.SeesOwn, Form: respond.HTML, Handle: h}
	}
	post := func(path string, h respond.Handler) auth.Route {
		return auth.Route{Method: "POST", Path: path, Access: auth.Session, Limit: auth.LimitPosts, CSRF: auth.CSRFForm, Sees: auth.SeesOwn, Body: jobFormBody, Form: respond.HTML, Handle: h}
	}
	visitor := func(method, path string, limit auth.Limit, body int64, h respond.Handler) auth.Route {
		r := auth.Route{Method: method, Path: path, Access: auth.Visitor, Limit: limit, CSRF: auth.CSRFSafe, Sees: auth.SeesOwn, Body: body, Early: true, Form: respond.HTML, Handle: h}
		if method == "POST" {
			r.CSRF = auth.CSRFForm
		}
		return r
	}
	routes := publicPage(requestsPath, f.requests)
	for _, format := range append(formats[:len(formats):len(formats)], "ics") {
		routes = append(routes, machines(requestsPath+"."+format, f.requestFeed(format))...)
	}
	return append(
		routes,
		visitor("GET", requestsPath+"/new", auth.LimitReads, 0, f.newRequestPage),
		visitor("POST", requestsPath+"/new", auth.LimitForms, clientBody, f.clientRequest),
		visitor("GET", requestsPath+"/sent", auth.LimitReads, 0, f.clientSent),
		get(requestsPath+"/mine", f.myRequests),
		post(requestsPath+"/write", f.newRequest),
		get(requestsPath+"/:id/edit", f.editRequestPage), post(requestsPath+"/:id/edit", f.editRequest),
		post(requestsPath+"/:id/step", f.stepRequest),
		post(requestsPath+"/:id/contract", f.keepContract),
	)
}

// requestsView is the list of requests.
type requestsView struct {
	frame
	Q, Skill    string
	States      []choice
	Requests    []requestCard
	Total       int
	Next, First string
	Asked       bool
}

// requestCard is a request in a list.
type requestCard struct {
	*tongue
	Title          line
	URL            string
	Who            person
	State          stateBadge
	Meter          string // hours that are covered, in words
	Most, Value    int
	Facts          []string
	Until, UntilAt string // empty: it takes no offers
	Through        []string
}

// perRequests is how many requests stand on one page.
const perRequests = 20

// requests answers GET /requests: those that take offers, or all.
func (f *Face) requests(c *gin.Context) error {
	q, asked := f.requestQuery(c)
	page, ctx := requestsView{Q: c.Query("q"), Skill: c.Query("skill"), Asked: len(asked) > 0}, c.Request.Context()
	page.frame = f.frame(c, "", "requests", asked)
	page.Title = page.T("requests_title")
	page.Description = page.T("requests_description", "Federation", page.Federation)
	page.feedsOf(requestsPath, asked, "ics")
	page.States = page.choices("requests_show_", []string{"open", "all"}, []string{asked.Get("state")})
	from, next := pageFrom(c.Query("page"), perRequests)
	posts, err := f.Store.Requests(ctx, anybody(), q, from)
	if err != nil {
		return err
	}
	if page.Total, err = f.Store.CountRequests(ctx, anybody(), q); err != nil {
		return err
	}
	if len(posts) > perRequests {
		posts = posts[:perRequests]
		page.Next = withQuery(requestsPath, with(asked, "page", posts[perRequests-1].ID.String()))
	}
	if next {
		page.First, page.NoIndex = withQuery(requestsPath, asked), true
	}
	page.Requests = f.requestCards(page.tongue, posts)
	return f.show(c, http.StatusOK, "requests", page)
}

// pageFrom is the page that begins below an id; one item more than it shows, so that it
// knows of the next.
func pageFrom(text string, most int) (page coop.Page, later bool) {
	page = coop.Page{Limit: most + 1}
	if id, err := coop.ParseID(text); err == nil {
		page.Max = id
	}
	return page, page.Max != 0
}

// requestQuery reads what the address asks; what cannot be read is left out.
func (f *Face) requestQuery(c *gin.Context) (coop.RequestQuery, url.Values) {
	q, asked := coop.RequestQuery{Takes: f.Now()}, url.Values{}
	if c.Query("state") == "all" {
		q = coop.RequestQuery{}
		asked.Set("state", "all")
	}
	if text := coop.CleanLine(coop.Truncate(c.Query("q"), 800), 200); text != "" {
		if words, err := coop.ParseTextQuery(text); err == nil {
			q.Text = words
			asked.Set("q", text)
		}
	}
	if skill := coop.CleanLine(coop.Truncate(c.Query("skill"), 800), 200); skill != "" {
		q.Skill = skill
		asked.Set("skill", skill)
	}
	return q, asked
}

// requestCards are the cards of requests.
func (f *Face) requestCards(t *tongue, posts []*coop.Post) []requestCard {
	cards := make([]requestCard, 0, len(posts))
	for _, p := range posts {
		if p.Request != nil {
			cards = append(cards, f.requestCard(t, p))
		}
	}
	return cards
}

// requestCard is the card of one.
func (f *Face) requestCard(t *tongue, p *coop.Post) requestCard {
	q := p.Request
	wanted, accepted := q.Hours()
	card := requestCard{
		tongue: t, Title: lineOf(t.Lang, p.Language, q.Title, q.TitleMap), URL: f.pathOf(p), Who: f.person(p.Author), State: t.requestBadge(q, f.Now()),
		Most: wanted, Value: accepted, Meter: t.T("request_meter", "Accepted", t.Number(accepted), "Hours", t.Number(wanted)), Through: f.through(t, p),
	}
	names := make([]string, len(q.Slots))
	for i, s := range q.Slots {
		names[i] = s.Name
	}
	card.Facts = append(card.Facts, strings.Join(names, ", "))
	if budget := t.jobs.Budget(t.Lang, q.Budget); budget != "" {
		card.Facts = append(card.Facts, budget)
	}
	if q.Takes(f.Now()) {
		card.Until, card.UntilAt = t.Day(q.RespondBy), t.Stamp(q.RespondBy)
	}
	return card
}

// requestFeed answers /requests.atom and its like: what the list shows, whatever was
// asked; the calendar has the days until which co-ops offer.
func (f *Face) requestFeed(format string) respond.Handler {
	return func(c *gin.Context) error {
		q, asked := f.requestQuery(c)
		posts, err := f.Store.Requests(c.Request.Context(), anybody(), q, coop.Page{Limit: mostItems})
		if err != nil {
			return err
		}
		t := f.tongueOf(c)
		return f.answerFeed(c, format, feed{
			Title: t.T("requests_title") + " · " + f.federationName(c), Language: t.Lang,
			Page: f.root() + withQuery(requestsPath, asked), Self: f.root() + withQuery(requestsPath+"."+format, asked), Items: f.feedItems(posts),
		})
	}
}

// requestPath is an address below the one that a request has here.
func requestPath(p *coop.Post, rest string) string { return requestsPath + "/" + p.ID.String() + rest }
