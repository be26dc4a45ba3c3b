// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/coop/carry"
)

// entryJSON is an entry of the directory, for programs: an account, or a co-op of open
// lists.
type entryJSON struct {
	Name         string       `json:"name"`
	Handle       string       `json:"handle,omitempty"`
	URL          string       `json:"url,omitempty"`
	Locality     string       `json:"locality,omitempty"`
	Region       string       `json:"region,omitempty"`
	Country      string       `json:"country,omitempty"`
	Members      *int         `json:"members,omitempty"`
	Workers      *int         `json:"workers,omitempty"`
	Languages    []string     `json:"languages,omitempty"`
	Founded      string       `json:"founded,omitempty"`
	Services     []string     `json:"services,omitempty"`
	Sectors      []string     `json:"sectors,omitempty"`
	Technologies []string     `json:"technologies,omitempty"`
	Federations  []string     `json:"federations,omitempty"` // handles of those that say so too
	Sources      []sourceJSON `json:"sources,omitempty"`     // of imported entries
}

// sourceJSON says where an imported entry is from, and on which terms.
type sourceJSON struct {
	Source  string `json:"source"`
	URL     string `json:"url,omitempty"`
	Licence string `json:"licence"`
}

// directoryEntries are all that answers the query of a request.
func (f *Face) directoryEntries(c *gin.Context) ([]entryJSON, error) {
	ctx, query := c.Request.Context(), coop.ParseDirectoryQuery(directoryValues(c.Request.URL.Query()))
	entries, err := f.coopEntries(c, query)
	if err != nil {
		return nil, err
	}
	listed, err := f.Store.ListedCoops(ctx, query, 0, mostInTable)
	if err != nil {
		return nil, err
	}
	for _, l := range listed {
		entries = append(entries, listedEntry(l))
	}
	return entries, nil
}

// coopEntries are the accounts among them, with the federations that say so too.
func (f *Face) coopEntries(c *gin.Context, query coop.DirectoryQuery) ([]entryJSON, error) {
	ctx := c.Request.Context()
	list, err := f.Store.Coops(ctx, query, f.AccountDomain, coop.Page{Limit: mostInTable})
	if err != nil {
		return nil, err
	}
	ids := make([]coop.ID, len(list))
	for i, a := range list {
		ids[i] = a.ID
	}
	services, err := f.Store.ServicesOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	cards, err := f.coopCards(ctx, f.tongueOf(c), list)
	if err != nil {
		return nil, err
	}
	entries := make([]entryJSON, 0, len(list))
	for i, a := range list {
		e := f.coopEntry(a)
		e.offer(services[a.ID])
		for _, o := range cards[i].Verified {
			e.Federations = append(e.Federations, strings.TrimPrefix(o.Handle, "@"))
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// listedEntry is an entry of open lists, with where it is from.
func listedEntry(l *coop.ListedCoop) entryJSON {
	e := entryJSON{Name: l.Name, URL: l.URL, Locality: l.Place, Country: l.Country, Members: counted(l.Members), Languages: l.Languages}
	e.offer(l.Services)
	for _, from := range l.Lists {
		e.Sources = append(e.Sources, sourceJSON{from.Source, from.Address, from.Licence})
	}
	return e
}

// offer adds what a co-op does, in its own words.
func (e *entryJSON) offer(list []coop.Offering) {
	for _, o := range list {
		switch o.Kind {
		case coop.KindService:
			e.Services = append(e.Services, o.Label)
		case coop.KindSector:
			e.Sectors = append(e.Sectors, o.Label)
		case coop.KindTechnology:
			e.Technologies = append(e.Technologies, o.Label)
		}
	}
}

// coopEntry is an account as an entry.
func (f *Face) coopEntry(a *coop.Account) entryJSON {
	who, facts := f.person(a), a.Facts()
	place := coop.Place{}
	if facts.Place != nil {
		place = *facts.Place
	}
	address := who.URL
	if strings.HasPrefix(address, "/") {
		address = f.root() + address
	}
	return entryJSON{
		Name: who.Name, Handle: strings.TrimPrefix(who.Handle, "@"), URL: address, Locality: place.Locality, Region: place.Region, Country: place.Country,
		Members: counted(facts.Members), Workers: counted(facts.Workers), Languages: facts.Languages, Founded: facts.Founded,
	}
}

// counted is a number that was said; others are negative.
func counted(n int) *int {
	if n < 0 {
		return nil
	}
	return &n
}

// directoryJSON answers /directory.json: the co-ops that answer the query, for programs.
func (f *Face) directoryJSON(c *gin.Context) error {
	entries, err := f.directoryEntries(c)
	if err != nil {
		return err
	}
	body, err := json.Marshal(entries)
	if err != nil {
		return err
	}
	c.Header("Cache-Control", always)
	send(c, http.StatusOK, "application/json; charset=utf-8", fingerprint(body), body, nil)
	return nil
}

// directoryTable answers /directory.csv: the same for a spreadsheet.
func (f *Face) directoryTable(c *gin.Context) error {
	entries, err := f.directoryEntries(c)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	rows := [][]string{{
		"name", "handle", "url", "locality", "region", "country", "members", "workers", "languages", "founded",
		"services", "sectors", "technologies", "federations", "source", "licence",
	}}
	for _, e := range entries {
		rows = append(rows, e.row())
	}
	if err := w.WriteAll(rows); err != nil {
		return err
	}
	c.Header("Cache-Control", always)
	send(c, http.StatusOK, "text/csv; charset=utf-8", fingerprint(out.Bytes()), out.Bytes(), nil)
	return nil
}

// row is an entry as a row.
func (e entryJSON) row() []string {
	var sources, licences []string
	for _, s := range e.Sources {
		sources, licences = append(sources, s.Source), append(licences, s.Licence)
	}
	number := func(n *int) string {
		if n == nil {
			return ""
		}
		return positive(*n)
	}
	row := []string{
		e.Name, e.Handle, e.URL, e.Locality, e.Region, e.Country, number(e.Members), number(e.Workers), strings.Join(e.Languages, " "), e.Founded,
		strings.Join(e.Services, "; "), strings.Join(e.Sectors, "; "), strings.Join(e.Technologies, "; "), strings.Join(e.Federations, " "),
		strings.Join(sources, "; "), strings.Join(licences, "; "),
	}
	for i := range row {
		row[i] = carry.Inert(row[i])
	}
	return row
}

// positive is a number that was said.
func positive(n int) string {
	if n <= 0 {
		return ""
	}
	return strconv.Itoa(n)
}
