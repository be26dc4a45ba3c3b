// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"minga/coop"
	"minga/storage"
)

// decided stores a decision of the federation here by consent, with electors.
func (w *world) decided(electors ...*coop.Account) *coop.Post {
	w.t.Helper()
	f := w.federation
	d := &coop.Decision{
		Title: "¿Sí?", TitleMap: map[string]string{"es": "¿Sí?"}, Method: coop.MethodConsent, Unit: coop.UnitCoop, Quorum: decimal.New(5, -1), Stage: coop.StageOpen,
		Options: coop.MethodConsent.Options(), Electorate: f.Members, Electors: len(electors),
	}
	p := &coop.Post{
		IRI: f.IRI + "/decisions/1", AuthorID: f.ID, Author: f, Local: true, Kind: coop.KindQuestion, Type: "Question", Language: "es",
		Visibility: coop.VisiblePublic, To: []coop.IRI{coop.Public}, Cc: []coop.IRI{f.Followers, f.Members},
		Content: "<p>¿Sí?</p>", Published: w.clock.Now(), Ends: w.clock.Now().Add(48 * time.Hour), Decision: d,
	}
	p.Poll = &coop.Poll{Ends: p.Ends}
	for _, word := range []string{"consiento", "me aparto", "me abstengo", "objeto"} {
		p.Poll.Options = append(p.Poll.Options, coop.PollOption{Title: word})
	}
	w.write(func(tx *storage.Tx) error {
		if _, err := tx.AddPost(w.ctx, p, storage.Arrival{}); err != nil {
			return err
		}
		var ids []coop.ID
		for _, a := range electors {
			ids = append(ids, a.ID)
		}
		return tx.FreezeElectors(w.ctx, p.ID, ids)
	})
	return p
}

// ballot is wire example 24 by r; an empty option leaves the payload out.
func (r *remote) ballot(n string, p *coop.Post, name, option, reason string, change ...func(doc)) doc {
	note := doc{
		"id": r.iri + "/ballots/" + n + "/note", "type": "Note", "attributedTo": r.iri, "to": []string{string(p.Author.IRI)},
		"published": "2030-05-01T12:00:00Z", "inReplyTo": string(p.IRI), "name": name,
	}
	if option != "" {
		payload := doc{"type": "Ballot", "option": option}
		if reason != "" {
			payload["reason"] = reason
		}
		note["ballot"] = payload
	}
	for _, f := range change {
		f(note)
	}
	d := r.activity("Create", "/ballots/"+n, note)
	d["to"] = []string{string(p.Author.IRI)}
	d["@context"] = []any{"https://www.w3.org/ns/activitystreams", doc{
		"minga": "https://w3id.org/minga/ns#", "option": "minga:option", "reason": "minga:reason", "Ballot": "minga:Ballot", "ballot": doc{"@id": "minga:ballot", "@type": "@id"},
	}}
	return d
}

