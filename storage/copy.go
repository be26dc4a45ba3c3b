// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"math"

	"minga/coop"
)

// TableSum is how much a table holds: two tables with the same rows have the same sum,
// whatever engine keeps them.
type TableSum struct {
	Table string `json:"table"`
	Rows  int64  `json:"rows"`
	Sum   string `json:"sum"` // SHA-256 over all values, in hexadecimal
}

// CopyTo copies everything that is kept into an empty database of either kind, which gets
// the schema of this one, and the newest one afterwards. The source is only read, in one
// snapshot: what is written to it meanwhile is not copied. Progress (may be nil) hears of
// each table. It gives what was read; [coop.ErrState] says that the target holds something
// already. Who wants to know that both hold the same asks [Store.Sums] of both.
func (s *Store) CopyTo(ctx context.Context, to *Store, progress func(TableSum)) (sums []TableSum, err error) {
	if full, err := to.Populated(ctx); err != nil || full {
		if err == nil {
			err = fmt.Errorf("the target holds an instance already: %w", coop.ErrState)
		}
		return nil, err
	}
	err = s.Snapshot(ctx, func(x *Snapshot) error {
		if err := to.MigrateTo(ctx, x.Version()); err != nil {
			return err
		}
		return to.ImportAll(ctx, func(in *Importer) (err error) {
			sums, err = x.copyTables(ctx, in, progress)
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("copy: %w", err)
	}
	return sums, nil
}

// copyTables hands every row over.
func (x *Snapshot) copyTables(ctx context.Context, in *Importer, progress func(TableSum)) ([]TableSum, error) {
	sums, err := x.sums(ctx, func(t Table) (func([]any) error, error) {
		return func(row []any) error { return in.Put(ctx, row) }, in.Begin(ctx, t.Name, columnNames(t))
	}, progress)
	if err != nil {
		return nil, err
	}
	marks, err := x.Marks(ctx)
	in.Marks(marks)
	return sums, err
}

// Sums reads everything and says how much each table holds.
func (s *Store) Sums(ctx context.Context, progress func(TableSum)) (sums []TableSum, err error) {
	err = s.Snapshot(ctx, func(x *Snapshot) (err error) {
		sums, err = x.sums(ctx, func(Table) (func([]any) error, error) { return nil, nil }, progress)
		return err
	})
	return sums, err
}

// sums reads table after table; begin may give what takes each row besides.
func (x *Snapshot) sums(ctx context.Context, begin func(Table) (func([]any) error, error), progress func(TableSum)) ([]TableSum, error) {
	var list []TableSum
	for _, t := range x.List() {
		take, err := begin(t)
		if err != nil {
			return nil, err
		}
		sum, err := x.sum(ctx, t, take)
		if err != nil {
			return nil, err
		}
		list = append(list, sum)
		if progress != nil {
			progress(sum)
		}
	}
	return list, nil
}

// sum reads one table.
func (x *Snapshot) sum(ctx context.Context, t Table, take func([]any) error) (TableSum, error) {
	h := sha256.New()
	n, err := x.Export(ctx, t, func(row []any) error {
		for _, v := range row {
			addValue(h, v)
		}
		if take == nil {
			return nil
		}
		return take(row)
	})
	return TableSum{Table: t.Name, Rows: n, Sum: hex.EncodeToString(h.Sum(nil))}, err
}

// columnNames are those of a table in its order.
func columnNames(t Table) []string {
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = c.Name
	}
	return names
}

// addValue writes a value so that no two rows that differ are written alike: its kind, its
// length, its bytes.
func addValue(h hash.Hash, v any) {
	head := func(kind byte, n uint64) {
		_, _ = h.Write(binary.BigEndian.AppendUint64([]byte{kind}, n))
	}
	switch v := v.(type) {
	case nil:
		head(0, 0)
	case int64:
		head(1, uint64(v)) //nolint:gosec // bits, whatever they mean
	case bool:
		head(2, map[bool]uint64{true: 1}[v])
	case float64:
		head(3, math.Float64bits(v))
	case string:
		head(4, uint64(len(v)))
		_, _ = h.Write([]byte(v))
	case []byte:
		head(5, uint64(len(v)))
		_, _ = h.Write(v)
	default:
		head(6, 0)
	}
}

// Difference names the tables of which two databases do not hold the same.
func Difference(one, other []TableSum) []string {
	known := map[string]TableSum{}
	for _, t := range one {
		known[t.Table] = t
	}
	var differ []string
	for _, t := range other {
		if known[t.Table] != t {
			differ = append(differ, fmt.Sprintf("%s: %d rows and %d", t.Table, known[t.Table].Rows, t.Rows))
		}
		delete(known, t.Table)
	}
	for name := range known {
		differ = append(differ, name+": only on one side")
	}
	return differ
}
