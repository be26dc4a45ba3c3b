// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"bytes"
	"encoding/csv"
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
)

// directoryTable answers /directory.csv: the co-ops that answer the query, for a
// spreadsheet.
func (f *Face) directoryTable(c *gin.Context) error {
	query := coop.ParseDirectoryQuery(directoryValues(c.Request.URL.Query()))
	list, err := f.Store.Coops(c.Request.Context(), query, f.AccountDomain, coop.Page{Limit: mostInTable})
	if err != nil {
		return err
	}
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	rows := [][]string{{"name", "handle", "url", "locality", "region", "country", "members", "workers", "languages", "founded"}}
	for _, a := range list {
		rows = append(rows, f.coopRow(a))
	}
	if err := w.WriteAll(rows); err != nil {
		return err
	}
	c.Header("Cache-Control", always)
	send(c, http.StatusOK, "text/csv; charset=utf-8", fingerprint(out.Bytes()), out.Bytes(), nil)
	return nil
}

// coopRow is a co-op as a row.
func (f *Face) coopRow(a *coop.Account) []string {
	who, facts := f.person(a), a.Coop
	if facts == nil {
		facts = &coop.CoopFacts{}
	}
	place := coop.Place{}
	if facts.Place != nil {
		place = *facts.Place
	}
	address := who.URL
	if strings.HasPrefix(address, "/") {
		address = f.root() + address
	}
	row := []string{
		who.Name, strings.TrimPrefix(who.Handle, "@"), address, place.Locality, place.Region, place.Country,
		positive(facts.Members), positive(facts.Workers), strings.Join(facts.Languages, " "), facts.Founded,
	}
	for i := range row {
		row[i] = plainCell(row[i])
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

// plainCell keeps spreadsheets from taking what people wrote for a formula.
func plainCell(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
