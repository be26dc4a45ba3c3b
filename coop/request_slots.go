// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// slotKey is what a key of a slot looks like: it stands in an address.
var slotKey = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,39}$`)

// freeKey makes the key of slot i from a name, one that no other slot has.
func (r *Request) freeKey(name string, i int) string {
	base := strings.Join(Words(name), "-")
	base = strings.Trim(strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' {
			return c
		}
		return -1
	}, base), "-")
	if base = strings.Trim(Truncate(base, maxSlotKey-4), "-"); base == "" {
		base = fmt.Sprintf("role-%d", i+1)
	}
	key := base
	for n := 2; r.Slot(key) != nil; n++ {
		key = fmt.Sprintf("%s-%d", base, n)
	}
	return key
}

// checkPromise checks transparency[i].
func checkPromise(c *complaints, i int, rule TransparencyRule) {
	if !in(TransparencyRules(), rule) {
		c.add(fmt.Sprintf("transparency[%d]", i), CodeUnknown, "%.60q is not one of %v", string(rule), TransparencyRules())
	}
}

// checkSlots: 1–20, each with a key of its own.
func (r *Request) checkSlots(c *complaints) {
	c.count("slots", len(r.Slots), 1, maxSlots)
	for i, s := range r.Slots {
		checkSlot(c, i, s)
		r.uniqueSlot(c, i, s)
	}
}

// uniqueSlot complains of a key that an earlier slot has.
func (r *Request) uniqueSlot(c *complaints, i int, s Slot) {
	if slices.ContainsFunc(r.Slots[:i], func(other Slot) bool { return other.Key == s.Key }) {
		c.add(fmt.Sprintf("slots[%d].key", i), CodeTaken, "another role has this key")
	}
}

// checkSlot checks slots[i]. Of another server's we know the hours that are open, of
// which there may be none.
func checkSlot(c *complaints, i int, s Slot) {
	field := fmt.Sprintf("slots[%d]", i)
	if !slotKey.MatchString(s.Key) {
		c.add(field+".key", CodeFormat, "small letters, digits and hyphens, at most %d", maxSlotKey)
	}
	c.text(field+".name", s.Name, 1, 100)
	c.iri(field+".skill.uri", IRI(s.Skill.URI))
	c.text(field+".skill.name", s.Skill.Name, 0, 200)
	least := 1
	if c.wire {
		least = 0
	}
	switch {
	case !c.wire && s.Hours == 0:
		c.add(field+".hours", CodeRequired, "this is needed")
	default:
		c.number(field+".hours", s.Hours, least, maxSlotHours)
	}
	if s.Accepted < 0 || s.Accepted > s.Hours {
		c.add(field+".hours", CodeOrder, "%d hours are accepted already", s.Accepted)
	}
	if s.Rate != nil {
		c.currency(field+".rate.currency", s.Rate.Currency)
		c.amount(field+".rate.value", s.Rate.Value)
	}
}
