// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import "context"

// samplePosts are the posts of the numbers: who wrote each, and which it answers (0:
// none). Posts that end in 7, 8 and 9 answer one of a few hundred before that answers
// nothing. The first fiftieth is by those who fell silent.
const samplePosts = `
		written (n, author, parent) AS (
			SELECT n, author, CASE WHEN parent < 1 THEN 0 ELSE parent END
			FROM (
				SELECT n,
					CASE
						WHEN n <= $3::bigint / 50 THEN 1 + $4::bigint + n % 500
						WHEN n % 2 = 0 THEN 1 + n / 2 * 7919 % $5::bigint
						ELSE 1 + n * 7919 % $4::bigint END AS author,
					CASE WHEN n % 10 < 7 THEN 0 ELSE (n / 10 - 1 - n * 13 % 50) * 10 + n % 7 END AS parent
				FROM series) s),
		posted (n, author, parent, above) AS (
			SELECT n, author, parent,
				CASE
					WHEN parent = 0 THEN 0
					WHEN parent <= $3::bigint / 50 THEN 1 + $4::bigint + parent % 500
					WHEN parent % 2 = 0 THEN 1 + parent / 2 * 7919 % $5::bigint
					ELSE 1 + parent * 7919 % $4::bigint END
			FROM written),
		named (n, id, iri, author_id, local, followers, parent_id, parent_iri, above_id, above_iri, above_name) AS (
			SELECT s.n, $7::bigint + s.n * $8::bigint, a.iri || '/notes/' || s.n, a.id, a.local, a.followers,
				CASE WHEN s.parent = 0 THEN 0 ELSE $7::bigint + s.parent * $8::bigint END,
				COALESCE(b.iri || '/notes/' || s.parent, ''), COALESCE(b.id, 0), COALESCE(b.iri, ''), COALESCE('@' || b.name || '@' || b.host, '')
			FROM posted s
			JOIN accounts a ON a.id = $6::bigint + s.author * 65536
			LEFT JOIN accounts b ON b.id = $6::bigint + s.above * 65536 AND s.parent <> 0)`

// values are those that [samplePosts] takes after the two of the series.
func (f *fill) values(more ...any) []any {
	return append([]any{int64(f.Posts), int64(f.Authors), f.loud, f.account0, f.post0, f.step}, more...)
}

// samplePost is a row of posts for each row of named: 85 of a hundred public, 8
// unlisted, 5 for followers and 2 direct; every fifth with a hashtag, every sixth with
// a picture.
const samplePost = `
		INSERT INTO posts (id, iri, author_id, local, kind, type, visibility, audience, in_reply_to, in_reply_to_id, thread, title, summary, sensitive,
			language, content, source, source_type, url, details, published_at, updated_at, changed_at, ends_at, draft, media)
		SELECT id, iri, author_id, local, 'note', 'Note',
			CASE WHEN n % 100 < 85 THEN 'public' WHEN n % 100 < 93 THEN 'unlisted' WHEN n % 100 < 98 THEN 'followers' ELSE 'direct' END,
			'', parent_iri, parent_id, CASE WHEN parent_id = 0 THEN iri ELSE parent_iri END, '', CASE WHEN n % 30 = 0 THEN 'A long story' ELSE '' END, n % 30 = 0,
			CASE WHEN n % 3 = 0 THEN 'es' WHEN n % 3 = 1 THEN 'en' ELSE 'it' END,
			'<p>Note ' || n || ' of a co-op: yesterday''s assembly decided, after two rounds, to open the workshop on Saturdays, and whoever can lend a hand is welcome.</p><p>There will be bread, soup and a talk about how we keep our books together with others of the federation.</p>',
			'', '', iri,
			'{"to":["https://www.w3.org/ns/activitystreams#Public"],"cc":["' || followers || '"]'
				|| CASE WHEN n % 5 = 0 THEN ',"hashtags":["topic' || (n / 5 % 200) || '"]' ELSE '' END
				|| CASE WHEN n % 6 = 0 THEN ',"attachments":[{"type":"Image","url":"' || iri || '/1.jpg","media_type":"image/jpeg","alt":"A table with bread","blurhash":"LEHV6nWB2yk8pyo0adR*.7kCMdnj","width":1200,"height":800}]' ELSE '' END
				|| CASE WHEN above_iri <> '' THEN ',"mentions":[{"iri":"' || above_iri || '","name":"' || above_name || '"}]' ELSE '' END || '}',
			id / 65536, 0, id / 65536, 0, FALSE, n % 6 = 0
		FROM named`

