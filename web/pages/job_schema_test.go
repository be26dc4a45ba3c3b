// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"golang.org/x/net/html"

	"minga/coop"
	"minga/storage"
)

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
