// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// One job reaches us as several posts and is listed once. Which
// copy is shown follows from the jobs that are here now, never from the order in
// which they came: after each change the copies around it are found anew by their
// keys and one of them is elected.
//
// The same identity (co-op and reference) makes two jobs one. The same page to
// apply on does so for open and paused jobs of different authors, unless an author
// sends applicants for several jobs there: then the page says nothing.

// sameKeys are the keys by which jobs are known.
type sameKeys struct{ identity, apply []string }

// with puts keys together.
func (k sameKeys) with(more sameKeys) sameKeys {
	return sameKeys{unique(slices.Concat(k.identity, more.identity)), unique(slices.Concat(k.apply, more.apply))}
}

// keysOf are the keys of one job, each a list of one.
func keysOf(p *coop.Post) sameKeys {
	return sameKeys{
		identity: []string{cleanText(coop.Truncate(p.Job.IdentityKey(p.Author.IRI), 2048))},
		apply:    []string{cleanText(coop.Truncate(p.Job.ApplyKey(), 2048))},
	}
}

// jobKeys are the stored keys of one job; none when there is no such job.
func (r reader) jobKeys(ctx context.Context, post coop.ID) (sameKeys, error) {
	k, err := all(ctx, r, func(row pgx.CollectableRow) (sameKeys, error) {
		var identity, apply string
		err := row.Scan(&identity, &apply)
		return sameKeys{[]string{identity}, []string{apply}}, err
	}, `SELECT identifier_key, apply_key FROM jobs WHERE post_id = $1`, int64(post))
	if err != nil || len(k) == 0 {
		return sameKeys{}, err
	}
	return k[0], nil
}

// copied is one job among its copies.
type copied struct {
	id, author      int64
	iri             coop.IRI
	identity, apply string
	status          coop.JobStatus
	shown           int64 // duplicate_of
	listable        bool
	rank            coop.CopyRank
	local           bool
}

// live tells whether one could still apply.
func (c copied) live() bool { return c.status == coop.JobOpen || c.status == coop.JobPaused }

// mostCopies bounds how many jobs are looked at around one change, mostRounds how
// far from it.
const (
	mostCopies = 500
	mostRounds = 3
)

// electJobs finds the jobs that share keys, directly or through others, and elects
// the copy that is shown of each group.
func (tx *Tx) electJobs(ctx context.Context, keys sameKeys) error {
	if keys = keys.with(sameKeys{}); len(keys.identity)+len(keys.apply) == 0 {
		return nil
	}
	if err := tx.alone(ctx, slices.Concat(keys.identity, keys.apply)...); err != nil {
		return err
	}
	var jobs []copied
	for range mostRounds {
		found, err := tx.sharing(ctx, keys)
		if err != nil {
			return fmt.Errorf("copies of a job: %w", err)
		}
		if len(found) == len(jobs) {
			break
		}
		jobs = found
		for _, j := range jobs {
			keys.identity, keys.apply = append(keys.identity, j.identity), append(keys.apply, j.apply)
		}
		keys = keys.with(sameKeys{})
	}
	for _, group := range groups(jobs) {
		if err := tx.elect(ctx, group); err != nil {
			return err
		}
	}
	return nil
}

// sharing finds the jobs that have one of the keys.
func (tx *Tx) sharing(ctx context.Context, keys sameKeys) ([]copied, error) {
	var a args
	return all(ctx, tx.reader, scanCopied, `
		SELECT j.post_id, j.author_id, p.iri, j.identifier_key, j.apply_key, j.status, j.duplicate_of, p.local,
			a.suspended_at = 0 AND a.deleted_at = 0 AND p.visibility = 'public' AND p.reached AND NOT p.draft,
			a.kind, a.iri, j.payload
		FROM jobs j
		JOIN posts p ON p.id = j.post_id
		JOIN accounts a ON a.id = p.author_id
		WHERE j.post_id IN (
			SELECT x.post_id FROM jobs x WHERE x.identifier_key <> '' AND x.identifier_key IN `+in(&a, keys.identity[:min(len(keys.identity), mostIn)])+`
			UNION
			SELECT x.post_id FROM jobs x WHERE x.apply_key <> '' AND x.apply_key IN `+in(&a, keys.apply[:min(len(keys.apply), mostIn)])+`)
		ORDER BY j.post_id DESC
		LIMIT `+a.add(mostCopies), a...)
}

