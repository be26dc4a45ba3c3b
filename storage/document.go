// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// MaxDocument is the most bytes that one document may have: the limit of an
// incoming body.
const MaxDocument = 1 << 20

// MaxIRI is the most bytes of a name on the network.
const MaxIRI = 2048

// Document is an activity or object as it was written, ours or another server's,
// byte for byte: proofs, forwarding and later code need exactly what came.
type Document struct {
	ID        int64
	IRI       coop.IRI // its id on the network; unique
	OwnerID   coop.ID  // the account that it belongs to; 0 if we keep none
	PostID    coop.ID  // the post that it is or changes; 0 if none
	Public    bool     // anybody may fetch it
	Body      []byte
	CreatedAt time.Time // when it was first kept here
	UpdatedAt time.Time // when these bytes came
}

// PutDocument keeps a document and returns its number; the same IRI gets the new
// bytes and keeps its number, also for deliveries that wait. CreatedAt and
// UpdatedAt are set by the store. A body over [MaxDocument] or an IRI over
// [MaxIRI] gives [coop.ErrTooLarge].
func (tx *Tx) PutDocument(ctx context.Context, d Document) (int64, error) {
	return tx.putDocument(ctx, d, "")
}

// putOwnDocument is PutDocument, but [coop.ErrForbidden] where the document is
// somebody else's.
func (tx *Tx) putOwnDocument(ctx context.Context, d Document) (int64, error) {
	id, err := tx.putDocument(ctx, d, ifOwn)
	if errors.Is(notFound(err), coop.ErrNotFound) {
		return 0, fmt.Errorf("document %s: %w", d.IRI, coop.ErrForbidden)
	}
	return id, err
}

// putOwnDocumentSoon is putOwnDocument for what needs no number.
func (tx *Tx) putOwnDocumentSoon(ctx context.Context, d Document) error {
	if err := d.fits(); err != nil {
		return err
	}
	others := fmt.Errorf("document %s: %w", d.IRI, coop.ErrForbidden)
	return tx.run.soon(ctx, outcome{none: others}, insertDocument+ifOwn, d.values(tx.e.now())...)
}

// insertDocument writes a document, or the new bytes of one that is there.
const insertDocument = `
		INSERT INTO documents (iri, owner_id, post_id, public, body, queued, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, 0, $6, $6)
		ON CONFLICT (iri) DO UPDATE SET
			owner_id = excluded.owner_id, post_id = excluded.post_id, public = excluded.public,
			body = excluded.body, updated_at = excluded.updated_at
		`

// ifOwn is the condition of insertDocument that the one that is there is the same owner's.
const ifOwn = "WHERE documents.owner_id IS NOT DISTINCT FROM excluded.owner_id"

// fits refuses what no document or name may be, with [coop.ErrTooLarge].
func (d Document) fits() error {
	if len(d.Body) > MaxDocument || len(d.IRI) > MaxIRI {
		return fmt.Errorf("put document %s: %w", cut(d.IRI.String(), 200), coop.ErrTooLarge)
	}
	return nil
}

// values are those of insertDocument.
func (d Document) values(now time.Time) []any {
	if d.Body == nil {
		d.Body = []byte{}
	}
	return []any{d.IRI, orNull(d.OwnerID), orNull(d.PostID), d.Public, d.Body, now.UnixMilli()}
}

// putDocument writes the row; replace is a condition on the one that is there.
func (tx *Tx) putDocument(ctx context.Context, d Document, replace string) (int64, error) {
	if err := d.fits(); err != nil {
		return 0, err
	}
	var id int64
	err := tx.q.QueryRow(ctx, insertDocument+replace+" RETURNING id", d.values(tx.e.now())...).Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("put document %s: %w", d.IRI, err)
	}
	return id, nil
}

// orNull is nil for no id.
func orNull(id coop.ID) *int64 {
	if id == 0 {
		return nil
	}
	n := int64(id)
	return &n
}

// documentRow is a document as it lies in its table.
type documentRow struct {
	ID        int64
	IRI       coop.IRI
	OwnerID   coop.ID
	PostID    coop.ID
	Public    bool
	Body      []byte
	CreatedAt int64
	UpdatedAt int64
}

func (d documentRow) document() Document {
	return Document{d.ID, d.IRI, d.OwnerID, d.PostID, d.Public, d.Body, moment(d.CreatedAt), moment(d.UpdatedAt)}
}

// Document finds a document by its id on the network, or gives
// [coop.ErrNotFound]. Whether the asker may see it is the caller's question.
func (r reader) Document(ctx context.Context, iri coop.IRI) (*Document, error) {
	rows, err := r.q.Query(ctx, `
		SELECT id, iri, COALESCE(owner_id, 0) AS owner_id, COALESCE(post_id, 0) AS post_id, public, body, created_at, updated_at
		FROM documents
		WHERE iri = $1`, iri)
	if err != nil {
		return nil, fmt.Errorf("document %s: %w", iri, err)
	}
	row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[documentRow])
	if err != nil {
		return nil, fmt.Errorf("document %s: %w", iri, notFound(err))
	}
	d := row.document()
	return &d, nil
}

// DocumentsOfPost lists the documents of a post, oldest first, at most limit.
func (r reader) DocumentsOfPost(ctx context.Context, post coop.ID, limit int) ([]Document, error) {
	rows, err := r.q.Query(ctx, `
		SELECT id, iri, COALESCE(owner_id, 0) AS owner_id, COALESCE(post_id, 0) AS post_id, public, body, created_at, updated_at
		FROM documents
		WHERE post_id = $1
		ORDER BY id
		LIMIT $2`, post, limit)
	if err != nil {
		return nil, fmt.Errorf("documents of post %d: %w", post, err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[documentRow])
	documents := make([]Document, len(found))
	for i, row := range found {
		documents[i] = row.document()
	}
	return documents, err
}

// DeleteDocument forgets a document. One that a delivery still waits for stays
// until it left, no longer tied to its post and no longer public; the sweep takes
// it then. A missing one is no error.
func (tx *Tx) DeleteDocument(ctx context.Context, iri coop.IRI) error {
	_, err := tx.q.Exec(ctx, `
		UPDATE documents SET post_id = NULL, owner_id = NULL, public = FALSE WHERE iri = $1`, iri)
	if err == nil {
		_, err = tx.q.Exec(ctx, `
			DELETE FROM documents
			WHERE iri = $1 AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.document_id = documents.id)`, iri)
	}
	if err != nil {
		return fmt.Errorf("delete document %s: %w", iri, err)
	}
	return nil
}
