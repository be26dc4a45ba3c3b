// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"fmt"
	"time"

	"minga/coop"
	"minga/storage"
)

// How much of the work on saved searches one turn does, and how often all jobs are
// compared with a question although nothing changed: time passes, and a membership or a
// follow may change what a question finds.
const (
	mostTouched    = 200
	mostQueries    = 500
	mostPerTurn    = 100
	lookEvery      = time.Hour
	announceWithin = time.Hour
)

// RunSearches compares jobs that come, change and go with what people look for, until
// ctx ends; an error is the store's.
func (o *Outbox) RunSearches(ctx context.Context) error {
	return o.turns(ctx, storage.TopicSearches, o.StepSearches)
}

// StepSearches does a part of what is due for saved searches, and says whether there
// was anything.
func (o *Outbox) StepSearches(ctx context.Context) (did bool, err error) {
	for _, step := range []func(context.Context) (bool, error){o.matchTouched, o.lookAgain, o.takeBack, o.announceFound, o.writeAlerts, o.tendSearches} {
		moved, err := step(ctx)
		if err != nil {
			return did, err
		}
		did = did || moved
	}
	return did, nil
}

// allQueries are all questions.
func (o *Outbox) allQueries(ctx context.Context) (list []coop.SearchQuery, err error) {
	for after := coop.ID(0); ; {
		part, err := o.store.SearchQueries(ctx, after, mostQueries)
		if err != nil {
			return nil, err
		}
		list = append(list, part...)
		if len(part) < mostQueries {
			return list, nil
		}
		after = part[len(part)-1].ID
	}
}

// matchTouched compares jobs that changed with all questions.
func (o *Outbox) matchTouched(ctx context.Context) (bool, error) {
	touched, err := o.store.TouchedJobs(ctx, mostTouched)
	if err != nil || len(touched) == 0 {
		return false, err
	}
	queries, err := o.allQueries(ctx)
	if err != nil {
		return false, err
	}
	m := o.newMatching()
	for _, t := range touched {
		m.jobs, m.quiet[t.Post] = append(m.jobs, t.Post), t.Quiet
	}
	if err := m.readKnown(ctx); err != nil {
		return false, err
	}
	for _, q := range queries {
		if err := m.compare(ctx, q); err != nil {
			return false, err
		}
	}
	return true, o.store.Write(ctx, func(tx *storage.Tx) error {
		if err := m.keep(ctx, tx); err != nil {
			return err
		}
		return tx.FinishTouched(ctx, touched)
	})
}

// lookAgain compares all jobs with the questions whose turn it is.
func (o *Outbox) lookAgain(ctx context.Context) (bool, error) {
	queries, err := o.store.QueriesToLook(ctx, o.now().Add(-lookEvery), mostPerTurn)
	if err != nil {
		return false, err
	}
	for _, q := range queries {
		if err := o.lookAt(ctx, q); err != nil {
			return false, fmt.Errorf("look for %s: %w", q.ID, err)
		}
	}
	return len(queries) > 0, nil
}

// lookAt compares all jobs with one question.
func (o *Outbox) lookAt(ctx context.Context, q coop.SearchQuery) error {
	m := o.newMatching()
	fresh, err := o.store.NewAnswers(ctx, q, o.o.Local.AccountDomain, mostTouched)
	if err != nil {
		return err
	}
	live, err := o.store.HitsIn(ctx, q.ID, mostQueries-mostTouched, storage.HitWaiting, storage.HitAnnounced, storage.HitListed)
	if err != nil {
		return err
	}
	m.jobs = fresh
	for _, h := range live {
		m.jobs = append(m.jobs, h.Post)
		m.known[[2]coop.ID{q.ID, h.Post}] = h
	}
	if err := m.compare(ctx, q); err != nil {
		return err
	}
	return o.store.Write(ctx, func(tx *storage.Tx) error {
		if err := m.keep(ctx, tx); err != nil {
			return err
		}
		return tx.LookedAt(ctx, q.ID, o.now())
	})
}

// matching is what a comparison of some jobs with questions has come to.
type matching struct {
	o     *Outbox
	jobs  []coop.ID
	quiet map[coop.ID]bool
	known map[[2]coop.ID]storage.SearchHit // by question and job
	found []storage.SearchHit
	asks  map[coop.ID]coop.SearchQuery
	lost  []storage.SearchHit
}

func (o *Outbox) newMatching() *matching {
	return &matching{o: o, quiet: map[coop.ID]bool{}, known: map[[2]coop.ID]storage.SearchHit{}, asks: map[coop.ID]coop.SearchQuery{}}
}

// readKnown reads which questions found the jobs before.
func (m *matching) readKnown(ctx context.Context) error {
	hits, err := m.o.store.HitsOf(ctx, m.jobs)
	for _, h := range hits {
		m.known[[2]coop.ID{h.Query, h.Post}] = h
	}
	return err
}

// compare notes what a question finds now, and what it finds no more.
func (m *matching) compare(ctx context.Context, q coop.SearchQuery) error {
	answers, err := m.o.store.JobsThatAnswer(ctx, q.Asked(), m.o.o.Local.AccountDomain, m.jobs)
	if err != nil {
		return err
	}
	m.asks[q.ID] = q
	for _, job := range m.jobs {
		answer, answers := answers[job]
		h, known := m.known[[2]coop.ID{q.ID, job}]
		switch {
		case known && !answers && (h.State == storage.HitWaiting || h.State == storage.HitListed):
			h.State = storage.HitEnded
			m.lost = append(m.lost, h)
		case known && !answers && h.State == storage.HitAnnounced:
			h.State = storage.HitEnding
			m.lost = append(m.lost, h)
		case !known && answer.Shown:
			h = storage.SearchHit{Query: q.ID, Post: job, PostIRI: answer.IRI, At: m.o.now(), Quiet: m.quiet[job]}
			if q.Account != 0 {
				h.State = storage.HitWaiting
			}
			m.found = append(m.found, h)
		}
	}
	return nil
}

// keep writes down what was found and lost, and lets those know who want to at once.
func (m *matching) keep(ctx context.Context, tx *storage.Tx) error {
	for _, h := range m.lost {
		if err := tx.SetHit(ctx, h); err != nil {
			return err
		}
	}
	for _, h := range m.found {
		news, err := tx.AddHit(ctx, h)
		if err != nil {
			return err
		}
		if news {
			if err := m.o.tellFound(ctx, tx, h); err != nil {
				return err
			}
		}
	}
	return nil
}

// tellFound tells who saved a search of what it found: here, and by webhooks.
func (o *Outbox) tellFound(ctx context.Context, tx *storage.Tx, h storage.SearchHit) error {
	savers, err := tx.SavedFor(ctx, h.Query)
	if err != nil || len(savers) == 0 {
		return err
	}
	post, err := tx.Post(ctx, coop.System(), h.Post)
	if isNotFound(err) {
		return nil
	}
	if err != nil {
		return ignoreGone(err)
	}
	for _, s := range savers {
		if s.Site && s.AccountID != 0 {
			if err := tx.TellMatch(ctx, s.AccountID, post); err != nil {
				return err
			}
		}
		if s.Hook != "" {
			if err := o.addHook(ctx, tx, s, h.Post); err != nil {
				return err
			}
		}
	}
	return nil
}
