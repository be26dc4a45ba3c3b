// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"encoding/json"
	"fmt"

	"minga/coop"
	"minga/federation/sanitize"
	"minga/federation/vocabulary"
)

// JobSchema is the schema.org part of [JobPosting] as JSON-LD for the job's page,
// with HTML's characters escaped. Author is the hiring organization, whose mark lies at one
// of the places of media. The result is empty
// for work between co-ops, and where search engines would refuse it: for work from
// anywhere they want one country at least, and that is the co-op's own.
func JobSchema(p *coop.Post, author *coop.Account, at coop.MediaPlaces) ([]byte, error) {
	if p.Job == nil || p.Job.Engagement == "inter-coop" {
		return nil, nil
	}
	doc := map[string]any{"@context": "https://schema.org/"}
	for _, m := range JobPosting(p) {
		if schemaOrg[m.Name] {
			doc[schemaName(m.Name)] = schemaValue(m.Value)
		}
	}
	doc["url"], doc["hiringOrganization"] = p.URL, hiring(author, at)
	schemaTexts(doc)
	if !schemaPlace(doc, p.Job, author) {
		return nil, nil
	}
	body, err := json.Marshal(doc)
	if err != nil {
		return nil, fmt.Errorf("write JobPosting of %s: %w", p.IRI, err)
	}
	return body, nil
}

// hiring is the co-op as the engines show it: name, site, mark.
func hiring(author *coop.Account, at coop.MediaPlaces) map[string]any {
	doc := map[string]any{"@type": "Organization", "@id": string(author.IRI), "name": shownName(author), "sameAs": homepage(author)}
	if author.Icon.URL != "" {
		doc["logo"] = at.Shown(author.Icon.URL)
	}
	return doc
}

// schemaTexts leaves in the long texts what the engines read.
func schemaTexts(doc map[string]any) {
	for _, name := range []string{"description", "responsibilities", "qualifications"} {
		if text, ok := doc[name].(string); ok {
			doc[name] = sanitize.Bare(text)
		}
	}
}

// schemaPlace says where the work is as the engines mean it: only what is done at home
// altogether is at a distance, and that has a place or countries of those who may apply.
// It is false where nothing can be said.
func schemaPlace(doc map[string]any, j *coop.Job, author *coop.Account) bool {
	if j.Remote && len(j.Places) > 0 && j.OfficeDays > 0 {
		delete(doc, "jobLocationType")
		delete(doc, "applicantLocationRequirements")
	}
	if doc["jobLocation"] != nil || doc["applicantLocationRequirements"] != nil {
		return true
	}
	if author.Coop == nil || author.Coop.Place == nil || author.Coop.Place.Country == "" {
		return false
	}
	doc["jobLocation"] = schemaValue([]vocabulary.Members{place(*author.Coop.Place)})
	return true
}

// homepage is the co-op's own site, else its page here.
func homepage(a *coop.Account) string {
	if len(a.Domains) > 0 {
		return "https://" + a.Domains[0]
	}
	return a.URL
}

// schemaOrg are the members of the payload that schema.org defines; the others are
// minga's, or would be read wrongly by job sites.
var schemaOrg = map[string]bool{
	"type": true, "id": true, "title": true, "description": true, "responsibilities": true, "qualifications": true, "datePosted": true,
	"validThrough": true, "employmentUnit": true, "identifier": true, "employmentType": true, "workHours": true, "totalJobOpenings": true,
	"jobLocationType": true, "applicantLocationRequirements": true, "jobLocation": true, "jobStartDate": true, "jobImmediateStart": true,
	"baseSalary": true, "jobBenefits": true, "incentiveCompensation": true, "relevantOccupation": true, "industry": true, "skills": true,
	"educationRequirements": true, "experienceRequirements": true, "experienceInPlaceOfEducation": true, "eligibilityToWorkRequirement": true,
	"physicalRequirement": true, "applicationContact": true, "directApply": true,
}

func schemaName(name string) string {
	if name == "id" || name == "type" {
		return "@" + name
	}
	return name
}

// schemaValue turns our members into JSON-LD with its own keywords; minga's terms
// inside lists are dropped.
func schemaValue(value any) any {
	switch v := value.(type) {
	case vocabulary.Members:
		out := map[string]any{}
		for _, m := range v {
			if m.Name != "required" {
				out[schemaName(m.Name)] = schemaValue(m.Value)
			}
		}
		return out
	case []vocabulary.Members:
		out := make([]any, 0, len(v))
		for _, m := range v {
			out = append(out, schemaValue(m))
		}
		return out
	}
	return value
}
