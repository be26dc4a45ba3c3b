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

// placeName is a country or a town to choose.
type placeName struct {
	Country   string      `json:"country"` // ISO 3166-1 alpha-2
	Name      string      `json:"name"`
	Region    entity.Null `json:"region"`   // null: a country, or not known
	Value     string      `json:"value"`    // what a search for `place` names it by
	Latitude  *float64    `json:"latitude"` // degrees; null: a country
	Longitude *float64    `json:"longitude"`
}

// places answers GET /api/v1/minga/places: the countries whose name, in the language of
// `lang`, has a word that begins with `q`, or whose code it is, then the towns whose name
// begins so, the best known first.
func (f *Face) places(c *gin.Context) error {
	q := coop.Truncate(c.Query("q"), 200)
	limit := pageOf(c, 20, 300).Limit
	out := countriesNamed(tongueOf(c), coop.Words(q))
	out = out[:min(len(out), limit)]
	if q != "" && len(out) < limit {
		towns, err := f.Store.FindPlaces(c.Request.Context(), q, tongueOf(c).String(), limit-len(out))
		if err != nil {
			return fmt.Errorf("list places: %w", err)
		}
		for _, t := range towns {
			out = append(out, placeName{t.Country, t.Name, entity.Null(t.Region), t.Value(), &t.Latitude, &t.Longitude})
		}
	}
	c.JSON(http.StatusOK, out)
	return nil
}

// countriesNamed are the countries that words name, by name.
func countriesNamed(tongue language.Tag, words []string) []placeName {
	names := display.Regions(tongue)
	out := []placeName{}
	for _, code := range coop.Countries() {
		region, err := language.ParseRegion(code)
		if err != nil || names == nil {
			continue
		}
		name := names.Name(region)
		if begins(append(coop.Words(name), strings.ToLower(code)), words) {
			out = append(out, placeName{Country: code, Name: name, Value: name})
		}
	}
	slices.SortFunc(out, func(a, b placeName) int { return strings.Compare(coop.Fold(a.Name), coop.Fold(b.Name)) })
	return out
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
// whose name begins with `q`, those that most ask for first, then those of the list of
// skills that are called so in any language, by their names in that of `lang`.
func (f *Face) skills(c *gin.Context) error {
	limit := pageOf(c, 20, 40).Limit
	asked, err := f.Store.Skills(c.Request.Context(), c.Query("q"), limit)
	if err != nil {
		return fmt.Errorf("list skills: %w", err)
	}
	listed, err := f.Store.FindSkills(c.Request.Context(), c.Query("q"), tongueOf(c).String(), limit)
	if err != nil {
		return fmt.Errorf("list skills: %w", err)
	}
	out := make([]skillName, 0, limit)
	there := map[string]bool{"": true}
	for _, s := range asked {
		out = append(out, skillName{entity.Null(s.URI), s.Name, s.Jobs})
		there[s.URI], there[coop.Fold(s.Name)] = true, true
	}
	for _, s := range listed {
		if len(out) < limit && !there[s.URI] && !there[coop.Fold(s.Name)] {
			out = append(out, skillName{entity.Null(s.URI), s.Name, 0})
		}
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
