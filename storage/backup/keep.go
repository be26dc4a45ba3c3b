// SPDX-License-Identifier: AGPL-3.0-or-later

package backup

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Keep says which backups stay: the newest of each of so many days, weeks and months.
type Keep struct{ Days, Weeks, Months int }

// ParseKeep reads "7d 4w 6m".
func ParseKeep(text string) (k Keep, err error) {
	for _, word := range strings.FieldsFunc(text, func(c rune) bool { return c == ',' || c <= ' ' }) {
		n, err := strconv.Atoi(word[:len(word)-1])
		into := map[byte]*int{'d': &k.Days, 'w': &k.Weeks, 'm': &k.Months}[word[len(word)-1]]
		if err != nil || into == nil || n < 0 || n > 1000 {
			return Keep{}, fmt.Errorf("%q is none of days, weeks or months, such as 7d 4w 6m", word)
		}
		*into = n
	}
	if k.Days+k.Weeks+k.Months == 0 {
		return Keep{}, fmt.Errorf("%q keeps no backup at all", text)
	}
	return k, nil
}

// stampLayout is how a name says when.
const stampLayout = "20060102T150405Z"

// ending is how the name of a backup ends; age's tools expect .age behind it.
const ending = ".tar.gz"

// prefix is how the names of the backups of a host begin.
func prefix(host string) string {
	return "minga-" + strings.NewReplacer(":", "_", "[", "", "]", "").Replace(host) + "-"
}

// Name is that of a backup made at a time.
func Name(host string, at time.Time, encrypted bool) string {
	name := prefix(host) + at.UTC().Format(stampLayout) + ending
	if encrypted {
		name += ".age"
	}
	return name
}

// MadeAt reads a [Name]; of every other file it says false.
func MadeAt(host, name string) (time.Time, bool) {
	rest, ours := strings.CutPrefix(name, prefix(host))
	rest, whole := strings.CutSuffix(strings.TrimSuffix(rest, ".age"), ending)
	at, err := time.Parse(stampLayout, rest)
	return at, ours && whole && err == nil
}

// Surplus are those of the names that need not be kept. Names that are not of backups of
// the host are never among them, nor is the newest backup.
func Surplus(host string, names []string, k Keep) []string {
	ours := slices.DeleteFunc(slices.Clone(names), func(name string) bool { _, ok := MadeAt(host, name); return !ok })
	made := func(name string) time.Time { at, _ := MadeAt(host, name); return at }
	slices.SortFunc(ours, func(a, b string) int { return cmp.Or(made(b).Compare(made(a)), strings.Compare(b, a)) })
	kept := map[string]bool{}
	for _, span := range []struct {
		n    int
		name func(time.Time) string
	}{
		{k.Days, func(t time.Time) string { return t.Format(time.DateOnly) }},
		{k.Weeks, func(t time.Time) string { year, week := t.ISOWeek(); return fmt.Sprint(year, " ", week) }},
		{k.Months, func(t time.Time) string { return t.Format("2006-01") }},
	} {
		seen := map[string]bool{}
		for _, name := range ours {
			of := span.name(made(name))
			if !seen[of] && len(seen) < span.n {
				seen[of], kept[name] = true, true
			}
		}
	}
	if len(ours) > 0 {
		kept[ours[0]] = true
	}
	return slices.DeleteFunc(ours, func(name string) bool { return kept[name] })
}
