// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"minga/coop"
	"minga/outbox"
	"minga/storage"
	"minga/web/auth"
)

// foreign is a co-op of another server, a verified member of a federation here where
// one is given.
func (d *desk) foreign(name string, facts *coop.CoopFacts, federation *coop.Account) *coop.Account {
	d.Helper()
	iri := coop.IRI("https://" + name + ".example/actor")
	a := &coop.Account{IRI: iri, Kind: coop.Coop, ActorType: "Organization", Name: name, Host: name + ".example", DisplayName: name, Inbox: iri + "/inbox", Coop: facts}
	d.must(d.Store.Write(d.Context(), func(tx *storage.Tx) error {
		if err := tx.SaveAccount(d.Context(), a); err != nil || federation == nil {
			return err
		}
		return tx.PutMembership(d.Context(), &coop.Membership{
			Member: a, Organization: federation, Role: coop.RoleFull, State: coop.MembershipMember, MemberSays: true, OrganizationSays: true,
		})
	}))
	return a
}

// TestDirectory: co-ops of this instance and verified members elsewhere, narrowed by
// what they say of themselves; a map of those that published a point.
func TestDirectory(t *testing.T) {
	eachDesk(t, func(d *desk) {
		federation, err := d.Store.FederationAccount(t.Context())
		d.must(err)
		lead := d.token(federation)
		ana, _ := d.person(coop.Person, "ana")
		telar := d.ok("POST", "/v1/minga/coops", lead, map[string]any{
			"name": "telar", "display_name": "Cooperativa Telar", "steward": "ana", "founded": "2014-03-01", "members": 12, "languages": []string{"es", "ca"},
			"activity": []string{"https://taxonomy.example/ica/190"}, "place": map[string]any{"locality": "Rosario", "country": "AR", "latitude": "-32.95", "longitude": -60.65},
		})
		id, err := coop.ParseID(telar.text("id"))
		d.must(err)
		roles, err := d.Store.RolesIn(t.Context(), id, ana.ID)
		d.must(err)
		if !slices.Equal(roles, []coop.Role{coop.Steward}) || telar.text("facts", "founded") != "2014-03-01" || telar.text("minga", "evidence") != "federation" || telar.number("facts", "workers") != -1 {
			t.Errorf("a new co-op: %v %s", roles, telar.body)
		}
		trama := d.ok("POST", "/v1/minga/coops", lead, map[string]any{"name": "trama"}).text("id")
		near := d.foreign("brisa", &coop.CoopFacts{Members: -1, Workers: -1, Place: &coop.Place{Country: "UY"}, Languages: []string{"es"}}, federation).ID.String()
		stranger := d.foreign("lejos", nil, nil).ID.String()

		for query, want := range map[string][]string{
			"":                       {near, trama, telar.text("id")},
			"country=AR":             {telar.text("id")},
			"country=AR,uy":          {near, telar.text("id")},
			"language=es&country=UY": {near},
			"language=fr":            nil,
			"sector=https://taxonomy.example/ica/190": {telar.text("id")},
			"q=coop":                        {telar.text("id")},
			"q=Cooperativa+tel":             {telar.text("id")},
			"q=%21%21":                      nil,
			"evidence=federation":           {near, trama, telar.text("id")},
			"evidence=apex":                 nil,
			"evidence=claimed":              nil,
			"evidence=claimed&source=wider": {stranger},
			"source=own":                    {trama, telar.text("id")},
			"federation=minga&source=own":   {trama, telar.text("id")},
			"limit=1":                       {near},
			"limit=1&max_id=" + near:        {trama},
		} {
			if got := d.ok("GET", "/v1/minga/coops?"+query, "", nil); !slices.Equal(got.ids(), want) {
				t.Errorf("%s found %v, want %v", query, got.ids(), want)
			}
		}
		facets := d.ok("GET", "/v1/minga/coops/facets?lang=es", "", nil)
		countries, _ := facets.doc["country"].([]any)
		if len(countries) != 2 || fmt.Sprint(countries[0]) != "map[count:1 label:Argentina value:AR]" || len(facets.doc["sector"].([]any)) != 1 {
			t.Errorf("facets %s", facets.body)
		}
		points := d.ok("GET", "/v1/minga/coops/map", "", nil)
		features, _ := points.doc["features"].([]any)
		if len(features) != 1 || points.text("type") != "FeatureCollection" || fmt.Sprint(features[0].(map[string]any)["geometry"]) != "map[coordinates:[-60.65 -32.95] type:Point]" || !strings.HasPrefix(points.header.Get("Content-Type"), "application/geo+json") {
			t.Errorf("map %s", points.body)
		}

		at := "/v1/minga/coops/" + telar.text("id")
		own := d.token(&coop.Account{ID: id})
		changed := d.ok("PATCH", at, own, map[string]any{"workers": 9, "members": "", "place": map[string]any{"country": "UY"}})
		if changed.number("facts", "workers") != 9 || changed.number("facts", "members") != -1 || changed.text("facts", "founded") != "2014-03-01" || changed.text("facts", "place", "locality") != "" {
			t.Errorf("changed facts %s", changed.body)
		}
		if got := d.ok("GET", "/v1/minga/coops?country=AR", "", nil).ids(); len(got) != 0 {
			t.Errorf("found where it was: %v", got)
		}
		before := d.ok("GET", at, "", nil)
		for name, wrong := range map[string]map[string]any{
			"place.country":  {"place": map[string]any{"country": "Argentina"}},
			"place.latitude": {"place": map[string]any{"latitude": 91, "longitude": 0}},
			"founded":        {"founded": "1.3.2014"},
			"members":        {"members": -5},
			"languages[0]":   {"languages": []string{"castellano?"}},
			"coop_type":      {"coop_type": "a co-op"},
			"activity[0]":    {"activity": []string{"x"}},
		} {
			a := d.call("PATCH", at, own, wrong)
			if details, _ := a.doc["details"].(map[string]any); a.status != 422 || details[name] == nil {
				t.Errorf("%s: %d %s", name, a.status, a.body)
			}
		}
		if after := d.ok("GET", at, "", nil); string(after.body) != string(before.body) {
			t.Error("refused facts changed the co-op")
		}
		for name, wrong := range map[string]map[string]any{"name": {"name": "topic-x"}, "steward": {"name": "otra", "steward": "nobody"}, "place.longitude": {"name": "otra", "place": map[string]any{"latitude": 1, "longitude": 181}}} {
			a := d.call("POST", "/v1/minga/coops", lead, wrong)
			if details, _ := a.doc["details"].(map[string]any); a.status != 422 || details[name] == nil {
				t.Errorf("a co-op with a wrong %s: %d %s", name, a.status, a.body)
			}
		}
	})
}