// scanCopied reads a row of sharing.
func scanCopied(row pgx.CollectableRow) (copied, error) {
	var c copied
	var iri, status, kind, author, payload string
	if err := row.Scan(&c.id, &c.author, &iri, &c.identity, &c.apply, &status, &c.shown, &c.local, &c.listable,
		&kind, &author, &payload); err != nil {
		return c, err
	}
	var j coop.Job
	if err := json.Unmarshal([]byte(payload), &j); err != nil {
		return c, err
	}
	c.iri, c.status = coop.IRI(iri), coop.JobStatus(status)
	c.rank = coop.RankOfCopy(&j, c.iri, &coop.Account{Kind: coop.AccountKind(kind), IRI: coop.IRI(author)})
	return c, nil
}

// groups puts together what is the same job.
func groups(jobs []copied) [][]copied {
	boss := make([]int, len(jobs))
	for i := range boss {
		boss[i] = i
	}
	find := func(i int) int {
		for boss[i] != i {
			i = boss[i]
		}
		return i
	}
	said := sayingPages(jobs)
	byKey := make(map[string]int)
	for i, j := range jobs {
		for _, key := range joiningKeys(j, said) {
			if other, ok := byKey[key]; ok {
				boss[find(i)] = find(other)
			} else {
				byKey[key] = i
			}
		}
	}
	together := make(map[int][]copied)
	for i, j := range jobs {
		together[find(i)] = append(together[find(i)], j)
	}
	list := make([][]copied, 0, len(together))
	for _, group := range together {
		list = append(list, group)
	}
	return list
}

// joiningKeys are the keys that make a job one with others. What is not to be
// listed is nobody's copy.
func joiningKeys(j copied, pages map[string]bool) []string {
	if !j.listable {
		return nil
	}
	var keys []string
	if j.identity != "" {
		keys = append(keys, "identity "+j.identity)
	}
	if pages[j.apply] && j.live() {
		keys = append(keys, "apply "+j.apply)
	}
	return keys
}

// sayingPages are the pages to apply on to which no author sends applicants for
// more than one live job.
func sayingPages(jobs []copied) map[string]bool {
	type use struct {
		author int64
		page   string
	}
	identity, pages := make(map[use]copied), make(map[string]bool)
	for _, j := range jobs {
		if j.apply == "" || !j.live() || !j.listable {
			continue
		}
		u := use{j.author, j.apply}
		other, twice := identity[u]
		if twice && (other.identity == "" || other.identity != j.identity) {
			pages[j.apply] = false
			continue
		}
		identity[u] = j
		if _, known := pages[j.apply]; !known {
			pages[j.apply] = true
		}
	}
	return pages
}

// elect shows the best copy of a group and hides the others behind it.
func (tx *Tx) elect(ctx context.Context, group []copied) error {
	best := slices.MinFunc(group, func(a, b copied) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), before(a.live(), b.live()), before(a.local, b.local), cmp.Compare(a.iri, b.iri))
	})
	for _, j := range group {
		shown := best.id
		if j.id == best.id {
			shown = 0
		}
		if shown == j.shown {
			continue
		}
		if _, err := tx.exec(ctx, `UPDATE jobs SET duplicate_of = $1 WHERE post_id = $2`, shown, j.id); err != nil {
			return fmt.Errorf("copies of a job: %w", err)
		}
	}
	return nil
}

// before puts what is true first.
func before(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	default:
		return 1
	}
}

// electJobsOf elects anew around all jobs of an account that was suspended, came
// back or is deleted.
func (tx *Tx) electJobsOf(ctx context.Context, author coop.ID) error {
	return tx.electAround(ctx, `SELECT identifier_key, apply_key FROM jobs WHERE author_id = $1`, int64(author))
}

// electAround elects anew around the jobs whose keys a question gives.
func (tx *Tx) electAround(ctx context.Context, sql string, values ...any) error {
	found, err := all(ctx, tx.reader, func(row pgx.CollectableRow) (sameKeys, error) {
		var identity, apply string
		err := row.Scan(&identity, &apply)
		return sameKeys{[]string{identity}, []string{apply}}, err
	}, sql, values...)
	if err != nil {
		return fmt.Errorf("copies of jobs: %w", err)
	}
	for _, keys := range found {
		if err := tx.electJobs(ctx, keys); err != nil {
			return err
		}
	}
	return nil
}
