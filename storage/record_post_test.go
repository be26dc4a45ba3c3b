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
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/shopspring/decimal"

	"minga/coop"
	"minga/storage"
)

func TestPostIsReadAsItWasWritten(t *testing.T) {
	eachWorld(t, func(w *world) {
		ana, eva := w.account("telar", "", coop.Coop), w.account("eva", "far.example", coop.Person)
		p := w.post(ana, job("Weaver", func(j *coop.Job) {
			j.Pay = &coop.Pay{Currency: "EUR", Min: decimal.NewFromInt(2000), Max: decimal.NewFromFloat(2500.5), Unit: "MONTH"}
			j.HoursFrom, j.HoursTo, j.Skills = decimal.NewFromInt(20), decimal.NewFromFloat(37.5), []coop.Skill{{Term: coop.Term{Name: "Weaving"}, Required: true}}
		}), func(p *coop.Post) {
			p.Cc, p.Audience = []coop.IRI{eva.IRI, "https://nobody.example/x"}, "https://fed-sur.example/boards/jobs"
			p.ContentMap = map[string]string{"es": "<p>Hola</p>", "ca": "<p>Bon dia</p>"}
			p.Summary, p.Sensitive, p.Language, p.Source, p.SourceType, p.URL = "cw", true, "es", "Hello", "text/markdown", "https://fed-sur.example/1"
			p.Attachments = []coop.Attachment{{Type: "Image", URL: "https://fed-sur.example/a.png", Alt: "A loom", Width: 3}}
			p.Hashtags, p.Links = []string{"CoopJobs", "Tejeduría"}, []coop.IRI{"https://far.example/q"}
			p.Quote, p.Emojis = "https://far.example/n/1", []coop.Emoji{{Shortcode: "cat", URL: "https://fed-sur.example/cat.png"}}
			p.Mentions = []coop.Mention{{Account: eva.ID, IRI: eva.IRI, Name: "@eva"}}
			p.Ends = p.Published.AddDate(0, 0, 45)
		})
		got, err := w.s.Post(w.Context(), coop.Anonymous(), p.ID)
		if diff := cmp.Diff(p, must(w, got, err), cmpopts.EquateEmpty()); diff != "" {
			w.Errorf("by id (-want +got):\n%s", diff)
		}
		byIRI, err := w.s.PostByIRI(w.Context(), coop.Anonymous(), p.IRI)
		if diff := cmp.Diff(got, must(w, byIRI, err)); diff != "" {
			w.Errorf("by IRI:\n%s", diff)
		}
		tagged, err := w.s.Posts(w.Context(), coop.Anonymous(), storage.PostQuery{Hashtag: "#tejeduria", Listed: true}, coop.Page{})
		if len(must(w, tagged, err)) != 1 {
			w.Error("not found by its folded hashtag")
		}
		w.sound()
	})
}

func TestTheSamePostTwiceIsOnePostWithTwoPaths(t *testing.T) {
	eachWorld(t, func(w *world) {
		author, board := w.account("telar", "far.example", coop.Coop), w.account("jobs", "patio.example", coop.Board)
		p := w.newPost(author)
		first := w.add(p, storage.Arrival{})
		id := p.ID
		p.ID = 0
		second := w.add(p, storage.Arrival{Path: coop.Path{Via: board.ID, How: "announce", At: w.clock.Now()}})
		if !first || second || p.ID != id {
			w.Errorf("added %t and %t, as %s and %s", first, second, id, p.ID)
		}
		got, err := w.s.Post(w.Context(), coop.Anonymous(), id)
		var via []coop.ID
		for _, path := range must(w, got, err).ReachedThrough {
			via = append(via, path.Account.ID)
		}
		slices.Sort(via)
		if diff := cmp.Diff([]coop.ID{author.ID, board.ID}, via); diff != "" {
			w.Error(diff)
		}
		other := w.newPost(w.account("eve", "far.example", coop.Coop))
		other.IRI = p.IRI
		w.wants(w.try(func(ctx context.Context, tx *storage.Tx) error {
			_, err := tx.AddPost(ctx, other, storage.Arrival{})
			return err
		}), coop.ErrConflict)
	})
}

