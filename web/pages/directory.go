// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/web/auth"
)

// directoryRoutes are the co-ops, as a list and on a map.
func (f *Face) directoryRoutes() []auth.Route {
	return slices.Concat(publicPage("/directory", f.directory), publicPage("/directory/map", f.directoryMap), machines("/directory.csv", f.directoryTable), machines("/directory.json", f.directoryJSON))
}

// Bounds of the directory.
const (
	perDirectory = 24
	mostOnMap    = 500
	mostInTable  = 1000
)

// directoryPage is the directory of co-ops.
type directoryPage struct {
	frame
	Q         string
	Coops     []coopCard
	Total     int
	Countries []choice
	Tongues   []choice
	Evidence  []choice
	Services  []choice
	Sizes     []choice
	Place     string
	Radius    string
	Skill     string
	Window    []way // featured services, the shop window
	Listed    []listedCard
	terms     map[string]string // services of the query as the catalogue calls them
	Hidden    []coop.QueryValue // what was asked and has no field in the form
	Chips     []chip
	List      way
	OnMap     way
	CSV, JSON string
	Next      string
	First     string
	Map       *mapView
	Placeless int // co-ops that say no place we know
}

// coopCard is a co-op in the directory.
type coopCard struct {
	Who      person
	Bio      line
	Facts    []string
	Services []way
	Verified []person // federations that say so too
	JobsURL  string
}

// directory answers /directory: a list of the co-ops that answer the query.
func (f *Face) directory(c *gin.Context) error {
	ctx := c.Request.Context()
	page, query, err := f.directoryFrame(c, "/directory")
	if err != nil {
		return err
	}
	asked := directoryValues(c.Request.URL.Query())
	rows, inLists := strings.CutPrefix(c.Query("page"), "list-")
	after, _ := coop.ParseID(c.Query("page")) // what is no id is the first page
	if page.First = ""; after != 0 || inLists {
		page.First, page.NoIndex = withQuery("/directory", asked), true
	}
	if !inLists {
		list, err := f.Store.Coops(ctx, query, f.AccountDomain, coop.Page{Max: after, Limit: perDirectory + 1})
		if err != nil {
			return err
		}
		if len(list) > perDirectory {
			list = list[:perDirectory]
			page.Next = withQuery("/directory", with(asked, "page", list[perDirectory-1].ID.String()))
		}
		if page.Coops, err = f.coopCards(ctx, page.tongue, list); err != nil {
			return err
		}
	}
	if page.Next == "" {
		from, _ := coop.ParseID(rows)
		if err := f.fillListed(ctx, page, query, asked, from); err != nil {
			return err
		}
	}
	return f.show(c, http.StatusOK, "directory", page)
}

// directoryMap answers /directory/map: where the same co-ops are.
func (f *Face) directoryMap(c *gin.Context) error {
	ctx := c.Request.Context()
	page, query, err := f.directoryFrame(c, "/directory/map")
	if err != nil {
		return err
	}
	list, err := f.Store.Coops(ctx, query, f.AccountDomain, coop.Page{Limit: mostOnMap})
	if err != nil {
		return err
	}
	points, err := f.coopPoints(ctx, page.tongue, list)
	if err != nil {
		return err
	}
	page.Placeless = len(list) - len(points)
	listed, err := f.Store.ListedCoops(ctx, query, 0, mostOnMap)
	if err != nil {
		return err
	}
	for _, l := range listed {
		if l.At != nil {
			points = append(points, mapPoint{At: *l.At, Name: l.Name, URL: l.URL, Where: l.Place})
		} else {
			page.Placeless++
		}
	}
	asked := directoryValues(c.Request.URL.Query())
	world := f.worldMap(page.tongue, page.T("directory_map_of"), points, c.Query("map"), mapLinks("/directory/map", asked))
	page.Map = &world
	return f.show(c, http.StatusOK, "directory", page)
}

