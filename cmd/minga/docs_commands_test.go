// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"minga/federation/signature/signaturetest"
	"minga/storage/storagetest"
)

// What the documentation says that one types has to work. Each line of a block of README,
// docs and packaging that begins with `minga` is run here, in the order of the pages, on
// an instance beside which another one answers; what stands for something else is
// replaced by the table docPlaceholders. A command ends with 0, unless docEndings says
// and explains another end. Programs of others are listed as known.

// docFiles are the pages with commands, the first run first.
func docFiles(t *testing.T, root string) []string {
	t.Helper()
	files := []string{"docs/running.md"}
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/es/*.md", "packaging/*.md", "packaging/*/*.md"} {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range found {
			name, err := filepath.Rel(root, path)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Contains(files, name) {
				files = append(files, name)
			}
		}
	}
	return files
}

// docLine is a line of a block of a page.
type docLine struct {
	file  string
	line  int
	text  string
	shell bool // in a block that says so
}

// docLines are the lines of a page that one may type: those of blocks without a language
// or of a shell, with what ends in a backslash joined, without what explains them.
func docLines(file, text string) (lines []docLine) {
	fenced, shell, blank, block, joined := false, false, true, false, ""
	for n, line := range strings.Split(text, "\n") {
		if lang, fence := strings.CutPrefix(strings.TrimSpace(line), "```"); fence {
			fenced, shell = !fenced, slices.Contains([]string{"sh", "shell", "bash", "console"}, lang)
			continue
		}
		indented := strings.HasPrefix(line, "    ")
		block = indented && (blank || block) || block && strings.TrimSpace(line) == ""
		blank = strings.TrimSpace(line) == ""
		if !(fenced && shell) && !(block && !fenced) || blank {
			continue
		}
		joined += " " + strings.TrimSpace(line)
		if rest, more := strings.CutSuffix(joined, "\\"); more {
			joined = rest
			continue
		}
		lines = append(lines, docLine{file, n + 1, strings.Join(strings.Fields(joined), " "), fenced})
		joined = ""
	}
	return lines
}

// docCommand is what of a line is given to minga; ours says whether any is.
func docCommand(line string) (args []string, ours bool) {
	line = strings.TrimPrefix(strings.TrimPrefix(line, "$ "), "# ")
	for _, before := range []string{"sudo -u minga ", "sudo ", "go run ./cmd/", "./"} {
		line = strings.TrimPrefix(line, before)
	}
	if line != "minga" && !strings.HasPrefix(line, "minga ") {
		return nil, false
	}
	words := shellWords(line)
	return words[1:], true
}

// shellWords parts a line as a shell would: quotes, what explains it, and where its output
// goes.
func shellWords(line string) (words []string) {
	word, quote, open := "", rune(0), false
	end := func() {
		if open {
			words = append(words, word)
		}
		word, open = "", false
	}
	for i, c := range line {
		switch {
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
			word += string(c)
		case c == '"' || c == '\'':
			quote, open = c, true
		case c == ' ':
			end()
		case (c == '#' || c == '>' || c == '|' || c == '&' || c == ';') && !open:
			return words
		default:
			word, open = word+string(line[i:i+len(string(c))]), true
		}
	}
	end()
	return words
}

