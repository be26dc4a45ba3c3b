// SPDX-License-Identifier: AGPL-3.0-or-later

package backup

import (
	"archive/tar"
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"

	"minga/storage"
)

// readMarks ends the rows.
func (r *Reader) readMarks(ctx context.Context, entry *tar.Header) error {
	if err := r.until(ctx, len(r.head.Tables)); err != nil {
		return err
	}
	var m storage.Marks
	if err := r.json(entry, &m); err != nil {
		return err
	}
	r.marks = true
	if r.sink.Marks == nil {
		return nil
	}
	return r.sink.Marks(m)
}

// until ends the tables before one, of which no more rows come, and begins it.
func (r *Reader) until(ctx context.Context, table int) error {
	for r.table < table {
		if r.table >= 0 {
			r.found.Rows[r.head.Tables[r.table].Table] = r.sum.sum()
		}
		r.table, r.part, r.sum = r.table+1, 0, newSumming()
		if r.table == len(r.head.Tables) || r.sink.Begin == nil {
			continue
		}
		if err := r.sink.Begin(ctx, r.head.Tables[r.table]); err != nil {
			return err
		}
	}
	return nil
}

// readRows reads rows of a table.
func (r *Reader) readRows(ctx context.Context, entry *tar.Header) error {
	for at := max(r.table, 0); at < len(r.head.Tables); at++ {
		part := 1
		if at == r.table {
			part = r.part + 1
		}
		if entry.Name != fmt.Sprintf("%s%s/%06d.jsonl", rowsFolder, r.head.Tables[at].Table, part) {
			continue
		}
		if err := r.until(ctx, at); err != nil {
			return err
		}
		r.part = part
		return r.lines(ctx, entry)
	}
	return damaged(short(entry.Name)+" does not belong there", nil)
}

// lines reads the rows of an entry.
func (r *Reader) lines(ctx context.Context, entry *tar.Header) error {
	body, err := r.text(entry, maxText)
	if err != nil {
		return err
	}
	of := r.head.Tables[r.table]
	for line := range bytes.Lines(body) {
		row, err := decodeRow(of.Columns, line)
		if err != nil {
			return damaged(fmt.Sprintf("%s, row %d", short(entry.Name), r.sum.count+1), err)
		}
		r.sum.add(line)
		if r.sink.Row == nil {
			continue
		}
		if err := r.sink.Row(ctx, row); err != nil {
			return err
		}
	}
	r.tell(of.Table, r.sum.count)
	return nil
}

// tell says how far it is.
func (r *Reader) tell(what string, n int64) {
	if r.sink.Progress != nil {
		r.sink.Progress(what, n)
	}
}

// readKeys reads what opens sealed columns.
func (r *Reader) readKeys(entry *tar.Header) error {
	text, err := r.text(entry, maxKeys)
	if err != nil {
		return err
	}
	r.found.Keys = true
	if r.sink.Keys == nil {
		return nil
	}
	return r.sink.Keys(text)
}

// readFile reads a file.
func (r *Reader) readFile(ctx context.Context, entry *tar.Header) error {
	key := strings.TrimPrefix(entry.Name, mediaFolder)
	if entry.Size > maxFile {
		return damaged(short(entry.Name)+" is too large", nil)
	}
	sum := newSumming()
	body := io.TeeReader(r.tar, sum.hash)
	if r.sink.File != nil {
		if err := r.sink.File(ctx, key, entry.Size, body); err != nil {
			return err
		}
	}
	if _, err := io.Copy(io.Discard, body); err != nil {
		return damaged(short(entry.Name), err)
	}
	r.files.file(key, entry.Size, sum.sum().Hash)
	if r.files.count%100 == 0 {
		r.tell("files", r.files.count)
	}
	return nil
}
