// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// What a co-op sends with its petition lies sealed, as what people write to apply for a
// job does: a copy of the database without its key tells nothing of it.

// petitionAD binds what is sealed to its row.
func petitionAD(membership coop.ID) string { return "petition:" + membership.String() }

// PutPetition keeps what came with the petition of a membership, in place of what came
// before; an empty one takes it away.
func (tx *Tx) PutPetition(ctx context.Context, membership coop.ID, p *coop.Petition) error {
	if _, err := tx.exec(ctx, `DELETE FROM membership_files WHERE membership_id = $1`, int64(membership)); err != nil || p.Empty() {
		return err
	}
	plain, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("petition %s: %w", membership, err)
	}
	sealed, err := tx.Seal(ctx, petitionAD(membership), plain)
	if err != nil {
		return err
	}
	size := 0
	if p.File != nil {
		size = len(p.File.Body)
	}
	_, err = tx.insert(ctx, "membership_files", []column{
		{"membership_id", int64(membership)}, {"sealed", sealed}, {"bytes", int64(size)}, {"created_at", msOf(tx.e.now())}, {"ends_at", int64(0)},
	}, "")
	return err
}

// Petition is what came with the petition of a membership, or [coop.ErrNotFound]. Who asks
// has been judged: only the co-op and who coordinates the organization may see it.
func (r reader) Petition(ctx context.Context, membership coop.ID) (*coop.Petition, error) {
	type row struct {
		sealed        []byte
		created, ends int64
	}
	found, err := first(ctx, r, func(x pgx.CollectableRow) (one row, err error) {
		err = x.Scan(&one.sealed, &one.created, &one.ends)
		return one, err
	}, `SELECT sealed, created_at, ends_at FROM membership_files WHERE membership_id = $1`, int64(membership))
	if err != nil {
		return nil, fmt.Errorf("petition %s: %w", membership, err)
	}
	plain, err := r.Unseal(petitionAD(membership), found.sealed)
	if err != nil {
		return nil, err
	}
	p := &coop.Petition{}
	if err := json.Unmarshal(plain, p); err != nil {
		return nil, fmt.Errorf("petition %s: %w", membership, err)
	}
	p.CreatedAt, p.EndsAt = atMs(found.created), atMs(found.ends)
	return p, nil
}

// EndPetition says when what came with a petition is deleted; of one without anything
// nothing happens.
func (tx *Tx) EndPetition(ctx context.Context, membership coop.ID, at time.Time) error {
	_, err := tx.exec(ctx, `UPDATE membership_files SET ends_at = $1 WHERE membership_id = $2`, msOf(at), int64(membership))
	return err
}

// SweepPetitions deletes what came with petitions that were decided long enough ago, and
// says of how many.
func (tx *Tx) SweepPetitions(ctx context.Context) (int, error) {
	n, err := tx.exec(ctx, `DELETE FROM membership_files WHERE ends_at > 0 AND ends_at <= $1`, msOf(tx.e.now()))
	return int(n), err
}

// petitions counts what waits of one organization that came by the form, so that nobody
// fills a list that people read.
func (r reader) petitions(ctx context.Context, organization coop.ID) (int64, error) {
	return r.number(ctx, `
		SELECT COUNT(*)
		FROM memberships m
		WHERE m.organization_id = $1 AND m.state = 'asked' AND m.join_iri = ''`, int64(organization))
}

// mostPetitions is how many petitions by the form wait at once.
const mostPetitions = 200

// RoomForPetition gives [coop.ErrFull] where too many petitions by the form wait.
func (r reader) RoomForPetition(ctx context.Context, organization coop.ID) error {
	n, err := r.petitions(ctx, organization)
	if err == nil && n >= mostPetitions {
		err = coop.ErrFull
	}
	if err != nil && !errors.Is(err, coop.ErrFull) {
		err = fmt.Errorf("petitions to %s: %w", organization, err)
	}
	return err
}
