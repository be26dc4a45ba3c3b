// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"minga/coop"
)

// Backup is what this instance knows of its backups.
type Backup struct {
	At        time.Time // the moment that the last good one holds; zero: none was made
	File      string    // its name in the folder or bucket
	Bytes     int64     // of that file
	Encrypted bool
	Verified  time.Time // the moment of the last one that was read back whole; zero: never
	// Failures counts how often one failed since; Failed and Problem are of the last time.
	Failures int
	Failed   time.Time
	Problem  string
	Asked    time.Time // somebody asked for one; zero: nobody since the last try
	Busy     time.Time // until then a node is at it
}

// backupSetting is where it is kept.
const backupSetting = "backup_state"

// LastBackup tells of the backups of this instance; of none it is zero.
func (r reader) LastBackup(ctx context.Context) (b Backup, err error) {
	text, err := r.Setting(ctx, backupSetting)
	if errors.Is(err, coop.ErrNotFound) {
		return b, nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(text), &b)
	}
	if err != nil {
		return Backup{}, fmt.Errorf("state of backups: %w", err)
	}
	return b, nil
}

// ChangeBackup changes what is known of the backups. Two that change it wait for each
// other.
func (tx *Tx) ChangeBackup(ctx context.Context, change func(b *Backup)) error {
	if err := tx.alone(ctx, backupSetting); err != nil {
		return err
	}
	b, err := tx.LastBackup(ctx)
	if err != nil {
		return err
	}
	change(&b)
	b.Problem = coop.Truncate(cleanText(b.Problem), 2000)
	text, err := jsonText(b)
	if err != nil {
		return err
	}
	return tx.SetSetting(ctx, backupSetting, text)
}
