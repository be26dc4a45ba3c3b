// SPDX-License-Identifier: AGPL-3.0-or-later

package storage_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
	"minga/storage"
)

// asks makes a post a question with a poll of two hours.
func (w *world) asks(multiple bool, titles ...string) func(*coop.Post) {
	return func(p *coop.Post) {
		p.Kind, p.Type = coop.KindQuestion, "Question"
		p.Poll = coop.NewPoll(titles, 2*time.Hour, multiple, false, w.clock.Now())
	}
}

// vote casts a vote.
func (w *world) vote(p *coop.Post, who *coop.Account, once bool, options ...int) (added int, err error) {
	err = w.try(func(ctx context.Context, tx *storage.Tx) (err error) {
		added, err = tx.AddVotes(ctx, storage.Vote{Post: p.ID, Account: who.ID, Options: options, At: w.clock.Now(), Once: once})
		return err
	})
	return added, err
}

// counts are the votes of each option, and the voters behind a bar.
func (w *world) counts(p *coop.Post) string {
	w.Helper()
	got, err := w.s.Post(w.Context(), coop.System(), p.ID)
	if must(w, got, err).Poll == nil {
		return "no poll"
	}
	s := ""
	for _, o := range got.Poll.Options {
		s += fmt.Sprintf("%d ", o.Votes)
	}
	return s + fmt.Sprintf("| %d", got.Poll.Voters)
}

func (w *world) wantsCounts(p *coop.Post, want string) {
	w.Helper()
	if got := w.counts(p); got != want {
		w.Errorf("counts %q, want %q", got, want)
	}
}

