// SPDX-License-Identifier: AGPL-3.0-or-later

package backup

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"time"

	"minga/storage"
)

// Format is the number of what this package writes and reads.
const Format = 1

// ErrDamaged is returned when a backup is not whole, or is not one.
var ErrDamaged = errors.New("this backup is damaged")

// Head stands at the beginning of a backup and says what it is.
type Head struct {
	Format        int    `json:"format"`
	Program       string `json:"program"` // the version that wrote it
	Schema        int64  `json:"schema"`  // number of the newest migration
	Engine        string `json:"engine"`  // that it was read from
	Host          string `json:"host"`
	AccountDomain string `json:"account_domain"`
	Scheme        string `json:"scheme"`
	// MadeAt is the moment before which everything that was acknowledged is in it.
	MadeAt time.Time `json:"made_at"`
	// WithoutFiles says that files of people are left out, on purpose: what is about to be
	// done does not touch them.
	WithoutFiles bool `json:"without_files,omitempty"`
	// Settings are those set above the database when it was made, without secrets.
	Settings map[string]string `json:"settings,omitempty"`
	Tables   []Columns         `json:"tables"`
}

// Columns are those of one table, in the order of the values of its rows.
type Columns struct {
	Table   string           `json:"table"`
	Columns []storage.Column `json:"columns"`
}

// names are the names of the columns.
func (c Columns) names() []string {
	list := make([]string, len(c.Columns))
	for i, column := range c.Columns {
		list[i] = column.Name
	}
	return list
}

// Manifest stands at the end of a backup and says what must have been read by then.
type Manifest struct {
	Rows  map[string]Sum `json:"rows"` // by table
	Files Sum            `json:"files"`
	Keys  bool           `json:"keys"` // the key that opens sealed columns is in it
	// Gone counts files that were deleted while the backup was made.
	Gone int64 `json:"gone"`
	// Missing counts files that rows name and that are not in the backup, beyond Gone: they were
	// missing when it was made. Only [Verify] knows it.
	Missing int64 `json:"-"`
}

// Total is how many rows there are in all tables.
func (m *Manifest) Total() (n int64) {
	for _, s := range m.Rows {
		n += s.Count
	}
	return n
}

// Sum is how many things there are, how many bytes, and the SHA-256 over all of them.
type Sum struct {
	Count int64  `json:"count"`
	Bytes int64  `json:"bytes"`
	Hash  string `json:"sha256"`
}

// summing builds a Sum.
type summing struct {
	count, bytes int64
	hash         hash.Hash
}

func newSumming() *summing { return &summing{hash: sha256.New()} }

// add takes one thing in.
func (s *summing) add(b []byte) {
	s.count++
	s.bytes += int64(len(b))
	_, _ = s.hash.Write(b) // never fails
}

// file takes a file in, whose hash is known.
func (s *summing) file(key string, size int64, hash string) {
	s.count++
	s.bytes += size
	_, _ = fmt.Fprintf(s.hash, "%s %d %s\n", key, size, hash) // never fails
}

// sum is what was added up.
func (s *summing) sum() Sum { return Sum{s.count, s.bytes, hex.EncodeToString(s.hash.Sum(nil))} }

// The names of what stands in the archive.
const (
	headName     = "backup.json"
	marksName    = "database/marks.json"
	keysName     = "keys/secret.key"
	manifestName = "manifest.json"
	rowsFolder   = "database/"
	mediaFolder  = "media/"
)

// notBackedUp are tables whose rows are left out: what they name is fetched again.
var notBackedUp = []string{"media_cache"}
