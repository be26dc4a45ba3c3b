// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/inbox"
	"minga/storage"
)

// boardPage is the job board.
type boardPage struct {
	frame
	Query      coop.JobQuery
	Jobs       []jobCard
	Total      int
	Next       string // address of the next page
	First      string // address of the first, from a later one
	Archive    string // address with the archive, or without it
	Clear      string
	Filtered   bool
	Chips      []chip
	Problems   []string
	Hidden     []coop.QueryValue // what was asked and has no field in the form
	Kinds      []choice
	Tracks     []choice
	Remote     []choice
	Countries  []choice // from which one applies
	Zones      []string
	Orders     []choice
	Facets     []facetList
	Notes      []string          // what is left out, and how a place was understood
	SkillNames map[string]string // of the skills that were asked by their addresses
	Map        *mapView          // nil: a list
	OtherView  string            // address of the map, or of the list
	Follow     string            // address of the page that says how to hear of this search again; empty: none
	Asked      []coop.QueryValue // the whole search, to ask the network for it
	Heard      []inbox.Answer    // what servers answered that were asked
	Silent     []string          // hosts of those that did not
	WasAsked   bool
}

// chip is one thing that was asked, and the address of the same without it.
type chip struct {
	Name, Without string
	Unknown       bool
}

// perBoard is how many jobs stand on one page, and jobsOnMap on one map.
const (
	perBoard  = 20
	jobsOnMap = 80
)

// boardMap is the map of jobs whose place is known.
func (f *Face) boardMap(ctx context.Context, t *tongue, posts []*coop.Post, region string, asked url.Values) (*mapView, error) {
	ids := make([]coop.ID, len(posts))
	for i, p := range posts {
		ids[i] = p.ID
	}
	known, err := f.Store.JobPoints(ctx, ids)
	if err != nil {
		return nil, err
	}
	var points []mapPoint
	for _, p := range posts {
		for _, at := range known[p.ID] {
			points = append(points, mapPoint{At: at, Name: lineOf(t.Lang, p.Language, p.Job.Title, p.Job.TitleMap).Text, URL: f.pathOf(p), Where: strings.Join(placeLines(p.Job), "; ")})
		}
	}
	view := f.worldMap(t, t.T("board_map_title"), points, region, mapLinks("/jobs", asked))
	return &view, nil
}

// board answers /jobs. The address is the whole search; nothing that can be typed
// into it is an error.
func (f *Face) board(c *gin.Context) error {
	query := coop.ParseJobQuery(c.Request.URL.Query())
	if query.Ask {
		c.Redirect(http.StatusSeeOther, withQuery(askPath, query.Values()))
		return nil
	}
	return f.showBoard(c, query, nil)
}

// showBoard draws the board; heard is what other servers said to the same question, nil
// where none was asked.
func (f *Face) showBoard(c *gin.Context, query coop.JobQuery, heard []inbox.Answer) error {
	cursor := c.Query("page")
	query, err := f.Store.LookUp(c.Request.Context(), query)
	if err != nil {
		return err
	}
	region, onMap := c.GetQuery("map")
	limit := perBoard
	if onMap {
		limit = jobsOnMap
	}
	list, err := f.Store.SearchJobs(c.Request.Context(), anybody(), query, storage.JobPage{Cursor: cursor, Limit: limit, Domain: f.AccountDomain, Count: true})
	if err != nil {
		return err
	}
	asked := query.Values()
	page := boardPage{Query: query, Total: list.Total}
	page.frame = f.frame(c, "", "jobs", asked)
	page.Title = page.T("jobs_title")
	page.Description = page.T("jobs_description", "Federation", page.Federation)
	page.feedsOf("/jobs", asked, "ics", "csv", "xml")
	if page.Jobs = f.foundCards(page.tongue, &query, list); onMap {
		if page.Map, err = f.boardMap(c.Request.Context(), page.tongue, list.Posts, region, asked); err != nil {
			return err
		}
	}
	page.OtherView = withQuery("/jobs", with(asked, "map", "world"))
	if onMap {
		page.OtherView = withQuery("/jobs", asked)
	}
	if page.Facets, err = f.facets(c.Request.Context(), page.tongue, &query, list, asked); err != nil {
		return err
	}
	page.notes(list)
	if page.SkillNames, err = f.Store.SkillNames(c.Request.Context(), query.Skill, page.Lang); err != nil {
		return err
	}
	if list.Next != "" {
		page.Next = withQuery("/jobs", with(asked, "page", list.Next))
		if onMap {
			page.Next = withQuery("/jobs", with(with(asked, "page", list.Next), "map", region))
		}
	}
	if cursor != "" {
		page.First, page.NoIndex = withQuery("/jobs", asked), true
	}
	if _, wrong := coop.SearchOf(c.Request.URL.Query()); wrong == nil {
		page.Follow = withQuery(followPath, asked)
	}
	page.fillForm(asked)
	page.fillNetwork(heard, asked)
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
	orders := []string{"best", "newest", "closing", "pay"}
	if q.Place != "" {
		orders = append(orders, "distance")
	}
	p.Orders = p.choices("order_", orders, []string{string(q.Order)})
	p.Kinds = p.choices("engagement_", coop.Engagements(), q.Engagement)
	p.Tracks = p.choices("track_", coop.MembershipTracks(), q.Track)
	p.Remote = p.choices("remote_", []string{"any", "1", "0"}, asked["remote"])
	p.Remote[0].Value = ""
	p.Countries = p.countryChoices(q.ApplyFrom)
	p.Zones = boardZones
	p.Problems = p.problems(q.Problems)
	for _, name := range sortedNames(asked) {
		for n, value := range asked[name] {
			if !slices.Contains(inBoardForm, name) || n > 0 && name == "apply_from" {
				p.Hidden = append(p.Hidden, coop.QueryValue{Name: name, Value: value})
			}
			p.addChip(asked, name, value)
		}
	}
	p.Filtered = len(p.Chips) > 0
}

