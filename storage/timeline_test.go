// SPDX-License-Identifier: AGPL-3.0-or-later

package storage_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
	"minga/storage"
	"minga/storage/storagetest"
)

// boost makes an account boost a post, a second after what was before.
func (w *world) boost(by *coop.Account, p *coop.Post) coop.ID {
	w.Helper()
	w.clock.Advance(time.Second)
	w.write(func(ctx context.Context, tx *storage.Tx) error {
		_, err := tx.React(ctx, storage.Reaction{Kind: storage.Boost, Actor: by.ID, Post: p.ID, At: w.clock.Now()})
		return err
	})
	x, err := w.s.ReactionOf(w.Context(), storage.Boost, by.ID, p.ID)
	return must(w, x, err).ID
}

// say stores a post with a title, a second after what was before.
func (w *world) say(author *coop.Account, title string, change ...func(*coop.Post)) *coop.Post {
	w.Helper()
	w.clock.Advance(time.Second)
	return w.post(author, append(change, func(p *coop.Post) { p.Title, p.Published = title, w.clock.Now() })...)
}

// shown writes entries as "title" or "title by name", newest first.
func shown(entries []coop.Entry) string {
	list := make([]string, len(entries))
	for i, e := range entries {
		list[i] = e.Post.Title
		if e.By != nil {
			list[i] += " by " + e.By.Name
		}
	}
	return strings.Join(list, ", ")
}

// answer makes a post answer another.
func answer(p *coop.Post) func(*coop.Post) { return func(r *coop.Post) { r.InReplyTo = p.IRI } }

// audience makes a post for some alone.
func audience(v coop.Visibility, to ...coop.IRI) func(*coop.Post) {
	return func(p *coop.Post) { p.Visibility, p.To = v, to }
}

// reading is a world with a reader who follows ana (of another server) and eva, and
// not the stranger.
type reading struct {
	*world
	me, ana, eva, stranger *coop.Account
}

// newReading fills a world.
func newReading(w *world) *reading {
	r := &reading{w, w.account("me", "", coop.Person), w.account("ana", "far.example", coop.Person), w.account("eva", "", coop.Person), w.account("stranger", "other.example", coop.Person)}
	w.follow(r.me, r.ana)
	w.follow(r.me, r.eva)
	return r
}

// do changes something.
func (r *reading) do(fn func(ctx context.Context, tx *storage.Tx) error) { r.Helper(); r.write(fn) }

// home checks what stands at home.
func (r *reading) home(want string) {
	r.Helper()
	entries, err := r.s.Home(r.Context(), r.me.ID, coop.Page{})
	if got := shown(must(r.world, entries, err)); got != want {
		r.Errorf("home is %q, want %q", got, want)
	}
}

