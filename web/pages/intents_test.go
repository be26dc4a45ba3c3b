// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"minga/coop"
	"minga/storage"
)

// elsewhere is another server with people; it answers WebFinger with some links.
func elsewhere(t *testing.T, links string) (address string, asked func() string) {
	t.Helper()
	resource := ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/.well-known/webfinger" {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		resource = r.URL.Query().Get("resource")
		w.Header().Set("Content-Type", "application/jrd+json")
		_, _ = w.Write([]byte(`{"subject":"` + resource + `","links":[{"rel":"self","type":"application/activity+json","href":"http://` + r.Host + `/users/x"}` + strings.ReplaceAll(links, "HOST", r.Host) + `]}`))
	}))
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://"), func() string { return resource }
}

// doors are the links of a page that lead to a host.
func doors(t *testing.T, page, host string) []string {
	t.Helper()
	var list []string
	for _, a := range elements(t, page, "a") {
		if u, err := url.Parse(attribute(a, "href")); err == nil && u.Host == host {
			list = append(list, u.RequestURI())
			if !strings.Contains(attribute(a, "rel"), "nofollow") {
				t.Errorf("%s is recommended to search engines", u)
			}
		}
	}
	return list
}

// TestFromOwnAccount asks servers of all ages where their people open a job, and
// sends nobody anywhere.
func TestFromOwnAccount(t *testing.T) {
	w, all := full(t)
	job := "https://" + host + all["job"]
	escaped := url.QueryEscape(job)
	intents := `,{"rel":"https://w3id.org/fep/3b86/Object","template":"http://HOST/open?o={object}"},{"rel":"https://w3id.org/fep/3b86/Like","template":"http://HOST/like?o={object}&then={on-success}"}` +
		`,{"rel":"https://w3id.org/fep/3b86/Follow","template":"http://HOST/follow?o={object}"},{"rel":"https://w3id.org/fep/3b86/Announce","template":"http://evil.example/boost?o={object}"},{"rel":"https://w3id.org/fep/3b86/Create","template":"http://HOST/share?text={content}"}`
	old := `,{"rel":"http://ostatus.org/schema/1.0/subscribe","template":"http://HOST/authorize_interaction?uri={uri}"}`
	for _, tt := range []struct {
		name, links, account, asked string
		want                        []string
	}{
		{"a server with intents, by handle", intents, "@Ana@HOST", "acct:Ana@HOST", []string{"/open?o=" + escaped, "/like?o=" + escaped + "&then=", "/follow?o=" + url.QueryEscape("https://"+host+"/coops/telar")}},
		{"an old server, by its address alone", old, "http://HOST/", "acct:127.0.0.1@HOST", []string{"/authorize_interaction?uri=" + escaped}},
		{"by the address of a profile", old, "http://HOST/@ana", "acct:ana@HOST", []string{"/authorize_interaction?uri=" + escaped}},
		{"a server that says nothing", "", "ana@HOST", "acct:ana@HOST", nil},
	} {
		address, asked := elsewhere(t, tt.links)
		b := w.browser()
		answer := b.do("/interact", url.Values{"uri": {job}, "account": {strings.ReplaceAll(tt.account, "HOST", address)}})
		page := answer.Body.String()
		got := doors(t, page, address)
		if strings.Join(got, " ") != strings.Join(tt.want, " ") || asked() != strings.ReplaceAll(tt.asked, "HOST", address) {
			t.Errorf("%s: asked %q, leads to %q, want %q", tt.name, asked(), got, tt.want)
		}
		if want := map[bool]int{true: http.StatusOK, false: http.StatusUnprocessableEntity}[len(tt.want) > 0]; answer.Code != want || !strings.Contains(page, address) {
			t.Errorf("%s: %d", tt.name, answer.Code)
		}
		if len(b.cookies) > 0 {
			t.Errorf("%s: remembered without being asked to: %v", tt.name, b.cookies)
		}
	}
}

// TestFromOwnAccountBadInput keeps what was typed and says what is wrong.
func TestFromOwnAccountBadInput(t *testing.T) {
	w, all := full(t)
	job := "https://" + host + all["job"]
	for _, account := range []string{"", "ana", "@", "@@", "javascript:alert(1)", "ana@", "//evil", hostile, strings.Repeat("a", 5000), "ana@" + strings.Repeat("a", 300) + ".example", "ana@nobody.invalid", "\x00", "https://", "a b@c d"} {
		answer := w.browser().do("/interact", url.Values{"uri": {job}, "account": {account}})
		if answer.Code != http.StatusUnprocessableEntity || !strings.Contains(answer.Body.String(), `role="alert"`) {
			t.Errorf("%.40q: %d", account, answer.Code)
		}
	}
	if answer := w.browser().do("/interact", url.Values{"uri": {"https://elsewhere.example/x"}, "account": {"ana@b.example"}}); answer.Code != http.StatusUnprocessableEntity {
		t.Errorf("about something unknown: %d", answer.Code)
	}
}

