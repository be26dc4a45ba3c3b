// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
	"minga/federation/sanitize"
	"minga/outbox"
	"minga/storage"
)

// jsonLD is the JobPosting of a page; nil for none.
func jsonLD(t *testing.T, page string) map[string]any {
	t.Helper()
	return structured(t, page, "JobPosting")
}

// structured is what a page says to machines of one type of schema.org; nil for
// nothing.
func structured(t *testing.T, page, kind string) map[string]any {
	t.Helper()
	for _, script := range elements(t, page, "script") {
		if attribute(script, "type") != "application/ld+json" {
			continue
		}
		var docs []map[string]any
		text := script.FirstChild.Data
		if !strings.HasPrefix(text, "[") {
			text = "[" + text + "]"
		}
		if err := json.Unmarshal([]byte(text), &docs); err != nil {
			t.Fatalf("JSON-LD: %v\n%s", err, text)
		}
		for _, doc := range docs {
			if doc["@type"] == kind {
				return doc
			}
		}
	}
	return nil
}

// TestJobPosting compares the page's JSON-LD with the payload of the wire, whatever
// the title holds, and looks where there must be none.
func TestJobPosting(t *testing.T) {
	w, all := full(t)
	p, err := w.Store.PostByIRI(t.Context(), coop.Anonymous(), coop.IRI("https://"+host+all["job"]))
	w.must(err)
	schema, err := outbox.JobSchema(p, p.Author, coop.MediaPlaces{})
	w.must(err)
	var want map[string]any
	w.must(json.Unmarshal(schema, &want))
	got := jsonLD(t, w.get(all["job"], "es").Body.String())
	if diff := cmp.Diff(want, got); diff != "" || got["title"] != p.Job.Title {
		t.Errorf("JSON-LD: %s", diff)
	}
	if !strings.Contains(p.Job.Title, "</script>") {
		t.Fatal("the title is not hostile any more")
	}
	if page := w.get(all["job"], "").Body.String(); cmp.Diff(want, jsonLD(t, page)) != "" || !strings.Contains(page, "The co-op deal") {
		t.Error("who asks for no language sees another text than the main one")
	}
	if page := w.get(all["job"], "en").Body.String(); jsonLD(t, page) != nil || !strings.Contains(page, `<h1 lang="en" dir="auto">Backend developer</h1>`) {
		t.Error("the JSON-LD says in one language what the page says in another")
	}
	between := w.publish(func(p *coop.Post) {
		p.Job.Engagement, p.Job.MembershipTrack, p.Job.Probation, p.Job.MemberShare = "inter-coop", "co-ops-only", "", nil
	})
	for name, path := range map[string]string{"filled": all["filled"], "remote": all["remote"], "between co-ops": w.pathOf(between), "board": "/jobs", "profile": "/@telar"} {
		if data := jsonLD(t, w.get(path, "es").Body.String()); data != nil {
			t.Errorf("%s: JSON-LD %v", name, data)
		}
	}
	_, err = w.Outbox.StepJob(t.Context(), p.ID, "pause")
	w.must(err)
	page := w.get(all["job"], "en").Body.String()
	if jsonLD(t, page) != nil || !strings.Contains(page, "Paused: you cannot apply") || strings.Contains(page, "mailto:a@") {
		t.Error("a paused job can still be found or applied for")
	}
}

// TestProfileSchema says of a co-op what its page says, and of a person nothing.
func TestProfileSchema(t *testing.T) {
	w, _ := full(t)
	w.ana()
	doc := structured(t, w.get("/@telar", "es").Body.String(), "Organization")
	address, _ := doc["address"].(map[string]any)
	if doc["name"] != "Cooperativa telar" || doc["sameAs"] != "https://telar.coop.example" || address["addressCountry"] != "AR" || doc["foundingDate"] != "2014-05-02" {
		t.Errorf("the co-op is %v", doc)
	}
	if page := w.get("/@ana", "es").Body.String(); structured(t, page, "Person") != nil || structured(t, page, "Organization") != nil {
		t.Error("machines are told of a person who did not ask for it")
	}
	if structured(t, w.get("/@hulda@far.example", "es").Body.String(), "Organization") != nil {
		t.Error("machines are told of somebody else's co-op")
	}
}

// TestVisibleFacts wants what the JSON-LD says to be on the page too.
func TestVisibleFacts(t *testing.T) {
	w, all := full(t)
	page := w.get(all["job"], "en").Body.String()
	for _, want := range []string{
		"ARS 1,000–2,000 a month before tax", "30 h a week", "Membership expected", "6 months", "by consent", "shared by hours", "in bands", "1.6 : 1", "ARS 500, in 5 instalments",
		"Remote", "Argentina", "part time", "Spanish C1", "English B1 (welcome)", "mate", "dos años", "carta", "within 14 days", "mailto:a@telar.example?subject=", "Cooperativa telar", "Python", "SQL", "https://telar.coop.example",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if got := w.get(all["job"]+"?text=es", "en").Body.String(); !strings.Contains(got, `lang="es" dir="auto">&lt;/script&gt;`) {
		t.Error("the Spanish text is not one click away")
	}
}

// TestCopies of other servers' jobs lead back: canonical address, origin, no JSON-LD.
func TestCopies(t *testing.T) {
	w, all := full(t)
	page := w.get(all["remote"], "en").Body.String()
	for _, want := range []string{`<link rel="canonical" href="https://far.example/coops/hulda/jobs/1">`, "Not confirmed at its origin since 28 April 2030", "Hulda &lt;coop&gt;"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s", want)
		}
	}
	tasks, err := w.Store.TaskStats(t.Context())
	w.must(err)
	if len(tasks) == 0 {
		t.Error("nobody asks the origin again")
	}
	p, err := w.Store.PostByIRI(t.Context(), coop.Anonymous(), coop.IRI("https://"+host+all["job"]))
	w.must(err)
	if got := w.get("/jobs/"+p.ID.String(), "en"); got.Code != http.StatusFound || got.Header().Get("Location") != all["job"] {
		t.Errorf("own job by its id: %d %s", got.Code, got.Header().Get("Location"))
	}
}