func TestWithdrawnPostsStayWithdrawn(t *testing.T) {
	eachWorld(t, func(w *world) {
		author, eve := w.account("telar", "far.example", coop.Coop), w.account("eve", "far.example", coop.Person)
		p := w.newPost(author)
		by := storage.Arrival{
			Object:   &coop.Document{IRI: p.IRI, Body: []byte(`{"secret":1}`)},
			Activity: &coop.Document{IRI: p.IRI + "/create", Body: []byte(`{"secret":2}`)},
		}
		w.add(p, by)
		reply := w.post(eve, func(r *coop.Post) { r.InReplyTo = p.IRI })
		remove := func(iri, owner coop.IRI) error {
			return w.try(func(ctx context.Context, tx *storage.Tx) error { return tx.RemovePost(ctx, iri, owner, w.clock.Now()) })
		}
		w.wants(remove(p.IRI, eve.IRI), coop.ErrForbidden)
		w.wants(remove("https://other.example/1", eve.IRI), coop.ErrForbidden)
		for range 2 {
			if err := remove(p.IRI, author.IRI); err != nil {
				w.Fatal(err)
			}
		}
		_, err := w.s.PostByIRI(w.Context(), coop.System(), p.IRI)
		w.wants(err, coop.ErrGone)
		for _, d := range []*coop.Document{by.Object, by.Activity} {
			_, err = w.s.Document(w.Context(), d.IRI)
			w.wants(err, coop.ErrNotFound)
		}
		_, err = w.s.VisibleDocument(w.Context(), coop.System(), p.IRI)
		w.wants(err, coop.ErrGone)
		w.wants(w.try(func(ctx context.Context, tx *storage.Tx) error {
			_, err := tx.AddPost(ctx, p, by)
			return err
		}), coop.ErrGone)
		stone, err := w.s.Tombstone(w.Context(), p.IRI)
		want := &storage.Tombstone{IRI: p.IRI, FormerType: "Note", Owner: author.IRI, At: w.clock.Now()}
		if diff := cmp.Diff(want, must(w, stone, err)); diff != "" {
			w.Error(diff)
		}
		left, err := w.s.Post(w.Context(), coop.Anonymous(), reply.ID)
		if must(w, left, err).InReplyToID != 0 || left.InReplyTo != p.IRI {
			w.Errorf("the reply answers %s, %s", left.InReplyTo, left.InReplyToID)
		}
		w.sound()
	})
}

func TestADeleteMayComeBeforeItsCreate(t *testing.T) {
	eachWorld(t, func(w *world) {
		author := w.account("telar", "far.example", coop.Coop)
		p := w.newPost(author)
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			return tx.RemovePost(ctx, p.IRI, author.IRI, w.clock.Now())
		})
		w.wants(w.try(func(ctx context.Context, tx *storage.Tx) error {
			_, err := tx.AddPost(ctx, p, storage.Arrival{})
			return err
		}), coop.ErrGone)
	})
}

func TestNobodyBuriesWhatIsAnothers(t *testing.T) {
	eachWorld(t, func(w *world) {
		author, eve := w.account("telar", "far.example", coop.Coop), w.account("eve", "far.example", coop.Person)
		p := w.newPost(author)
		unheard := &coop.Account{IRI: "https://far.example/rosa", Kind: coop.Person, ActorType: "Person", Name: "rosa", Host: "far.example", Inbox: "https://far.example/rosa/inbox"}
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			for _, stone := range []storage.Tombstone{{IRI: unheard.IRI, FormerType: "Person"}, {IRI: p.IRI, FormerType: "Note"}} {
				stone.Owner, stone.At = eve.IRI, w.clock.Now()
				if err := tx.AddTombstone(ctx, stone); err != nil {
					return err
				}
			}
			return nil
		})
		w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.SaveAccount(ctx, unheard) })
		w.add(p, storage.Arrival{})
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			return tx.RemovePost(ctx, p.IRI, author.IRI, w.clock.Now())
		})
		for _, by := range []*coop.Account{author, eve} {
			again := w.newPost(by)
			again.IRI = p.IRI
			w.wants(w.try(func(ctx context.Context, tx *storage.Tx) error {
				_, err := tx.AddPost(ctx, again, storage.Arrival{})
				return err
			}), coop.ErrGone)
		}
		w.sound()
	})
}

