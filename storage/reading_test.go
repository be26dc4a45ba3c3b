// SPDX-License-Identifier: AGPL-3.0-or-later

package storage_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"minga/coop"
	"minga/storage"
)

// posts writes titles, newest first, with a comma between.
func posted(list []*coop.Post) string { return strings.Join(titles(list), ", ") }

// same complains where two texts differ.
func (w *world) same(name, got, want string) {
	w.Helper()
	if got != want {
		w.Errorf("%s: %q, want %q", name, got, want)
	}
}

// TestListTimeline: only members of the list, by its rule for answers.
func TestListTimeline(t *testing.T) {
	eachWorld(t, func(w *world) {
		r := newReading(w)
		theirs := r.say(r.stranger, "theirs")
		evas, anas := r.say(r.eva, "eva's"), r.say(r.ana, "ana's")
		r.say(r.ana, "to a stranger", answer(theirs))
		r.say(r.ana, "to eva", answer(evas))
		r.say(r.ana, "to herself", answer(anas))
		r.boost(r.ana, theirs)
		l := &coop.List{Owner: r.me.ID, Title: "x", Exclusive: true}
		for replies, want := range map[coop.ListReplies]string{
			coop.RepliesFollowed: "theirs by ana, to herself, to eva, ana's",
			coop.RepliesList:     "theirs by ana, to herself, ana's",
			coop.RepliesNone:     "theirs by ana, to herself, ana's",
		} {
			r.do(func(ctx context.Context, tx *storage.Tx) error {
				l.ID, l.Replies = 0, replies
				if err := tx.AddList(ctx, l); err != nil {
					return err
				}
				return tx.AddToList(ctx, r.me.ID, l.ID, []coop.ID{r.ana.ID})
			})
			entries, err := w.s.ListTimeline(w.Context(), r.me.ID, l.ID, coop.Page{})
			w.same(string(replies), shown(must(w, entries, err)), want)
			_, err = w.s.ListTimeline(w.Context(), r.eva.ID, l.ID, coop.Page{})
			w.wants(err, coop.ErrNotFound)
		}
		r.do(func(ctx context.Context, tx *storage.Tx) error {
			if err := tx.AddToList(ctx, r.me.ID, l.ID, []coop.ID{r.eva.ID}); err != nil {
				return err
			}
			l.Replies = coop.RepliesList
			return tx.SaveList(ctx, l)
		})
		entries, err := w.s.ListTimeline(w.Context(), r.me.ID, l.ID, coop.Page{})
		w.same("both in the list", shown(must(w, entries, err)), "theirs by ana, to herself, to eva, ana's, eva's")
	})
}

// TestPublicTimelines: what everybody reads, and what a reader took out for itself.
func TestPublicTimelines(t *testing.T) {
	eachWorld(t, func(w *world) {
		r := newReading(w)
		photo := func(p *coop.Post) { p.Attachments = []coop.Attachment{{Type: "Image", URL: "https://x.example/1.png"}} }
		first := r.say(r.ana, "ana's", photo)
		r.say(r.eva, "eva's", func(p *coop.Post) { p.Attachments = []coop.Attachment{{Type: "Link", URL: "https://x.example/"}} })
		r.say(r.eva, "unlisted", audience(coop.VisibleUnlisted, coop.Public))
		r.say(r.eva, "followers", audience(coop.VisibleFollowers, r.eva.Followers))
		r.say(r.eva, "an answer", answer(first))
		r.say(r.eva, "draft", job("draft", func(j *coop.Job) { j.Status = coop.JobDraft }))
		r.say(r.stranger, "stranger's")
		read := func(v coop.Viewer, q storage.PublicQuery) string {
			w.Helper()
			list, err := w.s.PublicTimeline(w.Context(), v, q, coop.Page{})
			return posted(must(w, list, err))
		}
		w.same("anybody", read(coop.Anonymous(), storage.PublicQuery{}), "stranger's, eva's, ana's")
		w.same("local", read(coop.Anonymous(), storage.PublicQuery{Local: true}), "eva's")
		w.same("remote", read(coop.Anonymous(), storage.PublicQuery{Remote: true}), "stranger's, ana's")
		w.same("media", read(coop.Anonymous(), storage.PublicQuery{OnlyMedia: true}), "ana's")
		r.do(func(ctx context.Context, tx *storage.Tx) error {
			if err := tx.AddServerBlock(ctx, r.me.ID, "other.example"); err != nil {
				return err
			}
			return tx.Mute(ctx, r.me.ID, r.eva.ID, false, time.Time{})
		})
		w.same("reader", read(coop.As(r.me.ID), storage.PublicQuery{}), "ana's")
		w.same("others", read(coop.As(r.eva.ID), storage.PublicQuery{}), "stranger's, eva's, ana's")
		first.Attachments, first.Updated = nil, w.clock.Now()
		r.do(func(ctx context.Context, tx *storage.Tx) error {
			_, err := tx.UpdatePost(ctx, first, storage.Arrival{})
			return err
		})
		w.same("media after an edit", read(coop.Anonymous(), storage.PublicQuery{OnlyMedia: true}), "")
	})
}

