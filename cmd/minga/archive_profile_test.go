// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
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

// TestWhoOneIsGoesOver: text, lines and pictures fill in what is empty there, and the name
// that is there stays; a poll
// is a note with its answers, and roles are given where that is asked for.
func TestWhoOneIsGoesOver(t *testing.T) {
	f := &fediverse{t: t, ctx: t.Context(), engine: storage.SQLite, keys: signaturetest.Keys()}
	a, b := f.house("ana"), f.house("berta")
	for _, h := range f.all {
		h.clock.Set(time.Now().Add(-40 * 24 * time.Hour))
	}
	telar, hilo, nina := a.phone(a.coop("telar")), b.phone(b.coop("hilo")), b.bare("nina")
	telar.ask(200, "PATCH", "/v1/accounts/update_credentials", pack(t, map[string]string{
		"display_name": "El Telar", "note": "Tejemos.", "fields_attributes[0][name]": "Web", "fields_attributes[0][value]": "https://telar.example",
	}, map[string][]byte{"avatar": loaf(t), "header": loaf(t)}))
	question := telar.post("/v1/statuses", row{"status": "¿Cuál?", "poll": row{"options": []string{"uno", "dos"}, "expires_in": 86400}})
	there := a.bare("nina")
	f.must(a.store.Write(f.ctx, func(tx *storage.Tx) error {
		_, err := tx.SetRoles(f.ctx, telar.self.ID, there.ID, []coop.Role{coop.Steward, coop.Hirer}, 0)
		return err
	}))
	f.pass(20 * 24 * time.Hour)
	file := filepath.Join(t.TempDir(), "telar.zip")
	var heads []struct{ Posts int }
	if code, talk := a.runs(&heads, "export", "--account", "telar", "--archive", file); code != exitDone {
		t.Fatal(talk)
	}
	for n, want := range []archiveReport{
		{Profile: []string{"bio", "fields", "avatar", "header"}, Again: []string{"", ""}},
		{Profile: []string{}, Again: []string{"", ""}},
	} {
		var r archiveReport
		code, talk := b.runs(&r, "import", "--account", "hilo", "--archive", file)
		if code != exitDone || len(r.Problem) > 0 || !slices.Equal(withoutLanguage(r.Profile), want.Profile) || len(r.Again) != len(want.Again) || !strings.Contains(r.Again[0], "minga account role NAME") || len(r.Roles) > 0 {
			t.Errorf("import %d: %d %+v %s", n, code, r, talk)
		}
	}
	var r archiveReport
	if code, talk := b.runs(&r, "import", "--account", "hilo", "--archive", file, "--roles"); code != exitDone || len(r.Roles) != 2 || len(r.Again) > 0 {
		t.Errorf("with roles: %d %+v %s", code, r, talk)
	}
	if held, err := b.store.RolesIn(f.ctx, hilo.self.ID, nina.ID); err != nil || !slices.Contains(held, coop.Steward) || !slices.Contains(held, coop.Hirer) {
		t.Errorf("nina holds %v, %v", held, err)
	}
	self := hilo.get("/v1/accounts/verify_credentials")
	if self["display_name"] != "Cooperativa hilo" || !strings.Contains(self["note"].(string), "Tejemos.") || !strings.Contains(self["avatar"].(string), b.config.Host+"/media") || len(self["fields"].([]any)) != 1 {
		t.Errorf("%v", self)
	}
	hilo.saysOnce("¿Cuál?", "uno: 0", question["created_at"].(string)[:10])
}

// withoutLanguage leaves out what depends on how an account was made.
func withoutLanguage(list []string) []string {
	return slices.DeleteFunc(append([]string{}, list...), func(s string) bool { return s == "language" })
}

// saysOnce: one post of the account has a text, another text with it, and a day.
func (p *phone) saysOnce(text, with, day string) {
	p.h.f.t.Helper()
	found := 0
	for _, one := range p.list("/v1/accounts/" + p.self.ID.String() + "/statuses?limit=40") {
		s := one.(row)
		if content := s["content"].(string); strings.Contains(content, text) {
			found++
			if !strings.Contains(content, with) || !strings.HasPrefix(s["created_at"].(string), day) {
				p.h.f.t.Errorf("%s of %s", content, s["created_at"])
			}
		}
	}
	if found != 1 {
		p.h.f.t.Errorf("%d posts say %s", found, text)
	}
}

// mastodonFiles are an archive as Mastodon makes it.
func mastodonFiles(t *testing.T) map[string]string {
	return map[string]string{
		"actor.json": `{"id":"https://old.example/users/rosa","type":"Person","preferredUsername":"rosa","name":"Rosa","summary":"<p>Teje.</p>","followers":"https://old.example/users/rosa/followers","icon":{"url":"avatar.png"}}`,
		"outbox.json": `{"orderedItems":[
			{"type":"Create","object":{"type":"Note","id":"https://old.example/1","published":"2024-03-01T10:00:00Z","to":["https://www.w3.org/ns/activitystreams#Public"],"content":"<p>Hay pan, <span class=\"h-card\"><a href=\"https://old.example/@nina\" class=\"u-url mention\">@<span>nina</span></a></span></p>","contentMap":{"es":""},"tag":[{"type":"Mention","name":"@nina","href":"https://old.example/users/nina"}],"attachment":[{"url":"media_attachments/files/1/original/a.png","name":"Un pan"}]}},
			{"type":"Create","object":{"type":"Note","id":"https://old.example/2","published":"2024-03-02T10:00:00Z","to":["https://old.example/users/rosa/followers"],"content":"<p>Y más</p>","inReplyTo":"https://old.example/1"}},
			{"type":"Create","object":{"type":"Note","id":"https://old.example/3","published":"2024-03-02T10:00:00Z","to":["https://b.example/leo"],"content":"<p>secreto</p>"}},
			{"type":"Announce","object":"https://b.example/9"}]}`,
		"avatar.png": string(loaf(t)), "media_attachments/files/1/original/a.png": string(loaf(t)), "blocked_domains.csv": "#domain\nruido.example\n",
	}
}

