// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

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

// perBoard is how many jobs stand on one page, and jobsOnMap on one map.
const (
	perBoard  = 20
	jobsOnMap = 80
)

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
	ctx, cursor := c.Request.Context(), c.Query("page")
	query, err := f.Store.LookUp(ctx, query)
	if err != nil {
		return err
	}
	region, onMap := c.GetQuery("map")
	limit := perBoard
	if onMap {
		limit = jobsOnMap
	}
	list, err := f.Store.SearchJobs(ctx, anybody(), query, storage.JobPage{Cursor: cursor, Limit: limit, Domain: f.AccountDomain, Count: true})
	if err != nil {
		return err
	}
	page := f.boardPage(c, query, list)
	if err := f.fillBoard(ctx, page, list); err != nil {
		return err
	}
	asked := query.Values()
	if onMap {
		if page.Map, err = f.boardMap(ctx, page.tongue, list.Posts, region, asked); err != nil {
			return err
		}
	}
	page.leadOn(asked, list.Next, region, onMap)
	if cursor != "" {
		page.First, page.NoIndex = withQuery("/jobs", asked), true
	}
	page.fillForm(asked)
	page.fillNetwork(heard, asked)
	return f.show(c, http.StatusOK, "jobs", page)
}

// boardPage is the page around what was found.
func (f *Face) boardPage(c *gin.Context, query coop.JobQuery, list storage.JobList) *boardPage {
	asked := query.Values()
	page := &boardPage{Query: query, Total: list.Total, frame: f.frame(c, "", "jobs", asked)}
	page.Title = page.T("jobs_title")
	page.Description = page.T("jobs_description", "Federation", page.Federation)
	page.feedsOf("/jobs", asked, "ics", "csv", "xml")
	if _, wrong := coop.SearchOf(c.Request.URL.Query()); wrong == nil {
		page.Follow = withQuery(followPath, asked)
	}
	return page
}

// fillBoard shows what was found, and by what it can be narrowed.
func (f *Face) fillBoard(ctx context.Context, page *boardPage, list storage.JobList) (err error) {
	page.Jobs = f.foundCards(page.tongue, &page.Query, list)
	if page.Facets, err = f.facets(ctx, page.tongue, &page.Query, list, page.Query.Values()); err != nil {
		return err
	}
	page.notes(list)
	page.SkillNames, err = f.Store.SkillNames(ctx, page.Query.Skill, page.Lang)
	return err
}

// leadOn says where the next page is, and the same as a map or a list.
func (p *boardPage) leadOn(asked url.Values, next, region string, onMap bool) {
	p.OtherView = withQuery("/jobs", with(asked, "map", "world"))
	if onMap {
		p.OtherView = withQuery("/jobs", asked)
	}
	if next == "" {
		return
	}
	more := with(asked, "page", next)
	if onMap {
		more = with(more, "map", region)
	}
	p.Next = withQuery("/jobs", more)
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
