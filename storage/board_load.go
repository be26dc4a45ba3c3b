// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"errors"
	"slices"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// onBoard is the condition that the job j with its post p is one that the board keeps.
const onBoard = "p.visibility = 'public' AND p.reached AND NOT p.draft AND NOT p.frozen AND j.duplicate_of = 0"

// readJob is a row of the jobs that are read into the board.
type readJob struct {
	boardJob
	author                              int64
	status, engagement, track, currency string
	title                               string
	completeness                        int64
}

// scanReadJob reads a row of readJobs.
func scanReadJob(row pgx.CollectableRow) (j readJob, err error) {
	err = row.Scan(&j.id, &j.author, &j.status, &j.engagement, &j.track, &j.remote, &j.anywhere, &j.openToNew,
		&j.posted, &j.until, &j.from, &j.to, &j.currency, &j.pay, &j.completeness, &j.title)
	return j, err
}

// readJobs gives every job of the board for which a condition holds to take.
func (s *Store) readJobs(ctx context.Context, take func(readJob), where string, values ...any) error {
	return eachRow(ctx, s.reader, scanReadJob, take, `
		SELECT j.post_id, j.author_id, j.status, j.engagement, j.track, j.remote, j.anywhere, j.open_to_new,
			j.posted_at, j.valid_through, j.hours_from, j.hours_to, j.currency, j.pay_year, j.completeness, p.title
		FROM jobs j
		JOIN posts p ON p.id = j.post_id
		WHERE `+onBoard+` AND `+where, values...)
}

// eachRow gives every row of a question to take, one by one: they may be too many to
// hold at once.
func eachRow[T any](ctx context.Context, r reader, scan pgx.RowToFunc[T], take func(T), sql string, values ...any) error {
	rows, err := r.q.Query(ctx, sql, values...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		row, err := scan(rows)
		if err != nil {
			return err
		}
		take(row)
	}
	return rows.Err()
}

// readFacet is a row of the facets that are read into the board.
type readFacet struct {
	post         int64
	facet, value string
}

// readFacets puts the facets for which a condition holds to their jobs.
func (s *Store) readFacets(ctx context.Context, b *board, where string, values ...any) error {
	var of int64
	var terms []uint32
	end := func() {
		if at, here := b.byID[of]; here {
			b.jobs[at].facets = b.withoutTwins(terms)
		}
		terms = terms[:0]
	}
	err := eachRow(ctx, s.reader, func(row pgx.CollectableRow) (f readFacet, err error) {
		err = row.Scan(&f.post, &f.facet, &f.value)
		return f, err
	}, func(f readFacet) {
		if f.post != of {
			end()
			of = f.post
		}
		terms = append(terms, b.terms.number(f.facet, f.value))
	}, `
		SELECT f.post_id, f.facet, f.value
		FROM job_facets f
		WHERE `+where+`
		ORDER BY f.post_id`, values...)
	end()
	return err
}

// withoutTwins are the terms of a job, without those broader skills that it asks for
// itself too: choosing one of them gives it once.
func (b *board) withoutTwins(terms []uint32) []uint32 {
	return slices.DeleteFunc(slices.Clone(terms), func(t uint32) bool {
		up := b.terms.list[t]
		return up.facet == "skill_up" && slices.Contains(terms, b.terms.known("skill", up.value))
	})
}

// readPoints puts the places for which a condition holds to their jobs.
func (s *Store) readPoints(ctx context.Context, b *board, where string, values ...any) error {
	type point struct {
		post    int64
		x, y, z int32
	}
	return eachRow(ctx, s.reader, func(row pgx.CollectableRow) (p point, err error) {
		err = row.Scan(&p.post, &p.x, &p.y, &p.z)
		return p, err
	}, func(p point) {
		if at, here := b.byID[p.post]; here {
			b.jobs[at].points = append(b.jobs[at].points, [3]int32{p.x, p.y, p.z})
		}
	}, `
		SELECT f.post_id, f.x, f.y, f.z
		FROM job_points f
		WHERE `+where, values...)
}

// loadAllJobs reads every job of the board, when all authors are there.
func (s *Store) loadAllJobs(ctx context.Context, b *board) error {
	return s.takeJobs(ctx, b, func(take func(readJob)) error { return s.readJobs(ctx, take, "TRUE") },
		func() error { return errors.Join(s.readFacets(ctx, b, "TRUE"), s.readPoints(ctx, b, "TRUE")) })
}

// loadJobs reads some jobs again; those that are not on the board any more leave it.
func (s *Store) loadJobs(ctx context.Context, b *board, ids []int64) error {
	for part := range slices.Chunk(ids, mostIn) {
		for _, id := range part {
			b.remove(id)
		}
		var a args
		these := in(&a, part)
		if err := s.takeJobs(ctx, b, func(take func(readJob)) error { return s.readJobs(ctx, take, "j.post_id IN "+these, a...) },
			func() error {
				return errors.Join(s.readFacets(ctx, b, "f.post_id IN "+these, a...), s.readPoints(ctx, b, "f.post_id IN "+these, a...))
			}); err != nil {
			return err
		}
	}
	return nil
}

