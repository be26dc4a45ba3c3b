// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// termColumns are those that [termTargets] reads, of the table named t.
const termColumns = "t.id, t.kind, t.name, t.label, t.labels, t.state, t.into_id, t.root_id, t.proposed_by, t.created_at, t.changed_at"

// usesOfTerm is how many co-ops and imported entries say the term t themselves.
const usesOfTerm = `(SELECT COUNT(*) FROM coop_services s WHERE s.term_id = t.id) + (SELECT COUNT(*) FROM directory_row_services s WHERE s.term_id = t.id)`

// scanUsedTerm reads a row of [termColumns] and [usesOfTerm].
func scanUsedTerm(row pgx.CollectableRow) (*coop.ServiceTerm, error) {
	t := &coop.ServiceTerm{}
	targets, finish := termTargets(t)
	if err := row.Scan(append(targets, &t.Uses)...); err != nil {
		return nil, err
	}
	return t, finish()
}

// termTargets are where the columns of [termColumns] go; finish completes the term.
func termTargets(t *coop.ServiceTerm) (targets []any, finish func() error) {
	var id, into, root, by, created, changed int64
	var kind, labels, state string
	return []any{&id, &kind, &t.Name, &t.Label, &labels, &state, &into, &root, &by, &created, &changed}, func() error {
		t.ID, t.Into, t.Root, t.ProposedBy = coop.ID(id), coop.ID(into), coop.ID(root), coop.ID(by)
		t.Kind, t.State, t.CreatedAt, t.ChangedAt = coop.ServiceKind(kind), coop.ServiceState(state), atMs(created), atMs(changed)
		if err := json.Unmarshal([]byte(labels), &t.Labels); err != nil {
			return fmt.Errorf("names of term %d: %w", id, err)
		}
		return nil
	}
}

// ServiceTerm finds a term of the catalogue, or gives [coop.ErrNotFound].
func (r reader) ServiceTerm(ctx context.Context, id coop.ID) (*coop.ServiceTerm, error) {
	t, err := first(ctx, r, scanUsedTerm, `
		SELECT `+termColumns+`, `+usesOfTerm+`
		FROM service_terms t
		WHERE t.id = $1`, int64(id))
	if err != nil {
		return nil, fmt.Errorf("service term %s: %w", id, err)
	}
	return t, nil
}

// ServiceTermNamed finds the term that something is called by, whatever its case and
// accents, or gives [coop.ErrNotFound].
func (r reader) ServiceTermNamed(ctx context.Context, kind coop.ServiceKind, label string) (*coop.ServiceTerm, error) {
	t, err := first(ctx, r, scanUsedTerm, `
		SELECT `+termColumns+`, `+usesOfTerm+`
		FROM service_terms t
		WHERE t.kind = $1 AND t.name = $2`, string(kind), coop.FoldService(label))
	if err != nil {
		return nil, fmt.Errorf("service term %.100q: %w", label, err)
	}
	return t, nil
}

// TermQuery says which terms of the catalogue are wanted. Empty fields do not narrow.
type TermQuery struct {
	Kind   coop.ServiceKind
	States []coop.ServiceState
	Root   coop.ID // those that mean this one, itself among them
	Prefix string  // a word of a name begins so
}

// mostInCatalogue is how many terms are listed at once.
const mostInCatalogue = 3000

// ServiceTerms lists terms by their names, at most limit.
func (r reader) ServiceTerms(ctx context.Context, q TermQuery, limit int) ([]*coop.ServiceTerm, error) {
	var a args
	where := "TRUE"
	if q.Kind != "" {
		where += " AND t.kind = " + a.add(string(q.Kind))
	}
	if len(q.States) > 0 {
		where += " AND t.state IN " + in(&a, texts(q.States))
	}
	if q.Root != 0 {
		where += " AND t.root_id = " + a.add(int64(q.Root))
	}
	for _, word := range coop.Words(coop.Truncate(q.Prefix, 200)) {
		where += " AND t.id IN (SELECT w.term_id FROM service_words w WHERE w.word >= " + a.add(word) + " AND w.word < " + a.add(word+endOfText) + ")"
	}
	list, err := all(ctx, r, scanUsedTerm, `
		SELECT `+termColumns+`, `+usesOfTerm+`
		FROM service_terms t
		WHERE `+where+`
		ORDER BY t.name, t.kind, t.id
		LIMIT `+a.add(max(1, min(limit, mostInCatalogue))), a...)
	if err != nil {
		return nil, fmt.Errorf("service terms: %w", err)
	}
	return list, nil
}

// ServicesOf is what some co-ops say that they do, in their own words and their own order,
// each with its term.
func (r reader) ServicesOf(ctx context.Context, accounts []coop.ID) (map[coop.ID][]coop.Offering, error) {
	var a args
	out := map[coop.ID][]coop.Offering{}
	if len(accounts) == 0 {
		return out, nil
	}
	_, err := all(ctx, r, func(row pgx.CollectableRow) (none struct{}, err error) {
		t := &coop.ServiceTerm{}
		targets, finish := termTargets(t)
		var account int64
		var label string
		if err = row.Scan(append(targets, &account, &label)...); err != nil {
			return none, err
		}
		if err = finish(); err != nil {
			return none, err
		}
		out[coop.ID(account)] = append(out[coop.ID(account)], coop.Offering{Kind: t.Kind, Label: label, Term: t})
		return none, nil
	}, `
		SELECT `+termColumns+`, s.account_id, s.label
		FROM coop_services s
		JOIN service_terms t ON t.id = s.term_id
		WHERE s.account_id IN `+in(&a, accounts)+`
		ORDER BY s.account_id, s.position, s.term_id`, a...)
	if err != nil {
		return nil, fmt.Errorf("services: %w", err)
	}
	return out, nil
}