// TestTagTimeline: hashtags in any case and with any accents, put together.
func TestTagTimeline(t *testing.T) {
	eachWorld(t, func(w *world) {
		r := newReading(w)
		tagged := func(tags ...string) func(*coop.Post) { return func(p *coop.Post) { p.Hashtags = tags } }
		root := r.say(r.ana, "one", tagged("Cooperación", "a"))
		r.say(r.eva, "two", tagged("cooperacion", "b"), answer(root))
		r.say(r.eva, "three", tagged("COOPERACIÓN", "a", "b"))
		r.say(r.ana, "four", tagged("other"))
		r.say(r.ana, "hidden", tagged("cooperacion"), audience(coop.VisibleUnlisted, coop.Public))
		read := func(q storage.TagQuery, page coop.Page) string {
			w.Helper()
			list, err := w.s.TagTimeline(w.Context(), coop.Anonymous(), q, page)
			return posted(must(w, list, err))
		}
		w.same("one", read(storage.TagQuery{Tag: "#cooperación"}, coop.Page{}), "three, two, one")
		w.same("all", read(storage.TagQuery{Tag: "cooperacion", All: []string{"A", "b"}}, coop.Page{}), "three")
		w.same("none", read(storage.TagQuery{Tag: "cooperacion", None: []string{"b"}}, coop.Page{}), "one")
		w.same("any", read(storage.TagQuery{Tag: "a", Any: []string{"OTHER", "b"}}, coop.Page{}), "four, three, two, one")
		w.same("local", read(storage.TagQuery{Tag: "cooperacion", PublicQuery: storage.PublicQuery{Local: true}}, coop.Page{}), "three, two")
		w.same("a page", read(storage.TagQuery{Tag: "a", Any: []string{"other", "b"}}, coop.Page{Min: root.ID, Limit: 2}), "three, two")
		w.same("no hashtag", read(storage.TagQuery{Tag: "#!"}, coop.Page{}), "")
	})
}