func TestUpdateKeepsTheHistoryAndTheOwner(t *testing.T) {
	eachWorld(t, func(w *world) {
		author, eve := w.account("telar", "far.example", coop.Coop), w.account("eve", "far.example", coop.Coop)
		p := w.post(author)
		published, id := p.Published, p.ID
		update := func(content string, at time.Time, by *coop.Account) (changed bool, err error) {
			next := *p
			next.ID, next.Content, next.Updated, next.AuthorID, next.Author = 0, content, at, by.ID, nil
			next.Published = at
			err = w.try(func(ctx context.Context, tx *storage.Tx) (err error) {
				changed, err = tx.UpdatePost(ctx, &next, storage.Arrival{})
				return err
			})
			return changed, err
		}
		w.clock.Advance(time.Hour)
		at := w.clock.Now()
		for i, step := range []struct {
			content string
			at      time.Time
			changed bool
		}{
			{"<p>two</p>", at, true}, {"<p>two</p>", at, false}, {"<p>old</p>", at.Add(-time.Minute), false}, {"<p>three</p>", at.Add(-time.Second), false},
		} {
			if changed, err := update(step.content, step.at, author); err != nil || changed != step.changed {
				w.Errorf("step %d: %t, %v", i, changed, err)
			}
		}
		_, err := update("<p>mine</p>", at.Add(time.Hour), eve)
		w.wants(err, coop.ErrForbidden)
		got, err := w.s.Post(w.Context(), coop.Anonymous(), id)
		if must(w, got, err).Content != "<p>two</p>" || !got.Published.Equal(published) || got.AuthorID != author.ID {
			w.Errorf("now %q of %s", got.Content, got.Published)
		}
		history, err := w.s.Revisions(w.Context(), coop.Anonymous(), id)
		if len(must(w, history, err)) != 1 || history[0].Content != "<p>Hello</p>" {
			w.Errorf("history: %+v", history)
		}
	})
}

// TestAStateByTwoWaysAtOnceCountsOnce: a new state of a post comes from its author, by
// boards and by a fetch at the same moment, and now and then so does its withdrawal.
func TestAStateByTwoWaysAtOnceCountsOnce(t *testing.T) {
	eachWorld(t, func(w *world) {
		author := w.account("telar", "far.example", coop.Coop)
		for round := range 20 {
			p := w.post(author)
			w.clock.Advance(time.Minute)
			next := *p
			next.Content, next.Updated = "<p>two</p>", w.clock.Now()
			update := func(ctx context.Context, tx *storage.Tx) error {
				state := next
				state.Author = nil
				_, err := tx.UpdatePost(ctx, &state, storage.Arrival{})
				return err
			}
			if round%4 == 3 {
				w.atOnce(update, update, func(ctx context.Context, tx *storage.Tx) error {
					return tx.RemovePost(ctx, p.IRI, author.IRI, w.clock.Now())
				}, update)
				_, err := w.s.Post(w.Context(), coop.System(), p.ID)
				w.wants(err, coop.ErrGone)
				continue
			}
			w.atOnce(update, update, update, update)
			history, err := w.s.Revisions(w.Context(), coop.Anonymous(), p.ID)
			if len(must(w, history, err)) != 1 || history[0].Content != "<p>Hello</p>" {
				w.Errorf("round %d: %d earlier states", round, len(history))
			}
		}
		w.sound()
	})
}

func TestHistoryHasAnEnd(t *testing.T) {
	eachWorld(t, func(w *world) {
		p := w.post(w.account("telar", "", coop.Coop))
		for i := range 105 {
			w.clock.Advance(time.Minute)
			p.Content, p.Updated = strings.Repeat("x", i), w.clock.Now()
			w.write(func(ctx context.Context, tx *storage.Tx) error {
				_, err := tx.UpdatePost(ctx, p, storage.Arrival{})
				return err
			})
		}
		history, err := w.s.Revisions(w.Context(), coop.Anonymous(), p.ID)
		if n := len(must(w, history, err)); n != 100 || len(history[0].Content) != 103 {
			w.Errorf("%d revisions, the last has %d bytes", n, len(history[0].Content))
		}
	})
}

func TestOlderVersionsOfAnArticleAreHistory(t *testing.T) {
	eachWorld(t, func(w *world) {
		author := w.account("telar", "far.example", coop.Coop)
		article := func(version int64, content string) func(*coop.Post) {
			return func(p *coop.Post) {
				p.Kind, p.Type, p.Title, p.Content = coop.KindArticle, "Article", "How we weave", content
				p.Article = &coop.Article{Version: version, Status: coop.ArticlePublished}
			}
		}
		p := w.post(author, article(3, "three"))
		w.clock.Advance(time.Hour)
		for _, version := range []int64{2, 4, 4, 1} {
			next := *p
			article(version, string(rune('0'+version)))(&next)
			next.Updated = w.clock.Now()
			w.write(func(ctx context.Context, tx *storage.Tx) error {
				_, err := tx.UpdatePost(ctx, &next, storage.Arrival{})
				return err
			})
		}
		got, err := w.s.Post(w.Context(), coop.Anonymous(), p.ID)
		if must(w, got, err).Article.Version != 4 {
			w.Errorf("version %d is shown", got.Article.Version)
		}
		history, err := w.s.Revisions(w.Context(), coop.Anonymous(), p.ID)
		var versions []int64
		for _, h := range must(w, history, err) {
			versions = append(versions, h.Version)
		}
		if diff := cmp.Diff([]int64{1, 3, 2}, versions); diff != "" {
			w.Error(diff)
		}
	})
}

