// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"minga/coop"
	"minga/outbox"
	"minga/storage"
)

// keysCommand is `minga keys`.
type keysCommand struct {
	Show   keysShow   `cmd:"" help:"Say what keys there are, when they were changed, and whether a change is under way."`
	Rotate keysRotate `cmd:"" help:"Change keys. A server that runs takes the new ones at once; stopped in the middle, the same command goes on."`
}

// keysRow is what is printed of the keys.
type keysRow struct {
	storage.KeyCounts
	SecretFrom string `json:"secret_from"` // secret.key in the data folder, or MINGA_SECRET_KEY
	UnderWay   bool   `json:"under_way"`
	Changed    string `json:"changed,omitempty"` // when the last change ended
	Problem    string `json:"problem,omitempty"` // why it could not go on, or what is left to do by hand
	// What was done.
	Accounts      int `json:"accounts_changed"`
	Sealed        int `json:"sealed_anew"`
	Lost          int `json:"lost"`
	Subscriptions int `json:"subscriptions_ended"`
}

// keysRowOf is the row as it is now.
func (i *instance) keysRowOf(ctx context.Context) (row keysRow, err error) {
	if row.KeyCounts, err = i.store.CountKeys(ctx); err != nil {
		return row, err
	}
	k, err := i.store.KeyRotation(ctx)
	row.SecretFrom, row.UnderWay, row.Problem = i.config.secretFrom(), !k.Asked.IsZero(), k.ToDo()
	row.Accounts, row.Sealed, row.Lost, row.Subscriptions = k.Accounts, k.Rows, k.Lost, k.Ends
	if !k.Done.IsZero() {
		row.Changed = k.Done.UTC().Format(time.RFC3339)
	}
	return row, err
}

// write prints it for people.
func (row keysRow) write(w io.Writer) {
	fmt.Fprintf(w, "accounts with keys     %d\n", row.KeyCounts.Accounts)
	fmt.Fprintf(w, "sealed in the database %d, %d of them by an older key\n", row.KeyCounts.Sealed, row.OldSeals)
	fmt.Fprintf(w, "secret key             %s\n", row.SecretFrom)
	fmt.Fprintf(w, "Web Push               %d subscriptions\n", row.KeyCounts.Subscriptions)
	fmt.Fprintf(w, "signed in              %d browsers, %d tokens, %d links\n", row.Sessions, row.Tokens, row.Links)
	if row.Changed != "" {
		fmt.Fprintf(w, "last changed           %s: %d accounts, %d sealed anew, %d lost, %d subscriptions ended\n", row.Changed, row.Accounts, row.Sealed, row.Lost, row.Subscriptions)
	}
	if row.UnderWay {
		fmt.Fprintln(w, "a change is under way; if nobody is at it, `minga keys rotate --resume` goes on")
	}
	if row.Problem != "" {
		fmt.Fprintf(w, "to do: %s\n", printable(row.Problem))
	}
}

// keysShow is `minga keys show`.
type keysShow struct{}

// Run prints it.
func (keysShow) Run(t *terminal) error {
	return t.with(func(i *instance) error {
		row, err := i.keysRowOf(t.ctx)
		if err != nil {
			return err
		}
		return t.print(row, row.write)
	})
}

// keysRotate is `minga keys rotate`.
type keysRotate struct {
	Account    string `help:"Only the keys of this account." placeholder:"NAME"`
	All        bool   `help:"The keys of all accounts. Others are told, signed with the old key."`
	Secrets    bool   `help:"The secret key, and all that is sealed with it. Backups of before keep the key that opens them."`
	Push       bool   `help:"The key of Web Push. Subscriptions end, and apps subscribe anew when they start."`
	Compromise bool   `help:"Somebody may have got hold of keys: all of the above, everybody and every app is signed out, links in mails and invitations end, old proofs hold no more, and people are told. With --account: this one alone."`
	Resume     bool   `help:"Go on with a change that was stopped."`
	DryRun     bool   `help:"Say what would be changed, and change nothing."`
	Yes        bool   `help:"Do not ask."`
}

