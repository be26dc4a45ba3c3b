// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"io"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"minga/coop"
	"minga/storage"
)

// TestFeeds reads every feed back: the hostile title is there as it was typed (as
// far as XML can say it), what has ended is not.
func TestFeeds(t *testing.T) {
	w, _ := full(t)
	for _, base := range []string{"/jobs", "/@telar", "/tags/python", "/@jobs", "/@minga"} {
		var atom struct {
			Entries []struct {
				ID      string `xml:"id"`
				Title   string `xml:"title"`
				Updated string `xml:"updated"`
			} `xml:"entry"`
		}
		w.must(xml.Unmarshal(w.get(base+".atom", "en").Body.Bytes(), &atom))
		var rss struct {
			Items []struct {
				Title string `xml:"title"`
				GUID  string `xml:"guid"`
			} `xml:"channel>item"`
		}
		w.must(xml.Unmarshal(w.get(base+".rss", "en").Body.Bytes(), &rss))
		var feed jsonFeed
		w.must(json.Unmarshal(w.get(base+".json", "en").Body.Bytes(), &feed))
		if len(atom.Entries) == 0 || len(rss.Items) != len(atom.Entries) || len(feed.Items) != len(atom.Entries) {
			t.Errorf("%s: %d, %d and %d entries", base, len(atom.Entries), len(rss.Items), len(feed.Items))
			continue
		}
		found := false
		for i, e := range atom.Entries {
			found = found || strings.HasPrefix(e.Title, "</script><!--<b x=") && e.Title == rss.Items[i].Title && e.Title == feed.Items[i].Title
			if strings.HasSuffix(e.ID, "/jobs/2030-002") {
				t.Errorf("%s lists a job that is filled", base)
			}
			if _, err := time.Parse(time.RFC3339, e.Updated); err != nil {
				t.Errorf("%s: %v", base, err)
			}
		}
		if !found {
			t.Errorf("%s: the hostile title is not there", base)
		}
	}
}

// TestFeedLeaves takes a closed job out at once, and the feed has another ETag.
func TestFeedLeaves(t *testing.T) {
	w, all := full(t)
	before := w.get("/jobs.atom", "en").Header().Get("ETag")
	p, err := w.Store.PostByIRI(t.Context(), coop.Anonymous(), coop.IRI("https://"+host+all["job"]))
	w.must(err)
	_, err = w.Outbox.StepJob(t.Context(), p.ID, "withdraw")
	w.must(err)
	after := w.get("/jobs.atom", "en", "If-None-Match", before)
	if after.Code != 200 || strings.Contains(after.Body.String(), string(p.IRI)) {
		t.Errorf("%d, and it is still there", after.Code)
	}
	for _, path := range []string{"/jobs", "/sitemaps/jobs-1.xml", "/jobs.ics", "/jobs.csv", "/jobs.xml", "/@telar", "/"} {
		if strings.Contains(w.get(path, "en").Body.String(), all["job"]) {
			t.Errorf("%s still lists it", path)
		}
	}
	if !strings.Contains(w.get("/jobs?state=archive", "en").Body.String(), all["job"]) {
		t.Error("the archive does not")
	}
}

// TestTimeOver takes a job out of every list the moment its time is over, though
// nobody has marked it yet.
func TestTimeOver(t *testing.T) {
	w, all := full(t)
	w.clock.Advance(46 * 24 * time.Hour)
	for _, path := range []string{"/jobs", "/jobs.atom", "/jobs.atom?state=archive", "/sitemaps/jobs-1.xml", "/jobs.ics", "/jobs.csv", "/jobs.xml", "/@telar", "/@telar.atom", "/tags/python", "/tags/python.json", "/"} {
		if strings.Contains(w.get(path, "en").Body.String(), all["job"]) {
			t.Errorf("%s still lists it", path)
		}
	}
	page := w.get(all["job"], "en").Body.String()
	if jsonLD(t, page) != nil || !strings.Contains(page, "Expired on") || strings.Contains(page, "mailto:a@") {
		t.Error("its page does not say so")
	}
}

// TestUnlisted keeps a quiet post out of every list; who has its address may read it.
func TestUnlisted(t *testing.T) {
	w, _ := full(t)
	quiet := &coop.Post{Source: "bajito #python", Language: "es", Visibility: coop.VisibleUnlisted}
	w.must(w.Outbox.PublishNote(t.Context(), w.coop, quiet))
	for _, path := range []string{"/@telar", "/@telar.atom", "/tags/python", "/tags/python.rss", "/sitemaps/articles-1.xml"} {
		if strings.Contains(w.get(path, "es").Body.String(), "bajito") {
			t.Errorf("%s lists it", path)
		}
	}
	if got := w.get(w.pathOf(quiet), "es"); got.Code != 200 || !strings.Contains(got.Body.String(), `<meta name="robots" content="noindex">`) {
		t.Errorf("its page: %d", got.Code)
	}
}