// inBoardForm are the parameters that the form has a field for; what else was asked
// goes with it unseen.
var inBoardForm = []string{
	"q", "place", "radius", "engagement", "track", "remote", "skill", "apply_from", "hours_min", "hours_max", "pay_min", "currency", "tz", "overlap", "new", "closing",
	"verified", "open_to_new", "order", "state",
}

// boardZones are suggested where a time zone is asked for; any other of IANA's may be
// typed.
var boardZones = []string{
	"America/Argentina/Buenos_Aires", "America/Bogota", "America/Mexico_City", "America/Montevideo", "America/New_York", "America/Sao_Paulo", "Europe/Lisbon",
	"Europe/London", "Europe/Madrid", "Europe/Rome",
}

// foundCards are the cards of what a search found, each with why it stands there.
func (f *Face) foundCards(t *tongue, q *coop.JobQuery, list storage.JobList) []jobCard {
	cards := make([]jobCard, 0, len(list.Posts))
	for i, p := range list.Posts {
		if p.Job == nil {
			continue
		}
		card := f.jobCard(t, p)
		if i < len(list.Found) {
			card.Why = t.why(q, p, list.Found[i], f.Now())
		}
		cards = append(cards, card)
	}
	return cards
}

// notes says what is left out, and how a place was understood.
func (p *boardPage) notes(list storage.JobList) {
	if near := p.Query.Near; p.Query.Place != "" && near != nil {
		switch {
		case !near.Known:
			p.Notes = append(p.Notes, p.T("board_place_unknown", "Place", p.Query.Place))
		case near.Whole:
			p.Notes = append(p.Notes, p.T("board_place_known", "Place", p.Country(near.Country)))
		default:
			p.Notes = append(p.Notes, p.T("board_place_known", "Place", near.Value()))
		}
	}
	if list.OtherCurrency > 0 {
		p.Notes = append(p.Notes, p.N("board_other_currency", list.OtherCurrency))
	}
}

// Skills are those that were asked, as the field has them.
func (p boardPage) Skills() string { return strings.Join(p.Query.Skill, ", ") }

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
	case "apply_from":
		return p.T("filter_apply_from", "Value", p.Country(value))
	case "verified", "open_to_new":
		return p.T("board_" + name)
	case "skill":
		if named := p.SkillNames[value]; named != "" {
			value = named
		}
		return p.T("filter_skill", "Value", value)
	case "lang":
		return p.T("filter_lang", "Language", p.Language(value))
	case "q":
		return "“" + value + "”"
	case "hours_min", "hours_max", "pay_min", "currency", "new", "closing", "coop", "federation", "sector", "place", "radius", "tz", "overlap":
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
		case p.Field == "tz":
			key = "query_zone"
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
	if err != nil && kind == coop.KindArticle {
		p, err = f.forMembers(c, err, func(ctx context.Context, v coop.Viewer) (*coop.Post, error) { return f.Store.Post(ctx, v, id) })
	}
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