// docEndings are commands that end otherwise than with 0 here, with the reason.
var docEndings = map[string]struct {
	code int
	why  string
}{
	"init --link": {exitRefused, "somebody owns it by then"},
	"promote":     {exitRefused, "it is no rehearsal"},
	"backup restore /srv/backups/first.tar.gz --yes":                        {exitRefused, "the server runs"},
	"backup restore /srv/backups/hoy.tar.gz --yes":                          {exitRefused, "the server runs"},
	"account approve nova":                                                  {exitNotFound, "nobody asked for an account"},
	"account reject nova":                                                   {exitNotFound, "nobody asked for an account"},
	"account move ana --to ana@new.example":                                 {exitRefused, "nobody is there to say yes"},
	"account delete ana":                                                    {exitRefused, "nobody is there to say yes"},
	"account delete ana --grace --yes":                                      {exitRefused, "she is the only steward of a co-op"},
	"account keep ana":                                                      {exitRefused, "nothing is deleted"},
	"account invite --email eva@telar.example --send":                       {exitTryAgain, "there is no mail server"},
	"peer accept ourfriends@minga.example.net":                              {exitNotFound, "it has not asked"},
	"peer import https://lists.example/blocks.csv --name common":            {exitUsage, "nothing is there"},
	"doctor minga.example.net":                                              {exitFailed, "nobody has that name"},
	"peer compare patio.example":                                            {exitNotFound, "it is not followed"},
	"peer compare patio@patio.example":                                      {exitTryAgain, "nothing is there"},
	"peer show patio.example":                                               {exitNotFound, "it is not known"},
	"queue status --post https://coops.example/coops/telar/jobs/2030-001":   {exitNotFound, "no such post"},
	"member accept telar@minga.example.net":                                 {exitNotFound, "it has not asked"},
	"member show telar@minga.example.net":                                   {exitNotFound, "it has not asked"},
	"member decide telar@minga.example.net --days 14":                       {exitNotFound, "it has not asked"},
	"member suspend telar@minga.example.net":                                {exitRefused, "it is only invited"},
	"member role telar@minga.example.net observer --note no dues since May": {exitRefused, "it is only invited"},
	"announcement remove ID":                                                {exitNotFound, "no id"},
	"report close ID":                                                       {exitNotFound, "no id"},
	"offer list --request ID":                                               {exitNotFound, "no id"},
	"offer show ID --json":                                                  {exitNotFound, "no id"},
	"offer accept ID":                                                       {exitNotFound, "no id"},
	"offer decline ID Only 100 hours are left.":                             {exitNotFound, "no id"},
	"offer new REQUEST --as telar --slot backend --hours 160 --note Two members, from 1 December.": {exitNotFound, "no id"},
	"directory term feature 7 --name Web sites --labels es=Sitios web":                             {exitNotFound, "no such term"},
	"directory term merge 12 7": {exitNotFound, "no such term"},
	"directory term unmerge 12": {exitNotFound, "no such term"},
}

// docPlaceholders are what stands for something else: names of people and servers that
// are nowhere, and commands that ask. OTHER is the federation that answers.
var docPlaceholders = [][2]string{
	{"ourfriends@minga.example.net", "OTHER"},
	{"someone@minga.example.net", "OTHER"},
	{"telar@minga.example.net", "OTHER"},
	{"brisa@far.example", "OTHER"},
	{"ana@old.example", "OTHER"},
	{"ana@new.example", "OTHER"},
	{"10m", "1s"},
	{"/srv/backups/", ""},
	{"postgres://minga@localhost/minga", "sqlite://copied.db"},
	{"sqlite:///var/lib/minga/minga.db", "sqlite://back.db"},
}

// docAnswers are commands that ask, with what is answered.
var docAnswers = map[string][]string{
	"init": {"--name", "Sur", "--handle", "ourfed", "--language", "es", "--owner", "eva", "--owner-name", "Eva", "--email", "eva@a.example", "--password-file", "FILE"},
}

// docSkips are commands that are not run here, with where they are.
var docSkips = map[string]string{
	"serve": "each story of cmd/minga/process_test.go starts it",
	"demo":  "demo_test.go starts it",
	"bench": "scripts/bench runs it",
}

// docKnown are the programs of others that blocks of a shell name.
var docKnown = []string{"go", "curl", "sudo", "apt", "apt-get", "dpkg", "rpm", "dnf", "systemctl", "journalctl", "git", "scripts/test", "docker", "podman", "sha256sum", "tar", "cd", "echo", "scripts/release"}