// PutServices keeps what a co-op says that it does, in the place of what it said before.
// What the catalogue does not have becomes an own term there; one that nobody says any
// more leaves it.
func (tx *Tx) PutServices(ctx context.Context, account coop.ID, list []coop.Offering) error {
	if err := tx.alone(ctx, "services of "+account.String()); err != nil {
		return err
	}
	before, err := all(ctx, tx.reader, scanID, `SELECT term_id FROM coop_services WHERE account_id = $1`, int64(account))
	if err != nil {
		return fmt.Errorf("services of account %s: %w", account, err)
	}
	if _, err := tx.exec(ctx, `DELETE FROM coop_services WHERE account_id = $1`, int64(account)); err != nil {
		return fmt.Errorf("services of account %s: %w", account, err)
	}
	for i, o := range list[:min(len(list), coop.MaxServices)] {
		var id coop.ID
		var err error
		if o.Term != nil && o.Term.Kind == o.Kind {
			id = o.Term.ID // chosen from the catalogue, under any of its names
		} else {
			id, err = tx.termFor(ctx, o.Kind, o.Label)
		}
		if err != nil {
			return err
		}
		if id == 0 {
			continue
		}
		if _, err := tx.insert(ctx, "coop_services", []column{
			{"account_id", int64(account)}, {"term_id", int64(id)}, {"label", coop.CleanLine(o.Label, 200)}, {"position", int64(i)},
		}, "ON CONFLICT DO NOTHING"); err != nil {
			return err
		}
	}
	return tx.dropUnsaid(ctx, before)
}

// dropUnsaid takes own terms out of the catalogue that nobody says and nothing was merged
// into.
func (tx *Tx) dropUnsaid(ctx context.Context, terms []coop.ID) error {
	if len(terms) == 0 {
		return nil
	}
	var a args
	_, err := tx.exec(ctx, `
		DELETE FROM service_terms
		WHERE id IN `+in(&a, terms)+` AND state = 'own'
			AND NOT EXISTS (SELECT 1 FROM coop_services s WHERE s.term_id = service_terms.id)
			AND NOT EXISTS (SELECT 1 FROM directory_row_services s WHERE s.term_id = service_terms.id)
			AND NOT EXISTS (SELECT 1 FROM service_terms u WHERE u.into_id = service_terms.id)`, a...)
	if err != nil {
		return fmt.Errorf("drop service terms: %w", err)
	}
	return nil
}

// termFor is the id of the term of a label, which is made where it is not there; zero for
// what cannot be a term.
func (tx *Tx) termFor(ctx context.Context, kind coop.ServiceKind, label string) (coop.ID, error) {
	name, label := coop.FoldService(label), coop.CleanLine(label, 200)
	if name == "" || label == "" || !slices.Contains(coop.ServiceKinds(), kind) {
		return 0, nil
	}
	now := msOf(tx.e.now())
	id, err := tx.inserted(ctx, "service_terms", []column{
		{"kind", string(kind)},
		{"name", name},
		{"label", label},
		{"labels", "{}"},
		{"state", string(coop.ServiceOwn)},
		{"into_id", int64(0)},
		{"root_id", int64(0)},
		{"proposed_by", int64(0)},
		{"created_at", now},
		{"changed_at", now},
	})
	if err != nil {
		return 0, err
	}
	if id == 0 { // it is there
		n, err := tx.number(ctx, `SELECT id FROM service_terms WHERE kind = $1 AND name = $2`, string(kind), name)
		if err != nil {
			return 0, fmt.Errorf("service term %q: %w", name, err)
		}
		return coop.ID(n), nil
	}
	if _, err := tx.exec(ctx, `UPDATE service_terms SET root_id = id WHERE id = $1`, int64(id)); err != nil {
		return 0, fmt.Errorf("service term %q: %w", name, err)
	}
	return id, tx.putTermWords(ctx, id, []string{label})
}

// putTermWords keeps what a term is found by.
func (tx *Tx) putTermWords(ctx context.Context, id coop.ID, labels []string) error {
	if _, err := tx.exec(ctx, `DELETE FROM service_words WHERE term_id = $1`, int64(id)); err != nil {
		return fmt.Errorf("words of service term %s: %w", id, err)
	}
	var words []string
	for _, label := range labels {
		for _, word := range coop.Words(label) {
			words = append(words, coop.Truncate(word, 200))
		}
	}
	words = unique(words)
	for _, word := range words[:min(len(words), 60)] {
		if _, err := tx.insert(ctx, "service_words", []column{{"term_id", int64(id)}, {"word", word}}, "ON CONFLICT DO NOTHING"); err != nil {
			return err
		}
	}
	return nil
}
