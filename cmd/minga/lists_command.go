// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"archive/zip"
	"cmp"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"minga/coop"
	"minga/coop/place"
	"minga/coop/skill"
	"minga/storage"
)

// placesCommand is `minga places`.
type placesCommand struct {
	Import placesImport `cmd:"" help:"Read in a gazetteer of GeoNames (cities500.txt or its .zip) in the place of the one that comes with the program."`
	Reset  placesReset  `cmd:"" help:"Go back to the gazetteer that comes with the program; the running server reads it in at its next start."`
	Find   placesFind   `cmd:"" help:"Find places by the beginning of their name."`
}

// listReport is what was read in, as it is printed.
type listReport struct {
	Read int `json:"read"`
	Jobs int `json:"jobs"` // of which something is found otherwise now
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

// listsChanged looks at all jobs again, notes the act and prints what came of it.
func (i *instance) listsChanged(t *terminal, act, file string, read int) error {
	if err := i.indexJobs(t.ctx, 0); err != nil {
		return err
	}
	now, err := listStateOf(t.ctx, i.store, indexSetting)
	if err != nil {
		return err
	}
	if err := i.audit(t.ctx, act, filepath.Base(file), ""); err != nil {
		return err
	}
	report := listReport{read, now.Changed}
	return t.print(report, func(w io.Writer) {
		fmt.Fprintf(w, "%d read in; of %d jobs something is found otherwise now\n", report.Read, report.Jobs)
	})
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

// skillsCommand is `minga skills`.
type skillsCommand struct {
	Import skillsImport `cmd:"" help:"Read in CSV files of ESCO: skills, groups of skills, and what is broader; in any language."`
	Find   skillsFind   `cmd:"" help:"Find skills by the beginning of their name."`
}

// skillsImport is `minga skills import`.
type skillsImport struct {
	Files    []string `arg:"" help:"skills_en.csv, skillGroups_en.csv, broaderRelationsSkillPillar_en.csv and the like." type:"path"`
	Language string   `help:"Language of the names, where the names of the files do not say it."`
}

// skillsAtOnce is how many skills are written in one transaction.
const skillsAtOnce = 500

// Run reads files of ESCO in.
func (a skillsImport) Run(t *terminal) error {
	return t.with(func(i *instance) error {
		read := 0
		for _, name := range a.Files {
			n, err := i.importSkills(t, name, cmp.Or(a.Language, skill.LanguageOf(name)))
			if err != nil {
				return fmt.Errorf("read in %s, after %d skills: %w", name, n, err)
			}
			read += n
		}
		if err := i.store.Write(t.ctx, func(tx *storage.Tx) error {
			now, err := listStateOf(t.ctx, tx, skillsSetting)
			if err != nil {
				return err
			}
			now.Imported = i.now().UTC().Format(time.RFC3339)
			return now.keep(t.ctx, tx, skillsSetting)
		}); err != nil {
			return err
		}
		return i.listsChanged(t, "skills.import", strings.Join(a.Files, " "), read)
	})
}

// importSkills reads one file in: through before anything is changed, then again.
func (i *instance) importSkills(t *terminal, name, language string) (read int, err error) {
	file, err := openList(name)
	if err != nil {
		return 0, usage("%v", err)
	}
	defer file.Close()
	var waiting []coop.SkillEntry
	put := func() error {
		read += len(waiting)
		err := i.store.Write(t.ctx, func(tx *storage.Tx) error { return tx.PutSkills(t.ctx, skill.Source, waiting) })
		waiting = waiting[:0]
		return err
	}
	if err := skill.ReadESCO(file, language, func(coop.SkillEntry) error { return t.ctx.Err() }); err != nil {
		return 0, usage("%v", err)
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return 0, err
	}
	err = skill.ReadESCO(file, language, func(e coop.SkillEntry) error {
		// Rows that say what is broader than one skill stand one after another: they are one.
		if n := len(waiting); n > 0 && len(e.Labels) == 0 && waiting[n-1].URI == e.URI {
			waiting[n-1].Broader = append(waiting[n-1].Broader, e.Broader...)
			return nil
		}
		if len(waiting) >= skillsAtOnce {
			if err := put(); err != nil {
				return err
			}
		}
		waiting = append(waiting, e)
		return nil
	})
	return read, cmp.Or(err, put())
}

// skillsFind is `minga skills find`.
type skillsFind struct {
	Text     string `arg:"" help:"Beginning of a name, or of a word of it."`
	Language string `help:"Language of the names."`
}

// skillRow is a skill as it is printed.
type skillRow struct {
	URI     string `json:"uri"`
	Name    string `json:"name"`
	Matched string `json:"matched,omitempty"`
}

// Run lists skills.
func (a skillsFind) Run(t *terminal) error {
	return t.with(func(i *instance) error {
		found, err := i.store.FindSkills(t.ctx, a.Text, cmp.Or(a.Language, i.config.Language), 20)
		if err != nil {
			return err
		}
		rows := make([]skillRow, len(found))
		for n, s := range found {
			rows[n] = skillRow(s)
		}
		return t.print(rows, func(w io.Writer) {
			for _, row := range rows {
				fmt.Fprintf(w, "%-48s %s\n", printable(row.Name), row.URI)
			}
		})
	})
}

// openList opens a file, or the one file of that name in a .zip.
func openList(name string) (list, error) {
	if !strings.EqualFold(filepath.Ext(name), ".zip") {
		return os.Open(name)
	}
	archive, err := zip.OpenReader(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = archive.Close() }()
	wanted := strings.TrimSuffix(filepath.Base(name), filepath.Ext(name)) + ".txt"
	for _, f := range archive.File {
		if f.Name == wanted && f.UncompressedSize64 <= largestList {
			return unzip(f)
		}
	}
	return nil, fmt.Errorf("%s holds no %s", name, wanted)
}

// largestList is how large a file in a .zip may be: 2 GB.
const largestList = 2 << 30

// list is a file that is read through, perhaps twice.
type list interface {
	io.ReadSeeker
	io.Closer
}

// unzip writes a file of an archive into a temporary one that goes when it is closed.
func unzip(f *zip.File) (list, error) {
	packed, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer packed.Close()
	plain, err := os.CreateTemp("", "minga-list")
	if err != nil {
		return nil, err
	}
	if err := os.Remove(plain.Name()); err != nil { // it lives until it is closed
		return nil, cmp.Or(plain.Close(), err)
	}
	if _, err := io.Copy(plain, io.LimitReader(packed, largestList)); err != nil {
		return nil, cmp.Or(plain.Close(), err)
	}
	_, err = plain.Seek(0, io.SeekStart)
	return plain, err
}
