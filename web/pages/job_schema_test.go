// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"golang.org/x/net/html"

	"minga/coop"
	"minga/storage"
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

// manyJobs are jobs of all shapes that the form lets through.
func manyJobs() map[string]func(*coop.Post) {
	d := decimal.NewFromInt
	place := coop.Place{Name: "Casa central", Street: "Calle 1", Locality: "Rosario", Region: "Santa Fe", PostCode: "2000", Country: "AR"}
	return map[string]func(*coop.Post){
		"remote from some countries": func(p *coop.Post) { p.Job.ApplicantsFrom = []string{"AR", "UY", "CL"} },
		"remote from anywhere":       func(p *coop.Post) { p.Job.ApplicantsFrom, p.Job.Anywhere = nil, true },
		"at a place":                 func(p *coop.Post) { p.Job.Remote, p.Job.ApplicantsFrom, p.Job.Places = false, nil, []coop.Place{place} },
		"hybrid": func(p *coop.Post) {
			p.Job.Places, p.Job.OfficeDays = []coop.Place{{Locality: "Rosario", Country: "AR"}}, 2
		},
		"at a place or remote": func(p *coop.Post) { p.Job.Places = []coop.Place{{Locality: "Roma", Country: "IT"}, place} },
		"by the hour, several kinds": func(p *coop.Post) {
			p.Job.Pay = &coop.Pay{Currency: "EUR", Min: decimal.RequireFromString("17.5"), Max: d(22), Unit: "HOUR"}
			p.Job.EmploymentType = []string{"PART_TIME", "TEMPORARY"}
		},
		"volunteer": func(p *coop.Post) {
			p.Job.Engagement, p.Job.EmploymentType, p.Job.Pay, p.Job.PayModel = "volunteer", []string{"VOLUNTEER"}, nil, ""
		},
		"with everything": func(p *coop.Post) {
			j := p.Job
			j.Responsibilities, j.Qualifications = "<p>Cuidás los servidores, y lo que hay que cambiar lo decidimos entre todas.</p>", "<p>Sabés <strong>leer</strong> código ajeno con paciencia y con ganas de aprender.</p><ol><li>uno</li></ol>"
			j.Openings, j.Start, j.Duration, j.WorkHours, j.Industry, j.Education, j.Eligibility, j.Physical = 2, "2030-06-01", "P1Y", "lunes a jueves", "software", "secundario", "permiso de trabajo", "ninguno"
			j.Occupation, j.ExperienceForEducation, j.Incentives = &coop.Term{Name: "Programadora"}, true, "participación"
			j.Markdown["es"] = "Hacés **pan** con otras tres personas, [en la cuadra](https://telar.example/x).\n\n1. amasar\n2. hornear\n\n> con calma"
		},
		"a title that wants out": func(p *coop.Post) { p.Job.Title = "Pan & 1 < 2 > 0 }]] -->" },
	}
}

// TestPostings judges the mark-up of every open job of ours and compares it with what
// the page shows; then each step takes it away at once.
func TestPostings(t *testing.T) {
	w := newWorld(t)
	w.coop = w.member("telar")
	names := slices.Sorted(maps.Keys(manyJobs()))
	posted := map[string]*coop.Post{}
	for _, name := range names {
		posted[name] = w.publish(manyJobs()[name])
		page := w.get(w.pathOf(posted[name]), "es").Body.String()
		doc := jsonLD(t, page)
		if doc == nil {
			t.Errorf("%s: no mark-up", name)
			continue
		}
		for _, problem := range judgePosting(doc, w.clock.Now()) {
			t.Errorf("%s: %s", name, problem)
		}
		judgeVisible(t, name, doc, page)
	}
	between := w.publish(func(p *coop.Post) {
		p.Job.Engagement, p.Job.MembershipTrack, p.Job.Probation, p.Job.MemberShare = "inter-coop", "co-ops-only", "", nil
	})
	if jsonLD(t, w.get(w.pathOf(between), "es").Body.String()) != nil {
		t.Error("work between co-ops has mark-up")
	}
	for i, step := range []string{"pause", "fill", "withdraw", "close"} {
		p := posted[names[i]]
		if _, err := w.Outbox.StepJob(t.Context(), p.ID, step); err != nil {
			t.Fatal(err)
		}
		w.gone(p, step)
	}
	frozen := posted[names[4]]
	w.must(w.Store.Write(t.Context(), func(tx *storage.Tx) error { return tx.FreezeJob(t.Context(), frozen.ID, true) }))
	w.gone(frozen, "freeze")
	page := w.get(w.pathOf(frozen), "en")
	if body := page.Body.String(); page.Code != http.StatusOK || !strings.Contains(body, "under review") || strings.Contains(body, frozen.Job.Title) || !strings.Contains(body, "noindex") {
		t.Errorf("a frozen job: %d", page.Code)
	}
	w.clock.Advance(91 * 24 * time.Hour)
	w.gone(posted[names[5]], "time")
}