// TestHomeRemembered remembers an account where that is ticked, on every page with the
// box, and forgets it when it is not any more.
func TestHomeRemembered(t *testing.T) {
	w, all := full(t)
	address, _ := elsewhere(t, `,{"rel":"http://ostatus.org/schema/1.0/subscribe","template":"http://HOST/a?uri={uri}"}`)
	job := "https://" + host + all["job"]
	b := w.browser()
	b.do("/interact", url.Values{"uri": {job}, "account": {"ana@" + address}, "keep": {"1"}})
	for _, path := range []string{all["job"], all["article"], "/interact?uri=" + url.QueryEscape(job)} {
		answer := b.do(path, nil)
		if box := firstOf(t, answer.Body.String(), "input", "name", "account"); attribute(box, "value") != "ana@"+address {
			t.Errorf("%s: %q", path, attribute(box, "value"))
		}
		if control := answer.Header().Get("Cache-Control"); !strings.Contains(control, "private") {
			t.Errorf("%s may be kept for others: %s", path, control)
		}
	}
	if got := w.get(all["job"], "en").Header().Get("Cache-Control"); strings.Contains(got, "private") {
		t.Errorf("a stranger's page is private: %s", got)
	}
	b.do("/interact", url.Values{"uri": {job}, "account": {"ana@" + address}})
	if len(b.cookies) > 0 {
		t.Errorf("not forgotten: %v", b.cookies)
	}
}

// TestIntents does what the links of other servers ask for, once the person has pressed
// the button, and nothing before.
func TestIntents(t *testing.T) {
	w, all := full(t)
	ana := w.ana()
	b := w.browser()
	job, err := w.Store.PostByIRI(t.Context(), coop.Anonymous(), coop.IRI("https://"+host+all["job"]))
	w.must(err)
	object := url.QueryEscape(string(job.IRI))
	if answer := b.do("/intents/like?object="+object, nil); answer.Code != http.StatusSeeOther && answer.Code != http.StatusFound || !strings.HasPrefix(answer.Header().Get("Location"), "/sign-in") {
		t.Errorf("without a session: %d %s", answer.Code, answer.Header().Get("Location"))
	}
	b.signIn("ana", password, "")
	standing := func() coop.Standing {
		all, err := w.Store.StandingsOf(t.Context(), []coop.ID{ana.ID}, job.ID)
		w.must(err)
		return all[ana.ID]
	}
	page := b.do("/intents/object?object="+object, nil).Body.String()
	for _, act := range []string{"create?inReplyTo=", "announce?object=", "like?object=", "follow?object="} {
		if !strings.Contains(page, "/intents/"+act) {
			t.Errorf("the page of the object offers no %s", act)
		}
	}
	for _, act := range []string{"like", "announce"} {
		form := hidden(t, b.do("/intents/"+act+"?object="+object, nil).Body.String(), "object")
		if standing().Liked && act == "like" || standing().Boosted && act == "announce" {
			t.Errorf("%s happens by looking", act)
		}
		if answer := b.do("/intents/"+act, form); answer.Code != http.StatusSeeOther || !strings.Contains(b.do(answer.Header().Get("Location"), nil).Body.String(), "Done.") {
			t.Errorf("%s: %d", act, answer.Code)
		}
	}
	if got := standing(); !got.Liked || !got.Boosted {
		t.Errorf("nothing was done: %+v", got)
	}
	form := hidden(t, b.do("/intents/follow?object=@telar@"+host, nil).Body.String(), "object")
	b.do("/intents/follow", form)
	if follow, err := w.Store.Follow(t.Context(), ana.ID, w.coop.ID); err != nil || follow.State != coop.FollowAccepted {
		t.Errorf("follow: %v %v", follow, err)
	}
	for _, act := range []string{"like", "announce", "follow", "object"} {
		for _, object := range []string{"", "x", "javascript:x", "https://" + host + "/nothing", "https://nobody.invalid/x", hostile, "@nobody@" + host} {
			if answer := b.do("/intents/"+act+"?object="+url.QueryEscape(object), nil); answer.Code != http.StatusNotFound {
				t.Errorf("%s of %.30q: %d", act, object, answer.Code)
			}
		}
	}
}

