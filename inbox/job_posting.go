// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"minga/coop"
)

// readPosting reads what a form has of a JobPosting, which stands on page.
func readPosting(n node, page string) *coop.Job {
	j := &coop.Job{
		Title: n.text("title"), Description: n.html("description"), Responsibilities: n.html("responsibilities"), Qualifications: n.html("qualifications"),
		Industry: n.text("industry"), WorkHours: n.text("workHours"), Benefits: n.text("jobBenefits"), Engagement: "employment", MembershipTrack: "possible",
		Education: n.text("educationRequirements"), Experience: n.text("experienceRequirements"),
		EmploymentType: postingEmployment(n), Skills: postingSkills(n), ValidThrough: postingEnd(n.text("validThrough")), Pay: postingPay(n),
	}
	readPostingPlace(j, n)
	readPostingApply(j, n, page)
	return j
}

// postingEmployment reads the types of employment: words of schema.org, one each or with
// commas between, also where somebody wrote full-time.
func postingEmployment(n node) (types []string) {
	for _, kind := range n.texts("employmentType") {
		for word := range strings.SplitSeq(kind, ",") {
			word = strings.ReplaceAll(strings.ToUpper(strings.TrimSpace(word)), "-", "_")
			types = append(types, oneOf(word, coop.EmploymentTypes())...)
		}
	}
	return types
}

// maxPostingSkills and maxPostingPlaces are as many as a form holds.
const (
	maxPostingSkills = 15
	maxPostingPlaces = 5
)

// postingSkills reads the skills: texts, with commas between or not, and objects with names.
func postingSkills(n node) (skills []coop.Skill) {
	for _, skill := range append(n.texts("skills"), names(n.objects("skills"))...) {
		for name := range strings.SplitSeq(skill, ",") {
			if name = coop.CleanLine(name, 200); name != "" && len(skills) < maxPostingSkills {
				skills = append(skills, coop.Skill{Term: coop.Term{Name: name}, Required: true})
			}
		}
	}
	return skills
}

// postingEnd reads until when one may apply; a day alone counts to its end. Zero where
// nothing is said that can be read.
func postingEnd(text string) time.Time {
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		return day.AddDate(0, 0, 1).Add(-time.Second)
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04", "2006-01-02T15:04:05"} {
		if at, err := time.Parse(layout, text); err == nil {
			return at.UTC()
		}
	}
	return time.Time{}
}

// oneOf is a word where it is in a list.
func oneOf(word string, list []string) []string {
	for _, known := range list {
		if word == known {
			return []string{word}
		}
	}
	return nil
}

// readPostingPlace reads places, and from where one may apply.
func readPostingPlace(j *coop.Job, n node) {
	for _, place := range n.objects("jobLocation") {
		if p := postingPlace(place); p != (coop.Place{}) && len(j.Places) < maxPostingPlaces {
			j.Places = append(j.Places, p)
		}
	}
	if j.Remote = strings.EqualFold(n.text("jobLocationType"), "TELECOMMUTE"); !j.Remote {
		return
	}
	for _, from := range n.objects("applicantLocationRequirements") {
		if code := strings.ToUpper(from.text("name")); coop.ValidCountry(code) {
			j.ApplicantsFrom = append(j.ApplicantsFrom, code)
		}
	}
}

// postingPlace reads one place with its address.
func postingPlace(place node) coop.Place {
	address := place.object("address")
	return coop.Place{
		Name: place.text("name"), Locality: address.text("addressLocality"), Region: address.text("addressRegion"),
		Street: address.text("streetAddress"), PostCode: address.text("postalCode"), Country: countryOf(address),
	}
}

// countryOf is the country of an address: a code, alone or as the name of an object.
func countryOf(address node) string {
	for _, code := range []string{address.text("addressCountry"), address.object("addressCountry").text("name")} {
		if code = strings.ToUpper(code); coop.ValidCountry(code) {
			return code
		}
	}
	return ""
}

// postingPay reads a range of money, or one sum as both its ends; nil where there is none
// that a form would take.
func postingPay(n node) *coop.Pay {
	salary := n.object("baseSalary")
	value := salary.object("value")
	pay := coop.Pay{Currency: strings.ToUpper(salary.text("currency")), Unit: strings.ToUpper(value.text("unitText")), Min: value.money("minValue"), Max: value.money("maxValue")}
	if pay.Max.IsZero() {
		pay.Max = value.money("value")
		pay.Min = pay.Max
	}
	if pay.Min.IsZero() {
		pay.Min = pay.Max
	}
	if !coop.ValidCurrency(pay.Currency) || !pay.Max.IsPositive() || pay.Min.GreaterThan(pay.Max) || oneOf(pay.Unit, coop.PayUnits()) == nil {
		return nil
	}
	return &pay
}

// maxMoney is as many characters as a sum has.
const maxMoney = 20

// money is a member that is a sum: never negative, and no power of ten, for 1e9 is short
// to write and long to show. 0 for everything else.
func (n node) money(name string) decimal.Decimal {
	text := n.text(name)
	if len(text) > maxMoney || strings.ContainsAny(text, "eE") {
		return decimal.Zero
	}
	d, err := decimal.NewFromString(text)
	if err != nil || d.IsNegative() {
		return decimal.Zero
	}
	return d
}

// readPostingApply reads where one applies: as the posting says, else on the page.
func readPostingApply(j *coop.Job, n node, page string) {
	contact := n.object("applicationContact")
	if mail := strings.TrimPrefix(contact.text("email"), "mailto:"); coop.ValidMail(mail) {
		j.ApplyEmail = mail
	}
	for _, link := range []string{contact.text("url"), n.text("url"), page} {
		if j.ApplyURL == "" && coop.ValidLink(link) {
			j.ApplyURL = link
		}
	}
}