// TestEvidenceIsTheHighest: a federation that is a verified member of another one makes
// its members' evidence that of the apex.
func TestEvidenceIsTheHighest(t *testing.T) {
	eachDesk(t, func(d *desk) {
		telar, _ := d.member("telar")
		federation, err := d.Store.FederationAccount(t.Context())
		d.must(err)
		at := "/v1/minga/coops/" + telar.ID.String()
		if got := d.ok("GET", at, "", nil).text("minga", "evidence"); got != "federation" {
			t.Errorf("evidence %q", got)
		}
		iri := coop.IRI("https://apex.example/federation")
		apex := &coop.Account{IRI: iri, Kind: coop.Federation, ActorType: "Organization", Name: "apex", Host: "apex.example", Inbox: iri + "/inbox"}
		d.must(d.Store.Write(t.Context(), func(tx *storage.Tx) error {
			if err := tx.SaveAccount(t.Context(), apex); err != nil {
				return err
			}
			return tx.PutMembership(t.Context(), &coop.Membership{Member: federation, Organization: apex, Role: coop.RoleFull, State: coop.MembershipMember, MemberSays: true, OrganizationSays: true})
		}))
		if got := d.ok("GET", at, "", nil).text("minga", "evidence"); got != "apex" {
			t.Errorf("evidence %q", got)
		}
		if got := d.ok("GET", "/v1/minga/coops?evidence=apex", "", nil).ids(); !slices.Equal(got, []string{telar.ID.String()}) {
			t.Errorf("found %v", got)
		}
	})
}

