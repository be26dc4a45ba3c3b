// SPDX-License-Identifier: AGPL-3.0-or-later

package storage_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"minga/coop"
	"minga/storage"
)

func TestDocumentIsKeptByteForByte(t *testing.T) {
	queueTest(t, func(k *kit) {
		every := make([]byte, 256)
		for i := range every {
			every[i] = byte(i)
		}
		for name, body := range map[string][]byte{"every byte": every, "empty": {}, "nil": nil, "largest": bytes.Repeat([]byte("x"), storage.MaxDocument)} {
			d := storage.Document{IRI: coop.IRI("https://here.test/" + strings.ReplaceAll(name, " ", "-")), OwnerID: 3, PostID: 4, Public: true, Body: body}
			k.write(func(ctx context.Context, tx *storage.Tx) (err error) { d.ID, err = tx.PutDocument(ctx, d); return err })
			got, err := k.s.Document(t.Context(), d.IRI)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got.Body, body) {
				t.Errorf("%s: %d bytes, want %d", name, len(got.Body), len(body))
			}
			got.Body, d.Body, d.CreatedAt, d.UpdatedAt = nil, nil, k.clock.Now(), k.clock.Now()
			k.same(name, *got, d)
		}
	})
}

func TestDocumentGetsNewBytes(t *testing.T) {
	queueTest(t, func(k *kit) {
		d := storage.Document{IRI: "https://here.test/a", Body: []byte("old")}
		var ids []int64
		for range 2 {
			k.write(func(ctx context.Context, tx *storage.Tx) error {
				id, err := tx.PutDocument(ctx, d)
				ids = append(ids, id)
				return err
			})
			k.clock.Advance(time.Hour)
			d.Body, d.PostID, d.Public = []byte("new"), 9, true
		}
		k.same("its number", ids[1], ids[0])
		got, err := k.s.Document(t.Context(), d.IRI)
		if err != nil {
			t.Fatal(err)
		}
		k.same("bytes", string(got.Body), "new")
		k.same("times", got.UpdatedAt.Sub(got.CreatedAt), time.Hour)
		all, err := k.s.DocumentsOfPost(t.Context(), 9, 10)
		k.same("of the post", []any{len(all), err}, []any{1, nil})
	})
}

func TestDocumentLimits(t *testing.T) {
	queueTest(t, func(k *kit) {
		for name, d := range map[string]storage.Document{
			"body": {IRI: "https://here.test/a", Body: make([]byte, storage.MaxDocument+1)},
			"iri":  {IRI: coop.IRI("https://here.test/" + strings.Repeat("ñ", 1024))},
		} {
			err := k.tryWrite(func(ctx context.Context, tx *storage.Tx) error { _, err := tx.PutDocument(ctx, d); return err })
			if !errors.Is(err, coop.ErrTooLarge) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := k.s.Document(t.Context(), "https://here.test/none"); !errors.Is(err, coop.ErrNotFound) {
			t.Errorf("missing: %v", err)
		}
	})
}

func TestDocumentIsDeletedWhenNobodyWaitsForIt(t *testing.T) {
	queueTest(t, func(k *kit) {
		iri := coop.IRI("https://here.test/Create-a")
		k.add(k.delivery("Create", "a", "one.test"))
		remove := func() {
			k.write(func(ctx context.Context, tx *storage.Tx) error { return tx.DeleteDocument(ctx, iri) })
		}
		sweep := func() (n int) {
			k.write(func(ctx context.Context, tx *storage.Tx) (err error) { n, err = tx.SweepQueues(ctx, 10); return err })
			return n
		}
		remove()
		k.same("it still leaves", k.drain(), []string{"Create-a"})
		k.same("its destination is swept", sweep(), 1)
		k.clock.Advance(31 * 24 * time.Hour)
		k.same("then it is swept", sweep(), 1)
		if _, err := k.s.Document(t.Context(), iri); !errors.Is(err, coop.ErrNotFound) {
			t.Errorf("after the sweep: %v", err)
		}
		remove()
		k.docs = map[string]int64{}
		k.doc("Create-a")
		remove()
		if _, err := k.s.Document(t.Context(), iri); !errors.Is(err, coop.ErrNotFound) {
			t.Errorf("with nobody waiting: %v", err)
		}
	})
}
