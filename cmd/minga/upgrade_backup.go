// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"minga/coop"
	"minga/storage"
	"minga/storage/backup"
	"minga/storage/media"
)

// Before a newer version changes the database of an older one, everything in it and the
// key go into a backup that is read back and restored into a database that is thrown
// away: there is no way back but that. Files of people are not in it, since no upgrade
// touches them. Whoever is killed in the middle goes on without a second one, lest
// backups of a database that is half changed push out the one that counts.

// beforeName begins the name of such a backup; keptBefore is how many stay.
const (
	beforeName = "before-upgrade-"
	keptBefore = 2
)

// beforeSetting keeps, while the steps are made, what backup was made before them.
const beforeSetting = "upgrade_backup"

// beforeNote is what stands there.
type beforeNote struct {
	Schema int64  `json:"schema"` // that it was made of
	Wanted int64  `json:"wanted"` // that the steps were to lead to
	File   string `json:"file"`
}

// backUpFirst makes the backup, unless there is nothing to lose or nobody wants one.
func (i *instance) backUpFirst(ctx context.Context) error {
	full, err := i.store.Populated(ctx)
	if err != nil || !full {
		return err
	}
	if i.noBackup {
		i.log.WarnContext(ctx, "the database is changed without a backup")
		return nil
	}
	u, err := i.store.Upgrade(ctx)
	if err != nil {
		return err
	}
	if made := i.madeBefore(ctx, u.Schema); made != "" {
		i.log.InfoContext(ctx, "the change of the database goes on", "backup", made)
		return nil
	}
	if err := i.backUp(ctx, u); err != nil {
		return fmt.Errorf("backup before the database is changed, without which nothing is (--no-backup, if you have one): %w", err)
	}
	return nil
}

// madeBefore is the backup that was made before the first of the steps, by a program that
// was stopped in the middle of them; empty: there is none. Once a schema is what they were to
// lead to, people have worked with it, and what they did is in no such backup.
func (i *instance) madeBefore(ctx context.Context, schema int64) string {
	text, err := i.store.Setting(ctx, beforeSetting)
	if err != nil {
		return ""
	}
	note := readBefore(text)
	if schema >= note.Wanted {
		return ""
	}
	if info, err := os.Stat(note.File); err != nil || !info.Mode().IsRegular() {
		return ""
	}
	return note.File
}

// readBefore reads a note as it is kept; one that cannot be read is none.
func readBefore(text string) beforeNote {
	var note beforeNote
	if json.Unmarshal([]byte(text), &note) != nil {
		return beforeNote{}
	}
	return note
}

// backUp makes it, looks whether it is good, and notes it.
func (i *instance) backUp(ctx context.Context, u storage.Upgrade) error {
	folder, err := i.config.beforeFolder()
	if err != nil {
		return err
	}
	if err := errors.Join(i.sweepBefore(folder), roomFor(u.Bytes, folder, i.config.scratchFolder())); err != nil {
		return err
	}
	i.service.say("making a backup before the database is changed")
	began, to := i.now(), i.config.Backup.Recipients
	path := filepath.Join(folder, i.config.beforeFile(u.Schema, began, len(to) > 0))
	// One of this second is of a program that was killed before it had tried it.
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("a backup that nobody tried: %w", err)
	}
	row, _, err := i.writeBackup(ctx, making{file: path, to: to, keys: true, bare: true, verify: true})
	if err != nil {
		_ = os.Remove(path) // no good, if there is one at all
		return err
	}
	i.log.InfoContext(ctx, "backup made before the database is changed", "file", row.File, "bytes", row.Bytes, "encrypted", row.Encrypted, "took", i.now().Sub(began))
	return i.noteBefore(ctx, beforeNote{u.Schema, u.Wanted, row.File})
}

// noteBefore keeps that the backup was made.
func (i *instance) noteBefore(ctx context.Context, note beforeNote) error {
	text, err := json.Marshal(note)
	if err != nil {
		return err
	}
	return i.store.Write(ctx, func(tx *storage.Tx) error { return tx.SetSetting(ctx, beforeSetting, string(text)) })
}

