// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/web/mastodon/entity"
)

// openListJSON is an open list that was read in.
type openListJSON struct {
	Source     string      `json:"source"`
	URL        entity.Null `json:"url"`
	Licence    string      `json:"licence"`
	ImportedAt entity.Time `json:"imported_at"`
	Entries    int         `json:"entries"`
}

// openListOf shows an open list.
func openListOf(l coop.OpenList) openListJSON {
	return openListJSON{l.Source, entity.Null(l.Address), l.Licence, entity.Time(l.ImportedAt), l.Entries}
}

// openLists answers GET /api/v1/minga/coops/lists: the open lists that were read in.
func (f *Face) openLists(c *gin.Context) error {
	lists, err := f.Store.OpenLists(c.Request.Context())
	if err != nil {
		return err
	}
	out := make([]openListJSON, len(lists))
	for i, l := range lists {
		out[i] = openListOf(l)
	}
	c.JSON(http.StatusOK, out)
	return nil
}

// listedJSON is a co-op of open lists, which is no account.
type listedJSON struct {
	ID        entity.ID           `json:"id"`
	Name      string              `json:"name"`
	URL       entity.Null         `json:"url"`
	Note      string              `json:"note"`
	Place     entity.Null         `json:"place"`
	Country   entity.Null         `json:"country"`
	Latitude  *float64            `json:"latitude"`
	Longitude *float64            `json:"longitude"`
	Members   *int                `json:"members"`
	Languages entity.List[string] `json:"languages"`
	Services  []offeringJSON      `json:"services"`
	Lists     []openListJSON      `json:"lists"`
}

// listedCoops answers GET /api/v1/minga/coops/listed: the entries of open lists that
// answer the query of [coop.DirectoryQuery], in the order in which they were read, those
// after `after`.
func (f *Face) listedCoops(c *gin.Context) error {
	after, _ := coop.ParseID(c.Query("after"))
	list, err := f.Store.ListedCoops(c.Request.Context(), coop.ParseDirectoryQuery(c.Request.URL.Query()), after, pageOf(c, 40, 80).Limit)
	if err != nil {
		return err
	}
	out := make([]listedJSON, len(list))
	for i, l := range list {
		out[i] = listedOf(l)
	}
	c.JSON(http.StatusOK, out)
	return nil
}

// listedOf shows an entry.
func listedOf(l *coop.ListedCoop) listedJSON {
	out := listedJSON{
		ID: entity.ID(l.ID), Name: l.Name, URL: entity.Null(l.URL), Note: l.Note, Place: entity.Null(strings.TrimSpace(l.Place)), Country: entity.Null(l.Country),
		Members: saidCount(l.Members), Languages: l.Languages, Services: []offeringJSON{}, Lists: []openListJSON{},
	}
	if l.At != nil {
		out.Latitude, out.Longitude = &l.At.Latitude, &l.At.Longitude
	}
	for _, s := range l.Services {
		out.Services = append(out.Services, offeringOf(s))
	}
	for _, from := range l.Lists {
		out.Lists = append(out.Lists, openListOf(from))
	}
	return out
}
