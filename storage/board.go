// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"sync"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// The board in memory. A search of jobs counts the values of a dozen facets over all
// jobs that match, and most jobs match most searches: asked of a database that is a
// dozen walks through the same rows. So each node keeps of every job what searches
// compare, a few hundred bytes, and reads before each search what changed since the
// last one: triggers number the changes in the order of their commits
// (migrations/*/0035_board.sql), so that a search sees everything that was committed
// before it, on every node. Texts stay in the database, and so does what is shown.
//
// Inside of a transaction, and for viewers whom it does not know, the same is asked in
// SQL ([reader.SearchJobs]); one test holds both against [coop.JobQuery.Match].

// board is what searches compare of the jobs that are public and reached, neither draft
// nor frozen, and no copy of another. The zero board has read nothing yet.
type board struct {
	mu      sync.RWMutex
	loaded  bool
	at      int64 // number of the last change that is in it
	jobs    []boardJob
	byID    map[int64]int32 // where in jobs
	free    []int32         // places in jobs that hold none
	authors []boardAuthor
	byAcct  map[int64]int32 // where in authors
	terms   boardTerms
}

// boardJob is one job.
type boardJob struct {
	id            int64 // 0: none is here
	posted, until int64 // Unix milliseconds
	pay           int64 // a year, in hundredths; 0: not stated
	from, to      int64 // hours a week, in hundredths
	author        int32
	engagement    uint32 // these are terms
	track         uint32
	currency      uint32
	state         boardState
	complete      uint8
	remote        bool
	anywhere      bool
	openToNew     bool
	facets        []uint32   // terms
	title         []uint32   // its words, as terms
	points        [][3]int32 // as [coop.Point.Cube]
}

// boardState is what the search asks of a status.
type boardState uint8

const (
	stateOther boardState = iota // a draft
	stateOpen
	statePaused
	stateEnded
)

// stateNamed reads a status.
func stateNamed(status string) boardState {
	switch coop.JobStatus(status) {
	case coop.JobOpen:
		return stateOpen
	case coop.JobPaused:
		return statePaused
	case coop.JobFilled, coop.JobWithdrawn, coop.JobClosed, coop.JobExpired:
		return stateEnded
	}
	return stateOther
}

// shown tells whether a job stands on the board at a moment, with the archive or
// without.
func (s boardState) shown(until, now int64, archive bool) bool {
	if s == stateOpen && until > now {
		return true
	}
	return archive && (s == stateEnded || s == stateOpen || s == statePaused && until <= now)
}

// boardAuthor is who published jobs.
type boardAuthor struct {
	id           int64
	handle, host string
	local        bool
	gone         bool // suspended or deleted
	indexable    bool
	hidden       bool  // its server is limited or blocked
	hiddenUntil  int64 // until when, Unix milliseconds; 0: for good
	source       coop.JobSource
	verified     bool // by a federation that this instance is or follows
	federations  []boardMember
}

// boardMember is a federation that says that an author is its member, and the author
// says so too.
type boardMember struct {
	handle, host string
	local        bool
}

// boardTerms are the words and values that jobs have, each with a number; 0 is none.
type boardTerms struct {
	numbers map[boardTerm]uint32
	list    []boardTerm
}

// boardTerm is a value of a facet, or a word of a title.
type boardTerm struct{ facet, value string }

// number gives a term its number.
func (t *boardTerms) number(facet, value string) uint32 {
	if value == "" {
		return 0
	}
	if t.numbers == nil {
		t.numbers, t.list = map[boardTerm]uint32{}, []boardTerm{{}}
	}
	term := boardTerm{facet, value}
	if n, known := t.numbers[term]; known {
		return n
	}
	n := uint32(len(t.list)) //nolint:gosec // there are not so many
	t.numbers[term], t.list = n, append(t.list, term)
	return n
}

// known is the number of a term that some job has, 0 of any other.
func (t *boardTerms) known(facet, value string) uint32 { return t.numbers[boardTerm{facet, value}] }

