// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// PostQuery says which posts are wanted. Empty fields do not narrow.
type PostQuery struct {
	Authors   []coop.ID       // by one of these, 500 at most
	Kinds     []coop.PostKind // of one of these kinds
	LocalOnly bool            // of authors of this instance
	Listed    bool            // public ones only, as in lists, feeds and search
	InReplyTo coop.ID         // direct replies to this post
	NoReplies bool            // only posts that answer nothing
	Thread    coop.IRI        // of this thread
	Hashtag   string          // without #, in any case
	Via       coop.ID         // brought or boosted by this federation or board
	Since     time.Time       // published at or after
	OpenJobs  bool            // leaves out jobs that are not open, and copies of a job
	Drafts    bool            // only what is not published yet; of others nobody sees any
	// EndsBefore is of jobs alone: those that end before it, and after now.
	EndsBefore time.Time
	Cites      coop.IRI // articles that name this in their citations
	Original   coop.IRI // translations of this article
	Room       coop.ID  // written to the members of this organization, in the room of a team
}

// matching is the condition of a query about posts that the viewer may see.
func (r reader) matching(a *args, v coop.Viewer, q PostQuery) string {
	where := []string{r.visible(a, v)}
	and := func(wanted bool, condition func() string) {
		if wanted {
			where = append(where, condition())
		}
	}
	and(len(q.Authors) > 0, func() string { return "p.author_id IN " + in(a, numbers(q.Authors[:min(len(q.Authors), mostIn)])) })
	and(len(q.Kinds) > 0, func() string { return "p.kind IN " + in(a, texts(q.Kinds)) })
	and(q.LocalOnly, func() string { return "p.local" })
	and(q.Room != 0, func() string { return "p.members_of = " + a.add(int64(q.Room)) })
	and(q.Listed, func() string { return r.listed(a) })
	and(q.InReplyTo != 0, func() string { return "p.in_reply_to_id <> 0 AND p.in_reply_to_id = " + a.add(int64(q.InReplyTo)) })
	and(q.NoReplies, func() string { return "p.in_reply_to = ''" })
	and(q.Thread != "", func() string { return "p.thread = " + a.add(cleanText(string(q.Thread))) })
	and(q.Hashtag != "", func() string {
		return "p.id IN (SELECT h.post_id FROM post_hashtags h WHERE h.tag = " + a.add(foldTag(q.Hashtag)) + ")"
	})
	and(q.Via != 0, func() string { return broughtBy(a.add(int64(q.Via))) })
	and(!q.Since.IsZero(), func() string { return "p.published_at >= " + a.add(msOf(q.Since)) })
	and(q.Drafts, func() string { return "p.draft" })
	and(!q.EndsBefore.IsZero(), func() string {
		return "j.valid_through > " + a.add(msOf(r.e.now())) + " AND j.valid_through < " + a.add(msOf(q.EndsBefore))
	})
	and(q.Cites != "", func() string { return hasArticleFacet(a, "citation", []string{string(q.Cites)}) })
	and(q.Original != "", func() string {
		return "t.translation_of <> '' AND t.translation_of = " + a.add(cleanText(string(q.Original))) + " AND t.status = 'published'"
	})
	and(q.OpenJobs, func() string { return "(p.kind <> 'job' OR j.status = 'open' AND j.duplicate_of = 0)" })
	return strings.Join(where, " AND ")
}

// broughtBy is the condition that an account brought a post here, or boosts it.
func broughtBy(account string) string {
	return fmt.Sprintf(`p.id IN (
		SELECT w.post_id FROM post_paths w
		WHERE w.via = %[1]s AND w.ended_at = 0 AND w.how = 'announce'
		UNION
		SELECT x.post_id FROM reactions x
		WHERE x.actor_id = %[1]s AND x.kind = 'boost')`, account)
}

// complete fills in authors, paths, counts, polls and slots of a page of posts, each by
// one statement.
func (r reader) complete(ctx context.Context, v coop.Viewer, posts []*coop.Post) error {
	for part := range slices.Chunk(posts, mostIn) {
		for _, fill := range []func(context.Context, coop.Viewer, []*coop.Post) error{r.fillAuthors, r.fillPaths, r.fillCounts, r.fillPolls, r.fillSlots} {
			if err := fill(ctx, v, part); err != nil {
				return err
			}
		}
	}
	return nil
}

// postIDs are the ids of posts.
func postIDs(posts []*coop.Post) []coop.ID {
	ids := make([]coop.ID, len(posts))
	for i, p := range posts {
		ids[i] = p.ID
	}
	return ids
}

