// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"

	"minga/coop"
)

// PublicQuery says which public posts are wanted.
type PublicQuery struct {
	Local     bool // of accounts of this instance
	Remote    bool // of accounts of other servers
	OnlyMedia bool // with a picture, sound or film
	// Bubble is a federation of this instance: posts of this server and of the servers
	// of federations that it follows. Zero: of all.
	Bubble coop.ID
}

// PublicTimeline lists public posts that answer nobody, newest first, without what
// the viewer muted or shut out.
func (r reader) PublicTimeline(ctx context.Context, v coop.Viewer, q PublicQuery, page coop.Page) ([]*coop.Post, error) {
	var a args
	where := r.inPublic(&a, v, q) + " AND " + ownThread
	p := a.page("p.id", page)
	posts, err := r.postsOf(ctx, v, p, `
		SELECT p.id
		FROM posts p
		JOIN accounts a ON a.id = p.author_id
		WHERE `+where+` AND `+p.where+`
		`+p.order, a)
	if err != nil {
		return nil, fmt.Errorf("public timeline: %w", err)
	}
	return posts, nil
}

// inPublic is the condition that the post p by a stands in public timelines.
func (r reader) inPublic(a *args, v coop.Viewer, q PublicQuery) string {
	where := r.visible(a, v) + " AND NOT p.draft AND " + r.listed(a) + " AND " + r.wanted(a, v, "a")
	if q.Local {
		where += " AND p.local"
	}
	if q.Remote {
		where += " AND NOT p.local"
	}
	if q.OnlyMedia {
		where += " AND p.media"
	}
	if q.Bubble != 0 {
		where += ` AND (p.local OR a.server IN (
			SELECT t.server
			FROM follows o
			JOIN accounts t ON t.id = o.target_id
			WHERE o.follower_id = ` + a.add(int64(q.Bubble)) + ` AND o.state = 'accepted' AND t.kind = 'federation'))`
	}
	return where
}

// DirectTimeline lists the direct posts that the viewer, an account of this instance,
// wrote or that name it, newest first, without those of whom it muted or shut out.
func (r reader) DirectTimeline(ctx context.Context, v coop.Viewer, page coop.Page) ([]*coop.Post, error) {
	a := args{int64(v.Account)}
	where := "p.visibility = 'direct' AND NOT p.draft AND " + r.visible(&a, v) + " AND " + r.wanted(&a, v, "a")
	own, named, whole := a.page("p.id", page), a.page("n.post_id", page), a.page("l.id", page)
	posts, err := r.postsOf(ctx, v, whole, `
		SELECT l.id
		FROM (
			SELECT one.id FROM (
				SELECT p.id
				FROM posts p
				JOIN accounts a ON a.id = p.author_id
				WHERE p.author_id = $1 AND `+where+` AND `+own.where+`
				`+own.order+`) one
			UNION
			SELECT one.id FROM (
				SELECT n.post_id AS id
				FROM post_addressees n
				JOIN posts p ON p.id = n.post_id
				JOIN accounts a ON a.id = p.author_id
				WHERE n.account_id = $1 AND n.account_id <> 0 AND `+where+` AND `+named.where+`
				`+named.order+`) one) l
		WHERE `+whole.where+`
		`+whole.order, a)
	if err != nil {
		return nil, fmt.Errorf("direct posts of %s: %w", v.Account, err)
	}
	return posts, nil
}

// postsOf reads the posts whose ids a question finds.
func (r reader) postsOf(ctx context.Context, v coop.Viewer, p paging, sql string, a args) ([]*coop.Post, error) {
	ids, err := all(ctx, r, scanID, sql, a...)
	if err != nil {
		return nil, err
	}
	return r.PostsByID(ctx, v, newestFirst(p, ids))
}

// TagQuery says which posts with a hashtag are wanted. Hashtags are without #, in any
// case and with any accents.
type TagQuery struct {
	PublicQuery
	Tag  string
	Any  []string // or with one of these
	All  []string // and with all of these
	None []string // and with none of these
}

// mostTags is how many hashtags one part of a [TagQuery] names; the rest is ignored.
const mostTags = 4

