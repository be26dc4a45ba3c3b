// SPDX-License-Identifier: AGPL-3.0-or-later

package openlist_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
	"minga/coop/openlist"
)

// line says what was read of an entry.
func line(l coop.ListedCoop) string {
	var services []string
	for _, s := range l.Services {
		services = append(services, string(s.Kind[:2])+":"+s.Label)
	}
	at := ""
	if l.At != nil {
		at = fmt.Sprintf("%.1f/%.1f", l.At.Latitude, l.At.Longitude)
	}
	return fmt.Sprintf("%s <%s> [%s|%s] %s %s %d %v %v", l.Name, l.URL, l.Locality, l.Country, at, strings.Join(services, ","), l.Members, l.Languages, l.Ended)
}

func TestRead(t *testing.T) {
	for _, tt := range []struct {
		name, list string
		want       []string
	}{
		{"a table", "Name,Website,Country,City,Services,Members\nTelar,telar.example,Argentina,Rosario,Websites; UX / UI,11\n", []string{"Telar <https://telar.example> [Rosario|AR]  se:Websites,se:UX / UI 11 [] false"}},
		{"with semicolons and a mark at its start", "\uFEFFnombre;país;servicios\n\"Miga; pan\";ES;Pan, dulces\n", []string{"Miga; pan <> [|ES]  se:Pan,se:dulces -1 [] false"}},
		{"tabs, short and long lines", "name\turl\nA\nB\thttps://b.example\tmore\n\t\n", []string{"A <> [|]   -1 [] false", "B <https://b.example> [|]   -1 [] false"}},
		{"a list", `[{"name":"Nube","url":"https://nube.example","place":"Vancouver, BC, Canada","areas":["Hosting","and IT consulting","hosting"],"languages":["en","xx-!"],"status":"defunct"}]`, []string{"Nube <https://nube.example> [Vancouver|CA]  se:Hosting,se:IT consulting -1 [en] true"}},
		{"points and twins of one entry", `[{"name":"Eje","country":"Italy","latitude":41.9,"longitude":12.5,"services":["Branding & Identity","branding  identity"],"technologies":["Go"],"sectors":["Health"]}]`, []string{"Eje <> [|IT] 41.9/12.5 se:Branding & Identity,se:Health,te:Go -1 [] false"}},
		{"GeoJSON", `{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Point","coordinates":[2.17,41.38]},"properties":{"name":"Mar","city":"Barcelona"}}]}`, []string{"Mar <> [Barcelona|] 41.4/2.2  -1 [] false"}},
		{
			"states are no countries", `[{"name":"A","place":"Boulder, CO"},{"name":"B","place":"London, UK"},{"name":"C","place":"Bordeaux (France)"},{"name":"D","place":"USA / Nicaragua"},{"name":"E","place":"Berlin and Cologne (Köln), Germany"}]`,
			[]string{"A <> [Boulder|]   -1 [] false", "B <> [London|GB]   -1 [] false", "C <> [Bordeaux|FR]   -1 [] false", "D <> [|US]   -1 [] false", "E <> [Berlin|DE]   -1 [] false"},
		},
		{"what is hostile is left out", `[{"name":"Malo\u0000\u202e<b>","url":"javascript:alert(1)","latitude":"1e999","longitude":0,"members":-4,"services":[[["deep"]],{"a":1},5]}]`, []string{"Malo <b> <> [|]  se:5 -1 [] false"}},
	} {
		list, _, err := openlist.Read(strings.NewReader(tt.list), 100)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		var got []string
		for _, l := range list {
			got = append(got, line(l))
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s:\n%s", tt.name, diff)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	var invalid *coop.InvalidError
	for name, list := range map[string]string{
		"nothing": "", "a page": "<html><body>no</body></html>", "a broken list": `[{"name":`, "numbers": "[1,2,3]", "no names": "a,b\n1,2\n", "an object": `{"name":"A"}`,
	} {
		if list, _, err := openlist.Read(strings.NewReader(list), 100); !errors.Is(err, openlist.ErrFormat) {
			t.Errorf("%s: %v, %v", name, list, err)
		}
	}
	for name, list := range map[string]string{
		"too long": "name\n" + strings.Repeat("a", openlist.MaxBytes), "too many lines": "name\na\nb\nc\n", "too many objects": `[{"name":"a"},{"name":"b"},{"name":"c"}]`,
	} {
		if _, _, err := openlist.Read(strings.NewReader(list), 2); !errors.As(err, &invalid) || invalid.Field != "file" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestReadPublished reads lists that others publish, where they are at hand.
func TestReadPublished(t *testing.T) {
	for file, least := range map[string]int{"patio-coops.json": 40, "tech-coops.json": 175} {
		f, err := os.Open(filepath.Join("..", "..", "..", "shared", "domain-data", file))
		if err != nil {
			t.Skip("the lists are not at hand")
		}
		list, skipped, err := openlist.Read(f, 1000)
		if err = errors.Join(err, f.Close()); err != nil || len(list) < least || skipped != 0 {
			t.Errorf("%s: %d entries, %d left out, %v", file, len(list), skipped, err)
		}
		placed, sites := 0, 0
		for _, l := range list {
			if l.Country != "" {
				placed++
			}
			if l.URL != "" {
				sites++
			}
		}
		if placed < len(list)*8/10 || sites < len(list)*9/10 {
			t.Errorf("%s: of %d entries %d have a country and %d a site", file, len(list), placed, sites)
		}
	}
}
