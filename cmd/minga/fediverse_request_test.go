// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"minga/coop"
)

// stranger is what a reader without a name gets at a path of a house.
func (h *house) stranger(path, accept string) (int, string) {
	h.f.t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Host = h.config.Host
	r.Header.Set("Accept", accept)
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

// onlyMembers and onlyHere are what of a request not everybody may read.
const (
	onlyMembers = "quicksilverpayment"
	onlyHere    = "quicksilverclient"
)

// TestRequestsBetweenServers: a request with a part for everybody and one for members goes
// from one federation to others and to who follows from anywhere; members elsewhere read
// their part and nobody else does; who joins later hears of it; its end reaches all.
func TestRequestsBetweenServers(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		a, b, c, d := f.house("ana"), f.house("berta"), f.house("carla"), f.house("dora")
		telar, other := b.coop("telar"), b.coop("ajena")
		f.befriend(a, b)
		f.admit(telar, b, a)
		eva := c.person("eva") // follows the federation from a server that is nobody's friend
		c.follow(eva, c.knows(a.federation))
		f.settle()

		request := a.need("Clinics")
		draft := &coop.Post{Language: "en", Request: &coop.Request{Status: coop.RequestReview, Title: onlyHere}}
		f.must(a.outbox.SaveRequestDraft(f.ctx, a.federation, draft, &coop.RequestFile{Client: onlyHere, Mail: "x@" + onlyHere + ".example", Public: true}))
		f.must(a.outbox.KeepRequestFile(f.ctx, &coop.RequestFile{
			PostID: request.ID, Client: onlyHere, Contact: onlyHere, Mail: "x@" + onlyHere + ".example", Contract: onlyHere, Notes: onlyHere, Members: "They pay late: " + onlyMembers,
		}))
		f.settle()
		for _, h := range []*house{a, b, c} {
			if got := h.left(request.IRI); got != "open 220" {
				t.Errorf("at %s the request is %s", h.name, got)
			}
		}
		f.told(b, telar, request)
		f.readsMembersPart(a, b, c, telar, other, eva, request)
		for _, h := range []*house{a, b, c, d} {
			f.tellsNobody(h, request.IRI, request.ID, draft.ID)
		}

		// Who comes later hears of what is open.
		f.befriend(d, a)
		f.settle()
		if got := d.left(request.IRI); got != "open 220" {
			t.Errorf("backfilled as %s", got)
		}
		_, err := a.outbox.StepRequest(f.ctx, request.ID, coop.RequestWithdraw)
		f.must(err)
		f.settle()
		for _, h := range []*house{a, b, c, d} {
			p := h.has(request.IRI)
			if p.Request.Status != coop.RequestWithdrawn || !strings.Contains(p.Content, "Withdrawn: Clinics") {
				t.Errorf("at %s the withdrawn request is %s: %s", h.name, p.Request.Status, p.Content)
			}
			if err := p.Request.TakesOffer("backend", 1, h.clock.Now()); err == nil {
				t.Errorf("at %s it takes offers", h.name)
			}
			if list, err := h.store.Requests(f.ctx, coop.Anonymous(), coop.RequestQuery{Takes: h.clock.Now()}, coop.Page{Limit: 9}); err != nil || len(list) > 0 {
				t.Errorf("at %s it is listed: %v", h.name, err)
			}
		}
	})
}

// told: a member elsewhere is told of the request.
func (f *fediverse) told(h *house, who *coop.Account, request *coop.Post) {
	f.t.Helper()
	list, err := h.store.Notifications(f.ctx, who.ID, coop.Page{Limit: 20})
	f.must(err)
	n := 0
	for _, one := range list {
		if one.Kind == coop.NotifyRequest && one.PostID == h.has(request.IRI).ID {
			n++
		}
	}
	if n != 1 {
		f.t.Errorf("%s was told %d times", who.Name, n)
	}
}

// readsMembersPart: the members' part is there for members, and for nobody else.
func (f *fediverse) readsMembersPart(a, b, c *house, telar, other, eva *coop.Account, request *coop.Post) {
	f.t.Helper()
	for _, tt := range []struct {
		at    *house
		v     coop.Viewer
		reads bool
	}{
		{b, coop.As(telar.ID), true},
		{b, coop.As(other.ID), false},
		{b, coop.Anonymous(), false},
		{c, coop.As(eva.ID), false},
		{a, coop.Anonymous(), false},
		{a, coop.SignedHost(c.config.Host), false},
		{a, coop.SignedHost(b.config.Host), true},
	} {
		here := tt.at.has(request.IRI)
		part, err := tt.at.store.MembersPart(f.ctx, tt.v, here)
		if reads := err == nil && strings.Contains(part.Content, onlyMembers); reads != tt.reads {
			f.t.Errorf("at %s %+v reads the members' part: %v (%v)", tt.at.name, tt.v, reads, err)
		}
	}
	part, err := a.store.MembersPart(f.ctx, coop.System(), request)
	f.must(err)
	if status, _ := c.get(part.IRI); status == 200 {
		f.t.Error("the members' part is at carla's")
	}
	if status, body := a.stranger(strings.TrimPrefix(string(part.IRI), a.config.BaseURL()), "application/activity+json"); status != 404 || strings.Contains(body, onlyMembers) {
		f.t.Errorf("who has no signature gets the members' part: %d", status)
	}
}

// tellsNobody looks wherever a stranger looks, for what is not for strangers.
func (f *fediverse) tellsNobody(h *house, request coop.IRI, ids ...coop.ID) {
	f.t.Helper()
	paths := []string{
		"/requests", "/requests?state=all", "/requests?q=" + onlyMembers, "/requests.atom?state=all", "/requests.rss?state=all", "/requests.json?state=all", "/requests.ics?state=all",
		"/", "/search?q=" + onlyMembers, "/search?q=" + onlyHere, "/nodeinfo/2.1", "/sitemap.xml", "/api/v1/timelines/public", "/api/v1/minga/requests?state=all",
		"/api/v1/minga/requests?state=review", "/api/v1/minga/requests?state=draft", "/federation/outbox?page=first", "/federation/requests?page=first", "/api/v2/search?q=" + onlyMembers,
	}
	for _, id := range ids {
		paths = append(paths, "/requests/"+id.String(), "/requests/"+id.String()+"/replies?page=first", "/requests/"+id.String()+"/context?page=first", "/requests/"+id.String()+"/create",
			"/api/v1/statuses/"+id.String(), "/api/v1/statuses/"+id.String()+"/context", "/api/v1/minga/requests/"+id.String()+"/file")
	}
	if here := h.has(request); here != nil {
		paths = append(paths, "/requests/"+here.ID.String(), "/api/v1/statuses/"+here.ID.String()+"/context")
	}
	for _, path := range paths {
		for _, accept := range []string{"text/html", "application/activity+json"} {
			status, body := h.stranger(path, accept)
			body = strings.ReplaceAll(body, "q="+onlyMembers, "") // what was asked is shown again
			if status >= 500 || strings.Contains(path, "requests/") && strings.Contains(body, onlyMembers) || strings.Contains(body, "They pay late") ||
				!strings.Contains(path, "q=") && strings.Contains(body, onlyHere) {
				f.t.Errorf("%s tells at %s (%s): %d", h.name, path, accept, status)
			}
		}
	}
}
