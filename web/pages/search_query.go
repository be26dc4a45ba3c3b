// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"net/url"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
)

// findQuery is what was asked.
type findQuery struct {
	Q, Kind, Lang, Topic, License, Federation string
	// From is where a page of posts, or of people, begins.
	From coop.ID
	Skip int
}

// findKinds are the kinds of things that it finds, in the order in which they are shown.
var findKinds = []string{"jobs", "library", "coops", "people", "posts", "tags"}

// findShown is how many of a kind are shown among others, and findAlone by themselves.
const (
	findShown = 3
	findAlone = 20
)

// findOf reads what was asked. Nothing that can be typed is an error.
func findOf(c *gin.Context) findQuery {
	text := func(name string) string {
		return coop.CleanLine(coop.Truncate(c.Query(name), 800), 200)
	}
	q := findQuery{Q: text("q"), Kind: text("kind"), Lang: text("lang"), Topic: text("topic"), License: text("license"), Federation: strings.TrimPrefix(text("federation"), "@"), From: before(c)}
	if !slices.Contains(findKinds, q.Kind) {
		q.Kind = ""
	}
	if skip, err := coop.ParseID(text("skip")); err == nil {
		q.Skip = int(min(skip, 400))
	}
	return q
}

// values are the parameters of a question, those of its page left out.
func (q findQuery) values() url.Values {
	v := url.Values{}
	for name, value := range map[string]string{"q": q.Q, "kind": q.Kind, "lang": q.Lang, "topic": q.Topic, "license": q.License, "federation": q.Federation} {
		if value != "" {
			v.Set(name, value)
		}
	}
	return v
}

// asks are the parameters for the list of a kind.
func (q findQuery) asks(names ...string) url.Values {
	v := url.Values{}
	for name, value := range q.values() {
		if slices.Contains(names, name) {
			v[name] = value
		}
	}
	return v
}

// wants tells whether things of a kind are looked for: where more is asked than that kind
// can answer, it is not.
func (q findQuery) wants(kind string) bool {
	if q.Kind != "" && q.Kind != kind || q.Q == "" {
		return false
	}
	answers := map[string][]string{"jobs": {"lang", "federation"}, "library": {"lang", "topic", "license", "federation"}, "coops": {"lang", "federation"}}[kind]
	for name := range q.asks("lang", "topic", "license", "federation") {
		if !slices.Contains(answers, name) {
			return false
		}
	}
	return true
}

// limit is how many of a kind are shown.
func (q findQuery) limit() int {
	if q.Kind != "" {
		return findAlone
	}
	return findShown
}
