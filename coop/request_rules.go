// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Bounds of a request.
const (
	maxSlots       = 20
	maxSlotHours   = 10_000
	maxRequestDays = 90
	maxSlotKey     = 40
)

// requestRule is what must hold of one field of a request.
type requestRule struct {
	check func(*Request, *complaints)
	// drop takes the field away; nil for what a request cannot do without.
	drop func(*Request)
}

// requestRules is the table, in the order of the form.
func requestRules() []requestRule {
	return []requestRule{
		{func(r *Request, c *complaints) { checkTitle(c, "title", r.Title) }, nil},
		{func(r *Request, c *complaints) { checkTranslations(c, "title_map", r.TitleMap, checkTitle) }, func(r *Request) { r.TitleMap = nil }},
		{(*Request).checkDescription, func(r *Request) { r.Description = "" }},
		{func(r *Request, c *complaints) {
			checkTranslations(c, "description_map", r.DescriptionMap, checkDescription)
		}, func(r *Request) { r.DescriptionMap = nil }},
		{func(r *Request, c *complaints) { checkTranslations(c, "markdown", r.Markdown, checkMarkdown) }, func(r *Request) { r.Markdown = nil }},
		{(*Request).checkRespondBy, nil},
		{(*Request).checkNeed, func(r *Request) { r.Need = Term{} }},
		{(*Request).checkBudget, func(r *Request) { r.Budget = nil }},
		{(*Request).checkTransparency, func(r *Request) { r.Transparency = nil }},
		{(*Request).checkSlots, nil},
		{(*Request).checkStatus, nil},
	}
}

// Validate complains about everything that keeps a request of ours from being
// published; the error is an [Invalid] in the order of the form. now decides what has
// gone by. Call [Request.Complete] before.
func (r *Request) Validate(now time.Time) error {
	c := &complaints{now: now}
	for _, rule := range requestRules() {
		rule.check(r, c)
	}
	return c.list.Or()
}

// ValidateDraft is [Request.Validate] for what is not to be published yet: whatever is
// missing may come later, what is there must be right.
func (r *Request) ValidateDraft(now time.Time) error {
	var all Invalid
	c := &complaints{now: now}
	for _, rule := range requestRules() {
		rule.check(r, c)
	}
	for _, e := range c.list {
		if e.Code != CodeRequired && e.Code != CodeTooShort && e.Code != CodePast {
			all = append(all, e)
		}
	}
	return all.Or()
}

// Admit judges a request that another server sent, and cleans it in place. An error, an
// [Invalid], means that it is no request but an ordinary post. notes are what was broken
// and is dropped. A date farther ahead than a request may last is cut.
func (r *Request) Admit(now time.Time) (notes Invalid, err error) {
	r.Complete(now)
	c := &complaints{now: now, wire: true}
	r.TitleMap = keepLanguages(c, "title_map", r.TitleMap, checkTitle)
	r.DescriptionMap = keepLanguages(c, "description_map", r.DescriptionMap, checkDescription)
	r.Slots = keep(c, "slots", r.Slots, maxSlots, checkSlot)
	r.Slots = keep(c, "slots", r.Slots, maxSlots, r.uniqueSlot)
	r.Transparency = keep(c, "transparency", r.Transparency, len(TransparencyRules()), checkPromise)
	notes = c.list
	var broken Invalid
	for _, rule := range requestRules() {
		c := &complaints{now: now, wire: true}
		if rule.check(r, c); len(c.list) == 0 {
			continue
		}
		if rule.drop == nil {
			broken = append(broken, c.list...)
			continue
		}
		rule.drop(r)
		notes = append(notes, c.list...)
	}
	if broken != nil {
		return notes, broken
	}
	if roof := endOfDay(now.UTC().Truncate(24*time.Hour), maxRequestDays); r.RespondBy.After(roof) {
		r.RespondBy = roof
	}
	return notes, nil
}

