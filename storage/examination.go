// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

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

// Examined is what one check found: a word, ok, warn or fail, and a number, a host or an
// error.
type Examined struct{ Name, State, Fact string }

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
	}
	text, err := jsonText(x)
	if err != nil {
		return err
	}
	return tx.SetSetting(ctx, examinationSetting, text)
}
