// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"fmt"
	"strings"
	"time"

	"minga/coop"
	"minga/coop/carry"
)

// What tables and job sites take of a search: comma-separated values (RFC 4180), and
// the <source><job> XML that aggregators of jobs read.

// tableHeads are the columns of the table of jobs; they are words of programs, the same
// in every language.
var tableHeads = []string{
	"id", "url", "title", "co_op", "engagement", "membership_track", "remote", "places", "applicants_from", "hours_from", "hours_to",
	"pay_min", "pay_max", "pay_unit", "currency", "gross", "skills", "languages", "posted", "closes", "status",
}

// jobTable writes jobs as comma-separated values.
func (f *Face) jobTable(posts []*coop.Post) ([]byte, error) {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	w.UseCRLF = true
	if err := w.Write(tableHeads); err != nil {
		return nil, err
	}
	for _, p := range posts {
		row := f.jobRow(p)
		for i := range row {
			row[i] = cell(row[i])
		}
		if err := w.Write(row); err != nil {
			return nil, err
		}
	}
	w.Flush()
	return out.Bytes(), w.Error()
}

// cell is a text that a table program takes for a text, on one line.
func cell(s string) string { return carry.Inert(strings.Join(strings.Fields(s), " ")) }

// jobRow is a job as the columns of the table.
func (f *Face) jobRow(p *coop.Post) []string {
	j := p.Job
	row := []string{
		string(p.IRI), f.root() + f.pathOf(p), j.Title, f.person(p.Author).Name, j.Engagement, j.MembershipTrack, yesNo(j.Remote), strings.Join(placeLines(j), "; "),
		strings.Join(j.ApplicantsFrom, " "), "", "", "", "", "", "", "", strings.Join(skillLines(j), "; "), strings.Join(languageTags(j), " "),
		j.DatePosted, j.ValidThrough.UTC().Format(time.RFC3339), string(j.Status),
	}
	if j.HoursTo.IsPositive() {
		row[9], row[10] = j.HoursFrom.String(), j.HoursTo.String()
	}
	if j.Pay != nil {
		row[11], row[12], row[13], row[14], row[15] = j.Pay.Min.String(), j.Pay.Max.String(), j.Pay.Unit, j.Pay.Currency, yesNo(*grossOf(j))
	}
	return row
}

// yesNo is a switch as programs write it.
func yesNo(on bool) string {
	if on {
		return "true"
	}
	return "false"
}

// placeLines are the places of a job, each in one line.
func placeLines(j *coop.Job) (lines []string) {
	for _, p := range j.Places {
		var parts []string
		for _, part := range []string{p.Locality, p.Region, p.Country} {
			if part != "" {
				parts = append(parts, part)
			}
		}
		if len(parts) == 0 {
			parts = []string{p.Name}
		}
		lines = append(lines, strings.Join(parts, ", "))
	}
	return lines
}

// skillLines are the names of the skills of a job.
func skillLines(j *coop.Job) (names []string) {
	for _, s := range j.Skills {
		names = append(names, s.Name)
	}
	return names
}

// languageTags are the languages of the work.
func languageTags(j *coop.Job) (tags []string) {
	for _, l := range j.Languages {
		tags = append(tags, l.Tag)
	}
	return tags
}

// jobSource is what aggregators of jobs read.
type jobSource struct {
	XMLName   xml.Name    `xml:"source"`
	Publisher string      `xml:"publisher"`
	URL       string      `xml:"publisherurl"`
	Built     string      `xml:"lastBuildDate"`
	Jobs      []sourceJob `xml:"job"`
}

// sourceJob is a job in it; text is put into the elements escaped, which every XML
// reader takes as it takes CDATA.
type sourceJob struct {
	Title       string `xml:"title"`
	Date        string `xml:"date"`
	Reference   string `xml:"referencenumber"`
	URL         string `xml:"url"`
	Company     string `xml:"company"`
	City        string `xml:"city,omitempty"`
	State       string `xml:"state,omitempty"`
	Country     string `xml:"country,omitempty"`
	Remote      string `xml:"remotetype,omitempty"`
	Description string `xml:"description"`
	Salary      string `xml:"salary,omitempty"`
	JobType     string `xml:"jobtype,omitempty"`
	Category    string `xml:"category,omitempty"`
	Expires     string `xml:"expirationdate"`
	Language    string `xml:"language,omitempty"`
}

// newJobSource writes a search for aggregators. Work between co-ops is none of their
// business.
func (f *Face) newJobSource(list feed, posts []*coop.Post) jobSource {
	out := jobSource{Publisher: list.Title, URL: f.root(), Built: list.Updated.Format(time.RFC1123Z)}
	for _, p := range posts {
		j := p.Job
		if j.Engagement == "inter-coop" {
			continue
		}
		one := sourceJob{
			Title: j.Title, Date: p.Published.UTC().Format(time.RFC1123Z), Reference: string(p.IRI), URL: f.root() + f.pathOf(p), Company: f.person(p.Author).Name,
			Description: string(paragraphs(j.Description)), JobType: jobTypes(j), Category: j.Industry, Expires: j.ValidThrough.UTC().Format(time.DateOnly), Language: p.Language,
		}
		if len(j.Places) > 0 {
			one.City, one.State, one.Country = j.Places[0].Locality, j.Places[0].Region, j.Places[0].Country
		}
		if j.Remote {
			if one.Remote = "Fully remote"; j.OfficeDays > 0 {
				one.Remote = "Hybrid remote"
			}
			if one.Country == "" && len(j.ApplicantsFrom) > 0 {
				one.Country = j.ApplicantsFrom[0]
			}
		}
		if j.Pay != nil {
			one.Salary = fmt.Sprintf("%s %s-%s per %s", j.Pay.Currency, j.Pay.Min, j.Pay.Max, strings.ToLower(j.Pay.Unit))
		}
		out.Jobs = append(out.Jobs, one)
	}
	return out
}

// jobTypes are the kinds of employment as aggregators write them.
func jobTypes(j *coop.Job) string {
	words := map[string]string{
		"FULL_TIME": "fulltime", "PART_TIME": "parttime", "CONTRACTOR": "contract", "TEMPORARY": "temporary", "INTERN": "internship", "VOLUNTEER": "volunteer",
	}
	var types []string
	for _, kind := range j.EmploymentType {
		if words[kind] != "" {
			types = append(types, words[kind])
		}
	}
	return strings.Join(types, ",")
}
