// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"

	"minga/coop"
)

// TermStep is what a federation decides about one term of its catalogue: Act is feature
// (with Name and Labels), unfeature, merge (Into another) or unmerge.
type TermStep struct {
	Act      string
	ID, Into coop.ID
	Name     string
	Labels   map[string]string // by language
}

// StepTerm does it. [coop.ErrNotFound] says that there is no such act or term,
// [coop.ErrState] that the term stands otherwise.
func (tx *Tx) StepTerm(ctx context.Context, s TermStep) error {
	switch s.Act {
	case "feature":
		return tx.FeatureTerm(ctx, s.ID, s.Name, s.Labels)
	case "unfeature":
		return tx.UnfeatureTerm(ctx, s.ID)
	case "merge":
		return tx.MergeTerm(ctx, s.ID, s.Into)
	case "unmerge":
		return tx.UnmergeTerm(ctx, s.ID)
	}
	return fmt.Errorf("step %.40q of a term: %w", s.Act, coop.ErrNotFound)
}
