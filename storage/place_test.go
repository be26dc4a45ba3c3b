// SPDX-License-Identifier: AGPL-3.0-or-later

package storage_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
	"minga/storage"
)

// towns are a small gazetteer.
var towns = []coop.TownEntry{
	{Town: coop.Town{ID: 1, Name: "Montevideo", Region: "Montevideo", Country: "UY", Point: coop.Point{Latitude: -34.90, Longitude: -56.19}, Weight: 1_300_000}},
	{Town: coop.Town{ID: 2, Name: "Girona", Region: "Catalonia", Country: "ES", Point: coop.Point{Latitude: 41.98, Longitude: 2.82}, Weight: 100_000}, Labels: []coop.Label{{Language: "es", Text: "Gerona"}}},
	{Town: coop.Town{ID: 3, Name: "Barcelona", Region: "Catalonia", Country: "ES", Point: coop.Point{Latitude: 41.39, Longitude: 2.16}, Weight: 1_600_000}},
	{Town: coop.Town{ID: 4, Name: "Barcelona", Region: "Anzoátegui", Country: "VE", Point: coop.Point{Latitude: 10.13, Longitude: -64.69}, Weight: 400_000}},
	{
		Town:   coop.Town{ID: 5, Name: "Rome", Region: "Lazio", Country: "IT", Point: coop.Point{Latitude: 41.89, Longitude: 12.51}, Weight: 2_800_000},
		Labels: []coop.Label{{Language: "it", Text: "Roma"}, {Language: "es", Text: "Roma"}, {Language: "en", Text: "Rome"}},
	},
	{Town: coop.Town{ID: 6, Name: "Roma", Region: "Texas", Country: "US", Point: coop.Point{Latitude: 26.40, Longitude: -99.01}, Weight: 1000}},
	{Town: coop.Town{ID: 7, Name: "Suva", Region: "Central", Country: "FJ", Point: coop.Point{Latitude: -18.14, Longitude: 178.44}, Weight: 90_000}},
	{Town: coop.Town{ID: 8, Name: "Taveuni", Region: "Northern", Country: "FJ", Point: coop.Point{Latitude: -16.85, Longitude: -179.97}, Weight: 10_000}},
}

// learnPlaces reads the small gazetteer in.
func (w *world) learnPlaces() {
	w.Helper()
	w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.PutTowns(ctx, towns) })
}

// pointsOf are where the store has the places of a job.
func (w *world) pointsOf(p *coop.Post) []coop.Point {
	w.Helper()
	points, err := w.s.JobPoints(w.Context(), []coop.ID{p.ID})
	return must(w, points, err)[p.ID]
}

func TestFindPlaces(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.learnPlaces()
		w.learnPlaces() // a second time changes nothing
		for _, tt := range []struct{ text, language, want string }{
			{"ro", "it", "Roma, Lazio, IT; Roma, Texas, US"},
			{"RÓMA", "en", "Rome, Lazio, IT; Roma, Texas, US"},
			{"gerona", "es-AR", "Gerona, Catalonia, ES"},
			{"barc", "", "Barcelona, Catalonia, ES; Barcelona, Anzoátegui, VE"},
			{"Barcelona, VE", "", "Barcelona, Anzoátegui, VE"},
			{"Barcelona, Venezuela", "", "Barcelona, Anzoátegui, VE"},
			{"Barcelona, anz", "", "Barcelona, Anzoátegui, VE"},
			{"Montevideo", "", "Montevideo, UY"},
			{"", "", ""},
			{"%", "", ""},
			{", ES", "", ""},
			{strings.Repeat("x", 5000), "", ""},
			{"\x00\xff", "\x00", ""},
		} {
			found, err := w.s.FindPlaces(w.Context(), tt.text, tt.language, 10)
			var got []string
			for _, t := range must(w, found, err) {
				got = append(got, t.Value())
			}
			if diff := cmp.Diff(tt.want, strings.Join(got, "; ")); diff != "" {
				w.Errorf("%.50q: %s", tt.text, diff)
			}
		}
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			n, err := tx.RemoveTowns(ctx, 100)
			if n != len(towns) {
				w.Errorf("%d towns went", n)
			}
			return err
		})
		if n, err := w.s.TownCount(w.Context()); must(w, n, err) != 0 {
			w.Errorf("%d towns are left", n)
		}
	})
}

