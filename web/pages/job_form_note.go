// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"minga/coop"
	"minga/coop/jobtext"
)

// fillFromNote fills in the form from a post that did not become a job, and says of
// each line what is wrong with it, with what stood there.
func (f *Face) fillFromNote(view *jobFormView, j *jobForm) {
	r := jobtext.Parse(j.before.Source, f.Now())
	p := &coop.Post{Author: j.author, AuthorID: j.author.ID, Language: j.before.Language, Job: &coop.Job{}}
	if p.Language == "" {
		p.Language = j.fields.Language
	}
	r.Fill(p.Job, p.Language, j.author.IRI)
	if p.Job.Title == "" {
		p.Job.Skills = nil
	}
	if len(r.Hashtags) > 1 {
		p.Job.Skills = nil
		for _, tag := range r.Hashtags {
			p.Job.Skills = append(p.Job.Skills, coop.Skill{Term: coop.Term{Name: tag}})
		}
	}
	view.Given = fieldsOf(p, view.Lang)
	if r.Lines[jobtext.Where] == 0 {
		view.Given.Mode = "onsite"
	}
	if r.ApplyTo.Name == "" && r.ApplyMail+r.ApplyURL == "" {
		view.Given.Message = true
	}
	view.list()
	said := map[string]bool{}
	for _, problem := range r.Problems {
		field := formField[problem.Field]
		if said[field] {
			continue
		}
		said[field] = true
		text := view.problemOf(field, problem.Code)
		if problem.Typed != "" {
			text = view.T("job_form_typed", "Text", problem.Typed) + " " + text
		}
		view.complain(field, text)
	}
	view.Notes = append(view.Notes, view.T("job_form_from"))
}

// formField is the field of the form in which a line of a text is corrected.
var formField = map[jobtext.Field]string{
	jobtext.Title: "title", jobtext.Where: "town", jobtext.Hours: "hours_min", jobtext.Pay: "pay_min", jobtext.ApplyBy: "closes", jobtext.ApplyAt: "mail",
	jobtext.Kind: "engagement", jobtext.Text: "description", jobtext.Tags: "skills",
}
