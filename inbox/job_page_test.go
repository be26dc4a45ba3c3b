// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"minga/coop"
)

const jobPage = `<!doctype html><html><head><script>var x = {"@type": "JobPosting"}</script>
<script type="application/ld+json">{ broken</script>
<script type="application/ld+json">{"@context": "https://schema.org/", "@graph": [{"@type": "Organization", "name": "Mill"},
{"@type": ["JobPosting"], "title": "Baker &amp; miller", "description": "<p>You bake <strong>bread</strong> <script>alert(1)<\/script>with three others.</p>",
"employmentType": ["PART_TIME", "ODD"], "skills": "bread, sales", "validThrough": "2030-12-20", "jobLocationType": "TELECOMMUTE",
"applicantLocationRequirements": [{"@type": "Country", "name": "ar"}, {"@type": "Country", "name": "Atlantis"}],
"jobLocation": {"@type": "Place", "address": {"@type": "PostalAddress", "addressLocality": "Rosario", "addressCountry": {"@type": "Country", "name": "AR"}}},
"hiringOrganization": {"@type": "Organization", "name": "Somebody else"}, "identifier": {"@type": "PropertyValue", "value": "7"},
"baseSalary": {"@type": "MonetaryAmount", "currency": "eur", "value": {"@type": "QuantitativeValue", "minValue": 2100, "maxValue": "2400.50", "unitText": "MONTH"}},
"applicationContact": {"@type": "ContactPoint", "email": "mailto:work@mill.example"}, "url": "https://mill.example/work/7"}]}</script></head></html>`

func TestAPageIsReadForAJob(t *testing.T) {
	w := newWorld(t)
	site := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Content-Type", "text/html")
		switch r.URL.Path {
		case "/good":
			fmt.Fprint(rw, jobPage)
		case "/moved":
			http.Redirect(rw, r, "/good", http.StatusFound)
		case "/json":
			rw.Header().Set("Content-Type", "application/ld+json")
			fmt.Fprint(rw, `{"@type": "http://schema.org/JobPosting", "title": "Baker", "baseSalary": {"currency": "EUR", "value": {"value": 1e99, "unitText": "MONTH"}}}`)
		case "/uploaded": // what somebody put there as a text
			rw.Header().Set("Content-Type", "text/plain")
			fmt.Fprint(rw, jobPage)
		case "/deep":
			fmt.Fprint(rw, `<script type="application/ld+json">`+strings.Repeat(`{"@graph":[`, 200)+strings.Repeat("]}", 200)+`</script>`)
		case "/none":
			fmt.Fprint(rw, `<h1>Nothing</h1><script type="application/ld+json">`)
		case "/big":
			fmt.Fprint(rw, strings.Repeat("x", 2<<20))
		default:
			http.NotFound(rw, r)
		}
	}))
	defer site.Close()
	for _, path := range []string{"/good", "/moved"} {
		j, err := w.in.JobPage(w.ctx, site.URL+path)
		if err != nil {
			t.Fatal(err)
		}
		got := fmt.Sprint(j.Title, "|", j.Description, "|", j.EmploymentType, j.Skills, j.ValidThrough, j.Remote, j.ApplicantsFrom, j.Places, j.Pay, j.ApplyEmail, " ", j.ApplyURL, j.HiringOrganization, j.Identifier)
		want := `Baker & miller|<p>You bake <strong>bread</strong> with three others.</p>|[PART_TIME] [{{ bread} true} {{ sales} true}] 2030-12-20 23:59:59 +0000 UTC true [AR] [{ Rosario  AR   <nil> <nil>}] &{EUR 2100 2400.5 MONTH}work@mill.example https://mill.example/work/7{ }`
		if got != want {
			t.Errorf("%s: %s\nwant %s", path, got, want)
		}
	}
	if j, err := w.in.JobPage(w.ctx, site.URL+"/json"); err != nil || j.Title != "Baker" || j.Pay != nil {
		t.Errorf("a bare document: %+v %v", j, err)
	}
	for _, address := range []string{site.URL + "/none", site.URL + "/uploaded", site.URL + "/deep", site.URL + "/big", site.URL + "/missing", "ftp://mill.example/", "", "http://", here + "/jobs", "http://10.0.0.1/", "file:///etc/passwd"} {
		var wrong *coop.InvalidError
		if j, err := w.in.JobPage(w.ctx, address); j != nil || !errors.As(err, &wrong) || wrong.Field != "url" {
			t.Errorf("%s: %+v %v", address, j, err)
		}
	}
}

// TestPostingsOfSchemaOrg reads the published examples, none of which may come out
// without a title.
func TestPostingsOfSchemaOrg(t *testing.T) {
	body, err := os.ReadFile(filepath.Join("..", "..", "shared", "domain-data", "schemaorg-jobposting-examples.json"))
	if err != nil {
		t.Skip("the examples are not here")
	}
	var examples []struct {
		Types  string
		JSONLD json.RawMessage
	}
	if err := json.Unmarshal(body, &examples); err != nil || len(examples) == 0 {
		t.Fatal(err)
	}
	for _, e := range examples {
		if n := postingIn(e.JSONLD); n != nil && readPosting(n, "https://mill.example/").Title == "" && n.text("title") != "" {
			t.Errorf("nothing is read of %s", e.Types)
		}
	}
}

// FuzzJobPage: whatever stands on a page, it is read or it is not.
func FuzzJobPage(f *testing.F) {
	f.Add(jobPage)
	f.Add(`{"@type": "JobPosting", "title": ["a", 1, {}], "baseSalary": [{"value": [{"minValue": "1e9"}]}], "skills": [{"name": {}}]}`)
	f.Fuzz(func(_ *testing.T, body string) {
		if n := postingIn([]byte(body)); n != nil {
			_ = readPosting(n, "https://mill.example/")
		}
	})
}