// gone wants a page without mark-up.
func (w *world) gone(p *coop.Post, why string) {
	w.t.Helper()
	if doc := jsonLD(w.t, w.get(w.pathOf(p), "es").Body.String()); doc != nil {
		w.t.Errorf("after %s there is still mark-up: %v", why, doc["title"])
	}
	if page := w.get("/sitemap.xml", "").Body.String(); strings.Contains(page, string(p.IRI)) {
		w.t.Errorf("after %s it is still on the map", why)
	}
}

// judgeVisible wants every word of the mark-up on the page, in the page's language.
func judgeVisible(t *testing.T, name string, doc map[string]any, page string) {
	t.Helper()
	shown := seen(t, page)
	f, err := loadWords(time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	es := f.of("es")
	want := func(member, text string) {
		if text = strings.Join(strings.Fields(text), " "); text != "" && !strings.Contains(shown, text) {
			t.Errorf("%s: %s says %q, which is not on the page", name, member, text)
		}
	}
	texts := func(member string, value any, each func(map[string]any) string) {
		list, ok := value.([]any)
		if !ok && value != nil {
			list = []any{value}
		}
		for _, one := range list {
			if m, ok := one.(map[string]any); ok {
				want(member, each(m))
			}
		}
	}
	for _, member := range []string{"title", "workHours", "industry", "educationRequirements", "experienceRequirements", "jobBenefits", "incentiveCompensation", "eligibilityToWorkRequirement", "physicalRequirement"} {
		text, _ := doc[member].(string)
		want(member, text)
	}
	for _, member := range []string{"description", "responsibilities", "qualifications"} {
		text, _ := doc[member].(string)
		for _, node := range textsOf(t, text) {
			want(member, node)
		}
	}
	for _, member := range []string{"datePosted", "jobStartDate"} {
		text, _ := doc[member].(string)
		want(member, es.Date(text))
	}
	through, _ := time.Parse(time.RFC3339, fmt.Sprint(doc["validThrough"]))
	want("validThrough", es.Day(through))
	texts("hiringOrganization", doc["hiringOrganization"], func(m map[string]any) string { return fmt.Sprint(m["name"]) })
	texts("hiringOrganization", doc["hiringOrganization"], func(m map[string]any) string { return fmt.Sprint(m["sameAs"]) })
	texts("identifier", doc["identifier"], func(m map[string]any) string { return fmt.Sprint(m["name"], " ", m["value"]) })
	texts("skills", doc["skills"], func(m map[string]any) string { return fmt.Sprint(m["name"]) })
	texts("relevantOccupation", doc["relevantOccupation"], func(m map[string]any) string { return fmt.Sprint(m["name"]) })
	texts("applicantLocationRequirements", doc["applicantLocationRequirements"], func(m map[string]any) string { return es.Country(fmt.Sprint(m["name"])) })
	texts("jobLocation", doc["jobLocation"], func(m map[string]any) string {
		address, _ := m["address"].(map[string]any)
		return es.Country(fmt.Sprint(address["addressCountry"]))
	})
	if salary, ok := doc["baseSalary"].(map[string]any); ok {
		want("baseSalary", fmt.Sprint(salary["currency"]))
		value := salary["value"].(map[string]any)
		for _, bound := range []string{"minValue", "maxValue"} {
			want("baseSalary", es.Decimal(decimal.NewFromFloat(value[bound].(float64))))
		}
	}
	if kinds, ok := doc["employmentType"].([]any); ok {
		for _, kind := range kinds {
			want("employmentType", es.T("type_"+fmt.Sprint(kind)))
		}
	}
	if doc["jobLocationType"] != nil {
		want("jobLocationType", es.T("remote_1"))
	}
}

// seen is the text of the content of a page, as a reader sees it.
func seen(t *testing.T, page string) string {
	t.Helper()
	return strings.Join(strings.Fields(strings.Join(textsUnder(elements(t, page, "main")[0]), " ")), " ")
}

// textsOf are the pieces of text of some HTML.
func textsOf(t *testing.T, markup string) []string {
	t.Helper()
	root, err := html.Parse(strings.NewReader(markup))
	if err != nil {
		t.Fatal(err)
	}
	return textsUnder(root)
}

func textsUnder(root *html.Node) []string {
	var texts []string
	for n := range root.Descendants() {
		if n.Type == html.TextNode {
			texts = append(texts, n.Data)
		}
	}
	return texts
}

// TestJudgePosting wants the judge to find what is wrong: a posting that is right is
// spoiled in one place after the other.
func TestJudgePosting(t *testing.T) {
	w := newWorld(t)
	w.coop = w.member("telar")
	page := w.get(w.pathOf(w.publish(manyJobs()["with everything"])), "es").Body.String()
	right, err := json.Marshal(jsonLD(t, page))
	if err != nil {
		t.Fatal(err)
	}
	part := func(doc map[string]any, name string) map[string]any { return doc[name].(map[string]any) }
	for name, spoil := range map[string]func(map[string]any){
		"no title":             func(d map[string]any) { delete(d, "title") },
		"a title in capitals":  func(d map[string]any) { d["title"] = "BACKEND" },
		"HTML beside lists":    func(d map[string]any) { d["description"] = "<div>" + strings.Repeat("x", 60) + "</div>" },
		"HTML that stays open": func(d map[string]any) { d["description"] = "<p>" + strings.Repeat("x", 60) },
		"no closing date":      func(d map[string]any) { delete(d, "validThrough") },
		"over":                 func(d map[string]any) { d["validThrough"] = "2001-01-01T00:00:00Z" },
		"a date in words":      func(d map[string]any) { d["datePosted"] = "1 May" },
		"nobody hires":         func(d map[string]any) { delete(d, "hiringOrganization") },
		"nobody by name":       func(d map[string]any) { delete(part(d, "hiringOrganization"), "name") },
		"nowhere":              func(d map[string]any) { delete(d, "applicantLocationRequirements") },
		"countries on site":    func(d map[string]any) { delete(d, "jobLocationType") },
		"a country in words": func(d map[string]any) {
			d["applicantLocationRequirements"] = []any{map[string]any{"@type": "Country", "name": "Mars"}}
		},
		"a kind of our own":      func(d map[string]any) { d["employmentType"] = []any{"MEMBER"} },
		"pay as text":            func(d map[string]any) { part(part(d, "baseSalary"), "value")["minValue"] = "1000" },
		"pay upside down":        func(d map[string]any) { part(part(d, "baseSalary"), "value")["minValue"] = 9e9 },
		"pay for each fortnight": func(d map[string]any) { part(part(d, "baseSalary"), "value")["unitText"] = "FORTNIGHT" },
		"a term of minga's":      func(d map[string]any) { d["membershipTrack"] = "expected" },
		"openings as text":       func(d map[string]any) { d["totalJobOpenings"] = "2" },
		"a skill without a name": func(d map[string]any) { d["skills"] = []any{map[string]any{"@type": "DefinedTerm"}} },
	} {
		var doc map[string]any
		if err := json.Unmarshal(right, &doc); err != nil {
			t.Fatal(err)
		}
		if spoil(doc); len(judgePosting(doc, w.clock.Now())) == 0 {
			t.Errorf("%s: nothing is found", name)
		}
	}
}

// TestPostingTerms compares the members that we write with schema.org's own list.
func TestPostingTerms(t *testing.T) {
	file, err := os.Open("../../../shared/domain-data/schemaorg-jobposting-properties.csv")
	if err != nil {
		t.Skip("the list of schema.org's properties is not beside this tree")
	}
	defer func() { _ = file.Close() }()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{"identifier": true, "url": true, "description": true} // of Thing
	for _, row := range rows[1:] {
		known[row[0]] = row[3] == ""
	}
	for name := range postingRules {
		if !strings.HasPrefix(name, "@") && !known[name] {
			t.Errorf("schema.org has no %s of a JobPosting", name)
		}
	}
}