// docHouse is the instance on which the commands are run.
type docHouse struct {
	t     *testing.T
	dir   string
	env   map[string]string
	other string          // handle of the other federation
	typed map[string]bool // what was run
}

// newDocHouse prepares it: an instance without an owner that answers, files of the names
// that stand in the pages, and another server.
func newDocHouse(t *testing.T) *docHouse {
	t.Helper()
	h := &docHouse{t: t, dir: t.TempDir(), typed: map[string]bool{}}
	friends := h.serve(map[string]string{"MINGA_FEDERATION_HANDLE": "ourfriends", "MINGA_DATA_DIR": t.TempDir()})
	h.other = "ourfriends@" + friends["MINGA_HOST"]
	h.env = h.serve(map[string]string{"MINGA_DATA_DIR": filepath.Join(h.dir, "data")})
	docTexts["following.csv"] += h.other + "\n"
	if err := os.Mkdir(filepath.Join(h.dir, "posts"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range docTexts {
		if err := os.WriteFile(filepath.Join(h.dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	h.zip("cities500.zip", "cities500.txt", "3838583\tRosario\tRosario\t\t-32.94682\t-60.63932\tP\tPPLA2\tAR\t\t21\t82084\t\t\t1173533\t\t26\tAmerica/Argentina/Cordoba\t2023-11-25\n")
	return h
}

// zip writes an archive of one file.
func (h *docHouse) zip(name, inside, text string) {
	file, err := os.Create(filepath.Join(h.dir, name))
	if err != nil {
		h.t.Fatal(err)
	}
	archive := zip.NewWriter(file)
	w, err := archive.Create(inside)
	if err == nil {
		_, err = w.Write([]byte(text))
	}
	if err := errors.Join(err, archive.Close(), file.Close()); err != nil {
		h.t.Fatal(err)
	}
}

// serve lets an instance answer, without its loops, and returns its settings.
func (h *docHouse) serve(set map[string]string) map[string]string {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		h.t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	maps.Copy(set, map[string]string{
		"MINGA_HOST": "n" + port + ".localhost:" + port, "MINGA_LISTEN": "127.0.0.1:" + port, "MINGA_SCHEME": "http", "MINGA_DEV": "1",
		"MINGA_RATE_LIMIT": "off", "MINGA_ADMIN_LISTEN": "", "MINGA_LOG_LEVEL": "warn",
	})
	config, err := loadConfig(&settingFlags{}, "", lookups{
		env:  func(key string) (string, bool) { v, ok := set[key]; return v, ok },
		read: func(string) ([]byte, error) { return nil, os.ErrNotExist },
	})
	if err != nil {
		h.t.Fatal(err)
	}
	i, err := newInstance(h.t.Context(), config, slog.New(slog.DiscardHandler), time.Now, signaturetest.Keys())
	if err != nil {
		h.t.Fatal(err)
	}
	server := &http.Server{Handler: i.handler, ReadHeaderTimeout: time.Minute}
	var loop sync.WaitGroup
	loop.Go(func() { _ = server.Serve(l) })
	ctx, stop := context.WithCancel(context.Background())
	i.reread = func() (*Config, error) { return config, nil }
	loop.Go(func() { _ = i.heedReload(ctx) })
	h.t.Cleanup(func() {
		stop()
		_ = server.Close()
		loop.Wait()
		_ = i.close()
	})
	return set
}

// docTexts are the files that the pages name.
var docTexts = map[string]string{
	"terms.md": "# Terms\n\nBe kind.\n", "condiciones.md": "# Condiciones\n", "privacy.md": "# Privacy\n", "about.md": "# About\n",
	"blocks.csv":     "#domain,#severity\nspam.example,suspend\n",
	"FILE":           "a long password of words\n",
	"following.csv":  "Account address\n",
	"posts/first.md": "---\ntitle: First\n---\nHello.\n", "admin1CodesASCII.txt": "AR.21\tSanta Fe\tSanta Fe\t3836276\n",
	"skills_es.csv":                      "conceptType,conceptUri,preferredLabel,altLabels\nKnowledgeSkillCompetence,http://data.europa.eu/esco/skill/1,tejer,\n",
	"skills_en.csv":                      "conceptType,conceptUri,preferredLabel,altLabels\nKnowledgeSkillCompetence,http://data.europa.eu/esco/skill/1,weave,\n",
	"skillGroups_es.csv":                 "conceptType,conceptUri,preferredLabel,altLabels\nSkillGroup,http://data.europa.eu/esco/skill/2,artesanía,\n",
	"broaderRelationsSkillPillar_en.csv": "conceptType,conceptUri,broaderType,broaderUri\nKnowledgeSkillCompetence,http://data.europa.eu/esco/skill/1,SkillGroup,http://data.europa.eu/esco/skill/2\n",
	"jobs.csv":                           "identifier,title\n7,Panadera\n",
	"feed.xml":                           "<rss><channel><item><title>Contable</title><link>https://telar.example/8</link></item></channel></rss>",
	"blog.xml":                           wordPressBlog[:strings.Index(wordPressBlog, "<item><title>Nada")] + "</channel></rss>",
	"coops.csv":                          "name,website,country\nTelar,https://telar.example,AR\n",
}

// run runs one command line and returns its end, what it prints and what it says.
func (h *docHouse) run(args ...string) (code int, out, talk string) {
	var stdout, stderr bytes.Buffer
	from := systemLookups()
	from.newRSA = signaturetest.Keys()
	from.env = func(key string) (string, bool) { v, ok := h.env[key]; return v, ok }
	ctx, cancel := context.WithTimeout(h.t.Context(), time.Minute)
	defer cancel()
	code = execute(ctx, args, strings.NewReader(""), &stdout, &stderr, from)
	return code, stdout.String(), stderr.String()
}

// placed replaces what stands for something else.
func (h *docHouse) placed(args []string) []string {
	placed := slices.Clone(args)
	for i, arg := range placed {
		for _, pair := range docPlaceholders {
			arg = strings.ReplaceAll(arg, pair[0], pair[1])
		}
		placed[i] = strings.ReplaceAll(arg, "OTHER", h.other)
	}
	return append(placed, docAnswers[strings.Join(args, " ")]...)
}

// TestDocCommands runs them.
func TestDocCommands(t *testing.T) {
	storagetest.WithoutRace(t)
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	h := newDocHouse(t)
	t.Chdir(h.dir)
	ran := 0
	for _, file := range docFiles(t, root) {
		text, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range docLines(file, string(text)) {
			args, ours := docCommand(line.text)
			if first, _, _ := strings.Cut(line.text, " "); !ours && line.shell && !slices.Contains(docKnown, first) {
				t.Errorf("%s:%d: nobody knows the program %s", line.file, line.line, first)
			}
			if !ours {
				continue
			}
			ran += h.check(line, args)
		}
	}
	h.examples()
	if ran < 60 {
		t.Errorf("only %d commands were found", ran)
	}
}

// check runs one line and says 1 if it did.
func (h *docHouse) check(line docLine, args []string) int {
	typed := strings.Join(args, " ")
	first := ""
	if len(args) > 0 {
		first = args[0]
	}
	if _, skip := docSkips[first]; skip {
		return 0
	}
	if h.typed[typed] && strings.HasPrefix(line.file, "docs/es/") {
		return 0 // the English page has it: TestDocLanguages
	}
	h.typed[typed] = true
	begun := time.Now()
	code, out, talk := h.run(h.placed(args)...)
	want := docEndings[typed]
	if code != want.code {
		h.t.Errorf("%s:%d: minga %s ends with %d, want %d (%s)\n%s%s", line.file, line.line, typed, code, want.code, want.why, out, talk)
	}
	if verbose {
		h.t.Log(fmt.Sprint(line.file, ":", line.line, " ", typed, " ", code, " ", time.Since(begun)))
	}
	return 1
}
