// SPDX-License-Identifier: AGPL-3.0-or-later

package text

import (
	"net/url"
	"testing"

	"minga/coop"
)

func TestSearchesInWords(t *testing.T) {
	c := load(t)
	for _, tt := range []struct{ lang, query, want string }{
		{"es", "skill=python&remote=1&lang=es", "python · remoto · español"},
		{"en", "skill=python&remote=1&lang=es", "python · remote · Spanish"},
		{"it", "country=UY&engagement=membership&track=co-ops-only", "Uruguay · ingresso come persona socia · solo per cooperative"},
		{"ca", "q=forn&hours_max=20&pay_min=20000&currency=EUR&order=newest", "forn · fins a 20 h per setmana · des de EUR 20000 l'any"},
		{"pt", "source=own&new=7&track=none", "sem associação · nossas cooperativas · dos últimos 7 dias"},
		{"de", "remote=0&engagement=odd", "on site · odd"},
		{"en", "skill=http://data.europa.eu/esco/skill/x", "x"},
	} {
		values, err := url.ParseQuery(tt.query)
		if err != nil {
			t.Fatal(err)
		}
		q := coop.ParseJobQuery(values)
		if got := c.Search(tt.lang, &q); got != tt.want {
			t.Errorf("%s in %s: %q, want %q", tt.query, tt.lang, got, tt.want)
		}
	}
}
