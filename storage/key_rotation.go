// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"minga/coop"
)

// KeyRotation is what this instance knows of changing its keys: what was asked for, how
// far it has come, and when the last one ended. A node that stops in the middle leaves it
// here, and whoever goes on knows where.
type KeyRotation struct {
	Asked time.Time // zero: nothing is under way
	// What was asked for.
	Actors     bool // keys of all accounts
	Secrets    bool // the key that seals, and all that is sealed
	Push       bool // the key of Web Push
	Compromise bool // besides: everybody and every app is signed out, every link ends
	// How far it is.
	Ended  bool  // of Compromise: nobody is signed in any more
	Pushed bool  // of Push: the new key is there
	After  int64 // of Actors: the last account that was done
	Told   int64 // of Compromise: the last person who was told
	Sealed bool  // of Secrets: all is sealed anew
	Links  int64 // of Compromise: the last saved search whose links are new
	Busy   time.Time
	// Problem is why it could not go on the last time.
	Problem string
	// What the last one that ended did.
	Left     string // what it leaves to people
	Done     time.Time
	Accounts int
	Rows     int // sealed anew, in the database and as files
	Lost     int // sealed, and no key opens them
	Ends     int // subscriptions of Web Push that ended
}

// ToDo is what people should know: why it does not go on, or what is left to them.
func (k KeyRotation) ToDo() string { return cmp.Or(k.Problem, k.Left) }

// Any tells whether something was asked for.
func (k KeyRotation) Any() bool { return k.Actors || k.Secrets || k.Push || k.Compromise }

// Act is the act in the audit log by which it is asked for.
func (k KeyRotation) Act() string {
	if k.Compromise {
		return "keys.compromise"
	}
	return "keys.rotate"
}

// Words names what was asked for, in the words of the command line.
func (k KeyRotation) Words() string {
	var words []string
	for _, one := range []struct {
		is   bool
		word string
	}{{k.Actors, "accounts"}, {k.Secrets, "secrets"}, {k.Push, "push"}, {k.Compromise, "compromise"}} {
		if one.is {
			words = append(words, one.word)
		}
	}
	return strings.Join(words, " ")
}

// Ask adds what is wanted to what is under way; a compromise is everything. What of it was
// begun goes on, the rest begins.
func (k *KeyRotation) Ask(want KeyRotation, at time.Time) {
	if want.Compromise {
		want.Actors, want.Secrets, want.Push = true, true, true
	}
	if k.Asked.IsZero() {
		*k = KeyRotation{Done: k.Done}
	}
	if want.Compromise && !k.Compromise { // what was begun without it lists old keys
		k.After, k.Pushed, k.Sealed = 0, false, false
	}
	k.Asked, k.Problem = at, ""
	k.Actors, k.Secrets = k.Actors || want.Actors, k.Secrets || want.Secrets
	k.Push, k.Compromise = k.Push || want.Push, k.Compromise || want.Compromise
}

// Finish ends what is under way; what it did stays to be read.
func (k *KeyRotation) Finish(at time.Time) {
	*k = KeyRotation{Done: at, Accounts: k.Accounts, Rows: k.Rows, Lost: k.Lost, Ends: k.Ends, Left: k.Left}
}

// keyRotationSetting is where it is kept.
const keyRotationSetting = "key_rotation"

// TopicKeys wakes who changes keys.
const TopicKeys = "keys"

// KeyRotation tells of the keys of this instance; where they were never changed it is zero.
func (r reader) KeyRotation(ctx context.Context) (k KeyRotation, err error) {
	text, err := r.Setting(ctx, keyRotationSetting)
	if errors.Is(err, coop.ErrNotFound) {
		return k, nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(text), &k)
	}
	if err != nil {
		return KeyRotation{}, fmt.Errorf("state of the keys: %w", err)
	}
	return k, nil
}

// ChangeKeyRotation changes what is known of it, where change says so; errors of change
// are given back. Two that change it wait for each other.
func (tx *Tx) ChangeKeyRotation(ctx context.Context, change func(k *KeyRotation) error) error {
	if err := tx.alone(ctx, keyRotationSetting); err != nil {
		return err
	}
	k, err := tx.KeyRotation(ctx)
	if err != nil {
		return err
	}
	if err := change(&k); err != nil {
		return err
	}
	k.Problem = coop.Truncate(cleanText(k.Problem), 2000)
	text, err := jsonText(k)
	if err != nil {
		return err
	}
	return tx.SetSetting(ctx, keyRotationSetting, text)
}

// keyTurnSetting names the present turn of keys: another one with every change, so that
// what other processes hold in memory is known to be old.
const keyTurnSetting = "key_turn"

// KeyTurn names the present turn of the keys of accounts and of Web Push; empty: the
// first.
func (r reader) KeyTurn(ctx context.Context) (string, error) {
	turn, err := r.Setting(ctx, keyTurnSetting)
	if errors.Is(err, coop.ErrNotFound) {
		return "", nil
	}
	return turn, err
}

