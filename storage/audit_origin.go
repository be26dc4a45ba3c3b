// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// From where something was done is personal, and the audit log never changes: the chain
// holds SHA-256(salt, address), and the address with its salt stands beside it. For
// seven days it can be read and compared with the chain. Then it becomes a mark, made
// with a key that is drawn for the day and thrown away: the same address of one day has
// the same mark, and nobody can find the address by trying all of them. After ninety
// days the mark goes too, and the chain still holds.
const (
	plainOrigins = 7 * 24 * time.Hour
	keepOrigins  = 90 * 24 * time.Hour
	// keepDayKey is how long the key of a day may still be needed after its first use.
	keepDayKey = 48 * time.Hour
)

// originSalt is the length of a salt: nobody guesses both it and the address.
const originSalt = 16

// auditOrigin is an address that an entry came from.
type auditOrigin struct {
	number  int64
	at      time.Time
	address string
	salt    []byte
}

// covered is what the chain holds in place of the address.
func (o auditOrigin) covered() string {
	sum := sha256.Sum256(slices.Concat(o.salt, []byte(o.address)))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// addOrigin keeps the address of a new entry, if it has one, and gives what the chain
// covers in its place.
func (tx *Tx) addOrigin(ctx context.Context, number int64, e *coop.AuditEntry) (string, error) {
	if e.From == "" {
		return "", nil
	}
	o := auditOrigin{number: number, at: e.At, address: e.From, salt: make([]byte, originSalt)}
	if _, err := rand.Read(o.salt); err != nil {
		return "", fmt.Errorf("origin of an entry: %w", err)
	}
	_, err := tx.insert(ctx, "audit_origins", []column{
		{"number", o.number}, {"at", msOf(o.at)}, {"address", o.address}, {"salt", o.salt},
	}, "")
	return o.covered(), err
}

// scanOrigin reads number, at, address and salt.
func scanOrigin(row pgx.CollectableRow) (o auditOrigin, err error) {
	var at int64
	err = row.Scan(&o.number, &at, &o.address, &o.salt)
	o.at = atMs(at)
	return o, err
}

// hashOrigins turns up to limit addresses of more than seven days into marks.
func (tx *Tx) hashOrigins(ctx context.Context, limit int) (int, error) {
	old, err := all(ctx, tx.reader, scanOrigin, `
		SELECT number, at, address, salt
		FROM audit_origins
		WHERE salt IS NOT NULL AND at < $1
		ORDER BY at
		LIMIT $2`, msOf(tx.e.now().Add(-plainOrigins)), limit)
	if err != nil {
		return 0, fmt.Errorf("addresses of the audit log: %w", err)
	}
	for _, o := range old {
		key, err := tx.dayKey(ctx, o.at)
		if err != nil {
			return 0, err
		}
		if _, err := tx.exec(ctx, `UPDATE audit_origins SET address = $1, salt = NULL WHERE number = $2`, originMark(key, o.address), o.number); err != nil {
			return 0, fmt.Errorf("addresses of the audit log: %w", err)
		}
	}
	return len(old), nil
}

// originMark is what stands for an address once it is forgotten.
func originMark(key []byte, address string) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(address))
	return "~" + hex.EncodeToString(mac.Sum(nil)[:8])
}

// dayKey is the key of a day, drawn at its first use. [Tx.SweepRecords] throws it away
// two days after that.
func (tx *Tx) dayKey(ctx context.Context, at time.Time) ([]byte, error) {
	name := "origins:" + at.UTC().Format(time.DateOnly)
	fresh := make([]byte, sha256.Size)
	if _, err := rand.Read(fresh); err != nil {
		return nil, fmt.Errorf("key of a day: %w", err)
	}
	if err := tx.AddSecret(ctx, name, fresh); err != nil {
		return nil, err
	}
	return tx.Secret(ctx, name)
}