// fillAuthors gives each post its author.
func (r reader) fillAuthors(ctx context.Context, _ coop.Viewer, posts []*coop.Post) error {
	ids := make([]coop.ID, len(posts))
	for i, p := range posts {
		ids[i] = p.AuthorID
	}
	authors, err := r.Accounts(ctx, ids)
	if err != nil {
		return fmt.Errorf("authors: %w", err)
	}
	for _, p := range posts {
		p.Author = authors[p.AuthorID]
	}
	return nil
}

// fillPaths gives each post the ways by which it came that still stand. The paths
// of copies that a job is listed for are its paths too.
func (r reader) fillPaths(ctx context.Context, _ coop.Viewer, posts []*coop.Post) error {
	var a args
	ids := in(&a, numbers(postIDs(posts)))
	type way struct {
		post coop.ID
		path coop.Path
	}
	ways, err := all(ctx, r, func(row pgx.CollectableRow) (way, error) {
		var post, at int64
		var how string
		account, err := scanAccountAfter(row, &post, &how, &at)
		if err != nil {
			return way{}, err
		}
		return way{coop.ID(post), coop.Path{Via: account.ID, How: how, At: atMs(at), Account: account}}, nil
	}, `
		SELECT w.shown, w.how, w.at, `+accountColumns+`
		FROM (
			SELECT x.post_id AS shown, x.via, x.how, x.at
			FROM post_paths x
			WHERE x.ended_at = 0 AND x.post_id IN `+ids+`
			UNION ALL
			SELECT j.duplicate_of, x.via, x.how, x.at
			FROM jobs j
			JOIN post_paths x ON x.post_id = j.post_id
			JOIN posts c ON c.id = j.post_id
			WHERE x.ended_at = 0 AND c.visibility = 'public' AND NOT c.frozen AND j.duplicate_of <> 0 AND j.duplicate_of IN `+ids+`) w
		JOIN accounts a ON a.id = w.via
		WHERE a.suspended_at = 0 AND a.deleted_at = 0
		ORDER BY w.at, w.via, w.how`, a...)
	if err != nil {
		return fmt.Errorf("paths: %w", err)
	}
	byID := make(map[coop.ID]*coop.Post, len(posts))
	for _, p := range posts {
		byID[p.ID] = p
	}
	for _, w := range ways {
		addWay(byID[w.post], w.path)
	}
	return nil
}

// addWay notes a path of a post once.
func addWay(p *coop.Post, path coop.Path) {
	if p == nil || slices.ContainsFunc(p.ReachedThrough, func(known coop.Path) bool {
		return known.Via == path.Via && known.How == path.How
	}) {
		return
	}
	p.ReachedThrough = append(p.ReachedThrough, path)
}

// fillCounts gives each post its counts as the viewer may know them: hidden
// replies, boosts for the followers of others and what suspended accounts did are not
// in them.
func (r reader) fillCounts(ctx context.Context, v coop.Viewer, posts []*coop.Post) error {
	var a args
	ids := in(&a, numbers(postIDs(posts)))
	type count struct {
		post coop.ID
		what string
		n    int
	}
	counts, err := all(ctx, r, func(row pgx.CollectableRow) (c count, err error) {
		var id int64
		err = row.Scan(&id, &c.what, &c.n)
		c.post = coop.ID(id)
		return c, err
	}, `
		SELECT x.post_id, x.kind, COUNT(*)
		FROM reactions x
		JOIN accounts a ON a.id = x.actor_id
		WHERE x.post_id IN `+ids+` AND a.suspended_at = 0 AND a.deleted_at = 0 AND `+boostVisible(&a, v, "x")+`
		GROUP BY x.post_id, x.kind
		UNION ALL
		SELECT p.in_reply_to_id, 'reply', COUNT(*)
		FROM posts p
		JOIN accounts a ON a.id = p.author_id
		WHERE p.in_reply_to_id <> 0 AND p.in_reply_to_id IN `+ids+` AND `+r.visible(&a, v)+`
		GROUP BY p.in_reply_to_id`, a...)
	if err != nil {
		return fmt.Errorf("counts: %w", err)
	}
	byID := make(map[coop.ID]*coop.Post, len(posts))
	for _, p := range posts {
		byID[p.ID] = p
	}
	for _, c := range counts {
		p := byID[c.post]
		switch c.what {
		case "reply":
			p.Replies = c.n
		case string(Like):
			p.Likes = c.n
		case string(Boost):
			p.Boosts = c.n
		}
	}
	return nil
}