// TagTimeline lists public posts with a hashtag, newest first, as
// [reader.PublicTimeline]; what answers somebody is among them.
func (r reader) TagTimeline(ctx context.Context, v coop.Viewer, q TagQuery, page coop.Page) ([]*coop.Post, error) {
	tags := foldTags(append([]string{q.Tag}, q.Any[:min(len(q.Any), mostTags)]...))
	if len(tags) == 0 {
		return nil, nil
	}
	var a args
	where := r.inPublic(&a, v, q.PublicQuery) + hasTags(&a, q)
	p := a.page("h.post_id", page)
	parts := ""
	for i, tag := range tags {
		if i > 0 {
			parts += " UNION "
		}
		// Each hashtag by itself, in the order of its index: together they would be sorted whole.
		parts += `
			SELECT one.id FROM (
				SELECT h.post_id AS id
				FROM post_hashtags h
				JOIN posts p ON p.id = h.post_id
				JOIN accounts a ON a.id = p.author_id
				WHERE h.tag = ` + a.add(tag) + ` AND ` + where + ` AND ` + p.where + `
				` + p.order + `) one`
	}
	whole := a.page("l.id", page)
	posts, err := r.postsOf(ctx, v, whole, `
		SELECT l.id
		FROM (`+parts+`) l
		WHERE `+whole.where+`
		`+whole.order, a)
	if err != nil {
		return nil, fmt.Errorf("posts with #%s: %w", q.Tag, err)
	}
	return posts, nil
}

// foldTags are hashtags as they are compared, each once, without empty ones.
func foldTags(tags []string) []string {
	folded := make([]string, len(tags))
	for i, tag := range tags {
		folded[i] = foldTag(tag)
	}
	return unique(folded)
}

// hasTags is the condition that the post p has all of some hashtags and none of others.
func hasTags(a *args, q TagQuery) string {
	where := ""
	for _, tag := range foldTags(q.All[:min(len(q.All), mostTags)]) {
		where += " AND EXISTS (SELECT 1 FROM post_hashtags t WHERE t.post_id = p.id AND t.tag = " + a.add(tag) + ")"
	}
	for _, tag := range foldTags(q.None[:min(len(q.None), mostTags)]) {
		where += " AND NOT EXISTS (SELECT 1 FROM post_hashtags t WHERE t.post_id = p.id AND t.tag = " + a.add(tag) + ")"
	}
	return where
}

// AccountQuery says which lines of an account's own timeline are wanted.
type AccountQuery struct {
	OnlyMedia bool   // posts with a picture, sound or film
	NoReplies bool   // not what answers others
	NoBoosts  bool   // its own posts alone
	Tag       string // posts with this hashtag, without #
}

// AccountTimeline lists what an account published and boosted as far as the viewer may
// see it, newest first. Boosts have neither files nor hashtags of their own.
func (r reader) AccountTimeline(ctx context.Context, v coop.Viewer, account coop.ID, q AccountQuery, page coop.Page) ([]coop.Entry, error) {
	a := args{int64(account)}
	lines := r.written(&a, v, q, page)
	if !q.NoBoosts && !q.OnlyMedia && q.Tag == "" {
		lines += " UNION ALL " + r.boosted(&a, v, page)
	}
	p := a.page("l.id", page)
	found, err := all(ctx, r, scanLine, `
		SELECT l.id, l.post_id, l.by_id
		FROM (`+lines+`) l
		WHERE `+p.where+`
		`+p.order, a...)
	var entries []coop.Entry
	if err == nil {
		entries, err = r.entriesOf(ctx, v, newestFirst(p, found))
	}
	if err != nil {
		return nil, fmt.Errorf("timeline of account %s: %w", account, err)
	}
	return entries, nil
}

// written are the posts of the account $1.
func (r reader) written(a *args, v coop.Viewer, q AccountQuery, page coop.Page) string {
	where := r.visible(a, v) + " AND NOT p.draft"
	if q.OnlyMedia {
		where += " AND p.media"
	}
	if q.NoReplies {
		where += " AND " + ownThread
	}
	if q.Tag != "" {
		where += hasTags(a, TagQuery{All: []string{q.Tag}})
	}
	p := a.page("p.id", page)
	return `
		SELECT one.id, one.id AS post_id, 0 AS by_id
		FROM (
			SELECT p.id
			FROM posts p
			JOIN accounts a ON a.id = p.author_id
			WHERE p.author_id = $1 AND ` + where + ` AND ` + p.where + `
			` + p.order + `) one`
}

// boosted are the boosts by the account $1.
func (r reader) boosted(a *args, v coop.Viewer, page coop.Page) string {
	where := r.visible(a, v) + " AND NOT p.draft AND " + boostable + " AND " + r.standsHere(a, v, "w") + " AND " + boostVisible(a, v, "x")
	if v.Class == coop.ViewerAccount {
		where += " AND (w.id = a.id OR " + r.wanted(a, v, "a") + ")"
	}
	p := a.page("x.id", page)
	return `
		SELECT one.id, one.post_id, one.actor_id
		FROM (
			SELECT x.id, x.post_id, x.actor_id
			FROM reactions x
			JOIN accounts w ON w.id = x.actor_id
			JOIN posts p ON p.id = x.post_id
			JOIN accounts a ON a.id = p.author_id
			WHERE x.actor_id = $1 AND x.kind = 'boost' AND ` + where + ` AND ` + p.where + `
			` + p.order + `) one`
}
