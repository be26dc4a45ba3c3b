// SPDX-License-Identifier: AGPL-3.0-or-later

package place

import (
	"bufio"
	"bytes"
	"compress/flate"
	_ "embed"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"strings"

	"minga/coop"
)

// towns is made by scripts/pack:
//
//	"minga towns 1\n"
//	three columns, each its length (a varint) and its bytes (DEFLATE): names, latitudes,
//	longitudes
//
// Towns stand by country, division and latitude. The column of names is lines: one that
// begins with 0x01 says the country and the name of its division for those that follow
// ("\x01AR\tSanta Fe"); one that ends in 0x02 or 0x03 is the seat of its first or
// second division. Degrees are in five-hundredths, each as its difference to the one
// before (a signed varint).
//
//go:embed towns.bin
var towns []byte

//go:embed cities.tsv
var cities string

// Marks in the column of names.
const (
	head        = "minga towns 1\n"
	division    = 0x01
	seat        = 0x02
	seatBelow   = 0x03
	perDegree   = 500
	longestLine = 1 << 10
)

// Weights of towns whose people nobody counted for us.
const (
	seatWeight      = 50_000
	seatBelowWeight = 5_000
	townWeight      = 1_000
)

// errBroken says that the packed gazetteer is not what it should be.
var errBroken = errors.New("the packed gazetteer is broken")

// Version names what is packed: another program may bring another.
func Version() string {
	sum := fnv.New64a()
	_, _ = sum.Write(towns)            // a hash takes everything
	_, _ = io.WriteString(sum, cities) // as said
	return hex.EncodeToString(sum.Sum(nil))
}

// Each reads the gazetteer through, town by town, until yield says false. Ids rise from 1
// and are those of this version alone.
func Each(yield func(coop.TownEntry) bool) error {
	r, err := Open()
	if err != nil {
		return err
	}
	for {
		entry, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if !yield(entry) {
			return nil
		}
	}
}

// Open begins to read the gazetteer.
func Open() (*Reader, error) {
	known, err := knownCities()
	if err != nil {
		return nil, err
	}
	columns, err := openColumns(towns)
	if err != nil {
		return nil, err
	}
	return &Reader{names: bufio.NewReaderSize(columns[0], longestLine), lat: bufio.NewReader(columns[1]), lng: bufio.NewReader(columns[2]), known: known}, nil
}

// openColumns opens the three columns.
func openColumns(packed []byte) (columns [3]io.Reader, err error) {
	rest, ok := bytes.CutPrefix(packed, []byte(head))
	if !ok {
		return columns, errBroken
	}
	for i := range columns {
		size, n := binary.Uvarint(rest)
		if n <= 0 || size > uint64(len(rest)-n) {
			return columns, errBroken
		}
		columns[i] = flate.NewReader(bytes.NewReader(rest[n : n+int(size)]))
		rest = rest[n+int(size):]
	}
	return columns, nil
}

// Reader walks through the gazetteer; it holds little of it in memory.
type Reader struct {
	names            *bufio.Reader
	lat, lng         *bufio.Reader
	lastLat, lastLng int64
	id               int64
	country, region  string
	known            map[string]city
}

// Last is the id of the town that was read last; 0: none.
func (r *Reader) Last() int64 { return r.id }

// Next reads a town; io.EOF at the end.
func (r *Reader) Next() (coop.TownEntry, error) {
	entry, err := r.next()
	if err != nil && !errors.Is(err, io.EOF) {
		err = fmt.Errorf("%w: %w", errBroken, err)
	}
	return entry, err
}

// next reads a line and its numbers.
func (r *Reader) next() (coop.TownEntry, error) {
	line, err := r.names.ReadString('\n')
	for err == nil && line[0] == division {
		r.country, r.region, _ = strings.Cut(strings.TrimSuffix(line[1:], "\n"), "\t")
		line, err = r.names.ReadString('\n')
	}
	if err != nil {
		return coop.TownEntry{}, err
	}
	t := coop.Town{Name: strings.TrimSuffix(line, "\n"), Region: r.region, Country: r.country, Weight: townWeight}
	if name, is := strings.CutSuffix(t.Name, string(rune(seat))); is {
		t.Name, t.Weight = name, seatWeight
	} else if name, is = strings.CutSuffix(t.Name, string(rune(seatBelow))); is {
		t.Name, t.Weight = name, seatBelowWeight
	}
	lat, err := binary.ReadVarint(r.lat)
	if err != nil {
		return coop.TownEntry{}, err
	}
	lng, err := binary.ReadVarint(r.lng)
	if err != nil {
		return coop.TownEntry{}, err
	}
	r.id, r.lastLat, r.lastLng = r.id+1, r.lastLat+lat, r.lastLng+lng
	t.ID, t.Point = r.id, coop.Point{Latitude: float64(r.lastLat) / perDegree, Longitude: float64(r.lastLng) / perDegree}
	return r.entry(t), nil
}

// entry adds what our own list says of a city.
func (r *Reader) entry(t coop.Town) coop.TownEntry {
	if c, ok := find(r.known, t.Country, t.Name, t.Region); ok {
		t.Weight = c.people
		return coop.TownEntry{Town: t, Labels: c.labels}
	}
	return coop.TownEntry{Town: t}
}
