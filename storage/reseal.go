// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// resealLot is how many rows one transaction seals anew, so that others write between.
const resealLot = 200

// sealedPlace is a column of sealed bytes. find gives, by name, the rows after one ($1)
// that another key than $2 sealed, $3 at most; put changes one ($2) that still is as it
// was read ($3); count says how many another key than $1 sealed.
type sealedPlace[K any] struct {
	column           string // table.column
	find, put, count string
	start            K // before all names
	ad               func(name K) string
}

// resealer is a place, whatever its rows are named by.
type resealer interface {
	name() string
	// reseal does all of it and says how many were sealed anew, and how many no key opens.
	reseal(ctx context.Context, s *Store) (done, lost int, err error)
	old(ctx context.Context, r reader, key KeyName) (int64, error)
}

// Resealed is what [Store.Reseal] did.
type Resealed struct {
	Done int            `json:"done"` // secrets sealed anew
	Lost map[string]int `json:"lost"` // secrets that no key opens, by their column
}

// Reseal seals with the key in force all that older keys sealed in the database, a part at
// a time; it may be stopped and called again at any time. What no key opens is left as it
// is. tell hears of each column; it may be nil.
func (s *Store) Reseal(ctx context.Context, tell func(column string, done int)) (Resealed, error) {
	all := Resealed{Lost: map[string]int{}}
	for _, place := range sealedPlaces() {
		done, lost, err := place.reseal(ctx, s)
		all.Done += done
		if lost > 0 {
			all.Lost[place.name()] = lost
		}
		if err != nil {
			return all, fmt.Errorf("seal %s anew: %w", place.name(), err)
		}
		if tell != nil {
			tell(place.name(), done)
		}
	}
	return all, nil
}

// OldSeals counts what in the database is sealed by another key than the one in force.
func (r reader) OldSeals(ctx context.Context) (int, error) {
	key, err := r.KeyInForce(ctx)
	if err != nil {
		return 0, err
	}
	return r.sealsBut(ctx, key)
}

// seals counts all that is sealed in the database: no key has an empty name.
func (r reader) seals(ctx context.Context) (int, error) { return r.sealsBut(ctx, "") }

// sealsBut counts what is sealed by another key than one.
func (r reader) sealsBut(ctx context.Context, key KeyName) (int, error) {
	var sum int64
	for _, place := range sealedPlaces() {
		n, err := place.old(ctx, r, key)
		if err != nil {
			return 0, fmt.Errorf("count %s: %w", place.name(), err)
		}
		sum += n
	}
	return int(sum), nil
}

func (p sealedPlace[K]) name() string { return p.column }

func (p sealedPlace[K]) old(ctx context.Context, r reader, key KeyName) (int64, error) {
	return r.number(ctx, p.count, []byte(key))
}

func (p sealedPlace[K]) reseal(ctx context.Context, s *Store) (done, lost int, err error) {
	after := p.start
	for {
		var lot []sealedRow[K]
		var n int
		err := s.Write(ctx, func(tx *Tx) (err error) {
			if lot, err = p.lot(ctx, tx, after); err == nil {
				n, err = p.lotAnew(ctx, tx, lot)
			}
			return err
		})
		if err != nil {
			return done, lost, err
		}
		if done, lost = done+n, lost+len(lot)-n; len(lot) < resealLot {
			return done, lost, nil
		}
		after = lot[len(lot)-1].name
	}
}

// sealedRow is a row of a place.
type sealedRow[K any] struct {
	name   K
	sealed []byte
}

// lot finds the next rows that an older key sealed.
func (p sealedPlace[K]) lot(ctx context.Context, tx *Tx, after K) ([]sealedRow[K], error) {
	key, err := tx.KeyInForce(ctx)
	if err != nil {
		return nil, err
	}
	return all(ctx, tx.reader, func(row pgx.CollectableRow) (r sealedRow[K], err error) {
		err = row.Scan(&r.name, &r.sealed)
		return r, err
	}, p.find, after, []byte(key), resealLot)
}

// lotAnew seals rows anew and says how many could be opened.
func (p sealedPlace[K]) lotAnew(ctx context.Context, tx *Tx, lot []sealedRow[K]) (done int, err error) {
	for _, row := range lot {
		plain, err := tx.Unseal(p.ad(row.name), row.sealed)
		if errors.Is(err, ErrSecretKey) {
			continue
		}
		if err != nil {
			return done, err
		}
		fresh, err := tx.Seal(ctx, p.ad(row.name), plain)
		if err != nil {
			return done, err
		}
		if _, err := tx.exec(ctx, p.put, fresh, row.name, row.sealed); err != nil {
			return done, err
		}
		done++
	}
	return done, nil
}
