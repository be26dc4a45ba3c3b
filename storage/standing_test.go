// SPDX-License-Identifier: AGPL-3.0-or-later

package storage_test

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
	"minga/storage"
)

// TestCountsAreWhatCouldBeCounted does what changes the counts of accounts, in any
// order, and counts afresh after each step.
func TestCountsAreWhatCouldBeCounted(t *testing.T) {
	eachWorld(t, func(w *world) {
		seed := rand.Uint64()
		r := rand.New(rand.NewPCG(seed, 1))
		who := []*coop.Account{w.account("ana", "", coop.Person), w.account("telar", "", coop.Coop), w.account("bea", "norte.example", coop.Person)}
		var posts []*coop.Post
		for step := range 120 {
			a, b := who[r.IntN(len(who))], who[r.IntN(len(who))]
			switch r.IntN(6) {
			case 0, 1:
				posts = append(posts, w.post(a, func(p *coop.Post) {
					p.Visibility = []coop.Visibility{coop.VisiblePublic, coop.VisibleUnlisted, coop.VisibleFollowers, coop.VisibleDirect}[r.IntN(4)]
				}))
			case 2:
				draft := w.newPost(who[1], job("Weaver", func(j *coop.Job) { j.Status = coop.JobDraft }))
				w.add(draft, storage.Arrival{})
				draft.Job.Status = coop.JobOpen
				w.write(func(ctx context.Context, tx *storage.Tx) error {
					_, err := tx.UpdatePost(ctx, draft, storage.Arrival{})
					return err
				})
			case 3:
				if n := len(posts); n > 0 {
					gone := posts[n-1]
					posts = posts[:n-1]
					w.write(func(ctx context.Context, tx *storage.Tx) error {
						return tx.RemovePost(ctx, gone.IRI, gone.Author.IRI, w.clock.Now())
					})
				}
			case 4:
				state := []coop.FollowState{coop.FollowAsked, coop.FollowAccepted}[r.IntN(2)]
				w.write(func(ctx context.Context, tx *storage.Tx) error {
					if a == b {
						return nil
					}
					return tx.PutFollow(ctx, &coop.Follow{IRI: a.IRI + "/follows/" + coop.IRI(b.ID.String()), Follower: a, Target: b, State: state})
				})
			case 5:
				w.write(func(ctx context.Context, tx *storage.Tx) error {
					_, err := tx.RemoveFollow(ctx, a.ID, b.ID)
					return err
				})
			}
			if !w.countsAgree(who) {
				t.Fatalf("step %d of seed %d", step, seed)
			}
		}
	})
}

// countsAgree compares what is kept with what can be counted.
func (w *world) countsAgree(who []*coop.Account) bool {
	w.Helper()
	ctx := w.Context()
	ids := make([]coop.ID, len(who))
	for i, a := range who {
		ids[i] = a.ID
	}
	kept, err := w.s.AccountCounts(ctx, ids)
	if err != nil {
		w.Fatal(err)
	}
	for _, a := range who {
		posts, err := w.s.CountPosts(ctx, coop.Anonymous(), storage.PostQuery{Authors: []coop.ID{a.ID}})
		followers, err2 := w.s.CountFollowers(ctx, a.ID, coop.FollowAccepted)
		following, err3 := w.s.CountFollowing(ctx, a.ID, coop.FollowAccepted)
		if err != nil || err2 != nil || err3 != nil {
			w.Fatal(err, err2, err3)
		}
		want := coop.AccountCounts{Posts: posts, Followers: followers, Following: following, LastPost: kept[a.ID].LastPost}
		if diff := cmp.Diff(want, kept[a.ID]); diff != "" {
			w.Errorf("%s: counted, then kept: %s", a.Name, diff)
			return false
		}
	}
	return true
}
