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

// directoryFrame is what list and map share.
func (f *Face) directoryFrame(c *gin.Context, path string) (*directoryPage, coop.DirectoryQuery, error) {
	asked := directoryValues(c.Request.URL.Query())
	query := coop.ParseDirectoryQuery(asked)
	page := &directoryPage{Q: query.Q, frame: f.frame(c, "", "directory", asked)}
	page.Title, page.Description = page.T("directory_title"), page.T("directory_intro", "Federation", page.Federation)
	page.CSV, page.JSON = withQuery("/directory.csv", asked), withQuery("/directory.json", asked)
	page.List = way{withQuery("/directory", asked), page.T("directory_list"), path == "/directory"}
	page.OnMap = way{withQuery("/directory/map", asked), page.T("directory_map"), path != "/directory"}
	ctx := c.Request.Context()
	if err := f.countDirectory(ctx, page, query); err != nil {
		return nil, query, err
	}
	if err := f.fillWindow(ctx, page, query, asked, path); err != nil {
		return nil, query, err
	}
	if err := f.fillChoices(ctx, page, asked); err != nil {
		return nil, query, err
	}
	page.directoryChips(asked, path)
	return page, query, nil
}

// countDirectory says how many entries answer the query, accounts and those of open lists.
func (f *Face) countDirectory(ctx context.Context, page *directoryPage, query coop.DirectoryQuery) error {
	counts, err := f.Store.CoopFacets(ctx, query, f.AccountDomain)
	if err != nil {
		return err
	}
	for _, n := range counts {
		if n.Facet == "evidence" { // each co-op has just one
			page.Total += n.Count
		}
	}
	listed, _, err := f.Store.ListedFacets(ctx, query)
	page.Total += listed
	return err
}

// fillChoices fills in what the form can be set to, in the order of its words.
func (f *Face) fillChoices(ctx context.Context, page *directoryPage, asked url.Values) error {
	all, err := f.Store.CoopFacets(ctx, coop.DirectoryQuery{}, f.AccountDomain)
	if err != nil {
		return err
	}
	choices := map[string][]choice{}
	for _, n := range all {
		choices[n.Facet] = append(choices[n.Facet], choice{n.Value, page.directoryWord(n.Facet, n.Value), slices.Contains(asked[n.Facet], n.Value)})
	}
	if choices["country"], err = f.listedCountries(ctx, choices["country"], page, asked); err != nil {
		return err
	}
	for facet, list := range map[string]*[]choice{"country": &page.Countries, "language": &page.Tongues, "evidence": &page.Evidence} {
		*list = choices[facet]
		slices.SortFunc(*list, func(a, b choice) int { return cmp.Compare(coop.Fold(a.Name), coop.Fold(b.Name)) })
	}
	return nil
}
