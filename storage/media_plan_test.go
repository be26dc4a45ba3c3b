// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"path/filepath"
	"testing"
	"time"

	"minga/coop"
)

// TestNoQuestionAboutFilesReadsAWholeTable: what is asked for each upload, each picture
// that is served and each post that is deleted finds its rows by an index.
func TestNoQuestionAboutFilesReadsAWholeTable(t *testing.T) {
	ctx := t.Context()
	s, err := Open(ctx, Options{URL: "sqlite://" + filepath.Join(t.TempDir(), "plan.db"), Now: time.Now, SecretKeys: [][]byte{make([]byte, 32)}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if err := s.Migrate(ctx, nil); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	err = s.Write(ctx, func(tx *Tx) error {
		a := &coop.Account{IRI: "https://a.example/1", Kind: coop.Person, Name: "a", Local: true}
		if err := tx.AddAccount(ctx, a, nil); err != nil {
			return err
		}
		tx.q = &planned{t, tx.q, seen}
		m := &coop.Media{OwnerID: a.ID, Class: coop.MediaPost, Kind: coop.MediaImage, Name: "x.jpg", Preview: "y.jpg"}
		if err := tx.AddMedia(ctx, m, MediaQuota{Owner: 1 << 20}); err != nil {
			return err
		}
		_, err1 := tx.MediaByName(ctx, "y.jpg")
		_, err2 := tx.AttachMedia(ctx, a.ID, []coop.ID{m.ID}, 5)
		_, err3 := tx.ChangeMedia(ctx, a.ID, m.ID, coop.MediaChange{})
		_, err4 := tx.SweepMedia(ctx, time.Now(), 10)
		_, err5 := tx.KeepCached(ctx, CachedMedia{Key: "k", Name: "z.jpg"})
		_, err6 := tx.CachedMedia(ctx, "k")
		for _, err := range []error{err1, err2, err3, err4, err5, err6, tx.UseCached(ctx, "k"), tx.DropCached(ctx, "k"), tx.releaseMedia(ctx, 5), tx.settlePictures(ctx, a), tx.releaseMediaOf(ctx, a.ID)} {
			if err != nil {
				t.Error(err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(seen) < 12 {
		t.Errorf("only %d statements were looked at", len(seen))
	}
}
