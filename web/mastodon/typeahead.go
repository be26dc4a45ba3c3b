// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
	"minga/web/mastodon/entity"
)

// Words to choose from while somebody types. They come from what is here and from the
// tables of the program: no other server is asked.

// valuesOf are the values of a parameter of the query: repeated, as name[]= too, or a
// list with commas; 32 at most.
func valuesOf(c *gin.Context, name string) []string {
	var list []string
	for _, values := range slices.Concat(c.QueryArray(name), c.QueryArray(name+"[]")) {
		for value := range strings.SplitSeq(values, ",") {
			if value = strings.TrimSpace(value); value != "" && len(list) < 32 && len(value) <= 200 {
				list = append(list, value)
			}
		}
	}
	return list
}

// tongueOf is the language in which names are asked for: `lang`, else that of the
// account that asks, else English.
func tongueOf(c *gin.Context) language.Tag {
	tags := []string{c.Query("lang")}
	if a := auth.Account(c); a != nil {
		tags = append(tags, a.Language)
	}
	for _, tag := range tags {
		if coop.ValidLanguage(tag) {
			return language.Make(tag)
		}
	}
	return language.English
}

// facetLabel is what people call the value of a facet.
func facetLabel(c *gin.Context, facet, value string) string {
	name := ""
	switch facet {
	case "country":
		if region, err := language.ParseRegion(value); err == nil {
			name = display.Regions(tongueOf(c)).Name(region)
		}
	case "language":
		if tag, err := language.Parse(value); err == nil {
			name = display.Tags(tongueOf(c)).Name(tag)
		}
	}
	if name == "" {
		return value
	}
	return name
}

// placeName is a country to choose.
type placeName struct {
	Country string `json:"country"` // ISO 3166-1 alpha-2
	Name    string `json:"name"`
}

// places answers GET /api/v1/minga/places: the countries whose name, in the language of
// `lang`, has a word that begins with `q`, or whose code it is.
func (f *Face) places(c *gin.Context) error {
	words := coop.Words(coop.Truncate(c.Query("q"), 200))
	names := display.Regions(tongueOf(c))
	out := []placeName{}
	for _, code := range coop.Countries() {
		region, err := language.ParseRegion(code)
		if err != nil || names == nil {
			continue
		}
		name := names.Name(region)
		if begins(append(coop.Words(name), strings.ToLower(code)), words) {
			out = append(out, placeName{code, name})
		}
	}
	slices.SortFunc(out, func(a, b placeName) int { return strings.Compare(coop.Fold(a.Name), coop.Fold(b.Name)) })
	c.JSON(http.StatusOK, out[:min(len(out), pageOf(c, 20, 300).Limit)])
	return nil
}

// begins tells whether each word that was typed begins one that is there.
func begins(there, typed []string) bool {
	for _, word := range typed {
		if !slices.ContainsFunc(there, func(s string) bool { return strings.HasPrefix(s, word) }) {
			return false
		}
	}
	return true
}

// skillName is a skill to choose, with how many open jobs ask for it.
type skillName struct {
	URI  entity.Null `json:"uri"`
	Name string      `json:"name"`
	Jobs int         `json:"jobs"`
}

// skills answers GET /api/v1/minga/skills: those that the public jobs here ask for and
// whose name begins with `q`, those that most ask for first.
func (f *Face) skills(c *gin.Context) error {
	list, err := f.Store.Skills(c.Request.Context(), c.Query("q"), pageOf(c, 20, 40).Limit)
	if err != nil {
		return fmt.Errorf("list skills: %w", err)
	}
	out := make([]skillName, len(list))
	for i, s := range list {
		out[i] = skillName{entity.Null(s.URI), s.Name, s.Jobs}
	}
	c.JSON(http.StatusOK, out)
	return nil
}

// mostWaiting is how many of each kind an answer of [Face.activity] has.
const mostWaiting = 40

// drafts lists what the account has not published, jobs and articles alike: GET
// /api/v1/minga/drafts.
func (f *Face) drafts(c *gin.Context) error {
	query := storage.PostQuery{Authors: []coop.ID{auth.Account(c).ID}, Drafts: true}
	posts, err := f.Store.Posts(c.Request.Context(), auth.Viewer(c), query, pageOf(c, 20, 40))
	if err != nil {
		return fmt.Errorf("list drafts: %w", err)
	}
	return f.showPage(c, posts)
}
