// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/html"
)

// The rules by which JobPosting mark-up is judged here: schema.org's names and types,
// and what search engines publish of jobs: title, description, date, who hires, and a
// place or countries must be there; money, dates and codes have one form each; what is
// said to be remote is remote altogether. Every finding is a sentence.

// postingRules are the members that a JobPosting of ours may have, each with what is
// wrong with a value.
var postingRules = map[string]func(any) string{
	"@context": oneOfText("https://schema.org", "https://schema.org/"), "@type": oneOfText("JobPosting"), "@id": aLink, "url": aLink,
	"title": aTitle, "description": aDescription, "responsibilities": aDescription, "qualifications": aDescription, "datePosted": aDay, "jobStartDate": aDay, "validThrough": aMoment,
	"employmentType":  listOf(oneOfText("FULL_TIME", "PART_TIME", "CONTRACTOR", "TEMPORARY", "INTERN", "VOLUNTEER", "PER_DIEM", "OTHER")),
	"jobLocationType": oneOfText("TELECOMMUTE"), "jobLocation": listOf(thing("Place", "address")), "applicantLocationRequirements": listOf(thing("Country", "name")),
	"hiringOrganization": thing("Organization", "name", "sameAs"), "identifier": thing("PropertyValue", "name", "value"), "baseSalary": aSalary,
	"directApply": aTruth, "jobImmediateStart": aTruth, "experienceInPlaceOfEducation": aTruth, "totalJobOpenings": aCount, "skills": listOf(thing("DefinedTerm", "name")),
	"relevantOccupation": thing("Occupation", "name"), "applicationContact": thing("ContactPoint"),
	"industry": aText, "employmentUnit": aText, "workHours": aText, "jobBenefits": aText, "incentiveCompensation": aText, "educationRequirements": aText,
	"experienceRequirements": aText, "eligibilityToWorkRequirement": aText, "physicalRequirement": aText,
}

