// SPDX-License-Identifier: AGPL-3.0-or-later

package carry

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"minga/coop"
)

// jobsOf reads a file that can be read.
func jobsOf(t *testing.T, text string) []FileJob {
	t.Helper()
	file, err := ReadJobs([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return file.Jobs
}

// TestReadJobTable reads every column.
func TestReadJobTable(t *testing.T) {
	heads, cells := []string{}, []string{}
	for _, pair := range [][2]string{
		{"identifier", "2030-7"},
		{"id", "https://x.example/7"},
		{"Title", " Baker "},
		{"description", "We *bake*\nat night."},
		{"language", "es_AR"},
		{"skills", "sourdough; ovens;Ovens"},
		{"industry", "food"},
		{"employment type", "fulltime, TEMPORARY"},
		{"engagement", "membership"},
		{"membership_track", "Expected"},
		{"probation", "P6M"},
		{"benefits", "bread"},
		{"apply_mail", "mailto:jobs@telar.example"},
		{"apply_url", "https://telar.example/7"},
		{"status", "open"},
		{"places", "Rosario, Santa Fe, AR; Montevideo, uy"},
		{"remote", "yes"},
		{"applicants_from", "AR uy"},
		{"office_days", "2"},
		{"languages", "es:c1 en:B2"},
		{"posted", "2030-05-02"},
		{"closes", "2030-06-01"},
		{"start", "2030-07-01"},
		{"hours_from", "20"},
		{"hours_to", "30,5"},
		{"work_hours", "nights"},
		{"openings", "2"},
		{"pay_min", "1200.50"},
		{"pay_max", "1 500"},
		{"pay_unit", "month"},
		{"currency", "eur"},
		{"gross", "false"},
		{"co_op", "Telar"},
		{"mood", "good"},
	} {
		heads, cells = append(heads, pair[0]), append(cells, `"`+pair[1]+`"`)
	}
	file, err := ReadJobs([]byte(strings.Join(heads, ",") + "\r\n" + strings.Join(cells, ",") + "\r\n"))
	if err != nil || len(file.Jobs) != 1 || !cmp.Equal(file.Unread, []string{"mood"}) {
		t.Fatalf("%+v %v", file, err)
	}
	gross, d := false, decimal.RequireFromString
	skill := func(name string) coop.Skill { return coop.Skill{Term: coop.Term{Name: name}, Required: true} }
	want := FileJob{
		Number: 2, Key: "2030-7", Language: "es-AR", Text: "We *bake*\nat night.", Posted: "2030-05-02",
		Job: &coop.Job{
			Title: "Baker", Skills: []coop.Skill{skill("sourdough"), skill("ovens")}, Industry: "food", EmploymentType: []string{"FULL_TIME", "TEMPORARY"},
			Engagement: "membership", MembershipTrack: "expected", Probation: "P6M", Benefits: "bread", ApplyEmail: "jobs@telar.example", ApplyURL: "https://telar.example/7",
			Places: []coop.Place{{Locality: "Rosario", Region: "Santa Fe", Country: "AR"}, {Locality: "Montevideo", Country: "UY"}}, Remote: true, ApplicantsFrom: []string{"AR", "UY"}, OfficeDays: 2,
			Languages: []coop.LanguageNeed{{Tag: "es", Level: "C1", Required: true}, {Tag: "en", Level: "B2", Required: true}}, ValidThrough: time.Date(2030, 6, 1, 23, 59, 59, 0, time.UTC),
			Start: "2030-07-01", HoursFrom: d("20"), HoursTo: d("30.5"), WorkHours: "nights", Openings: 2, Pay: &coop.Pay{Currency: "EUR", Min: d("1200.50"), Max: d("1500"), Unit: "MONTH"}, Gross: &gross,
		},
	}
	if diff := cmp.Diff(want, file.Jobs[0]); diff != "" {
		t.Error(diff)
	}
	if len(JobColumns()) != len(heads)-1 { // url is no other than id; co_op and mood are none
		t.Errorf("%d columns are read and %d are tried", len(JobColumns()), len(heads)-1)
	}
}

// TestReadJobTableBad: what is wrong with a row is said with its line and column, and the
// others go on.
func TestReadJobTableBad(t *testing.T) {
	for _, tt := range []struct{ name, heads, row, want string }{
		{"no title", "title,id", ",7", "title"},
		{"a sum that may be two", "title,pay_min", "Baker,1.200", "pay_min"},
		{"a power of ten", "title,pay_min", "Baker,1e9", "pay_min"},
		{"no day", "title,closes", "Baker,01/02/2030", "closes"},
		{"no year of ours", "title,posted", "Baker,0001-01-01", "posted"},
		{"no word of the list", "title,engagement,pay_unit", "Baker,slavery,fortnight", "engagement pay_unit"},
		{"no country", "title,applicants_from", "Baker,AR XX", "applicants_from"},
		{"no language", "title,languages,language", "Baker,klingonese:A1,!", "languages language"},
		{"too many cells", "title,places", "Baker,Rosario,AR", "row"},
		{"an open quotation mark", "title,places", `Ba"ker,x`, "row"},
		{"no state", "title,status", "Baker,maybe", "status"},
		{"neither yes nor no", "title,remote", "Baker,sometimes", "remote"},
		{"no number", "title,openings,office_days", "Baker,-1,x", "openings office_days"},
		{"nothing wrong", "title;places", "Baker;Rosario, AR", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			fields := []string{}
			for _, e := range jobsOf(t, tt.heads+"\n"+tt.row+"\n")[0].Wrong {
				fields = append(fields, e.Field)
				if e.Problem == "" {
					t.Errorf("%s: nobody says what to do", e.Field)
				}
			}
			if got := strings.Join(fields, " "); got != tt.want {
				t.Errorf("wrong are %q, want %q", got, tt.want)
			}
		})
	}
	for name, text := range map[string]string{"no heads": "Baker,Rosario\n", "nothing": "title\n", "binary": "\x00\x01", "an empty feed": "<rss/>", "no XML": "<rss", "empty": ""} {
		var invalid *coop.InvalidError
		if _, err := ReadJobs([]byte(text)); !errors.As(err, &invalid) || invalid.Field != "file" {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, text := range map[string]string{"rows": "title\n" + strings.Repeat("Baker\n", MaxJobs+1), "bytes": strings.Repeat("x", MaxBytes+1)} {
		if _, err := ReadJobs([]byte(text)); !errors.Is(err, coop.ErrTooLarge) {
			t.Errorf("too many %s: %v", name, err)
		}
	}
}

// jobFeeds are the same job in the ways in which sites tell of it.
var jobFeeds = map[string]string{
	"RSS": `<?xml version="1.0" encoding="ISO-8859-1"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Jobs</title><language>es-AR</language>
		<item><title>Panader` + "\xed" + `a &amp; m` + "\xe1" + `s</title><link>https://telar.example/7</link><guid isPermaLink="false">job-7</guid><pubDate>Thu, 2 May 2030 10:00:00 -0300</pubDate>
		<description>short</description><content:encoded><![CDATA[<p>We <b>bake</b>&nbsp;bread.</p>]]></content:encoded></item></channel></rss>`,
	"Atom": `<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="es"><title>Jobs</title><entry><title type="html">Panader&#237;a &amp;amp; m&#225;s</title><id>job-7</id><link rel="self" href="https://telar.example/feed"/>
		<link href="https://telar.example/7"/><updated>2030-05-02T10:00:00Z</updated><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>We <b>bake</b> bread.</p></div></content></entry></feed>`,
	"RDF": `<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>x</title></channel><item>
		<title>Panadería &amp; más</title><link>https://telar.example/7</link><dc:date>2030-05-02</dc:date><description>We &lt;b&gt;bake&lt;/b&gt; bread.</description></item></rdf:RDF>`,
	"job site": `<source><publisher>x</publisher><job><title><![CDATA[Panadería & más]]></title><date>Thu, 02 May 2030 10:00:00 +0000</date><referencenumber>job-7</referencenumber><url>https://telar.example/7</url>
		<city>Rosario</city><state>Santa Fe</state><country>AR</country><description>&lt;p&gt;We &lt;b&gt;bake&lt;/b&gt; bread.&lt;/p&gt;</description><jobtype>fulltime</jobtype><category>food</category><expirationdate>2030-06-01</expirationdate></job></source>`,
}

// TestReadJobFeed reads them.
func TestReadJobFeed(t *testing.T) {
	for name, text := range jobFeeds {
		t.Run(name, func(t *testing.T) {
			j := jobsOf(t, text)[0]
			key := map[bool]string{true: "job-7", false: "https://telar.example/7"}[name != "RDF"]
			if j.Number != 1 || j.Key != key || j.Job.Title != "Panadería & más" || j.Text != "We **bake** bread." || j.Posted != "2030-05-02" || j.Job.ApplyURL != "https://telar.example/7" || len(j.Wrong) > 0 {
				t.Errorf("%+v %+v", j, j.Job)
			}
			if name == "job site" && (fmt.Sprint(j.Job.Places) != fmt.Sprint([]coop.Place{{Locality: "Rosario", Region: "Santa Fe", Country: "AR"}}) || j.Job.EmploymentType[0] != "FULL_TIME" || j.Job.ValidThrough.Month() != 6) {
				t.Errorf("%+v", j.Job)
			}
			if name == "RSS" && j.Language != "es-AR" {
				t.Errorf("its language is %q", j.Language)
			}
		})
	}
}

// TestHostileXML: what is made to break programs is refused, in bounded time and memory.
func TestHostileXML(t *testing.T) {
	item := func(inside string) string {
		return "<rss><channel><item><title>Baker</title>" + inside + "</item></channel></rss>"
	}
	for name, text := range map[string]string{
		"a bomb of entities": `<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>` + item("<description>&b;&b;&b;</description>"),
		"a file of ours":     `<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]>` + item("<description>&a;</description>"),
		"entities elsewhere": `<!DOCTYPE r SYSTEM "https://evil.example/x.dtd">` + item("<description>&a;</description>"),
		"a tower":            item(strings.Repeat("<a>", 100_000)),
		"never ends":         "<rss><channel><item><title>Baker",
	} {
		var invalid *coop.InvalidError
		if _, err := ReadJobs([]byte(text)); !errors.As(err, &invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, text := range map[string]string{"members": item(strings.Repeat("<a/>", maxXMLFields+1)), "text": item("<description>" + strings.Repeat("x", maxXMLThing+8192) + "</description>")} {
		if _, err := ReadJobs([]byte(text)); !errors.Is(err, coop.ErrTooLarge) {
			t.Errorf("too much of %s: %v", name, err)
		}
	}
}

// FuzzReadJobs never panics, and what it gives is bounded and of this kind.
func FuzzReadJobs(f *testing.F) {
	for _, text := range jobFeeds {
		f.Add([]byte(text))
	}
	f.Add([]byte("title;places;pay_min;closes;languages\nBaker;Rosario, AR;1.200,5;2030-02-31;es:Z9\n"))
	f.Add([]byte("\xff\xfet\x00i\x00t\x00l\x00e\x00\n\x00x\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := ReadJobs(data)
		if err != nil {
			return
		}
		for _, j := range file.Jobs {
			if j.Job == nil || j.Number < 1 || j.Posted != "" && len(j.Posted) != len("2030-01-01") || j.Job.Title == "" && len(j.Wrong) == 0 || len(j.Key) > 8*maxTarget {
				t.Errorf("%q: %+v", data, j)
			}
		}
	})
}
