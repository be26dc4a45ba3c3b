// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"cmp"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"minga/coop"
	"minga/coop/place"
	"minga/storage"
)

// placesCommand is `minga places`.
type placesCommand struct {
	Import placesImport `cmd:"" help:"Read in a gazetteer of GeoNames (cities500.txt or its .zip) in the place of the one that comes with the program."`
	Reset  placesReset  `cmd:"" help:"Go back to the gazetteer that comes with the program; the running server reads it in at its next start."`
	Find   placesFind   `cmd:"" help:"Find places by the beginning of their name."`
}

// placesImport is `minga places import`.
type placesImport struct {
	File    string `arg:"" help:"cities500.txt, or its .zip." type:"path"`
	Regions string `help:"admin1CodesASCII.txt, for the names of regions." type:"path"`
}

// Run reads a gazetteer in.
func (a placesImport) Run(t *terminal) error {
	regions, err := a.regions()
	if err != nil {
		return err
	}
	file, err := openList(a.File)
	if err != nil {
		return usage("%v", err)
	}
	defer file.Close()
	return t.with(func(i *instance) error {
		read, err := i.importTowns(t, file, regions, filepath.Base(a.File))
		if err != nil {
			return fmt.Errorf("read in %s, after %d places: %w", a.File, read, err)
		}
		return i.listsChanged(t, "places.import", a.File, read)
	})
}

// regions reads the names of regions, if a file is given.
func (a placesImport) regions() (map[string]string, error) {
	if a.Regions == "" {
		return nil, nil
	}
	file, err := openList(a.Regions)
	if err != nil {
		return nil, usage("%v", err)
	}
	defer file.Close()
	regions, err := place.Regions(file)
	if err != nil {
		return nil, usage("%s: %v", a.Regions, err)
	}
	return regions, nil
}

// importTowns reads a gazetteer in the place of the one that is there. The file is read
// through before anything goes: a broken one changes nothing.
func (i *instance) importTowns(t *terminal, file io.ReadSeeker, regions map[string]string, name string) (read int, err error) {
	if err := place.GeoNames(file, regions, func(coop.TownEntry) error { return t.ctx.Err() }); err != nil {
		return 0, usage("%v", err)
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return 0, err
	}
	now := listState{Imported: name, Version: i.now().UTC().Format(time.RFC3339)}
	for gone := goneAtOnce; gone == goneAtOnce; {
		if err := i.store.Write(t.ctx, func(tx *storage.Tx) (err error) {
			if gone, err = tx.RemoveTowns(t.ctx, goneAtOnce); err != nil {
				return err
			}
			return now.keep(t.ctx, tx, gazetteerSetting)
		}); err != nil {
			return 0, err
		}
	}
	var waiting []coop.TownEntry
	put := func() error {
		read += len(waiting)
		err := i.store.Write(t.ctx, func(tx *storage.Tx) error { return tx.PutTowns(t.ctx, waiting) })
		waiting = waiting[:0]
		return err
	}
	err = place.GeoNames(file, regions, func(e coop.TownEntry) error {
		if waiting = append(waiting, e); len(waiting) < townsAtOnce {
			return nil
		}
		return put()
	})
	if err == nil {
		err = put()
	}
	now.Finished = err == nil
	return read, cmp.Or(err, i.store.Write(t.ctx, func(tx *storage.Tx) error { return now.keep(t.ctx, tx, gazetteerSetting) }))
}

// placesReset is `minga places reset`.
type placesReset struct{}

// Run forgets what was read in.
func (placesReset) Run(t *terminal) error {
	return t.with(func(i *instance) error {
		if err := i.store.Write(t.ctx, func(tx *storage.Tx) error { return tx.DeleteSetting(t.ctx, gazetteerSetting) }); err != nil {
			return err
		}
		t.talk("the gazetteer of the program is read in at the next start of the server")
		return i.audit(t.ctx, "places.reset", "", "")
	})
}

// placesFind is `minga places find`.
type placesFind struct {
	Text     string `arg:"" help:"Beginning of a name; after a comma a region or a country may stand."`
	Language string `help:"Language of the names."`
}

// placeRow is a place as it is printed.
type placeRow struct {
	Value     string  `json:"value"`
	Country   string  `json:"country"`
	Latitude  float64 `json:"latitude"`
	Longitude float64 `json:"longitude"`
}

// Run lists places.
func (a placesFind) Run(t *terminal) error {
	return t.with(func(i *instance) error {
		towns, err := i.store.FindPlaces(t.ctx, a.Text, cmp.Or(a.Language, i.config.Language), 20)
		if err != nil {
			return err
		}
		rows := make([]placeRow, len(towns))
		for n, town := range towns {
			rows[n] = placeRow{town.Value(), town.Country, town.Latitude, town.Longitude}
		}
		return t.print(rows, func(w io.Writer) {
			for _, row := range rows {
				fmt.Fprintf(w, "%-48s %9.4f %9.4f\n", printable(row.Value), row.Latitude, row.Longitude)
			}
		})
	})
}
