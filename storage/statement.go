// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"encoding/json"
	"fmt"

	"minga/coop"
)

// statementKey is the setting in which a statement lies.
func statementKey(kind coop.StatementKind) string { return "statement." + string(kind) }

// statementValue is a statement as it is kept.
type statementValue struct {
	Texts   coop.Texts `json:"texts"`
	Changed int64      `json:"changed"` // Unix milliseconds
}

// Statement is what the instance says about something, or [coop.ErrNotFound] where it
// says nothing.
func (r reader) Statement(ctx context.Context, kind coop.StatementKind) (*coop.Statement, error) {
	text, err := r.Setting(ctx, statementKey(kind))
	if err != nil {
		return nil, err
	}
	var v statementValue
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		return nil, fmt.Errorf("statement %s: %w", kind, err)
	}
	return &coop.Statement{Kind: kind, Texts: v.Texts, ChangedAt: atMs(v.Changed)}, nil
}

// Statements tells which statements there are: one question for all.
func (r reader) Statements(ctx context.Context) (map[coop.StatementKind]bool, error) {
	var a args
	keys := []string{}
	for _, kind := range coop.StatementKinds() {
		keys = append(keys, statementKey(kind))
	}
	found, err := all(ctx, r, scanText, `SELECT key FROM settings WHERE key IN `+in(&a, keys), a...)
	if err != nil {
		return nil, fmt.Errorf("statements: %w", err)
	}
	there := map[coop.StatementKind]bool{}
	for _, kind := range coop.StatementKinds() {
		for _, key := range found {
			there[kind] = there[kind] || key == statementKey(kind)
		}
	}
	return there, nil
}

// PutStatement keeps what the instance says now and fills in ChangedAt; no texts take
// it back.
func (tx *Tx) PutStatement(ctx context.Context, s *coop.Statement) error {
	if len(s.Texts) == 0 {
		return tx.DeleteSetting(ctx, statementKey(s.Kind))
	}
	s.ChangedAt = atMs(msOf(tx.e.now()))
	text, err := jsonText(statementValue{s.Texts, msOf(s.ChangedAt)})
	if err != nil {
		return err
	}
	return tx.SetSetting(ctx, statementKey(s.Kind), text)
}
