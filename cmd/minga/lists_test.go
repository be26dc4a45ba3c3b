// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"archive/zip"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"minga/coop"
	"minga/coop/place"
	"minga/coop/skill"

	"minga/federation/signature/signaturetest"
)

// geoRow is a line of GeoNames' own files.
func geoRow(id, name, also, lat, lng, country, admin1, people string) string {
	return strings.Join([]string{id, name, name, also, lat, lng, "P", "PPL", country, "", admin1, "", "", "", people, "", "1", "UTC", "2024-01-01"}, "\t") + "\n"
}

// writeFile writes a file of a test and gives its path.
func writeFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestListsOnTheCommandLine: GeoNames' and ESCO's own files are read in, and a broken one
// changes nothing.
func TestListsOnTheCommandLine(t *testing.T) {
	dir := t.TempDir()
	towns := writeFile(t, "cities500.txt", geoRow("1", "Ourtown", "Nuestropueblo,Vilanostra", "41.5", "2.1", "ES", "56", "900")+geoRow("2", "Ourtown", "", "10", "-60", "VE", "01", "90000"))
	regions := writeFile(t, "admin1CodesASCII.txt", "ES.56\tCatalonia\tCatalonia\t3336901\n")
	packed := filepath.Join(t.TempDir(), "cities15000.zip")
	file, err := os.Create(packed)
	if err != nil {
		t.Fatal(err)
	}
	archive := zip.NewWriter(file)
	in, err := archive.Create("cities15000.txt")
	if err == nil {
		_, err = in.Write([]byte(geoRow("7", "Packedville", "", "1", "1", "GB", "", "5")))
	}
	if err != nil || archive.Close() != nil || file.Close() != nil {
		t.Fatal("no archive was made")
	}
	skills := writeFile(t, "skills_es.csv", "conceptType,conceptUri,preferredLabel,altLabels\nKnowledgeSkillCompetence,http://data.europa.eu/esco/skill/x1,tejer redes,anudar\n")
	broader := writeFile(t, "broaderRelationsSkillPillar_en.csv", "conceptType,conceptUri,broaderType,broaderUri\nKnowledgeSkillCompetence,http://data.europa.eu/esco/skill/x1,SkillGroup,http://data.europa.eu/esco/skill/x0\n")
	broken := writeFile(t, "broken.txt", geoRow("3", "New", "", "1", "1", "ES", "", "")+"and so on\n")
	for _, tt := range []struct {
		name string
		line string
		code int
		says string // on stdout or stderr
	}{
		{"nothing is known", "places find ourtown --json", exitDone, "[]"},
		{"places", "places import " + towns + " --regions " + regions, exitDone, "2 read in"},
		{"the best known first", "places find ourt", exitDone, "Ourtown, VE"},
		{"another name", "places find vilanostra --json", exitDone, `"value":"Ourtown, Catalonia, ES"`},
		{"a broken file", "places import " + broken, exitUsage, "line 2"},
		{"changes nothing", "places find ourtown", exitDone, "Ourtown"},
		{"a file that is not there", "places import " + towns + ".not", exitUsage, ""},
		{"regions that are none", "places import " + towns + " --regions " + towns, exitUsage, "divisions"},
		{"a packed one", "places import " + packed + " --json", exitDone, `{"read":1,"jobs":0}`},
		{"in the place of the other", "places find ourtown --json", exitDone, "[]"},
		{"the packed town", "places find packed", exitDone, "Packedville, GB"},
		{"skills", "skills import " + skills + " " + broader, exitDone, "2 read in"},
		{"by another name", "skills find anud", exitDone, "tejer redes"},
		{"a language that nobody says", "skills import " + writeFile(t, "skills.csv", "conceptUri,preferredLabel\n"), exitUsage, "--language"},
		{"no file of ESCO's", "skills import " + towns, exitUsage, "conceptUri"},
		{"back", "places reset", exitDone, "next start"},
		{"the log", "audit list", exitDone, "places.import"},
	} {
		code, out, talk := typed(t, dir, strings.Fields(tt.line)...)
		if code != tt.code || !strings.Contains(out+talk, tt.says) {
			t.Errorf("%s: ends with %d and says %q, want %d and %q", tt.name, code, out+talk, tt.code, tt.says)
		}
	}
}

// TestListsAreReadInOnce: the cities of our list and the skills are there after the first
// step; what an admin reads in stays.
func TestListsAreReadInOnce(t *testing.T) {
	from := systemLookups()
	env := map[string]string{"MINGA_DATA_DIR": t.TempDir(), "MINGA_HOST": "a.localhost:8080", "MINGA_SCHEME": "http", "MINGA_DEV": "1"}
	from.env = func(key string) (string, bool) { v, ok := env[key]; return v, ok }
	config, err := loadConfig(&settingFlags{}, "", from)
	if err != nil {
		t.Fatal(err)
	}
	i, err := newInstance(t.Context(), config, slog.New(slog.DiscardHandler), time.Now, signaturetest.Keys())
	if err != nil {
		t.Fatal(err)
	}
	defer i.close()
	ctx := t.Context()
	for range 2 { // a second time does nothing
		if err := i.readSkills(ctx); err != nil {
			t.Fatal(err)
		}
	}
	list, err := skill.List()
	if err != nil {
		t.Fatal(err)
	}
	if n, languages, err := i.store.SkillListCount(ctx); err != nil || n != len(list) || languages != 5 {
		t.Errorf("%d skills in %d languages: %v", n, languages, err)
	}
	book := &townReader{}
	finished, first, err := i.readSomeTowns(ctx, book)
	if finished || !first || err != nil {
		t.Fatal(finished, first, err)
	}
	if n, err := i.store.TownCount(ctx); n != place.CityCount() || err != nil {
		t.Errorf("%d towns are there: %v", n, err)
	}
	for typed, want := range map[string]string{
		"Roma": "IT", "Lisboa": "PT", "Londres": "GB", "Londra": "GB", "Nova Iorque": "US", "Alguer": "IT", "Bariloche": "AR", "México D. F.": "MX", "Córdoba": "AR", "Valencia": "ES",
	} {
		q, err := i.store.LookUp(ctx, coop.JobQuery{Place: typed})
		if err != nil || !q.Near.Known || q.Near.Country != want {
			t.Errorf("%s is %+v: %v", typed, q.Near, err)
		}
	}
	if _, first, err = i.readSomeTowns(ctx, book); first || err != nil {
		t.Fatal(first, err)
	}
	if n, err := i.store.TownCount(ctx); n != place.CityCount()+townsAtOnce || err != nil {
		t.Errorf("%d towns are there: %v", n, err)
	}
	if err := i.indexJobs(ctx, 0); err != nil {
		t.Fatal(err)
	}
	if now, err := listStateOf(ctx, i.store, indexSetting); err != nil || !now.Finished {
		t.Errorf("the jobs are not looked at: %+v %v", now, err)
	}
}
