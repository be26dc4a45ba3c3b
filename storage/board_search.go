// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// SearchJobs is [reader.SearchJobs] from the board in memory. With page.Count it counts
// the facets too.
func (s *Store) SearchJobs(ctx context.Context, v coop.Viewer, q coop.JobQuery, page JobPage) (JobList, error) {
	if q.Nothing {
		return JobList{}, nil
	}
	if v.Class != coop.ViewerAnonymous && v.Class != coop.ViewerAccount {
		return s.reader.SearchJobs(ctx, v, q, page)
	}
	list, ids, err := s.searchBoard(ctx, v, q, page.within())
	if err == nil {
		list.Posts, err = s.PostsByID(ctx, v, ids)
	}
	if err != nil {
		return list, fmt.Errorf("search jobs: %w", err)
	}
	list.keepFound()
	return list, nil
}

// keepFound drops what was told of a job that went while it was found.
func (l *JobList) keepFound() {
	l.Found = slices.DeleteFunc(l.Found, func(f JobFound) bool {
		return !slices.ContainsFunc(l.Posts, func(p *coop.Post) bool { return p.ID == f.ID })
	})
}

// JobFacets counts, for each value of each facet, the jobs that a query finds once the
// value is chosen in the place of what it asks of that facet. Values without a job are
// not there.
func (s *Store) JobFacets(ctx context.Context, v coop.Viewer, q coop.JobQuery, domain string) (map[string][]coop.FacetCount, error) {
	if q.Nothing {
		return map[string][]coop.FacetCount{}, nil
	}
	if v.Class != coop.ViewerAccount {
		v = coop.Anonymous()
	}
	list, _, err := s.searchBoard(ctx, v, q, JobPage{Count: true, Domain: domain, Limit: 1})
	if err != nil {
		return nil, fmt.Errorf("count jobs: %w", err)
	}
	return list.Facets, nil
}

// searchBoard finds jobs in memory: what is told of them, and the ids of the page.
func (s *Store) searchBoard(ctx context.Context, v coop.Viewer, q coop.JobQuery, page JobPage) (JobList, []coop.ID, error) {
	q, err := s.lookUp(ctx, q)
	if err != nil {
		return JobList{}, nil, err
	}
	wording, err := s.jobsWithWords(ctx, q.Text)
	if err != nil {
		return JobList{}, nil, err
	}
	blocked, err := s.blockedFor(ctx, v)
	if err != nil {
		return JobList{}, nil, err
	}
	b, done, err := s.fresh(ctx)
	if err != nil {
		return JobList{}, nil, err
	}
	defer done()
	walk := b.walk(b.ask(&q, page.Domain, blocked, s.e.now()), wording, page, readCursor(page.Cursor).asOf(s.e.now()))
	list, ids := walk.list()
	return list, ids, nil
}

// boardWalk is one walk through the jobs of the board.
type boardWalk struct {
	b     *board
	a     *boardAsk
	page  JobPage
	asOf  time.Time
	found []int32
	count *boardCount
	other int // jobs of other currencies
}

// walk looks at every job, or at those with the words that were asked.
func (b *board) walk(a *boardAsk, wording []int64, page JobPage, asOf time.Time) *boardWalk {
	w := &boardWalk{b: b, a: a, page: page, asOf: asOf}
	if page.Count {
		w.count = b.counting(a)
	}
	if a.q.Text.Empty() {
		for i := range b.jobs {
			w.look(int32(i)) //nolint:gosec // there are not so many
		}
		return w
	}
	for _, id := range wording {
		if i, here := b.byID[id]; here {
			w.look(i)
		}
	}
	return w
}

// look finds and counts one job.
func (w *boardWalk) look(i int32) {
	j := &w.b.jobs[i]
	if j.id == 0 || !j.state.shown(j.until, w.a.now, w.a.q.Archive) || w.a.out[j.author] {
		return
	}
	lacking, ok, otherCurrency := w.a.lacks(j)
	switch {
	case otherCurrency && lacking == 0:
		w.other++
	case !ok:
	default:
		if lacking == 0 {
			w.found = append(w.found, i)
		}
		if w.count != nil {
			w.count.add(w.b, j, lacking)
		}
	}
}

// list orders what was found and cuts the page out of it.
func (w *boardWalk) list() (JobList, []coop.ID) {
	list := JobList{Total: len(w.found), OtherCurrency: w.other}
	if w.count != nil {
		list.Facets = w.count.all(w.b, w.page.Domain)
	}
	best, next := w.best()
	list.Next = next
	ids := make([]coop.ID, len(best))
	for n, f := range best {
		ids[n] = f.id
		list.Found = append(list.Found, w.told(f))
	}
	return list, ids
}

// told says what the rank of a job rests on.
func (w *boardWalk) told(f foundJob) JobFound {
	j := &w.b.jobs[w.b.byID[int64(f.id)]]
	return JobFound{ID: f.id, Source: f.source, Skills: w.a.graded(j, nil), Text: f.text, Far: f.far}
}

// jobsWithWords are the jobs with what was asked for, in one row: a driver is slow with
// thousands of them.
func (s *Store) jobsWithWords(ctx context.Context, q coop.TextQuery) ([]int64, error) {
	if q.Empty() {
		return nil, nil
	}
	if s.e.engine == Postgres {
		return first(ctx, s.reader, pgx.RowTo[[]int64], `
			SELECT COALESCE(array_agg(s.post_id), '{}')
			FROM job_search s
			WHERE s.words @@ CAST(CAST($1 AS text) AS tsquery)`, tsQuery(q))
	}
	line, err := first(ctx, s.reader, scanText, `
		SELECT COALESCE(group_concat(rowid, ' '), '')
		FROM job_search
		WHERE job_search MATCH $1`, ftsQuery(q))
	if err != nil {
		return nil, err
	}
	ids := make([]int64, 0, len(line)/19)
	for id := range strings.SplitSeq(line, " ") {
		if n, err := strconv.ParseInt(id, 10, 64); err == nil {
			ids = append(ids, n)
		}
	}
	return ids, nil
}

// blockedFor are the accounts that block a viewer or are blocked by them.
func (s *Store) blockedFor(ctx context.Context, v coop.Viewer) (map[int64]bool, error) {
	if v.Class != coop.ViewerAccount {
		return nil, nil
	}
	ids, err := all(ctx, s.reader, scanNumber, `
		SELECT b.target_id FROM blocks b WHERE b.blocker_id = $1
		UNION
		SELECT b.blocker_id FROM blocks b WHERE b.target_id = $1`, int64(v.Account))
	blocked := make(map[int64]bool, len(ids))
	for _, id := range ids {
		blocked[id] = id != int64(v.Account)
	}
	return blocked, err
}

// Km is how far the job is from the place that was asked for, over the ground; ok is
// false where nobody knows, or no place was asked.
func (f JobFound) Km() (km float64, ok bool) {
	if f.Far >= farAway {
		return 0, false
	}
	return coop.ChordKm(f.Far), true
}
