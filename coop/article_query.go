// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"net/url"
	"strings"
)

// ArticleOrder is in which order articles are listed.
type ArticleOrder string

// The orders; ArticlesNewest is the default. ArticlesUsed is by how many co-ops used
// them, then what was checked within a year, then the newest.
const (
	ArticlesNewest ArticleOrder = "newest"
	ArticlesUsed   ArticleOrder = "used"
)

// ArticleQuery is a question to a library, as [JobQuery] is to a board: the values of
// one list are alternatives, the fields must hold together.
type ArticleQuery struct {
	Q          string
	Text       TextQuery
	Lang       []string // BCP 47, as it is usually written
	Topic      []string // an address, or a name
	Series     []string // addresses
	License    []string // addresses, as [LicenceOf] writes those that it knows
	Coop       []string // handles, in small letters, without a leading @
	Federation []string // handles; their verified members are meant
	Source     []string
	Needs      []string // languages, BCP 47: what may be put into one of them and was not
	Archive    bool     // with those that were superseded or archived
	Order      ArticleOrder

	// Nothing is true when no article can match.
	Nothing bool
	// Problems are messages for the person who asked: field q.
	Problems Invalid
}

// ParseArticleQuery reads a query string, as [ParseJobQuery] does.
func ParseArticleQuery(values url.Values) ArticleQuery {
	r := queryReader{values: values}
	r.text()
	q := ArticleQuery{
		Lang:       r.list("lang", usualLanguage, ValidLanguage),
		Topic:      r.list("topic", sameText, isText),
		Series:     r.list("series", sameText, isText),
		License:    r.list("license", knownLicence, isText),
		Coop:       r.list("coop", bareHandle, isHandle),
		Federation: r.list("federation", bareHandle, isHandle),
		Source:     r.list("source", strings.ToLower, oneOfList([]string{"own", "followed", "wider"})),
		Needs:      r.list("needs", usualLanguage, ValidLanguage),
		Archive:    r.word("state", "open", "archive") == "archive",
		Order:      ArticlesNewest,
	}
	if ArticleOrder(strings.ToLower(r.first("order"))) == ArticlesUsed {
		q.Order = ArticlesUsed
	}
	q.Q, q.Text, q.Nothing, q.Problems = r.Q, r.Text, r.Nothing, r.Problems
	return q
}

// knownLicence is the address of a licence as it is kept.
func knownLicence(address string) string { return LicenceOf(address).URL }

// Values are the query string that asks this again, for links and feeds.
func (q ArticleQuery) Values() url.Values {
	values := url.Values{}
	if q.Q != "" {
		values.Set("q", q.Q)
	}
	for name, list := range map[string][]string{
		"lang": q.Lang, "topic": q.Topic, "series": q.Series, "license": q.License, "coop": q.Coop, "federation": q.Federation, "source": q.Source, "needs": q.Needs,
	} {
		for _, value := range list {
			values.Add(name, value)
		}
	}
	if q.Archive {
		values.Set("state", "archive")
	}
	if q.Order == ArticlesUsed {
		values.Set("order", string(q.Order))
	}
	return values
}