func TestThreadsComeTogetherInAnyOrder(t *testing.T) {
	eachWorld(t, func(w *world) {
		author := w.account("telar", "far.example", coop.Coop)
		root := w.newPost(author)
		chain := []*coop.Post{root}
		for i := range 3 {
			chain = append(chain, w.newPost(author, func(p *coop.Post) { p.InReplyTo = chain[i].IRI }))
		}
		for _, i := range []int{3, 1, 2, 0} {
			w.add(chain[i], storage.Arrival{})
		}
		thread, err := w.s.Posts(w.Context(), coop.Anonymous(), storage.PostQuery{Thread: root.IRI}, coop.Page{})
		if n := len(must(w, thread, err)); n != 4 {
			w.Errorf("%d posts in the thread", n)
		}
		above, err := w.s.Ancestors(w.Context(), coop.Anonymous(), chain[3].ID, 10)
		var ids []coop.ID
		for _, p := range must(w, above, err) {
			ids = append(ids, p.ID)
		}
		if diff := cmp.Diff([]coop.ID{root.ID, chain[1].ID, chain[2].ID}, ids); diff != "" {
			w.Error(diff)
		}
		got, err := w.s.Post(w.Context(), coop.Anonymous(), root.ID)
		if must(w, got, err).Replies != 1 {
			w.Errorf("%d replies", got.Replies)
		}
		w.sound()
	})
}

func TestRepliesInACircleEnd(t *testing.T) {
	eachWorld(t, func(w *world) {
		author := w.account("telar", "far.example", coop.Coop)
		a, b := w.newPost(author), w.newPost(author)
		a.InReplyTo, b.InReplyTo = b.IRI, a.IRI
		w.add(a, storage.Arrival{})
		w.add(b, storage.Arrival{})
		self := w.newPost(author)
		self.InReplyTo = self.IRI
		w.add(self, storage.Arrival{})
		if _, err := w.s.Ancestors(w.Context(), coop.Anonymous(), a.ID, 1000); err != nil {
			w.Error(err)
		}
	})
}

func TestRemotePostsTakeTheirPlaceInTime(t *testing.T) {
	eachWorld(t, func(w *world) {
		far, near := w.account("telar", "far.example", coop.Coop), w.account("huerta", "", coop.Coop)
		now := w.clock.Now()
		recent := w.post(near, func(p *coop.Post) { p.Title = "recent" })
		old := w.post(far, func(p *coop.Post) { p.Title, p.Published = "old", now.AddDate(0, -1, 0) })
		future := w.post(far, func(p *coop.Post) { p.Title, p.Published = "future", now.AddDate(5, 0, 0) })
		if future.Published.After(now) || old.ID > recent.ID {
			w.Errorf("future of %s, old %s, recent %s", future.Published, old.ID, recent.ID)
		}
		posts, err := w.s.Posts(w.Context(), coop.Anonymous(), storage.PostQuery{}, coop.Page{})
		if diff := cmp.Diff([]string{"future", "recent", "old"}, titles(must(w, posts, err))); diff != "" {
			w.Error(diff)
		}
	})
}

func TestPagesGoBothWays(t *testing.T) {
	eachWorld(t, func(w *world) {
		author := w.account("telar", "", coop.Coop)
		var ids []coop.ID
		for range 5 {
			w.clock.Advance(time.Second)
			ids = append(ids, w.post(author).ID)
		}
		for _, tt := range []struct {
			page coop.Page
			want []coop.ID
		}{
			{coop.Page{Limit: 2}, []coop.ID{ids[4], ids[3]}},
			{coop.Page{Limit: 2, Max: ids[3]}, []coop.ID{ids[2], ids[1]}},
			{coop.Page{Limit: 2, Since: ids[1]}, []coop.ID{ids[4], ids[3]}},
			{coop.Page{Limit: 2, Min: ids[0]}, []coop.ID{ids[2], ids[1]}},
		} {
			posts, err := w.s.Posts(w.Context(), coop.Anonymous(), storage.PostQuery{}, tt.page)
			var got []coop.ID
			for _, p := range must(w, posts, err) {
				got = append(got, p.ID)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				w.Errorf("%+v: %s", tt.page, diff)
			}
		}
		n, err := w.s.CountPosts(w.Context(), coop.Anonymous(), storage.PostQuery{Authors: []coop.ID{author.ID}})
		if must(w, n, err) != 5 {
			w.Errorf("%d counted", n)
		}
	})
}