// TestAccountTimeline: posts and boosts of one account, as the viewer may see them.
func TestAccountTimeline(t *testing.T) {
	eachWorld(t, func(w *world) {
		r := newReading(w)
		theirs := r.say(r.stranger, "theirs")
		own := r.say(r.ana, "own", func(p *coop.Post) { p.Hashtags = []string{"x"} })
		r.say(r.ana, "to herself", answer(own))
		r.say(r.ana, "to a stranger", answer(theirs))
		r.say(r.ana, "for followers", audience(coop.VisibleFollowers, r.ana.Followers))
		r.say(r.ana, "photo", func(p *coop.Post) { p.Attachments = []coop.Attachment{{Type: "Video", URL: "https://x.example/1"}} })
		r.boost(r.ana, theirs)
		read := func(v coop.Viewer, q storage.AccountQuery, page coop.Page) string {
			w.Helper()
			list, err := w.s.AccountTimeline(w.Context(), v, r.ana.ID, q, page)
			return shown(must(w, list, err))
		}
		w.same("anybody", read(coop.Anonymous(), storage.AccountQuery{}, coop.Page{}), "theirs by ana, photo, to a stranger, to herself, own")
		w.same("follower", read(coop.As(r.me.ID), storage.AccountQuery{NoBoosts: true, NoReplies: true}, coop.Page{}), "photo, for followers, to herself, own")
		w.same("media", read(coop.Anonymous(), storage.AccountQuery{OnlyMedia: true}, coop.Page{}), "photo")
		w.same("tag", read(coop.Anonymous(), storage.AccountQuery{Tag: "X"}, coop.Page{}), "own")
		w.same("page", read(coop.Anonymous(), storage.AccountQuery{}, coop.Page{Min: own.ID, Limit: 2}), "to a stranger, to herself")
		r.do(func(ctx context.Context, tx *storage.Tx) error {
			return tx.AddBlock(ctx, storage.Block{Blocker: r.ana.ID, Target: r.eva.ID})
		})
		w.same("blocked", read(coop.As(r.eva.ID), storage.AccountQuery{}, coop.Page{}), "")
	})
}

// TestThread: above from the root, below branch by branch, without what is hidden.
func TestThread(t *testing.T) {
	eachWorld(t, func(w *world) {
		r := newReading(w)
		root := r.say(r.stranger, "root")
		a := r.say(r.ana, "a", answer(root))
		b := r.say(r.eva, "b", answer(root))
		a1 := r.say(r.me, "a1", answer(a))
		r.say(r.ana, "b1", answer(b))
		r.say(r.eva, "a1x", answer(a1))
		r.say(r.stranger, "a2", answer(a))
		hidden := r.say(r.eva, "hidden", answer(a), audience(coop.VisibleFollowers, r.eva.Followers))
		under := r.say(r.stranger, "under hidden", answer(hidden))
		read := func(v coop.Viewer, p *coop.Post, bounds storage.ThreadBounds) string {
			w.Helper()
			above, below, err := w.s.Thread(w.Context(), v, p.ID, bounds)
			if err != nil {
				w.Fatal(err)
			}
			return posted(above) + " | " + posted(below)
		}
		whole := storage.ThreadBounds{Above: 4096, Below: 4096, Depth: 4096}
		w.same("from the root", read(coop.Anonymous(), root, whole), " | a, a1, a1x, a2, under hidden, b, b1")
		w.same("in the middle", read(coop.Anonymous(), a1, whole), "root, a | a1x")
		w.same("under what is hidden", read(coop.Anonymous(), under, whole), " | ")
		w.same("as a follower", read(coop.As(r.me.ID), under, whole), "root, a, hidden | ")
		w.same("bounds", read(coop.Anonymous(), root, storage.ThreadBounds{Above: 1, Below: 3, Depth: 1}), " | a, b")
		w.same("few above", read(coop.Anonymous(), a1, storage.ThreadBounds{Above: 1}), "a | ")
		r.do(func(ctx context.Context, tx *storage.Tx) error {
			return tx.Mute(ctx, r.me.ID, r.ana.ID, false, time.Time{})
		})
		w.same("muted", read(coop.As(r.me.ID), a1, whole), "root | a1x")
	})
}

