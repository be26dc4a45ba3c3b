// SPDX-License-Identifier: AGPL-3.0-or-later

package storage_test

import (
	"context"
	"errors"
	"os"
	"testing"

	"minga/coop"
	"minga/coop/openlist"
	"minga/storage"
)

// TestOpenListsOfOthers reads two lists that others publish, where they are at hand: each
// co-op is listed once, with every list that has it, is found by what it does and where it
// is, and those that have ended are not shown.
func TestOpenListsOfOthers(t *testing.T) {
	lists := map[string][]coop.ListedCoop{}
	for source, file := range map[string]string{"Tech co-ops": "tech-coops.json", "Patio": "patio-coops.json"} {
		f, err := os.Open("../../shared/domain-data/" + file)
		if err != nil {
			t.Skip("the lists are not at hand")
		}
		list, _, err := openlist.Read(f, storage.MostListed)
		if err = errors.Join(err, f.Close()); err != nil {
			t.Fatal(err)
		}
		lists[source] = list
	}
	eachWorld(t, func(w *world) {
		w.learnPlaces()
		sites, ended := map[string]bool{}, map[string]bool{}
		for source, list := range lists {
			l := coop.OpenList{Source: source, Licence: "as it says"}
			w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.PutOpenList(ctx, &l, list) })
			if l.Entries < len(list)*9/10 {
				w.Errorf("of %d entries of %s %d were kept", len(list), source, l.Entries)
			}
			for _, e := range list {
				if site := coop.SiteOf(e.URL, e.Name); e.Ended {
					ended[site] = true
				} else {
					sites[site] = true
				}
			}
		}
		all, err := w.s.ListedCoops(w.Context(), coop.DirectoryQuery{}, 0, 1000)
		seen, both := map[string]bool{}, 0
		for _, l := range must(w, all, err) {
			if seen[l.Site] {
				w.Errorf("%s is there twice", l.Site)
			}
			if seen[l.Site] = true; len(l.Lists) == 2 {
				both++
			}
			if len(l.Lists) == 0 || l.Lists[0].Licence == "" {
				w.Errorf("%s is from nowhere", l.Name)
			}
		}
		if len(seen) != len(sites) || both == 0 {
			w.Errorf("%d co-ops are listed, want %d, of them %d in both lists; %d have ended", len(seen), len(sites), both, len(ended))
		}
		for _, query := range []string{"service=Branding+and+Identity", "q=software+dev", "country=AR", "country=AR&service=Software+Development"} {
			found, err := w.s.ListedCoops(w.Context(), coop.ParseDirectoryQuery(parseQuery(w, query)), 0, 1000)
			if len(must(w, found, err)) == 0 || len(found) == len(all) {
				w.Errorf("%s finds %d of %d", query, len(found), len(all))
			}
		}
	})
}
