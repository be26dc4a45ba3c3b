// SPDX-License-Identifier: AGPL-3.0-or-later

package storage_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"minga/coop"
	"minga/storage"
	"minga/storage/storagetest"
)

// sight is a read that may show a post: it gives the ids that it shows.
type sight struct {
	name string
	read func(ctx context.Context, v coop.Viewer, s *outlook) ([]coop.ID, error)
	// all: it shows whatever the viewer may see that is published.
	all bool
}

// outlook is what the reads are asked about.
type outlook struct {
	w       *world
	author  *coop.Account
	booster *coop.Account // whom the viewer follows, and who boosts each post
	root    *coop.Post    // which each post quotes, and all but the public answer
	now     *coop.Post    // the post that is looked for
}

// idsOfPosts and idsOfEntries are what a read showed.
func idsOfPosts(posts []*coop.Post, err error) ([]coop.ID, error) {
	list := make([]coop.ID, len(posts))
	for i, p := range posts {
		list[i] = p.ID
	}
	return list, err
}

func idsOfEntries(entries []coop.Entry, err error) ([]coop.ID, error) {
	list := make([]coop.ID, len(entries))
	for i, e := range entries {
		list[i] = e.Post.ID
	}
	return list, err
}

// most is a page of all that these scenes hold.
var most = coop.Page{Limit: 1000}

// sights are the reads of timelines, threads, lists and searches.
var sights = []sight{
	{"home", func(ctx context.Context, v coop.Viewer, s *outlook) ([]coop.ID, error) {
		return idsOfEntries(s.w.s.Home(ctx, v.Account, most))
	}, false},
	{"public", func(ctx context.Context, v coop.Viewer, s *outlook) ([]coop.ID, error) {
		return idsOfPosts(s.w.s.PublicTimeline(ctx, v, storage.PublicQuery{}, most))
	}, false},
	{"hashtag", func(ctx context.Context, v coop.Viewer, s *outlook) ([]coop.ID, error) {
		return idsOfPosts(s.w.s.TagTimeline(ctx, v, storage.TagQuery{Tag: "bread"}, most))
	}, false},
	{"account", func(ctx context.Context, v coop.Viewer, s *outlook) ([]coop.ID, error) {
		return idsOfEntries(s.w.s.AccountTimeline(ctx, v, s.author.ID, storage.AccountQuery{}, most))
	}, true},
	{"boosts of an account", func(ctx context.Context, v coop.Viewer, s *outlook) ([]coop.ID, error) {
		return idsOfEntries(s.w.s.AccountTimeline(ctx, v, s.booster.ID, storage.AccountQuery{}, most))
	}, false},
	{"thread", func(ctx context.Context, v coop.Viewer, s *outlook) ([]coop.ID, error) {
		_, below, err := s.w.s.Thread(ctx, v, s.root.ID, storage.ThreadBounds{Above: 9, Below: 4096, Depth: 9})
		return idsOfPosts(below, err)
	}, false},
	{"quotes", func(ctx context.Context, v coop.Viewer, s *outlook) ([]coop.ID, error) {
		return idsOfPosts(s.w.s.Quotes(ctx, v, s.root, most))
	}, true},
	{"likes", func(ctx context.Context, v coop.Viewer, s *outlook) ([]coop.ID, error) {
		if _, err := s.w.s.ReactorsOf(ctx, v, s.now.ID, storage.Like, most); err != nil {
			return nil, nil //nolint:nilerr // hidden
		}
		return []coop.ID{s.now.ID}, nil
	}, false},
	{"by id", func(ctx context.Context, v coop.Viewer, s *outlook) ([]coop.ID, error) {
		return idsOfEntries(s.w.s.Entries(ctx, v, []coop.ID{s.now.ID}))
	}, false},
	{"search", func(ctx context.Context, v coop.Viewer, s *outlook) ([]coop.ID, error) {
		q, err := coop.ParseTextQuery("panaderia")
		if err != nil {
			return nil, err
		}
		return idsOfPosts(s.w.s.SearchPosts(ctx, v, storage.PostSearch{Text: q, Page: most}))
	}, false},
	{"trends", func(ctx context.Context, v coop.Viewer, s *outlook) ([]coop.ID, error) {
		return idsOfPosts(s.w.s.TrendingPosts(ctx, v, 1000, 0))
	}, false},
	{"conversations", func(ctx context.Context, v coop.Viewer, s *outlook) ([]coop.ID, error) {
		list, err := s.w.s.Conversations(ctx, v.Account, most)
		var ids []coop.ID
		for _, c := range list {
			ids = append(ids, c.Last.ID)
		}
		return ids, err
	}, false},
	{"bookmarks", func(ctx context.Context, v coop.Viewer, s *outlook) ([]coop.ID, error) {
		m, err := s.w.s.Bookmarked(ctx, v.Account, most)
		return idsOfPosts(m.Posts, err)
	}, false},
}

