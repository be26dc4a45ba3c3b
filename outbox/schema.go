// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"encoding/json"
	"fmt"

	"minga/coop"
	"minga/federation/vocabulary"
)

// JobSchema is the schema.org part of [JobPosting] as JSON-LD for the job's page,
// with HTML's characters escaped. Author is the hiring organization. Between co-ops
// there is no such page: the result is empty.
func JobSchema(p *coop.Post, author *coop.Account) ([]byte, error) {
	if p.Job == nil || p.Job.Engagement == "inter-coop" {
		return nil, nil
	}
	doc := map[string]any{"@context": "https://schema.org/"}
	for _, m := range JobPosting(p) {
		if schemaOrg[m.Name] {
			doc[schemaName(m.Name)] = schemaValue(m.Value)
		}
	}
	doc["url"] = p.URL
	doc["hiringOrganization"] = map[string]any{"@type": "Organization", "@id": string(author.IRI), "name": author.DisplayName, "sameAs": homepage(author)}
	if len(p.Job.ApplicantsFrom) == 0 && p.Job.Remote {
		delete(doc, "applicantLocationRequirements")
	}
	body, err := json.Marshal(doc)
	if err != nil {
		return nil, fmt.Errorf("write JobPosting of %s: %w", p.IRI, err)
	}
	return body, nil
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