// TestMembershipSteps: whatever either side does in whatever order, a step that is not
// in the arrows answers 422 (one that is not theirs 403) and changes nothing.
func TestMembershipSteps(t *testing.T) {
	d := oneDesk(t)
	federation, err := d.Store.FederationAccount(t.Context())
	d.must(err)
	lead := d.token(federation)
	next := map[coop.MembershipState]map[string]coop.MembershipState{
		coop.MembershipAsked:     {"accept": coop.MembershipMember, "refuse": coop.MembershipRefused, "leave": coop.MembershipLeft},
		coop.MembershipMember:    {"accept": coop.MembershipMember, "suspend": coop.MembershipSuspended, "resume": coop.MembershipMember, "leave": coop.MembershipLeft, "remove": coop.MembershipRemoved},
		coop.MembershipSuspended: {"suspend": coop.MembershipSuspended, "resume": coop.MembershipMember, "leave": coop.MembershipLeft, "remove": coop.MembershipRemoved},
		coop.MembershipRefused:   {"refuse": coop.MembershipRefused},
		coop.MembershipLeft:      {"leave": coop.MembershipLeft},
		coop.MembershipRemoved:   {"remove": coop.MembershipRemoved},
	}
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		a, err := d.Outbox.NewAccount(t.Context(), registration(fmt.Sprintf("coop%d", n)))
		d.must(err)
		own := d.token(a)
		m := d.ok("POST", "/v1/minga/memberships", own, map[string]any{"organization": string(federation.IRI), "note": "nuestros estatutos"})
		at, state := "/v1/minga/memberships/"+m.text("id"), coop.MembershipState(m.text("state"))
		for _, step := range rapid.SliceOfN(rapid.SampledFrom([]string{"accept", "refuse", "suspend", "resume", "leave", "remove"}), 1, 5).Draw(rt, "steps") {
			d.clock.Advance(time.Second)
			token, other := lead, own
			if step == "leave" {
				token, other = own, lead
			}
			if got := d.call("POST", at+"/"+step, other, nil); got.status != 403 {
				rt.Fatalf("%s by the wrong side: %d %s", step, got.status, got.body)
			}
			was, err := d.Store.MembershipOf(t.Context(), a.ID, federation.ID)
			d.must(err)
			got := d.call("POST", at+"/"+step, token, nil)
			is, err := d.Store.MembershipOf(t.Context(), a.ID, federation.ID)
			d.must(err)
			to, allowed := next[state][step]
			if !allowed && (got.status != 422 || is.State != state || !is.UpdatedAt.Equal(was.UpdatedAt)) {
				rt.Fatalf("%s of a membership that is %s: %d, then %s", step, state, got.status, is.State)
			}
			if allowed && (got.status != 200 || is.State != to || got.text("state") != string(to)) {
				rt.Fatalf("%s of a membership that is %s: %d %s", step, state, got.status, got.body)
			}
			state = is.State
			if is.Verified() != (state == coop.MembershipMember) {
				rt.Fatalf("after %s it is %s and verified is %t", step, state, is.Verified())
			}
		}
	})
}

// TestMembershipsAreListed: to their sides in every state, to others as far as anybody
// may see; an application is for those who decide.
func TestMembershipsAreListed(t *testing.T) {
	eachDesk(t, func(d *desk) {
		federation, err := d.Store.FederationAccount(t.Context())
		d.must(err)
		telar, own := d.member("telar")
		asking, askingToken := d.person(coop.Coop, "trama")
		ana, anaToken := d.person(coop.Person, "ana")
		d.ok("POST", "/v1/minga/memberships", askingToken, map[string]any{"organization": "minga@fed-sur.example", "note": "estatutos"})
		lead := d.token(federation)
		observer := d.speaker(federation, ana, coop.Observer)
		organization := "organization=" + federation.ID.String()
		for name, tt := range map[string]struct {
			token, query string
			members      []string
			notes        bool
		}{
			"anybody":                     {"", "", []string{"telar"}, false},
			"anybody asks for what waits": {"", "state=asked", nil, false},
			"the federation":              {lead, "", []string{"trama", "telar"}, true},
			"the federation, what waits":  {lead, "state=asked", []string{"trama"}, true},
			"who asks":                    {askingToken, "", []string{"trama"}, true},
			"a member":                    {own, "", []string{"telar"}, false},
			"a member, of the federation": {own, organization, []string{"telar"}, false},
			"a person":                    {anaToken, organization + "&state=asked,member", []string{"telar"}, false},
			"of one member":               {"", "member=" + telar.ID.String(), []string{"telar"}, false},
			"of who asks":                 {"", "member=" + asking.ID.String(), nil, false},
			"an observer":                 {observer, "", []string{"trama", "telar"}, false},
			"a page":                      {lead, "limit=1", []string{"trama"}, true},
		} {
			got := d.ok("GET", "/v1/minga/memberships?"+tt.query, tt.token, nil)
			var members []string
			notes := false
			for _, m := range got.list {
				members = append(members, m["member"].(map[string]any)["username"].(string))
				notes = notes || m["note"] == "estatutos"
			}
			if !slices.Equal(members, tt.members) || notes != tt.notes {
				t.Errorf("%s: %v, notes %t", name, members, notes)
			}
		}
		if link := d.ok("GET", "/v1/minga/memberships?limit=1", lead, nil).header.Get("Link"); !strings.Contains(link, "max_id=") {
			t.Errorf("pages %q", link)
		}
		if a := d.call("POST", "/v1/minga/memberships", askingToken, map[string]any{"organization": "minga@fed-sur.example", "role": "boss"}); a.status != 422 {
			t.Errorf("no such role: %d", a.status)
		}
	})
}