// takeJobs puts jobs on the board, then the rest of them. Authors who are new to it are
// read between.
func (s *Store) takeJobs(ctx context.Context, b *board, jobs func(func(readJob)) error, rest func() error) error {
	var ofStrangers []readJob
	var strangers []int64
	if err := jobs(func(j readJob) {
		if _, known := b.byAcct[j.author]; known {
			b.put(j)
			return
		}
		ofStrangers, strangers = append(ofStrangers, j), append(strangers, j.author)
	}); err != nil {
		return err
	}
	if err := s.loadAuthors(ctx, b, unique(strangers)); err != nil {
		return err
	}
	for _, j := range ofStrangers {
		b.put(j)
	}
	return rest()
}

// put takes a job whose author is there onto the board, without its facets.
func (b *board) put(r readJob) {
	author, known := b.byAcct[r.author]
	if !known {
		return // gone since
	}
	j := r.boardJob
	j.author, j.state = author, stateNamed(r.status)
	j.engagement, j.track, j.currency = b.terms.number("engagement", r.engagement), b.terms.number("track", r.track), b.terms.number("currency", r.currency)
	j.complete = uint8(min(max(r.completeness, 0), 4)) //nolint:gosec // within
	for _, word := range coop.Words(r.title) {
		j.title = append(j.title, b.terms.number("title", word))
	}
	if n := len(b.free); n > 0 {
		b.byID[j.id], b.jobs[b.free[n-1]] = b.free[n-1], j
		b.free = b.free[:n-1]
		return
	}
	b.byID[j.id], b.jobs = int32(len(b.jobs)), append(b.jobs, j) //nolint:gosec // there are not so many
}

// remove takes a job off the board.
func (b *board) remove(id int64) {
	if at, here := b.byID[id]; here {
		b.jobs[at] = boardJob{}
		b.free = append(b.free, at)
		delete(b.byID, id)
	}
}

// loadAllAuthors reads everybody who published a job.
func (s *Store) loadAllAuthors(ctx context.Context, b *board) error {
	return s.readAuthors(ctx, b, "IN (SELECT j.author_id FROM jobs j)")
}

// loadAuthors reads some authors again.
func (s *Store) loadAuthors(ctx context.Context, b *board, ids []int64) error {
	for part := range slices.Chunk(ids, mostIn) {
		var a args
		if err := s.readAuthors(ctx, b, "IN "+in(&a, part), a...); err != nil {
			return err
		}
	}
	return nil
}

// whomWeFollow are the accounts that the federation or a board here follows.
const whomWeFollow = `
			SELECT f.target_id
			FROM follows f
			JOIN accounts mine ON mine.id = f.follower_id
			WHERE f.state = 'accepted' AND mine.local AND mine.kind IN ('federation', 'board')`

// readAuthors reads the authors whose id is as a condition says.
func (s *Store) readAuthors(ctx context.Context, b *board, which string, values ...any) error {
	authors, err := all(ctx, s.reader, scanBoardAuthor, `
		SELECT a.id, a.handle, a.host, a.local, a.suspended_at <> 0 OR a.deleted_at <> 0, a.indexable, `+sourceOf+`,
			COALESCE(peer.policy, ''), COALESCE(peer.expires_at, 0)
		FROM accounts a
		LEFT JOIN peers peer ON peer.host = a.server
		WHERE a.id `+which, values...)
	if err != nil {
		return err
	}
	for _, author := range authors {
		b.putAuthor(author)
	}
	return s.readMembers(ctx, b, which, values...)
}

// scanBoardAuthor reads a row of readAuthors.
func scanBoardAuthor(row pgx.CollectableRow) (a boardAuthor, err error) {
	var source, policy string
	err = row.Scan(&a.id, &a.handle, &a.host, &a.local, &a.gone, &a.indexable, &source, &policy, &a.hiddenUntil)
	a.source, a.hidden = coop.JobSource(source), policy == "limit" || policy == "block"
	return a, err
}

// putAuthor takes an author in the place of what was known of them.
func (b *board) putAuthor(a boardAuthor) {
	if at, known := b.byAcct[a.id]; known {
		b.authors[at] = a
		return
	}
	b.byAcct[a.id], b.authors = int32(len(b.authors)), append(b.authors, a) //nolint:gosec // there are not so many
}

// readMembers reads of which federations authors who were just read are verified
// members.
func (s *Store) readMembers(ctx context.Context, b *board, which string, values ...any) error {
	type member struct {
		boardMember
		id   int64
		near bool
	}
	members, err := all(ctx, s.reader, func(row pgx.CollectableRow) (m member, err error) {
		err = row.Scan(&m.id, &m.handle, &m.host, &m.local, &m.near)
		return m, err
	}, `
		SELECT m.member_id, o.handle, o.host, o.local, o.local AND o.kind = 'federation' OR o.id IN (`+whomWeFollow+`)
		FROM memberships m
		JOIN accounts o ON o.id = m.organization_id
		WHERE m.state = 'member' AND m.member_says AND m.organization_says AND o.suspended_at = 0 AND o.deleted_at = 0
			AND o.kind <> 'team' AND m.member_id `+which, values...)
	for _, m := range members {
		if at, known := b.byAcct[m.id]; known {
			a := &b.authors[at]
			a.federations, a.verified = append(a.federations, m.boardMember), a.verified || m.near
		}
	}
	return err
}
