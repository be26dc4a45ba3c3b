// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"time"

	"minga/coop"
	"minga/coop/place"
	"minga/coop/skill"
	"minga/storage"
)

// The gazetteer and the list of skills come with the program and are read into tables
// once: the skills and the big cities at once, the rest of the towns bit by bit, so that
// nobody waits for it. Where an admin has read in other lists, these stay. Then the jobs
// that were here before are looked at again. How far it has come is a setting: whoever
// starts next, or beside, goes on from there.

// Settings that say how far reading has come.
const (
	gazetteerSetting = "gazetteer"
	skillsSetting    = "skills_list"
	indexSetting     = "jobs_indexed"
)

// Sizes of what is done in one transaction, and the time between two.
const (
	townsAtOnce = 500
	goneAtOnce  = 2000
	jobsAtOnce  = 50
	listsRest   = 50 * time.Millisecond
	// listsDelay is how long after the start the small towns wait.
	listsDelay = 10 * time.Second
)

// listState is how far something has come.
type listState struct {
	Version string `json:"version"`
	// Imported is the file that an admin has read in; then nothing is read in by itself.
	Imported string `json:"imported,omitempty"`
	Cleared  bool   `json:"cleared,omitempty"` // what another version left is gone
	Done     int64  `json:"done,omitempty"`    // the last town, or job
	Finished bool   `json:"finished,omitempty"`
	Changed  int    `json:"changed,omitempty"`
}

// asker is a store or a transaction.
type asker interface {
	Setting(ctx context.Context, key string) (string, error)
}

// listStateOf reads a setting; what is broken counts as none.
func listStateOf(ctx context.Context, s asker, key string) (p listState, err error) {
	text, err := s.Setting(ctx, key)
	if errors.Is(err, coop.ErrNotFound) {
		return listState{}, nil
	}
	if err == nil && json.Unmarshal([]byte(text), &p) != nil {
		p = listState{}
	}
	return p, err
}

// keep writes how far it has come.
func (p listState) keep(ctx context.Context, tx *storage.Tx, key string) error {
	text, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return tx.SetSetting(ctx, key, string(text))
}

// readLists reads in what comes with the program.
func (i *instance) readLists(ctx context.Context) error {
	if err := i.readSkills(ctx); err != nil {
		return fmt.Errorf("read the list of skills: %w", err)
	}
	if err := i.readTowns(ctx); err != nil {
		return fmt.Errorf("read the gazetteer: %w", err)
	}
	if err := i.indexJobs(ctx, listsRest); err != nil {
		return fmt.Errorf("index jobs: %w", err)
	}
	return i.indexCoops(ctx)
}

// indexCoops brings the co-ops into the index of the directory that were here before it.
func (i *instance) indexCoops(ctx context.Context) error {
	for n := jobsAtOnce; n == jobsAtOnce; {
		if err := i.store.Write(ctx, func(tx *storage.Tx) (err error) {
			n, err = tx.IndexCoops(ctx, jobsAtOnce)
			return err
		}); err != nil {
			return fmt.Errorf("index co-ops: %w", err)
		}
	}
	return nil
}

// readSkills reads the list of skills in, unless this version is there.
func (i *instance) readSkills(ctx context.Context) error {
	now, err := listStateOf(ctx, i.store, skillsSetting)
	if err != nil || now.Version == skill.Version() {
		return err
	}
	list, err := skill.List()
	if err != nil {
		return err
	}
	return i.store.Write(ctx, func(tx *storage.Tx) error {
		if err := tx.PutSkills(ctx, storage.StarterSkills, list); err != nil {
			return err
		}
		now.Version = skill.Version()
		return now.keep(ctx, tx, skillsSetting)
	})
}