// TestHome has a sentence for each rule of the home timeline.
func TestHome(t *testing.T) {
	storagetest.WithoutRace(t)
	for _, tt := range []struct {
		name string
		act  func(r *reading)
		want string
	}{
		{"own posts, those of who is followed, and no others", func(r *reading) {
			r.say(r.me, "mine")
			r.say(r.ana, "hers")
			r.say(r.stranger, "theirs")
		}, "hers, mine"},
		{"an asked follow is none", func(r *reading) {
			r.do(func(ctx context.Context, tx *storage.Tx) error {
				return tx.PutFollow(ctx, &coop.Follow{Follower: r.me, Target: r.stranger, State: coop.FollowAsked})
			})
			r.say(r.stranger, "theirs")
		}, ""},
		{"boosts by who is followed, and own", func(r *reading) {
			p, q := r.say(r.stranger, "one"), r.say(r.stranger, "two")
			r.boost(r.ana, p)
			r.boost(r.me, q)
		}, "two by me, one by ana"},
		{"no boosts where they are not wanted, but posts", func(r *reading) {
			r.do(func(ctx context.Context, tx *storage.Tx) error {
				return tx.SetFollowOptions(ctx, r.me.ID, r.ana.ID, coop.FollowOptions{})
			})
			r.say(r.ana, "hers")
			r.boost(r.ana, r.say(r.stranger, "one"))
		}, "hers"},
		{"only the languages that are wanted, and what says none", func(r *reading) {
			r.do(func(ctx context.Context, tx *storage.Tx) error {
				return tx.SetFollowOptions(ctx, r.me.ID, r.ana.ID, coop.FollowOptions{Boosts: true, Languages: []string{"es", "ca"}})
			})
			in := func(language string) func(*coop.Post) { return func(p *coop.Post) { p.Language = language } }
			r.say(r.ana, "spanish", in("es"))
			r.say(r.ana, "of argentina", in("es-AR"))
			r.say(r.ana, "english", in("en"))
			r.say(r.ana, "unsaid", in(""))
			r.boost(r.ana, r.say(r.stranger, "boosted english", in("en")))
			r.boost(r.ana, r.say(r.stranger, "boosted catalan", in("ca")))
		}, "boosted catalan by ana, unsaid, of argentina, spanish"},
		{"public posts with a followed hashtag, in any case and with accents", func(r *reading) {
			r.do(func(ctx context.Context, tx *storage.Tx) error {
				_, err := tx.FollowTag(ctx, r.me.ID, "CoopJobs")
				return err
			})
			tag := func(p *coop.Post) { p.Hashtags = []string{"coopjóbs", "x"} }
			r.say(r.stranger, "tagged", tag)
			r.say(r.stranger, "other")
			r.say(r.stranger, "unlisted", tag, audience(coop.VisibleUnlisted, coop.Public))
			r.say(r.ana, "hers too", tag)
		}, "hers too, tagged"},
		{"nothing of who is muted, not even boosted, until the mute ends", func(r *reading) {
			r.do(func(ctx context.Context, tx *storage.Tx) error {
				if err := tx.Mute(ctx, r.me.ID, r.stranger.ID, true, time.Time{}); err != nil {
					return err
				}
				return tx.Mute(ctx, r.me.ID, r.ana.ID, true, r.clock.Now().Add(time.Minute))
			})
			r.say(r.ana, "before")
			r.boost(r.eva, r.say(r.stranger, "muted"))
			r.boost(r.ana, r.say(r.eva, "by eva"))
			r.home("by eva")
			r.clock.Advance(2 * time.Minute)
		}, "by eva, before"},
		{"blocks in either direction, of authors and of who boosts", func(r *reading) {
			r.do(func(ctx context.Context, tx *storage.Tx) error {
				if err := tx.AddBlock(ctx, storage.Block{Blocker: r.stranger.ID, Target: r.me.ID}); err != nil {
					return err
				}
				return tx.AddBlock(ctx, storage.Block{Blocker: r.me.ID, Target: r.ana.ID})
			})
			r.boost(r.eva, r.say(r.stranger, "blocks me"))
			r.boost(r.ana, r.say(r.eva, "fine"))
			r.say(r.ana, "blocked")
		}, "fine"},
		{"nothing of a server that is shut out, nor what it boosts", func(r *reading) {
			r.do(func(ctx context.Context, tx *storage.Tx) error {
				return tx.AddServerBlock(ctx, r.me.ID, "other.example")
			})
			r.boost(r.eva, r.say(r.stranger, "shut out"))
			r.say(r.eva, "fine")
		}, "fine"},
		{"nobody of an exclusive list, others yes", func(r *reading) {
			r.do(func(ctx context.Context, tx *storage.Tx) error {
				l := &coop.List{Owner: r.me.ID, Title: "apart", Replies: coop.RepliesList, Exclusive: true}
				if err := tx.AddList(ctx, l); err != nil {
					return err
				}
				return tx.AddToList(ctx, r.me.ID, l.ID, []coop.ID{r.ana.ID})
			})
			r.say(r.ana, "apart")
			r.boost(r.ana, r.say(r.stranger, "apart too"))
			r.say(r.eva, "fine")
		}, "fine"},
		{"answers to whom the reader follows, to itself and the author's own; not to strangers or the unknown", func(r *reading) {
			theirs, hers, mine := r.say(r.stranger, "theirs"), r.say(r.ana, "hers"), r.say(r.me, "mine")
			r.say(r.eva, "to a stranger", answer(theirs))
			r.say(r.eva, "to ana", answer(hers))
			r.say(r.ana, "to herself", answer(hers))
			r.say(r.stranger, "stranger to me", answer(mine))
			r.say(r.eva, "to me", answer(mine))
			r.say(r.eva, "to nobody known", func(p *coop.Post) { p.InReplyTo = "https://gone.example/1" })
			r.say(r.me, "mine to a stranger", answer(theirs))
		}, "mine to a stranger, to me, to herself, to ana, mine, hers"},
		{"an answer to a stranger that somebody boosts", func(r *reading) {
			r.boost(r.ana, r.say(r.eva, "to a stranger", answer(r.say(r.stranger, "theirs"))))
		}, "to a stranger by ana"},
		{"followers' posts of whom the reader follows; neither direct ones nor drafts, own or not", func(r *reading) {
			r.say(r.ana, "for followers", audience(coop.VisibleFollowers, r.ana.Followers))
			r.say(r.ana, "direct", audience(coop.VisibleDirect, r.me.IRI))
			r.say(r.me, "my direct", audience(coop.VisibleDirect, r.ana.IRI))
			r.say(r.eva, "for members", audience(coop.VisibleMembers, r.ana.Members))
			draft := job("draft", func(j *coop.Job) { j.Status = coop.JobDraft })
			r.say(r.me, "my draft", draft)
			r.say(r.eva, "local", audience(coop.VisibleLocal))
		}, "local, for followers"},
		{"the post itself before its boosts, and of boosts the newest", func(r *reading) {
			r.boost(r.eva, r.say(r.ana, "hers"))
			p := r.say(r.stranger, "theirs")
			r.boost(r.ana, p)
			r.boost(r.eva, p)
		}, "theirs by eva, hers"},
		{"a job that a federation and a board announce is one line, by who announced it last", func(r *reading) {
			federation, board := r.account("sur", "", coop.Federation), r.account("jobs", "far.example", coop.Board)
			r.follow(r.me, federation)
			r.follow(r.me, board)
			p := r.say(r.stranger, "Baker", job("Baker"))
			r.boost(federation, p)
			r.boost(board, p)
			r.boost(board, r.say(r.stranger, "Weaver", job("Weaver")))
		}, "Weaver by jobs, Baker by jobs"},
		{"nothing of who was suspended, of a blocked server or of a withdrawn post", func(r *reading) {
			r.boost(r.eva, r.say(r.stranger, "suspended"))
			r.say(r.ana, "blocked")
			p := r.say(r.eva, "withdrawn")
			r.do(func(ctx context.Context, tx *storage.Tx) error {
				if err := tx.SuspendAccount(ctx, r.stranger.ID, r.clock.Now()); err != nil {
					return err
				}
				if err := tx.PutPeer(ctx, &coop.Peer{Host: "far.example", Policy: coop.PolicyBlock}); err != nil {
					return err
				}
				return tx.RemovePost(ctx, p.IRI, r.eva.IRI, r.clock.Now())
			})
		}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			eachWorld(t, func(w *world) {
				r := newReading(w)
				tt.act(r)
				r.home(tt.want)
				w.sound()
			})
		})
	}
}

