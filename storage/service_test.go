// SPDX-License-Identifier: AGPL-3.0-or-later

package storage_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
	"minga/storage"
)

// offers keeps what a co-op says that it does.
func (w *world) offers(a *coop.Account, labels ...string) {
	w.Helper()
	var list []coop.Offering
	for _, label := range labels {
		kind := coop.KindService
		if rest, ok := strings.CutPrefix(label, "with "); ok {
			kind, label = coop.KindTechnology, rest
		}
		list = append(list, coop.Offering{Kind: kind, Label: label})
	}
	w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.PutServices(ctx, a.ID, list) })
}

// term finds a service of the catalogue.
func (w *world) term(label string) *coop.ServiceTerm {
	w.Helper()
	t, err := w.s.ServiceTermNamed(w.Context(), coop.KindService, label)
	return must(w, t, err)
}

// inDirectory are the names of what the directory has for a query, accounts, then imported ones.
func (w *world) inDirectory(query string) string {
	w.Helper()
	q := coop.ParseDirectoryQuery(parseQuery(w, query))
	accounts, err := w.s.Coops(w.Context(), q, here, coop.Page{Limit: 100})
	must(w, accounts, err)
	var names []string
	for _, a := range accounts {
		names = append(names, a.Name)
	}
	slices.Sort(names)
	rows, err := w.s.ListedCoops(w.Context(), q, 0, 1000)
	for _, row := range must(w, rows, err) {
		names = append(names, "+"+row.Name)
	}
	return strings.Join(names, " ")
}

// facets are the featured services of a query with their counts.
func (w *world) facets(query string) string {
	w.Helper()
	list, err := w.s.ServiceFacets(w.Context(), coop.ParseDirectoryQuery(parseQuery(w, query)), here)
	var out []string
	for _, c := range must(w, list, err) {
		out = append(out, fmt.Sprintf("%s %d", c.Term.Label, c.Count))
	}
	return strings.Join(out, ", ")
}