// TestQueryOfFeed finds with a feed what the board finds.
func TestQueryOfFeed(t *testing.T) {
	w, _ := full(t)
	if n := strings.Count(w.get("/jobs.atom?source=wider", "en").Body.String(), "<entry"); n != 1 {
		t.Errorf("%d entries from elsewhere", n)
	}
	if n := strings.Count(w.get("/jobs.atom?engagement=board", "en").Body.String(), "<entry"); n != 0 {
		t.Errorf("%d entries", n)
	}
}

// TestFeedsAreWellFormed whatever people type.
func TestFeedsAreWellFormed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringOf(rapid.RuneFrom([]rune("\x00\x01\x0b\x1f\x7f\r\n\t\u2028\ufffe;,:\\<>&\"]]>-!a")))).Draw(t, "text")
		at := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
		f := feed{Title: text, Language: "es", Page: "https://a.example/", Self: "https://a.example/f", Updated: at, Items: []feedItem{
			{ID: "https://a.example/1", Title: text, HTML: text, Summary: text, Author: text, Tags: []string{text}, Published: at, Updated: at, Ends: at},
		}}
		for _, v := range []any{newAtom(f), newRSS(f)} {
			body, err := markup(v)
			if err != nil {
				t.Fatal(err)
			}
			if err := wellFormed(string(body)); err != nil {
				t.Fatalf("%v\n%s", err, body)
			}
		}
		checkCalendar(t, string(calendar(f)))
	})
}

