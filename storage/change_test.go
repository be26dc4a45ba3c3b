// SPDX-License-Identifier: AGPL-3.0-or-later

package storage_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
	"minga/storage"
	"minga/storage/storagetest"
)

// kindsOf are the kinds of changes, in their order.
func kindsOf(changes []coop.Change) (kinds []string) {
	for _, c := range changes {
		kinds = append(kinds, string(c.Kind))
	}
	return kinds
}

// TestChanges says for each act what is noted of it.
func TestChanges(t *testing.T) {
	direct := audience(coop.VisibleDirect, "https://here.test/nobody")
	for _, tt := range []struct {
		name string
		act  func(r *reading)
		want string
	}{
		{"a post", func(r *reading) { r.say(r.ana, "hers") }, "post"},
		{"a draft is nobody's business", func(r *reading) {
			r.say(r.me, "draft", job("draft", func(j *coop.Job) { j.Status = coop.JobDraft }))
		}, ""},
		{"a direct post, and its conversation", func(r *reading) { r.say(r.me, "direct", direct) }, "post conversation"},
		{"an edit", func(r *reading) {
			p := r.say(r.eva, "first")
			p.Title, p.Updated = "second", r.clock.Now().Add(time.Second)
			r.clock.Advance(time.Minute)
			r.do(func(ctx context.Context, tx *storage.Tx) error {
				_, err := tx.UpdatePost(ctx, p, storage.Arrival{})
				return err
			})
		}, "post edit"},
		{"a boost, what it tells, and its end", func(r *reading) {
			p := r.say(r.me, "mine")
			r.boost(r.ana, p)
			r.do(func(ctx context.Context, tx *storage.Tx) error {
				_, err := tx.Unreact(ctx, storage.Boost, r.ana.ID, p.ID)
				return err
			})
		}, "post boost notification unboost"},
		{"a withdrawal takes its boosts along", func(r *reading) {
			p := r.say(r.eva, "hers")
			r.boost(r.ana, p)
			r.do(func(ctx context.Context, tx *storage.Tx) error {
				return tx.RemovePost(ctx, p.IRI, r.eva.IRI, r.clock.Now())
			})
		}, "post boost notification deleted unboost"},
		{"filters, once a transaction", func(r *reading) {
			r.do(func(ctx context.Context, tx *storage.Tx) error {
				return tx.AddFilter(ctx, &coop.Filter{Owner: r.me.ID, Title: "x", Contexts: []coop.FilterContext{"home"}, Act: "warn", Keywords: []coop.FilterKeyword{{Keyword: "a"}, {Keyword: "b"}}})
			})
		}, "filters"},
		{"an announcement, an emoji under it, and its end", func(r *reading) {
			a := &coop.Announcement{Texts: coop.Texts{"en": "hello"}}
			r.do(func(ctx context.Context, tx *storage.Tx) error { return tx.AddAnnouncement(ctx, a) })
			r.do(func(ctx context.Context, tx *storage.Tx) error {
				return tx.ReactToAnnouncement(ctx, r.me.ID, a.ID, "🌱", r.clock.Now())
			})
			r.do(func(ctx context.Context, tx *storage.Tx) error { return tx.RemoveAnnouncement(ctx, a.ID) })
		}, "announcement announcement.emoji announcement.removed"},
		{"a token that ends", func(r *reading) {
			k := &coop.Token{AccountID: r.me.ID, Hash: slices.Repeat([]byte{1}, 32)}
			r.do(func(ctx context.Context, tx *storage.Tx) error { return tx.AddToken(ctx, k) })
			r.do(func(ctx context.Context, tx *storage.Tx) error { return tx.RevokeToken(ctx, k.ID, r.clock.Now()) })
		}, "rights"},
		{"a password, a suspension, a deletion", func(r *reading) {
			r.do(func(ctx context.Context, tx *storage.Tx) error {
				return tx.ChangePassword(ctx, r.me.ID, strings.Repeat("h", 40), 0)
			})
			r.do(func(ctx context.Context, tx *storage.Tx) error {
				return tx.SuspendAccount(ctx, r.eva.ID, r.clock.Now())
			})
			r.do(func(ctx context.Context, tx *storage.Tx) error { return tx.DeleteAccount(ctx, r.me.ID, r.clock.Now()) })
		}, "rights rights rights"},
		{"what is not committed is not noted", func(r *reading) {
			err := r.s.Write(r.Context(), func(tx *storage.Tx) error {
				tx.RightsChanged(r.Context(), r.me.ID)
				return coop.ErrConflict
			})
			if !errors.Is(err, coop.ErrConflict) {
				r.Error(err)
			}
		}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			eachWorld(t, func(w *world) {
				r := newReading(w)
				feed := w.s.Changes(w.Context())
				tt.act(r)
				changes, missed := feed.Take()
				if got := strings.Join(kindsOf(changes), " "); got != tt.want || missed {
					w.Errorf("noted %q (missed %t), want %q", got, missed, tt.want)
				}
			})
		})
	}
}