func TestBallotsOfElectors(t *testing.T) {
	s := newScene(t)
	faro, mira := s.q.actor("Organization", "faro"), s.q.actor("Organization", "mira")
	known := map[*remote]*coop.Account{}
	for _, r := range []*remote{faro, mira, s.carol} {
		a, err := s.in.Actor(s.ctx, coop.IRI(r.iri))
		if err != nil {
			t.Fatal(err)
		}
		known[r] = a
	}
	p := s.decided(known[faro], known[mira])
	n := 0
	for _, tt := range []struct {
		name string
		by   *remote
		doc  func(id string) doc
		said string // by the outbox; empty: nothing
		want string // counts
	}{
		{"a ballot", faro, func(id string) doc { return faro.ballot(id, p, "consiento", "consent", "") }, "ballot of faro: consent ", "1 0 0 0 | 1"},
		{"a second replaces the first", faro, func(id string) doc { return faro.ballot(id, p, "me abstengo", "abstain", "") }, "ballot of faro: abstain ", "0 0 1 0 | 1"},
		{"an objection with its reason", mira, func(id string) doc { return mira.ballot(id, p, "objeto", "object", "too dear") }, "ballot of mira: object too dear", "0 0 1 1 | 2"},
		{"one without", mira, func(id string) doc { return mira.ballot(id, p, "objeto", "object", "") }, "ballot of mira refused: reason", "0 0 1 1 | 2"},
		{"by the poll of another software", mira, func(id string) doc { return mira.ballot(id, p, "consiento", "", "") }, "ballot of mira: consent ", "1 0 1 0 | 2"},
		{"an objection by a poll has no reason", mira, func(id string) doc { return mira.ballot(id, p, "objeto", "", "") }, "ballot of mira refused: reason", "1 0 1 0 | 2"},
		{"an option that there is not", mira, func(id string) doc { return mira.ballot(id, p, "sí", "yes", "") }, "ballot of mira refused: no_option", "1 0 1 0 | 2"},
		{"the key counts, not the word", mira, func(id string) doc { return mira.ballot(id, p, "objeto", "stand aside", "") }, "ballot of mira: stand aside ", "0 1 1 0 | 2"},
		{"from outside, meant", s.carol, func(id string) doc { return s.carol.ballot(id, p, "consiento", "consent", "") }, "ballot of carol refused: no_elector", "0 1 1 0 | 2"},
		{"from outside, in a poll", s.carol, func(id string) doc { return s.carol.ballot(id, p, "consiento", "", "") }, "", "0 1 1 0 | 2"},
		{"of another", s.carol, func(id string) doc {
			return s.carol.ballot(id, p, "consiento", "consent", "", with("attributedTo", faro.iri))
		}, "", "0 1 1 0 | 2"},
		{"with a reason that holds a script", faro, func(id string) doc {
			return faro.ballot(id, p, "objeto", "object", "<script>x</script>no<b>!</b>")
		}, "ballot of faro: object no!", "0 1 0 1 | 2"},
		{"options that are no words", faro, func(id string) doc {
			return faro.ballot(id, p, "consiento", "consent", "", with("ballot", doc{"type": "Ballot", "option": doc{"a": 1}}))
		}, "ballot of faro refused: no_option", "0 1 0 1 | 2"},
	} {
		n++
		s.asked.take()
		s.deliver(tt.by, tt.doc(strings.Repeat("i", n)))
		if got := strings.Join(s.asked.take(), "; "); got != tt.said {
			t.Errorf("%s: %q, want %q; dropped for %v", tt.name, got, tt.said, s.counts.refused)
		}
		if got := s.tally(p); got != tt.want {
			t.Errorf("%s: counts %s, want %s", tt.name, got, tt.want)
		}
	}
	echo, err := s.store.Echo(s.ctx, p.ID, 4)
	if diff := cmp.Diff([]int{1, 0, 0, 0}, echo); diff != "" || err != nil {
		t.Errorf("echo %v, %v", diff, err)
	}
	s.clock.Advance(49 * time.Hour)
	s.deliver(faro, faro.ballot("late", p, "consiento", "consent", ""))
	s.deliver(s.carol, s.carol.ballot("late", p, "consiento", "", ""))
	if diff := cmp.Diff([]string{"ballot of faro refused: late"}, s.asked.take()); diff != "" {
		t.Error(diff)
	}
	if note := s.post(faro.iri + "/ballots/i/note"); note != nil {
		t.Error("a ballot became a post")
	}
}

// TestAmendedClearsWhatIsUnderWay: a ballot that was written before the proposal changed
// is about another one.
func TestAmendedClearsWhatIsUnderWay(t *testing.T) {
	s := newScene(t)
	faro := s.q.actor("Organization", "faro")
	a, err := s.in.Actor(s.ctx, coop.IRI(faro.iri))
	if err != nil {
		t.Fatal(err)
	}
	p := s.decided(a)
	s.clock.Advance(time.Hour)
	s.write(func(tx *storage.Tx) error {
		p.Decision.Amended, p.Updated = s.clock.Now(), s.clock.Now()
		_, err := tx.UpdatePost(s.ctx, p, storage.Arrival{})
		return err
	})
	s.deliver(faro, faro.ballot("1", p, "consiento", "consent", ""))
	s.deliver(faro, faro.ballot("2", p, "consiento", "consent", "", with("published", s.clock.Now().Format(time.RFC3339))))
	if diff := cmp.Diff([]string{"ballot of faro refused: late", "ballot of faro: consent "}, s.asked.take()); diff != "" {
		t.Error(diff)
	}
}