// mostChanges is how many changes are read one by one; after more of them everything
// is read anew. [Tx.SweepQueues] keeps more than that.
const mostChanges = 5000

// boardChange is a row of board_changes.
type boardChange struct{ n, post, account int64 }

// fresh brings the board up to what is committed now, and gives it locked for reading;
// done ends that.
func (s *Store) fresh(ctx context.Context) (b *board, done func(), err error) {
	b = s.board
	changes, err := s.boardChanges(ctx, b.number())
	if err == nil && len(changes) > 0 || !b.isLoaded() {
		err = s.refresh(ctx, b)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("read the board: %w", err)
	}
	b.mu.RLock()
	return b, b.mu.RUnlock, nil
}

// number is that of the last change that is in the board.
func (b *board) number() int64 {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.at
}

// isLoaded tells whether the board was read whole.
func (b *board) isLoaded() bool {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.loaded
}

// boardChanges are those after a number.
func (s *Store) boardChanges(ctx context.Context, after int64) ([]boardChange, error) {
	return all(ctx, s.reader, func(row pgx.CollectableRow) (c boardChange, err error) {
		err = row.Scan(&c.n, &c.post, &c.account)
		return c, err
	}, `
		SELECT n, post_id, account_id
		FROM board_changes
		WHERE n > $1
		ORDER BY n
		LIMIT $2`, after, mostChanges+1)
}

// refresh reads what changed, or everything.
func (s *Store) refresh(ctx context.Context, b *board) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.loaded {
		return s.loadBoard(ctx, b)
	}
	changes, err := s.boardChanges(ctx, b.at)
	if err != nil || len(changes) == 0 {
		return err // somebody else was faster
	}
	if len(changes) > mostChanges || changes[0].n != b.at+1 || len(b.terms.list) > mostTerms(len(b.jobs)) {
		return s.loadBoard(ctx, b)
	}
	if err := s.followChanges(ctx, b, changes); err != nil {
		b.loaded = false // what was read in part is read whole the next time
		return err
	}
	b.at = changes[len(changes)-1].n
	return nil
}

// mostTerms bounds the terms of which no job is left: others choose what they are
// called, and could go on making new ones.
func mostTerms(jobs int) int { return 50_000 + 60*jobs }

// followChanges reads again what changed.
func (s *Store) followChanges(ctx context.Context, b *board, changes []boardChange) error {
	var posts, accounts []int64
	everybody := false
	for _, c := range changes {
		posts = append(posts, c.post)
		if _, known := b.byAcct[c.account]; known {
			accounts = append(accounts, c.account)
		}
		everybody = everybody || c.post == 0 && c.account == 0
	}
	if everybody {
		accounts = nil
		for id := range b.byAcct {
			accounts = append(accounts, id)
		}
	}
	if err := s.loadAuthors(ctx, b, unique(accounts)); err != nil {
		return err
	}
	return s.loadJobs(ctx, b, unique(posts))
}

// loadBoard reads everything. The number of the last change is read first: what is
// committed while the rest is read is read once more the next time.
func (s *Store) loadBoard(ctx context.Context, b *board) error {
	at, err := s.number(ctx, `SELECT COALESCE(MAX(n), 0) FROM board_changes`)
	if err != nil {
		return err
	}
	b.loaded, b.at = false, at
	b.jobs, b.byID, b.free = nil, map[int64]int32{}, nil
	b.authors, b.byAcct, b.terms = nil, map[int64]int32{}, boardTerms{}
	if err := s.loadAllAuthors(ctx, b); err != nil {
		return err
	}
	if err := s.loadAllJobs(ctx, b); err != nil {
		return err
	}
	b.loaded = true
	return nil
}

// WarmBoard reads the board, so that the first search needs not wait for it.
func (s *Store) WarmBoard(ctx context.Context) error {
	_, done, err := s.fresh(ctx)
	if err == nil {
		done()
	}
	return err
}
