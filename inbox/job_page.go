// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"minga/coop"
	"minga/federation"
	"minga/federation/sanitize"
)

// Bounds of what is read of a page with a job.
const (
	maxPageScripts = 20
	maxPageDepth   = 8
	maxPageNodes   = 200
)

// JobPage reads the schema.org JobPosting of a page of somebody's own site, to fill in
// a form: nothing of it is stored or published. What it says of the state, of the
// co-op and of its reference is left out. Complaints are an *[coop.InvalidError] of
// field url; [coop.ErrUnavailable] says that the page could not be had.
func (in *Inbox) JobPage(ctx context.Context, url string) (*coop.Job, error) {
	invalid := func(code, problem string) error {
		return &coop.InvalidError{Field: "url", Code: code, Problem: problem}
	}
	if !coop.ValidIRI(coop.IRI(url)) {
		return nil, invalid(coop.CodeFormat, "is the address of a page")
	}
	page, err := in.o.Client.Get(ctx, url, "text/html,application/xhtml+xml,application/ld+json;q=0.9", federation.MaxPage)
	var refused *federation.Error
	if errors.As(err, &refused) {
		return nil, invalid("unreachable", "this page cannot be had")
	}
	if err != nil {
		return nil, fmt.Errorf("page of a job: %w: %w", coop.ErrUnavailable, err)
	}
	posting := node(nil)
	if slices.Contains(pageTypes, page.Type) {
		posting = findPosting(page)
	}
	if posting == nil {
		return nil, invalid(coop.CodeUnknown, "there is no JobPosting on this page")
	}
	return readPosting(posting, page.URL), nil
}

// pageTypes are what a page is served as; what a site lets people put there, pictures and
// texts, is none.
var pageTypes = []string{"text/html", "application/xhtml+xml", "application/ld+json", "application/json"}

// node is a JSON object.
type node map[string]any

// findPosting finds the first JobPosting in the JSON-LD of a page.
func findPosting(page federation.Page) node {
	if strings.HasSuffix(page.Type, "json") {
		return postingIn(page.Body)
	}
	z := html.NewTokenizer(bytes.NewReader(page.Body))
	for scripts := 0; scripts < maxPageScripts; {
		switch z.Next() {
		case html.ErrorToken:
			return nil
		case html.StartTagToken:
			t := z.Token()
			if t.DataAtom != atom.Script || !isLinkedData(t) {
				continue
			}
			scripts++
			if z.Next() == html.TextToken {
				if found := postingIn(z.Text()); found != nil {
					return found
				}
			}
		}
	}
	return nil
}

// isLinkedData tells scripts that hold JSON-LD.
func isLinkedData(t html.Token) bool {
	for _, a := range t.Attr {
		if a.Key == "type" && strings.EqualFold(strings.TrimSpace(a.Val), "application/ld+json") {
			return true
		}
	}
	return false
}

// postingIn finds a JobPosting in a document: alone, in a list, or in a graph.
func postingIn(body []byte) node {
	var document any
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if d.Decode(&document) != nil {
		return nil
	}
	left := maxPageNodes
	return postingBelow(document, maxPageDepth, &left)
}

// postingBelow looks into lists, graphs and members, so deep and so many.
func postingBelow(value any, depth int, left *int) node {
	if *left--; depth == 0 || *left < 0 {
		return nil
	}
	switch v := value.(type) {
	case []any:
		for _, one := range v {
			if found := postingBelow(one, depth-1, left); found != nil {
				return found
			}
		}
	case map[string]any:
		if node(v).is("JobPosting") {
			return v
		}
		for _, name := range []string{"@graph", "mainEntity", "itemListElement", "item"} {
			if found := postingBelow(v[name], depth-1, left); found != nil {
				return found
			}
		}
	}
	return nil
}

// is tells whether an object has a type.
func (n node) is(kind string) bool {
	for _, t := range n.texts("@type") {
		if strings.TrimPrefix(strings.TrimPrefix(t, "https://schema.org/"), "http://schema.org/") == kind {
			return true
		}
	}
	return false
}

// texts are the texts of a member that is one or a list.
func (n node) texts(name string) (list []string) {
	values, many := n[name].([]any)
	if !many {
		values = []any{n[name]}
	}
	for _, value := range values {
		if len(list) == maxJobList {
			break
		}
		switch v := value.(type) {
		case string:
			list = append(list, v)
		case json.Number:
			list = append(list, v.String())
		}
	}
	return list
}

// text is the first of them.
func (n node) text(name string) string {
	if list := n.texts(name); len(list) > 0 {
		return coop.CleanLine(coop.Truncate(html.UnescapeString(list[0]), maxJobText), maxJobLine)
	}
	return ""
}

