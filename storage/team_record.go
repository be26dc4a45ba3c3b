// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// mostRecords is how many records of a team are listed.
const mostRecords = 2000

// recordColumns are those that [scanRecord] reads, of the table named r.
const recordColumns = "r.id, r.team_id, r.kind, r.iri, r.author, r.post_id, r.title, r.body, r.sealed, r.size, r.media_type, r.contract, r.created_at"

func scanRecord(row pgx.CollectableRow) (*coop.Record, error) {
	d := &coop.Record{}
	var id, team, post, created int64
	var kind, iri, author string
	err := row.Scan(&id, &team, &kind, &iri, &author, &post, &d.Title, &d.Body, &d.Sealed, &d.Size, &d.MediaType, &d.Contract, &created)
	d.ID, d.TeamID, d.PostID, d.Kind = coop.ID(id), coop.ID(team), coop.ID(post), coop.RecordKind(kind)
	d.IRI, d.Author, d.CreatedAt = coop.IRI(iri), coop.IRI(author), atMs(created)
	return d, err
}

// Record finds a record of a team by its id on the network, as a viewer who may enter the
// team sees it; to others it is [coop.ErrNotFound].
func (r reader) Record(ctx context.Context, v coop.Viewer, iri coop.IRI) (*coop.Record, error) {
	d, err := first(ctx, r, scanRecord, `
		SELECT `+recordColumns+`
		FROM team_records r
		WHERE r.iri = $1`, cleanText(string(iri)))
	if err != nil {
		return nil, fmt.Errorf("record %s: %w", iri, err)
	}
	in, err := r.InTeam(ctx, v, d.TeamID)
	if err == nil && !in {
		err = fmt.Errorf("record %s: %w", iri, coop.ErrNotFound)
	}
	if err != nil {
		return nil, err
	}
	return d, nil
}

// RecordByID finds a record of a team; whether the viewer may enter is asked.
func (r reader) RecordByID(ctx context.Context, v coop.Viewer, team, id coop.ID) (*coop.Record, error) {
	d, err := first(ctx, r, scanRecord, `
		SELECT `+recordColumns+`
		FROM team_records r
		WHERE r.id = $1 AND r.team_id = $2`, int64(id), int64(team))
	if err != nil {
		return nil, fmt.Errorf("record %s: %w", id, err)
	}
	in, err := r.InTeam(ctx, v, team)
	if err == nil && !in {
		err = fmt.Errorf("record %s: %w", id, coop.ErrNotFound)
	}
	if err != nil {
		return nil, err
	}
	return d, nil
}

// Records lists the records of a team of one kind, or with an empty kind all of them,
// oldest first.
func (r reader) Records(ctx context.Context, team coop.ID, kind coop.RecordKind) ([]*coop.Record, error) {
	a := args{int64(team)}
	which := "TRUE"
	if kind != "" {
		which = "r.kind = " + a.add(string(kind))
	}
	list, err := all(ctx, r, scanRecord, `
		SELECT `+recordColumns+`
		FROM team_records r
		WHERE r.team_id = $1 AND `+which+`
		ORDER BY r.id
		LIMIT `+a.add(mostRecords), a...)
	return list, wrapTeam("records", team, err)
}

// HasContract tells whether the client's contract is among the files of a team.
func (r reader) HasContract(ctx context.Context, team coop.ID) (bool, error) {
	n, err := r.number(ctx, `
		SELECT COUNT(*)
		FROM team_records r
		WHERE r.team_id = $1 AND r.kind = 'file' AND r.contract AND r.sealed <> ''`, int64(team))
	return n > 0, wrapTeam("contract", team, err)
}

// PutRecord keeps a record and fills in ID and CreatedAt; the same IRI gets the new bytes.
// One that belongs to another team or kind gives [coop.ErrConflict], one over
// [MaxDocument] [coop.ErrTooLarge].
func (tx *Tx) PutRecord(ctx context.Context, d *coop.Record) error {
	if len(d.Body) > MaxDocument || len(d.IRI) > MaxIRI {
		return fmt.Errorf("record %s: %w", cut(d.IRI.String(), 200), coop.ErrTooLarge)
	}
	if err := tx.alone(ctx, "records of "+d.TeamID.String()); err != nil {
		return err
	}
	n, err := tx.number(ctx, `SELECT COUNT(*) FROM team_records WHERE team_id = $1`, int64(d.TeamID))
	if err != nil {
		return wrapTeam("records", d.TeamID, err)
	}
	if n >= mostRecords {
		return fmt.Errorf("record %s: %w", d.IRI, coop.ErrFull)
	}
	d.CreatedAt = tx.e.now()
	id, err := tx.NextID(ctx, d.CreatedAt)
	if err != nil {
		return err
	}
	kept, err := tx.number(ctx, `
		INSERT INTO team_records (id, team_id, kind, iri, author, post_id, title, body, sealed, size, media_type, contract, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
		ON CONFLICT (iri) DO UPDATE SET
			body = excluded.body, title = excluded.title, contract = excluded.contract
		WHERE team_records.team_id = excluded.team_id AND team_records.kind = excluded.kind AND team_records.author = excluded.author
		RETURNING id`,
		int64(id), int64(d.TeamID), string(d.Kind), cleanText(string(d.IRI)), cleanText(string(d.Author)), int64(d.PostID),
		cleanText(coop.Truncate(d.Title, 300)), notNil(d.Body), d.Sealed, d.Size, cleanText(coop.Truncate(d.MediaType, 100)), d.Contract, msOf(d.CreatedAt))
	if err != nil {
		return fmt.Errorf("record %s: %w", d.IRI, err)
	}
	if kept == 0 {
		return fmt.Errorf("record %s: %w", d.IRI, coop.ErrConflict)
	}
	d.ID = coop.ID(kept)
	return nil
}

// notNil is an empty body for none.
func notNil(body []byte) []byte {
	if body == nil {
		return []byte{}
	}
	return body
}

// RecordFetched notes where the file of a record lies now; one that was fetched before
// stays, and false says so.
func (tx *Tx) RecordFetched(ctx context.Context, id coop.ID, sealed string, size int64) (bool, error) {
	tag, err := tx.q.Exec(ctx, `UPDATE team_records SET sealed = $2, size = $3 WHERE id = $1 AND sealed = ''`, int64(id), sealed, size)
	if err != nil {
		return false, fmt.Errorf("record %s: %w", id, err)
	}
	return tag.RowsAffected() > 0, nil
}

// SaidInRoom lists the activities by which the latest messages of a team's room came, the
// oldest first, and which are still here.
func (r reader) SaidInRoom(ctx context.Context, team coop.ID, limit int) ([]Document, error) {
	rows, err := r.q.Query(ctx, `
		SELECT d.id, d.iri, COALESCE(d.owner_id, 0) AS owner_id, COALESCE(d.post_id, 0) AS post_id, d.public, d.body, d.created_at, d.updated_at
		FROM posts p
		JOIN documents d ON d.post_id = p.id
		WHERE p.members_of = $1 AND p.visibility = 'members' AND d.iri <> p.iri
		ORDER BY p.id DESC, d.id DESC
		LIMIT $2`, int64(team), limit)
	if err != nil {
		return nil, wrapTeam("what was said", team, err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[documentRow])
	documents := make([]Document, len(found))
	for i, row := range found {
		documents[len(found)-1-i] = row.document()
	}
	return documents, wrapTeam("what was said", team, err)
}