// wellFormed reads XML to its end.
func wellFormed(s string) error {
	d := xml.NewDecoder(strings.NewReader(s))
	for {
		if _, err := d.Token(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// checkCalendar reads iCalendar line by line: short lines, each a property, blocks
// that end.
func checkCalendar(t *rapid.T, s string) {
	lines, open := 0, 0
	scanner := bufio.NewScanner(strings.NewReader(strings.ReplaceAll(s, "\r\n ", "")))
	for _, raw := range strings.Split(strings.TrimSuffix(s, "\r\n"), "\r\n") {
		if len(raw) > 75 || strings.ContainsFunc(raw, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
			t.Fatalf("line %q", raw)
		}
	}
	for scanner.Scan() {
		line := scanner.Text()
		name, _, ok := strings.Cut(line, ":")
		if !ok || strings.ToUpper(name) != name {
			t.Fatalf("line %q", line)
		}
		lines++
		if name == "BEGIN" {
			open++
		}
		if name == "END" {
			open--
		}
	}
	if open != 0 || lines < 10 {
		t.Fatalf("%d lines, %d blocks open", lines, open)
	}
}

// TestSitemap lists what is ours, current and wants to be found, by absolute
// addresses.
func TestSitemap(t *testing.T) {
	w, all := full(t)
	var index siteIndex
	w.must(xml.Unmarshal(w.get("/sitemap.xml", "en").Body.Bytes(), &index))
	listed, dated := map[string]bool{}, 0
	for _, part := range index.Parts {
		answer := w.get(strings.TrimPrefix(part.Loc, "https://"+host), "en")
		if answer.Code != 200 || !strings.HasPrefix(answer.Header().Get("Content-Type"), "application/xml") {
			t.Errorf("%s: %d", part.Loc, answer.Code)
		}
		var m siteMap
		w.must(xml.Unmarshal(answer.Body.Bytes(), &m))
		for _, u := range m.URLs {
			listed[u.Loc] = true
			dated += min(len(u.Changed), 1)
		}
	}
	if len(index.Parts) != 4 || index.Parts[2].Changed == "" || dated < 3 {
		t.Errorf("the index names %v; %d pages have a date", index.Parts, dated)
	}
	for _, path := range []string{"jobs-0", "jobs-2", "jobs-01", "jobs-x", "jobs-99999999999999999999", "notes-1", "people-1", "x", ""} {
		if got := w.get("/sitemaps/"+path+".xml", "en"); got.Code != 404 {
			t.Errorf("%s: %d", path, got.Code)
		}
	}
	for name, want := range map[string]bool{"home": true, "board": true, "job": true, "article": true, "coop": true, "filled": false, "remote": false, "note": false} {
		if listed["https://"+host+all[name]] != want {
			t.Errorf("%s is listed: %v", name, !want)
		}
	}
	w.write(func(ctx context.Context, tx *storage.Tx) error {
		return tx.PutCrawlPolicy(ctx, coop.CrawlPolicy{Search: []coop.CrawlPart{coop.CrawlLibrary}})
	})
	w.must(xml.Unmarshal(w.get("/sitemap.xml", "en").Body.Bytes(), &index))
	if got := w.get("/sitemaps/jobs-1.xml", "en"); got.Code != 404 {
		t.Errorf("what is closed to search engines is listed: %d", got.Code)
	}
	if robots := w.get("/robots.txt", "en").Body.String(); !strings.Contains(robots, "Sitemap: https://"+host+"/sitemap.xml") {
		t.Errorf("robots.txt: %s", robots)
	}
}

// TestTablesOfJobs reads the table and the file of aggregators back: the hostile title
// is a text in both, and no cell is a formula.
func TestTablesOfJobs(t *testing.T) {
	w, all := full(t)
	w.publish(func(p *coop.Post) { p.Job.Title, p.Title = "=Hyperlink(1)", "=Hyperlink(1)" })
	w.publish(func(p *coop.Post) {
		p.Job.Engagement, p.Job.MembershipTrack, p.Job.Probation, p.Job.MemberShare = "inter-coop", "co-ops-only", "", nil
	})
	rows, err := csv.NewReader(w.get("/jobs.csv", "en").Body).ReadAll()
	w.must(err)
	titles := map[string]int{}
	for _, row := range rows[1:] {
		titles[row[2]]++
		for _, text := range row {
			if text != "" && strings.ContainsRune("=+-@|%", rune(text[0])) {
				t.Errorf("a cell that runs: %q", text)
			}
		}
	}
	if len(rows) != 5 || titles["'=Hyperlink(1)"] != 1 || titles[strings.Join(strings.Fields(hostile), " ")] != 1 {
		t.Errorf("%d rows: %v", len(rows), titles)
	}
	var source struct {
		Jobs []struct {
			Title       string `xml:"title"`
			URL         string `xml:"url"`
			Description string `xml:"description"`
		} `xml:"job"`
	}
	w.must(xml.Unmarshal(w.get("/jobs.xml", "en").Body.Bytes(), &source))
	found := false
	for _, j := range source.Jobs {
		found = found || j.Title == hostile && strings.HasSuffix(j.URL, all["job"])
		if strings.Contains(j.Description, "<script") || strings.Contains(j.Description, "javascript:") {
			t.Errorf("the text of %q runs", j.Title)
		}
	}
	if !found || len(source.Jobs) != 3 {
		t.Errorf("%d jobs for aggregators", len(source.Jobs))
	}
	if got := w.get("/jobs.csv?skill=sql&remote=0", "en").Body.String(); strings.Count(got, "\n") != 1 {
		t.Errorf("a search that finds nothing: %q", got)
	}
}

// TestFacets: each link of a facet of which nothing was asked leads to as many jobs as it
// says, and each job says why it stands where it does.
func TestFacets(t *testing.T) {
	w, _ := full(t)
	w.publish(func(p *coop.Post) { p.Job.Engagement = "freelance" })
	w.publish(func(p *coop.Post) { p.Job.Engagement = "freelance" })
	links := 0
	for _, path := range []string{"/jobs", "/jobs?q=backend", "/jobs?hours_min=20&hours_max=34"} {
		for _, a := range elements(t, w.get(path, "en").Body.String(), "a") {
			if attribute(a, "rel") != "nofollow" || attribute(a, "aria-current") != "" || strings.Contains(attribute(a, "href"), "map=") {
				continue
			}
			links++
			said := a.LastChild.FirstChild.Data // ", 2 jobs"
			if to := w.get(attribute(a, "href"), "en").Body.String(); !strings.Contains(to, ">"+strings.Fields(said)[1]+" open job") {
				t.Errorf("%s: %s says %q, and it is not so", path, attribute(a, "href"), said)
			}
		}
	}
	if links < 10 {
		t.Errorf("only %d links", links)
	}
	page := w.get("/jobs?engagement=freelance&q=backend&skill=python,sql,welding", "en").Body.String()
	for _, said := range []string{"Why here:", "your words in the title", "2 of 3 skills", "of our own co-ops", `aria-current="true"`} {
		if !strings.Contains(page, said) {
			t.Errorf("the page does not say %q", said)
		}
	}
}
