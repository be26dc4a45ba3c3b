// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"time"

	"minga/coop"
)

// MaxDocument is the most bytes that one document may have: the limit of an
// incoming body (security.md 4.4).
const MaxDocument = 1 << 20

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
// bytes and keeps its number. CreatedAt and UpdatedAt are set by the store. A
// body over [MaxDocument] gives [coop.ErrTooLarge].
func (tx *Tx) PutDocument(ctx context.Context, d Document) (int64, error) { return 0, errNotBuilt }

// Document finds a document by its id on the network, or gives
// [coop.ErrNotFound]. Whether the asker may see it is the caller's question.
func (r reader) Document(ctx context.Context, iri coop.IRI) (*Document, error) {
	return nil, errNotBuilt
}

// DocumentsOfPost lists the documents of a post, oldest first, at most limit.
func (r reader) DocumentsOfPost(ctx context.Context, post coop.ID, limit int) ([]Document, error) {
	return nil, errNotBuilt
}

// DeleteDocument forgets a document that no delivery waits for; one that is
// waited for is emptied by the sweep once it left. A missing one is no error.
func (tx *Tx) DeleteDocument(ctx context.Context, iri coop.IRI) error { return errNotBuilt }
