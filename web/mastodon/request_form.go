// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"minga/coop"
	"minga/web/mastodon/input"
)

// fillRequest writes what a client sent into a request, where it was sent.
func fillRequest(p *coop.Post, in input.Values) {
	fillHead(p, in)
	q := p.Request
	fillRequestTitles(q, p.Language, in)
	fillNeed(q, p.Language, in)
	sent(in, "respond_by", in.Moment, &q.RespondBy)
	if in.Has("transparency") {
		q.Transparency = nil
		for _, rule := range in.Texts("transparency") {
			q.Transparency = append(q.Transparency, coop.TransparencyRule(rule))
		}
	}
	fillBudget(q, in)
	if in.Has("slots") {
		fillSlots(q, in)
	}
}

// fillRequestTitles writes the titles; that of the request's language stands among the
// others too.
func fillRequestTitles(q *coop.Request, language string, in input.Values) {
	title := sent(in, "title", in.Text, &q.Title)
	titles := sent(in, "titles", in.Words, &q.TitleMap)
	if !title && !titles {
		return
	}
	if q.TitleMap == nil {
		q.TitleMap = map[string]string{}
	}
	if q.Title != "" {
		q.TitleMap[language] = q.Title
	}
}

// fillNeed writes what is needed: Markdown, as a text or by language.
func fillNeed(q *coop.Request, language string, in input.Values) {
	sent(in, "need_uri", in.Text, &q.Need.URI)
	if !in.Has("need") {
		return
	}
	q.DescriptionMap, q.Description = nil, ""
	if in.IsText("need") {
		q.Markdown = map[string]string{language: in.Text("need")}
	} else {
		q.Markdown = in.Words("need")
	}
}

// fillBudget writes the budget; null takes it away.
func fillBudget(q *coop.Request, in input.Values) {
	if !in.Has("budget") {
		return
	}
	q.Budget = nil
	if in.Null("budget") {
		return
	}
	b := in.Below("budget")
	q.Budget = &coop.Budget{Currency: b.Text("currency"), Min: b.Decimal("min"), Max: b.Decimal("max")}
	if !b.Has("max") {
		q.Budget.Max = q.Budget.Min
	}
}

// fillSlots writes the roles. One with the id of a role that is there keeps what was not
// sent of it.
func fillSlots(q *coop.Request, in input.Values) {
	before := q.Clone()
	q.Slots = nil
	for _, s := range in.List("slots", "name") {
		slot := coop.Slot{}
		if was := before.Slot(s.Text("key")); was != nil && s.Text("key") != "" {
			slot = *was
		}
		fillSlot(&slot, s)
		q.Slots = append(q.Slots, slot)
	}
}

// fillSlot writes what was sent of one role; a rate of null takes it away.
func fillSlot(slot *coop.Slot, s input.Values) {
	sent(s, "key", s.Text, &slot.Key)
	sent(s, "name", s.Text, &slot.Name)
	sent(s, "skill", s.Text, &slot.Skill.Name)
	sent(s, "skill_uri", s.Text, &slot.Skill.URI)
	sent(s, "hours", s.Number, &slot.Hours)
	sent(s, "required", s.On, &slot.Required)
	sent(s, "closed", s.On, &slot.Closed)
	if !s.Has("rate") {
		return
	}
	slot.Rate = nil
	if rate := s.Below("rate"); !s.Null("rate") {
		slot.Rate = &coop.Rate{Currency: rate.Text("currency"), Value: rate.Decimal("value")}
	}
}

// fileOf is the file of a request with what was sent of it; nil where nothing was.
func fileOf(file *coop.RequestFile, in input.Values) *coop.RequestFile {
	some, now := false, coop.RequestFile{}
	if file != nil {
		now = *file
	}
	for member, at := range map[string]*string{
		"client": &now.Client, "contact": &now.Contact, "mail": &now.Mail, "contract": &now.Contract, "notes": &now.Notes, "members": &now.Members,
	} {
		some = sent(in, member, in.Text, at) || some
	}
	if !some {
		return nil
	}
	return &now
}

// newRequest is an empty draft of an author.
func newRequest(author *coop.Account) *coop.Post {
	return &coop.Post{Author: author, AuthorID: author.ID, Local: true, Kind: coop.KindRequest, Request: &coop.Request{Status: coop.RequestDraft}}
}

// RequestFrom is a request of an author and its file as the members of POST
// /api/v1/minga/requests say them, for the command line. Numbers are json.Number.
func RequestFrom(author *coop.Account, members map[string]any) (*coop.Post, *coop.RequestFile, error) {
	in, p := input.New(members), newRequest(author)
	both := in.Beside("request")
	fillRequest(p, both)
	file := fileOf(nil, both)
	return p, file, in.Err()
}