// TestHomePages walks through a home in pages of any size, down and up, and compares
// with what was written; a crowd in between makes the newest rows of all say little,
// and some of the newest posts are withdrawn.
func TestHomePages(t *testing.T) {
	eachWorld(t, func(w *world) {
		me, want := w.crowdedHome()
		for _, limit := range []int{1, 7, 20, 100} {
			if diff := cmp.Diff(want, w.walkHome(me, limit, false)); diff != "" {
				w.Errorf("down by %d:\n%s", limit, diff)
			}
			if diff := cmp.Diff(want, w.walkHome(me, limit, true)); diff != "" {
				w.Errorf("up by %d:\n%s", limit, diff)
			}
		}
		page := coop.Page{Since: want[30], Limit: 10}
		if got := ids(mustHome(w, me, page)); !slices.Equal(got, want[:10]) {
			w.Errorf("since gives %v, want the newest: %v", got, want[:10])
		}
		page = coop.Page{Min: want[30], Max: want[10], Limit: 5}
		if got := ids(mustHome(w, me, page)); !slices.Equal(got, want[25:30]) {
			w.Errorf("between gives %v, want %v", got, want[25:30])
		}
	})
}

// crowdedHome makes a reader and what it reads, newest first.
func (w *world) crowdedHome() (me *coop.Account, want []coop.ID) {
	random := rand.New(rand.NewPCG(7, 7)) //nolint:gosec // a test that can be run again
	me, crowd := w.account("me", "", coop.Person), w.account("crowd", "crowd.example", coop.Person)
	var authors []*coop.Account
	for i := range 12 {
		authors = append(authors, w.account(fmt.Sprintf("a%d", i), "far.example", coop.Person))
		w.follow(me, authors[i])
	}
	for range 60 {
		author := authors[min(random.IntN(12), random.IntN(12))]
		if random.IntN(3) == 0 {
			want = append(want, w.boost(author, w.say(crowd, "theirs")))
		} else {
			want = append(want, w.say(author, "own").ID)
		}
	}
	slices.Reverse(want)
	w.write(func(ctx context.Context, tx *storage.Tx) error {
		for range 700 {
			if _, err := tx.AddPost(ctx, w.newPost(crowd, func(p *coop.Post) { p.Published = w.clock.Now().Add(-20 * time.Second) }), storage.Arrival{}); err != nil {
				return err
			}
		}
		return nil
	})
	w.withdrawNewest(authors)
	return me, want
}

// withdrawNewest makes each author withdraw a newest post.
func (w *world) withdrawNewest(authors []*coop.Account) {
	for _, author := range authors {
		p := w.say(author, "withdrawn")
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			return tx.RemovePost(ctx, p.IRI, author.IRI, w.clock.Now())
		})
	}
}

// mustHome is a page of a home.
func mustHome(w *world, me *coop.Account, page coop.Page) []coop.Entry {
	w.Helper()
	entries, err := w.s.Home(w.Context(), me.ID, page)
	return must(w, entries, err)
}

// ids are the ids of entries.
func ids(entries []coop.Entry) []coop.ID {
	list := make([]coop.ID, len(entries))
	for i, e := range entries {
		list[i] = e.ID
	}
	return list
}

// walkHome reads a home page by page, from the top or from the bottom.
func (w *world) walkHome(me *coop.Account, limit int, up bool) (all []coop.ID) {
	w.Helper()
	page := coop.Page{Limit: limit}
	if up {
		page.Min = 1
	}
	for {
		part := ids(mustHome(w, me, page))
		if len(part) == 0 {
			return all
		}
		if up {
			all, page.Min = append(part, all...), part[0]
		} else {
			all, page.Max = append(all, part...), part[len(part)-1]
		}
	}
}