// judgePosting lists what is wrong with the JSON-LD of a job.
func judgePosting(doc map[string]any, now time.Time) []string {
	var wrong []string
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	for _, name := range []string{"@context", "@type", "title", "description", "datePosted", "validThrough", "hiringOrganization", "identifier", "employmentType", "url"} {
		if doc[name] == nil {
			say("%s is missing", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(doc)) {
		if rule := postingRules[name]; rule == nil {
			say("%s is no member that we know", name)
		} else if problem := rule(doc[name]); problem != "" {
			say("%s %s", name, problem)
		}
	}
	if doc["jobLocation"] == nil && doc["applicantLocationRequirements"] == nil {
		say("neither a place nor a country of those who may apply")
	}
	if doc["jobLocation"] == nil && doc["jobLocationType"] == nil {
		say("work without a place that is not remote")
	}
	if doc["applicantLocationRequirements"] != nil && doc["jobLocationType"] == nil {
		say("countries of those who may apply, and the work is not remote")
	}
	if doc["title"] == doc["description"] {
		say("the description is the title again")
	}
	posted, _ := time.Parse(time.DateOnly, fmt.Sprint(doc["datePosted"]))
	through, _ := time.Parse(time.RFC3339, fmt.Sprint(doc["validThrough"]))
	if posted.After(now) || !through.After(now) || through.Sub(posted) > 91*24*time.Hour {
		say("posted %s, valid through %s, now %s", doc["datePosted"], doc["validThrough"], now.Format(time.RFC3339))
	}
	return wrong
}

func aText(v any) string {
	if s, ok := v.(string); !ok || strings.TrimSpace(s) == "" {
		return fmt.Sprintf("is no text: %v", v)
	}
	return ""
}

func oneOfText(values ...string) func(any) string {
	return func(v any) string {
		if s, ok := v.(string); !ok || !slices.Contains(values, s) {
			return fmt.Sprintf("is %v, not one of %v", v, values)
		}
		return ""
	}
}

func aLink(v any) string {
	if s, ok := v.(string); !ok || !strings.HasPrefix(s, "https://") || strings.ContainsAny(s, " <>\"") {
		return fmt.Sprintf("is no address: %v", v)
	}
	return ""
}

func aTitle(v any) string {
	s, _ := v.(string)
	if n := len([]rune(s)); n < 3 || n > 100 || s == strings.ToUpper(s) && s != strings.ToLower(s) {
		return fmt.Sprintf("has %d characters, or capitals alone", n)
	}
	return ""
}

// aDescription is balanced HTML of paragraphs and lists, long enough to say something.
func aDescription(v any) string {
	s, _ := v.(string)
	if len([]rune(s)) < 50 {
		return "is shorter than 50 characters"
	}
	var open []string
	for z := html.NewTokenizer(strings.NewReader(s)); ; {
		switch kind := z.Next(); kind {
		case html.ErrorToken:
			if len(open) > 0 {
				return fmt.Sprintf("leaves %v open", open)
			}
			return ""
		case html.StartTagToken, html.EndTagToken, html.SelfClosingTagToken:
			token := z.Token()
			if !slices.Contains([]string{"p", "ul", "li", "br"}, token.Data) || len(token.Attr) > 0 {
				return "has " + token.String()
			}
			if kind == html.StartTagToken && token.Data != "br" {
				open = append(open, token.Data)
			} else if kind == html.EndTagToken && (len(open) == 0 || open[len(open)-1] != token.Data) {
				return "closes " + token.Data
			} else if kind == html.EndTagToken {
				open = open[:len(open)-1]
			}
		}
	}
}

func aDay(v any) string {
	if _, err := time.Parse(time.DateOnly, fmt.Sprint(v)); err != nil {
		return fmt.Sprintf("is no date: %v", v)
	}
	return ""
}

func aMoment(v any) string {
	if _, err := time.Parse(time.RFC3339, fmt.Sprint(v)); err != nil {
		return fmt.Sprintf("is no moment: %v", v)
	}
	return ""
}

func aTruth(v any) string {
	if _, ok := v.(bool); !ok {
		return fmt.Sprintf("is neither true nor false: %v", v)
	}
	return ""
}

func aCount(v any) string {
	if n, ok := v.(float64); !ok || n < 1 || n != float64(int(n)) {
		return fmt.Sprintf("is no count: %v", v)
	}
	return ""
}

// listOf takes one value or several.
func listOf(rule func(any) string) func(any) string {
	return func(v any) string {
		list, ok := v.([]any)
		if !ok {
			return rule(v)
		}
		if len(list) == 0 {
			return "is an empty list"
		}
		for _, one := range list {
			if problem := rule(one); problem != "" {
				return problem
			}
		}
		return ""
	}
}

// insideRules are the members of things inside a JobPosting.
var insideRules = map[string]func(any) string{
	"@id": aLink, "name": aText, "value": aText, "sameAs": aLink, "logo": aLink, "url": aLink, "email": aText, "addressCountry": aCountry, "addressLocality": aText, "addressRegion": aText,
	"streetAddress": aText, "postalCode": aText, "latitude": aNumber, "longitude": aNumber,
}

var twoLetters = regexp.MustCompile(`^[A-Z]{2}$`)

func aCountry(v any) string {
	if !twoLetters.MatchString(fmt.Sprint(v)) {
		return fmt.Sprintf("is no country: %v", v)
	}
	return ""
}

func aNumber(v any) string {
	if _, ok := v.(float64); !ok {
		return fmt.Sprintf("is no number: %v", v)
	}
	return ""
}

// thing is an object of a type that has at least those members.
func thing(kind string, needed ...string) func(any) string {
	return func(v any) string {
		doc, ok := v.(map[string]any)
		if !ok || doc["@type"] != kind {
			return fmt.Sprintf("is no %s: %v", kind, v)
		}
		for _, name := range needed {
			if doc[name] == nil {
				return fmt.Sprintf("has no %s: %v", name, v)
			}
		}
		for name, value := range doc {
			if problem := inside(name, value); problem != "" {
				return name + " " + problem
			}
		}
		if kind == "Country" {
			return aCountry(doc["name"])
		}
		return ""
	}
}

func inside(name string, value any) string {
	switch name {
	case "@type":
		return ""
	case "address":
		return thing("PostalAddress", "addressCountry")(value)
	case "geo":
		return thing("GeoCoordinates", "latitude", "longitude")(value)
	}
	if rule := insideRules[name]; rule != nil {
		return rule(value)
	}
	return "is no member that we know"
}

func aSalary(v any) string {
	doc, _ := v.(map[string]any)
	value, _ := doc["value"].(map[string]any)
	least, ok1 := value["minValue"].(float64)
	most, ok2 := value["maxValue"].(float64)
	units := []string{"HOUR", "DAY", "WEEK", "MONTH", "YEAR"}
	switch unit, _ := value["unitText"].(string); {
	case doc["@type"] != "MonetaryAmount" || value["@type"] != "QuantitativeValue":
		return fmt.Sprintf("is no MonetaryAmount of a QuantitativeValue: %v", v)
	case !regexp.MustCompile(`^[A-Z]{3}$`).MatchString(fmt.Sprint(doc["currency"])):
		return fmt.Sprintf("has the currency %v", doc["currency"])
	case !ok1 || !ok2 || least <= 0 || least > most:
		return fmt.Sprintf("goes from %v to %v", value["minValue"], value["maxValue"])
	case !slices.Contains(units, unit):
		return "is for each " + unit
	}
	return ""
}
