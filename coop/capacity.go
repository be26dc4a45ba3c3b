// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"fmt"
	"strings"
	"time"
)

// Bounds of the time that a co-op says it has.
const (
	MaxCapacityHours = 2000 // for a skill in a month
	MaxCapacities    = 100  // entries of one co-op
	CapacityDays     = 60   // after so many days without a word it is not believed any more
	CapacityMonths   = 12   // so many months ahead, this one among them
)

// CapacityAudience is who hears what time a co-op has.
type CapacityAudience string

// The audiences: everybody, or those who are members where the co-op is one.
const (
	CapacityPublic  CapacityAudience = "public"
	CapacityMembers CapacityAudience = "members"
)

// Capacity is how many hours a co-op has for a skill in a month: a number, never whose
// hours they are.
type Capacity struct {
	Skill   Term      // an address of the list of skills, or an own word
	Month   string    // such as 2026-12
	Hours   int       // 0 to [MaxCapacityHours]
	NotedAt time.Time // when the co-op last said so
}

// Expired tells whether it was said too long ago.
func (c Capacity) Expired(now time.Time) bool {
	return now.Sub(c.NotedAt) > CapacityDays*24*time.Hour
}

// CapacityList is all that a co-op says of its time.
type CapacityList struct {
	Audience CapacityAudience
	Entries  []Capacity
	NotedAt  time.Time // zero: it never said anything
	ReadAt   time.Time // of co-ops elsewhere: when we last asked
}

// Cover is a co-op that has time for a skill that somebody looks for.
type Cover struct {
	Account *Account
	Capacity
	Own     bool // a co-op of the own federation, not of one that is followed
	Members bool // said to members alone
}

// MonthOf is the month of a time, as capacity names it.
func MonthOf(t time.Time) string { return t.UTC().Format("2006-01") }

// ParseMonth reads a month such as 2026-12: its first moment.
func ParseMonth(s string) (time.Time, bool) {
	t, err := time.Parse("2006-01", s)
	return t, err == nil && len(s) == 7
}

// CapacityMonthsFrom are the months that capacity can be said for.
func CapacityMonthsFrom(now time.Time) []string {
	first := time.Date(now.UTC().Year(), now.UTC().Month(), 1, 0, 0, 0, 0, time.UTC)
	months := make([]string, CapacityMonths)
	for i := range months {
		months[i] = MonthOf(first.AddDate(0, i, 0))
	}
	return months
}

// ValidateCapacity complains about what a co-op says of its time: [Invalid], fields as
// the API names them.
func ValidateCapacity(list CapacityList, now time.Time) error {
	c := &complaints{now: now}
	c.oneOf("audience", string(list.Audience), []string{string(CapacityPublic), string(CapacityMembers)})
	c.count("capacity", len(list.Entries), 0, MaxCapacities)
	months, seen := CapacityMonthsFrom(now), map[string]bool{}
	for i, e := range list.Entries {
		field := fmt.Sprintf("capacity[%d].", i)
		c.text(field+"skill", e.Skill.Name, 1, maxTermLength)
		if e.Skill.URI != "" && !ValidIRI(IRI(e.Skill.URI)) {
			c.add(field+"skill", CodeFormat, "%.80q is no http or https address", e.Skill.URI)
		}
		c.oneOf(field+"month", e.Month, months)
		c.number(field+"hours", e.Hours, 0, MaxCapacityHours)
		key := e.Month + " " + e.Skill.URI + " " + strings.Join(Words(e.Skill.Name), " ")
		if seen[key] {
			c.add(field+"skill", CodeTaken, "this skill has hours in that month already")
		}
		seen[key] = true
	}
	return c.list.Or()
}
