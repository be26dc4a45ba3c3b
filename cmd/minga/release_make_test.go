// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bytes"
	"compress/gzip"
	"database/sql"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"minga/coop"
	"minga/storage"
	"minga/storage/storagetest"
)

// keep writes both databases and what is known of them. Towns are not kept: every start
// looks whether they are there.
func (r *release) keep(f *fediverse, h *house) {
	f.t.Helper()
	path := filepath.Join(f.t.TempDir(), "small.db")
	f.must(vacuumed(strings.TrimPrefix(h.set["MINGA_DATABASE_URL"], "sqlite://"), path))
	file, err := os.ReadFile(path)
	f.must(err)
	pack9(f.t, filepath.Join(r.dir, "sqlite.db.gz"), file)
	to := storagetest.PostgresURL(f.t)
	if code, report, talk := copies(f.t, "sqlite://"+path, to); code != exitDone {
		f.t.Fatalf("copy: %d %+v %s", code, report, talk)
	}
	pack9(f.t, filepath.Join(r.dir, "postgres.sql.gz"), dumped(f.t, to))
	delete(r.Set, "MINGA_DATA_DIR")
	delete(r.Set, "MINGA_DATABASE_URL")
	text, err := json.MarshalIndent(r, "", "  ")
	f.must(err)
	f.must(os.WriteFile(filepath.Join(r.dir, "about.json"), append(text, '\n'), 0o600))
}

// vacuumed copies a database while it is used.
func vacuumed(from, to string) error {
	db, err := sql.Open("sqlite", from)
	if err != nil {
		return err
	}
	_, err = db.Exec(`VACUUM INTO ?`, to)
	return errors.Join(err, db.Close())
}

// dumped is a database of PostgreSQL as statements that any of its versions understands.
func dumped(t *testing.T, url string) []byte {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "pg_dump", "--no-owner", "--no-privileges", "--no-comments", "--inserts", "--rows-per-insert=100", url).Output()
	if err != nil {
		t.Fatalf("pg_dump: %v", err)
	}
	var kept bytes.Buffer
	for line := range bytes.Lines(out) {
		if !bytes.HasPrefix(line, []byte(`\`)) && !bytes.HasPrefix(line, []byte("SET ")) && !bytes.HasPrefix(line, []byte("--")) {
			kept.Write(line)
		}
	}
	return kept.Bytes()
}

// pack9 writes a file, packed as tightly as it goes.
func pack9(t *testing.T, path string, text []byte) {
	t.Helper()
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err == nil {
		_, err = w.Write(text)
	}
	if err == nil {
		err = w.Close()
	}
	if err == nil {
		err = os.WriteFile(path, out.Bytes(), 0o600)
	}
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// unpacked reads what pack9 wrote.
func unpacked(t *testing.T, path string) []byte {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	r, err := gzip.NewReader(file)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return text
}

// livedIn adds to the world what people leave behind who have lived in it for a while.
func (f *fediverse) livedIn(h *house, ana *phone) {
	f.t.Helper()
	rosa := h.person("rosa")
	f.must(h.store.Write(f.ctx, func(tx *storage.Tx) error {
		_, err := tx.SetRoles(f.ctx, ana.self.ID, rosa.ID, []coop.Role{coop.Steward, coop.Hirer}, 0)
		return errors.Join(err,
			tx.SetPassword(f.ctx, rosa.ID, "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA"),
			tx.AddSession(f.ctx, &coop.Session{Hash: bytes.Repeat([]byte{5}, 32), AccountID: rosa.ID, Browser: "Firefox, Linux"}),
			tx.AddAnnouncement(f.ctx, &coop.Announcement{Texts: map[string]string{"es": "El domingo descansamos", "en": "We rest on Sunday"}}))
	}))
	f.applied(h, ana.self)
	f.said(h, ana)
	f.settle()
}

// applied has somebody apply for a job by the form.
func (f *fediverse) applied(h *house, by *coop.Account) {
	f.t.Helper()
	job := h.publish(by, "Hornera")
	f.must(h.store.Write(f.ctx, func(tx *storage.Tx) error {
		a := &coop.Application{PostID: job.ID, AccountID: by.ID, Name: "Eva", Email: "eva@mail.example", Message: "Amaso.", Language: "es", Title: "Hornera"}
		return tx.AddApplication(f.ctx, a, bytes.Repeat([]byte("k"), 32), 0)
	}))
}

// said is what one says and keeps by a client.
func (f *fediverse) said(h *house, ana *phone) {
	f.t.Helper()
	picture := ana.post("/v2/media", pack(f.t, nil, map[string][]byte{"file": loaf(f.t)}))["id"].(string)
	bread := ana.post("/v1/statuses", row{"status": "El #horno nuevo", "media_ids": []string{picture}, "language": "es"})["id"].(string)
	other := ana.finds(&phone{h: h, self: h.jobs})
	for _, step := range []struct {
		path string
		body row
	}{
		{"/v1/statuses/" + bread + "/pin", nil},
		{"/v1/statuses/" + bread + "/mute", nil},
		{"/v1/tags/pan/follow", nil},
		{"/v1/featured_tags", row{"name": "pan"}},
		{"/v1/accounts/" + other + "/follow", nil},
		{"/v1/accounts/" + other + "/pin", nil},
		{"/v1/accounts/" + other + "/note", row{"comment": "el tablón"}},
		{"/v1/statuses", row{"status": "Mañana", "scheduled_at": h.now().Add(48 * time.Hour).Format(time.RFC3339)}},
		{"/v1/markers", row{"home": row{"last_read_id": bread}}},
		{"/v1/domain_blocks", row{"domain": "ruido.example"}},
		{"/v1/reports", row{"account_id": other, "comment": "una prueba"}},
		{"/v1/minga/searches", row{"query": "skill=python&remote=1", "name": "Python", "notifications": true, "webhook": "https://hooks.example/x"}},
		{"/v1/apps", row{"client_name": "Cliente", "redirect_uris": "https://client.example/back", "scopes": "read write"}},
	} {
		ana.post(step.path, step.body)
	}
	ana.ask(200, "PUT", "/v1/minga/coops/"+ana.self.ID.String()+"/services", row{"services": []row{{"kind": "service", "name": "Sitios", "propose": true}}})
	ana.ask(200, "PUT", "/v1/minga/coops/"+ana.self.ID.String()+"/capacity", row{"audience": "members", "capacity": []row{{"name": "Python", "month": h.now().Format("2006-01"), "hours": 120}}})
}