// TestSearchByPlace: near it, or remote for who lives there; over the edge of the map too.
func TestSearchByPlace(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.learnPlaces()
		author := w.account("telar", "", coop.Coop)
		at := func(name, country string) func(*coop.Job) {
			return func(j *coop.Job) {
				j.Remote, j.Anywhere, j.Places = false, false, []coop.Place{{Locality: name, Country: country}}
			}
		}
		w.post(author, job("in Girona", at("Gerona", "ES")))
		w.post(author, job("in Barcelona", at("Barcelona", "")))
		w.post(author, job("in Venezuela", at("Barcelona", "VE")))
		w.post(author, job("in Suva", at("Suva", "FJ")))
		w.post(author, job("in a village", at("Tinyville", "ES")))
		w.post(author, job("on a hill", func(j *coop.Job) {
			at("Tinyville", "ES")(j)
			j.Places[0].Latitude, j.Places[0].Longitude = new(41.5), new(2.2)
		}))
		w.post(author, job("remote", func(j *coop.Job) { j.Remote, j.Anywhere, j.ApplicantsFrom = true, true, nil }))
		w.post(author, job("remote in UY", func(j *coop.Job) { j.Remote, j.Anywhere, j.ApplicantsFrom = true, false, []string{"UY"} }))
		w.post(author, job("hybrid in Girona", func(j *coop.Job) {
			at("Girona", "ES")(j)
			j.Remote, j.Anywhere, j.OfficeDays, j.ApplicantsFrom = true, false, 2, []string{"ES", "UY"}
		}))
		for query, want := range map[string][]string{
			"place=Barcelona":             {"in Barcelona", "on a hill", "remote"},
			"place=barcelona&radius=120":  {"hybrid in Girona", "in Barcelona", "in Girona", "on a hill", "remote"},
			"place=Barcelona,+VE":         {"in Venezuela", "remote"},
			"place=Montevideo":            {"remote", "remote in UY"},
			"place=Taveuni&radius=250":    {"in Suva", "remote"},
			"place=Taveuni&radius=50":     {"remote"},
			"place=Espanya":               {"hybrid in Girona", "in Girona", "in a village", "on a hill", "remote"},
			"place=tinyville":             {"in a village", "on a hill"},
			"place=xyzzy":                 nil,
			"place=,":                     nil,
			"place=Barcelona&radius=x":    nil,
			"place=Barcelona&remote=0":    {"in Barcelona", "on a hill"},
			"place=Girona&radius=9999999": {"hybrid in Girona", "in Barcelona", "in Girona", "on a hill", "remote"},
		} {
			if diff := cmp.Diff(want, sorted(w.search(query))); diff != "" && len(want)+len(w.search(query)) > 0 {
				w.Errorf("%s: %s", query, diff)
			}
		}
	})
}

// TestIndexJobs: jobs that were here before the lists are found by them once they are
// looked at again, and a second look finds nothing new.
func TestIndexJobs(t *testing.T) {
	eachWorld(t, func(w *world) {
		author := w.account("telar", "", coop.Coop)
		p := w.post(author, job("weaver", func(j *coop.Job) {
			j.Remote, j.Anywhere, j.Places = false, false, []coop.Place{{Locality: "Gerona", Country: "ES"}}
			j.Skills = []coop.Skill{{Term: coop.Term{Name: "teixir"}}}
		}))
		w.post(author, job("other"))
		if got := w.search("place=Girona&skill=textile+work"); len(got) != 0 {
			w.Errorf("found %v before anything was known", got)
		}
		w.learnPlaces()
		w.learnSkills()
		for _, want := range []int{1, 0} {
			changed, last := 0, coop.ID(0)
			for n := 0; n == 0 || last != 0; n++ {
				w.write(func(ctx context.Context, tx *storage.Tx) error {
					next, more, err := tx.IndexJobs(ctx, last, 1)
					last, changed = next, changed+more
					return err
				})
				if n > 5 {
					w.Fatal("it never ends")
				}
			}
			if changed != want {
				w.Errorf("%d jobs changed, want %d", changed, want)
			}
		}
		if diff := cmp.Diff([]string{"weaver"}, w.search("place=Girona&skill=textile+work")); diff != "" || len(w.pointsOf(p)) != 1 {
			w.Error(diff)
		}
	})
}
