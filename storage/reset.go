// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// linkColumns are those that [scanLink] reads, of the table named l.
const linkColumns = "l.id, l.hash, l.purpose, COALESCE(l.account_id, 0), l.email, l.rank, l.note, l.created_at, l.ends_at"

// scanLink reads a row of [linkColumns].
func scanLink(row pgx.CollectableRow) (l coop.Link, err error) {
	var id, account, created, ends int64
	err = row.Scan(&id, &l.Hash, &l.Purpose, &account, &l.Email, &l.Rank, &l.Note, &created, &ends)
	l.ID, l.AccountID, l.CreatedAt, l.EndsAt = coop.ID(id), coop.ID(account), atMs(created), atMs(ends)
	return l, err
}

// LinkByHash finds a link by the SHA-256 of what stands in its address, or gives
// [coop.ErrNotFound]: also of one that was used, that has ended, or whose account is
// gone. Who closed their account may come back by one, and lets nobody else in.
func (r reader) LinkByHash(ctx context.Context, purpose coop.LinkPurpose, hash []byte) (*coop.Link, error) {
	l, err := first(ctx, r, scanLink, `
		SELECT `+linkColumns+`
		FROM links l
		LEFT JOIN accounts a ON a.id = l.account_id
		WHERE l.hash = $1 AND l.purpose = $2 AND l.ends_at > $3
			AND COALESCE(a.suspended_at, 0) = COALESCE(a.closed_at, 0) AND COALESCE(a.deleted_at, 0) = 0
			AND (l.purpose <> 'guest' OR a.suspended_at = 0)`, hash, string(purpose), msOf(r.e.now()))
	if err != nil {
		return nil, fmt.Errorf("link: %w", err)
	}
	return &l, nil
}

// AddLink stores a link and fills in its ID and CreatedAt. The hash is the SHA-256 of
// what stands in the address; that itself is never stored.
func (tx *Tx) AddLink(ctx context.Context, l *coop.Link) (err error) {
	if len(l.Hash) != 32 {
		return &coop.InvalidError{Field: "hash", Problem: "a link is kept by its SHA-256"}
	}
	now := tx.e.now()
	if l.ID, err = tx.NextID(ctx, now); err != nil {
		return err
	}
	l.CreatedAt = atMs(msOf(now))
	_, err = tx.insert(ctx, "links", []column{
		{"id", int64(l.ID)},
		{"hash", l.Hash},
		{"purpose", string(l.Purpose)},
		{"account_id", idOrNull(l.AccountID)},
		{"email", l.Email},
		{"rank", string(l.Rank)},
		{"note", coop.Truncate(l.Note, 400)},
		{"created_at", msOf(now)},
		{"ends_at", msOf(l.EndsAt)},
	}, "")
	return err
}

// UseLink takes a link away, so that of two who come with it only one gets in: the
// other gets [coop.ErrNotFound].
func (tx *Tx) UseLink(ctx context.Context, id coop.ID) error {
	n, err := tx.exec(ctx, `DELETE FROM links WHERE id = $1`, int64(id))
	if err == nil && n == 0 {
		err = coop.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("use link %s: %w", id, err)
	}
	return nil
}

// TaskMail is the kind of the tasks that are mails. Those in which an account is asked
// whether an address is its own have keys that begin with [ConfirmMails].
const TaskMail = "outbox.mail"

// ConfirmMails begins the keys of an account's mails with a link by which an address becomes
// its own: the link is made when the mail goes out, so they end with the links.
func ConfirmMails(account coop.ID) string { return "confirm " + account.String() + " " }

// EndLinksOf ends all links of an account, and those that waiting mails would make.
func (tx *Tx) EndLinksOf(ctx context.Context, account coop.ID) error {
	_, err := tx.exec(ctx, `DELETE FROM links WHERE account_id = $1`, int64(account))
	if err == nil {
		begins := ConfirmMails(account)
		_, err = tx.exec(ctx, `DELETE FROM tasks WHERE kind = $1 AND substr(key, 1, $2) = $3`, TaskMail, len(begins), begins)
	}
	if err != nil {
		return fmt.Errorf("end links of %s: %w", account, err)
	}
	return nil
}
