// SPDX-License-Identifier: AGPL-3.0-or-later

package backup

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"minga/coop"
	"minga/storage"
	"minga/storage/media"
)

// chunkBytes is after how many bytes of rows an entry of the archive ends.
const chunkBytes = 4 << 20

// Source is what a backup is made of.
type Source struct {
	Store *storage.Store
	Files media.Files // nil leaves them out, and Head says so
	Keys  []byte      // what opens sealed columns; nil leaves it out
	Head  Head        // Format, Schema, Engine, MadeAt and Tables are filled in
	Now   func() time.Time
	// Progress (may be nil) hears what is being written and how many rows or files.
	Progress func(what string, n int64)
}

// writer writes one backup.
type writer struct {
	Source

	tar      *tar.Writer
	rows     bytes.Buffer
	manifest Manifest
}

// Write writes a backup to w: rows of one moment, keys, files. It changes nothing and
// nobody has to wait for it.
func Write(ctx context.Context, to io.Writer, s Source) (*Head, *Manifest, error) {
	packed, err := gzip.NewWriterLevel(to, gzip.BestSpeed)
	if err != nil {
		return nil, nil, err
	}
	w := &writer{Source: s, tar: tar.NewWriter(packed), manifest: Manifest{Rows: map[string]Sum{}, Keys: s.Keys != nil}}
	for _, part := range []func(context.Context) error{w.database, w.keys, w.files, w.end} {
		if err := part(ctx); err != nil {
			return nil, nil, err
		}
	}
	if err := errors.Join(w.tar.Close(), packed.Close()); err != nil {
		return nil, nil, fmt.Errorf("write backup: %w", err)
	}
	return &w.Head, &w.manifest, nil
}

// tell says how far it is.
func (w *writer) tell(what string, n int64) {
	if w.Progress != nil {
		w.Progress(what, n)
	}
}

// put writes one entry.
func (w *writer) put(name string, body []byte) error {
	head := &tar.Header{Name: name, Mode: 0o600, Size: int64(len(body)), ModTime: w.Head.MadeAt, Typeflag: tar.TypeReg}
	err := w.tar.WriteHeader(head)
	if err == nil {
		_, err = w.tar.Write(body)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

// putJSON writes an entry.
func (w *writer) putJSON(name string, v any) error {
	body, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return w.put(name, body)
}

// database writes the head, the rows and the marks.
func (w *writer) database(ctx context.Context) error {
	w.Head.MadeAt = w.Now().UTC()
	return w.Store.Snapshot(ctx, func(x *storage.Snapshot) error {
		w.Head.Format, w.Head.Schema, w.Head.Engine = Format, x.Version(), string(x.Engine())
		w.Head.WithoutFiles = w.Files == nil
		var tables []storage.Table
		for _, t := range x.List() {
			if !slices.Contains(notBackedUp, t.Name) {
				tables = append(tables, t)
				w.Head.Tables = append(w.Head.Tables, Columns{t.Name, t.Columns})
			}
		}
		if err := w.putJSON(headName, w.Head); err != nil {
			return err
		}
		for _, t := range tables {
			if err := w.table(ctx, x, t); err != nil {
				return err
			}
		}
		marks, err := x.Marks(ctx)
		if err != nil {
			return err
		}
		return w.putJSON(marksName, marks)
	})
}

// table writes the rows of one table.
func (w *writer) table(ctx context.Context, x *storage.Snapshot, t storage.Table) error {
	sum, part := newSumming(), 0
	flush := func() error {
		if w.rows.Len() == 0 {
			return nil
		}
		defer w.rows.Reset()
		part++
		w.tell(t.Name, sum.count)
		return w.put(fmt.Sprintf("%s%s/%06d.jsonl", rowsFolder, t.Name, part), w.rows.Bytes())
	}
	_, err := x.Export(ctx, t, func(row []any) error {
		line, err := encodeRow(row)
		if err != nil {
			return fmt.Errorf("row of %s: %w", t.Name, err)
		}
		sum.add(line)
		_, _ = w.rows.Write(line) // never fails
		if w.rows.Len() < chunkBytes {
			return nil
		}
		return flush()
	})
	if err == nil {
		err = flush()
	}
	w.manifest.Rows[t.Name] = sum.sum()
	return err
}

// encodeRow is a row as a line.
func encodeRow(row []any) ([]byte, error) {
	var line bytes.Buffer
	encoder := json.NewEncoder(&line)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(row)
	return line.Bytes(), err
}

// keys writes what opens sealed columns.
func (w *writer) keys(context.Context) error {
	if w.Keys == nil {
		return nil
	}
	return w.put(keysName, w.Keys)
}

// files writes the files of the folder or bucket.
func (w *writer) files(ctx context.Context) error {
	sum := newSumming()
	if w.Files == nil {
		w.manifest.Files = sum.sum()
		return nil
	}
	err := media.EachKept(ctx, w.Files, func(key string, size int64) error {
		hash, err := w.file(ctx, key, size)
		if errors.Is(err, coop.ErrNotFound) {
			w.manifest.Gone++
			return nil
		}
		if err != nil {
			return err
		}
		sum.file(key, size, hash)
		if sum.count%100 == 0 {
			w.tell("files", sum.count)
		}
		return nil
	})
	w.manifest.Files = sum.sum()
	w.tell("files", sum.count)
	return err
}

// file writes one file and gives its hash. A file that is not there any more writes
// nothing.
func (w *writer) file(ctx context.Context, key string, size int64) (string, error) {
	body, err := w.Files.Open(ctx, key)
	if err != nil {
		return "", err
	}
	defer func() { _ = body.Close() }()
	head := &tar.Header{Name: mediaFolder + key, Mode: 0o600, Size: size, ModTime: w.Head.MadeAt, Typeflag: tar.TypeReg}
	if err := w.tar.WriteHeader(head); err != nil {
		return "", fmt.Errorf("write %s: %w", key, err)
	}
	sum := newSumming()
	n, err := io.Copy(io.MultiWriter(w.tar, sum.hash), io.LimitReader(body, size))
	if err == nil && n != size {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return "", fmt.Errorf("write %s: %w", key, err)
	}
	return sum.sum().Hash, nil
}

// end writes the manifest.
func (w *writer) end(context.Context) error { return w.putJSON(manifestName, w.manifest) }