// TestReadsShowWhatTheRuleAllows asks every read as every kind of viewer in every state
// of author and post: nothing that coop.MaySee denies is shown anywhere.
func TestReadsShowWhatTheRuleAllows(t *testing.T) {
	storagetest.WithoutRace(t)
	eachWorld(t, func(w *world) {
		cells, shown := 0, map[string]int{}
		for _, state := range states {
			c := w.lookAround(state, shown)
			cells += c
		}
		if cells < 5000 {
			w.Errorf("only %d cells", cells)
		}
		for _, s := range sights {
			if shown[s.name] == 0 {
				w.Errorf("%s never showed a post", s.name)
			}
		}
	})
}

// lookAround asks every read about one author in one state.
func (w *world) lookAround(state string, shown map[string]int) (cells int) {
	w.Helper()
	cases, run := viewerCases(), fmt.Sprintf("look-%d", w.n)
	author, federation := w.account("author-"+run, "", coop.Coop), w.account("federation-"+run, "", coop.Federation)
	if state == "author's domain blocked" {
		author = w.account("author-"+run, "author-"+run+".example", coop.Coop)
	}
	s := &outlook{w: w, author: author, booster: w.account("booster-"+run, "", coop.Person)}
	s.root = w.post(w.account("root-"+run, "", coop.Person))
	viewers := make([]*coop.Account, len(cases))
	for i, c := range cases {
		if viewers[i] = w.viewer(run, i, c, author, federation); viewers[i] != nil && viewers[i] != author && viewers[i].Local {
			w.follow(viewers[i], s.booster)
		}
	}
	posts := w.lookedAt(s, federation, cases, viewers, state)
	w.reach(state, author, posts)
	for i, c := range cases {
		if c.class == coop.ViewerSystem || c.class == coop.ViewerRemoteHost {
			continue
		}
		cells += w.look(s, state, c, viewers[i], posts, shown)
	}
	return cells
}

// lookedAt makes one post for each audience, which everybody named, liked, kept and
// boosted while that was possible.
func (w *world) lookedAt(s *outlook, federation *coop.Account, cases []viewerCase, viewers []*coop.Account, state string) map[coop.Visibility]*coop.Post {
	w.Helper()
	posts := w.audiences(s.author, federation, cases, viewers, state)
	for audience, p := range posts {
		q := w.newPost(s.author, job("panadería", func(j *coop.Job) {
			if state == "draft" {
				j.Status = coop.JobDraft
			}
		}))
		q.Visibility, q.To, q.Cc, q.Hashtags = p.Visibility, p.To, p.Cc, []string{"bread"}
		if q.Quote = s.root.IRI; audience != coop.VisiblePublic {
			q.InReplyTo = s.root.IRI // public timelines have no answers
		}
		w.add(q, storage.Arrival{})
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			if _, err := tx.React(ctx, storage.Reaction{Kind: storage.Boost, Actor: s.booster.ID, Post: q.ID, At: w.clock.Now()}); err != nil {
				return err
			}
			for _, a := range viewers {
				if a == nil || !a.Local {
					continue
				}
				if err := tx.Bookmark(ctx, a.ID, q.ID); err != nil {
					return err
				}
			}
			return nil
		})
		posts[audience] = q
	}
	return posts
}

// look asks every read as one viewer about every post.
func (w *world) look(s *outlook, state string, c viewerCase, a *coop.Account, posts map[coop.Visibility]*coop.Post, shown map[string]int) (cells int) {
	w.Helper()
	v := coop.Viewer{Class: c.class}
	if a != nil {
		v.Account, v.Host = a.ID, a.IRI.Host()
	}
	for audience, p := range posts {
		may := coop.MaySee(v, audience, coop.Relation{
			Author: c.author, Named: c.named, Follows: c.follows, Member: c.member,
			Blocked:       c.blocks || c.blocked || c.domainBlocked || state == "author's domain blocked",
			AuthorGone:    state == "author suspended" || state == "author deleted",
			Withdrawn:     state == "withdrawn",
			DraftOrFrozen: state == "draft" || state == "frozen",
		})
		s.now = p
		for _, sight := range sights {
			if v.Class != coop.ViewerAccount && slices.Contains([]string{"home", "conversations", "bookmarks"}, sight.name) {
				continue
			}
			ids, err := sight.read(w.Context(), v, s)
			if err != nil {
				w.Fatalf("%s: %v", sight.name, err)
			}
			is := slices.Contains(ids, p.ID)
			if is && !may || sight.all && may && !is && state != "draft" {
				w.Errorf("%s, %s, %s by %s: shown %t, the rule says %t", sight.name, state, audience, c.name, is, may)
			}
			if is {
				shown[sight.name]++
			}
			cells++
		}
	}
	return cells
}
