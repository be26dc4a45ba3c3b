// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"minga/coop"
)

// TestDecisionsOnPages: a coordinator opens a decision, a delegate votes and changes the
// vote, others do neither, and nobody who has no part in it reads the ballots; each act is
// in the log with its person.
func TestDecisionsOnPages(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	ctx := t.Context()
	telar, mill := h.member("telar", "read write")
	federation, err := h.store.FederationAccount(ctx)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(err)
	if ok, err := h.store.VerifiedMember(ctx, telar.ID, federation.ID); err != nil || !ok {
		m, err := h.outbox.Join(ctx, telar, federation, coop.RoleFull, "")
		must(err)
		must(h.outbox.DecideMembership(ctx, m, true, ""))
	}
	lead, delegate, other := h.surfer("ana"), h.surfer("eva"), h.surfer("leo")
	person := func(name string) *coop.Account {
		a, err := h.store.AccountByHandle(ctx, name, "")
		must(err)
		return a
	}
	h.gives(federation, person("ana"), coop.Coordinator)
	h.gives(telar, person("eva"), coop.Delegate)
	h.gives(telar, person("leo"), coop.Publisher)
	for name, s := range map[string]*surfer{"ana": lead, "eva": delegate, "leo": other} {
		s.signIn(name, "/sign-in")
	}

	form := func(change ...string) url.Values {
		v := url.Values{
			"as": {federation.ID.String()}, "language": {"en"}, "title": {"Buy the house?"}, "text": {"For what we pay now."}, "method": {"consent"}, "unit": {"co-op"},
			"quorum": {"50"}, "ends": {time.Now().AddDate(0, 0, 5).Format(time.DateOnly)}, "audience": {"members"},
		}
		for i := 0; i+1 < len(change); i += 2 {
			v.Set(change[i], change[i+1])
		}
		return v
	}
	for name, tt := range map[string]struct {
		form url.Values
		says string
	}{
		"no title":      {form("title", ""), `href="#title"`},
		"markup":        {form("title", "<b>x</b>"), `href="#title"`},
		"yesterday":     {form("ends", "2020-01-01"), "choose a day from tomorrow"},
		"no date":       {form("ends", "soon"), "choose a day from tomorrow"},
		"a big quorum":  {form("quorum", "120"), "a number from 0 to 100"},
		"a word":        {form("quorum", "half"), "a number from 0 to 100"},
		"one answer":    {form("method", "advice", "options", "bread"), "two to ten different answers"},
		"another means": {form("method", "lot"), `href="#method"`},
	} {
		if w := lead.fill("/decisions/new", tt.form); w.Code != 422 || !strings.Contains(w.Body.String(), tt.says) || !strings.Contains(w.Body.String(), "For what we pay now.") {
			t.Errorf("%s: %d, without %q", name, w.Code, tt.says)
		}
	}
	if w := other.open("/decisions/new", nil); w.Code != 403 {
		t.Errorf("a publisher opens: %d", w.Code)
	}
	w := lead.fill("/decisions/new", form())
	path, _, _ := strings.Cut(w.Header().Get("Location"), "?")
	if w.Code != 303 || !strings.HasPrefix(path, "/decisions/") {
		t.Fatalf("opened: %d %s", w.Code, w.Header().Get("Location"))
	}

	if page := delegate.open("/decisions", nil).Body.String(); !strings.Contains(page, "Waiting for your vote") || !strings.Contains(page, "Buy the house?") {
		t.Errorf("the delegate's list: %s", page)
	}
	nobody := h.surfer("zoe")
	nobody.signIn("zoe", "/sign-in")
	readers := map[string]*surfer{"zoe": nobody, "eva": delegate, "leo": other}
	for who, code := range map[string]int{"zoe": 404, "eva": 200, "leo": 200} {
		s := readers[who]
		if w := s.open(path, nil); w.Code != code {
			t.Errorf("%s reads the members' decision: %d, want %d", who, w.Code, code)
		}
	}
	if w := other.open(path+"/ballot", nil); w.Code != 403 {
		t.Errorf("a publisher votes: %d", w.Code)
	}
	if w := delegate.open(path+"/amend", nil); w.Code != 403 {
		t.Errorf("a delegate of a member amends: %d", w.Code)
	}
	ballot := func(option, reason string) url.Values {
		return url.Values{"as": {telar.ID.String()}, "option": {option}, "reason": {reason}}
	}
	if w := delegate.fill(path+"/ballot", ballot("object", "")); w.Code != 422 || !strings.Contains(w.Body.String(), "needs its reason") {
		t.Errorf("an objection without reason: %d", w.Code)
	}
	if w := delegate.fill(path+"/ballot", ballot("", "")); w.Code != 422 || !strings.Contains(w.Body.String(), "Choose one of the options") {
		t.Errorf("nothing chosen: %d", w.Code)
	}
	if w := delegate.fill(path+"/ballot", url.Values{"as": {federation.ID.String()}, "option": {"consent"}}); w.Code != 403 {
		t.Errorf("for whom she does not vote: %d", w.Code)
	}
	if w := delegate.fill(path+"/ballot", ballot("object", "Too dear.")); w.Code != 303 {
		t.Errorf("an objection: %d %s", w.Code, w.Body)
	}
	if page := lead.open(path, nil).Body.String(); !strings.Contains(page, "Too dear.") || !strings.Contains(page, "Objection") {
		t.Errorf("the coordinator reads: %s", page)
	}
	if w := delegate.fill(path+"/ballot", ballot("consent", "")); w.Code != 303 {
		t.Errorf("another ballot: %d", w.Code)
	}

	// What strangers can ask for tells them nothing.
	id := strings.TrimPrefix(path, "/decisions/")
	for _, at := range []string{"/api/v1/minga/decisions/" + id, "/api/v1/minga/decisions/" + id + "/ballots", "/api/v1/minga/decisions/" + id + "/recount", "/federation/decisions/1", "/api/v1/statuses/" + id} {
		if w := h.ask("GET", at, "", ""); w.Code != http.StatusNotFound {
			t.Errorf("%s to a stranger: %d", at, w.Code)
		}
	}
	if w := h.ask("GET", "/federation/decisions?page=first", "", ""); strings.Contains(w.Body.String(), "Buy") {
		t.Errorf("the collection: %s", w.Body)
	}
	var mine struct {
		Stage   string
		MayVote bool `json:"may_vote"`
		Ballot  struct{ Option string }
		Options []struct{ Votes int }
	}
	w = h.ask("GET", "/api/v1/minga/decisions/"+id, mill, "")
	if err := json.Unmarshal(w.Body.Bytes(), &mine); err != nil || mine.Stage != "open" || !mine.MayVote || mine.Ballot.Option != "consent" || mine.Options[0].Votes != 1 {
		t.Errorf("the co-op reads %s", w.Body)
	}

	if log := h.log(telar.ID); len(log) == 0 || log[0].Act != "decisions.ballot" || log[0].Who != "eva" {
		t.Errorf("log of telar: %+v", log)
	}
	if log := h.log(federation.ID); len(log) == 0 || log[0].Who != "ana" || log[0].Act != "decisions.new" {
		t.Errorf("log of the federation: %+v", log)
	}
	if w := lead.send(path, path+"/step", "act", "withdraw"); w.Code != 303 {
		t.Errorf("withdrawn: %d %s", w.Code, w.Body)
	}
	if log := h.log(federation.ID); len(log) == 0 || log[0].Act != "decisions.withdraw" {
		t.Errorf("log of a withdrawal: %+v", log)
	}
}
