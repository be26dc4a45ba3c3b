// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"errors"
	"fmt"

	"minga/coop"
	"minga/storage"
)

// maxForgotten is how many messages are deleted in one go.
const maxForgotten = 100

// ForgetApplications deletes the direct posts in the threads of jobs of ours that ended
// [coop.ApplicationLife] ago: those that came, here alone; those of this instance, with
// a Delete to whoever got them; and what was written by the form, or sent with petitions that were decided as long ago. It says how many; call
// it every hour.
func (o *Outbox) ForgetApplications(ctx context.Context) (int, error) {
	old, err := o.store.OldApplications(ctx, o.now().Add(-coop.ApplicationLife), maxForgotten)
	if err != nil {
		return 0, err
	}
	done, failed := 0, error(nil)
	for _, p := range old {
		err := o.store.Write(ctx, func(tx *storage.Tx) error {
			if p.Local {
				current, err := o.ownPost(ctx, tx, p.ID)
				if err != nil {
					return err
				}
				return o.remove(ctx, tx, current)
			}
			return tx.RemovePost(ctx, p.IRI, p.Author.IRI, o.now())
		})
		if err != nil && ignoreGone(err) != nil && !isNotFound(err) {
			failed = errors.Join(failed, fmt.Errorf("forget %s: %w", p.IRI, err))
			continue
		}
		done++
	}
	forms, err := o.forgetForms(ctx)
	petitions, perr := o.forgetPetitions(ctx)
	return done + forms + petitions, errors.Join(failed, err, perr)
}
