// SPDX-License-Identifier: AGPL-3.0-or-later

package place

import (
	"fmt"
	"strconv"
	"strings"

	"minga/coop"
)

// city is a line of our own list.
type city struct {
	people int64
	labels []coop.Label
}

// cityLanguages are the columns of names.
var cityLanguages = [...]string{"es", "en", "ca", "it", "pt"}

// cityColumns is how many columns a line has.
const cityColumns = 10

// cityKey is what a city is found by.
func cityKey(country, name, region string) string { return country + "\t" + name + "\t" + region }

// knownCities reads the list.
func knownCities() (map[string]city, error) {
	known := map[string]city{}
	for line := range strings.Lines(cities) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Split(line, "\t")
		if len(f) != cityColumns {
			return nil, fmt.Errorf("cities: %d columns in %q, not %d", len(f), line, cityColumns)
		}
		thousands, err := strconv.ParseInt(f[3], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("cities: people of %s: %w", f[1], err)
		}
		known[cityKey(f[0], f[1], f[2])] = city{thousands * 1000, cityLabels(f)}
	}
	return known, nil
}

// cityLabels are the names of a line.
func cityLabels(f []string) []coop.Label {
	var labels []coop.Label
	for i, language := range cityLanguages {
		labels = append(labels, coop.Label{Language: language, Text: f[4+i], Preferred: true})
	}
	for also := range strings.SplitSeq(f[9], "|") {
		if also != "" {
			labels = append(labels, coop.Label{Text: also})
		}
	}
	return labels
}

// CityCount is how many cities our own list has; they come first in [Each].
func CityCount() int {
	known, err := knownCities()
	if err != nil {
		return 0
	}
	return len(known)
}

// Listed gives what tells whether a city is in our own list.
func Listed() (func(country, name, region string) bool, error) {
	known, err := knownCities()
	return func(country, name, region string) bool {
		_, ok := find(known, country, name, region)
		return ok
	}, err
}

// find looks a city up, by its region too where our list names one.
func find(known map[string]city, country, name, region string) (city, bool) {
	c, ok := known[cityKey(country, name, region)]
	if !ok {
		c, ok = known[cityKey(country, name, "")]
	}
	return c, ok
}