// TestMarked: favourites and bookmarks in the order in which they were given, and who
// gave them.
func TestMarked(t *testing.T) {
	eachWorld(t, func(w *world) {
		r := newReading(w)
		one, two, three := r.say(r.ana, "one"), r.say(r.eva, "two"), r.say(r.stranger, "three")
		for _, p := range []*coop.Post{three, one, two} {
			w.clock.Advance(time.Second)
			r.do(func(ctx context.Context, tx *storage.Tx) error {
				if err := tx.Bookmark(ctx, r.me.ID, p.ID); err != nil {
					return err
				}
				_, err := tx.React(ctx, storage.Reaction{Kind: storage.Like, Actor: r.me.ID, Post: p.ID, At: w.clock.Now()})
				return err
			})
		}
		for name, list := range map[string]func(context.Context, coop.ID, coop.Page) (storage.Marked, error){"liked": w.s.Liked, "bookmarked": w.s.Bookmarked} {
			m, err := list(w.Context(), r.me.ID, coop.Page{})
			w.same(name, posted(must(w, m, err).Posts), "two, one, three")
			next, err := list(w.Context(), r.me.ID, coop.Page{Max: m.First, Limit: 1})
			w.same(name+", next page", posted(must(w, next, err).Posts), "one")
			if next.First != next.Last || next.First <= m.Last || next.First >= m.First {
				w.Errorf("%s: the page of one is from %d to %d within %d and %d", name, next.First, next.Last, m.First, m.Last)
			}
			others, err := list(w.Context(), r.eva.ID, coop.Page{})
			w.same(name+" by others", posted(must(w, others, err).Posts), "")
		}
		r.boost(r.eva, one)
		r.boost(r.stranger, one)
		who := func(v coop.Viewer) string {
			w.Helper()
			list, err := w.s.ReactorsOf(w.Context(), v, one.ID, storage.Boost, coop.Page{})
			names := make([]string, 0, 2)
			for _, a := range must(w, list, err).Accounts {
				names = append(names, a.Name)
			}
			return strings.Join(names, ", ")
		}
		w.same("boosted by", who(coop.Anonymous()), "stranger, eva")
		r.do(func(ctx context.Context, tx *storage.Tx) error {
			return tx.AddBlock(ctx, storage.Block{Blocker: r.stranger.ID, Target: r.me.ID})
		})
		w.same("boosted by, blocked", who(coop.As(r.me.ID)), "eva")
		secret := r.say(r.eva, "secret", audience(coop.VisibleDirect, r.ana.IRI))
		_, err := w.s.ReactorsOf(w.Context(), coop.As(r.me.ID), secret.ID, storage.Like, coop.Page{})
		if !errors.Is(err, coop.ErrNotFound) {
			w.Errorf("of a hidden post: %v", err)
		}
	})
}

// TestConversations: one for each thread of direct posts, for those who are in it.
func TestConversations(t *testing.T) {
	eachWorld(t, func(w *world) {
		r := newReading(w)
		read := func(who *coop.Account) string {
			w.Helper()
			list, err := w.s.Conversations(w.Context(), who.ID, coop.Page{})
			var out []string
			for _, c := range must(w, list, err) {
				line := c.Last.Title
				for _, a := range c.Accounts {
					line += " " + a.Name
				}
				if c.Unread {
					line += " (new)"
				}
				out = append(out, line)
			}
			return strings.Join(out, "; ")
		}
		first := r.say(r.ana, "first", audience(coop.VisibleDirect, r.me.IRI))
		w.same("it came", read(r.me), "first ana (new)")
		reply := r.say(r.me, "reply", audience(coop.VisibleDirect, r.ana.IRI, r.eva.IRI), answer(first))
		w.same("answered", read(r.me), "reply ana eva")
		w.same("to eva", read(r.eva), "reply me ana (new)")
		w.same("not of this instance", read(r.ana), "")
		r.say(r.stranger, "other", audience(coop.VisibleDirect, r.me.IRI))
		w.same("two", read(r.me), "other stranger (new); reply ana eva")
		list, _ := w.s.Conversations(w.Context(), r.me.ID, coop.Page{})
		r.do(func(ctx context.Context, tx *storage.Tx) error { return tx.ReadConversation(ctx, r.me.ID, list[0].ID) })
		w.same("read", read(r.me), "other stranger; reply ana eva")
		err := w.try(func(ctx context.Context, tx *storage.Tx) error { return tx.ReadConversation(ctx, r.eva.ID, list[0].ID) })
		w.wants(err, coop.ErrNotFound)
		err = w.try(func(ctx context.Context, tx *storage.Tx) error {
			return tx.RemoveConversation(ctx, r.eva.ID, list[0].ID)
		})
		w.wants(err, coop.ErrNotFound)
		r.do(func(ctx context.Context, tx *storage.Tx) error {
			return tx.RemoveConversation(ctx, r.me.ID, list[0].ID)
		})
		w.same("removed", read(r.me), "reply ana eva")
		r.do(func(ctx context.Context, tx *storage.Tx) error {
			return tx.RemovePost(ctx, reply.IRI, r.me.IRI, w.clock.Now())
		})
		w.same("the last was withdrawn", read(r.me), "first ana")
		w.same("all was withdrawn", read(r.eva), "")
		r.do(func(ctx context.Context, tx *storage.Tx) error {
			return tx.AddBlock(ctx, storage.Block{Blocker: r.me.ID, Target: r.ana.ID})
		})
		w.same("blocked", read(r.me), "")
		w.sound()
	})
}

