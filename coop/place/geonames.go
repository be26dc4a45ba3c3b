// SPDX-License-Identifier: AGPL-3.0-or-later

package place

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"minga/coop"
)

// Bounds of a file of GeoNames.
const (
	longestRow  = 64 << 10
	mostNames   = 60 // of one town
	rowColumns  = 19
	mostRegions = 20_000
)

// GeoNames reads a file in the format of GeoNames' own dumps (cities500.txt,
// allCountries.txt: nineteen columns between tabs, no header) and hands on its populated
// places. Regions may be nil: the names of first divisions, by "AR.21". A line that is
// no such row ends it with an error that names its number.
func GeoNames(r io.Reader, regions map[string]string, yield func(coop.TownEntry) error) error {
	known, err := knownCities()
	if err != nil {
		return err
	}
	return eachRow(r, func(n int, line string) error {
		f := strings.Split(line, "\t")
		if len(f) != rowColumns {
			return fmt.Errorf("line %d: %d columns, not %d: this is no file of GeoNames", n, len(f), rowColumns)
		}
		entry, err := geoName(f, regions)
		if err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
		if f[6] != "P" || !coop.ValidCountry(entry.Country) || entry.Name == "" {
			return nil
		}
		// A small namesake is not the city of our list.
		if c, ok := find(known, entry.Country, entry.Name, entry.Region); ok && entry.Weight*3 > c.people {
			entry.Labels = append(entry.Labels, c.labels...)
		}
		return yield(entry)
	})
}

// eachRow reads lines that are not empty.
func eachRow(r io.Reader, do func(n int, line string) error) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, longestRow), longestRow)
	for n := 1; lines.Scan(); n++ {
		if line := lines.Text(); line != "" && !strings.HasPrefix(line, "#") {
			if err := do(n, line); err != nil {
				return err
			}
		}
	}
	return lines.Err()
}

// geoName reads the columns of a row.
func geoName(f []string, regions map[string]string) (e coop.TownEntry, err error) {
	if e.ID, err = strconv.ParseInt(f[0], 10, 64); err != nil || e.ID <= 0 {
		return e, fmt.Errorf("%.40q is no id", f[0])
	}
	if e.Latitude, err = strconv.ParseFloat(f[4], 64); err != nil {
		return e, fmt.Errorf("%.40q is no latitude", f[4])
	}
	if e.Longitude, err = strconv.ParseFloat(f[5], 64); err != nil || !e.Valid() {
		return e, fmt.Errorf("%.40q is no longitude", f[5])
	}
	e.Name, e.Country, e.Region = coop.CleanLine(f[1], 200), f[8], regions[f[8]+"."+f[10]]
	e.Weight, _ = strconv.ParseInt(f[14], 10, 64) // not always known
	for name := range strings.SplitSeq(f[3], ",") {
		if name = coop.CleanLine(name, 200); name != "" && len(e.Labels) < mostNames {
			e.Labels = append(e.Labels, coop.Label{Text: name})
		}
	}
	return e, nil
}

// Regions reads GeoNames' admin1CodesASCII.txt: code and name of first divisions.
func Regions(r io.Reader) (map[string]string, error) {
	regions := map[string]string{}
	err := eachRow(r, func(n int, line string) error {
		f := strings.Split(line, "\t")
		if len(f) < 2 || !strings.Contains(f[0], ".") || len(regions) >= mostRegions {
			return fmt.Errorf("line %d: this is no file of GeoNames' divisions", n)
		}
		regions[f[0]] = coop.CleanLine(f[1], 200)
		return nil
	})
	return regions, err
}
