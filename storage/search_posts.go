// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"

	"minga/coop"
)

// PostSearch says which posts are wanted.
type PostSearch struct {
	Text   coop.TextQuery
	Author coop.ID // zero: by anybody
	Page   coop.Page
	Offset int // how many are left out at the top
}

// mostMatches is how many of the newest posts with the words are looked at.
const mostMatches = 20_000

// SearchPosts finds posts by their words, newest first: what the viewer wrote, liked,
// boosted, bookmarked or is named in, and public posts whose author wants to be found
// (FEP-5feb), jobs and articles of this instance always.
func (r reader) SearchPosts(ctx context.Context, v coop.Viewer, q PostSearch) ([]*coop.Post, error) {
	if q.Text.Empty() {
		return nil, nil
	}
	var a args
	where := r.newestMatches(&a, q.Text) + " AND " + r.visible(&a, v) + " AND NOT p.draft AND " + r.wanted(&a, v, "a") + " AND " + r.maySearch(&a, v)
	if q.Author != 0 {
		where += " AND p.author_id = " + a.add(int64(q.Author))
	}
	p := a.page("p.id", q.Page)
	posts, err := r.postsOf(ctx, v, p, `
		SELECT p.id
		FROM posts p
		JOIN accounts a ON a.id = p.author_id
		WHERE `+where+` AND `+p.where+`
		`+p.order+` OFFSET `+a.add(q.Offset), a)
	if err != nil {
		return nil, fmt.Errorf("search posts: %w", err)
	}
	return posts, nil
}

// newestMatches is the condition that the post p is among the newest with the words.
func (r reader) newestMatches(a *args, q coop.TextQuery) string {
	if r.e.engine == SQLite {
		return "p.id IN (SELECT rowid FROM post_search WHERE post_search MATCH " + a.add(ftsQuery(q)) + " ORDER BY rowid DESC LIMIT " + a.add(mostMatches) + ")"
	}
	return "p.id IN (SELECT s.post_id FROM post_search s WHERE s.words @@ CAST(CAST(" + a.add(tsQuery(q)) + " AS text) AS tsquery) ORDER BY s.post_id DESC LIMIT " + a.add(mostMatches) + ")"
}

// maySearch is the condition that the viewer may find the post p by a by its words.
func (r reader) maySearch(a *args, v coop.Viewer) string {
	open := r.listed(a) + " AND (a.indexable OR p.local AND p.kind IN ('job', 'article', 'request'))"
	if v.Class != coop.ViewerAccount {
		return "(" + open + ")"
	}
	me := a.add(int64(v.Account))
	return `(p.author_id = ` + me + ` OR ` + open + `
			OR EXISTS (SELECT 1 FROM reactions x WHERE x.post_id = p.id AND x.actor_id = ` + me + `)
			OR EXISTS (SELECT 1 FROM bookmarks b WHERE b.post_id = p.id AND b.account_id = ` + me + `)
			OR EXISTS (SELECT 1 FROM post_addressees n WHERE n.post_id = p.id AND n.account_id = ` + me + `))`
}

// concernsHere tells whether a post that not everybody may find is kept by its words
// all the same: somebody of this instance wrote it, is named in it, or did something
// with it, and may find it.
func (tx *Tx) concernsHere(ctx context.Context, p *coop.Post) (bool, error) {
	if p.Local {
		return true, nil
	}
	n, err := tx.number(ctx, `
		SELECT CASE WHEN
			EXISTS (SELECT 1 FROM post_addressees n JOIN accounts w ON w.id = n.account_id WHERE n.post_id = $1 AND w.local)
			OR EXISTS (SELECT 1 FROM reactions x JOIN accounts w ON w.id = x.actor_id WHERE x.post_id = $1 AND w.local)
			OR EXISTS (SELECT 1 FROM bookmarks b WHERE b.post_id = $1)
		THEN 1 ELSE 0 END`, int64(p.ID))
	return n > 0, err
}

// keepFindable keeps the words of a post that somebody of this instance just did
// something with. The post is whole, as reads give it.
func (tx *Tx) keepFindable(ctx context.Context, p *coop.Post) error {
	if p.Local || p.Author == nil || findable(p) {
		return nil // kept already
	}
	if err := tx.removeWords(ctx, p.ID); err != nil {
		return err
	}
	return tx.putWords(ctx, p)
}

// SearchTags finds hashtags by their beginning, as they are kept, that stand in a post
// which anybody may see in public.
func (r reader) SearchTags(ctx context.Context, text string, limit, offset int) ([]string, error) {
	tag := foldTag(text)
	if tag == "" {
		return nil, nil
	}
	a := args{tag, tag + endOfText}
	list, err := all(ctx, r, scanText, `
		SELECT t.tag
		FROM hashtags t
		WHERE t.tag >= $1 AND t.tag < $2 AND EXISTS (
			SELECT 1 FROM post_hashtags h
			JOIN posts p ON p.id = h.post_id
			JOIN accounts a ON a.id = p.author_id
			WHERE h.tag = t.tag AND `+r.inPublic(&a, coop.Anonymous(), PublicQuery{})+`)
		ORDER BY t.tag
		LIMIT `+a.add(limit)+` OFFSET `+a.add(offset), a...)
	if err != nil {
		return nil, fmt.Errorf("search hashtags: %w", err)
	}
	return list, nil
}
