// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"minga/coop"
)

// A rehearsal is an instance in which everything works but nothing goes out and nothing
// comes in. That it began and that it was promoted stand in the database, so that a setting
// that is forgotten at a restart sends nothing, and one that is left behind stops nothing.

// The settings that say how far it is, with a time (RFC 3339) each.
const (
	rehearsalSetting = "rehearsal_since"
	promotedSetting  = "promoted_at"
)

// rehearsal is what a process knows of it.
type rehearsal struct {
	configured bool        // [Options.Rehearsal]
	over       atomic.Bool // it is none, or none any more: that never changes
}

// Rehearsal is when this instance began as a rehearsal and when it was promoted; zero times:
// it did not, it was not.
type Rehearsal struct{ Since, Promoted time.Time }

// Rehearsal reads it.
func (r reader) Rehearsal(ctx context.Context) (state Rehearsal, err error) {
	for key, into := range map[string]*time.Time{rehearsalSetting: &state.Since, promotedSetting: &state.Promoted} {
		text, err := r.Setting(ctx, key)
		if errors.Is(err, coop.ErrNotFound) {
			continue
		}
		if err == nil {
			*into, err = time.Parse(time.RFC3339, text)
		}
		if err != nil {
			return state, fmt.Errorf("rehearsal: %w", err)
		}
	}
	return state, nil
}

// Rehearsing tells whether nothing may go out. Once it is over the answer comes from
// memory; before, each question asks the database, so that a promotion by another process
// counts at once.
func (r reader) Rehearsing(ctx context.Context) (bool, error) {
	if r.e.rehearsal.over.Load() {
		return false, nil
	}
	state, err := r.Rehearsal(ctx)
	if err != nil {
		return true, err
	}
	if state.Promoted.IsZero() && (r.e.rehearsal.configured || !state.Since.IsZero()) {
		return true, nil
	}
	r.e.rehearsal.over.Store(true)
	return false, nil
}

// BeginRehearsal makes a rehearsal of this instance until it is promoted, and drops what
// waited to go out: a copy of an instance sends nothing in its name. One that is a rehearsal
// already stays as it is, one that was promoted too: anew makes one of it all the same,
// which is for a copy alone, such as one from a backup.
func (tx *Tx) BeginRehearsal(ctx context.Context, anew bool) (begun bool, held Restored, err error) {
	state, err := tx.Rehearsal(ctx)
	if err != nil || !anew && (!state.Since.IsZero() || !state.Promoted.IsZero()) {
		return false, held, err
	}
	if err := tx.DeleteSetting(ctx, promotedSetting); err != nil {
		return false, held, err
	}
	if err := tx.SetSetting(ctx, rehearsalSetting, tx.e.now().UTC().Format(time.RFC3339)); err != nil {
		return false, held, err
	}
	tx.e.rehearsal.over.Store(false)
	held, err = tx.dropWaiting(ctx)
	return true, held, err
}

// Promote ends the rehearsal for good, with its entry of the audit log: from now on this
// instance meets others. What waited meanwhile is dropped, so that nothing bursts out. One
// that is none, or was promoted before, gives [coop.ErrState].
func (tx *Tx) Promote(ctx context.Context, entry coop.AuditEntry) (held Restored, err error) {
	if on, err := tx.Rehearsing(ctx); err != nil || !on {
		return held, errors.Join(err, fmt.Errorf("promote: this instance is no rehearsal: %w", coop.ErrState))
	}
	n, err := tx.exec(ctx, `
		INSERT INTO settings (key, value, updated_at) VALUES ($1, $2, $3)
		ON CONFLICT (key) DO NOTHING`, promotedSetting, tx.e.now().UTC().Format(time.RFC3339), tx.e.now().UnixMilli())
	if err != nil || n == 0 { // two at once: the other was first
		return held, errors.Join(err, fmt.Errorf("promote: it was promoted a moment ago: %w", coop.ErrState))
	}
	if held, err = tx.dropWaiting(ctx); err != nil {
		return held, err
	}
	return held, tx.AddAudit(ctx, &entry)
}
