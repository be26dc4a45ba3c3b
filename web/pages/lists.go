// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/web/auth"
)

// listRoutes are what is offered while somebody types a place or a skill.
func (f *Face) listRoutes() []auth.Route {
	return append(machines("/places.json", f.placesAsked), machines("/skills.json", f.skillsAsked)...)
}

// longestWord is the longest beginning that is looked up.
const longestWord = 100

// typed is what somebody has typed so far, and in which language the page is.
func (f *Face) typed(c *gin.Context) (string, *tongue) {
	t := f.words.of(c.Query("lang"))
	if t == nil {
		t = f.words.of(f.Language)
	}
	return coop.CleanLine(coop.Truncate(c.Query("q"), longestWord), longestWord), t
}

// placesAsked answers /places.json?q=&lang=: towns that begin with what was typed, each
// named so that a search finds just that one. No other server is asked.
func (f *Face) placesAsked(c *gin.Context) error {
	q, t := f.typed(c)
	towns, err := f.Store.FindPlaces(c.Request.Context(), q, t.Lang, mostSuggested)
	if err != nil {
		return err
	}
	out := make([]suggestedWord, len(towns))
	for n, town := range towns {
		out[n] = suggestedWord{town.Value(), t.townName(town)}
	}
	c.Header("Cache-Control", always)
	c.JSON(http.StatusOK, out)
	return nil
}

// townName is a town with its region and country in words.
func (t *tongue) townName(town coop.Town) string {
	parts := []string{town.Name, town.Region, t.Country(town.Country)}
	if town.Region == "" || strings.EqualFold(town.Region, town.Name) {
		parts = []string{town.Name, parts[2]}
	}
	return strings.Join(parts, ", ")
}

// skillsAsked answers /skills.json?q=&lang=: skills of the list one of whose names in any
// language begins with what was typed, then the own words of jobs here.
func (f *Face) skillsAsked(c *gin.Context) error {
	q, t := f.typed(c)
	out := []suggestedWord{}
	if q == "" {
		c.JSON(http.StatusOK, out)
		return nil
	}
	found, err := f.Store.FindSkills(c.Request.Context(), q, t.Lang, mostSuggested)
	if err != nil {
		return err
	}
	there := map[string]bool{}
	add := func(value, label string) {
		if !there[coop.Fold(value)] && len(out) < mostSuggested {
			there[coop.Fold(value)] = true
			out = append(out, suggestedWord{value, label})
		}
	}
	for _, s := range found {
		label := s.Name
		if s.Matched != "" {
			label += " (" + s.Matched + ")"
			there[coop.Fold(s.Matched)] = true
		}
		add(s.Name, label)
	}
	own, err := f.Store.Skills(c.Request.Context(), q, mostSuggested)
	if err != nil {
		return err
	}
	for _, s := range own {
		add(s.Name, s.Name)
	}
	c.Header("Cache-Control", always)
	c.JSON(http.StatusOK, out)
	return nil
}
