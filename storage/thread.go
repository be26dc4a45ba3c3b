// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// ThreadBounds say how much of a thread is read.
type ThreadBounds struct {
	Above, Below int // how many posts
	Depth        int // how many levels below
}

// mostThread bounds each part of a thread, whatever is asked for.
const mostThread = 4096

// Thread lists what stands around a post: above it from the root down, and below it
// branch by branch, the older answer first. The viewer must be able to see the post
// itself; of the rest what it may not see, muted or shut out is left out, and above
// the first post that it may not see nothing is shown.
func (r reader) Thread(ctx context.Context, v coop.Viewer, post coop.ID, b ThreadBounds) (above, below []*coop.Post, err error) {
	up, err := r.idsAbove(ctx, post, min(b.Above, mostThread))
	if err != nil {
		return nil, nil, fmt.Errorf("thread of %s: %w", post, err)
	}
	down, err := r.idsBelow(ctx, post, min(b.Below, mostThread), b.Depth)
	if err != nil {
		return nil, nil, fmt.Errorf("thread of %s: %w", post, err)
	}
	seen, unwanted, err := r.seenOf(ctx, v, slices.Concat(up, down))
	if err != nil {
		return nil, nil, fmt.Errorf("thread of %s: %w", post, err)
	}
	for _, id := range up {
		if seen[id] == nil {
			break
		}
		if !unwanted[id] {
			above = append(above, seen[id])
		}
	}
	slices.Reverse(above)
	for _, id := range down {
		if seen[id] != nil && !unwanted[id] {
			below = append(below, seen[id])
		}
	}
	return above, below, nil
}

// idsAbove are the posts above one, the nearest first. One that stands above itself
// ends the walk.
func (r reader) idsAbove(ctx context.Context, post coop.ID, most int) ([]coop.ID, error) {
	ids, err := all(ctx, r, scanID, `
		WITH RECURSIVE up (id, parent, depth) AS (
			SELECT p.id, p.in_reply_to_id, 0 FROM posts p WHERE p.id = $1
			UNION ALL
			SELECT p.id, p.in_reply_to_id, up.depth + 1
			FROM up
			JOIN posts p ON p.id = up.parent
			WHERE up.depth < $2 AND up.parent <> 0)
		SELECT id FROM up WHERE depth > 0 ORDER BY depth`, int64(post), most)
	if err != nil {
		return nil, err
	}
	ids = unique(ids)
	return slices.DeleteFunc(ids, func(id coop.ID) bool { return id == post }), nil
}

// branch is a post with what it answers.
type branch struct{ id, parent coop.ID }

// scanBranch reads a [branch].
func scanBranch(row pgx.CollectableRow) (branch, error) {
	var id, parent int64
	err := row.Scan(&id, &parent)
	return branch{coop.ID(id), coop.ID(parent)}, err
}

// idsBelow are the posts below one, branch by branch: each before its answers, and
// these by their ids. Where there are too many, the upper levels are complete first.
func (r reader) idsBelow(ctx context.Context, post coop.ID, most, depth int) ([]coop.ID, error) {
	branches, err := all(ctx, r, scanBranch, `
		WITH RECURSIVE below (id, parent, depth) AS (
			SELECT p.id, p.in_reply_to_id, 1
			FROM posts p
			WHERE p.in_reply_to_id = $1 AND p.in_reply_to_id <> 0
			UNION ALL
			SELECT p.id, p.in_reply_to_id, below.depth + 1
			FROM below
			JOIN posts p ON p.in_reply_to_id = below.id AND p.in_reply_to_id <> 0
			WHERE below.depth < $2)
		SELECT id, parent
		FROM below
		LIMIT $3`, int64(post), min(depth, mostThread), most)
	if err != nil {
		return nil, err
	}
	return depthFirst(post, branches), nil
}

// depthFirst orders branches below a root.
func depthFirst(root coop.ID, branches []branch) []coop.ID {
	answers := make(map[coop.ID][]coop.ID, len(branches))
	seen := map[coop.ID]bool{root: true}
	for _, b := range branches {
		if !seen[b.id] {
			seen[b.id] = true
			answers[b.parent] = append(answers[b.parent], b.id)
		}
	}
	ordered, next := make([]coop.ID, 0, len(branches)), []coop.ID{root}
	for len(next) > 0 {
		id := next[len(next)-1]
		next = next[:len(next)-1]
		if id != root {
			ordered = append(ordered, id)
		}
		below := answers[id]
		slices.Sort(below)
		slices.Reverse(below) // the oldest is taken first
		next = append(next, below...)
	}
	return ordered
}

// seenOf reads those of the posts that the viewer may see, and which of them it does
// not want.
func (r reader) seenOf(ctx context.Context, v coop.Viewer, ids []coop.ID) (seen map[coop.ID]*coop.Post, unwanted map[coop.ID]bool, err error) {
	seen, unwanted = make(map[coop.ID]*coop.Post, len(ids)), map[coop.ID]bool{}
	posts, err := r.PostsByID(ctx, v, ids)
	if err != nil {
		return nil, nil, err
	}
	for _, p := range posts {
		seen[p.ID] = p
	}
	if v.Class != coop.ViewerAccount {
		return seen, unwanted, nil
	}
	for part := range slices.Chunk(postIDs(posts), mostIn) {
		var a args
		list, err := all(ctx, r, scanID, `
			SELECT p.id
			FROM posts p
			JOIN accounts a ON a.id = p.author_id
			WHERE p.id IN `+in(&a, numbers(part))+` AND a.id <> `+a.add(int64(v.Account))+` AND NOT (`+r.wanted(&a, v, "a")+`)`, a...)
		if err != nil {
			return nil, nil, err
		}
		for _, id := range list {
			unwanted[id] = true
		}
	}
	return seen, unwanted, nil
}
