// SPDX-License-Identifier: AGPL-3.0-or-later

package jobtext

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"minga/coop"
)

// months are the names in five languages, the first month first.
var months = [12][]string{
	{"enero", "january", "gener", "gennaio", "janeiro"},
	{"febrero", "february", "febrer", "febbraio", "fevereiro"},
	{"marzo", "march", "marc", "marzo", "marco"},
	{"abril", "april", "aprile"},
	{"mayo", "may", "maig", "maggio", "maio"},
	{"junio", "june", "juny", "giugno", "junho"},
	{"julio", "july", "juliol", "luglio", "julho"},
	{"agosto", "august", "agost"},
	{"septiembre", "setiembre", "september", "setembre", "settembre", "setembro"},
	{"octubre", "october", "ottobre", "outubro"},
	{"noviembre", "november", "novembre", "novembro"},
	{"diciembre", "december", "desembre", "dicembre", "dezembro"},
}

// weekdays and what else may stand beside a date, folded.
var besideDate = set(`monday tuesday wednesday thursday friday saturday sunday lunes martes miercoles jueves viernes sabado domingo dilluns dimarts dimecres dijous divendres
	dissabte diumenge lunedi martedi mercoledi giovedi venerdi sabato domenica segunda terca quarta quinta sexta feira st nd rd th the of de del d dell el la il o l al a as dia giorno day er inclusive inclusivo inclos incluso`)

// How dates are written in numbers.
var (
	isoDate     = regexp.MustCompile(`^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$`)
	numericDate = regexp.MustCompile(`^(\d{1,2})\s?[-/.]\s?(\d{1,2})\s?[-/.]\s?(\d{4}|\d{2})$`)
	dateParts   = regexp.MustCompile(`\d+|\p{L}+`)
)

// until reads the last day to apply: its last second, UTC.
func (p *parser) until(value string) {
	day, ok := readDate(strings.Trim(value, " ."), p.now)
	if !ok {
		p.complain(ApplyBy, coop.CodeFormat, value)
		return
	}
	p.Until = day.AddDate(0, 0, 1).Add(-time.Second)
}

// readDate reads a day: 2026-12-20, 20/12/2026, 20 December 2026, 20 de diciembre. One
// without a year is the next such day.
func readDate(s string, now time.Time) (time.Time, bool) {
	if m := isoDate.FindStringSubmatch(s); m != nil {
		return day(whole(m[1]), whole(m[2]), whole(m[3]))
	}
	if m := numericDate.FindStringSubmatch(s); m != nil {
		return numbersDate(whole(m[1]), whole(m[2]), whole(m[3]))
	}
	return wordsDate(s, now)
}

// numbersDate is day, month, year, as all our languages write; or month, day, year
// where it cannot be anything else.
func numbersDate(d, m, y int) (time.Time, bool) {
	if y < 100 {
		y += 2000
	}
	if m > 12 && d <= 12 {
		d, m = m, d
	}
	return day(y, m, d)
}

// wordsDate reads a date with the name of a month.
func wordsDate(s string, now time.Time) (time.Time, bool) {
	var d, m, y int
	for _, part := range dateParts.FindAllString(coop.Truncate(coop.Fold(s), 200), 20) {
		n := whole(part)
		month := monthOf(part)
		switch {
		case n > 0 && len(part) == 4 && y == 0:
			y = n
		case n > 0 && len(part) <= 2 && d == 0:
			d = n
		case month > 0 && m == 0:
			m = month
		case !besideDate[part]:
			return time.Time{}, false
		}
	}
	if y > 0 || d == 0 || m == 0 {
		return day(y, m, d)
	}
	today := now.UTC().Truncate(24 * time.Hour)
	next, ok := day(today.Year(), m, d)
	if !ok || next.Before(today) {
		return day(today.Year()+1, m, d)
	}
	return next, true
}

// monthOf is the month that a folded word names, or begins with three letters or more
// to name; 0 for none.
func monthOf(word string) int {
	if len(word) < 3 {
		return 0
	}
	for i, names := range months {
		for _, name := range names {
			if strings.HasPrefix(name, word) || word == "sept" && i == 8 {
				return i + 1
			}
		}
	}
	return 0
}

// whole reads a whole number; 0 for what is none.
func whole(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}

// day is a day of the calendar; false for the 31st of February.
func day(y, m, d int) (time.Time, bool) {
	at := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	return at, y >= 1900 && y <= 2200 && at.Year() == y && int(at.Month()) == m && at.Day() == d
}