// upgraded ends it, also for a program that was killed before it could: the backup stands
// in the audit log, and older ones go. Where several do so at once, one of them does.
func (i *instance) upgraded(ctx context.Context) error {
	if _, err := i.store.Setting(ctx, beforeSetting); errors.Is(err, coop.ErrNotFound) {
		return nil
	}
	var note beforeNote
	err := i.store.Write(ctx, func(tx *storage.Tx) error {
		text, err := tx.TakeSetting(ctx, beforeSetting)
		if note = readBefore(text); err != nil || note.File == "" {
			return err
		}
		return tx.AddAudit(ctx, &coop.AuditEntry{At: i.now(), Who: "minga", Act: "backup.create", Why: filepath.Base(note.File)})
	})
	if errors.Is(err, coop.ErrNotFound) || err == nil && note.File == "" {
		return nil
	}
	if err != nil {
		return fmt.Errorf("note the upgrade: %w", err)
	}
	return i.dropBefore(filepath.Dir(note.File))
}

// beforeFolder is where it goes: the folder of other backups, where one is set, else the
// one of the data.
func (c *Config) beforeFolder() (string, error) {
	folder := c.beforeFolderName()
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", fmt.Errorf("folder of backups: %w", err)
	}
	return filepath.Abs(folder)
}

// beforeFolderName is its name alone.
func (c *Config) beforeFolderName() string {
	if c.Backup.To == "" || strings.Contains(c.Backup.To, "://") {
		return filepath.Join(c.DataDir, "backups")
	}
	return c.Backup.To
}

// beforeFile is its name: after it the schema that it was made of, and when.
func (c *Config) beforeFile(schema int64, at time.Time, encrypted bool) string {
	return fmt.Sprintf("%sschema-%04d-%s", beforeName, schema, backup.Name(c.Host, at, encrypted))
}

// roomFor complains where there is too little room: for the backup, which may be as large
// as the database, and for the database that it is tried in, twice that.
func roomFor(database int64, folder, scratch string) error {
	for _, need := range []struct {
		what, folder string
		bytes        int64
	}{{"the backup", folder, database}, {"trying it", scratch, 2 * database}} {
		free, err := freeAt(need.folder)
		if err != nil {
			return err
		}
		if free >= 0 && free < need.bytes {
			return fmt.Errorf("%s may need %s in %s and only %s are free; make room there, or let backup_to name a larger disk: %w",
				need.what, sizeText(need.bytes), need.folder, sizeText(free), coop.ErrFull)
		}
	}
	return nil
}

// freeAt is how many bytes are free where a folder lies; -1: the system does not say.
func freeAt(folder string) (free int64, err error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return 0, fmt.Errorf("folder of backups: %w", err)
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	space, err := media.SpaceOf(root)
	if err != nil || space.Total == 0 {
		return -1, err
	}
	return int64(min(space.Free, math.MaxInt64)), nil //nolint:gosec // bounded
}

// sweepBefore removes what programs left that were killed while they made one.
func (i *instance) sweepBefore(folder string) error {
	for _, pattern := range []string{filepath.Join(folder, beforeName+"*.part"), filepath.Join(i.config.scratchFolder(), ".verify-*")} {
		left, err := filepath.Glob(pattern)
		if err != nil {
			return err
		}
		for _, path := range left {
			info, err := os.Stat(path)
			if errors.Is(err, fs.ErrNotExist) || err == nil && i.now().Sub(info.ModTime()) < busyFor {
				continue // another may be at it
			}
			if err := errors.Join(err, os.RemoveAll(path)); err != nil {
				return fmt.Errorf("what is left of a backup: %w", err)
			}
		}
	}
	return nil
}

// dropBefore removes those that need not stay.
func (i *instance) dropBefore(folder string) error {
	paths, err := filepath.Glob(filepath.Join(folder, beforeName+"schema-*"))
	if err != nil {
		return err
	}
	made := map[string]time.Time{}
	for _, path := range paths {
		_, rest, _ := strings.Cut(strings.TrimPrefix(filepath.Base(path), beforeName+"schema-"), "-")
		if at, ours := backup.MadeAt(i.config.Host, rest); ours {
			made[path] = at
		}
	}
	paths = slices.DeleteFunc(paths, func(path string) bool { return made[path].IsZero() })
	slices.SortFunc(paths, func(a, b string) int { return cmp.Or(made[b].Compare(made[a]), strings.Compare(a, b)) })
	for _, path := range paths[min(keptBefore, len(paths)):] {
		if err := os.Remove(path); err != nil {
			return fmt.Errorf("old backup: %w", err)
		}
	}
	return nil
}