// coopPoints are where co-ops are, as they say, or as the gazetteer knows. Of those of one
// town the gazetteer is asked once.
func (f *Face) coopPoints(ctx context.Context, t *tongue, list []*coop.Account) ([]mapPoint, error) {
	type found struct {
		at    coop.Point
		known bool
	}
	towns := map[string]found{}
	var points []mapPoint
	for _, a := range list {
		if a.Coop == nil || a.Coop.Place == nil {
			continue
		}
		p := *a.Coop.Place
		key := p.Locality + "\n" + p.Region + "\n" + p.Country
		at, there := towns[key]
		if point, says := p.Point(); says {
			at = found{point, true}
		} else if !there {
			var err error
			if at.at, at.known, err = f.Store.Locate(ctx, p); err != nil {
				return nil, err
			}
			towns[key] = at
		}
		if at.known {
			who := f.person(a)
			points = append(points, mapPoint{At: at.at, Name: who.Name, URL: who.URL, Where: t.townOf(p)})
		}
	}
	return points, nil
}

// townOf is the town of a place with its country.
func (t *tongue) townOf(p coop.Place) string {
	var parts []string
	for _, part := range []string{p.Locality, t.Country(p.Country)} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ", ")
}

// directoryParameters are those of the query of the directory.
var directoryParameters = []string{"q", "country", "language", "sector", "type", "evidence", "federation", "source", "service", "technology", "size", "place", "radius", "skill"}

// directoryValues are the parameters of the directory alone, empty ones left out.
func directoryValues(all url.Values) url.Values {
	asked := url.Values{}
	for _, name := range directoryParameters {
		for _, value := range all[name] {
			if value = coop.CleanLine(coop.Truncate(value, 400), 200); value != "" && len(asked[name]) < 20 {
				asked.Add(name, value)
			}
		}
	}
	return asked
}

// directoryFrame is what list and map share.
func (f *Face) directoryFrame(c *gin.Context, path string) (*directoryPage, coop.DirectoryQuery, error) {
	asked := directoryValues(c.Request.URL.Query())
	query := coop.ParseDirectoryQuery(asked)
	page := &directoryPage{Q: query.Q, frame: f.frame(c, "", "directory", asked)}
	page.Title, page.Description = page.T("directory_title"), page.T("directory_intro", "Federation", page.Federation)
	page.CSV, page.JSON = withQuery("/directory.csv", asked), withQuery("/directory.json", asked)
	page.List = way{withQuery("/directory", asked), page.T("directory_list"), path == "/directory"}
	page.OnMap = way{withQuery("/directory/map", asked), page.T("directory_map"), path != "/directory"}
	counts, err := f.Store.CoopFacets(c.Request.Context(), query, f.AccountDomain)
	if err != nil {
		return nil, query, err
	}
	all, err := f.Store.CoopFacets(c.Request.Context(), coop.DirectoryQuery{}, f.AccountDomain)
	if err != nil {
		return nil, query, err
	}
	for _, n := range counts {
		if n.Facet == "evidence" { // each co-op has just one
			page.Total += n.Count
		}
	}
	listed, _, err := f.Store.ListedFacets(c.Request.Context(), query)
	if err != nil {
		return nil, query, err
	}
	page.Total += listed
	if err := f.fillWindow(c.Request.Context(), page, query, asked, path); err != nil {
		return nil, query, err
	}
	choices := map[string][]choice{}
	for _, n := range all {
		choices[n.Facet] = append(choices[n.Facet], choice{n.Value, page.directoryWord(n.Facet, n.Value), slices.Contains(asked[n.Facet], n.Value)})
	}
	countries, err := f.listedCountries(c.Request.Context(), choices["country"], page, asked)
	if err != nil {
		return nil, query, err
	}
	choices["country"] = countries
	for facet, list := range map[string]*[]choice{"country": &page.Countries, "language": &page.Tongues, "evidence": &page.Evidence} {
		*list = choices[facet]
		slices.SortFunc(*list, func(a, b choice) int { return cmp.Compare(coop.Fold(a.Name), coop.Fold(b.Name)) })
	}
	page.directoryChips(asked, path)
	return page, query, nil
}