// Complete tidies the texts of a request and fills in what the author left out: the
// state draft, keys of slots, rules in their order, each once.
func (r *Request) Complete(time.Time) {
	for _, s := range []*string{&r.Title, &r.Need.Name, &r.Need.URI} {
		*s = tidyLine(*s)
	}
	r.Description = tidyHTML(r.Description)
	r.TitleMap, r.DescriptionMap = mapValues(r.TitleMap, tidyLine), mapValues(r.DescriptionMap, tidyHTML)
	r.RespondBy = r.RespondBy.UTC().Truncate(time.Second)
	fill(&r.Status, RequestDraft)
	r.Transparency = inRuleOrder(r.Transparency)
	r.Slots = slices.Clone(r.Slots)
	for i := range r.Slots {
		s := &r.Slots[i]
		for _, line := range []*string{&s.Key, &s.Name, &s.Skill.Name, &s.Skill.URI} {
			*line = tidyLine(*line)
		}
		if s.Name == "" {
			s.Name = s.Skill.Name
		}
		if s.Skill == (Term{}) {
			s.Skill.Name = s.Name
		}
		if s.Key == "" {
			s.Key = r.freeKey(s.Name, i)
		}
	}
}

// inRuleOrder are rules in their order, each once; unknown ones follow, for somebody to
// complain of.
func inRuleOrder(list []TransparencyRule) []TransparencyRule {
	var out []TransparencyRule
	for _, rule := range append(TransparencyRules(), list...) {
		if slices.Contains(list, rule) && !slices.Contains(out, rule) {
			out = append(out, rule)
		}
	}
	return out
}

// checkDescription: as of jobs. On the wire it may be missing: the note says it.
func (r *Request) checkDescription(c *complaints) {
	text := r.Description
	if text == "" && len(r.Markdown) > 0 {
		text = strings.ReplaceAll(r.Markdown[sortedKeys(r.Markdown)[0]], "<", "&lt;")
	}
	if c.wire && text == "" {
		return
	}
	checkDescription(c, "description", text)
}

// checkRespondBy: in the future, at most ninety days ahead. One from elsewhere, and one
// that is not looking for co-ops any more, may lie in the past.
func (r *Request) checkRespondBy(c *complaints) {
	const field = "respond_by"
	looking := r.Status.Seeking() || r.Status == RequestDraft || r.Status == RequestReview
	switch {
	case r.RespondBy.IsZero():
		c.add(field, CodeRequired, "this is needed")
	case c.wire || !looking:
	case !r.RespondBy.After(c.now):
		c.add(field, CodePast, "this has gone by")
	case r.RespondBy.After(endOfDay(c.now.UTC().Truncate(24*time.Hour), maxRequestDays)):
		c.add(field, CodeTooLate, "at most %d days ahead", maxRequestDays)
	}
}

// checkNeed checks the kind of service where one is named.
func (r *Request) checkNeed(c *complaints) {
	if r.Need != (Term{}) {
		c.iri("need.uri", IRI(r.Need.URI))
		c.text("need.name", r.Need.Name, 0, 200)
	}
}

// checkBudget: a currency and a range.
func (r *Request) checkBudget(c *complaints) {
	b := r.Budget
	if b == nil {
		return
	}
	before := len(c.list)
	c.currency("budget.currency", b.Currency)
	c.amount("budget.min", b.Min)
	c.amount("budget.max", b.Max)
	if len(c.list) == before && b.Min.GreaterThan(b.Max) {
		c.add("budget.max", CodeOrder, "the upper end is below the lower")
	}
}

// checkTransparency: rules that we know.
func (r *Request) checkTransparency(c *complaints) {
	for i, rule := range r.Transparency {
		checkPromise(c, i, rule)
	}
}

// checkStatus: drafts and reviews do not cross the wire.
func (r *Request) checkStatus(c *complaints) {
	known := RequestStates()
	if !c.wire {
		known = append(known, RequestDraft, RequestReview)
	}
	if !in(known, r.Status) {
		c.add("state", CodeUnknown, "%.40q is not a state that it may be in", string(r.Status))
	}
}

// MayEdit complains, as an [Invalid], about what an edit of a published request may not
// change: accepted hours and their roles stay; once there was an offer (offered) no rule
// is taken back.
func (r *Request) MayEdit(next *Request, offered bool) error {
	c := &complaints{}
	for _, rule := range r.Transparency {
		if offered && !next.Promises(rule) {
			c.add("transparency", CodeNotAllowed, "%s was promised to who has offered", rule)
		}
	}
	for _, s := range r.Slots {
		after := next.Slot(s.Key)
		switch {
		case s.Accepted == 0:
		case after == nil:
			c.add("slots", CodeNotAllowed, "hours of %s are accepted already", s.Name)
		case after.Hours < s.Accepted:
			c.add(fmt.Sprintf("slots[%d].hours", slices.IndexFunc(next.Slots, func(n Slot) bool { return n.Key == s.Key })), CodeOrder, "%d hours are accepted already", s.Accepted)
		}
	}
	return c.list.Or()
}
