// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"time"

	"minga/coop"
	"minga/storage"
	"minga/web/admin"
)

// rehearse makes a rehearsal of this instance where the configuration says so, and says in
// the log how far it is. Only a server begins one: a command with the setting sends nothing
// itself, and changes nothing for others.
func (i *instance) rehearse(ctx context.Context) error {
	if i.config.Rehearsal {
		if err := i.beginRehearsal(ctx, i.store, false); err != nil {
			return err
		}
	}
	state, err := i.store.Rehearsal(ctx)
	switch {
	case err != nil:
		return err
	case !state.Promoted.IsZero() && i.config.Rehearsal:
		i.log.WarnContext(ctx, "the setting rehearsal has no effect: this instance was promoted; take it away", "at", stamp(state.Promoted))
	case state.Promoted.IsZero() && !state.Since.IsZero():
		i.log.WarnContext(ctx, "this instance is a rehearsal: nothing goes out and nothing comes in until it is promoted", "since", stamp(state.Since))
	}
	return nil
}

// beginRehearsal is [storage.Tx.BeginRehearsal] with its entry of the audit log.
func (i *instance) beginRehearsal(ctx context.Context, store *storage.Store, anew bool) error {
	held, begun := storage.Restored{}, false
	err := store.Write(ctx, func(tx *storage.Tx) (err error) {
		if begun, held, err = tx.BeginRehearsal(ctx, anew); err != nil || !begun {
			return err
		}
		return tx.AddAudit(ctx, &coop.AuditEntry{At: i.now(), Who: byCommand, Act: "instance.rehearse"})
	})
	if err != nil {
		return fmt.Errorf("begin a rehearsal: %w", err)
	}
	if begun {
		i.log.InfoContext(ctx, "rehearsal begun", slog.Int64("deliveries_dropped", held.Deliveries), slog.Int64("messages_dropped", held.Tasks))
	}
	return nil
}

// checkRehearsal says that this instance is one, and nothing where it is none.
func (i *instance) checkRehearsal(ctx context.Context) []admin.Finding {
	state, err := i.store.Rehearsal(ctx)
	if err != nil {
		return one(failed("database", err))
	}
	on, err := i.store.Rehearsing(ctx)
	if err != nil || !on {
		return nil
	}
	since := "…"
	if !state.Since.IsZero() {
		since = state.Since.In(i.config.Zone).Format(time.DateOnly)
	}
	return one(warned("rehearsal", since))
}

// unheard are the checks that have no meaning in a rehearsal, which answers no server and
// asks none.
var unheard = []string{"webfinger", "documents", "inbox", "signatures", "accepted", "heard", "clock"}

// rehearsed lets them find nothing.
func (l *lookout) rehearsed(ctx context.Context, list []check) []check {
	if on, err := l.i.store.Rehearsing(ctx); err != nil || !on {
		return list
	}
	for at, c := range list {
		if slices.Contains(unheard, c.name) {
			list[at].look = func(context.Context) []admin.Finding { return nil }
		}
	}
	return list
}

// rehearsalRow is how the setting is shown: what the database says of it counts before the
// configuration.
func rehearsalRow(row settingRow, kept storage.Rehearsal) settingRow {
	switch {
	case !kept.Promoted.IsZero():
		return settingRow{row.Key, "off", "database: promoted at " + stamp(kept.Promoted) + " UTC, for good"}
	case !kept.Since.IsZero():
		return settingRow{row.Key, "on", "database: since " + stamp(kept.Since) + " UTC, until it is promoted"}
	}
	return row
}

// promoteCommand is `minga promote`.
type promoteCommand struct {
	Yes bool `help:"Do not ask."`
}

// promoted is what is printed of it.
type promoted struct {
	Promoted string           `json:"promoted"`
	Dropped  storage.Restored `json:"dropped"`
}

// Run ends the rehearsal for good.
func (a promoteCommand) Run(t *terminal) error {
	return t.with(func(i *instance) error {
		on, err := i.store.Rehearsing(t.ctx)
		if err != nil {
			return err
		}
		if !on {
			return fmt.Errorf("this instance is no rehearsal: %w", coop.ErrState)
		}
		if !a.Yes && !t.confirm("Promote %s? It meets other servers from now on, and that cannot be undone.", i.config.Host) {
			return fmt.Errorf("nothing was changed: %w", coop.ErrState)
		}
		row := promoted{Promoted: stamp(i.now())}
		err = i.store.Write(t.ctx, func(tx *storage.Tx) (err error) {
			row.Dropped, err = tx.Promote(t.ctx, coop.AuditEntry{At: i.now(), Who: byCommand, Act: "instance.promote"})
			return err
		})
		if err != nil {
			return err
		}
		if i.config.Rehearsal {
			t.talk("take the setting rehearsal away: it has no effect any more")
		}
		return t.print(row, func(w io.Writer) {
			fmt.Fprintf(w, "%s is promoted: it meets other servers from now on\n", i.config.Host)
		})
	})
}