// readTowns reads the gazetteer in, part by part.
func (i *instance) readTowns(ctx context.Context) error {
	now, err := listStateOf(ctx, i.store, gazetteerSetting)
	if err != nil || now.Imported != "" || now.Finished && now.Version == place.Version() {
		return err
	}
	book := &townReader{}
	for rest := time.Duration(0); ; rest = listsRest {
		if !pause(ctx, rest) {
			return nil
		}
		finished, first, err := i.readSomeTowns(ctx, book)
		if err != nil || finished {
			debug.FreeOSMemory() // reading in is over
			return err
		}
		if first && !pause(ctx, listsDelay) {
			return nil
		}
	}
}

// readSomeTowns does the next part, and says whether that was the last, and whether it was
// the cities of our own list.
func (i *instance) readSomeTowns(ctx context.Context, book *townReader) (finished, first bool, err error) {
	err = i.store.Write(ctx, func(tx *storage.Tx) error {
		now, err := listStateOf(ctx, tx, gazetteerSetting)
		if err != nil {
			return err
		}
		if now.Imported != "" || now.Finished && now.Version == place.Version() {
			finished = true
			return nil
		}
		if now.Version != place.Version() {
			now = listState{Version: place.Version()}
		}
		if !now.Cleared {
			gone, err := tx.RemoveTowns(ctx, goneAtOnce)
			if err != nil {
				return err
			}
			if now.Cleared = gone < goneAtOnce; !now.Cleared {
				return now.keep(ctx, tx, gazetteerSetting)
			}
		}
		first = now.Done == 0
		towns, err := book.after(now.Done)
		if err != nil {
			return err
		}
		if len(towns) > 0 {
			now.Done = towns[len(towns)-1].ID
		}
		now.Finished, finished = len(towns) == 0, len(towns) == 0
		if err := tx.PutTowns(ctx, towns); err != nil {
			return err
		}
		return now.keep(ctx, tx, gazetteerSetting)
	})
	return finished, first, err
}

// townReader reads the gazetteer on from where it stopped, so that reading in bit by bit
// is reading through once.
type townReader struct{ book *place.Reader }

// after are the towns after one: the cities of our own list first.
func (r *townReader) after(last int64) ([]coop.TownEntry, error) {
	if r.book == nil || r.book.Last() > last { // something was read in that was not kept
		book, err := place.Open()
		if err != nil {
			return nil, err
		}
		r.book = book
	}
	size := townsAtOnce
	if last == 0 {
		size = place.CityCount()
	}
	towns := make([]coop.TownEntry, 0, size)
	for len(towns) < size {
		town, err := r.book.Next()
		if errors.Is(err, io.EOF) {
			return towns, nil
		}
		if err != nil {
			return nil, err
		}
		if town.ID > last {
			towns = append(towns, town)
		}
	}
	return towns, nil
}

// indexJobs looks at all jobs again, unless that has been done with these lists.
func (i *instance) indexJobs(ctx context.Context, rest time.Duration) error {
	version, err := i.listsVersion(ctx)
	if err != nil {
		return err
	}
	for {
		finished := false
		err := i.store.Write(ctx, func(tx *storage.Tx) error {
			now, err := listStateOf(ctx, tx, indexSetting)
			if err != nil {
				return err
			}
			if now.Version != version {
				now = listState{Version: version}
			}
			if finished = now.Finished; finished {
				return nil
			}
			last, changed, err := tx.IndexJobs(ctx, coop.ID(now.Done), jobsAtOnce)
			if err != nil {
				return err
			}
			now.Done, now.Changed = int64(last), now.Changed+changed
			now.Finished, finished = last == 0, last == 0
			return now.keep(ctx, tx, indexSetting)
		})
		if err != nil || finished || !pause(ctx, rest) {
			return err
		}
	}
}

// listsVersion names the lists as they are.
func (i *instance) listsVersion(ctx context.Context) (string, error) {
	towns, err := listStateOf(ctx, i.store, gazetteerSetting)
	if err != nil {
		return "", err
	}
	skills, err := listStateOf(ctx, i.store, skillsSetting)
	return towns.Version + " " + towns.Imported + " " + skills.Version + " " + skills.Imported, err
}
