// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import "context"

// readers gives each reader its follows and followers, some posts of its own, what it
// was told of, and whom it does not want to read.
func (f *fill) readers(ctx context.Context) error {
	for i, r := range f.Readers {
		for _, part := range []func(context.Context, int64, SampleReader) error{f.readerFollows, f.readerPosts, f.readerTold, f.readerShuns} {
			if err := part(ctx, int64(i), r); err != nil {
				return err
			}
		}
	}
	return nil
}

// readerFollows writes both directions.
func (f *fill) readerFollows(ctx context.Context, i int64, r SampleReader) error {
	first, authors := int64(0), int64(f.Authors)
	if r.Silent {
		first, authors = authors, sampleSilent
	}
	const row = `
		INSERT INTO follows (id, iri, follower_id, target_id, state, note, created_at, updated_at)
		SELECT $3::bigint + n * 65536, '', `
	if r.Follows > 0 {
		if err := f.exec(ctx, series+row+`$4::bigint, $5::bigint + ($7::bigint + 1 + n * 19 % $8::bigint) * 65536, 'accepted', '', $6::bigint, $6::bigint
		FROM series`, int64(1), int64(r.Follows), f.account0+3+2*i, int64(r.ID), f.account0, f.Until.UnixMilli(), first, authors); err != nil {
			return err
		}
	}
	if r.Followers == 0 {
		return nil
	}
	return f.exec(ctx, series+row+`$5::bigint + n * 100 * 65536, $4::bigint, 'accepted', '', $6::bigint, $6::bigint
		FROM series`, int64(1), int64(r.Followers), f.account0+4+2*i, int64(r.ID), f.account0, f.Until.UnixMilli())
}

// own is how far two posts of a reader are apart: they are as old as those of the
// silent, so that they fill no page of who follows these.
func (f *fill) own() int64 { return f.step * int64(max(f.Posts/50/sampleOwn, 1)) }

// readerPosts writes posts of the reader.
func (f *fill) readerPosts(ctx context.Context, i int64, r SampleReader) error {
	return f.exec(ctx, series+`,
		named (n, id, iri, author_id, local, followers, parent_id, parent_iri, above_iri, above_name) AS (
			SELECT s.n % 80, $3::bigint + s.n * $4::bigint, a.iri || '/notes/' || s.n, a.id, a.local, a.followers, 0, '', '', ''
			FROM series s
			JOIN accounts a ON a.id = $5::bigint)`+samplePost,
		int64(1), int64(sampleOwn), f.post0+10*sampleRow+3+i, f.own(), int64(r.ID))
}

// readerTold writes notifications: of each five two likes, a boost, a follow and a
// mention, about one post of the reader at a time.
func (f *fill) readerTold(ctx context.Context, i int64, r SampleReader) error {
	return f.each(ctx, sampleTold, series+`,
		told (n, kind, post, at) AS (
			SELECT n, CASE n % 5 WHEN 0 THEN 'mention' WHEN 1 THEN 'reblog' WHEN 2 THEN 'follow' ELSE 'favourite' END,
				CASE n % 5
					WHEN 0 THEN $6::bigint + n * $8::bigint
					WHEN 2 THEN 0
					ELSE $4::bigint + (1 + (n - 1) * 50 / $9::bigint) * $5::bigint END,
				$6::bigint / 65536 + n * ($8::bigint / 65536)
			FROM series)
		INSERT INTO notifications (account_id, kind, from_id, post_id, about_id, group_key, filtered, created_at)
		SELECT $3::bigint, kind, $7::bigint + (1 + n * 7919 % 10000) * 65536, post, 0,
			CASE kind
				WHEN 'mention' THEN ''
				WHEN 'follow' THEN kind || '-' || (at / 43200000 * 12)
				ELSE kind || '-' || post || '-' || (at / 43200000 * 12) END,
			FALSE, at
		FROM told
		WHERE kind <> 'mention' OR EXISTS (SELECT 1 FROM posts p WHERE p.id = told.post)`,
		int64(r.ID), f.post0+10*sampleRow+3+i, f.own(), f.post0, f.account0, f.step*int64(max(f.Posts/sampleTold, 1)), int64(sampleTold))
}

// readerShuns writes mutes, blocks and servers that are shut out.
func (f *fill) readerShuns(ctx context.Context, i int64, r SampleReader) error {
	first := f.account0 + 1000 + 1000*i
	for _, part := range []struct {
		rows int64
		text string
	}{
		{20, `
		INSERT INTO mutes (id, account_id, target_id, notifications, ends_at, at)
		SELECT $3::bigint + n, $4::bigint, $5::bigint + (n * 37 + 5) * 65536, TRUE, 0, $6::bigint FROM series`},
		{5, `
		INSERT INTO blocks (id, iri, blocker_id, target_id, at)
		SELECT $3::bigint + n, '', $4::bigint, $5::bigint + (n * 41 + 6) * 65536, $6::bigint FROM series`},
	} {
		if err := f.exec(ctx, series+part.text, int64(1), part.rows, first, int64(r.ID), f.account0, f.Until.UnixMilli()); err != nil {
			return err
		}
	}
	return f.exec(ctx, series+`
		INSERT INTO server_blocks (id, account_id, host, at)
		SELECT $3::bigint + n, $4::bigint, 'h' || (n * 83) || '.sample.example', $5::bigint FROM series`, int64(1), int64(3), first, int64(r.ID), f.Until.UnixMilli())
}
