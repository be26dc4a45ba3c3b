// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"strconv"
	"strings"
	"time"

	"minga/coop"
	"minga/federation/document"
	"minga/federation/origin"
	"minga/federation/sanitize"
)

// maxSlotList bounds the roles that are looked at before [coop.Request.Admit] judges them.
const maxSlotList = 40

// readRequest reads the payload of a request and lets the rules judge it; note is the
// whole object, post what was read of it. nil means that it is none.
func readRequest(note, doc *document.Object, post *coop.Post, now time.Time) *coop.Request {
	q := &coop.Request{Status: coop.RequestState(line(doc, "status"))}
	plain := func(s string) string { return coop.CleanLine(s, maxJobLine) }
	if q.Title, q.TitleMap = texts(doc, "title", plain); q.Title == "" {
		q.Title = post.Title
	}
	if q.Title == "" {
		q.Title = firstStrong(post.Content)
	}
	q.Description, q.DescriptionMap = texts(doc, "description", sanitize.HTML)
	if q.RespondBy, _ = doc.Time("respondBy"); q.RespondBy.IsZero() {
		q.RespondBy = post.Ends
	}
	q.Closed, _ = doc.Time("closed")
	q.Need.URI = webAddress(note.Object("publishes").Ref("resourceConformsTo").ID)
	q.Budget = readBudget(doc.Object("budget"))
	for _, rule := range lines(doc, "transparency") {
		q.Transparency = append(q.Transparency, coop.TransparencyRule(rule))
	}
	for _, s := range doc.Objects("slots", maxSlotList) {
		if slot, ok := readSlot(s, post); ok {
			q.Slots = append(q.Slots, slot)
		}
	}
	if _, err := q.Admit(now); err != nil {
		return nil
	}
	q.Description = sanitize.HTML(q.Description) // the rules may have cut it in the middle of a tag
	return q
}

// readBudget is a range of money; one amount is both ends.
func readBudget(doc *document.Object) *coop.Budget {
	if doc == nil {
		return nil
	}
	b := &coop.Budget{Currency: strings.ToUpper(line(doc, "currency")), Min: number(doc, "minValue"), Max: number(doc, "maxValue")}
	if doc.Has("value") && !doc.Has("minValue") && !doc.Has("maxValue") {
		b.Min = number(doc, "value")
		b.Max = b.Min
	} else if !doc.Has("maxValue") {
		b.Max = b.Min
	}
	return b
}

// readSlot is one role: a proposal on the server of its request that publishes hours of
// work (FEP-0837). What is wanted in all is not said there: it is what is open as we see
// it first, see [coop.Request.KeepHours].
func readSlot(doc *document.Object, post *coop.Post) (coop.Slot, bool) {
	intent := doc.Object("publishes")
	s := coop.Slot{
		IRI: coop.IRI(doc.ID()), Primary: coop.IRI(intent.ID()), Name: coop.CleanLine(doc.Text("name").Value, 200),
		Said: coop.SlotState(line(doc, "status")),
	}
	if !origin.Same(string(s.IRI), string(post.IRI)) || line(intent, "action") != "work" {
		return s, false
	}
	if !origin.Same(string(s.Primary), string(post.IRI)) {
		s.Primary = s.IRI + "#primary"
	}
	path, _, _ := strings.Cut(string(s.IRI), "#")
	s.Key = strings.ToLower(path[strings.LastIndexByte(path, '/')+1:])
	s.Skill.URI = webAddress(intent.Ref("resourceConformsTo").ID)
	s.Required, _ = doc.Bool("required")
	s.Closed = s.Said == coop.SlotClosed
	quantity := intent.Object("availableQuantity")
	if unit := line(quantity, "hasUnit"); unit != "hour" && unit != "om2:hour" {
		return s, false
	}
	said, _ := quantity.Number("hasNumericalValue")
	hours, err := strconv.Atoi(said)
	if err != nil {
		return s, false
	}
	s.Hours, s.Rate = hours, readRate(doc.Object("reciprocal"))
	return s, true
}

// readRate is what a proposal gives for one hour; nil where it says no money that we know.
func readRate(doc *document.Object) *coop.Rate {
	quantity := doc.Object("resourceQuantity")
	if quantity == nil || !quantity.Has("hasNumericalValue") {
		return nil
	}
	currency := coop.CurrencyOf(doc.Ref("resourceConformsTo").ID)
	if currency == "" {
		return nil
	}
	return &coop.Rate{Currency: currency, Value: number(quantity, "hasNumericalValue")}
}