// TestFederations: how ours stands to another, and how far its backfill came.
func TestFederations(t *testing.T) {
	eachDesk(t, func(d *desk) {
		own, err := d.Store.FederationAccount(t.Context())
		d.must(err)
		lead := d.token(own)
		_, ana := d.person(coop.Person, "ana")
		iri := coop.IRI("https://norte.example/federation")
		north := &coop.Account{IRI: iri, Kind: coop.Federation, ActorType: "Organization", Name: "norte", Host: "norte.example", Inbox: iri + "/inbox"}
		d.must(d.Store.Write(t.Context(), func(tx *storage.Tx) error { return tx.SaveAccount(t.Context(), north) }))
		at := "/v1/minga/federations/" + north.ID.String()
		if a := d.ok("POST", at+"/follow", lead, nil); a.text("state") != "asked" {
			t.Errorf("asked %s", a.body)
		}
		if a := d.ok("GET", at, "", nil); a.doc["following"] != nil || a.doc["backfill"] != nil || a.doc["own"] != false {
			t.Errorf("before the answer: %s", a.body)
		}
		if len(d.ok("GET", "/v1/minga/federations", lead, nil).list) != 1 || len(d.ok("GET", "/v1/minga/federations", ana, nil).list) != 0 {
			t.Error("who asks whom is the federation's business")
		}
		d.must(d.Store.Write(t.Context(), func(tx *storage.Tx) error {
			f, err := tx.Follow(t.Context(), own.ID, north.ID)
			if err != nil {
				return err
			}
			f.State, f.Note = coop.FollowAccepted, "jobs"
			if err := tx.PutFollow(t.Context(), f); err != nil {
				return err
			}
			return tx.NoteBackfill(t.Context(), coop.Backfill{Account: north.ID, Done: 3, Kept: 2})
		}))
		if a := d.ok("GET", at, "", nil); a.text("following", "note") != "jobs" || a.text("backfill", "state") != "running" || a.number("backfill", "kept") != 2 || a.text("backfill", "finished_at") != "" {
			t.Errorf("running: %s", a.body)
		}
		d.must(d.Store.Write(t.Context(), func(tx *storage.Tx) error {
			return tx.NoteBackfill(t.Context(), coop.Backfill{Account: north.ID, Done: 5, Kept: 4, FinishedAt: d.clock.Now()})
		}))
		list := d.ok("GET", "/v1/minga/federations", ana, nil).list
		if len(list) != 1 || list[0]["backfill"].(map[string]any)["state"] != "done" || list[0]["backfill"].(map[string]any)["done"] != 5.0 {
			t.Errorf("done: %v", list)
		}
		if a := d.ok("GET", "/v1/minga/federations/"+own.ID.String(), "", nil); a.doc["own"] != true || a.text("username") != "minga" {
			t.Errorf("our own: %s", a.body)
		}
		telar, _ := d.member("telar")
		if a := d.call("GET", "/v1/minga/federations/"+telar.ID.String(), "", nil); a.status != 404 {
			t.Errorf("a co-op as a federation: %d", a.status)
		}
		d.ok("POST", at+"/unfollow", lead, nil)
		if a := d.ok("GET", at, "", nil); a.doc["following"] != nil {
			t.Errorf("unfollowed: %s", a.body)
		}
	})
}

// TestActivity: what waits, for those whose roles let them decide it.
func TestActivity(t *testing.T) {
	eachDesk(t, func(d *desk) {
		federation, err := d.Store.FederationAccount(t.Context())
		d.must(err)
		telar, own := d.member("telar")
		ana, _ := d.person(coop.Person, "ana")
		bea, _ := d.person(coop.Person, "bea")
		_, asking := d.person(coop.Coop, "trama")
		d.ok("POST", "/v1/minga/memberships", asking, map[string]any{"organization": "minga@fed-sur.example"})
		opening := opening()
		opening["closes_at"] = d.clock.Now().AddDate(0, 0, 5).Format(time.DateOnly)
		job := d.ok("POST", "/v1/minga/jobs", own, opening)
		later := knowledge("Un borrador", "draft", true)
		d.ok("POST", "/v1/minga/articles", own, later)
		kinds := func(token string) string {
			var out []string
			for _, one := range d.ok("GET", "/v1/minga/activity", token, nil).list {
				out = append(out, one["kind"].(string))
			}
			return strings.Join(out, " ")
		}
		if got := d.ok("GET", "/v1/minga/activity", own, nil).list; len(got) != 1 || got[0]["status"].(map[string]any)["id"] != job.text("id") || got[0]["ends_at"] == nil {
			t.Errorf("telar: %v", got)
		}
		for name, tt := range map[string]struct{ token, want string }{
			"the federation": {d.token(federation), "membership_asked"},
			"a coordinator":  {d.speaker(federation, ana, coop.Coordinator), "membership_asked"},
			"an observer":    {d.speaker(telar, ana, coop.Observer), ""},
			"a publisher":    {d.speaker(telar, bea, coop.Publisher), "job_expiring"},
			"who asks":       {asking, ""},
		} {
			if got := kinds(tt.token); got != tt.want {
				t.Errorf("%s: %q, want %q", name, got, tt.want)
			}
		}
		if drafts := d.ok("GET", "/v1/minga/drafts?limit=1", own, nil); len(drafts.list) != 1 || !strings.Contains(drafts.header.Get("Link"), "max_id=") {
			t.Errorf("drafts %s", drafts.body)
		}
	})
}

