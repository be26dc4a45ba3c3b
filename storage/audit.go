// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// The audit log is append-only: the schema refuses to change or remove a row, and
// each entry holds the hash of the one before, so that what is done around the
// schema shows. The head says how many entries there are and how the last one ends,
// so that a cut end shows too.

// AddAudit appends an entry to the audit log and fills in its ID and At. Each entry
// holds the hash of the one before; there is no way to change or remove one. Who did
// it, and in whose name, is taken from ctx where it says so ([ActingAs]).
func (tx *Tx) AddAudit(ctx context.Context, e *coop.AuditEntry) (err error) {
	now := tx.e.now()
	tx.sign(ctx, e)
	if e.ID, err = tx.NextID(ctx, now); err != nil {
		return err
	}
	e.At = atMs(msOf(now))
	e.Who, e.Act, e.Target = coop.Truncate(cleanText(e.Who), 500), coop.Truncate(cleanText(e.Act), 100), coop.Truncate(cleanText(e.Target), 2048)
	e.Why, e.From = coop.Truncate(cleanText(e.Why), 2000), coop.Truncate(cleanText(e.From), 200)
	// The first statement locks the head: entries are added one after the other.
	last, err := first(ctx, tx.reader, scanHead, `
		UPDATE audit_head
		SET entries = entries + 1
		WHERE one = 1
		RETURNING entries, hash`)
	if err != nil {
		return fmt.Errorf("audit log: %w", err)
	}
	origin, err := tx.addOrigin(ctx, last.entries, e)
	if err != nil {
		return err
	}
	hash := auditHash(last.entries, e, origin, last.hash)
	if _, err := tx.insert(ctx, "audit", []column{
		{"number", last.entries},
		{"id", int64(e.ID)},
		{"at", msOf(e.At)},
		{"who", e.Who},
		{"on_behalf", int64(e.OnBehalf)},
		{"act", e.Act},
		{"target", e.Target},
		{"why", e.Why},
		{"origin", origin},
		{"previous", last.hash},
		{"hash", hash},
	}, ""); err != nil {
		return err
	}
	_, err = tx.exec(ctx, `UPDATE audit_head SET hash = $1 WHERE one = 1`, hash)
	return err
}

// auditHead is where the log ends.
type auditHead struct {
	entries int64
	hash    []byte
}

// scanHead reads the head.
func scanHead(row pgx.CollectableRow) (h auditHead, err error) {
	err = row.Scan(&h.entries, &h.hash)
	if h.hash == nil {
		h.hash = []byte{} // SQLite reads no bytes as none
	}
	return h, err
}

// auditHash is the hash of an entry: over every field with its length, so that no
// two entries are written alike, and over the hash before. Of the address it covers
// origin alone, which holds when the address itself is forgotten.
func auditHash(number int64, e *coop.AuditEntry, origin string, previous []byte) []byte {
	h := sha256.New()
	fmt.Fprintf(h, "%d %d %d %d\n", number, e.ID, msOf(e.At), e.OnBehalf)
	for _, text := range []string{e.Who, e.Act, e.Target, e.Why, origin, string(previous)} {
		fmt.Fprintf(h, "%d:%s\n", len(text), text)
	}
	return h.Sum(nil)
}

// auditLink is an entry with its place in the chain.
type auditLink struct {
	coop.AuditEntry
	number         int64
	origin         string // what the chain covers in place of From
	previous, hash []byte
}

// auditColumns are those that [scanAudit] reads.
const auditColumns = "audit.number, audit.id, audit.at, audit.who, audit.on_behalf, audit.act, audit.target, audit.why, audit.origin, audit.previous, audit.hash, COALESCE(o.address, '')"

// auditTables is where they come from.
const auditTables = "audit LEFT JOIN audit_origins o ON o.number = audit.number"

// scanAudit reads a row of [auditColumns].
func scanAudit(row pgx.CollectableRow) (l auditLink, err error) {
	var id, at, behalf int64
	err = row.Scan(&l.number, &id, &at, &l.Who, &behalf, &l.Act, &l.Target, &l.Why, &l.origin, &l.previous, &l.hash, &l.From)
	l.ID, l.At, l.OnBehalf = coop.ID(id), atMs(at), coop.ID(behalf)
	return l, err
}