// TestCatalogue: terms are proposed, featured and merged; searches find what was merged
// under every name, co-ops keep their words, and merging can be undone.
func TestCatalogue(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx := w.Context()
		telar, nube, eje := w.account("telar", "", coop.Coop), w.account("nube", "", coop.Coop), w.account("eje", "", coop.Coop)
		w.offers(telar, "Branding & Identity", "Websites")
		w.offers(nube, "Branding and Identity", "Website", "with Go")
		w.offers(eje, "BRANDING AND IDENTITIES", "Café móvil")

		twins, err := w.s.Twins(ctx)
		var groups []string
		for _, g := range must(w, twins, err) {
			var labels []string
			for _, term := range g {
				labels = append(labels, term.Label)
			}
			slices.Sort(labels)
			groups = append(groups, strings.Join(labels, " = "))
		}
		if diff := cmp.Diff([]string{"BRANDING AND IDENTITIES = Branding & Identity = Branding and Identity", "Website = Websites"}, groups); diff != "" {
			w.Error(diff)
		}

		goTerm, err := w.s.ServiceTermNamed(ctx, coop.KindTechnology, "go")
		must(w, goTerm, err)
		amp, and, plural := w.term("branding & identity"), w.term("Branding and Identity"), w.term("branding and identities")
		decide := func(want error, act func(ctx context.Context, tx *storage.Tx) error) {
			w.Helper()
			w.wants(w.try(act), want)
		}
		decide(coop.ErrNotFound, func(ctx context.Context, tx *storage.Tx) error { return tx.ProposeTerm(ctx, telar.ID, and.ID) })
		decide(nil, func(ctx context.Context, tx *storage.Tx) error { return tx.ProposeTerm(ctx, nube.ID, and.ID) })
		if got := w.term("branding and identity"); got.State != coop.ServiceProposed || got.ProposedBy != nube.ID || got.Uses != 1 {
			w.Errorf("a proposed term is %+v", got)
		}
		decide(nil, func(ctx context.Context, tx *storage.Tx) error {
			return tx.FeatureTerm(ctx, and.ID, "Branding and identity", map[string]string{"es": "Marca e identidad", "pt": "Marca"})
		})
		decide(nil, func(ctx context.Context, tx *storage.Tx) error { return tx.MergeTerm(ctx, plural.ID, amp.ID) })
		decide(nil, func(ctx context.Context, tx *storage.Tx) error { return tx.MergeTerm(ctx, amp.ID, and.ID) })
		decide(coop.ErrState, func(ctx context.Context, tx *storage.Tx) error { return tx.MergeTerm(ctx, and.ID, amp.ID) })
		decide(coop.ErrState, func(ctx context.Context, tx *storage.Tx) error { return tx.MergeTerm(ctx, amp.ID, and.ID) })
		decide(coop.ErrState, func(ctx context.Context, tx *storage.Tx) error { return tx.FeatureTerm(ctx, amp.ID, "", nil) })
		decide(coop.ErrState, func(ctx context.Context, tx *storage.Tx) error {
			return tx.MergeTerm(ctx, w.term("websites").ID, goTerm.ID)
		})

		for query, want := range map[string]string{
			"service=Branding+%26+Identity":         "eje nube telar",
			"service=branding+and+identity":         "eje nube telar",
			"service=BRANDING+and+identities":       "eje nube telar",
			"q=marca":                               "eje nube telar", // a name of the catalogue in another language
			"q=brand+ident":                         "eje nube telar",
			"q=cafe+movil":                          "eje", // own terms are found by text
			"technology=go":                         "nube",
			"service=go":                            "",
			"service=websites":                      "telar",
			"service=nothing":                       "",
			"service=websites&service=website":      "nube telar",
			"service=branding+and+identity&q=telar": "telar",
		} {
			if got := w.inDirectory(query); got != want {
				w.Errorf("%s finds %q, want %q", query, got, want)
			}
		}
		if got := w.facets(""); got != "Branding and identity 3" {
			w.Errorf("the shop window has %s", got)
		}
		own, err := w.s.ServicesOf(ctx, []coop.ID{telar.ID, eje.ID})
		if must(w, own, err); own[telar.ID][0].Label != "Branding & Identity" || own[eje.ID][0].Label != "BRANDING AND IDENTITIES" || own[eje.ID][0].Term.Root != and.ID || own[telar.ID][1].Kind != coop.KindService {
			w.Errorf("merging changed the words of co-ops: %+v", own)
		}

		decide(nil, func(ctx context.Context, tx *storage.Tx) error { return tx.UnmergeTerm(ctx, amp.ID) })
		decide(coop.ErrState, func(ctx context.Context, tx *storage.Tx) error { return tx.UnmergeTerm(ctx, amp.ID) })
		if got := w.inDirectory("service=branding+%26+identity"); got != "eje telar" {
			w.Errorf("undone, its own twins are %q", got)
		}
		if got := w.inDirectory("service=branding+and+identity"); got != "nube" {
			w.Errorf("undone, the other has %q", got)
		}
		decide(nil, func(ctx context.Context, tx *storage.Tx) error { return tx.MergeTerm(ctx, and.ID, amp.ID) })
		decide(nil, func(ctx context.Context, tx *storage.Tx) error { return tx.UnmergeTerm(ctx, and.ID) })
		if got := w.term("branding and identity"); got.State != coop.ServiceFeatured || got.In("es-AR") != "Marca e identidad" {
			w.Errorf("undone, a featured term is %+v", got)
		}
		w.offers(eje)
		if _, err := w.s.ServiceTermNamed(ctx, coop.KindService, "cafe movil"); err == nil {
			w.Error("a word that nobody says stays in the catalogue")
		}
	})
}