// TestWordsToChoose: countries by name in a language, skills by what jobs ask for.
func TestWordsToChoose(t *testing.T) {
	d := oneDesk(t)
	_, telar := d.member("telar")
	d.ok("POST", "/v1/minga/jobs", telar, opening())
	for query, want := range map[string]string{"q=espa&lang=es": "ES", "q=es&lang=xx": "ES", "q=perú&lang=es": "PE", "q=zzz": ""} {
		list := d.ok("GET", "/v1/minga/places?"+query, "", nil).list
		if found := slices.ContainsFunc(list, func(p map[string]any) bool { return p["country"] == want }); found != (want != "") || want == "" && len(list) > 0 {
			t.Errorf("%s: %v", query, list)
		}
	}
	if all := d.ok("GET", "/v1/minga/places?limit=300", "", nil).list; len(all) < 240 {
		t.Errorf("%d countries", len(all))
	}
	if skills := d.ok("GET", "/v1/minga/skills?q=PYT", "", nil).list; len(skills) != 1 || skills[0]["name"] != "Python" || skills[0]["jobs"] != 1.0 {
		t.Errorf("skills %v", skills)
	}
	if licences := d.ok("GET", "/v1/minga/licences", "", nil).list; len(licences) != 5 || licences[4]["translate"] != false {
		t.Errorf("licences %v", licences)
	}
}

// registration is a co-op to be made.
func registration(name string) outbox.Registration {
	return outbox.Registration{Kind: coop.Coop, Name: name, DisplayName: name, Language: "es"}
}

// speaker is a token by which a person acts for an account in which they hold a role.
func (d *desk) speaker(account, person *coop.Account, role coop.Role) string {
	d.Helper()
	text, hash := auth.NewSecret()
	d.must(d.Store.Write(d.Context(), func(tx *storage.Tx) error {
		if _, err := tx.SetRoles(d.Context(), account.ID, person.ID, []coop.Role{coop.Steward, role}, 0); err != nil {
			return err
		}
		return tx.AddToken(d.Context(), &coop.Token{Hash: hash, AccountID: account.ID, PersonID: person.ID, Scopes: []string{"read", "write"}})
	}))
	return text
}

// TestTheRoleOfAMember is changed by its federation, of who stands there, and with a reason.
func TestTheRoleOfAMember(t *testing.T) {
	d := oneDesk(t)
	federation, err := d.Store.FederationAccount(t.Context())
	d.must(err)
	a, err := d.Outbox.NewAccount(t.Context(), registration("telar"))
	d.must(err)
	lead, own := d.token(federation), d.token(a)
	at := "/v1/minga/memberships/" + d.ok("POST", "/v1/minga/memberships", own, map[string]any{"organization": string(federation.IRI)}).text("id")
	role := func(token string, role, note string, want int) {
		t.Helper()
		if got := d.call("POST", at+"/role", token, map[string]any{"role": role, "note": note}); got.status != want || want == 200 && got.text("role") != role {
			t.Errorf("%q because %q: %d %s, want %d", role, note, got.status, got.body, want)
		}
	}
	role(lead, "observer", "early", 422)
	d.ok("POST", at+"/accept", lead, nil)
	role(own, "observer", "by itself", 403)
	role(lead, "boss", "no such role", 422)
	role(lead, "observer", "", 422)
	role(lead, "observer", "no dues", 200)
	if got := d.ok("GET", at, "", nil); got.text("role") != "observer" || got.text("state") != "member" {
		t.Errorf("to anybody it is %s", got.body)
	}
}
