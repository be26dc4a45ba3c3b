// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"minga/coop"
)

// Post finds a post that the viewer may see. [coop.ErrNotFound] says that it is
// not there, or, in the same words, that the viewer may not see it;
// [coop.ErrGone] that it was withdrawn (ask [reader.Tombstone]) after everybody could
// see it.
func (r reader) Post(ctx context.Context, v coop.Viewer, id coop.ID) (*coop.Post, error) {
	p, err := r.onePost(ctx, v, "p.id = $1", int64(id))
	if !errors.Is(err, coop.ErrNotFound) {
		return p, err
	}
	n, gone := r.number(ctx, `SELECT COUNT(*) FROM tombstones WHERE post_id = $1 AND post_id <> 0 AND (NOT hidden OR $2)`, int64(id), v.Class == coop.ViewerSystem)
	if gone == nil && n > 0 {
		return nil, fmt.Errorf("post %s: %w", id, coop.ErrGone)
	}
	return nil, fmt.Errorf("post %s: %w", id, errors.Join(gone, err))
}

// PostByIRI is [reader.Post] by the id on the network.
func (r reader) PostByIRI(ctx context.Context, v coop.Viewer, iri coop.IRI) (*coop.Post, error) {
	p, err := r.onePost(ctx, v, "p.iri = $1", cleanText(string(iri)))
	if !errors.Is(err, coop.ErrNotFound) {
		return p, err
	}
	t, gone := r.Tombstone(ctx, iri)
	if gone == nil && t.tells(v) {
		return nil, fmt.Errorf("post %s: %w", iri, coop.ErrGone)
	}
	return nil, fmt.Errorf("post %s: %w", iri, err)
}

// onePost finds one post by a condition on its first value.
func (r reader) onePost(ctx context.Context, v coop.Viewer, where string, value any) (*coop.Post, error) {
	a := args{value}
	p, err := first(ctx, r, scanPost, `
		SELECT `+postColumns+`
		FROM `+postTables+`
		WHERE `+where+` AND `+r.visible(&a, v), a...)
	if err != nil {
		return nil, err
	}
	return p, r.complete(ctx, v, []*coop.Post{p})
}

// PostsByID finds those of the posts that the viewer may see, in the order of ids.
func (r reader) PostsByID(ctx context.Context, v coop.Viewer, ids []coop.ID) ([]*coop.Post, error) {
	byID := make(map[coop.ID]*coop.Post, len(ids))
	for part := range slices.Chunk(unique(ids), mostIn) {
		var a args
		posts, err := all(ctx, r, scanPost, `
			SELECT `+postColumns+`
			FROM `+postTables+`
			WHERE p.id IN `+in(&a, numbers(part))+` AND `+r.visible(&a, v), a...)
		if err != nil {
			return nil, fmt.Errorf("posts: %w", err)
		}
		for _, p := range posts {
			byID[p.ID] = p
		}
	}
	posts := make([]*coop.Post, 0, len(byID))
	for _, id := range unique(ids) {
		if p := byID[id]; p != nil {
			posts = append(posts, p)
		}
	}
	return posts, r.complete(ctx, v, posts)
}

// Posts lists posts that the viewer may see, newest first, with their authors,
// paths and counts: four statements, however many posts.
func (r reader) Posts(ctx context.Context, v coop.Viewer, q PostQuery, page coop.Page) ([]*coop.Post, error) {
	var a args
	where := r.matching(&a, v, q)
	posts, err := r.postPage(ctx, v, a, postTables, where, page)
	if err != nil {
		return nil, fmt.Errorf("posts: %w", err)
	}
	return posts, nil
}

// postPage is a page of the posts p for which a condition with values holds, from tables
// that are joined as [postTables], newest first.
func (r reader) postPage(ctx context.Context, v coop.Viewer, a args, tables, where string, page coop.Page) ([]*coop.Post, error) {
	p := a.page("p.id", page)
	posts, err := all(ctx, r, scanPost, `
		SELECT `+postColumns+`
		FROM `+tables+`
		WHERE `+where+` AND `+p.where+`
		`+p.order, a...)
	if err != nil {
		return nil, err
	}
	posts = newestFirst(p, posts)
	return posts, r.complete(ctx, v, posts)
}

// CountPosts counts what [reader.Posts] would list without a page.
func (r reader) CountPosts(ctx context.Context, v coop.Viewer, q PostQuery) (int, error) {
	var a args
	n, err := r.number(ctx, `
		SELECT COUNT(*)
		FROM `+postTables+`
		WHERE `+r.matching(&a, v, q), a...)
	return int(n), err
}

// Pinned lists the featured posts of an account, the last pinned first.
func (r reader) Pinned(ctx context.Context, v coop.Viewer, account coop.ID) ([]*coop.Post, error) {
	a := args{int64(account)}
	posts, err := all(ctx, r, scanPost, `
		SELECT `+postColumns+`
		FROM `+postTables+`
		JOIN pins ON pins.post_id = p.id
		WHERE pins.account_id = $1 AND `+r.visible(&a, v)+`
		ORDER BY pins.at DESC, p.id DESC
		LIMIT 40`, a...)
	if err != nil {
		return nil, fmt.Errorf("pinned posts: %w", err)
	}
	return posts, r.complete(ctx, v, posts)
}

// mostAncestors is how far up a thread is followed at most.
const mostAncestors = 100

// Ancestors lists the posts above one that the viewer may see, the root first, at
// most depth levels up (100 at most); it stops at the first that is hidden.
func (r reader) Ancestors(ctx context.Context, v coop.Viewer, post coop.ID, depth int) ([]*coop.Post, error) {
	ids, err := all(ctx, r, scanID, `
		WITH RECURSIVE up (id, parent, depth) AS (
			SELECT p.id, p.in_reply_to_id, 0 FROM posts p WHERE p.id = $1
			UNION ALL
			SELECT p.id, p.in_reply_to_id, up.depth + 1
			FROM up
			JOIN posts p ON p.id = up.parent
			WHERE up.depth < $2)
		SELECT id FROM up WHERE depth > 0 ORDER BY depth`, int64(post), min(depth, mostAncestors))
	if err != nil {
		return nil, fmt.Errorf("posts above %s: %w", post, err)
	}
	posts, err := r.PostsByID(ctx, v, ids)
	if err != nil {
		return nil, err
	}
	return unbroken(posts, unique(ids)), nil
}

// unbroken keeps the posts of ids before the first that is missing, root first.
func unbroken(posts []*coop.Post, ids []coop.ID) []*coop.Post {
	n := 0
	for n < len(posts) && posts[n].ID == ids[n] {
		n++
	}
	kept := slices.Clone(posts[:n])
	slices.Reverse(kept)
	return kept
}
