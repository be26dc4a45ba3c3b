// SPDX-License-Identifier: AGPL-3.0-or-later

package backup_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/google/go-cmp/cmp"

	"minga/coop"
	"minga/storage"
	"minga/storage/backup"
	"minga/storage/media"
	"minga/storage/storagetest"
)

// now is the clock of these tests.
func now() time.Time { return time.Date(2030, 5, 1, 12, 0, 0, 0, time.UTC) }

// instance is what a backup is made of.
type instance struct {
	*testing.T
	store *storage.Store
	files media.Files
}

const picture = "own/3f/3fa94c1e77d94e0f8f0a6f2e5b1c9d80.png"

// newInstance makes one with an account, posts, a secret and a file.
func newInstance(t *testing.T, store *storage.Store) *instance {
	t.Helper()
	x := &instance{t, store, folder(t)}
	a := &coop.Account{
		IRI: "https://here.example/coop/telar", Kind: coop.Coop, ActorType: "Organization", Name: "telar", Local: true,
		Inbox: "https://here.example/coop/telar/inbox", Followers: "https://here.example/coop/telar/followers", Indexable: true,
	}
	x.must(store.SecretKeyFits(t.Context()))
	x.must(store.Write(t.Context(), func(tx *storage.Tx) error {
		if err := tx.AddAccount(t.Context(), a, &coop.KeyPair{RSA: []byte("rsa"), Ed25519: []byte("ed")}); err != nil {
			return err
		}
		for _, text := range []string{"<p>Flour & water</p>", "<p>Ñandú “x”</p>"} {
			p := &coop.Post{
				IRI: a.IRI + coop.IRI("/"+text[3:5]), AuthorID: a.ID, Kind: coop.KindNote, Type: "Note", Visibility: coop.VisiblePublic,
				To: []coop.IRI{coop.Public}, Content: text, Published: now(),
			}
			if _, err := tx.AddPost(t.Context(), p, storage.Arrival{}); err != nil {
				return err
			}
		}
		return tx.AddAudit(t.Context(), &coop.AuditEntry{Who: "eva", Act: "peer.allow", Target: "far.example"})
	}))
	x.must(x.files.Put(t.Context(), picture, strings.NewReader("a picture"), 9, "image/png"))
	return x
}

// folder is an empty folder of files.
func folder(t *testing.T) media.Files {
	t.Helper()
	root, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = root.Close() })
	files, err := media.NewFolder(root)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func (x *instance) must(err error) {
	x.Helper()
	if err != nil {
		x.Fatal(err)
	}
}

// source is what its backup is made of.
func (x *instance) source() backup.Source {
	return backup.Source{Store: x.store, Files: x.files, Keys: []byte("key"), Now: now, Head: backup.Head{Program: "1", Host: "here.example", Scheme: "https"}}
}

// written is its backup.
func (x *instance) written() []byte {
	x.Helper()
	var out bytes.Buffer
	_, _, err := backup.Write(x.Context(), &out, x.source())
	x.must(err)
	return out.Bytes()
}

// verify looks whether a backup is good.
func verify(t *testing.T, plain []byte) (*backup.Manifest, error) {
	t.Helper()
	r, err := backup.NewReader(bytes.NewReader(plain))
	if err != nil {
		return nil, err
	}
	return backup.Verify(t.Context(), r, backup.Checking{Scratch: t.TempDir(), Now: now, Secrets: func([]byte) ([][]byte, error) { return storagetest.Keys(), nil }})
}

// rows is everything in a database as the archive has it.
func rows(t *testing.T, store *storage.Store) map[string]backup.Sum {
	t.Helper()
	var out bytes.Buffer
	_, m, err := backup.Write(t.Context(), &out, backup.Source{Store: store, Files: folder(t), Now: now})
	if err != nil {
		t.Fatal(err)
	}
	return m.Rows
}