// html is a text with its mark-up, cleaned.
func (n node) html(name string) string {
	if list := n.texts(name); len(list) > 0 && len(list[0]) <= maxJobText {
		return sanitize.Brief(list[0])
	}
	return ""
}

// objects are the objects of a member that is one or a list.
func (n node) objects(name string) (list []node) {
	values, many := n[name].([]any)
	if !many {
		values = []any{n[name]}
	}
	for _, value := range values {
		if object, ok := value.(map[string]any); ok && len(list) < maxJobList {
			list = append(list, object)
		}
	}
	return list
}

// object is the first of them; an empty one where there is none.
func (n node) object(name string) node {
	if list := n.objects(name); len(list) > 0 {
		return list[0]
	}
	return node{}
}

// readPosting reads what a form has of a JobPosting.
func readPosting(n node, page string) *coop.Job {
	j := &coop.Job{
		Title: n.text("title"), Description: n.html("description"), Responsibilities: n.html("responsibilities"), Qualifications: n.html("qualifications"),
		Industry: n.text("industry"), WorkHours: n.text("workHours"), Benefits: n.text("jobBenefits"), Engagement: "employment", MembershipTrack: "possible",
		Education: n.text("educationRequirements"), Experience: n.text("experienceRequirements"),
	}
	for _, kind := range n.texts("employmentType") {
		for word := range strings.SplitSeq(kind, ",") {
			word = strings.ReplaceAll(strings.ToUpper(strings.TrimSpace(word)), "-", "_")
			j.EmploymentType = append(j.EmploymentType, oneOf(word, coop.EmploymentTypes())...)
		}
	}
	for _, skill := range append(n.texts("skills"), names(n.objects("skills"))...) {
		for name := range strings.SplitSeq(skill, ",") {
			if name = coop.CleanLine(name, 200); name != "" && len(j.Skills) < 15 {
				j.Skills = append(j.Skills, coop.Skill{Term: coop.Term{Name: name}, Required: true})
			}
		}
	}
	readPostingPlace(j, n)
	readPostingPay(j, n)
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04", "2006-01-02T15:04:05", time.DateOnly} {
		if at, err := time.Parse(layout, n.text("validThrough")); err == nil {
			j.ValidThrough = at.UTC()
			if layout == time.DateOnly {
				j.ValidThrough = at.AddDate(0, 0, 1).Add(-time.Second)
			}
		}
	}
	readPostingApply(j, n, page)
	return j
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

// names are the names of objects.
func names(list []node) (out []string) {
	for _, n := range list {
		out = append(out, n.text("name"))
	}
	return out
}

// readPostingPlace reads places, and from where one may apply.
func readPostingPlace(j *coop.Job, n node) {
	j.Remote = strings.EqualFold(n.text("jobLocationType"), "TELECOMMUTE")
	for _, place := range n.objects("jobLocation") {
		address := place.object("address")
		p := coop.Place{Name: place.text("name"), Locality: address.text("addressLocality"), Region: address.text("addressRegion"), Street: address.text("streetAddress"), PostCode: address.text("postalCode")}
		p.Country = countryOf(address)
		if p != (coop.Place{}) && len(j.Places) < 5 {
			j.Places = append(j.Places, p)
		}
	}
	if !j.Remote {
		return
	}
	for _, from := range n.objects("applicantLocationRequirements") {
		if code := strings.ToUpper(from.text("name")); coop.ValidCountry(code) {
			j.ApplicantsFrom = append(j.ApplicantsFrom, code)
		}
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

// readPostingPay reads a range of money.
func readPostingPay(j *coop.Job, n node) {
	salary := n.object("baseSalary")
	value := salary.object("value")
	number := func(name string) decimal.Decimal {
		text := value.text(name)
		d, err := decimal.NewFromString(text)
		if err != nil || len(text) > 20 || strings.ContainsAny(text, "eE") || d.IsNegative() {
			return decimal.Zero
		}
		return d
	}
	pay := coop.Pay{Currency: strings.ToUpper(salary.text("currency")), Min: number("minValue"), Max: number("maxValue"), Unit: strings.ToUpper(value.text("unitText"))}
	if exact := number("value"); pay.Max.IsZero() {
		pay.Min, pay.Max = exact, exact
	}
	if pay.Min.IsZero() {
		pay.Min = pay.Max
	}
	if coop.ValidCurrency(pay.Currency) && pay.Max.IsPositive() && !pay.Min.GreaterThan(pay.Max) && oneOf(pay.Unit, coop.PayUnits()) != nil {
		j.Pay = &pay
	}
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