// TurnKeys begins another turn: what other nodes and processes know of keys is read again.
func (tx *Tx) TurnKeys(ctx context.Context) error {
	return tx.SetSetting(ctx, keyTurnSetting, rand.Text())
}

// KeyHolders lists the local accounts that have keys and are not deleted, after one, in
// the order of their ids.
func (r reader) KeyHolders(ctx context.Context, after coop.ID, limit int) ([]coop.ID, error) {
	list, err := all(ctx, r, scanID, `
		SELECT k.account_id
		FROM account_keys k
		JOIN accounts a ON a.id = k.account_id
		WHERE k.account_id > $1 AND a.local AND a.deleted_at = 0
		ORDER BY k.account_id
		LIMIT $2`, int64(after), limit)
	if err != nil {
		return nil, fmt.Errorf("accounts with keys: %w", err)
	}
	return list, nil
}

// KeyCounts is how much a change of keys would touch.
type KeyCounts struct {
	Accounts      int `json:"accounts"`      // with keys of their own
	Sealed        int `json:"sealed"`        // secrets in the database
	OldSeals      int `json:"old_seals"`     // of these by another key than the one in force
	Subscriptions int `json:"subscriptions"` // of Web Push
	Sessions      int `json:"sessions"`
	Tokens        int `json:"tokens"`
	Links         int `json:"links"` // that were sent and still let in
}

// CountKeys counts.
func (r reader) CountKeys(ctx context.Context) (c KeyCounts, err error) {
	for _, one := range []struct {
		sql string
		to  *int
	}{
		{`SELECT COUNT(*) FROM account_keys k JOIN accounts a ON a.id = k.account_id WHERE a.local AND a.deleted_at = 0`, &c.Accounts},
		{`SELECT COUNT(*) FROM push_subscriptions`, &c.Subscriptions},
		{`SELECT COUNT(*) FROM sessions`, &c.Sessions},
		{`SELECT COUNT(*) FROM tokens WHERE revoked_at = 0`, &c.Tokens},
		{`SELECT COUNT(*) FROM links`, &c.Links},
	} {
		n, err := r.number(ctx, one.sql)
		if err != nil {
			return c, fmt.Errorf("count keys: %w", err)
		}
		*one.to = int(n)
	}
	if c.OldSeals, err = r.OldSeals(ctx); err != nil {
		return c, err
	}
	c.Sealed, err = r.seals(ctx)
	return c, err
}

// EndEverybody signs everybody and every app out and ends every link that was sent, in one
// transaction: sessions, tokens and what could become one, with their subscriptions;
// invitations and links for a new password, to confirm an address or an account, or to say
// whether a job is open; what strangers typed. Links to applications stay: they are kept as
// hashes alone, and who applied has no other way to take an application back.
func (tx *Tx) EndEverybody(ctx context.Context) error {
	now := msOf(tx.e.now())
	for _, one := range []struct {
		sql    string
		values []any
	}{
		{`DELETE FROM sessions`, nil},
		{`DELETE FROM push_subscriptions`, nil},
		{`UPDATE codes SET ends_at = $1 WHERE ends_at > $1`, []any{now}},
		{`UPDATE tokens SET revoked_at = $1 WHERE revoked_at = 0`, []any{now}},
		{`DELETE FROM ceremonies`, nil},
		{`DELETE FROM links`, nil},
		{`DELETE FROM job_links`, nil},
		{`DELETE FROM kept_forms`, nil},
		{`UPDATE sign_ups SET link = NULL`, nil},
	} {
		if _, err := tx.exec(ctx, one.sql, one.values...); err != nil {
			return fmt.Errorf("end sessions, tokens and links: %w", err)
		}
	}
	tx.RightsChanged(ctx, 0)
	return nil
}

// DropAllPush ends all subscriptions of Web Push, and says how many there were.
func (tx *Tx) DropAllPush(ctx context.Context) (int, error) {
	n, err := tx.exec(ctx, `DELETE FROM push_subscriptions`)
	return int(n), err
}

// SearchesAfter lists the ids of saved searches after one.
func (r reader) SearchesAfter(ctx context.Context, after coop.ID, limit int) ([]coop.ID, error) {
	return all(ctx, r, scanID, `
		SELECT id
		FROM saved_searches
		WHERE id > $1
		ORDER BY id
		LIMIT $2`, int64(after), limit)
}

// PeopleAfter lists the people of this instance who are not gone, after one, in the order
// of their ids.
func (r reader) PeopleAfter(ctx context.Context, after coop.ID, limit int) ([]*coop.Account, error) {
	return all(ctx, r, scanAccount, `
		SELECT `+accountColumns+`
		FROM accounts a
		WHERE a.local AND a.kind = 'person' AND a.deleted_at = 0 AND a.id > $1
		ORDER BY a.id
		LIMIT $2`, int64(after), limit)
}