// packedAs writes files as a zip or a tar.gz.
func packedAs(t *testing.T, path string, files map[string]string) {
	t.Helper()
	var out bytes.Buffer
	z, packed := zip.NewWriter(&out), io.Closer(nil)
	var tared *tar.Writer
	if strings.HasSuffix(path, ".tar.gz") {
		g := gzip.NewWriter(&out)
		tared, packed = tar.NewWriter(g), g
	}
	for name, text := range files {
		var w io.Writer = tared
		var err error
		if tared == nil {
			w, err = z.Create(name)
		} else {
			err = tared.WriteHeader(&tar.Header{Name: "./" + name, Size: int64(len(text)), Mode: 0o600, Typeflag: tar.TypeReg})
		}
		if err == nil {
			_, err = io.WriteString(w, text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	err := error(nil)
	if tared != nil {
		err = errors.Join(tared.Close(), packed.Close())
	} else {
		err = z.Close()
	}
	if err = errors.Join(err, os.WriteFile(path, out.Bytes(), 0o600)); err != nil {
		t.Fatal(err)
	}
}

// TestMastodonArchivesComeIn, as zip and as tar.gz, once: posts with their day, picture and
// thread; who is named is of the old server, and nobody here hears of it.
func TestMastodonArchivesComeIn(t *testing.T) {
	f := &fediverse{t: t, ctx: t.Context(), engine: storage.SQLite, keys: signaturetest.Keys()}
	a := f.house("ana")
	a.clock.Set(time.Now().Add(-40 * 24 * time.Hour))
	rosa, nina := a.phone(a.bare("rosa")), a.phone(a.bare("nina"))
	f.drain()
	before := a.waiting()
	for n, name := range []string{"old.zip", "old.tar.gz"} {
		file := filepath.Join(t.TempDir(), name)
		packedAs(t, file, mastodonFiles(t))
		var r archiveReport
		code, talk := a.runs(&r, "import", "--account", "rosa", "--archive", file)
		became := []outbox.TakenIn{outbox.TakenNew, outbox.TakenKnown}[n]
		if code != exitDone || r.Posts[became] != 2 || r.Posts[outbox.TakenLeft] != 1 || r.From != "rosa@old.example" || len(r.Tables) != 1 || slices.Contains(r.Profile, "avatar") != (n == 0) {
			t.Errorf("%s: %d %+v %s", name, code, r, talk)
		}
	}
	if now := a.waiting(); now != before {
		t.Errorf("%d deliveries wait, %d did before", now, before)
	}
	rosa.saysOnce("Hay pan", "nina@old.example", "2024-03-01")
	rosa.saysOnce("Y más", "Y más", "2024-03-02")
	if told := nina.list("/v1/notifications"); len(told) > 0 {
		t.Errorf("nina is told: %v", told)
	}
	for _, one := range rosa.list("/v1/accounts/" + rosa.self.ID.String() + "/statuses") {
		s := one.(row)
		if first := strings.Contains(s["content"].(string), "Hay pan"); first != (len(s["media_attachments"].([]any)) == 1) || first != (s["in_reply_to_id"] == nil) {
			t.Errorf("%v", s)
		}
		if strings.Contains(s["content"].(string), a.config.Host+"/@nina") {
			t.Errorf("nina of this server is named: %v", s["content"])
		}
	}
	if left, _ := filepath.Glob(filepath.Join(os.TempDir(), "minga-import-*")); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

// TestArchivesThatAreNoneAreRefused with the exit code of a wrong usage.
func TestArchivesThatAreNoneAreRefused(t *testing.T) {
	dir, out := t.TempDir(), t.TempDir()
	if code, _, talk := typed(t, dir, "account", "create", "telar", "--kind", "coop"); code != exitDone {
		t.Fatal(talk)
	}
	short, empty, bad := filepath.Join(out, "short"), filepath.Join(out, "empty"), filepath.Join(out, "bad.tar.gz")
	packedAs(t, bad, map[string]string{"../evil": "x", "actor.json": "{}", "outbox.json": "{}"})
	for path, text := range map[string]string{short: "\x1f\x8b\x08", empty: ""} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range []string{short, empty, bad, filepath.Join(out, "none")} {
		if code, _, talk := typed(t, dir, "import", "--account", "telar", "--archive", path); code != exitUsage {
			t.Errorf("%s: %d %s", path, code, talk)
		}
	}
}