// TestCatalogueOfALivingList: the labels that co-ops of a real network wrote can be cleaned
// by merging what is offered, and every label still finds all that it found.
func TestCatalogueOfALivingList(t *testing.T) {
	body, err := os.ReadFile("../../shared/domain-data/patio-services.json")
	if err != nil {
		t.Skip("the labels are not at hand")
	}
	var labels []struct{ Name string }
	if err := json.Unmarshal(body, &labels); err != nil {
		t.Fatal(err)
	}
	eachWorld(t, func(w *world) {
		ctx := w.Context()
		entries := make([]coop.ListedCoop, len(labels))
		for i, l := range labels {
			entries[i] = coop.ListedCoop{Name: fmt.Sprintf("Coop %d", i), Members: -1, Services: []coop.Offering{{Kind: coop.KindService, Label: l.Name}}}
		}
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			return tx.PutOpenList(ctx, &coop.OpenList{Source: "Labels", Licence: "MIT"}, entries)
		})
		twins, err := w.s.Twins(ctx)
		must(w, twins, err)
		found := ""
		for _, group := range twins {
			for _, twin := range group[1:] {
				found += twin.Label + " → " + group[0].Label + "; "
				w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.MergeTerm(ctx, twin.ID, group[0].ID) })
			}
		}
		if !strings.Contains(found, "Branding") || !strings.Contains(found, "Crypto") || !strings.Contains(found, "Content Management") {
			w.Errorf("of the twins only these were found: %s", found)
		}
		if left, err := w.s.Twins(ctx); len(must(w, left, err)) != 0 {
			w.Errorf("after merging %d groups are left", len(left))
		}
		for i, l := range labels {
			rows, err := w.s.ListedCoops(ctx, coop.DirectoryQuery{Service: []string{coop.FoldService(l.Name)}}, 0, 1000)
			name := fmt.Sprintf("Coop %d", i)
			if !slices.ContainsFunc(must(w, rows, err), func(c *coop.ListedCoop) bool {
				return c.Name == name && c.Services[0].Label == coop.CleanLine(l.Name, 200)
			}) {
				w.Errorf("%q does not find %s any more", l.Name, name)
			}
		}
		rows, err := w.s.ListedCoops(ctx, coop.ParseDirectoryQuery(map[string][]string{"service": {"Branding & Identity"}}), 0, 1000)
		if len(must(w, rows, err)) < 2 {
			w.Errorf("one name of two finds %d", len(rows))
		}
	})
}