// decisionOf is wire example 17 by a federation elsewhere.
func (r *remote) decision(change ...func(doc)) doc {
	option := func(name, key string) doc {
		return doc{"type": "Note", "name": name, "option": key, "replies": doc{"type": "Collection", "totalItems": 0}}
	}
	d := doc{
		"id": r.iri + "/decisions/1", "type": "Question", "attributedTo": r.iri, "to": []string{public}, "cc": []string{r.iri + "/followers", r.iri + "/members"},
		"published": "2030-05-01T12:00:00Z", "endTime": "2030-05-09T12:00:00Z", "content": "<p><strong>Admit Faro?</strong></p><p>As a full member.</p>",
		"oneOf":       []doc{option("I consent", "consent"), option("I stand aside", "stand aside"), option("I abstain", "abstain"), option("I object", "object")},
		"votersCount": 0,
		"decision": doc{
			"type": "Decision", "id": r.iri + "/decisions/1#decision", "title": "Admit Faro?", "decisionMethod": "consent", "electorate": r.iri + "/members",
			"ballotUnit": "co-op", "quorum": 0.5, "stage": "open",
		},
	}
	for _, f := range change {
		f(d)
	}
	return d
}

// inDecision changes a member of the payload.
func inDecision(member string, value any) func(doc) {
	return func(d doc) {
		payload := doc{}
		for k, v := range d["decision"].(doc) {
			payload[k] = v
		}
		payload[member] = value
		d["decision"] = payload
	}
}

// TestDecisionElsewhere: a decision of a federation of which a co-op here is a member
// comes although nobody here follows it, tells the co-op, and keeps to its stages.
func TestDecisionElsewhere(t *testing.T) {
	s := newScene(t)
	norte := s.p.federation("norte")
	f, err := s.in.Actor(s.ctx, coop.IRI(norte.iri))
	if err != nil {
		t.Fatal(err)
	}
	s.deliver(norte, norte.activity("Create", "/c/0", norte.decision(with("id", norte.iri+"/decisions/0"))))
	if s.post(norte.iri+"/decisions/0") != nil {
		t.Error("a decision that concerns nobody here was kept")
	}
	s.write(func(tx *storage.Tx) error {
		return tx.PutMembership(s.ctx, &coop.Membership{Member: s.telar, Organization: f, Role: coop.RoleFull, State: coop.MembershipMember, MemberSays: true, OrganizationSays: true})
	})
	s.deliver(norte, norte.activity("Create", "/c/1", norte.decision()))
	p := s.post(norte.iri + "/decisions/1")
	if p == nil || p.Decision == nil || p.Decision.Stage != coop.StageOpen || p.Decision.Options[3] != "object" || p.Title != "Admit Faro?" {
		t.Fatalf("kept %+v; %v", p, s.counts.refused)
	}
	if told := s.told(s.telar); len(told) == 0 || told[0] != "minga:decision" {
		t.Errorf("telar was told %v", told)
	}
	ballot := coop.Ballot{VoterID: s.telar.ID, Voter: s.telar, Option: "object", Reason: "dear", IRI: s.telar.IRI + "/ballots/1", At: s.clock.Now()}
	s.write(func(tx *storage.Tx) error { return tx.PutBallot(s.ctx, p, &ballot) })
	s.deliver(s.carol, s.carol.activity("Reject", "/r/0", string(ballot.IRI), with("content", "<p>no</p>")))
	if b, err := s.store.BallotOf(s.ctx, p.ID, s.telar.ID); err != nil || b.Refused != "" {
		t.Errorf("refused by another: %q, %v", b.Refused, err)
	}
	s.deliver(norte, norte.activity("Reject", "/r/1", string(ballot.IRI), with("content", "<p>You came <b>late</b>.</p>")))
	if b, err := s.store.BallotOf(s.ctx, p.ID, s.telar.ID); err != nil || b.Refused != "You came late." {
		t.Errorf("refused %q, %v", b.Refused, err)
	}
	s.clock.Advance(time.Hour)
	stage := func(path, to string, want coop.Stage, change ...func(doc)) *coop.Post {
		t.Helper()
		s.clock.Advance(time.Minute)
		now := s.clock.Now().UTC().Format(time.RFC3339)
		s.deliver(norte, norte.activity("Update", path, norte.decision(append(change, with("updated", now), inDecision("stage", to))...)))
		p := s.post(norte.iri + "/decisions/1")
		if p == nil || p.Decision == nil || p.Decision.Stage != want {
			t.Fatalf("%s: %+v; %v", path, p, s.counts.refused)
		}
		return p
	}
	stage("/u/1", "objection", coop.StageObjection, with("votersCount", 1))
	stage("/u/2", "open", coop.StageOpen, with("content", "<p><strong>Admit Faro?</strong></p><p>Another text.</p>"))
	if _, err := s.store.BallotOf(s.ctx, p.ID, s.telar.ID); err == nil {
		t.Error("our ballot stands although the proposal was amended")
	}
	roll := []string{string(s.telar.IRI), s.carol.iri, s.bob.iri}
	published := []func(doc){
		with("votersCount", 2), with("closed", "2030-05-01T12:00:00Z"),
		inDecision("electorate", doc{"type": "Collection", "id": norte.iri + "/decisions/1#electorate", "totalItems": 3, "items": roll}),
		inDecision("ballot", []doc{
			{"type": "Ballot", "attributedTo": roll[0], "option": "consent"},
			{"type": "Ballot", "attributedTo": roll[1], "option": "abstain"},
			{"type": "Ballot", "attributedTo": "https://stranger.example/x", "option": "object"},
			{"type": "Ballot", "attributedTo": roll[0], "option": "object"},
		}),
	}
	end := stage("/u/3", "adopted", coop.StageAdopted, published...)
	if r, ok := end.Decision.Recount(); !ok || r.Stage != coop.StageAdopted || r.Cast != 2 {
		t.Errorf("counted again: %+v, %t", r, ok)
	}
	if end.Decision.Electorate != coop.IRI(norte.iri+"/members") {
		t.Errorf("the electorate is %s", end.Decision.Electorate)
	}
	stage("/u/4", "open", coop.StageAdopted)
	if end := stage("/u/5", "published", coop.StagePublished, published...); end.Decision.Result != coop.StageAdopted {
		t.Errorf("published with %s", end.Decision.Result)
	}
}

