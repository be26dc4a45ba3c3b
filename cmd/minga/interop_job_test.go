// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"minga/storage"
)

// typedJobs is a job in each language, as somebody types it at a terminal: in what the
// languages write otherwise, and with a last day that is %s.
var typedJobs = map[string]string{
	"en": "Job: Bakery hand (en)\nWhere: remote (AR, UY)\nHours: 20-30\nPay: 1,900,000-2,300,000 ARS a month\nApply by: %s\n\nYou bake bread with three others, four mornings a week, and sell it on Saturdays.\n\n#bread",
	"es": "Empleo: Ayudante de panadería (es)\nDónde: remoto (Argentina y Uruguay)\nHoras: de 20 a 30 por semana\nPaga: 1.900.000 a 2.300.000 ARS al mes\nHasta: %s\n\nHacés pan con otras tres personas, cuatro mañanas por semana, y lo vendés los sábados.\n\n#bread",
	"ca": "Feina: Ajudant de forn (ca)\nOn: en remot (Argentina, Uruguai)\nHores: 20-30 h/setmana\nSou: 1.900.000–2.300.000 ARS al mes\nFins a: %s\n\nFas pa amb tres persones més, quatre matins per setmana, i el vens els dissabtes.\n\n#bread",
	"it": "Lavoro: Aiuto in panetteria (it)\nDove: da remoto (Argentina, Uruguay)\nOre: 20-30\nCompenso: 1.900.000-2.300.000 ARS al mese\nEntro: %s\n\nFai il pane con altre tre persone, quattro mattine alla settimana, e lo vendi il sabato.\n\n#bread",
	"pt": "Vaga: Ajudante de padaria (pt)\nOnde: remoto (Argentina, Uruguai)\nHoras: 20-30\nRemuneração: 1.900.000-2.300.000 ARS por mês\nAté: %s\n\nVocê faz pão com outras três pessoas, quatro manhãs por semana, e vende aos sábados.\n\n#bread",
}

// lastDays are how people write a day.
var lastDays = map[string]string{"en": "2 January 2006", "es": "02/01/2006", "ca": "2.1.2006", "it": "2006-01-02", "pt": "02-01-2006"}

// TestInteropJobsByText: a co-op that has nothing but toot and a library posts, edits
// and closes jobs, and another server's board follows.
func TestInteropJobsByText(t *testing.T) {
	if _, err := exec.LookPath("toot"); err != nil {
		t.Skip("toot is not installed: scripts/test interop does it")
	}
	node, folder := os.Getenv("MINGA_TEST_NODE"), os.Getenv("MINGA_TEST_CLIENTS")
	if node == "" || folder == "" {
		t.Skip("the client libraries are not installed: scripts/test interop does it")
	}
	w := newClientWorld(t, storage.SQLite)
	token := w.home.do(nil, "token", "create", "--account", "molino", "--scopes", "read write follow")
	w.bea(t, "POST", "/api/v1/accounts/"+w.found(t, "molino@"+w.home.host)+"/follow", nil, nil)
	h := tootHome{t, t.TempDir()}
	h.signedIn(w.home.host, "molino", token)
	until := time.Now().AddDate(0, 0, 30)
	eventually(t, interopPatience, "the follow holds", func() bool { return strings.Contains(h.run("followers", "molino"), "bea") })
	ids := map[string]string{}
	for _, lang := range slices.Sorted(maps.Keys(typedJobs)) {
		out := h.run("post", fmt.Sprintf(typedJobs[lang], until.Format(lastDays[lang])))
		ids[lang] = regexp.MustCompile(`(\d{15,})|jobs/\S+`).FindString(out)
	}
	day := until.Format(time.DateOnly) + "T23:59:59.000Z"
	eventually(t, interopPatience, "five jobs are on the other board", func() bool { return len(w.board(t, "bread")) == 5 })
	for title, job := range w.board(t, "bread") {
		got, err := json.Marshal([]any{job.Language, job.Minga.ClosesAt, job.Minga.State, job.Minga.Job.Hours, job.Minga.Job.Pay, job.Minga.Job.Place.ApplicantsFrom})
		if err != nil {
			t.Fatal(err)
		}
		lang := title[len(title)-3 : len(title)-1]
		want := `["` + lang + `","` + day + `","open",{"max":30,"min":20},{"currency":"ARS","max":"2300000","min":"1900000","per":"month"},["AR","UY"]]`
		if string(got) != want {
			t.Errorf("%s is %s, not %s", title, got, want)
		}
	}
	if told := h.run("notifications"); !strings.Contains(told, "Published as a job: Ajudante de padaria (pt)") {
		t.Errorf("what was understood is not told: %s", told)
	}
	w.editAndFill(t, node, folder, token)

	h.run("post", "Job: Broken\nWhere: remote (Atlantis)\nHours: many\nPay: much\nApply by: soon\n\nYou do what nobody can read, with people whom nobody knows, in a place that is none.")
	said := h.run("notifications")
	for _, line := range []string{"Where: “remote (Atlantis)”", "Hours: “many”", "Pay: “much”", "Apply by: “soon”", "/jobs/new?from="} {
		if !strings.Contains(strings.Join(strings.Fields(said), " "), line) {
			t.Errorf("%s is not said of in %s", line, said)
		}
	}
	eventually(t, interopPatience, "the note arrives as a note", func() bool { return strings.Contains(w.text(t), "Where: remote (Atlantis)") })
	for _, p := range []*process{w.home, w.away} {
		status, body, err := p.call(t.Context(), http.MethodGet, "/api/v1/minga/jobs?state=archive&limit=40", "", nil)
		if err != nil || status != http.StatusOK || strings.Contains(string(body), "Broken") {
			t.Errorf("the board of %s: %d %s %v", p.name, status, body, err)
		}
	}
	w.correct(t, token, fmt.Sprintf(typedJobs["en"], until.Format(lastDays["en"])))
}

