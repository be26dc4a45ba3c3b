// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"minga/coop"
	"minga/storage"
)

// TestPagesOfServices: who publishes for a co-op says what it does and what time it has,
// who coordinates the federation keeps the catalogue tidy and reads lists in; nobody else
// does, and each act is in the log with its person.
func TestPagesOfServices(t *testing.T) {
	eachHouse(t, func(o *Options) { o.RateLimit = false }, func(h *house) {
		ctx := h.Context()
		telar, _ := h.member("telar", "read")
		candil, _ := h.member("candil", "read")
		publisher, other, coordinator := h.surfer("ana"), h.surfer("eva"), h.surfer("nora")
		federation, err := h.store.FederationAccount(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for name, role := range map[string]struct {
			in *coop.Account
			as coop.Role
		}{"ana": {telar, coop.Publisher}, "eva": {telar, coop.Observer}, "nora": {federation, coop.Coordinator}} {
			person, err := h.store.AccountByHandle(ctx, name, "")
			if err != nil {
				h.Fatal(err)
			}
			h.gives(role.in, person, role.as)
		}
		for name, s := range map[string]*surfer{"ana": publisher, "eva": other, "nora": coordinator} {
			s.signIn(name, "/sign-in")
		}
		const services, capacity = "/settings/co-ops/telar/services", "/settings/co-ops/telar/capacity"
		for _, path := range []string{services, capacity, "/admin/terms", "/admin/directory"} {
			if w := other.open(path, nil); w.Code != 403 {
				h.Errorf("%s to somebody else: %d", path, w.Code)
			}
		}
		if w := publisher.open("/settings/co-ops/candil/services", nil); w.Code != 403 {
			h.Errorf("roles cross to another co-op: %d", w.Code)
		}
		if w := publisher.open("/admin/terms", nil); w.Code != 403 {
			h.Errorf("the catalogue to a publisher of a co-op: %d", w.Code)
		}

		for name, tt := range map[string]struct {
			form url.Values
			code int
			says string
		}{
			"a rate without a currency": {url.Values{"rate_from": {"300"}, "own_service": {"Websites"}}, 422, "Write a currency"},
			"a rate of nothing":         {url.Values{"rate_from": {"0"}, "currency": {"EUR"}}, 422, "above zero"},
			"a rate that falls":         {url.Values{"rate_from": {"300"}, "rate_to": {"200"}, "currency": {"eur"}}, 422, "not below the first"},
			"never":                     {url.Values{"weeks": {"9999"}}, 422, "Between 0 and 104 weeks"},
			"too many":                  {url.Values{"own_service": {strings.Repeat("a\nb\nc d\n", 3) + manyServices(31)}}, 422, "At most 30 lines"},
			"a line that is no line":    {url.Values{"own_service": {strings.Repeat("x", 200)}}, 422, "at most 120"},
		} {
			w := publisher.fill(services, tt.form)
			if w.Code != tt.code || !strings.Contains(w.Body.String(), tt.says) {
				h.Errorf("%s: %d %s", name, w.Code, w.Body)
			}
		}
		if w := other.send("/settings/security", services, "own_service", "Theirs"); w.Code != 403 {
			h.Errorf("somebody else says what it does: %d", w.Code)
		}
		if w := publisher.fill(services, url.Values{
			"own_service": {"Websites\nBranding & Identity\n\n websites "}, "own_technology": {"Go"}, "propose": {"service websites"},
			"rate_from": {"300"}, "rate_to": {"400,50"}, "currency": {"eur"}, "vat": {"without"}, "weeks": {"4"}, "contract": {"fixed-price", "nonsense"},
		}); w.Code != 303 {
			h.Fatalf("what it does: %d %s", w.Code, w.Body)
		}
		page := publisher.open("/@telar", nil).Body.String()
		for _, want := range []string{"Branding &amp; Identity", ">Go<", "without VAT", "Fixed price", "/settings/co-ops/telar/services"} {
			if !strings.Contains(page, want) {
				h.Errorf("the page of the co-op lacks %q", want)
			}
		}
		if page := other.open("/@telar", nil).Body.String(); strings.Contains(page, "/settings/co-ops/telar/services") {
			h.Error("who may not change it is led to the form")
		}

		month := coop.CapacityMonthsFrom(time.Now())[0]
		for name, tt := range map[string]struct {
			form url.Values
			code int
			says string
		}{
			"too many hours":   {url.Values{"audience": {"public"}, "skill_0": {"Python"}, "hours_0_0": {"2001"}}, 422, "Between 0 and 2,000 hours"},
			"hours of nothing": {url.Values{"audience": {"public"}, "hours_0_0": {"20"}}, 422, "Write the skill"},
			"twice":            {url.Values{"audience": {"public"}, "skill_0": {"Python"}, "skill_1": {"PYTHON"}, "hours_0_0": {"1"}}, 422, "is there already"},
			"to nobody":        {url.Values{"skill_0": {"Python"}, "hours_0_0": {"1"}}, 422, "id=\"audience-problem\""},
			"to members":       {url.Values{"audience": {"members"}, "skill_0": {"Python"}, "hours_0_0": {"80"}, "hours_0_5": {"40"}}, 303, ""},
		} {
			w := publisher.fill(capacity, tt.form)
			if w.Code != tt.code || !strings.Contains(w.Body.String(), tt.says) {
				h.Errorf("%s: %d %s", name, w.Code, w.Body)
			}
		}
		if page := other.open("/@telar", nil).Body.String(); strings.Contains(page, "80 hours") {
			h.Error("what is for members is on the page for everybody")
		}
		if w := h.ask("GET", "/api/v1/minga/coops/"+telar.ID.String()+"/capacity", "", ""); w.Code != 404 {
			h.Errorf("what is for members to anybody by the API: %d %s", w.Code, w.Body)
		}
		if w := h.ask("GET", "/api/v1/minga/coops/cover?skill[]=Python&month="+month, "", ""); strings.Contains(w.Body.String(), "telar") {
			h.Errorf("what is for members to anybody who looks for cover: %s", w.Body)
		}
		if w := publisher.fill(capacity, url.Values{"audience": {"public"}, "skill_0": {"Python"}, "hours_0_0": {"80"}}); w.Code != 303 {
			h.Errorf("to everybody: %d", w.Code)
		}
		if page := other.open("/@telar", nil).Body.String(); !strings.Contains(page, "80 hours") {
			h.Error("what is for everybody is not on the page")
		}
		if w := h.ask("GET", "/api/v1/minga/coops/cover?skill[]=python", "", ""); !strings.Contains(w.Body.String(), `"hours":80`) {
			h.Errorf("who can cover: %s", w.Body)
		}

		// The API takes the same, by the same roles.
		if err := h.store.Write(ctx, func(tx *storage.Tx) error {
			return tx.PutServices(ctx, candil.ID, []coop.Offering{{Kind: coop.KindService, Label: "Branding and identity"}})
		}); err != nil {
			h.Fatal(err)
		}
		ana, err := h.store.AccountByHandle(ctx, "ana", "")
		if err != nil {
			h.Fatal(err)
		}
		eva, err := h.store.AccountByHandle(ctx, "eva", "")
		if err != nil {
			h.Fatal(err)
		}
		mine, hers := h.token(ana, "read write"), h.token(eva, "read write")
		at := "/api/v1/minga/coops/" + telar.ID.String()
		if w := h.ask("PUT", at+"/services?as="+telar.ID.String(), mine, `{"services":[{"name":"Websites","propose":true},{"name":"Branding & Identity"}]}`); w.Code != 200 || !strings.Contains(w.Body.String(), "Branding") {
			h.Errorf("services by the API: %d %s", w.Code, w.Body)
		}
		for what, w := range map[string]int{
			"an observer":      h.ask("PUT", at+"/services?as="+telar.ID.String(), hers, `{"services":[]}`).Code,
			"as oneself":       h.ask("PUT", at+"/services", mine, `{"services":[]}`).Code,
			"a publisher here": h.ask("POST", "/api/v1/minga/terms/1/feature?as="+telar.ID.String(), mine, `{}`).Code,
		} {
			if w != 403 {
				h.Errorf("%s by the API: %d", what, w)
			}
		}
		if w := h.ask("PUT", at+"/capacity?as="+telar.ID.String(), mine, `{"capacity":[{"name":"Go","month":"`+month+`","hours":2001}]}`); w.Code != 422 || !strings.Contains(w.Body.String(), "capacity[0].hours") {
			h.Errorf("too many hours by the API: %d %s", w.Code, w.Body)
		}

		term := func(label string) *coop.ServiceTerm {
			found, err := h.store.ServiceTermNamed(ctx, coop.KindService, label)
			if err != nil {
				h.Fatalf("%s: %v", label, err)
			}
			return found
		}
		if term("websites").State != coop.ServiceProposed {
			h.Error("what was proposed is not")
		}
		if page := coordinator.open("/admin/terms", nil).Body.String(); !strings.Contains(page, "Merge into Branding") || !strings.Contains(page, "asked for by") {
			h.Errorf("the catalogue has no twins or proposals: %s", page)
		}
		id := func(label string) string { return term(label).ID.String() }
		for _, form := range []url.Values{
			{"act": {"feature"}, "id": {id("websites")}, "label": {"Web sites"}, "label_es": {"Sitios web"}},
			{"act": {"feature"}, "id": {id("branding identity")}, "label": {"Branding and identity"}},
			{"act": {"merge"}, "id": {id("branding and identity")}, "into": {id("branding identity")}},
		} {
			if w := coordinator.fill("/admin/terms", form); w.Code != 303 {
				h.Errorf("%v: %d %s", form, w.Code, w.Body)
			}
		}
		if w := coordinator.fill("/admin/terms", url.Values{"act": {"merge"}, "id": {id("branding and identity")}, "into": {id("websites")}}); w.Code != 422 || !strings.Contains(w.Body.String(), "stands otherwise") {
			h.Errorf("merged twice: %d", w.Code)
		}
		if w := publisher.send("/settings/security", "/admin/terms", "act", "unmerge", "id", id("branding and identity")); w.Code != 403 {
			h.Errorf("a publisher changes the catalogue: %d", w.Code)
		}
		page = other.open("/directory?service=Branding+and+Identity", nil).Body.String()
		if strings.Count(page, "candil") == 0 || strings.Count(page, "telar") == 0 || !strings.Contains(page, "Branding and identity (2)") {
			h.Errorf("a search for what was merged finds not all: %s", page)
		}
		if page := other.open("/directory?q=sitios", nil).Body.String(); !strings.Contains(page, "telar") {
			h.Error("a name in another language finds nothing")
		}

		h.readsLists(coordinator, other)
		entries, err := h.store.Audit(ctx, storage.AuditQuery{Account: federation.ID}, coop.Page{Limit: 50})
		if err != nil {
			h.Fatal(err)
		}
		acts := map[string]int{}
		for _, e := range entries {
			if e.Who == "nora" {
				acts[e.Act]++
			}
		}
		if acts["admin.terms"] != 3 || acts["admin.directory"] != 2 {
			h.Errorf("the log of the federation has %v", acts)
		}
	})
}

// manyServices are so many different lines.
func manyServices(n int) string {
	var out strings.Builder
	for i := range n {
		fmt.Fprintf(&out, "service number %d\n", i)
	}
	return out.String()
}

// readsLists reads an open list in by the page, and forgets it.
func (h *house) readsLists(coordinator, other *surfer) {
	upload := func(s *surfer, list string, fields ...string) (int, string) {
		page := "/admin/directory"
		if s == other {
			page = "/settings/security"
		}
		w := s.file(page, "/admin/directory", "list.csv", list, fields...)
		return w.Code, w.Body.String()
	}
	const list = "name,website,country,services\nSola,https://sola.example,AR,Hosting\n<script>alert(1)</script>,javascript:alert(1),ES,\n"
	for name, tt := range map[string]struct {
		by     *surfer
		list   string
		fields []string
		code   int
		says   string
	}{
		"without a licence": {coordinator, list, []string{"source", "A list", "act", "read"}, 422, "licence-problem"},
		"an empty file":     {coordinator, "", []string{"source", "A list", "licence", "CC0", "act", "read"}, 422, "file-problem"},
		"what is no list":   {coordinator, "%PDF-1.4", []string{"source", "A list", "licence", "CC0", "act", "read"}, 422, "neither a CSV"},
		"a broken address":  {coordinator, list, []string{"source", "A list", "licence", "CC0", "address", "javascript:1", "act", "read"}, 422, "address-problem"},
		"by somebody else":  {other, list, []string{"source", "A list", "licence", "CC0", "act", "read"}, 403, ""},
	} {
		if code, body := upload(tt.by, tt.list, tt.fields...); code != tt.code || !strings.Contains(body, tt.says) {
			h.Errorf("a list %s: %d %s", name, code, body)
		}
	}
	if code, body := upload(coordinator, list, "source", "A list", "licence", "CC0 1.0", "address", "https://lists.example/a", "act", "read"); code != http.StatusSeeOther {
		h.Errorf("a list is not read in: %d %s", code, body)
	}
	page := other.open("/directory?source=imported", nil).Body.String()
	for _, want := range []string{"Sola", "A list", "CC0 1.0", "https://lists.example/a", "&lt;script&gt;"} {
		if !strings.Contains(page, want) {
			h.Errorf("imported entries lack %q: %s", want, page)
		}
	}
	if strings.Contains(page, "javascript:") {
		h.Error("an imported entry leads to a script")
	}
	for path, want := range map[string]string{
		"/directory.csv?service=hosting": "A list,CC0 1.0", "/directory.json?q=sola": `"licence":"CC0 1.0"`, "/api/v1/minga/coops/listed?country=AR": `"licence":"CC0 1.0"`, "/api/v1/minga/coops/lists": `"entries":2`,
	} {
		if w := h.ask("GET", path, "", ""); w.Code != 200 || !strings.Contains(w.Body.String(), want) {
			h.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	if code, _ := upload(coordinator, "", "source", "A list", "act", "remove"); code != http.StatusSeeOther {
		h.Errorf("a list is not forgotten: %d", code)
	}
	if page := other.open("/directory?source=imported", nil).Body.String(); strings.Contains(page, "Sola") {
		h.Error("a forgotten list is still there")
	}
}
