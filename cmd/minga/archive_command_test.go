// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"archive/zip"
	"encoding/json"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"minga/coop"
	"minga/federation/signature/signaturetest"
	"minga/outbox"
	"minga/storage"
)

// runs runs a command on the instance of a house, and reads its JSON.
func (h *house) runs(v any, args ...string) (int, string) {
	h.f.t.Helper()
	code, out, talk := typedWith(h.f.t, h.set["MINGA_DATA_DIR"], h.set, append([]string{"--json"}, args...)...)
	if err := json.Unmarshal([]byte(out), v); err != nil {
		h.f.t.Fatalf("%v: %d, %v: %s%s", args, code, err, out, talk)
	}
	return code, talk
}

// TestACoopGoesOverWithItsPosts: an archive of a co-op is taken in on another server,
// once, with dates, files, thread and follows; nobody is told and nothing is sent.
func TestACoopGoesOverWithItsPosts(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		a, b := f.house("ana"), f.house("berta")
		for _, h := range f.all { // commands go by the clock of the machine
			h.clock.Set(time.Now().Add(-60 * 24 * time.Hour))
		}
		telar, hilo := a.phone(a.coop("telar")), b.phone(b.coop("hilo"))
		a.publish(telar.self, "Panadera")
		a.article(telar.self, "Masa madre")
		picture := telar.post("/v2/media", pack(t, nil, map[string][]byte{"file": loaf(t)}))["id"].(string)
		first := telar.post("/v1/statuses", row{"status": "Hay #pan para @nadie@far.example", "media_ids": []string{picture}, "language": "es"})["id"].(string)
		telar.post("/v1/statuses", row{"status": "Y más", "in_reply_to_id": first, "visibility": "unlisted"})
		telar.post("/v1/statuses", row{"status": "@hilo@" + b.config.Host + " secreto", "visibility": "direct"})
		telar.post(telar.of(hilo.self, "/follow"), nil)
		f.pass(40 * 24 * time.Hour)

		file := filepath.Join(t.TempDir(), "telar.zip")
		var heads []struct{ Posts, Files int }
		if code, talk := a.runs(&heads, "export", "--account", "telar", "--archive", file); code != exitDone || len(heads) != 1 || heads[0].Posts != 5 || heads[0].Files != 1 {
			t.Fatalf("export: %d %+v %s", code, heads, talk)
		}
		readable(t, file)
		before := b.waiting()
		for n, want := range []map[outbox.TakenIn]int{{outbox.TakenNew: 4, outbox.TakenLeft: 1}, {outbox.TakenNew: 4, outbox.TakenLeft: 1}, {outbox.TakenKnown: 4, outbox.TakenLeft: 1}} {
			args := []string{"import", "--account", "hilo", "--archive", file}
			if n == 0 {
				args = append(args, "--dry-run")
			}
			var r archiveReport
			code, talk := b.runs(&r, args...)
			if code != exitDone || r.Posts[outbox.TakenNew] != want[outbox.TakenNew] || r.Posts[outbox.TakenKnown] != want[outbox.TakenKnown] || r.Posts[outbox.TakenLeft] != want[outbox.TakenLeft] {
				t.Errorf("import %d: %d %+v %s", n, code, r, talk)
			}
		}
		if now := b.waiting(); now != before {
			t.Errorf("%d deliveries wait, %d did before", now, before)
		}
		b.hasCarried(hilo)
	})
}

// waiting counts what is to be delivered.
func (h *house) waiting() int {
	h.f.t.Helper()
	stats, err := h.store.QueueStats(h.f.ctx)
	h.f.must(err)
	return stats.Waiting
}

// hasCarried: the posts of telar are those of hilo, as old as they were.
func (h *house) hasCarried(hilo *phone) {
	t := h.f.t
	t.Helper()
	posts, err := h.store.Posts(h.f.ctx, coop.System(), storage.PostQuery{Authors: []coop.ID{hilo.self.ID}}, coop.Page{Limit: 20})
	h.f.must(err)
	var seen []string
	for _, p := range posts {
		if h.now().Sub(p.Published) < 39*24*time.Hour || !p.Local || p.Author.ID != hilo.self.ID {
			t.Errorf("%s is of %v by %s", p.IRI, p.Published, p.Author.IRI)
		}
		seen = append(seen, string(p.Kind)+" "+p.Title)
		if code, text := h.stranger(pathOfIRI(p.IRI), "application/activity+json"); code != 200 || !strings.Contains(text, "carried-") {
			t.Errorf("%s is served with %d %.200s", p.IRI, code, text)
		}
		if strings.Contains(p.Content, "pan") && p.Kind == coop.KindNote && len(p.Attachments) != 1 {
			t.Errorf("the picture of %s is gone", p.IRI)
		}
		if strings.Contains(p.Content, "Y más") && p.InReplyToID == 0 {
			t.Error("the answer answers nothing")
		}
	}
	slices.Sort(seen)
	if strings.Join(seen, ", ") != "article Masa madre, job Panadera, note , note " {
		t.Errorf("carried: %q", seen)
	}
}

// pathOfIRI is the path of an address.
func pathOfIRI(iri coop.IRI) string {
	u, err := url.Parse(string(iri))
	if err != nil {
		return ""
	}
	return u.Path
}

// readable: what is in the archive can be read without minga.
func readable(t *testing.T, file string) {
	t.Helper()
	z, err := zip.OpenReader(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = z.Close() }()
	var names []string
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		_ = r.Close()
		if err != nil || strings.HasSuffix(f.Name, ".json") && !json.Valid(text) {
			t.Errorf("%s: %v %.200s", f.Name, err, text)
		}
		names = append(names, strings.SplitAfter(f.Name, "/")[0])
	}
	for _, want := range []string{"actor.json", "outbox.json", "posts/", "media/", "following.csv", "lists.csv", "memberships.json", "archive.json"} {
		if !slices.Contains(names, want) {
			t.Errorf("there is no %s in %v", want, names)
		}
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others may read it: %v, %v", info.Mode(), err)
	}
}

// TestAllAccountsAreExported each in its folder, and one of them comes in by its name.
func TestAllAccountsAreExported(t *testing.T) {
	f := &fediverse{t: t, ctx: t.Context(), engine: storage.SQLite, keys: signaturetest.Keys()}
	a := f.house("ana")
	telar, nina := a.phone(a.coop("telar")), a.phone(a.person("nina"))
	telar.post("/v1/statuses", row{"status": "Pan"})
	file := filepath.Join(t.TempDir(), "all.zip")
	var heads []struct{ Handle string }
	if code, talk := a.runs(&heads, "export", "--all", "--archive", file); code != exitDone || len(heads) < 3 {
		t.Fatalf("export: %d %+v %s", code, heads, talk)
	}
	var r archiveReport
	if code, talk := a.runs(&r, "import", "--account", "nina", "--archive", "--from", "telar", file); code != exitDone || r.Posts[outbox.TakenKnown] != 1 {
		t.Errorf("what is here already: %d %+v %s", code, r, talk)
	}
	if list := nina.list("/v1/accounts/" + nina.self.ID.String() + "/statuses"); len(list) != 0 {
		t.Errorf("nina has %d posts", len(list))
	}
	for _, args := range [][]string{{"export", "--all", "--csv", "lists"}, {"export", "--archive", file}, {"import", "--account", "nina", "--archive", os.Args[0]}} {
		if code, _, _ := typedWith(t, a.set["MINGA_DATA_DIR"], a.set, args...); code != exitUsage {
			t.Errorf("%v ends with %d", args, code)
		}
	}
}
