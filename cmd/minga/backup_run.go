// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"filippo.io/age"

	"minga/coop"
	"minga/storage"
	"minga/storage/backup"
)

// Backups are made by themselves where backup_to is set: one each backup_every, of all
// nodes by one. Once a week the new one is read back and restored into a database that
// is thrown away. Of an encrypted one that takes a private key, and none lies here: so
// that one is encrypted for a further key too, which is forgotten after the look.

// verifyEvery is how often a backup is verified.
const verifyEvery = 7 * 24 * time.Hour

// busyFor is how long one node is taken to be at it; retryAfter how long one that
// failed rests.
const (
	busyFor    = 6 * time.Hour
	retryAfter = time.Hour
)

// making says how a backup is made.
type making struct {
	file         string // empty: in the folder of the settings
	to           []age.Recipient
	keys, verify bool
	bare         bool   // without files of people
	who          string // for the audit log
	tell         func(what string, n int64)
}

// makeBackup makes a backup, notes it and what failed.
func (i *instance) makeBackup(ctx context.Context, m making) (backupRow, error) {
	row, head, err := i.writeBackup(ctx, m)
	noted := i.store.Write(context.WithoutCancel(ctx), func(tx *storage.Tx) error {
		if err != nil {
			return tx.ChangeBackup(ctx, func(b *storage.Backup) {
				b.Failures, b.Failed, b.Problem, b.Busy, b.Asked = b.Failures+1, i.now(), err.Error(), zeroTime, zeroTime
			})
		}
		err := tx.ChangeBackup(ctx, func(b *storage.Backup) {
			b.At, b.File, b.Bytes, b.Encrypted = head.MadeAt, filepath.Base(row.File), row.Bytes, row.Encrypted
			b.Failures, b.Failed, b.Problem, b.Busy, b.Asked = 0, zeroTime, "", zeroTime, zeroTime
			if row.Verified {
				b.Verified = head.MadeAt
			}
		})
		return errors.Join(err, tx.AddAudit(ctx, &coop.AuditEntry{At: i.now(), Who: m.who, Act: "backup.create", Why: filepath.Base(row.File)}))
	})
	if ctx.Err() != nil {
		return row, err // nobody failed: it was stopped
	}
	return row, errors.Join(err, noted)
}

// writeBackup writes the file, and reads it back if that is asked for.
func (i *instance) writeBackup(ctx context.Context, m making) (row backupRow, head backup.Head, err error) {
	encrypted, identities := len(m.to) > 0, []age.Identity(nil)
	if encrypted && m.verify {
		once, err := age.GenerateX25519Identity()
		if err != nil {
			return row, head, fmt.Errorf("key for one look: %w", err)
		}
		m.to, identities = append(m.to[:len(m.to):len(m.to)], once.Recipient()), []age.Identity{once}
	}
	path, sent, err := i.config.backupPath(m.file, i.now(), encrypted)
	if err != nil {
		return row, head, err
	}
	wrote, manifest, err := i.writeRows(ctx, path, m)
	if err != nil {
		return row, head, err
	}
	row = rowOf(path, *wrote, manifest, encrypted, false)
	if sent != "" {
		row.File, err = i.config.sendBackup(ctx, path, sent)
		if err = errors.Join(err, os.Remove(path)); err != nil {
			return row, *wrote, err
		}
	}
	if m.verify {
		checked, _, err := i.config.verifyWith(ctx, row.File, identities, i.now, m.tell)
		if err != nil {
			return row, *wrote, fmt.Errorf("the backup %s was written and is no good: %w", row.File, err)
		}
		row = checked
	}
	return row, *wrote, nil
}

// writeRows writes the file. Meanwhile nobody changes the secret key: its rows and its keys
// belong together.
func (i *instance) writeRows(ctx context.Context, path string, m making) (head *backup.Head, manifest *backup.Manifest, err error) {
	release, err := holdSecret(i.root, false)
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, release()) }()
	source, err := i.backupSource(ctx, m.keys, !m.bare, m.tell)
	if err != nil {
		return nil, nil, err
	}
	return backup.WriteFile(ctx, path, source, m.to)
}

// noteVerified keeps that a backup was verified.
func (i *instance) noteVerified(ctx context.Context, head backup.Head, file string) error {
	return i.store.Write(ctx, func(tx *storage.Tx) error {
		err := tx.ChangeBackup(ctx, func(b *storage.Backup) {
			if head.MadeAt.After(b.Verified) {
				b.Verified = head.MadeAt
			}
		})
		return errors.Join(err, tx.AddAudit(ctx, &coop.AuditEntry{At: i.now(), Who: byCommand, Act: "backup.verify", Why: filepath.Base(file)}))
	})
}

// runBackups makes backups when it is time.
func (i *instance) runBackups(ctx context.Context) error {
	for pause(ctx, time.Minute) {
		if _, err := i.backupTurn(ctx); err != nil && ctx.Err() == nil {
			i.log.ErrorContext(ctx, "backup failed", "err", err)
		}
	}
	return nil
}

// backupTurn makes a backup if it is time for one, and says whether it was.
func (i *instance) backupTurn(ctx context.Context) (bool, error) {
	if i.config.Backup.To == "" {
		return false, nil
	}
	last, mine, err := i.claimBackup(ctx)
	if err != nil || !mine {
		return false, err
	}
	began := i.now()
	row, err := i.makeBackup(ctx, making{
		to: i.config.Backup.Recipients, keys: true, verify: began.Sub(last.Verified) >= verifyEvery, who: "minga",
	})
	if err != nil {
		return true, err
	}
	i.log.InfoContext(ctx, "backup made", "file", filepath.Base(row.File), "bytes", row.Bytes, "verified", row.Verified, "took", i.now().Sub(began))
	return true, i.dropBackups(ctx)
}

// claimBackup takes the work, if it is time and no other node is at it.
func (i *instance) claimBackup(ctx context.Context) (last storage.Backup, mine bool, err error) {
	if last, err = i.store.LastBackup(ctx); err != nil || !i.backupDue(last) {
		return last, false, err
	}
	err = i.store.Write(ctx, func(tx *storage.Tx) error {
		return tx.ChangeBackup(ctx, func(b *storage.Backup) {
			if last, mine = *b, i.backupDue(*b); mine {
				b.Busy = i.now().Add(busyFor)
			}
		})
	})
	return last, mine, err
}

// backupDue tells whether it is time.
func (i *instance) backupDue(b storage.Backup) bool {
	now := i.now()
	switch {
	case now.Before(b.Busy):
		return false
	case !b.Asked.IsZero():
		return true
	case b.Failures > 0 && now.Sub(b.Failed) < retryAfter:
		return false
	}
	return now.Sub(b.At) >= i.config.Backup.Every
}

// dropBackups removes backups that need not be kept.
func (i *instance) dropBackups(ctx context.Context) error {
	if inBucket(i.config.Backup.To) {
		return i.dropSent(ctx)
	}
	root, err := os.OpenRoot(i.config.Backup.To)
	if err != nil {
		return fmt.Errorf("folder of backups: %w", err)
	}
	defer func() { _ = root.Close() }()
	entries, err := os.ReadDir(i.config.Backup.To)
	if err != nil {
		return fmt.Errorf("folder of backups: %w", err)
	}
	var names []string
	for _, e := range entries {
		if e.Type().IsRegular() {
			names = append(names, e.Name())
		}
	}
	for _, name := range backup.Surplus(i.config.Host, names, i.config.Backup.Keep) {
		if err := root.Remove(name); err != nil {
			return fmt.Errorf("old backup: %w", err)
		}
	}
	return nil
}
