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

// Examination is what the last look of this instance at itself found.
type Examination struct {
	Began  time.Time // zero: it never looked
	Ended  time.Time // zero: it is under way, or was broken off
	Busy   time.Time // until then a node is at it
	Checks int       // how many there are in all; Found grows up to it
	Found  []Examined
	// Failed names the checks that failed at the look before this one.
	Failed []string
}

// Examined is what one check found: a word, ok, warn or fail, a number, a host or an error
// in English, and why it is so.
type Examined struct {
	Name, State, Fact string
	Why               Reason
}

// Reason is why a check did not find all well, for words in every language; one without a
// key is none.
type Reason struct {
	Key   string // a word of a closed list
	Where string // a host, a path or the like that it was met at; may be empty
	Got   string // what came: a status, a type, a number; may be empty
	Raw   string // what the system or another program said of it, in its own words; may be empty
	// Unsure says that the check could not be made, and nothing is known.
	Unsure bool
}

// clean bounds what is kept of a reason.
func (w *Reason) clean() {
	for _, text := range []*string{&w.Key, &w.Where, &w.Got, &w.Raw} {
		*text = coop.Truncate(cleanText(*text), factLength)
	}
}

// mostExamined bounds what is kept of one look, and factLength what a check says.
const (
	mostExamined = 60
	factLength   = 300
)

// examinationSetting is where it is kept.
const examinationSetting = "examination"

// Examination tells of the last look; of none it is zero.
func (r reader) Examination(ctx context.Context) (x Examination, err error) {
	text, err := r.Setting(ctx, examinationSetting)
	if errors.Is(err, coop.ErrNotFound) {
		return x, nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(text), &x)
	}
	if err != nil {
		return Examination{}, fmt.Errorf("examination: %w", err)
	}
	return x, nil
}

// ChangeExamination changes what is known of the last look. Two that change it wait for
// each other.
func (tx *Tx) ChangeExamination(ctx context.Context, change func(x *Examination)) error {
	if err := tx.alone(ctx, examinationSetting); err != nil {
		return err
	}
	x, err := tx.Examination(ctx)
	if err != nil {
		return err
	}
	change(&x)
	x.Found = x.Found[:min(len(x.Found), mostExamined)]
	for n := range x.Found {
		x.Found[n].Fact = coop.Truncate(cleanText(x.Found[n].Fact), factLength)
		x.Found[n].Why.clean()
	}
	text, err := jsonText(x)
	if err != nil {
		return err
	}
	return tx.SetSetting(ctx, examinationSetting, text)
}

// HeardPeer is a server that sent us something.
type HeardPeer struct {
	Host string
	At   time.Time
}

// LatestHeard are the servers that sent us something last, the latest first.
func (r reader) LatestHeard(ctx context.Context, limit int) ([]HeardPeer, error) {
	list, err := all(ctx, r, func(row pgx.CollectableRow) (p HeardPeer, err error) {
		var at int64
		err = row.Scan(&p.Host, &at)
		p.At = atMs(at)
		return p, err
	}, `
		SELECT host, last_received
		FROM peers
		WHERE last_received > 0 AND policy <> 'block'
		ORDER BY last_received DESC, host
		LIMIT $1`, limit)
	if err != nil {
		return nil, fmt.Errorf("servers heard of last: %w", err)
	}
	return list, nil
}

// StaffWithoutFactors counts owners, admins and moderators who have nothing but a password.
func (r reader) StaffWithoutFactors(ctx context.Context) (int64, error) {
	n, err := r.number(ctx, `
		SELECT COUNT(*)
		FROM accounts a
		WHERE a.local AND a.kind = 'person' AND a.deleted_at = 0 AND a.suspended_at = 0 AND a.rank IN ('moderator', 'admin', 'owner')
		AND NOT EXISTS (SELECT 1 FROM code_seeds s WHERE s.account_id = a.id AND s.confirmed_at <> 0)
		AND NOT EXISTS (SELECT 1 FROM passkeys k WHERE k.account_id = a.id)`)
	if err != nil {
		return 0, fmt.Errorf("staff without second factor: %w", err)
	}
	return n, nil
}