// posts writes posts and the rows that come with each.
func (f *fill) posts(ctx context.Context) error {
	for _, text := range []string{
		series + `,` + samplePosts + samplePost,
		series + `,` + samplePosts + `
		INSERT INTO post_addressees (post_id, iri, account_id, host)
		SELECT id, followers, 0, '' FROM named
		UNION ALL
		SELECT id, above_iri, above_id, '' FROM named WHERE above_iri <> '' AND above_iri <> followers`,
		series + `,` + samplePosts + `
		INSERT INTO post_paths (post_id, via, how, at)
		SELECT id, author_id, 'direct', id / 65536 FROM named WHERE NOT local`,
		series + `,` + samplePosts + `
		INSERT INTO post_hashtags (post_id, tag)
		SELECT id, 'topic' || (n / 5 % 200) FROM named WHERE n % 5 = 0`,
	} {
		if err := f.each(ctx, f.Posts, text, f.values()...); err != nil {
			return err
		}
	}
	if err := f.exec(ctx, `INSERT INTO hashtags (tag) SELECT DISTINCT tag FROM post_hashtags WHERE TRUE ON CONFLICT DO NOTHING`); err != nil {
		return err
	}
	return f.thread(ctx)
}

// thread writes the long thread, newer than all else: each answers the one with half
// its number.
func (f *fill) thread(ctx context.Context) error {
	const first = `$3::bigint + ($5::bigint + 1) * $4::bigint`
	err := f.exec(ctx, series+`,
		named (n, id, iri, author_id, local, followers, parent_id, parent_iri, above_iri, above_name) AS (
			SELECT 0, `+first+` + (s.n - 1) * 65536, a.iri || '/thread/' || s.n, a.id, a.local, a.followers,
				CASE WHEN s.n = 1 THEN 0 ELSE `+first+` + (s.n / 2 - 1) * 65536 END,
				CASE WHEN s.n = 1 THEN '' ELSE b.iri || '/thread/' || (s.n / 2) END,
				CASE WHEN s.n = 1 THEN '' ELSE b.iri END, '@' || b.name || '@' || b.host
			FROM series s
			JOIN accounts a ON a.id = $6::bigint + s.n * 65536
			JOIN accounts b ON b.id = $6::bigint + (CASE WHEN s.n = 1 THEN 1 ELSE s.n / 2 END) * 65536)`+samplePost,
		int64(1), int64(sampleThread+1), f.post0, f.step, int64(f.Posts), f.account0)
	if err != nil {
		return err
	}
	return f.exec(ctx, `
		INSERT INTO post_paths (post_id, via, how, at)
		SELECT p.id, p.author_id, 'direct', p.published_at FROM posts p WHERE p.id > $1 AND NOT p.local`, f.post0+int64(f.Posts)*f.step)
}

// sampleReactions writes reactions of a table acts, to posts that are for everybody.
const sampleReactions = `
		INSERT INTO reactions (id, kind, actor_id, post_id, iri, content, at)
		SELECT $6::bigint + n * $5::bigint, $7, $3::bigint + actor * 65536, p.id, '', '', ($6::bigint + n * $5::bigint) / 65536
		FROM acts
		JOIN posts p ON p.id = $4::bigint + post * $5::bigint
		WHERE p.visibility IN ('public', 'unlisted')
		ON CONFLICT DO NOTHING`

// reactions writes a boost for three posts and a like for two, of posts not much older.
func (f *fill) reactions(ctx context.Context) error {
	err := f.each(ctx, f.Posts, series+`,
		acts (n, actor, post) AS (
			SELECT n, 1 + n / 3 * 104729 % $8::bigint, n - 1 - n * 17 % 300 FROM series WHERE n % 3 = 0)`+sampleReactions,
		f.account0, f.post0, f.step, f.post0+3*sampleRow+1, "boost", int64(f.Authors))
	if err != nil {
		return err
	}
	return f.each(ctx, f.Posts, series+`,
		acts (n, actor, post) AS (
			SELECT n, 1 + n * 7919 % $8::bigint, n - 1 - n * 17 % 900 FROM series WHERE n % 2 = 0)`+sampleReactions,
		f.account0, f.post0, f.step, f.post0+5*sampleRow+2, "like", int64(f.Accounts))
}

// words makes the posts of this instance findable.
func (f *fill) words(ctx context.Context) error {
	if f.engine == SQLite {
		return f.exec(ctx, `INSERT INTO post_search (rowid, title, body) SELECT p.id, '', p.content FROM posts p WHERE p.local`)
	}
	return f.exec(ctx, `INSERT INTO post_search (post_id, words) SELECT p.id, to_tsvector('simple', p.content) FROM posts p WHERE p.local`)
}