// TestConversationsMeet: answers came before what they answer, so that there were two.
func TestConversationsMeet(t *testing.T) {
	eachWorld(t, func(w *world) {
		r := newReading(w)
		direct := audience(coop.VisibleDirect, r.me.IRI)
		root := r.say(r.ana, "root", direct)
		middle := w.newPost(r.ana, direct, answer(root))
		w.clock.Advance(time.Minute)
		r.say(r.ana, "late", direct, answer(middle))
		list, err := w.s.Conversations(w.Context(), r.me.ID, coop.Page{})
		if must(w, list, err); len(list) != 2 {
			w.Fatalf("%d conversations before the middle came", len(list))
		}
		w.add(middle, storage.Arrival{})
		list, err = w.s.Conversations(w.Context(), r.me.ID, coop.Page{})
		if must(w, list, err); len(list) != 1 || list[0].Last.Title != "late" {
			w.Errorf("%d conversations, want one", len(list))
		}
	})
}

// TestTrends: what many use and boost in a week.
func TestTrends(t *testing.T) {
	eachWorld(t, func(w *world) {
		r := newReading(w)
		tagged := func(tags ...string) func(*coop.Post) { return func(p *coop.Post) { p.Hashtags = tags } }
		old := r.say(r.ana, "old", tagged("old"))
		r.boost(r.eva, old)
		w.clock.Advance(8 * 24 * time.Hour)
		one, two := r.say(r.ana, "one", tagged("Café", "x")), r.say(r.eva, "two", tagged("cafe"))
		r.say(r.stranger, "not followed", tagged("y"))
		r.say(r.eva, "hidden", tagged("z"), audience(coop.VisibleFollowers, r.eva.Followers))
		tags, err := w.s.TrendingTags(w.Context(), coop.Anonymous(), 10, 0)
		var names []string
		for _, tag := range must(w, tags, err) {
			names = append(names, tag.Tag)
		}
		w.same("tags", strings.Join(names, ", "), "cafe, x")
		r.boost(r.me, two)
		r.boost(r.eva, one)
		r.boost(r.me, one)
		list, err := w.s.TrendingPosts(w.Context(), coop.Anonymous(), 10, 0)
		w.same("posts", posted(must(w, list, err)), "one, two")
		w.clock.Advance(24 * time.Hour)
		r.say(r.eva, "three", tagged("cafe"))
		history, err := w.s.TagHistory(w.Context(), []string{"Café", "nothing"})
		must(w, history, err)
		var uses []int
		for _, day := range history["cafe"] {
			uses = append(uses, day.Uses, day.Accounts)
		}
		if want := []int{1, 1, 2, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}; !slices.Equal(uses, want) {
			w.Errorf("uses and accounts by day are %v, want %v", uses, want)
		}
		if len(history["nothing"]) != 7 {
			w.Errorf("an unknown hashtag has %d days", len(history["nothing"]))
		}
	})
}
