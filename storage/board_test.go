// SPDX-License-Identifier: AGPL-3.0-or-later

package storage_test

import (
	"context"
	"math/rand/v2"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
	"minga/storage"
)

// asked is a query string as it is asked.
func asked(query string) coop.JobQuery {
	values, _ := url.ParseQuery(query) // an error comes with what could be read
	return coop.ParseJobQuery(values)
}

// TestTheBoardFollowsWhatIsCommitted changes everything that decides who is on the
// board,
// and asks the board in memory and the database each time.
func TestTheBoardFollowsWhatIsCommitted(t *testing.T) {
	eachWorld(t, func(w *world) {
		jobs := w.manyJobs(rand.New(rand.NewPCG(3, 4)))
		w.clock.Advance(time.Hour)
		queries := []string{"", "state=archive", "source=followed", "source=wider", "verified=1", "federation=patio@patio.example", "q=baker", "coop=telar", "track=none&engagement=freelance"}
		before, changes := map[string][]string{}, 0
		agree := func(after string) {
			for _, query := range queries {
				got := sorted(w.search(query))
				if diff := cmp.Diff(sorted(w.searchInside(asked(query))), got); diff != "" && len(got) > 0 {
					w.Errorf("after %s, %q: %s", after, query, diff)
				}
				if !cmp.Equal(before[query], got) {
					before[query], changes = got, changes+1
				}
			}
		}
		agree("nothing")
		first := jobs[0].post
		author, far := first.Author, jobs[2].post.Author
		federation, err := w.s.FederationAccount(w.Context())
		patio, errPatio := w.s.AccountByHandle(w.Context(), "patio", "patio.example")
		must(w, federation, err)
		must(w, patio, errPatio)
		for _, step := range []struct {
			what string
			do   func(context.Context, *storage.Tx) error
		}{
			{"a new job", func(ctx context.Context, tx *storage.Tx) error {
				_, err := tx.AddPost(ctx, w.newPost(far, job("Baker of the day")), storage.Arrival{})
				return err
			}},
			{"an edit", func(ctx context.Context, tx *storage.Tx) error {
				p, err := tx.Post(ctx, coop.System(), first.ID)
				if err != nil {
					return err
				}
				p.Job.Title, p.Title, p.Updated, p.Job.MembershipTrack = "Baker, anew", "Baker, anew", w.clock.Now(), "none"
				_, err = tx.UpdatePost(ctx, p, storage.Arrival{})
				return err
			}},
			{"a freeze", func(ctx context.Context, tx *storage.Tx) error { return tx.FreezeJob(ctx, first.ID, true) }},
			{"a thaw", func(ctx context.Context, tx *storage.Tx) error { return tx.FreezeJob(ctx, first.ID, false) }},
			{"a suspension", func(ctx context.Context, tx *storage.Tx) error {
				return tx.SuspendAccount(ctx, author.ID, w.clock.Now())
			}},
			{"its end", func(ctx context.Context, tx *storage.Tx) error {
				return tx.SuspendAccount(ctx, author.ID, time.Time{})
			}},
			{"an unfollow", func(ctx context.Context, tx *storage.Tx) error {
				_, err := tx.RemoveFollow(ctx, federation.ID, patio.ID)
				return err
			}},
			{"a follow", func(ctx context.Context, tx *storage.Tx) error {
				return tx.PutFollow(ctx, &coop.Follow{Follower: federation, Target: patio, State: coop.FollowAccepted})
			}},
			{"a limit for a day", func(ctx context.Context, tx *storage.Tx) error {
				return tx.PutPeer(ctx, &coop.Peer{Host: "patio.example", Policy: coop.PolicyLimit, ExpiresAt: w.clock.Now().Add(24 * time.Hour)})
			}},
			{"its end by itself", func(context.Context, *storage.Tx) error { w.clock.Advance(25 * time.Hour); return nil }},
			{"a membership that ends", func(ctx context.Context, tx *storage.Tx) error {
				list, err := tx.Memberships(ctx, storage.MembershipQuery{Member: author.ID}, coop.Page{})
				if err != nil {
					return err
				}
				for _, m := range list {
					m.State = coop.MembershipLeft
					if err := tx.PutMembership(ctx, m); err != nil {
						return err
					}
				}
				return nil
			}},
			{"a removal", func(ctx context.Context, tx *storage.Tx) error {
				return tx.RemovePost(ctx, first.IRI, author.IRI, w.clock.Now())
			}},
		} {
			w.write(step.do)
			was := changes
			agree(step.what)
			if changes == was {
				w.Errorf("%s changed nothing", step.what)
			}
		}
	})
}
