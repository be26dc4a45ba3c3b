// SPDX-License-Identifier: AGPL-3.0-or-later

package backup

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"minga/storage"
	"minga/storage/media"
)

// Into is where a backup goes.
type Into struct {
	Store *storage.Store              // empty, or with the schema of the backup
	Files media.Files                 // nil: files are read and not kept
	Keys  func(text []byte) error     // takes what opens sealed columns; nil: not kept
	Seen  func(key string)            // hears of each file; may be nil
	Tell  func(what string, n int64)  // hears how far it is; may be nil
	Rows  func(m *Manifest) error     // asked before rows are kept; an error keeps none
	Type  func(of string) (is string) // media type by the ending of a name; nil: none is known
}

// Restore puts what stands in a backup into an instance: rows, files, and the key. The
// rows of before are gone then; with any error the database stays as it was. The schema
// is brought to where this program needs it, and the search is made.
func Restore(ctx context.Context, r *Reader, to Into) (*Manifest, error) {
	if err := to.Store.MigrateTo(ctx, r.head.Schema); err != nil {
		return nil, err
	}
	m, err := to.take(ctx, r)
	if err != nil {
		return nil, err
	}
	if err := to.Store.Migrate(ctx, nil); err != nil {
		return nil, err
	}
	if to.Tell != nil {
		to.Tell("search", 0)
	}
	return m, to.Store.RebuildSearch(ctx, nil)
}

// take reads the backup; rows are kept when all of it has been read and is good.
func (to *Into) take(ctx context.Context, r *Reader) (m *Manifest, err error) {
	err = to.Store.ImportAll(ctx, func(in *storage.Importer) error {
		m, err = r.Read(ctx, Sink{
			Begin:    func(ctx context.Context, c Columns) error { return in.Begin(ctx, c.Table, c.names()) },
			Row:      in.Put,
			Marks:    func(m storage.Marks) error { in.Marks(m); return nil },
			Keys:     to.Keys,
			File:     to.file(),
			Progress: to.Tell,
		})
		if err == nil && to.Rows != nil {
			err = to.Rows(m)
		}
		return err
	})
	return m, err
}

// file keeps files, unless they are only read.
func (to *Into) file() func(ctx context.Context, key string, size int64, body io.Reader) error {
	if to.Files == nil && to.Seen == nil {
		return nil
	}
	return func(ctx context.Context, key string, size int64, body io.Reader) error {
		if to.Seen != nil {
			to.Seen(key)
		}
		if to.Files == nil {
			return nil
		}
		kind := ""
		if to.Type != nil {
			kind = to.Type(key)
		}
		return to.Files.Put(ctx, key, body, size, kind)
	}
}

// Checking says how a backup is verified.
type Checking struct {
	Scratch string // an empty folder for a database that is thrown away
	Now     func() time.Time
	// Secrets reads the key of the backup, so that it is tried; nil: it is not.
	Secrets func(text []byte) ([][]byte, error)
	Tell    func(what string, n int64) // may be nil
}

// Verify reads every byte of a backup, restores it into a database that is thrown away,
// looks for damage there and counts the rows. Only after that a backup is called good.
func Verify(ctx context.Context, r *Reader, c Checking) (*Manifest, error) {
	url := "sqlite://" + filepath.Join(c.Scratch, "verify.db")
	store, err := storage.Open(ctx, storage.Options{URL: url, Now: c.Now})
	if err != nil {
		return nil, err
	}
	var keys [][]byte
	seen := map[string]bool{}
	m, err := Restore(ctx, r, Into{Store: store, Tell: c.Tell, Seen: func(key string) { seen[path.Base(key)] = true }, Keys: func(text []byte) (err error) {
		if c.Secrets != nil {
			keys, err = c.Secrets(text)
		}
		return err
	}})
	if err == nil {
		err = sound(ctx, store, r.head, m)
	}
	if err == nil && !r.head.WithoutFiles {
		m.Missing, err = missing(ctx, store, seen, m.Gone)
	}
	if err = errors.Join(err, store.Close()); err != nil || len(keys) == 0 {
		return m, err
	}
	return m, opens(ctx, url, keys, c.Now)
}

// lotOfFiles is how many names are asked for at once.
const lotOfFiles = 500

// missing counts the files that rows name and that were not seen, but for those that went
// while the backup was made.
func missing(ctx context.Context, store *storage.Store, seen map[string]bool, gone int64) (n int64, err error) {
	for after := ""; ; {
		lot, err := store.KeptFiles(ctx, after, lotOfFiles)
		if err != nil || len(lot) == 0 {
			return max(n-gone, 0), err
		}
		for _, f := range lot {
			if after = f.Name; !seen[f.Name] {
				n++
			}
		}
	}
}

// sound looks for damage in what was restored, and counts its rows.
func sound(ctx context.Context, store *storage.Store, head Head, m *Manifest) error {
	found, err := store.Check(ctx)
	if err != nil {
		return err
	}
	if len(found) > 0 {
		return damaged("the check of the database finds: "+strings.Join(found[:min(len(found), 5)], "; "), nil)
	}
	if err := store.VerifyAudit(ctx); err != nil {
		return damaged("its audit log", err)
	}
	return store.Snapshot(ctx, func(x *storage.Snapshot) error {
		if x.Version() != head.Schema {
			return nil // migrations may have moved rows
		}
		for _, t := range x.List() {
			n, err := x.Count(ctx, t)
			if err != nil {
				return err
			}
			if want := m.Rows[t.Name].Count; n != want {
				return damaged(fmt.Sprintf("%s has %d rows after a restore and had %d", t.Name, n, want), nil)
			}
		}
		return nil
	})
}

// opens tries the key.
func opens(ctx context.Context, url string, keys [][]byte, now func() time.Time) error {
	store, err := storage.Open(ctx, storage.Options{URL: url, Now: now, SecretKeys: keys})
	if err != nil {
		return err
	}
	err = store.SecretKeyFits(ctx)
	if errors.Is(err, storage.ErrSecretKey) {
		err = damaged("its key does not open what is sealed", err)
	}
	return errors.Join(err, store.Close())
}

// Scratch makes a folder in dir for [Checking], and gives what removes it.
func Scratch(dir string) (path string, remove func(), err error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return "", nil, fmt.Errorf("folder to verify in: %w", err)
	}
	name := ".verify-" + rand.Text()
	if err := root.Mkdir(name, 0o700); err != nil {
		return "", nil, errors.Join(fmt.Errorf("folder to verify in: %w", err), root.Close())
	}
	return filepath.Join(dir, name), func() { _ = errors.Join(root.RemoveAll(name), root.Close()) }, nil
}
