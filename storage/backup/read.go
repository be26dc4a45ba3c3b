// SPDX-License-Identifier: AGPL-3.0-or-later

package backup

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"

	"minga/storage"
)

// Bounds of what is read: an archive may be anybody's.
const (
	maxText = 64 << 20 // of rows, head or manifest, in one entry
	maxKeys = 64 << 10
	maxFile = 1 << 30
)

// Sink takes what is read, in the order of the archive. Functions that are nil take
// nothing, but everything is read and added up all the same.
type Sink struct {
	Begin func(ctx context.Context, c Columns) error // before the rows of each table
	Row   func(ctx context.Context, row []any) error // not kept by the caller
	Marks func(m storage.Marks) error
	Keys  func(text []byte) error
	File  func(ctx context.Context, key string, size int64, body io.Reader) error
	// Progress hears what is being read and how many rows or files.
	Progress func(what string, n int64)
}

// Reader reads one backup, once.
type Reader struct {
	head Head
	raw  *bufio.Reader
	zip  *gzip.Reader
	tar  *tar.Reader

	sink  Sink
	table int // of head.Tables, whose rows come
	part  int
	sum   *summing
	files *summing
	found Manifest
	marks bool
}

// NewReader reads the head of a backup that is not encrypted any more. [ErrDamaged] says
// that it is none.
func NewReader(from io.Reader) (*Reader, error) {
	r := &Reader{raw: bufio.NewReaderSize(from, 64<<10), table: -1, files: newSumming(), found: Manifest{Rows: map[string]Sum{}}}
	var err error
	if r.zip, err = gzip.NewReader(r.raw); err != nil {
		return nil, damaged("it does not begin as one", err)
	}
	r.tar = tar.NewReader(r.zip)
	entry, err := r.tar.Next()
	if err != nil {
		return nil, damaged("it does not begin as one", err)
	}
	if entry.Name != headName {
		return nil, damaged("its first entry is "+short(entry.Name), nil)
	}
	if err := r.json(entry, &r.head); err != nil {
		return nil, err
	}
	if r.head.Format != Format {
		return nil, fmt.Errorf("this backup has format %d, and this program reads format %d", r.head.Format, Format)
	}
	return r, nil
}

// Head says what the backup is.
func (r *Reader) Head() Head { return r.head }

// damaged says what is wrong with a backup.
func damaged(what string, cause error) error {
	if cause == nil {
		return fmt.Errorf("%w: %s", ErrDamaged, what)
	}
	return fmt.Errorf("%w: %s: %w", ErrDamaged, what, cause)
}

// short is a name from an archive as it may be shown.
func short(name string) string { return fmt.Sprintf("%.80q", name) }

// Read reads everything, hands it to the sink and compares what it read with what the
// manifest says. [ErrDamaged] says that something is missing or another than it was.
func (r *Reader) Read(ctx context.Context, to Sink) (*Manifest, error) {
	r.sink = to
	for {
		entry, err := r.tar.Next()
		if err != nil {
			return nil, damaged("it ends too early", err)
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if entry.Typeflag != tar.TypeReg {
			return nil, damaged(short(entry.Name)+" is no file", nil)
		}
		if entry.Name == manifestName {
			return r.end(ctx, entry)
		}
		if err := r.entry(ctx, entry); err != nil {
			return nil, err
		}
	}
}

// entry reads one that is not the last.
func (r *Reader) entry(ctx context.Context, entry *tar.Header) error {
	switch name := entry.Name; {
	case name == marksName && !r.marks:
		return r.readMarks(ctx, entry)
	case strings.HasPrefix(name, rowsFolder) && !r.marks:
		return r.readRows(ctx, entry)
	case name == keysName && r.marks && !r.found.Keys && r.files.count == 0:
		return r.readKeys(entry)
	case strings.HasPrefix(name, mediaFolder) && r.marks:
		return r.readFile(ctx, entry)
	}
	return damaged(short(entry.Name)+" does not belong there", nil)
}

// text reads an entry whole.
func (r *Reader) text(entry *tar.Header, most int64) ([]byte, error) {
	if entry.Size > most {
		return nil, damaged(short(entry.Name)+" is too large", nil)
	}
	body, err := io.ReadAll(io.LimitReader(r.tar, most))
	if err != nil {
		return nil, damaged(short(entry.Name), err)
	}
	return body, nil
}

// json reads an entry that is JSON.
func (r *Reader) json(entry *tar.Header, into any) error {
	body, err := r.text(entry, maxText)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(body, into); err != nil {
		return damaged(short(entry.Name), err)
	}
	return nil
}

// end compares what was read with the manifest, and reads the rest of the file: the
// checksums of gzip and age stand there.
func (r *Reader) end(ctx context.Context, entry *tar.Header) (*Manifest, error) {
	if !r.marks {
		return nil, damaged("rows are missing", nil)
	}
	var m Manifest
	if err := r.json(entry, &m); err != nil {
		return nil, err
	}
	r.found.Files = r.files.sum()
	switch {
	case !maps.Equal(m.Rows, r.found.Rows):
		return nil, damaged("rows are not those that were written", nil)
	case m.Files != r.found.Files:
		return nil, damaged("files are not those that were written", nil)
	case m.Keys != r.found.Keys:
		return nil, damaged("the key is missing, or there is one too many", nil)
	}
	if _, err := r.tar.Next(); !errors.Is(err, io.EOF) {
		return nil, damaged("it goes on after its end", err)
	}
	if n, err := io.Copy(io.Discard, r.zip); err != nil || n > 1<<20 {
		return nil, damaged("its end", err)
	}
	if _, err := r.raw.ReadByte(); !errors.Is(err, io.EOF) {
		return nil, damaged("it goes on after its end", err)
	}
	return &m, ctx.Err()
}
