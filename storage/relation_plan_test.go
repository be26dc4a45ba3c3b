// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"minga/coop"
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
