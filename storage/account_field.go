// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// TaskVerifyFields is the kind of the task that looks whether the pages that a
// profile links to link back; its key and payload are the account's id in decimal
// (payload: a JSON string). Whoever runs it calls [Tx.VerifyFields].
const TaskVerifyFields = "account.fields"

// VerifyFields notes for the fields of a local account, by their Value as it was
// looked at, when the page behind it was seen to link back; the zero time takes it
// away. Fields that have changed meanwhile stay as they are, and nothing else of
// the account changes. A missing account gives [coop.ErrNotFound].
func (tx *Tx) VerifyFields(ctx context.Context, id coop.ID, seen map[string]time.Time) error {
	if err := tx.verifyFields(ctx, id, seen); err != nil {
		return fmt.Errorf("fields of account %s: %w", id, err)
	}
	return nil
}

// verifyFields is the story of VerifyFields; the row is locked, so that a profile
// that is saved at the same moment is not overwritten.
func (tx *Tx) verifyFields(ctx context.Context, id coop.ID, seen map[string]time.Time) error {
	text, err := first(ctx, tx.reader, pgx.RowTo[string], `
		SELECT details
		FROM accounts
		WHERE id = $1 AND local AND deleted_at = 0
		FOR UPDATE`, int64(id))
	if err != nil {
		return err
	}
	var d accountDetails
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		return err
	}
	for i, field := range d.Fields {
		if at, looked := seen[field.Value]; looked {
			d.Fields[i].VerifiedAt = at
		}
	}
	if text, err = jsonText(d); err != nil {
		return err
	}
	return tx.update(ctx, "accounts", []column{{"details", text}}, "id", int64(id))
}

// queueFields queues the look at the links of a profile, soon.
func (tx *Tx) queueFields(ctx context.Context, id coop.ID) error {
	return tx.AddTask(ctx, Task{Kind: TaskVerifyFields, Key: id.String(), Payload: []byte(`"` + id.String() + `"`)})
}

// KeepVerified gives the fields of a profile that is about to be saved what is known
// of their links, and queues a look at those that are not verified. A field counts
// as the same one as long as its Value is.
func (tx *Tx) KeepVerified(ctx context.Context, a *coop.Account) error {
	known, err := tx.HoldAccount(ctx, a.ID)
	if err != nil {
		return err
	}
	verified := map[string]time.Time{}
	for _, field := range known.Fields {
		verified[field.Value] = field.VerifiedAt
	}
	look := false
	for i, field := range a.Fields {
		a.Fields[i].VerifiedAt = verified[field.Value]
		look = look || verified[field.Value].IsZero() && coop.FieldLink(field.Value) != ""
	}
	if !look {
		return nil
	}
	return tx.queueFields(ctx, a.ID)
}