func TestDocumentsFollowTheirPost(t *testing.T) {
	eachWorld(t, func(w *world) {
		author, friend := w.account("telar", "", coop.Coop), w.account("ana", "far.example", coop.Person)
		p := w.newPost(author, func(p *coop.Post) { p.Visibility, p.To = coop.VisibleDirect, []coop.IRI{friend.IRI} })
		w.add(p, storage.Arrival{Object: &coop.Document{IRI: p.IRI, Body: []byte("{}")}, Activity: &coop.Document{IRI: p.IRI + "/create", Body: []byte("{1}")}})
		for _, iri := range []coop.IRI{p.IRI, p.IRI + "/create"} {
			_, err := w.s.VisibleDocument(w.Context(), coop.Anonymous(), iri)
			w.wants(err, coop.ErrNotFound)
			d, err := w.s.VisibleDocument(w.Context(), coop.Signed(friend.ID, "far.example"), iri)
			if must(w, d, err).PostID != p.ID || d.Public {
				w.Errorf("document %+v", d)
			}
		}
		thief := w.newPost(friend)
		w.wants(w.try(func(ctx context.Context, tx *storage.Tx) error {
			_, err := tx.AddPost(ctx, thief, storage.Arrival{Object: &coop.Document{IRI: p.IRI, Body: []byte("forged")}})
			return err
		}), coop.ErrForbidden)
	})
}

// TestWhatComesAtOnceIsLinked adds parent and answer, Create and Delete, and copies of
// a job in transactions at the same time.
func TestWhatComesAtOnceIsLinked(t *testing.T) {
	eachWorld(t, func(w *world) {
		telar, sol := w.account("telar", "far.example", coop.Coop), w.account("sol", "wide.example", coop.Coop)
		at := func(author *coop.Account, change ...func(*coop.Post)) func(context.Context, *storage.Tx) error {
			p := w.newPost(author, change...)
			return func(ctx context.Context, tx *storage.Tx) error {
				copied := *p
				if p.Job != nil {
					job := *p.Job
					copied.Job = &job
				}
				_, err := tx.AddPost(ctx, &copied, storage.Arrival{})
				return err
			}
		}
		for i := range 15 {
			iri := coop.IRI(fmt.Sprintf("https://far.example/at-once/%d", i))
			named := func(p *coop.Post) { p.IRI = iri }
			page := func(j *coop.Job) { j.ApplyURL = string(iri) }
			doomed := w.newPost(telar)
			w.atOnce(
				at(telar, named), at(sol, func(p *coop.Post) { p.InReplyTo = iri }), at(sol, func(p *coop.Post) { p.InReplyTo = iri }),
				at(telar, job("Baker", page)), at(sol, job("Baker", page)),
				func(ctx context.Context, tx *storage.Tx) error {
					_, err := tx.AddPost(ctx, doomed, storage.Arrival{})
					return err
				},
				func(ctx context.Context, tx *storage.Tx) error {
					return tx.RemovePost(ctx, doomed.IRI, telar.IRI, w.clock.Now())
				},
			)
			root, err := w.s.PostByIRI(w.Context(), coop.Anonymous(), iri)
			if must(w, root, err).Replies != 2 {
				w.Errorf("round %d: %d replies", i, root.Replies)
			}
			if n := len(w.search("")); n != i+1 {
				w.Errorf("round %d: %d jobs listed", i, n)
			}
		}
		w.sound()
	})
}

// atOnce runs transactions at the same time. One that comes too late is no failure.
func (w *world) atOnce(acts ...func(context.Context, *storage.Tx) error) {
	w.Helper()
	errs := make(chan error, len(acts))
	for _, act := range acts {
		go func() { errs <- w.try(act) }()
	}
	for range acts {
		if err := <-errs; err != nil && !errors.Is(err, coop.ErrGone) {
			w.Errorf("at once: %v", err)
		}
	}
}