// verifyOrigins compares the addresses that are still there with the chain.
func (r reader) verifyOrigins(ctx context.Context) error {
	for after := int64(0); ; {
		rows, err := all(ctx, r, func(row pgx.CollectableRow) (o struct {
			auditOrigin
			chain string
		}, err error,
		) {
			err = row.Scan(&o.number, &o.address, &o.salt, &o.chain)
			return o, err
		}, `
			SELECT o.number, o.address, o.salt, COALESCE(a.origin, '')
			FROM audit_origins o
			LEFT JOIN audit a ON a.number = o.number
			WHERE o.salt IS NOT NULL AND o.number > $1
			ORDER BY o.number
			LIMIT 1000`, after)
		if err != nil {
			return fmt.Errorf("audit log: %w", err)
		}
		for _, o := range rows {
			if after = o.number; o.covered() != o.chain {
				return fmt.Errorf("audit log: the address of entry %d was changed", o.number)
			}
		}
		if len(rows) == 0 {
			return nil
		}
	}
}

// freeOrigins takes addresses out of a log that was begun when entries still held them,
// and writes its chain anew: once, in one transaction, which ends with an entry that
// names the hash that the chain had. A log that does not verify stays as it is: it is
// evidence.
func (s *Store) freeOrigins(ctx context.Context) error {
	plain, err := s.number(ctx, `SELECT COUNT(*) FROM audit_head WHERE plain`)
	if err != nil || plain == 0 {
		return err
	}
	return s.Write(ctx, func(tx *Tx) error {
		was, err := first(ctx, tx.reader, scanHead, `UPDATE audit_head SET entries = entries WHERE plain RETURNING entries, hash`)
		if errors.Is(err, coop.ErrNotFound) {
			return nil // another node was faster
		}
		if err != nil {
			return fmt.Errorf("audit log: %w", err)
		}
		freed := 0
		if tx.VerifyAudit(ctx) == nil {
			if freed, err = tx.rewriteAudit(ctx); err != nil {
				return err
			}
		}
		if _, err := tx.exec(ctx, `UPDATE audit_head SET plain = FALSE`); err != nil || freed == 0 {
			return err
		}
		return tx.AddAudit(ctx, &coop.AuditEntry{
			Who: "minga", Act: "audit.addresses", Target: "audit log",
			Why: fmt.Sprintf("the addresses of %d entries stand beside the chain now, which ended with %x", freed, was.hash),
		})
	})
}

// rewriteAudit takes the addresses out of every entry and chains them anew. It says how
// many addresses there were.
func (tx *Tx) rewriteAudit(ctx context.Context) (freed int, err error) {
	last := auditHead{hash: []byte{}}
	for {
		links, err := all(ctx, tx.reader, scanAudit, `
			SELECT `+auditColumns+`
			FROM `+auditTables+`
			WHERE audit.number > $1
			ORDER BY audit.number
			LIMIT 1000`, last.entries)
		if err != nil || len(links) == 0 {
			return freed, errors.Join(err, tx.moveHead(ctx, last))
		}
		for _, l := range links {
			if l.origin != "" {
				freed++
			}
			if last, err = tx.rewriteLink(ctx, l, last); err != nil {
				return freed, err
			}
		}
	}
}

// rewriteLink moves the address of one entry and chains the entry to the one before.
func (tx *Tx) rewriteLink(ctx context.Context, l auditLink, last auditHead) (auditHead, error) {
	l.From = l.origin
	origin, err := tx.addOrigin(ctx, l.number, &l.AuditEntry)
	if err != nil {
		return last, err
	}
	hash := auditHash(l.number, &l.AuditEntry, origin, last.hash)
	_, err = tx.exec(ctx, `
		UPDATE audit
		SET origin = $1, previous = $2, hash = $3
		WHERE number = $4`, origin, last.hash, hash, l.number)
	return auditHead{l.number, bytes.Clone(hash)}, err
}

// moveHead notes how the chain ends now.
func (tx *Tx) moveHead(ctx context.Context, last auditHead) error {
	_, err := tx.exec(ctx, `UPDATE audit_head SET hash = $1`, last.hash)
	return err
}
