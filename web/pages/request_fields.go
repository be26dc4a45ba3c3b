// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"minga/coop"
)

// fieldsOfRequest are the fields of a request that is there.
func fieldsOfRequest(p *coop.Post, file *coop.RequestFile) requestFields {
	q := p.Request
	g := requestFields{Version: strconv.FormatInt(q.Version, 10), Language: p.Language, Title: q.Title, Description: q.Markdown[p.Language]}
	if g.Description == "" {
		g.Description = coop.VisibleText(q.Description)
	}
	for _, tag := range sortedNames(languagesOf(q)) {
		if tag != p.Language && g.Language2 == "" {
			g.Language2, g.Title2, g.Description2 = tag, q.TitleMap[tag], q.Markdown[tag]
		}
	}
	if !q.RespondBy.IsZero() {
		g.RespondBy = q.RespondBy.UTC().Format(time.DateOnly)
	}
	if q.Budget != nil {
		g.Currency, g.BudgetMin, g.BudgetMax = q.Budget.Currency, amountOf(q.Budget.Min), amountOf(q.Budget.Max)
	}
	for _, rule := range q.Transparency {
		g.Rules = append(g.Rules, string(rule))
	}
	for _, s := range q.Slots {
		row := slotFields{Key: s.Key, Name: s.Name, Skill: s.Skill.Name, Hours: count(s.Hours), Required: s.Required}
		if s.Rate != nil {
			row.Rate, g.Currency = s.Rate.Value.String(), s.Rate.Currency
		}
		g.Slots = append(g.Slots, row)
	}
	if file != nil {
		g.Members, g.Client, g.Contact, g.Mail, g.Contract, g.FileNote = file.Members, file.Client, file.Contact, file.Mail, file.Contract, file.Notes
	}
	return g
}

// requestReader turns fields into a request; what cannot be read is complained about.
type requestReader struct {
	formReader
	given requestFields
	rows  []int // the row of the form of each role
}

// write makes the request and its file.
func (r *requestReader) write(w *requestForm) (*coop.Post, *coop.RequestFile) {
	g := r.given
	p := &coop.Post{Author: w.author, AuthorID: w.author.ID, Local: true, Kind: coop.KindRequest, Language: g.Language, Request: &coop.Request{Status: coop.RequestDraft}}
	if w.before != nil {
		same := *w.before
		p = &same
		p.Request = w.before.Request.Clone()
		p.Request.Version, _ = strconv.ParseInt(g.Version, 10, 64)
	}
	q := p.Request
	q.Title, q.TitleMap, q.DescriptionMap = g.Title, map[string]string{g.Language: g.Title}, nil
	q.Description, q.Markdown = "", map[string]string{}
	for _, version := range [][3]string{{g.Language, g.Title, g.Description}, {g.Language2, g.Title2, g.Description2}} {
		if version[0] != "" && (version[1] != "" || version[2] != "") {
			q.TitleMap[version[0]], q.Markdown[version[0]] = version[1], version[2]
		}
	}
	r.writeTerms(q)
	r.writeSlots(q)
	file := &coop.RequestFile{Members: g.Members, Client: g.Client, Contact: g.Contact, Mail: g.Mail, Contract: g.Contract, Notes: g.FileNote}
	if w.file != nil {
		file.Public = w.file.Public
	}
	return p, file
}

// writeTerms writes date, money and rules. A day means its end, in UTC.
func (r *requestReader) writeTerms(q *coop.Request) {
	g := r.given
	q.RespondBy = time.Time{}
	if day, ok := coop.ParseDate(g.RespondBy); ok {
		q.RespondBy = day.AddDate(0, 0, 1).Add(-time.Second)
	} else if g.RespondBy != "" {
		r.complain("respond_by", coop.CodeFormat)
	}
	q.Budget, q.Transparency = nil, nil
	if g.BudgetMin != "" || g.BudgetMax != "" {
		q.Budget = &coop.Budget{Currency: strings.ToUpper(g.Currency), Min: r.decimal("budget.min", g.BudgetMin), Max: r.decimal("budget.max", g.BudgetMax)}
		if g.BudgetMax == "" {
			q.Budget.Max = q.Budget.Min
		}
	}
	for _, rule := range g.Rules {
		q.Transparency = append(q.Transparency, coop.TransparencyRule(rule))
	}
}

// writeSlots writes the roles; a row without anything in it is none. What of a role was
// there before and has no field stays.
func (r *requestReader) writeSlots(q *coop.Request) {
	before := q.Clone()
	q.Slots = nil
	for i, row := range r.given.Slots {
		if row.Name == "" && row.Skill == "" && row.Hours == "" && row.Rate == "" {
			continue
		}
		at := fmt.Sprintf("slots[%d]", len(q.Slots))
		r.rows = append(r.rows, i+1)
		s := coop.Slot{Key: row.Key}
		if was := before.Slot(row.Key); was != nil && row.Key != "" {
			s = *was
		} else {
			s.Key = ""
		}
		if !strings.EqualFold(s.Skill.Name, row.Skill) {
			s.Skill = coop.Term{Name: row.Skill}
		}
		s.Name, s.Required, s.Rate, s.Hours = row.Name, row.Required, nil, r.hours(at+".hours", row.Hours)
		if row.Rate != "" {
			s.Rate = &coop.Rate{Currency: strings.ToUpper(r.given.Currency), Value: r.decimal(at+".rate", row.Rate)}
		}
		q.Slots = append(q.Slots, s)
	}
}

// hours reads whole hours; nothing is zero.
func (r *requestReader) hours(field, value string) int {
	if value == "" {
		return 0
	}
	n, err := strconv.Atoi(value)
	if err != nil {
		r.complain(field, coop.CodeFormat)
	}
	return n
}

// field is the field of the form that writes a field of a request, and the word by which
// it is named.
func (r *requestReader) field(name string) (field, label string) {
	var i int
	var rest string
	if n, _ := fmt.Sscanf(name, "slots[%d].%s", &i, &rest); n == 2 && i < len(r.rows) {
		what, _, _ := strings.Cut(rest, ".")
		if strings.HasPrefix(rest, "rate.currency") {
			return "currency", "currency"
		}
		if what == "key" {
			what = "name"
		}
		return fmt.Sprintf("slot_%d_%s", r.rows[i], what), what
	}
	g := r.given
	base, tag, _ := strings.Cut(name, ".")
	second := tag != "" && tag == g.Language2 && tag != g.Language
	switch base {
	case "title", "title_map":
		return map[bool]string{true: "title_2", false: "title"}[second], "title"
	case "description", "description_map", "markdown":
		return map[bool]string{true: "description_2", false: "description"}[second], "description"
	case "budget":
		if tag == "currency" {
			return "currency", "currency"
		}
		return "budget_" + tag, "budget"
	case "transparency", "transparency[0]":
		return "rules", "rules"
	case "slots":
		return "slot_1_name", "slots"
	case "respond_by", "client", "contact", "mail", "contract", "notes", "members":
		return base, base
	}
	return "title", "title"
}
