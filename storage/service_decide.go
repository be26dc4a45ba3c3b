// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"minga/coop"
)

// ProposeTerm asks in the name of a co-op that a term of its own be in the catalogue. One
// that is there already, or was asked for, stays as it is; a term that the co-op does not
// say gives [coop.ErrNotFound].
func (tx *Tx) ProposeTerm(ctx context.Context, account, term coop.ID) error {
	n, err := tx.number(ctx, `SELECT COUNT(*) FROM coop_services WHERE account_id = $1 AND term_id = $2`, int64(account), int64(term))
	if err != nil || n == 0 {
		return errorsOr(err, fmt.Errorf("service term %s of account %s: %w", term, account, coop.ErrNotFound))
	}
	_, err = tx.exec(ctx, `
		UPDATE service_terms
		SET state = 'proposed', proposed_by = $2, changed_at = $3
		WHERE id = $1 AND state = 'own'`, int64(term), int64(account), msOf(tx.e.now()))
	if err != nil {
		return fmt.Errorf("propose service term %s: %w", term, err)
	}
	return nil
}

// errorsOr is the first error that there is.
func errorsOr(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

// FeatureTerm puts a term into the shop window, with how it is written and its names in
// languages: by the federation alone. A merged one gives [coop.ErrState].
func (tx *Tx) FeatureTerm(ctx context.Context, id coop.ID, label string, labels map[string]string) error {
	t, err := tx.ServiceTerm(ctx, id)
	if err != nil {
		return err
	}
	if t.State == coop.ServiceMerged {
		return fmt.Errorf("feature service term %s: %w", id, coop.ErrState)
	}
	if label == "" {
		label = t.Label
	}
	text, err := jsonText(labels)
	if err != nil {
		return err
	}
	if labels == nil {
		text = "{}"
	}
	if _, err := tx.exec(ctx, `
		UPDATE service_terms
		SET state = 'featured', label = $2, labels = $3, changed_at = $4
		WHERE id = $1`, int64(id), coop.CleanLine(label, 200), text, msOf(tx.e.now())); err != nil {
		return fmt.Errorf("feature service term %s: %w", id, err)
	}
	tx.about(t.Label)
	// Its first name stays one by which it is found.
	return tx.putTermWords(ctx, id, append([]string{t.Name, label}, slices.Sorted(maps.Values(labels))...))
}

// UnfeatureTerm takes a term out of the shop window, or says no to a proposal: it goes on
// as a word of those who say it. A merged one gives [coop.ErrState].
func (tx *Tx) UnfeatureTerm(ctx context.Context, id coop.ID) error {
	t, err := tx.ServiceTerm(ctx, id)
	if err != nil {
		return err
	}
	if t.State == coop.ServiceMerged {
		return fmt.Errorf("unfeature service term %s: %w", id, coop.ErrState)
	}
	tx.about(t.Label)
	if _, err := tx.exec(ctx, `
		UPDATE service_terms
		SET state = 'own', proposed_by = 0, changed_at = $2
		WHERE id = $1`, int64(id), msOf(tx.e.now())); err != nil {
		return fmt.Errorf("unfeature service term %s: %w", id, err)
	}
	return tx.dropUnsaid(ctx, []coop.ID{id})
}

// MergeTerm says that a term means the same as another of its kind: whoever looks for one
// finds both, and what co-ops wrote stays as they wrote it. A term that is merged already,
// one that is merged into itself, and another kind give [coop.ErrState].
func (tx *Tx) MergeTerm(ctx context.Context, id, into coop.ID) error {
	// Two that are merged into each other at once would be a circle.
	if err := tx.alone(ctx, "service terms"); err != nil {
		return err
	}
	from, err := tx.ServiceTerm(ctx, id)
	if err != nil {
		return err
	}
	to, err := tx.ServiceTerm(ctx, into)
	if err != nil {
		return err
	}
	if from.State == coop.ServiceMerged || from.Kind != to.Kind || to.Root == from.ID {
		return fmt.Errorf("merge service term %s into %s: %w", id, into, coop.ErrState)
	}
	now := msOf(tx.e.now())
	tx.about(from.Label + " → " + to.Label)
	if _, err := tx.exec(ctx, `
		UPDATE service_terms
		SET state = 'merged', was = $2, into_id = $3, changed_at = $4
		WHERE id = $1`, int64(id), string(from.State), int64(to.ID), now); err != nil {
		return fmt.Errorf("merge service term %s: %w", id, err)
	}
	if _, err := tx.exec(ctx, `UPDATE service_terms SET root_id = $2 WHERE root_id = $1`, int64(id), int64(to.Root)); err != nil {
		return fmt.Errorf("merge service term %s: %w", id, err)
	}
	return nil
}

// UnmergeTerm undoes a merging: the term is what it was, and with it what had been merged
// into it before. One that is not merged gives [coop.ErrState].
func (tx *Tx) UnmergeTerm(ctx context.Context, id coop.ID) error {
	t, err := tx.ServiceTerm(ctx, id)
	if err != nil {
		return err
	}
	if t.State != coop.ServiceMerged {
		return fmt.Errorf("undo the merging of service term %s: %w", id, coop.ErrState)
	}
	tx.about(t.Label)
	if _, err := tx.exec(ctx, `
		UPDATE service_terms
		SET state = CASE WHEN was IN ('own', 'proposed', 'featured') THEN was ELSE 'own' END, was = '', into_id = 0, changed_at = $2
		WHERE id = $1`, int64(id), msOf(tx.e.now())); err != nil {
		return fmt.Errorf("undo the merging of service term %s: %w", id, err)
	}
	_, err = tx.exec(ctx, `
		WITH RECURSIVE below (id) AS (
			SELECT CAST($1 AS bigint)
			UNION
			SELECT t.id
			FROM service_terms t
			JOIN below ON t.into_id = below.id)
		UPDATE service_terms
		SET root_id = CAST($1 AS bigint)
		WHERE id IN (SELECT below.id FROM below)`, int64(id))
	if err != nil {
		return fmt.Errorf("undo the merging of service term %s: %w", id, err)
	}
	return nil
}

// Twins are groups of terms that probably mean the same and are not merged: in each the
// one to keep comes first, which is a featured one where there is one, else the one that
// most say.
func (r reader) Twins(ctx context.Context) ([][]*coop.ServiceTerm, error) {
	list, err := r.ServiceTerms(ctx, TermQuery{States: []coop.ServiceState{coop.ServiceOwn, coop.ServiceProposed, coop.ServiceFeatured}}, mostInCatalogue)
	if err != nil {
		return nil, err
	}
	type key struct {
		kind coop.ServiceKind
		name string
	}
	groups := map[key][]*coop.ServiceTerm{}
	var order []key
	for _, t := range list {
		k := key{t.Kind, coop.TwinKey(t.Label)}
		if len(groups[k]) == 0 {
			order = append(order, k)
		}
		groups[k] = append(groups[k], t)
	}
	var twins [][]*coop.ServiceTerm
	for _, k := range order {
		if g := groups[k]; len(g) > 1 {
			slices.SortStableFunc(g, bestTerm)
			twins = append(twins, g)
		}
	}
	return twins, nil
}

// bestTerm puts what is to be kept of twins first.
func bestTerm(a, b *coop.ServiceTerm) int {
	if x, y := a.State == coop.ServiceFeatured, b.State == coop.ServiceFeatured; x != y {
		if x {
			return -1
		}
		return 1
	}
	return b.Uses - a.Uses
}
