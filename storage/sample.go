// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"minga/coop"
)

// A sample is an invented instance, as large as one is when it is old: what the
// speed of reading is measured with. It is written by a few statements over a series
// of numbers, with every index and trigger in place, so that a million posts take a
// minute or two. All in it follows from the numbers: two samples of one size are
// the same. It is no part of a running instance; only `minga bench` asks for it.

// Sample says how large the sample is.
type Sample struct {
	Posts    int // in a year, three tenths of them replies
	Accounts int // known ones, 10,000 at least; one in a hundred is of this instance
	Authors  int // who wrote them: a tenth of these wrote half of all
	Until    time.Time
	Base     string // what our ids begin with, such as https://here.example
	Readers  []SampleReader
}

// SampleReader is a real account of this instance that reads the sample.
type SampleReader struct {
	ID        coop.ID
	IRI       coop.IRI
	Follows   int  // how many authors it follows
	Silent    bool // these wrote nothing since the first fiftieth of the year
	Followers int  // how many accounts of this instance follow it
}

// Sizes of what does not grow with the sample.
const (
	sampleSilent = 500    // accounts that wrote long ago
	sampleThread = 100    // answers in the long thread
	sampleOwn    = 50     // posts of each reader
	sampleTold   = 5000   // notifications of each reader
	sampleChunk  = 50_000 // rows of one statement
)

// SampleThread is the first post of the long thread of a sample, and SampleAuthor who
// wrote much.
type SampleFacts struct{ Thread, Author coop.ID }

// FillSample adds the sample to an instance that has its own accounts and nothing
// else. It is not one transaction: what fails half-way leaves a database to throw
// away. Progress (may be nil) hears of each part.
func (s *Store) FillSample(ctx context.Context, m Sample, progress func(part string)) (facts SampleFacts, err error) {
	db, err := s.db.handle()
	if err != nil {
		return facts, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	f := newFill(db, s.e.engine, m)
	for _, part := range []struct {
		name string
		fill func(context.Context) error
	}{{"begin", f.begin}, {"accounts", f.accounts}, {"follows", f.follows}, {"posts", f.posts}, {"reactions", f.reactions}, {"words", f.words}, {"readers", f.readers}, {"statistics", f.finish}} {
		if err := part.fill(ctx); err != nil {
			return facts, fmt.Errorf("sample of %d posts, %s: %w", m.Posts, part.name, err)
		}
		if progress != nil {
			progress(part.name)
		}
	}
	return SampleFacts{Thread: coop.ID(f.post0 + int64(m.Posts+1)*f.step), Author: coop.ID(f.account0 + sampleRow)}, nil
}

// sampleRow is how far two ids of a sample are apart at least: a millisecond.
const sampleRow = 1 << 16

// fill is a sample that is being written.
type fill struct {
	Sample
	db       *sql.DB
	engine   Engine
	account0 int64 // the id below the first account; the nth is n milliseconds later
	post0    int64 // the id below the first post
	step     int64 // between two posts
	loud     int64 // authors who write half of all
}

// newFill places the sample in the year before m.Until.
func newFill(db *sql.DB, engine Engine, m Sample) *fill {
	const year = 365 * 24 * time.Hour
	step := int64(year/time.Millisecond) / int64(m.Posts)
	// Of the counters those are taken that ids of the past have.
	at := func(ms int64) int64 { return int64(coop.NewID(time.UnixMilli(ms), halfCounter)) }
	until := m.Until.UnixMilli()
	return &fill{
		Sample: m, db: db, engine: engine, loud: int64(max(m.Authors/10, 1)), step: step * sampleRow,
		account0: at(until - 3*int64(year/time.Millisecond)), post0: at(until - step*int64(m.Posts+10)),
	}
}

// exec runs one statement.
func (f *fill) exec(ctx context.Context, text string, values ...any) error {
	if f.engine == SQLite {
		text = toSQLite(text)
	}
	_, err := f.db.ExecContext(ctx, text, values...)
	return err
}

// each runs a statement for the numbers 1 to n in parts: $1 is the first and $2 the
// last of a part, further values follow.
func (f *fill) each(ctx context.Context, n int, text string, values ...any) error {
	for from := 1; from <= n; from += sampleChunk {
		if err := f.exec(ctx, text, append([]any{int64(from), int64(min(from+sampleChunk-1, n))}, values...)...); err != nil {
			return err
		}
	}
	return nil
}

// series is the table of the numbers $1 to $2.
const series = `
		WITH RECURSIVE series (n) AS (
			SELECT $1::bigint
			UNION ALL
			SELECT n + 1 FROM series WHERE n < $2::bigint)`

// begin gives the one connection of SQLite room, and no care for a crash.
func (f *fill) begin(ctx context.Context) error {
	if f.engine != SQLite {
		return nil
	}
	for _, pragma := range []string{"PRAGMA synchronous = OFF", "PRAGMA cache_size = -400000", "PRAGMA wal_autocheckpoint = 20000"} {
		if err := f.exec(ctx, pragma); err != nil {
			return err
		}
	}
	return nil
}

// finish does what the database does by itself when it is left alone for a while.
func (f *fill) finish(ctx context.Context) error {
	if f.engine == SQLite {
		return f.exec(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	}
	return f.exec(ctx, "VACUUM (ANALYZE)")
}