// TestIntentCreate writes an answer: what came in the address stands in the form, and
// whoever changes the form's audience to something unknown tells the fewest.
func TestIntentCreate(t *testing.T) {
	w, all := full(t)
	w.ana()
	b := w.browser()
	b.signIn("ana", password, "")
	job := "https://" + host + all["job"]
	page := b.do("/intents/create?content="+url.QueryEscape("@telar hola </textarea>")+"&inReplyTo="+url.QueryEscape(job), nil).Body.String()
	if text := elements(t, page, "textarea"); len(text) != 1 || text[0].FirstChild.Data != "@telar hola </textarea>" {
		t.Fatalf("the form holds %v", text)
	}
	form := hidden(t, page, "text")
	for name, text := range map[string]string{"nothing": " \n", "too much": strings.Repeat("a", coop.MaxPostLength+1)} {
		form.Set("text", text)
		if answer := b.do("/intents/create", form); answer.Code != http.StatusUnprocessableEntity || !strings.Contains(answer.Body.String(), `aria-invalid="true"`) {
			t.Errorf("%s: %d", name, answer.Code)
		}
	}
	form.Set("text", "@telar ¿Queda lugar?")
	form.Set("audience", "public")
	answer := b.do("/intents/create", form)
	if answer.Code != http.StatusSeeOther || !strings.Contains(w.get(all["job"], "en").Body.String(), "¿Queda lugar?") {
		t.Errorf("a reply: %d %s", answer.Code, answer.Header().Get("Location"))
	}
	form.Set("text", "@telar en privado")
	form.Set("audience", "mars")
	if b.do("/intents/create", form); strings.Contains(w.get(all["job"], "en").Body.String(), "en privado") {
		t.Error("an unknown audience is everybody")
	}
}

// TestReport tells the moderators of a job, by name or without one.
func TestReport(t *testing.T) {
	w, all := full(t)
	ana := w.ana()
	job, err := w.Store.PostByIRI(t.Context(), coop.Anonymous(), coop.IRI("https://"+host+all["job"]))
	w.must(err)
	path := "/jobs/" + job.ID.String() + "/report"
	visitor, member := w.browser(), w.browser()
	member.signIn("ana", password, "")
	form := hidden(t, visitor.do(path, nil).Body.String(), "comment")
	form.Set("comment", " ")
	answer := visitor.do(path, form)
	if page := answer.Body.String(); answer.Code != http.StatusUnprocessableEntity || strings.Count(page, `href="#why"`)+strings.Count(page, `href="#comment"`) != 2 {
		t.Errorf("nothing filled in: %d", answer.Code)
	}
	for _, b := range []*browser{visitor, member} {
		form := hidden(t, b.do(path, nil).Body.String(), "comment")
		form.Set("comment", "No existe "+hostile)
		form.Set("why", "violation")
		if answer := b.do(path, form); answer.Code != http.StatusSeeOther || !strings.Contains(b.do(answer.Header().Get("Location"), nil).Body.String(), "Thank you") {
			t.Errorf("a report: %d", answer.Code)
		}
	}
	reports, err := w.Store.Reports(t.Context(), storage.ReportQuery{}, coop.Page{Limit: 10})
	w.must(err)
	if len(reports) != 2 || reports[0].Reporter != ana.ID || reports[1].Reporter != 0 || reports[0].Posts[0] != job.ID || reports[1].Accounts[0] != w.coop.ID {
		t.Errorf("reports: %+v", reports)
	}
	if answer := w.browser().do("/jobs/"+job.ID.String()+"0/report", nil); answer.Code != http.StatusNotFound {
		t.Errorf("a job that never was: %d", answer.Code)
	}
}

// TestPaper is one sheet with a code that leads back.
func TestPaper(t *testing.T) {
	w, all := full(t)
	job, err := w.Store.PostByIRI(t.Context(), coop.Anonymous(), coop.IRI("https://"+host+all["job"]))
	w.must(err)
	page := w.get("/jobs/"+job.ID.String()+"/print", "en")
	if body := page.Body.String(); page.Code != http.StatusOK || !strings.Contains(body, job.URL) || !strings.Contains(body, "ARS 1,000–2,000") || !strings.Contains(body, "noindex") {
		t.Errorf("%d", page.Code)
	}
	code := 0
	_, sheet, _ := strings.Cut(page.Body.String(), "<main") // the mark at the top is drawn too
	for _, svg := range elements(t, sheet, "svg") {
		for n := range svg.Descendants() {
			if n.Type == html.ElementNode && n.Data == "path" {
				code++
			}
		}
	}
	if code != 1 {
		t.Errorf("%d codes", code)
	}
}
