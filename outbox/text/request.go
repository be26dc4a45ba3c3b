// SPDX-License-Identifier: AGPL-3.0-or-later

package text

import (
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"minga/coop"
)

// RequestTitle is the first line of a request: its title in that language, led by the
// state word once it does not look for co-ops any more.
func (c *Catalogue) RequestTitle(lang string, q *coop.Request) string {
	title := q.Title
	if t := q.TitleMap[lang]; t != "" {
		title = t
	}
	if said := c.Say(lang, "request_"+string(q.Status), map[string]string{"Title": title}); said != "" {
		return said
	}
	return title
}

// RequestFacts are what decides about a request, in order: roles with their hours, money,
// promises. Roles that are covered, and others in part, say so.
func (c *Catalogue) RequestFacts(lang string, q *coop.Request) []string {
	return append(stated(c.slots(lang, q.Slots), c.Budget(lang, q.Budget)), c.promises(lang, q)...)
}

// slots names the roles and their hours.
func (c *Catalogue) slots(lang string, slots []coop.Slot) string {
	names := make([]string, len(slots))
	for i, s := range slots {
		names[i] = s.Name + " " + c.Coverage(lang, s)
	}
	return c.in(lang).count("request_roles", len(slots)) + ": " + strings.Join(names, ", ")
}

// Coverage is how many hours a role has and how many of them are open, in few words.
func (c *Catalogue) Coverage(lang string, s coop.Slot) string {
	data := map[string]string{"Hours": c.hoursOf(lang, s.Hours), "Open": c.hoursOf(lang, s.OpenHours())}
	key := "request_hours"
	switch {
	case s.OpenHours() == 0:
		key = "request_hours_covered"
	case s.Accepted > 0:
		key = "request_hours_open"
	}
	return c.Say(lang, key, data)
}

// hoursOf is a number of hours as people write it.
func (c *Catalogue) hoursOf(lang string, n int) string {
	return c.Number(lang, decimal.NewFromInt(int64(n)))
}

// Budget is a range of money; empty where none is said.
func (c *Catalogue) Budget(lang string, b *coop.Budget) string {
	if b == nil {
		return ""
	}
	return b.Currency + " " + c.span(lang, b.Min, b.Max)
}

// promises are the rules in words.
func (c *Catalogue) promises(lang string, q *coop.Request) []string {
	var said []string
	for _, rule := range q.Transparency {
		said = append(said, c.Say(lang, "promise_"+string(rule), nil))
	}
	return said
}

// RequestDeadline is the line before the link: until when co-ops offer, or what became
// of it.
func (c *Catalogue) RequestDeadline(lang string, q *coop.Request) string {
	if q.Status.Seeking() {
		return c.Say(lang, "request_until", map[string]string{"Date": c.Date(lang, q.RespondBy)})
	}
	return c.Say(lang, "request_is_"+string(q.Status), map[string]string{"Date": c.Date(lang, ended(q))})
}

// ended is when a request ended, as far as it was said.
func ended(q *coop.Request) time.Time {
	if q.Closed.IsZero() {
		return q.RespondBy
	}
	return q.Closed
}

// RequestCard are the facts for the preview of a link: roles, money, until when.
func (c *Catalogue) RequestCard(lang string, q *coop.Request) []string {
	wanted, accepted := q.Hours()
	hours := c.Say(lang, "request_card", map[string]string{
		"Roles": c.in(lang).count("request_roles", len(q.Slots)), "Hours": c.hoursOf(lang, wanted), "Accepted": c.hoursOf(lang, accepted),
	})
	return stated(hours, c.Budget(lang, q.Budget), strings.TrimRight(c.RequestDeadline(lang, q), ":."))
}
