// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Bounds of what is kept of words that we do not know.
const (
	maxUnknown       = 20
	maxUnknownLength = 200
)

// keepUnknown moves words outside our closed lists into Unknown, under the name
// of their property on the wire: they are shown as text and match no facet.
func (j *Job) keepUnknown() {
	j.Unknown = boundUnknown(j.Unknown)
	j.setAside("engagement", &j.Engagement, Engagements())
	j.setAside("membershipTrack", &j.MembershipTrack, MembershipTracks())
	j.setAside("decisionMethod", &j.DecisionMethod, DecisionMethods())
	j.setAside("surplusSharing", &j.SurplusSharing, SurplusSharings())
	j.setAside("payModel", &j.PayModel, PayModels())
	j.setAsideStatus()
	j.setAsideEmployment()
	j.setAsideLevels()
	j.setAsidePay()
}

// setAside moves one value that is not in its list.
func (j *Job) setAside(property string, value *string, list []string) {
	if *value != "" && !in(list, *value) {
		j.noteUnknown(property, *value)
		*value = ""
	}
}

// setAsideStatus reads a status that we do not know as paused: nobody is sent
// to apply for it, and its origin may still say what it likes.
func (j *Job) setAsideStatus() {
	if j.Status == "" || in(JobStatuses(), j.Status) || j.Status == JobDraft || j.Status == JobReview {
		return
	}
	j.noteUnknown("status", string(j.Status))
	j.Status = JobPaused
}

// setAsideEmployment keeps the words that we know.
func (j *Job) setAsideEmployment() {
	var known, unknown []string
	for _, word := range j.EmploymentType {
		if in(EmploymentTypes(), word) {
			known = append(known, word)
		} else if word != "" {
			unknown = append(unknown, word)
		}
	}
	if j.EmploymentType = known; unknown != nil {
		j.noteUnknown("employmentType", strings.Join(unknown[:min(len(unknown), maxUnknown)], ", "))
	}
}

// setAsideLevels keeps a language whose level we do not know without a level.
func (j *Job) setAsideLevels() {
	for i := range j.Languages[:min(len(j.Languages), maxLanguages)] {
		l := &j.Languages[i]
		if l.Level != "" && !in(LanguageLevels(), l.Level) {
			j.noteUnknown("level", Truncate(l.Tag, 35)+" "+l.Level)
			l.Level = ""
		}
	}
}

// setAsidePay keeps pay by a unit that we do not know as a text: nobody could
// calculate with it.
func (j *Job) setAsidePay() {
	p := j.Pay
	if p == nil || p.Unit == "" || in(PayUnits(), p.Unit) || !soundDecimal(p.Min) || !soundDecimal(p.Max) {
		return
	}
	j.noteUnknown("baseSalary", fmt.Sprintf("%s–%s %s/%s", p.Min, p.Max, Truncate(p.Currency, 3), p.Unit))
	j.Pay = nil
}

// noteUnknown adds to Unknown within its bounds.
func (j *Job) noteUnknown(property, value string) {
	value = CleanLine(value, maxUnknownLength)
	if value == "" || len(j.Unknown) >= maxUnknown && j.Unknown[property] == "" {
		return
	}
	if before := j.Unknown[property]; before != "" && before != value {
		value = Truncate(before+", "+value, maxUnknownLength)
	}
	if j.Unknown == nil {
		j.Unknown = map[string]string{}
	}
	j.Unknown[property] = value
}

// boundUnknown cuts what a reader has put there.
func boundUnknown(m map[string]string) map[string]string {
	j := Job{}
	for _, property := range sortedKeys(m) {
		j.noteUnknown(Truncate(property, 64), m[property])
	}
	return j.Unknown
}

// sortedKeys are the keys of a map in their order: the same input is judged in
// the same way every time.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
