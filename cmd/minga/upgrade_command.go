// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"time"

	"minga/storage"
	"minga/storage/media"
)

// upgradeCommand is `minga upgrade`.
type upgradeCommand struct {
	Check upgradeCheck `cmd:"" help:"Say what this version would change in the database before it starts. Changes nothing."`
}

// upgradeCheck is `minga upgrade check`.
type upgradeCheck struct{}

// upgradeReport is what upgrade check found.
type upgradeReport struct {
	Version    string         `json:"version"`
	Engine     storage.Engine `json:"engine"`
	Schema     int64          `json:"schema"`
	Wanted     int64          `json:"schema_wanted"`
	Due        []string       `json:"migrations"`
	Bytes      int64          `json:"database_bytes"`
	Free       int64          `json:"free_bytes"`   // -1: the system does not say, or the database lies elsewhere
	Needed     int64          `json:"needed_bytes"` // while tables are written anew
	AtMost     float64        `json:"at_most_seconds"`
	EnoughRoom bool           `json:"enough_room"`
	// Backup is what is made before the first step; empty where there is nothing to lose.
	Backup      string          `json:"backup_folder"`
	BackupNeeds int64           `json:"backup_bytes"`
	BackupRoom  string          `json:"backup_problem,omitempty"` // what is in its way
	Settings    []settingChange `json:"settings"`
}

// Run opens the database as it is. An older program than the database's is refused.
func (upgradeCheck) Run(t *terminal) error {
	strange, err := t.strangeKeys()
	if err != nil {
		return err
	}
	config, err := t.config()
	if err != nil {
		for _, one := range strange { // all of them, not the first alone
			t.talk("%s", printable(one.Text))
		}
		return err
	}
	r, err := t.upgradeOf(config)
	if err != nil {
		return err
	}
	r.Settings = append(strange, r.Settings...)
	err = t.print(r, r.write)
	if err == nil && (!r.EnoughRoom || r.BackupRoom != "") {
		return errors.Join(errSaid, errors.New("too little room"))
	}
	return err
}

// upgradeOf asks the database without changing it.
func (t *terminal) upgradeOf(config *Config) (r upgradeReport, err error) {
	root, err := config.openDataDir()
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	store, err := storage.Open(t.ctx, storage.Options{URL: config.DatabaseURL, Now: t.now})
	if err != nil {
		return r, err
	}
	u, err := store.Upgrade(t.ctx)
	if err == nil {
		r = newUpgradeReport(u, root)
		r.Settings, err = changedDefaults(t.ctx, store, config)
	}
	if err == nil && len(u.Due) > 0 {
		var full bool
		if full, err = store.Populated(t.ctx); full {
			r.backup(config, u.Bytes)
		}
	}
	return r, errors.Join(err, store.Close())
}

// backup says what the backup before the first step needs. Nothing is made for it.
func (r *upgradeReport) backup(config *Config, bytes int64) {
	r.Backup, r.BackupNeeds = config.beforeFolderName(), 3*bytes
	folder := r.Backup
	if _, err := os.Stat(folder); err != nil {
		folder = config.scratchFolder() // it is made there
	}
	if err := roomFor(bytes, folder, config.scratchFolder()); err != nil {
		r.BackupRoom = err.Error()
	}
}

// newUpgradeReport compares what is needed with what is free.
func newUpgradeReport(u storage.Upgrade, data *os.Root) upgradeReport {
	r := upgradeReport{
		Version: version, Engine: u.Engine, Schema: u.Schema, Wanted: u.Wanted, Due: append([]string{}, u.Due...),
		Bytes: u.Bytes, Free: -1, AtMost: u.Most.Seconds(), EnoughRoom: true,
	}
	if len(u.Due) > 0 {
		r.Needed = 2 * u.Bytes // the largest table and its indexes once more, and the log of it
	}
	if u.Engine == storage.SQLite {
		if space, err := media.SpaceOf(data); err == nil && space.Total > 0 {
			r.Free = int64(min(space.Free, math.MaxInt64)) //nolint:gosec // bounded
			r.EnoughRoom = r.Free >= r.Needed
		}
	}
	return r
}

// write prints it for people.
func (r upgradeReport) write(w io.Writer) {
	fmt.Fprintf(w, "minga %s; the database (%s, %s) has schema %d, this version wants %d\n", r.Version, r.Engine, sizeText(r.Bytes), r.Schema, r.Wanted)
	for _, one := range r.Settings {
		fmt.Fprintf(w, "setting %s: %s\n", printable(one.Key), printable(one.Text))
	}
	if len(r.Due) == 0 {
		fmt.Fprintln(w, "nothing to change: start it")
		return
	}
	fmt.Fprintf(w, "%d steps, at most about %v; pages and inboxes answer 503 meanwhile\n", len(r.Due), time.Duration(r.AtMost*float64(time.Second)).Round(time.Second))
	for _, name := range r.Due {
		fmt.Fprintf(w, "  %s\n", name)
	}
	switch {
	case r.Free < 0:
		fmt.Fprintf(w, "have %s free where the database lies; this machine does not tell\n", sizeText(r.Needed))
	case r.EnoughRoom:
		fmt.Fprintf(w, "%s free, %s may be needed\n", sizeText(r.Free), sizeText(r.Needed))
	default:
		fmt.Fprintf(w, "only %s free, %s may be needed: make room first\n", sizeText(r.Free), sizeText(r.Needed))
	}
	switch {
	case r.BackupRoom != "":
		fmt.Fprintf(w, "no backup can be made before: %s\n", printable(r.BackupRoom))
	case r.Backup != "":
		fmt.Fprintf(w, "before the first step a backup is made in %s, which may need %s while it is tried; there is no way back but a restore of it\n", printable(r.Backup), sizeText(r.BackupNeeds))
	}
}