// AuditQuery says which entries are wanted. Empty fields do not narrow.
type AuditQuery struct {
	Account coop.ID  // done in the name of this co-op or federation
	About   coop.IRI // done to this account, whoever did it
}

// Audit lists the audit log, newest first.
func (r reader) Audit(ctx context.Context, q AuditQuery, page coop.Page) ([]coop.AuditEntry, error) {
	var a args
	where := ""
	if q.Account != 0 {
		where += " AND audit.on_behalf = " + a.add(int64(q.Account))
	}
	if q.About != "" {
		about := a.add(cleanText(string(q.About)))
		where += " AND substr(audit.target, 1, 300) = substr(" + about + ", 1, 300) AND audit.target = " + about
	}
	p := a.page("audit.id", page)
	links, err := all(ctx, r, scanAudit, `
		SELECT `+auditColumns+`
		FROM `+auditTables+`
		WHERE `+p.where+where+`
		`+p.order, a...)
	if err != nil {
		return nil, fmt.Errorf("audit log: %w", err)
	}
	entries := make([]coop.AuditEntry, len(links))
	for i, l := range newestFirst(p, links) {
		entries[i] = l.AuditEntry
	}
	if v := Seeing(ctx, q.Account); q.Account != 0 && (v.NoDirect || v.NoDrafts) {
		err = r.veilTargets(ctx, v, entries)
	}
	return entries, err
}

// veilTargets takes out the ids of what is not there for a person who reads the log of
// a co-op: those of accounts and of posts that they may see stay.
func (r reader) veilTargets(ctx context.Context, v coop.Viewer, entries []coop.AuditEntry) error {
	var ids []coop.ID
	for _, e := range entries {
		if id, err := coop.ParseID(e.Target); err == nil {
			ids = append(ids, id)
		}
	}
	posts, err := r.PostsByID(ctx, v, ids)
	if err != nil {
		return fmt.Errorf("audit log: %w", err)
	}
	accounts, err := r.accountsIn(ctx, ids)
	if err != nil {
		return fmt.Errorf("audit log: %w", err)
	}
	shown := map[coop.ID]bool{}
	for _, p := range posts {
		shown[p.ID] = true
	}
	for i := range entries {
		if id, err := coop.ParseID(entries[i].Target); err == nil && !shown[id] && accounts[id] == nil {
			entries[i].Target = ""
		}
	}
	return nil
}

// VerifyAudit walks the whole chain and gives an error that names the first entry
// that does not fit the one before it, or how many are missing at the end.
func (r reader) VerifyAudit(ctx context.Context) error {
	head, err := first(ctx, r, scanHead, `SELECT entries, hash FROM audit_head WHERE one = 1`)
	if err != nil {
		return fmt.Errorf("audit log: %w", err)
	}
	last := auditHead{hash: []byte{}}
	for last.entries < head.entries {
		links, err := all(ctx, r, scanAudit, `
			SELECT `+auditColumns+`
			FROM `+auditTables+`
			WHERE audit.number > $1
			ORDER BY audit.number
			LIMIT 1000`, last.entries)
		if err != nil {
			return fmt.Errorf("audit log: %w", err)
		}
		if len(links) == 0 {
			return fmt.Errorf("audit log: the last %d of %d entries are missing", head.entries-last.entries, head.entries)
		}
		if last, err = walkAudit(links, last); err != nil {
			return err
		}
	}
	if last.entries > head.entries || !bytes.Equal(last.hash, head.hash) {
		return fmt.Errorf("audit log: it goes on after entry %d, where its head ends", head.entries)
	}
	return r.verifyOrigins(ctx)
}

// walkAudit checks some links in order.
func walkAudit(links []auditLink, last auditHead) (auditHead, error) {
	for _, l := range links {
		if l.number != last.entries+1 {
			return last, fmt.Errorf("audit log: entry %d is missing", last.entries+1)
		}
		if !bytes.Equal(l.previous, last.hash) || !bytes.Equal(l.hash, auditHash(l.number, &l.AuditEntry, l.origin, l.previous)) {
			return last, fmt.Errorf("audit log: entry %d (%s) was changed", l.number, l.ID)
		}
		last = auditHead{l.number, l.hash}
	}
	return last, nil
}