// TestBrokenDecisions are polls, not decisions: a field that must hold is broken.
func TestBrokenDecisions(t *testing.T) {
	s := newScene(t)
	for name, change := range map[string]func(doc){
		"method":             inDecision("decisionMethod", "lot"),
		"stage":              inDecision("stage", "draft"),
		"another stage":      inDecision("stage", "won"),
		"unit":               inDecision("ballotUnit", "ship"),
		"no electorate":      inDecision("electorate", ""),
		"no payload":         with("decision", "https://x.example/1"),
		"options of others":  inDecision("decisionMethod", "majority"),
		"options by any":     func(d doc) { d["anyOf"], d["oneOf"] = d["oneOf"], nil },
		"options twice":      with("oneOf", []doc{{"type": "Note", "name": "a", "option": "consent"}, {"type": "Note", "name": "b", "option": "consent"}}),
		"options without it": with("oneOf", []doc{{"type": "Note", "name": "a"}, {"type": "Note", "name": "b"}}),
	} {
		q := s.bob.decision(change, with("id", s.bob.iri+"/q/"+strings.ReplaceAll(name, " ", "")))
		s.deliver(s.bob, s.bob.activity("Create", "/c/"+strings.ReplaceAll(name, " ", ""), q))
		p := s.post(q["id"].(string))
		if p == nil || p.Poll == nil || p.Decision != nil {
			t.Errorf("%s: %+v", name, p)
		}
	}
	q := s.bob.decision(inDecision("quorum", "1e1000000000"), with("id", s.bob.iri+"/q/huge"))
	s.deliver(s.bob, s.bob.activity("Create", "/c/huge", q))
	if p := s.post(s.bob.iri + "/q/huge"); p == nil || p.Decision == nil || !p.Decision.Quorum.IsZero() {
		t.Errorf("a quorum beyond reason: %+v", p)
	}
}