// correct puts right what was typed last, by the API: the note that others have becomes
// a job there too.
func (w *clientWorld) correct(t *testing.T, token, text string) {
	t.Helper()
	var mine []struct{ ID string }
	status, body, err := w.home.call(t.Context(), http.MethodGet, "/api/v1/timelines/home?limit=1", token, nil)
	if err != nil || status != http.StatusOK || json.Unmarshal(body, &mine) != nil || len(mine) != 1 {
		t.Fatalf("what was typed last: %d %s %v", status, body, err)
	}
	text = strings.Replace(text, "Bakery hand (en)", "Corrected", 1)
	status, body, err = w.home.call(t.Context(), http.MethodPut, "/api/v1/statuses/"+mine[0].ID, token, map[string]string{"status": text})
	if err != nil || status != http.StatusOK {
		t.Fatalf("corrected: %d %s %v", status, body, err)
	}
	eventually(t, interopPatience, "the corrected note is a job there", func() bool { return w.board(t, "bread")["Corrected"].Minga.State == "open" })
}

// signedIn writes what toot keeps of somebody who signed in.
func (h tootHome) signedIn(host, name, token string) {
	h.t.Helper()
	user := name + "@" + host
	config, err := json.Marshal(map[string]any{
		"active_user": user,
		"apps":        map[string]any{host: map[string]any{"instance": host, "base_url": "http://" + host, "client_id": "none", "client_secret": "none"}},
		"users":       map[string]any{user: map[string]any{"instance": host, "username": name, "access_token": token}},
	})
	if err != nil {
		h.t.Fatal(err)
	}
	path := filepath.Join(h.folder, "toot")
	if err := os.MkdirAll(path, 0o700); err != nil {
		h.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(path, "config.json"), config, 0o600); err != nil {
		h.t.Fatal(err)
	}
}

// found is the id of an account of the first instance on the second.
func (w *clientWorld) found(t *testing.T, handle string) string {
	t.Helper()
	var found struct{ Accounts []struct{ ID string } }
	w.bea(t, "GET", "/api/v2/search?resolve=true&type=accounts&q="+handle, nil, &found)
	if len(found.Accounts) == 0 {
		t.Fatalf("%s is not found", handle)
	}
	return found.Accounts[0].ID
}

// boardJob is a job as the API gives it.
type boardJob struct {
	ID       string
	Language string
	Minga    struct {
		Title    string
		State    string
		ClosesAt string `json:"closes_at"`
		Job      struct {
			Hours map[string]any
			Pay   map[string]any
			Place struct {
				ApplicantsFrom []string `json:"applicants_from"`
			}
		}
	}
}

// board is the board of the second instance, by title.
func (w *clientWorld) board(t *testing.T, skill string) map[string]boardJob {
	t.Helper()
	var list []boardJob
	w.bea(t, "GET", "/api/v1/minga/jobs?state=archive&limit=40&skill="+skill, nil, &list)
	all := map[string]boardJob{}
	for _, job := range list {
		delete(job.Minga.Job.Hours, "per")
		delete(job.Minga.Job.Pay, "gross")
		delete(job.Minga.Job.Pay, "model")
		all[job.Minga.Title] = job
	}
	return all
}

// text is the home timeline of the second instance.
func (w *clientWorld) text(t *testing.T) string {
	t.Helper()
	var list []struct{ Content string }
	w.bea(t, "GET", "/api/v1/timelines/home", nil, &list)
	var out strings.Builder
	for _, s := range list {
		out.WriteString(s.Content)
	}
	return out.String()
}

// editAndFill lets masto.js change the pay of each job and then fill it.
func (w *clientWorld) editAndFill(t *testing.T, node, folder, token string) {
	t.Helper()
	run := func(what string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), node, "jobs.js", what)
		cmd.Dir = folder
		cmd.Env = append(os.Environ(), "MINGA_TEST_BASE="+w.base(), "MINGA_TEST_TOKEN="+token)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("jobs.js %s: %v\n%s", what, err, out)
		}
	}
	all := func(holds func(boardJob) bool) func() bool {
		return func() bool {
			n := 0
			for _, job := range w.board(t, "bread") {
				if holds(job) {
					n++
				}
			}
			return n == 5
		}
	}
	run("edit")
	eventually(t, interopPatience, "the pay changed there", all(func(j boardJob) bool { return j.Minga.Job.Pay["max"] == "2500000" && j.Minga.State == "open" }))
	run("fill")
	eventually(t, interopPatience, "they are filled there", all(func(j boardJob) bool { return j.Minga.State == "filled" }))
	if told := w.text(t); !strings.Contains(told, "Filled: ") || !strings.Contains(told, "Coperta: ") && !strings.Contains(told, "Coperto: ") {
		t.Errorf("what others read: %s", told)
	}
}