// TestWhatIsSaidOfAWithdrawnPost: enough to know who had it.
func TestWhatIsSaidOfAWithdrawnPost(t *testing.T) {
	eachWorld(t, func(w *world) {
		r := newReading(w)
		p := r.say(r.eva, "hers", func(p *coop.Post) { p.Hashtags = []string{"CoopJobs"} }, func(p *coop.Post) { p.To = append(p.To, r.me.IRI) })
		feed := w.s.Changes(w.Context())
		r.do(func(ctx context.Context, tx *storage.Tx) error {
			return tx.RemovePost(ctx, p.IRI, r.eva.IRI, r.clock.Now())
		})
		changes, _ := feed.Take()
		want := []coop.Change{{Kind: coop.ChangeDeleted, Post: p.ID, Account: r.eva.ID, Was: &coop.WasPost{
			Visibility: coop.VisiblePublic, Listed: true, Opens: true, Local: true, Tags: []string{"coopjobs"}, Named: []coop.ID{r.me.ID},
		}}}
		if diff := cmp.Diff(want, changes); diff != "" {
			w.Error(diff)
		}
	})
}

// TestAFeedIsBounded: who does not take what came learns that some of it is lost, and
// nobody waits for it.
func TestAFeedIsBounded(t *testing.T) {
	s := storagetest.Open(t)
	ctx, cancel := context.WithCancel(t.Context())
	feed := s.Changes(ctx)
	for part := range 30 {
		err := s.Write(t.Context(), func(tx *storage.Tx) error {
			for i := range 1000 {
				tx.RightsChanged(t.Context(), coop.ID(1+part*1000+i))
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if changes, missed := feed.Take(); len(changes) != 20_000 || !missed {
		t.Errorf("%d changes, missed %t", len(changes), missed)
	}
	cancel()
	for deadline := time.Now().Add(5 * time.Second); ; {
		if err := s.Write(t.Context(), func(tx *storage.Tx) error { tx.RightsChanged(t.Context(), 1); return nil }); err != nil {
			t.Fatal(err)
		}
		if changes, _ := feed.Take(); len(changes) == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("a feed that ended is still filled")
		}
	}
}

// running opens stores on one PostgreSQL, the first of which listens.
func running(t *testing.T, n int) []*storage.Store {
	t.Helper()
	url := storagetest.PostgresURL(t)
	var nodes []*storage.Store
	for range n {
		s, err := storage.Open(t.Context(), storage.Options{URL: url, Now: time.Now, SecretKeys: storagetest.Keys()})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		nodes = append(nodes, s)
	}
	ctx, stop := context.WithCancel(t.Context())
	ready, ended := nodes[0].Listen(ctx, "any"), make(chan error, 1)
	go func() { ended <- nodes[0].Run(ctx) }()
	t.Cleanup(func() { stop(); <-ended })
	select {
	case <-ready:
	case <-time.After(10 * time.Second):
		t.Fatal("the node does not listen")
	}
	return nodes
}

// TestChangesReachOtherNodes: in payloads that PostgreSQL takes, none twice, none lost,
// in their order, and what a command changed when it says so.
func TestChangesReachOtherNodes(t *testing.T) {
	nodes := running(t, 2)
	feed := nodes[0].Changes(t.Context())
	was := &coop.WasPost{Visibility: coop.VisiblePublic, Tags: slices.Repeat([]string{strings.Repeat("ñ", 30)}, 30), Named: slices.Repeat([]coop.ID{1 << 62}, 100)}
	const many = 300
	for _, s := range nodes {
		err := s.Write(t.Context(), func(tx *storage.Tx) error {
			for i := range many {
				storage.NoteChange(tx, coop.Change{Kind: coop.ChangeDeleted, Post: coop.ID(1 + i), Name: "a \"b\" + c", Was: was})
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := nodes[1].Nudge(t.Context()); err != nil {
		t.Fatal(err)
	}
	var got []coop.Change
	for deadline := time.After(10 * time.Second); len(got) < 2*many; {
		select {
		case <-feed.More():
			changes, _ := feed.Take()
			got = append(got, changes...)
		case <-deadline:
			t.Fatalf("%d changes came", len(got))
		}
	}
	for i, c := range got {
		if want := coop.ID(1 + i%many); c.Post != want || !cmp.Equal(c.Was, was) || c.Name != "a \"b\" + c" {
			t.Fatalf("change %d is %v", i, c)
		}
	}
}

// TestAnotherProcessOnSQLite: that a command wrote beside the server is seen, so that who
// must look looks.
func TestAnotherProcessOnSQLite(t *testing.T) {
	url := fmt.Sprintf("sqlite://%s/minga.db", t.TempDir())
	open := func() *storage.Store {
		s, err := storage.Open(t.Context(), storage.Options{URL: url, Now: time.Now, SecretKeys: storagetest.Keys()})
		if err == nil {
			err = s.Migrate(t.Context(), nil)
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		return s
	}
	server, command := open(), open()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	feed := server.Changes(ctx)
	go func() { ended <- server.Run(ctx) }()
	defer func() { stop(); <-ended }()
	for deadline := time.After(10 * time.Second); ; {
		if err := command.Write(ctx, func(tx *storage.Tx) error { return tx.AddTask(ctx, storage.Task{Kind: "mail", Key: "1"}) }); err != nil {
			t.Fatal(err)
		}
		select {
		case <-feed.More():
			if _, missed := feed.Take(); missed {
				return
			}
		case <-time.After(time.Second): // it may not have looked yet
		case <-deadline:
			t.Fatal("nobody saw it")
		}
	}
}
