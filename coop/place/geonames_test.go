// SPDX-License-Identifier: AGPL-3.0-or-later

package place_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
	"minga/coop/place"
)

// row is a line in GeoNames' format.
func row(id, name, also, lat, lng, class, country, admin1, people string) string {
	return strings.Join([]string{id, name, name, also, lat, lng, class, "PPL", country, "", admin1, "", "", "", people, "", "10", "Europe/Rome", "2024-01-01"}, "\t") + "\n"
}

func TestGeoNames(t *testing.T) {
	regions, err := place.Regions(strings.NewReader("IT.07\tLazio\tLazio\t3174976\nAR.21\tSanta Fe\tSanta Fe\t3836276\n"))
	if err != nil {
		t.Fatal(err)
	}
	rome := row("3169070", "Rome", "Roma,Rzym,,ROM", "41.89193", "12.51133", "P", "IT", "07", "2318895")
	for _, tt := range []struct {
		name, file, want string
		fails            bool
	}{
		{"a city of our list", rome, "Rome, Lazio, IT 2318895 Roma|Rzym|ROM|Roma|Rome|Roma|Roma|Roma", false},
		{"a namesake", row("1", "Rome", "", "41.8", "12.5", "P", "IT", "08", ""), "Rome, IT 0 ", false},
		{"no town", row("2", "Tiber", "", "41.8", "12.5", "H", "IT", "07", "") + rome, "Rome, Lazio, IT 2318895 Roma|Rzym|ROM|Roma|Rome|Roma|Roma|Roma", false},
		{"a country that is none", row("3", "X", "", "41.8", "12.5", "P", "ZZ", "07", ""), "", false},
		{"a bad id", row("x", "X", "", "41.8", "12.5", "P", "IT", "07", ""), "", true},
		{"a bad point", row("4", "X", "", "99", "12.5", "P", "IT", "07", ""), "", true},
		{"no point", row("4", "X", "", "", "NaN", "P", "IT", "07", ""), "", true},
		{"another file", "a,b,c\n", "", true},
		{"a line without end", strings.Repeat("x", 100_000), "", true},
		{"nothing", "", "", false},
	} {
		var got []string
		err := place.GeoNames(strings.NewReader(tt.file), regions, func(e coop.TownEntry) error {
			var labels []string
			for _, l := range e.Labels {
				labels = append(labels, l.Text)
			}
			got = append(got, e.Value()+" "+strconv.FormatInt(e.Weight, 10)+" "+strings.Join(labels, "|"))
			return nil
		})
		if diff := cmp.Diff(tt.want, strings.Join(got, "\n")); diff != "" || (err != nil) != tt.fails {
			t.Errorf("%s: %v %s", tt.name, err, diff)
		}
	}
}
