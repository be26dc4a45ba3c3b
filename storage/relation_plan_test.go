// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"minga/coop"
	"minga/coop/carry"
)

// TestRelationsUseTheirIndexes goes once through the questions and changes about
// what accounts have to do with each other.
func TestRelationsUseTheirIndexes(t *testing.T) {
	ctx := context.Background()
	s, err := Open(ctx, Options{URL: "sqlite://" + filepath.Join(t.TempDir(), "plan.db"), Now: time.Now, SecretKeys: [][]byte{make([]byte, 32)}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if err := s.Migrate(ctx, nil); err != nil {
		t.Fatal(err)
	}
	seen := make(map[string]bool)
	err = s.Write(ctx, func(tx *Tx) error {
		tx.q = &planned{t, tx.q, seen}
		a := &coop.Account{IRI: "https://a.example/1", Kind: coop.Person, Name: "a", Local: true}
		b := &coop.Account{IRI: "https://b.example/1", Kind: coop.Person, Name: "b", Host: "b.example", Inbox: "https://b.example/i"}
		steps := []func() error{
			func() error { return tx.AddAccount(ctx, a, &coop.KeyPair{}) },
			func() error { return tx.SaveAccount(ctx, b) },
			func() error {
				return tx.PutFollow(ctx, &coop.Follow{Follower: a, Target: b, State: coop.FollowAccepted})
			},
			func() error { return tx.SetFollowOptions(ctx, a.ID, b.ID, coop.FollowOptions{Bell: true}) },
			func() error { return tx.Mute(ctx, a.ID, b.ID, true, time.Now()) },
			func() error { return tx.SetAccountNote(ctx, a.ID, b.ID, "x") },
			func() error { return tx.AddServerBlock(ctx, a.ID, "b.example") },
			func() error { _, err := tx.FollowTag(ctx, a.ID, "x"); return err },
			func() error { _, err := tx.Relationships(ctx, a.ID, []coop.ID{a.ID, b.ID}, true); return err },
			func() error { _, err := tx.FollowersSeenBy(ctx, a.ID, b.ID, coop.Page{Max: 9}); return err },
			func() error { _, err := tx.FollowingSeenBy(ctx, 0, b.ID, coop.Page{Min: 9}); return err },
			func() error { _, err := tx.FamiliarFollowers(ctx, a.ID, []coop.ID{b.ID}); return err },
			func() error { _, err := tx.Suggested(ctx, a.ID, b.ID, 10); return err },
			func() error { _, err := tx.Mutes(ctx, a.ID, coop.Page{Max: 9}); return err },
			func() error { _, err := tx.Blocks(ctx, a.ID, coop.Page{Max: 9}); return err },
			func() error { _, err := tx.ServerBlocks(ctx, a.ID, coop.Page{Max: 9}); return err },
			func() error { _, err := tx.FollowedTags(ctx, a.ID, coop.Page{Max: 9}); return err },
			func() error { _, err := tx.FollowsTags(ctx, a.ID, []string{"x"}); return err },
			func() error { _, err := tx.CountFollowedTags(ctx, a.ID); return err },
			func() error { _, _, err := tx.CountFollowsWithServer(ctx, a.ID, "b.example"); return err },
			func() error { _, err := tx.FollowsWithServer(ctx, a.ID, "b.example", 10); return err },
			func() error { return planLists(ctx, tx, a.ID, b.ID) },
			func() error { return planMoves(ctx, tx, a.ID, b.ID) },
			func() error { return planImports(ctx, tx, a.ID) },
			func() error { return tx.VerifyFields(ctx, a.ID, nil) },
			func() error { return tx.KeepVerified(ctx, a) },
			func() error { _, err := tx.UnfollowTag(ctx, a.ID, "x"); return err },
			func() error { _, err := tx.RemoveServerBlock(ctx, a.ID, "b.example"); return err },
			func() error { _, err := tx.Unmute(ctx, a.ID, b.ID); return err },
			func() error { return tx.SetAccountNote(ctx, a.ID, b.ID, "") },
			func() error { return tx.DeleteAccount(ctx, a.ID, time.Now()) },
		}
		for i, step := range steps {
			if err := step(); err != nil {
				t.Errorf("step %d: %v", i, err)
			}
		}
		return nil
	})
	if err != nil || len(seen) < 40 {
		t.Errorf("%d statements, %v", len(seen), err)
	}
}

// planMoves goes through what leads followers from one account to another.
func planMoves(ctx context.Context, tx *Tx, a, b coop.ID) error {
	for _, step := range []func() error{
		func() error { return tx.AddMove(ctx, &coop.Move{Account: a, Target: "https://b.example/1"}) },
		func() error { _, err := tx.LastMove(ctx, a); return err },
		func() error { _, err := tx.TouchedHere(ctx, b); return err },
		func() error { _, err := tx.LocalFollowsAfter(ctx, b, 0, 20); return err },
		func() error { _, err := tx.LocalBlockersAfter(ctx, b, 0, 20); return err },
		func() error { _, err := tx.LocalMutersAfter(ctx, b, 0, 20); return err },
		func() error { _, err := tx.LocalNotersAfter(ctx, b, 0, 20); return err },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// planImports goes through what becomes of a file.
func planImports(ctx context.Context, tx *Tx, a coop.ID) error {
	i := &coop.Import{AccountID: a, Kind: "following"}
	file := &carry.File{Rows: []carry.Line{{Number: 1, Row: carry.Row{Target: "b@b.example"}}}, Bad: []carry.BadLine{{Number: 2, Problem: carry.BadQuotes}}}
	row := ImportRow{Number: 1}
	for _, step := range []func() error{
		func() error { return tx.AddImport(ctx, i, file, func(carry.Row) string { return "b.example" }) },
		func() error { row.Import = i.ID; _, err := tx.Import(ctx, a, i.ID); return err },
		func() error { _, err := tx.Imports(ctx, a, coop.Page{Max: 9}); return err },
		func() error { _, err := tx.DueImportRows(ctx, i.ID, 20); return err },
		func() error { _, err := tx.NextImportRow(ctx, i.ID); return err },
		func() error { return tx.PostponeImportRow(ctx, row, time.Now()) },
		func() error { _, err := tx.SettleImportRow(ctx, row, 7, ""); return err },
		func() error { _, err := tx.FailedImportRows(ctx, i.ID, 0, 20); return err },
		func() error { _, err := tx.ImportRows(ctx, i.ID); return err },
		func() error { _, err := tx.UnnamedFollows(ctx, a, i.ID, 0, 20); return err },
		func() error { _, err := tx.UnnamedBlocks(ctx, a, i.ID, 0, 20); return err },
		func() error { _, err := tx.UnnamedMutes(ctx, a, i.ID, 0, 20); return err },
		func() error { _, err := tx.UnnamedBookmarks(ctx, a, i.ID, 20); return err },
		func() error { _, err := tx.ForgetImported(ctx, i.ID, 20); return err },
		func() error { return tx.FinishImport(ctx, i.ID) },
		func() error { return tx.StopImport(ctx, a, i.ID) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// planLists goes through the lists.
func planLists(ctx context.Context, tx *Tx, owner, member coop.ID) error {
	l := &coop.List{Owner: owner, Title: "x", Replies: coop.RepliesList}
	if err := tx.AddList(ctx, l); err != nil {
		return err
	}
	for _, step := range []func() error{
		func() error { return tx.SaveList(ctx, l) },
		func() error { return tx.AddToList(ctx, owner, l.ID, []coop.ID{member}) },
		func() error { _, err := tx.Lists(ctx, owner); return err },
		func() error { _, err := tx.ListsWith(ctx, owner, member); return err },
		func() error { _, err := tx.ListAccounts(ctx, owner, l.ID, coop.Page{Max: 9}); return err },
		func() error { return tx.RemoveFromList(ctx, owner, l.ID, []coop.ID{member}) },
		func() error { return tx.RemoveList(ctx, owner, l.ID) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}