func TestABackupIsRestoredIntoEitherEngine(t *testing.T) {
	storagetest.EachAt(t, func(t *testing.T, store *storage.Store, _ *storagetest.Clock) {
		x := newInstance(t, store)
		plain := x.written()
		m, err := verify(t, plain)
		if err != nil || m.Files.Count != 1 || m.Files.Bytes != 9 || !m.Keys || m.Rows["posts"].Count != 2 {
			t.Fatalf("%+v, %v", m, err)
		}
		for name, url := range map[string]func(testing.TB) string{
			"sqlite": func(t testing.TB) string { return "sqlite://" + t.TempDir() + "/new.db" }, "postgres": storagetest.PostgresURL,
		} {
			t.Run("into "+name, func(t *testing.T) {
				there, err := storage.Open(t.Context(), storage.Options{URL: url(t), Now: now, SecretKeys: storagetest.Keys()})
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = there.Close() }()
				r, err := backup.NewReader(bytes.NewReader(plain))
				if err != nil {
					t.Fatal(err)
				}
				files, key := folder(t), ""
				into := backup.Into{Store: there, Files: files, Keys: func(text []byte) error { key = string(text); return nil }}
				if _, err := backup.Restore(t.Context(), r, into); err != nil || key != "key" {
					t.Fatal(err, key)
				}
				if diff := cmp.Diff(m.Rows, rows(t, there)); diff != "" {
					t.Error(diff)
				}
				body, err := files.Open(t.Context(), picture)
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = body.Close() }()
				if text, err := io.ReadAll(body); err != nil || string(text) != "a picture" {
					t.Errorf("%q, %v", text, err)
				}
				if err := there.SecretKeyFits(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
	})
}

func TestADamagedBackupIsNotTaken(t *testing.T) {
	x := newInstance(t, storagetest.OpenAt(t, now))
	plain := x.written()
	bad := map[string][]byte{"nothing": {}, "another file": []byte("PK\x03\x04 something"), "more behind it": append(bytes.Clone(plain), 'x')}
	for n := 1; n < 10; n++ {
		at := n * len(plain) / 10
		bad["cut at "+string(rune('0'+n))] = plain[:at]
		flipped := bytes.Clone(plain)
		flipped[at] ^= 0x10
		bad["a bit at "+string(rune('0'+n))] = flipped
	}
	for name, text := range bad {
		// A bit may make a name of a table another one, which is refused before the end.
		if _, err := verify(t, text); err == nil || !errors.Is(err, backup.ErrDamaged) && !strings.HasPrefix(name, "a bit") {
			t.Errorf("%s: %v", name, err)
		}
	}
	there := newInstance(t, storagetest.OpenAt(t, now))
	before := rows(t, there.store)
	r, err := backup.NewReader(bytes.NewReader(plain[:len(plain)-20]))
	if err == nil {
		_, err = backup.Restore(t.Context(), r, backup.Into{Store: there.store})
	}
	if !errors.Is(err, backup.ErrDamaged) || !cmp.Equal(before, rows(t, there.store)) {
		t.Errorf("what was there changed: %v", err)
	}
}

func TestOnlyRecipientsOpenABackup(t *testing.T) {
	x := newInstance(t, storagetest.OpenAt(t, now))
	mine, _ := age.GenerateX25519Identity()
	other, _ := age.GenerateX25519Identity()
	path := filepath.Join(t.TempDir(), "b.tar.gz.age")
	to, err := backup.Recipients(" " + mine.Recipient().String() + ",")
	x.must(err)
	_, _, err = backup.WriteFile(t.Context(), path, x.source(), to)
	x.must(err)
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	text, err := os.ReadFile(path)
	x.must(err)
	if bytes.Contains(text, []byte("telar")) {
		t.Error("it can be read")
	}
	for _, wrong := range [][]age.Identity{nil, {other}} {
		if _, _, err := backup.Decrypted(bytes.NewReader(text), wrong); !errors.Is(err, backup.ErrEncrypted) {
			t.Error(err)
		}
	}
	plain, _, err := backup.Decrypted(bytes.NewReader(text), []age.Identity{mine})
	x.must(err)
	r, err := backup.NewReader(plain)
	x.must(err)
	_, err = backup.Verify(t.Context(), r, backup.Checking{Scratch: t.TempDir(), Now: now})
	x.must(err)
	if _, _, err := backup.WriteFile(t.Context(), path, x.source(), to); !errors.Is(err, coop.ErrConflict) {
		t.Errorf("a backup was written over: %v", err)
	}
	if _, err := backup.Recipients("eva@example.org"); err == nil {
		t.Error("a mail address is no recipient")
	}
}

func TestABackupThatFailsLeavesNothing(t *testing.T) {
	x := newInstance(t, storagetest.OpenAt(t, now))
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	s := x.source()
	s.Progress = func(what string, _ int64) {
		if what == "posts" {
			cancel()
		}
	}
	_, _, err := backup.WriteFile(ctx, filepath.Join(dir, "b.tar.gz"), s, nil)
	left, _ := os.ReadDir(dir)
	if !errors.Is(err, context.Canceled) || len(left) > 0 {
		t.Errorf("%v, %v", left, err)
	}
}

func TestWhichBackupsStay(t *testing.T) {
	keep, err := backup.ParseKeep("7d 4w 6m")
	if err != nil {
		t.Fatal(err)
	}
	for _, wrong := range []string{"", "7", "d", "0d", "-1d", "7y", "9999d"} {
		if _, err := backup.ParseKeep(wrong); err == nil {
			t.Errorf("%q says what stays", wrong)
		}
	}
	names := []string{"notes.txt", "minga-other.example-20300101T030000Z.tar.gz", "minga-here.example-20300101T030000Z.tar.gz.part"}
	for day := range 365 {
		at := time.Date(2030, 12, 31, 3, 0, 0, 0, time.UTC).AddDate(0, 0, -day)
		names = append(names, backup.Name("here.example", at, day%2 == 0), backup.Name("here.example", at.Add(time.Hour), false))
	}
	gone := backup.Surplus("here.example", names, keep)
	stays := len(names) - len(gone) - 3
	// Seven days, the newest of three weeks before them, and of five months before those.
	if stays < 13 || stays > 16 {
		t.Errorf("%d stay", stays)
	}
	for _, name := range append(slices.Clone(names[:3]), backup.Name("here.example", time.Date(2030, 12, 31, 4, 0, 0, 0, time.UTC), false)) {
		if slices.Contains(gone, name) {
			t.Errorf("%s goes", name)
		}
	}
	if again := backup.Surplus("here.example", names[3:5], backup.Keep{Months: 1}); len(again) != 1 {
		t.Errorf("of two of a day %v go", again)
	}
	if at, ok := backup.MadeAt("localhost:8080", backup.Name("localhost:8080", now(), true)); !ok || !at.Equal(now()) {
		t.Error(at, ok)
	}
}