// Run does what is wanted, or says what it would touch.
func (a keysRotate) Run(t *terminal) error {
	want := storage.KeyRotation{Actors: a.All, Secrets: a.Secrets, Push: a.Push, Compromise: a.Compromise}
	if a.Account != "" && (a.All || a.Secrets || a.Push || a.Resume) {
		return usage("--account stands alone, or with --compromise")
	}
	if a.Account == "" && !want.Any() && !a.Resume {
		return usage("say what: --account NAME, --all, --secrets, --push or --compromise")
	}
	if a.Account != "" {
		return a.one(t)
	}
	return t.with(func(i *instance) error {
		if a.DryRun {
			return t.showKeys(i)
		}
		if a.Compromise && !a.Yes && !t.confirm("Sign everybody and every app out, end all links, and change all keys?") {
			return fmt.Errorf("nothing was changed: %w", coop.ErrState)
		}
		return a.all(t, i, want)
	})
}

// showKeys prints what there is.
func (t *terminal) showKeys(i *instance) error {
	row, err := i.keysRowOf(t.ctx)
	if err != nil {
		return err
	}
	return t.print(row, row.write)
}

// all changes what is wanted, or goes on.
func (a keysRotate) all(t *terminal, i *instance, want storage.KeyRotation) error {
	if a.Secrets && !a.Compromise {
		if err := i.secretIsOurs(); err != nil {
			return err
		}
	}
	if want.Any() {
		if err := i.askKeys(t.ctx, want, keysEntry(i, want)); err != nil {
			return err
		}
	} else if k, err := i.store.KeyRotation(t.ctx); err != nil || k.Asked.IsZero() {
		return errors.Join(err, fmt.Errorf("no change of keys was stopped: %w", coop.ErrNotFound))
	}
	if _, err := i.changeKeys(t.ctx, func(step string) { t.talk("%s", step) }); err != nil {
		return err
	}
	return t.keysDone(i)
}

// keysDone says what was done, and fails in part where something is left.
func (t *terminal) keysDone(i *instance) error {
	row, err := i.keysRowOf(t.ctx)
	if err != nil {
		return err
	}
	if err := t.print(row, row.write); err != nil {
		return err
	}
	if row.Lost > 0 {
		return &partlyError{fmt.Sprintf("%d secrets open with no key that there is: they were lost before, and are left as they are", row.Lost)}
	}
	if row.Problem != "" {
		return &partlyError{row.Problem}
	}
	return nil
}

// secretIsOurs refuses where the configuration names one secret key, which is not ours to
// change.
func (i *instance) secretIsOurs() error {
	if i.config.SecretKeys == "" {
		return nil
	}
	keys, err := i.rereadKeys()
	if err == nil && len(keys) < 2 {
		err = fmt.Errorf("%s: %w", secretElsewhere, coop.ErrState)
	}
	return err
}

// keysEntry is what the audit log says of it.
func keysEntry(i *instance, want storage.KeyRotation) coop.AuditEntry {
	return coop.AuditEntry{At: i.now(), Who: byCommand, Act: want.Act(), Why: want.Words()}
}

// one changes the keys of one account. Stolen, what it let in ends too.
func (a keysRotate) one(t *terminal) error {
	return t.withAccount(a.Account, func(i *instance, account *coop.Account) error {
		if a.DryRun {
			changed, err := i.outbox.KeysChanged(t.ctx, account.ID)
			if err != nil {
				return err
			}
			return t.print(map[string]any{"account": account.Name, "changed": changed}, func(w io.Writer) {
				fmt.Fprintf(w, "would change the keys of %s\n", account.Name)
			})
		}
		also := []outbox.Also{outbox.Noted(coop.AuditEntry{At: i.now(), Who: byCommand, Act: "keys.rotate", Target: account.Handle(i.config.AccountDomain).String()})}
		if a.Compromise {
			also = append(also, func(ctx context.Context, tx *storage.Tx) error { return tx.EndOthers(ctx, account.ID, 0) })
		}
		if err := i.outbox.RotateKeys(t.ctx, account, outbox.Rotation{Stolen: a.Compromise}, also...); err != nil {
			return err
		}
		return t.print(map[string]any{"account": account.Name, "accounts_changed": 1}, func(w io.Writer) {
			fmt.Fprintf(w, "changed the keys of %s; whom it concerns is told, signed with the key of before\n", account.Name)
		})
	})
}
