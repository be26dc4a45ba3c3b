// SPDX-License-Identifier: AGPL-3.0-or-later

package carry

import (
	"bytes"
	"strings"
	"time"

	"minga/coop"
)

// feed reads the items of a feed, or the jobs of a <source>. What stands in them as plain
// text only, such as the pay, stays text: nobody guesses.
func (f *JobFile) feed(data []byte) error {
	return eachThing(bytes.NewReader(data), []string{"item", "entry", "job"}, func(head, t *thing) error {
		return f.add(jobOfThing(head, t))
	})
}

// maxFeedTitle is as many characters as the title of a job has.
const maxFeedTitle = 100

// jobOfThing is an item as a job.
func jobOfThing(head, t *thing) FileJob {
	j := FileJob{Number: t.number, Job: &coop.Job{}}
	link := t.link()
	j.Key = coop.CleanLine(t.text("guid", "id", "referencenumber", "x:job_id"), maxTarget)
	if j.Key == "" {
		j.Key = link
	}
	j.Job.Title = coop.Shorten(coop.CleanLine(plainOf(t.text("title")), 4*maxFeedTitle), maxFeedTitle)
	if j.Job.Title == "" {
		j.wrong("title", coop.CodeRequired, "an item of a feed needs a title")
	}
	j.describe(t.text("content:encoded", "content", "description", "summary"), link)
	j.Language = languageOr(t.text("language", "dc:language"), languageOr(head.text("language", "dc:language"), ""))
	if coop.ValidLink(link) {
		j.Job.ApplyURL = link
	}
	j.feedDays(t)
	j.feedPlace(t)
	if types, strange := employment(t.text("jobtype", "x:job_type", "x:employmentType")); strange == "" {
		j.Job.EmploymentType = types
	}
	j.Job.Industry = coop.CleanLine(plainOf(t.text("category")), 200)
	return j
}

// link is the address of an item: RSS writes it as text, Atom as an attribute (RFC 4287
// §4.2.7), which may stand there for several things.
func (t *thing) link() string {
	for _, f := range t.fields {
		address := strings.TrimSpace(string(f.text))
		if rel := f.attr["rel"]; f.attr["href"] != "" && (rel == "" || rel == "alternate") {
			address = strings.TrimSpace(f.attr["href"])
		}
		if (f.name == "link" || f.name == "url") && coop.ValidIRI(coop.IRI(address)) {
			return address
		}
	}
	if guid := t.text("guid"); coop.ValidIRI(coop.IRI(guid)) {
		return guid
	}
	return ""
}

// plainOf is a line of text that may be HTML.
func plainOf(text string) string {
	if strings.ContainsAny(text, "<&") {
		return strings.Join(strings.Fields(coop.VisibleText(text)), " ")
	}
	return text
}

// feedDays reads when it was published and until when one may apply; what cannot be read
// is as if it were not said.
func (j *FileJob) feedDays(t *thing) {
	if at, _, ok := momentOf(t.text("pubDate", "published", "date", "dc:date", "updated")); ok {
		j.Posted = at.Format(time.DateOnly)
	}
	if at, day, ok := momentOf(t.text("expirationdate", "x:validThrough", "x:expires")); ok {
		j.Job.ValidThrough = lastMoment(at, day)
	}
}

// feedPlace reads where the work is.
func (j *FileJob) feedPlace(t *thing) {
	p := coop.Place{Locality: coop.CleanLine(t.text("city"), 200), Region: coop.CleanLine(t.text("state"), 200)}
	if code := strings.ToUpper(t.text("country")); coop.ValidCountry(code) {
		p.Country = code
	}
	if remote := strings.ToLower(t.text("remotetype")); remote != "" {
		j.Job.Remote = true
		if p.Country != "" && !strings.Contains(remote, "hybrid") {
			j.Job.ApplicantsFrom = []string{p.Country}
		}
	}
	if p == (coop.Place{}) {
		p.Name = coop.CleanLine(t.text("x:location", "x:job_location"), 200)
	}
	if p != (coop.Place{}) && (!j.Job.Remote || p.Locality+p.Name != "") {
		j.Job.Places = []coop.Place{p}
	}
}