// directoryFields are the parameters that the form has a field for.
var directoryFields = []string{"q", "country", "language", "evidence", "service", "size", "place", "radius", "skill"}

// directoryChips says what was asked, each with a way to take it out.
func (p *directoryPage) directoryChips(asked url.Values, path string) {
	for _, name := range directoryParameters {
		for n, value := range asked[name] {
			field := slices.Contains(directoryFields, name)
			if !field || n > 0 {
				p.Hidden = append(p.Hidden, coop.QueryValue{Name: name, Value: value})
			}
			if name == "radius" {
				continue // it says nothing by itself
			}
			word := p.directoryWord(name, value)
			if called := p.terms[coop.FoldService(value)]; called != "" && (name == "service" || name == "technology") {
				word = called
			}
			p.Chips = append(p.Chips, chip{Name: word, Without: withQuery(path, without(asked, name, value))})
		}
	}
}

// directoryWord says a value of the query in words.
func (t *tongue) directoryWord(name, value string) string {
	switch name {
	case "country":
		return t.Country(value)
	case "language":
		return t.Language(value)
	case "evidence":
		if slices.Contains([]string{coop.EvidenceClaimed, coop.EvidenceFederation, coop.EvidenceApex}, value) {
			return t.T("directory_evidence_" + value)
		}
	case "source":
		if slices.Contains([]string{"own", "followed", "wider"}, value) {
			return t.T("source_" + value)
		}
		if value == coop.SourceImported {
			return t.T("directory_imported")
		}
	case "size":
		return t.T("directory_size_of", "Size", strings.ReplaceAll(value, "-", "–"))
	case "place":
		return t.T("directory_near", "Place", value)
	case "skill":
		return t.T("directory_time_for", "Skill", value)
	case "q":
		return "“" + value + "”"
	}
	return value
}

// coopCards shows co-ops, with the federations that say that they are theirs.
func (f *Face) coopCards(ctx context.Context, t *tongue, list []*coop.Account) ([]coopCard, error) {
	ids := make([]coop.ID, len(list))
	for i, a := range list {
		ids[i] = a.ID
	}
	verified, err := f.Store.VerifiedIn(ctx, ids)
	if err != nil {
		return nil, err
	}
	var organizations []coop.ID
	for _, some := range verified {
		organizations = append(organizations, some...)
	}
	known, err := f.Store.Accounts(ctx, organizations)
	if err != nil {
		return nil, err
	}
	services, err := f.Store.ServicesOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	cards := make([]coopCard, len(list))
	for i, a := range list {
		cards[i] = coopCard{Who: f.person(a), Bio: line{a.Language, excerpt(a.Bio, 220)}, Facts: t.coopLine(a)}
		cards[i].Services = offeringWays(services[a.ID], mostOnCard)
		cards[i].JobsURL = withQuery("/jobs", url.Values{"coop": {strings.TrimPrefix(cards[i].Who.Handle, "@")}})
		for _, id := range verified[a.ID] {
			if o := known[id]; o != nil && !o.Gone() {
				cards[i].Verified = append(cards[i].Verified, f.person(o))
			}
		}
	}
	return cards, nil
}

// coopLine is what a co-op says of itself, in one line.
func (t *tongue) coopLine(a *coop.Account) []string {
	if a.Coop == nil {
		return nil
	}
	var list []string
	if p := a.Coop.Place; p != nil {
		list = append(list, t.townOf(*p))
	}
	if a.Coop.Members > 0 {
		list = append(list, t.N("directory_members", a.Coop.Members))
	}
	list = append(list, strings.Join(t.languages(a.Coop.Languages), ", "))
	return slices.DeleteFunc(list, func(s string) bool { return s == "" })
}