// TestHidden wants the same bytes for what is hidden and for what never was, on
// every way, and a word for what was withdrawn.
func TestHidden(t *testing.T) {
	w, all := full(t)
	secret := &coop.Post{Source: "geheim", Language: "es", Visibility: coop.VisibleFollowers}
	w.must(w.Outbox.PublishNote(t.Context(), w.coop, secret))
	never := w.get("/coops/telar/notes/1", "es")
	for _, path := range []string{w.pathOf(secret), "/jobs/" + secret.ID.String(), "/library/" + secret.ID.String(), "/@telar/" + secret.ID.String(), "/jobs/x", "/@nobody", "/library/1"} {
		if got := w.get(path, "es"); got.Code != http.StatusNotFound || got.Body.String() != never.Body.String() {
			t.Errorf("%s: %d, %d bytes", path, got.Code, got.Body.Len())
		}
	}
	for _, path := range []string{"/@telar", "/@telar.atom", "/@telar.json", "/@telar.rss", "/sitemaps/jobs-1.xml", "/interact?uri=" + string(secret.IRI)} {
		if strings.Contains(w.get(path, "es").Body.String(), "geheim") {
			t.Errorf("%s shows what is for followers", path)
		}
	}
	p, err := w.Store.PostByIRI(t.Context(), coop.System(), coop.IRI("https://"+host+all["article"]))
	w.must(err)
	w.must(w.Outbox.Delete(t.Context(), p))
	if got := w.get(all["article"], "es"); got.Code != http.StatusGone || !strings.Contains(got.Body.String(), "Retirado") {
		t.Errorf("a withdrawn article: %d", got.Code)
	}
}

// TestThread shows answers below what they answer, and what an answer answers above
// it; what only some may see is neither there nor counted.
func TestThread(t *testing.T) {
	w, all := full(t)
	p, err := w.Store.PostByIRI(t.Context(), coop.Anonymous(), coop.IRI("https://"+host+all["job"]))
	w.must(err)
	answer, err := w.Store.PostByIRI(t.Context(), coop.Anonymous(), coop.IRI("https://"+host+all["note"]))
	w.must(err)
	reply := func(text string, to *coop.Post, v coop.Visibility) {
		w.clock.Advance(time.Minute)
		w.must(w.Outbox.PublishNote(t.Context(), w.coop, &coop.Post{Source: text, Language: "es", Visibility: v, InReplyTo: to.IRI, InReplyToID: to.ID}))
	}
	reply("Sí, del todo.", answer, coop.VisiblePublic)
	reply("nur für uns", p, coop.VisibleFollowers)
	page := w.get(all["job"], "en").Body.String()
	question, sure := strings.Index(page, "¿Es remoto?"), strings.Index(page, "Sí, del todo.")
	if question < 0 || sure < question || !strings.Contains(page, "note depth-1") || strings.Contains(page, "nur für uns") {
		t.Errorf("question at %d, answer at %d", question, sure)
	}
	page = w.get(all["note"], "en").Body.String()
	above, here, below := strings.Index(page, "Backend developer"), strings.Index(page, "¿Es remoto?"), strings.Index(page, "Sí, del todo.")
	if above < 0 || here < 0 || below < strings.LastIndex(page, "<h2") {
		t.Errorf("above at %d, here at %d, below at %d", above, here, below)
	}
}

// TestBlockedServer takes all pages of a server away at once.
func TestBlockedServer(t *testing.T) {
	w, all := full(t)
	w.must(w.Store.Write(t.Context(), func(tx *storage.Tx) error {
		return tx.PutPeer(t.Context(), &coop.Peer{Host: "far.example", Policy: coop.PolicyBlock})
	}))
	if got := w.get(all["remote"], "en"); got.Code != http.StatusNotFound {
		t.Errorf("job of a blocked server: %d", got.Code)
	}
	if strings.Contains(w.get("/jobs", "en").Body.String(), "Utvikler") {
		t.Error("the board lists it")
	}
}

// TestATitleIsSaidOnce: where the text of a post begins with its title, with the word of
// its state or without, the title does not stand above it once more.
func TestATitleIsSaidOnce(t *testing.T) {
	title := line{"es", "Mapa & datos"}
	for html, want := range map[sanitize.Clean]line{
		"<p><strong>Mapa &amp; datos</strong></p><p>Un rol.</p>":           {},
		"<p><strong>Retirada: Mapa &amp; datos</strong></p><p>Un rol.</p>": {},
		"<p>Un rol.</p><p>Mapa &amp; datos</p>":                            title,
		"":                                                                 title,
	} {
		if got := notSaidBelow(title, prose{"es", html}); got != want {
			t.Errorf("%q: %v", html, got)
		}
	}
}
