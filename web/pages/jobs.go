// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
)

// boardPage is the job board.
type boardPage struct {
	frame
	Query     coop.JobQuery
	Jobs      []jobCard
	Total     int
	Next      string // address of the next page
	First     string // address of the first, from a later one
	Archive   string // address with the archive, or without it
	Clear     string
	Follow    string // address of the page that says how to hear of this search again; empty: none
	Filtered  bool
	Chips     []chip
	Problems  []string
	Hidden    []coop.QueryValue // what was asked and has no field in the form
	Kinds     []choice
	Tracks    []choice
	Sources   []choice
	Countries []choice
	Tongues   []choice
	Orders    []choice
	Remote    []choice
}

// chip is one thing that was asked, and the address of the same without it.
type chip struct {
	Name, Without string
	Unknown       bool
}

// perBoard is how many jobs stand on one page.
const perBoard = 20

// board answers /jobs. The address is the whole search; nothing that can be typed
// into it is an error.
func (f *Face) board(c *gin.Context) error {
	query := coop.ParseJobQuery(c.Request.URL.Query())
	cursor := c.Query("page")
	list, err := f.Store.SearchJobs(c.Request.Context(), anybody(), query, storage.JobPage{Cursor: cursor, Limit: perBoard, Domain: f.AccountDomain})
	if err != nil {
		return err
	}
	asked := query.Values()
	page := boardPage{Query: query, Total: list.Total}
	page.frame = f.frame(c, "", "jobs", asked)
	page.Title = page.T("jobs_title")
	page.Description = page.T("jobs_description", "Federation", page.Federation)
	page.feedsOf("/jobs", asked, "ics")
	page.Jobs = f.jobCards(page.tongue, list.Posts)
	if list.Next != "" {
		page.Next = withQuery("/jobs", with(asked, "page", list.Next))
	}
	if cursor != "" {
		page.First, page.NoIndex = withQuery("/jobs", asked), true
	}
	if _, wrong := coop.SearchOf(c.Request.URL.Query()); wrong == nil {
		page.Follow = withQuery(followPath, asked)
	}
	page.fillForm(asked)
	return f.show(c, http.StatusOK, "jobs", page)
}

// with is a copy of parameters with one set.
func with(q url.Values, name, value string) url.Values {
	out := without(q, name, "")
	out.Set(name, value)
	return out
}

// without is a copy of parameters without one value; an empty value means all.
func without(q url.Values, name, value string) url.Values {
	out := url.Values{}
	for k, list := range q {
		for _, v := range list {
			if k != name || value != "" && v != value {
				out.Add(k, v)
			}
		}
	}
	return out
}

// fillForm fills in what was asked, so that the form shows it and changes it.
func (p *boardPage) fillForm(asked url.Values) {
	q := &p.Query
	p.Archive = withQuery("/jobs", with(asked, "state", "archive"))
	if q.Archive {
		p.Archive = withQuery("/jobs", without(asked, "state", ""))
	}
	p.Kinds = p.choices("engagement_", coop.Engagements(), q.Engagement)
	p.Tracks = p.choices("track_", coop.MembershipTracks(), q.Track)
	p.Sources = p.choices("source_", []string{"own", "followed", "wider"}, q.Source)
	p.Orders = p.choices("order_", []string{"best", "newest", "closing"}, []string{string(q.Order)})
	p.Remote = p.choices("remote_", []string{"any", "1", "0"}, asked["remote"])
	p.Remote[0].Value = ""
	p.Countries, p.Tongues = p.countryChoices(q.Country), p.languageChoices(q.Lang)
	p.Problems = p.problems(q.Problems)
	inForm := []string{"q", "engagement", "track", "source", "order", "remote", "country", "lang", "state"}
	for _, name := range sortedNames(asked) {
		for n, value := range asked[name] {
			if !slices.Contains(inForm, name) || n > 0 && (name == "country" || name == "lang") {
				p.Hidden = append(p.Hidden, coop.QueryValue{Name: name, Value: value})
			}
			p.addChip(asked, name, value)
		}
	}
	p.Filtered = len(p.Chips) > 0
}

// addChip notes a thing that narrows the list.
func (p *boardPage) addChip(asked url.Values, name, value string) {
	unknown := slices.Contains(p.Query.Unknown, coop.QueryValue{Name: name, Value: value})
	if (name == "order" || name == "state") && !unknown {
		return
	}
	p.Chips = append(p.Chips, chip{p.chipName(name, value, unknown), withQuery("/jobs", without(asked, name, value)), unknown})
}

// chipName says in words what was asked.
func (p *boardPage) chipName(name, value string, unknown bool) string {
	if unknown {
		return p.T("filter_unknown", "Value", value)
	}
	switch name {
	case "engagement", "track", "source", "remote":
		return p.T(name + "_" + value)
	case "country":
		return p.Country(value)
	case "lang":
		return p.T("filter_lang", "Language", p.Language(value))
	case "q":
		return "“" + value + "”"
	case "hours_min", "hours_max", "pay_min", "currency", "new", "closing", "skill", "coop", "federation":
		return p.T("filter_"+name, "Value", value)
	}
	return name + ": " + value
}

// choices are the values of a closed list with their words.
func (t *tongue) choices(prefix string, values, chosen []string) []choice {
	list := make([]choice, len(values))
	for i, v := range values {
		list[i] = choice{v, t.T(prefix + v), slices.Contains(chosen, v)}
	}
	return list
}

// problems says in words what was wrong with a query.
func (t *tongue) problems(list coop.Invalid) []string {
	var out []string
	for _, p := range list {
		key := "query_problem"
		switch {
		case p.Field == "currency":
			key = "query_currency"
		case p.Code == coop.CodeTooLong:
			key = "query_too_long"
		case p.Code == "only_negations":
			key = "query_only_negations"
		}
		out = append(out, t.T(key))
	}
	return out
}

// sortedNames are the names of parameters in order.
func sortedNames(q url.Values) []string {
	names := make([]string, 0, len(q))
	for name := range q {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// jobByID answers /jobs/ID: the copy of another server's job. A job of ours has an
// address of its own.
func (f *Face) jobByID(c *gin.Context) error {
	p, err := f.byID(c, coop.KindJob)
	if err != nil || p == nil {
		return err
	}
	return f.showJob(c, p)
}

// byID finds the post of a kind by the local id in the address; nil without error
// means that the reader was sent to its own address.
func (f *Face) byID(c *gin.Context, kind coop.PostKind) (*coop.Post, error) {
	id, err := coop.ParseID(c.Param("id"))
	if err != nil {
		return nil, err
	}
	p, err := f.Store.Post(c.Request.Context(), anybody(), id)
	if err != nil {
		return nil, err
	}
	if own := f.pathOf(p); own != c.Request.URL.Path {
		if p.Kind != kind && (kind != coop.KindNote || p.Kind != coop.KindQuestion) || !p.Local {
			return nil, fmt.Errorf("post %s has another address: %w", id, coop.ErrNotFound)
		}
		c.Redirect(http.StatusFound, withQuery(own, c.Request.URL.Query()))
		return nil, nil
	}
	return p, nil
}