func TestPollIsReadAsItWasWritten(t *testing.T) {
	eachWorld(t, func(w *world) {
		ana := w.account("ana", "", coop.Person)
		p := w.post(ana, w.asks(true, "yes", "no", "maybe"), func(p *coop.Post) { p.Poll.HideTotals = true })
		plain := w.post(ana)
		posts, err := w.s.Posts(w.Context(), coop.Anonymous(), storage.PostQuery{Authors: []coop.ID{ana.ID}}, coop.Page{})
		must(w, posts, err)
		if posts[0].ID != plain.ID || posts[0].Poll != nil {
			w.Errorf("a note has the poll %+v", posts[0].Poll)
		}
		if diff := cmp.Diff(p.Poll, posts[1].Poll); diff != "" {
			w.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func TestVotes(t *testing.T) {
	eachWorld(t, func(w *world) {
		ana, leo, eva := w.account("ana", "", coop.Person), w.account("leo", "", coop.Person), w.account("eva", "far.example", coop.Person)
		one, some := w.post(ana, w.asks(false, "yes", "no")), w.post(ana, w.asks(true, "a", "b", "c"))
		for _, tt := range []struct {
			name    string
			post    *coop.Post
			who     *coop.Account
			once    bool
			options []int
			added   int
			err     error
			counts  string
		}{
			{"a first vote", one, leo, true, []int{1}, 1, nil, "0 1 | 1"},
			{"a second of the same voter", one, leo, false, []int{0}, 0, coop.ErrConflict, "0 1 | 1"},
			{"another voter", one, eva, false, []int{0}, 1, nil, "1 1 | 2"},
			{"an option that is not there", one, ana, false, []int{2}, 0, coop.ErrNotFound, "1 1 | 2"},
			{"two of several", some, leo, true, []int{0, 2}, 2, nil, "1 0 1 | 1"},
			{"a second time by a client", some, leo, true, []int{1}, 0, coop.ErrConflict, "1 0 1 | 1"},
			{"a ballot", some, eva, false, []int{0}, 1, nil, "2 0 1 | 2"},
			{"the next ballot of that voter", some, eva, false, []int{1}, 1, nil, "2 1 1 | 2"},
			{"the same ballot once more", some, eva, false, []int{1}, 0, nil, "2 1 1 | 2"},
			{"two where one may be chosen", one, ana, false, []int{0, 1}, 0, coop.ErrConflict, "1 1 | 2"},
		} {
			added, err := w.vote(tt.post, tt.who, tt.once, tt.options...)
			if added != tt.added {
				w.Errorf("%s: %d votes, want %d", tt.name, added, tt.added)
			}
			if tt.err != nil {
				w.wants(err, tt.err)
			} else if err != nil {
				w.Errorf("%s: %v", tt.name, err)
			}
			w.wantsCounts(tt.post, tt.counts)
		}
		votes, err := w.s.PollVotes(w.Context(), eva.ID, []coop.ID{one.ID, some.ID})
		if diff := cmp.Diff(map[coop.ID][]int{one.ID: {0}, some.ID: {0, 1}}, must(w, votes, err)); diff != "" {
			w.Error(diff)
		}
		w.clock.Advance(2 * time.Hour)
		_, err = w.vote(one, ana, true, 0)
		w.wants(err, coop.ErrState)
		_, err = w.vote(w.post(ana), ana, true, 0)
		w.wants(err, coop.ErrNotFound)
	})
}

// TestVotesAtOnce: however many votes of one voter come at once, one counts.
func TestVotesAtOnce(t *testing.T) {
	eachWorld(t, func(w *world) {
		ana, leo := w.account("ana", "", coop.Person), w.account("leo", "", coop.Person)
		p := w.post(ana, w.asks(true, "a", "b"))
		var all sync.WaitGroup
		for n := range 8 {
			all.Go(func() { _, _ = w.vote(p, leo, true, n%2) })
		}
		all.Wait()
		got, err := w.s.Post(w.Context(), coop.System(), p.ID)
		if q := must(w, got, err).Poll; q.Votes() != 1 || q.Voters != 1 {
			w.Errorf("%+v", q)
		}
	})
}

func TestEditOfAPoll(t *testing.T) {
	eachWorld(t, func(w *world) {
		ana, leo := w.account("ana", "", coop.Person), w.account("leo", "", coop.Person)
		p := w.post(ana, w.asks(false, "yes", "no"))
		must(w, 0, second(w.vote(p, leo, true, 0)))
		edit := func(change func(p *coop.Post)) {
			w.Helper()
			w.clock.Advance(time.Minute)
			q := *p
			q.Content, q.Updated = fmt.Sprintf("<p>%d</p>", w.n), w.clock.Now()
			w.n++
			change(&q)
			w.write(func(ctx context.Context, tx *storage.Tx) error {
				_, err := tx.UpdatePost(ctx, &q, storage.Arrival{})
				return err
			})
		}
		edit(w.asks(false, "yes", "no"))
		w.wantsCounts(p, "1 0 | 1")
		edit(w.asks(false, "yes", "never"))
		w.wantsCounts(p, "0 0 | 0")
		must(w, 0, second(w.vote(p, leo, true, 1)))
		edit(w.asks(true, "yes", "never"))
		w.wantsCounts(p, "0 0 | 0")
		edit(func(p *coop.Post) { p.Kind, p.Poll = coop.KindNote, nil })
		w.wantsCounts(p, "no poll")
		w.sound()
	})
}

func second[A, B any](_ A, b B) B { return b }

func TestCountsOfAPollElsewhere(t *testing.T) {
	eachWorld(t, func(w *world) {
		eva, leo := w.account("eva", "far.example", coop.Person), w.account("leo", "", coop.Person)
		p := w.post(eva, w.asks(false, "yes", "no"), func(p *coop.Post) {
			p.Poll.Options[0].Votes, p.Poll.Options[1].Votes, p.Poll.Voters = 7, coop.UnknownVotes, coop.UnknownVotes
		})
		must(w, 0, second(w.vote(p, leo, true, 0)))
		w.wantsCounts(p, "8 -1 | -1")
		told := *p
		told.Poll = p.Poll.Clone()
		told.Poll.Options[0].Votes, told.Poll.Options[1].Votes, told.Poll.Voters = 9, 3, 12
		told.Poll.Closed = w.clock.Now()
		count := func(p *coop.Post) error {
			return w.try(func(ctx context.Context, tx *storage.Tx) error { return tx.CountPoll(ctx, p, storage.Arrival{}) })
		}
		must(w, 0, count(&told))
		w.wantsCounts(p, "9 3 | 12")
		late := told
		late.Poll = p.Poll.Clone()
		must(w, 0, count(&late))
		if got, err := w.s.Post(w.Context(), coop.System(), p.ID); must(w, got, err).Poll.Closed.IsZero() {
			w.Error("a late count opened it again")
		}
		late.Poll.Options[0].Title = "other"
		w.wants(count(&late), coop.ErrConflict)
		if revisions, err := w.s.Revisions(w.Context(), coop.System(), p.ID); len(must(w, revisions, err)) != 0 {
			w.Error("counts made a revision")
		}
		if list, err := w.s.CountedPolls(w.Context(), w.clock.Now(), 10); len(must(w, list, err)) != 0 {
			w.Error("we would tell of a poll elsewhere")
		}
	})
}

func TestEndOfPolls(t *testing.T) {
	eachWorld(t, func(w *world) {
		ana, leo, eva := w.account("ana", "", coop.Person), w.account("leo", "", coop.Person), w.account("eva", "far.example", coop.Person)
		own, far := w.post(ana, w.asks(false, "yes", "no")), w.post(eva, w.asks(false, "yes", "no"))
		w.post(eva, w.asks(false, "yes", "no")) // nobody here voted
		for _, p := range []*coop.Post{own, far} {
			must(w, 0, second(w.vote(p, leo, true, 0)))
		}
		must(w, 0, second(w.vote(own, eva, false, 1)))
		due := func() []coop.ID {
			ids, err := w.s.EndingPolls(w.Context(), w.clock.Now(), 10)
			return must(w, ids, err)
		}
		if list, err := w.s.CountedPolls(w.Context(), w.clock.Now(), 10); len(must(w, list, err)) != 1 || list[0] != own.ID {
			w.Errorf("to be told: %v", list)
		}
		if w.end(own) {
			w.Error("ended before its time")
		}
		w.clock.Advance(2 * time.Hour)
		if got := due(); len(got) != 1 || got[0] != own.ID {
			w.Errorf("due at the end: %v", got)
		}
		w.clock.Advance(5 * time.Minute)
		if got := due(); len(got) != 3 {
			w.Errorf("due after five minutes: %v", got)
		}
		for _, p := range []*coop.Post{own, far} {
			if !w.end(p) || w.end(p) {
				w.Error("it ends once")
			}
		}
		for who, want := range map[*coop.Account][]coop.ID{ana: {own.ID}, leo: {far.ID, own.ID}} {
			var got []coop.ID
			told, err := w.s.Notifications(w.Context(), who.ID, coop.Page{Limit: 40})
			for _, n := range must(w, told, err) {
				if n.Kind == coop.NotifyPoll {
					got = append(got, n.PostID)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				w.Errorf("%s was told: %s", who.Name, diff)
			}
		}
		if got, err := w.s.Post(w.Context(), coop.System(), own.ID); !must(w, got, err).Poll.Closed.Equal(own.Poll.Ends) {
			w.Errorf("closed %v", got.Poll.Closed)
		}
	})
}

// end ends a poll and says whether that was so.
func (w *world) end(p *coop.Post) (ended bool) {
	w.Helper()
	w.write(func(ctx context.Context, tx *storage.Tx) (err error) {
		ended, err = tx.EndPoll(ctx, p.ID, w.clock.Now())
		return err
	})
	return ended
}

func TestTakePoll(t *testing.T) {
	eachWorld(t, func(w *world) {
		ana, leo := w.account("ana", "", coop.Person), w.account("leo", "", coop.Person)
		p := w.post(ana, w.asks(false, "yes", "no"))
		take := func() (taken bool) {
			w.write(func(ctx context.Context, tx *storage.Tx) (err error) {
				taken, err = tx.TakePoll(ctx, p.ID, w.clock.Now())
				return err
			})
			return taken
		}
		if take() {
			w.Error("nobody voted")
		}
		must(w, 0, second(w.vote(p, leo, true, 0)))
		if !take() || take() {
			w.Error("counts are told once")
		}
	})
}

func TestVotesGoWithPostAndVoter(t *testing.T) {
	eachWorld(t, func(w *world) {
		ana, leo := w.account("ana", "", coop.Person), w.account("leo", "", coop.Person)
		kept, gone := w.post(ana, w.asks(false, "yes", "no")), w.post(ana, w.asks(false, "yes", "no"))
		for _, p := range []*coop.Post{kept, gone} {
			must(w, 0, second(w.vote(p, leo, true, 0)))
		}
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			if err := tx.RemovePost(ctx, gone.IRI, ana.IRI, w.clock.Now()); err != nil {
				return err
			}
			if err := tx.DeleteAccount(ctx, leo.ID, w.clock.Now()); err != nil {
				return err
			}
			for {
				if n, err := tx.RemoveAccountBatch(ctx, leo.ID, 10); n == 0 || err != nil {
					return err
				}
			}
		})
		votes, err := w.s.PollVotes(w.Context(), leo.ID, []coop.ID{kept.ID, gone.ID})
		if len(must(w, votes, err)) != 0 {
			w.Errorf("still known: %v", votes)
		}
		w.wantsCounts(kept, "1 0 | 1")
		w.sound()
	})
}
