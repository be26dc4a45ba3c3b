// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"regexp"
	"strings"
)

// Hint is something that would make a job better; nothing is kept from being
// published by one.
type Hint struct {
	Field string // as in an [InvalidError]
	Code  string // a short stable word: missing, short, one_gender
	Why   string // a plain sentence
}

// oneGender finds titles that name one gender alone, by language: a word of trade in
// the masculine without another form beside it.
var oneGender = map[string]*regexp.Regexp{
	"es": regexp.MustCompile(`(?i)\b\pL+(?:dor|tor|ero|ario|ogo|ico)\b`),
	"ca": regexp.MustCompile(`(?i)\b\pL+(?:dor|tor|er|ari|òleg)\b`),
	"it": regexp.MustCompile(`(?i)\b\pL+(?:tore|aio|iere|ario|ologo)\b`),
	"pt": regexp.MustCompile(`(?i)\b\pL+(?:dor|tor|eiro|ário|ólogo)\b`),
	"en": regexp.MustCompile(`(?i)\b\pL*(?:man|waiter|handyman|chairman)\b`),
}

// Hints are what a job could say besides. language is that of its title.
func (j *Job) Hints(language string) (list []Hint) {
	add := func(is bool, field, code, why string) {
		if is {
			list = append(list, Hint{field, code, why})
		}
	}
	primary, _, _ := strings.Cut(strings.ToLower(language), "-")
	names := oneGender[primary]
	add(names != nil && names.MatchString(j.Title) && !strings.ContainsAny(j.Title, "/(@"), "title", "one_gender", "the title seems to speak to one gender alone: name both, or the work")
	add(VisibleLength(j.mainDescription()) < 300, "description", "short", "people want to know what a day of this work is like")
	add(j.Pay != nil && j.Gross == nil, "pay.gross", "missing", "say whether this is before or after tax")
	add(len(j.HiringSteps) == 0, "hiring_steps", "missing", "say what happens after applying")
	add(j.AnswerWithin == 0, "answer_within", "missing", "say within how many days you answer")
	add(len(j.Languages) == 0, "languages", "missing", "say in which languages you work")
	add(j.Remote && j.TimeOverlap == nil, "time_overlap", "missing", "say at what hours people work together")
	return list
}