// TestDirectoryOfAll: what the directory lists, and how it is searched.
func TestDirectoryOfAll(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx := w.Context()
		w.learnPlaces()
		sur, norte := w.account("sur", "", coop.Federation), w.account("norte", "norte.example", coop.Federation)
		telar, doble, llana := w.account("telar", "", coop.Coop), w.account("doble", "doble.example", coop.Coop), w.account("llana", "toots.example", coop.Person)
		grupo, suelta := w.account("grupo", "grupos.example", coop.Board), w.account("suelta", "suelta.example", coop.Coop)
		persona := w.account("persona", "toots.example", coop.Person)
		for _, m := range [][2]*coop.Account{{telar, sur}, {doble, sur}, {doble, norte}, {llana, sur}, {grupo, norte}} {
			w.member(m[0], m[1])
		}
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			telar.Coop = &coop.CoopFacts{Members: 7, Workers: -1, Languages: []string{"es"}, Place: &coop.Place{Locality: "Roma", Country: "IT"}}
			doble.Coop = &coop.CoopFacts{Members: -1, Workers: 40, Place: &coop.Place{Locality: "Nowhere Known", Country: "AR"}}
			doble.Fields = []coop.Field{{Name: "Web", Value: `<a href="https://www.doble.coop.example/en/" rel="me">doble</a>`}}
			for _, a := range []*coop.Account{telar, doble} {
				if err := tx.SaveAccount(ctx, a); err != nil {
					return err
				}
			}
			return tx.PutServices(ctx, telar.ID, []coop.Offering{{Kind: coop.KindService, Label: "UX / UI"}})
		})
		w.says(telar, coop.CapacityPublic, "Dyeing|40")
		w.says(doble, coop.CapacityMembers, "Dyeing|40")
		list := func(source string, entries ...coop.ListedCoop) {
			w.write(func(ctx context.Context, tx *storage.Tx) error {
				return tx.PutOpenList(ctx, &coop.OpenList{Source: source, Address: "https://lists.example/" + coop.FoldService(source), Licence: "CC0 1.0"}, entries)
			})
		}
		ux := []coop.Offering{{Kind: coop.KindService, Label: "ux ui"}}
		list("A list", coop.ListedCoop{Name: "Nube", URL: "https://www.nube.example/", Country: "IT", Locality: "Roma", Members: 4, Languages: []string{"es"}, Services: ux},
			coop.ListedCoop{Name: "Doble again", URL: "http://doble.coop.example", Country: "AR", Members: -1, Services: ux},
			coop.ListedCoop{Name: "Gone", URL: "https://gone.example", Country: "IT", Members: -1, Ended: true})
		list("Another list", coop.ListedCoop{Name: "Nube SCCL", URL: "nube.example/ca", Country: "ES", Members: -1, Services: []coop.Offering{{Kind: coop.KindService, Label: "Hosting"}}})

		for query, want := range map[string]string{
			"":                                       "doble grupo llana telar +Nube",
			"source=own":                             "telar",
			"source=imported":                        "+Nube",
			"evidence=federation":                    "doble grupo llana telar",
			"federation=norte@norte.example":         "doble grupo",
			"service=UX+/+UI":                        "telar +Nube",
			"service=hosting":                        "+Nube",
			"q=ux":                                   "telar +Nube",
			"q=nub":                                  "+Nube",
			"country=IT":                             "telar +Nube",
			"country=ES":                             "+Nube",
			"language=es":                            "telar +Nube",
			"size=6-20":                              "telar",
			"size=21-50":                             "doble",
			"size=1-5":                               "+Nube",
			"size=1-5&size=6-20":                     "telar +Nube",
			"size=lots":                              "",
			"place=Roma":                             "telar +Nube",
			"place=Roma&radius=1":                    "telar +Nube",
			"place=Italy":                            "telar +Nube",
			"place=nowhere+known":                    "doble",
			"place=elsewhere":                        "",
			"skill=dyeing":                           "telar",
			"skill=dancing":                          "",
			"service=UX+/+UI&language=es&place=Roma": "telar +Nube",
			"q=%27%25_":                              "",
		} {
			if got := w.inDirectory(query); got != want {
				w.Errorf("%q finds %q, want %q", query, got, want)
			}
		}
		badges, err := w.s.VerifiedIn(ctx, []coop.ID{doble.ID, llana.ID, persona.ID, suelta.ID})
		if must(w, badges, err); len(badges[doble.ID]) != 2 || len(badges[llana.ID]) != 1 || len(badges) != 2 {
			w.Errorf("badges %v", badges)
		}
		rows, err := w.s.ListedCoops(ctx, coop.DirectoryQuery{}, 0, 10)
		nube := must(w, rows, err)[0]
		if len(nube.Lists) != 2 || nube.Lists[0].Licence != "CC0 1.0" || nube.Lists[1].Source != "Another list" || len(nube.Services) != 2 || nube.At == nil || nube.Members != 4 {
			w.Errorf("a co-op of two lists is %+v", nube)
		}
		if more, err := w.s.ListedCoops(ctx, coop.DirectoryQuery{}, nube.ID, 10); len(must(w, more, err)) != 0 {
			w.Error("there is more after the last")
		}
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			return tx.FeatureTerm(ctx, w.term("ux ui").ID, "UX/UI", nil)
		})
		if got := w.facets(""); got != "UX/UI 2" {
			w.Errorf("the shop window has %s", got)
		}
		if got := w.facets("country=AR"); got != "" {
			w.Errorf("in Argentina the shop window has %s", got)
		}
		total, countries, err := w.s.ListedFacets(ctx, coop.DirectoryQuery{})
		if must(w, countries, err); total != 1 || countries["IT"] != 1 || len(countries) != 1 {
			w.Errorf("imported: %d, %v", total, countries)
		}

		list("A list", coop.ListedCoop{Name: "Sola", URL: "https://sola.example", Members: -1})
		if got := w.inDirectory("source=imported"); got != "+Nube SCCL +Sola" {
			w.Errorf("read again, there is %q", got)
		}
		w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.RemoveOpenList(ctx, "A list") })
		w.wants(w.try(func(ctx context.Context, tx *storage.Tx) error { return tx.RemoveOpenList(ctx, "A list") }), coop.ErrNotFound)
		if lists, err := w.s.OpenLists(ctx); len(must(w, lists, err)) != 1 || lists[0].Entries != 1 {
			w.Errorf("lists left: %+v", lists)
		}
		w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.DeleteAccount(ctx, telar.ID, w.clock.Now()) })
		if got := w.inDirectory("service=UX+/+UI"); got != "" {
			w.Errorf("of a deleted co-op there is %q", got)
		}
		w.sound()
	})
}

// parseQuery reads a query string.
func parseQuery(w *world, query string) url.Values {
	w.Helper()
	values, err := url.ParseQuery(query)
	return must(w, values, err)
}
