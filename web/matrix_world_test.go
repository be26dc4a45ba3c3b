// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"minga/coop"
	"minga/federation/signature"
	"minga/storage"
	"minga/web/auth"
)

// thing is one post of the matrix.
type thing struct {
	level    string // its audience, or withdrawn, draft, scheduled, frozen
	kind     string // note, answer, ballot, quote, job, article
	audience coop.Visibility
	by       *coop.Account
	id, iri  string
	word     string // stands in its text and nowhere else
	file     string // address of its picture; empty: none
	waits    bool   // draft or frozen
	gone     bool   // withdrawn
}

// reader is one column of the matrix: who asks, and what stands between them and
// the authors.
type reader struct {
	name    string
	account *coop.Account
	token   string
	viewer  coop.Viewer // as pages and the API know it
	wire    bool        // another server, which signs what it asks for
	refused int         // the answer to every request that shows the token
	narrow  bool        // the token lacks the scopes

	author, named, follows, member, blocked, mutes bool
}

// matrix is an instance with two authors, one of them elsewhere, and everybody who
// may or may not read what they write.
type matrix struct {
	*gallery
	telar, noa, carla *coop.Account // authors here and elsewhere; somebody who answers
	federation        *coop.Account
	tokens            map[string]string
	key               *rsa.PrivateKey
	things            []*thing
	readers           []*reader
	root              *coop.Post // a public post that things answer and quote
	list              string     // of the follower
	authorsGone       bool
	awayBlocked       bool
	words             int
	cells, hidden     int
}

// everyone are the audiences.
var everyone = []coop.Visibility{
	coop.VisiblePublic, coop.VisibleUnlisted, coop.VisibleFollowers, coop.VisibleDirect, coop.VisibleMembers, coop.VisibleLocal,
}

// newMatrix makes the world as it was while everybody could read, lets them mark what
// they read, and then takes away what the columns say is gone.
func newMatrix(t *testing.T) *matrix {
	t.Helper()
	m := &matrix{gallery: newGallery(t, nil), tokens: map[string]string{}}
	var err error
	if m.federation, err = m.store.FederationAccount(t.Context()); err != nil {
		t.Fatal(err)
	}
	if m.key, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		t.Fatal(err)
	}
	m.telar, m.tokens["telar"] = m.member("telar", "read write follow")
	m.carla = m.person("carla")
	m.noa = m.elsewhere("noa", "away.example", coop.Person)
	m.people()
	m.root = &coop.Post{Source: "What do you bake? #matrix", Visibility: coop.VisiblePublic, Language: "en"}
	m.must(m.outbox.PublishNote(t.Context(), m.carla, m.root))
	m.write()
	m.mark()
	m.part()
	return m
}

func (m *matrix) must(err error) {
	m.Helper()
	if err != nil {
		m.Fatal(err)
	}
}

// change is one transaction.
func (m *matrix) change(fn func(tx *storage.Tx) error) {
	m.Helper()
	m.must(m.store.Write(m.Context(), fn))
}

// elsewhere makes an account of another server, with a key of which we know.
func (m *matrix) elsewhere(name, host string, kind coop.AccountKind) *coop.Account {
	m.Helper()
	base := coop.IRI("https://" + host + "/" + name)
	a := &coop.Account{
		IRI: base, Kind: kind, ActorType: "Person", Name: name, Host: host, Inbox: base + "/inbox", SharedInbox: coop.IRI("https://" + host + "/inbox"),
		Followers: base + "/followers", Indexable: true, Discoverable: true,
	}
	pem, err := signature.EncodePublicPEM(&m.key.PublicKey)
	m.must(err)
	m.change(func(tx *storage.Tx) error {
		if err := tx.SaveAccount(m.Context(), a); err != nil {
			return err
		}
		return tx.SaveRemoteKeys(m.Context(), a.IRI, []coop.RemoteKey{{ID: string(a.IRI) + "#main-key", Owner: a.IRI, Material: pem, FetchedAt: time.Now()}})
	})
	return a
}

// people makes the readers and what ties them to the authors at first.
func (m *matrix) people() {
	for _, r := range []*reader{
		{name: "stranger"},
		{name: "asked"},
		{name: "follower", follows: true},
		{name: "unfollowed", follows: true},
		{name: "named", named: true},
		{name: "affiliated", member: true},
		{name: "departed", member: true},
		{name: "blocked", named: true, follows: true},
		{name: "blocking", named: true, follows: true},
		{name: "muting", named: true, follows: true, mutes: true},
		{name: "suspended", named: true, follows: true},
		{name: "revoked", named: true, follows: true},
	} {
		r.account = m.person(r.name)
		r.token, r.viewer = m.token(r.account, "read write follow"), coop.As(r.account.ID)
		m.readers = append(m.readers, r)
	}
	for _, r := range []*reader{
		{name: "wstranger"},
		{name: "wfollower", follows: true},
		{name: "wnamed", named: true},
		{name: "waffiliated", member: true},
		{name: "wblocked", named: true},
		{name: "wbanned", named: true, follows: true},
		{name: "wsuspended", named: true, follows: true},
	} {
		r.account, r.wire = m.elsewhere(r.name, r.name+".example", coop.Person), true
		r.viewer = coop.Signed(r.account.ID, r.account.Host)
		m.readers = append(m.readers, r)
	}
	house := &reader{name: "whouse", account: m.elsewhere("actor", "wfollower.example", coop.Instance), wire: true, follows: true}
	house.viewer = coop.SignedHost("wfollower.example")
	m.readers = append(m.readers, house,
		&reader{name: "anonymous"}, &reader{name: "app", token: (&walk{gallery: m.gallery}).appToken()},
		&reader{name: "telar", account: m.telar, token: m.tokens["telar"], viewer: coop.As(m.telar.ID), author: true, member: true})
	m.tie()
	follower := m.reader("follower")
	narrow := *follower
	narrow.name, narrow.token, narrow.narrow = "narrow", m.token(follower.account, "push"), true
	m.readers = append(m.readers, &narrow)
	var list struct{ ID string }
	m.must(json.Unmarshal(m.ask("POST", "/api/v1/lists", follower.token, `{"title":"bakers"}`).Body.Bytes(), &list))
	m.list = list.ID
	if w := m.ask("POST", "/api/v1/lists/"+m.list+"/accounts", follower.token, `{"account_ids":["`+m.telar.ID.String()+`","`+m.noa.ID.String()+`"]}`); w.Code != 200 {
		m.Fatal(w.Body)
	}
}

// tie writes the follows and memberships of the readers.
func (m *matrix) tie() {
	m.change(func(tx *storage.Tx) error {
		for _, r := range append(m.readers, &reader{name: "carla", account: m.carla, follows: true, named: true, member: true}) {
			for _, author := range []*coop.Account{m.telar, m.noa} {
				f := &coop.Follow{IRI: m.carla.IRI + coop.IRI("/follows/"+r.name+author.Name), Follower: r.account, Target: author, State: coop.FollowAccepted}
				if r.name == "asked" {
					f.State = coop.FollowAsked
				}
				if (r.follows && r.name != "whouse" || r.name == "asked") && (!r.wire || author == m.telar) {
					if err := tx.PutFollow(m.Context(), f); err != nil {
						return fmt.Errorf("%s follows: %w", r.name, err)
					}
				}
			}
			if r.member {
				if err := tx.PutMembership(m.Context(), m.membership(r.account)); err != nil {
					return fmt.Errorf("%s joins: %w", r.name, err)
				}
			}
		}
		return nil
	})
}

func (m *matrix) membership(a *coop.Account) *coop.Membership {
	return &coop.Membership{Member: a, Organization: m.federation, Role: coop.RoleFull, State: coop.MembershipMember, MemberSays: true, OrganizationSays: true}
}

// reader finds one by its name.
func (m *matrix) reader(name string) *reader {
	for _, r := range m.readers {
		if r.name == name {
			return r
		}
	}
	m.Fatalf("nobody is %s", name)
	return nil
}

// text is a text with a word of its own, which names who is named.
func (m *matrix) text() (text, word string) {
	m.words++
	word = fmt.Sprintf("zarzamora%dq", m.words)
	text = word + " #matrix"
	for _, r := range m.readers {
		if r.named && r.wire {
			text += " @" + r.name + "@" + r.account.Host
		} else if r.named {
			text += " @" + r.name
		}
	}
	return text + " @carla", word
}

// add notes a thing.
func (m *matrix) add(level, kind string, by *coop.Account, p *coop.Post, word string) *thing {
	x := &thing{level: level, kind: kind, audience: p.Visibility, by: by, id: p.ID.String(), iri: string(p.IRI), word: word}
	m.things = append(m.things, x)
	return x
}

// write makes what both authors write, at each level.
func (m *matrix) write() {
	for _, v := range everyone {
		note := m.note(m.telar, string(v), "note", v, func(p *coop.Post) { m.picture(p) })
		m.note(m.telar, string(v), "answer", v, func(p *coop.Post) { p.InReplyTo = m.root.IRI })
		m.note(m.telar, string(v), "ballot", v, func(p *coop.Post) {
			p.Poll = coop.NewPoll([]string{"rye", "wheat"}, time.Hour, false, false, time.Now())
		})
		m.below(note)
		m.job(v, string(v))
		m.article(v, string(v))
		m.away(v, string(v))
	}
	m.job(coop.VisiblePublic, "frozen").waits = true
	for _, v := range []coop.Visibility{coop.VisiblePublic, coop.VisibleFollowers} {
		level := "withdrawn"
		if v != coop.VisiblePublic {
			level = "withdrawn from followers"
		}
		m.note(m.telar, level, "note", v, func(p *coop.Post) { m.picture(p) })
		m.away(v, level)
	}
	m.drafts()
}

// note publishes a note of an author here.
func (m *matrix) note(by *coop.Account, level, kind string, v coop.Visibility, change func(*coop.Post)) *thing {
	text, word := m.text()
	p := &coop.Post{Source: text, Visibility: v, Language: "en"}
	if v == coop.VisibleMembers {
		p.Cc = []coop.IRI{m.federation.Members}
	}
	change(p)
	m.must(m.outbox.PublishNote(m.Context(), by, p))
	x := m.add(level, kind, by, p, word)
	if len(p.Attachments) > 0 {
		x.file = path(p.Attachments[0].URL)
	}
	return x
}

// picture gives a post a picture of its author's.
func (m *matrix) picture(p *coop.Post) {
	file, w := m.upload(m.tokens["telar"], "file", "a.jpg", string(photo(m, 20, 20)))
	id, err := coop.ParseID(file.ID)
	if err != nil {
		m.Fatalf("%v: %s", err, w.Body)
	}
	p.Attachments = []coop.Attachment{{ID: id}}
}

// below lets carla answer a thing in public, as far as an answer can be.
func (m *matrix) below(parent *thing) {
	m.words++
	word := fmt.Sprintf("zarzamora%dq", m.words)
	p := &coop.Post{Source: word, Visibility: coop.VisiblePublic, InReplyTo: coop.IRI(parent.iri), Language: "en"}
	m.must(m.outbox.PublishNote(m.Context(), m.carla, p))
	m.add(string(p.Visibility), "below "+parent.level, m.carla, p, word)
}

// job publishes a job of telar.
func (m *matrix) job(v coop.Visibility, level string) *thing {
	return m.special("job", v, level, strings.Replace(goodJob[1:], `"description":"`, `"description":"WORD `, 1))
}

// article publishes an article of telar.
func (m *matrix) article(v coop.Visibility, level string) *thing {
	return m.special("article", v, level, `"title":"How we bake WORD","summary":"With patience.","markdown":"Flour, water, salt, WORD.","language":"en"}`)
}

// special publishes what only minga has, as its clients do.
func (m *matrix) special(kind string, v coop.Visibility, level, body string) *thing {
	m.words++
	word := fmt.Sprintf("zarzamora%dq", m.words)
	audience := string(v)
	if v == coop.VisibleMembers {
		audience += ":" + m.federation.ID.String()
	}
	draft := ""
	if level == "draft" {
		draft = `"draft":true,`
	}
	text := `{"minga":{"kind":"` + kind + `","audience":"` + audience + `",` + draft + strings.ReplaceAll(body, "WORD", word) + `}`
	answer := m.ask("POST", "/api/v1/statuses", m.tokens["telar"], strings.Replace(text, "Baker at night", "Baker "+word, 1))
	var status struct{ ID, URI string }
	if err := json.Unmarshal(answer.Body.Bytes(), &status); err != nil || answer.Code != 200 {
		m.Fatalf("a %s for %s answers %d: %s", kind, v, answer.Code, answer.Body)
	}
	x := &thing{level: level, kind: kind, audience: v, by: m.telar, id: status.ID, iri: status.URI, word: word, waits: level == "draft"}
	m.things = append(m.things, x)
	return x
}

// drafts are what is not published: of telar alone.
func (m *matrix) drafts() {
	m.job(coop.VisiblePublic, "draft")
	m.article(coop.VisiblePublic, "draft")
	m.words++
	word := fmt.Sprintf("zarzamora%dq", m.words)
	at := time.Now().Add(24 * time.Hour).UTC().Format(time.RFC3339)
	answer := m.ask("POST", "/api/v1/statuses", m.tokens["telar"], `{"status":"`+word+`","scheduled_at":"`+at+`"}`)
	var s struct{ ID string }
	m.must(json.Unmarshal(answer.Body.Bytes(), &s))
	m.things = append(m.things, &thing{level: "scheduled", kind: "scheduled", audience: coop.VisiblePublic, by: m.telar, id: s.ID, iri: "https://coop.example/coops/telar/notes/" + s.ID, word: word, waits: true})
}

// away stores what noa wrote elsewhere: a note, an answer, a ballot, a quote.
func (m *matrix) away(v coop.Visibility, level string) {
	for kind, change := range map[string]func(*coop.Post){
		"note": func(*coop.Post) {}, "answer": func(p *coop.Post) { p.InReplyTo = m.root.IRI }, "quote": func(p *coop.Post) { p.Quote = m.root.IRI },
		"ballot": func(p *coop.Post) {
			p.Poll, p.Kind, p.Type = coop.NewPoll([]string{"rye", "wheat"}, time.Hour, false, false, time.Now()), coop.KindQuestion, "Question"
		},
	} {
		m.words++
		word := fmt.Sprintf("zarzamora%dq", m.words)
		iri := m.noa.IRI + coop.IRI(fmt.Sprintf("/notes/%d", m.words))
		p := &coop.Post{
			IRI: iri, URL: string(iri), Author: m.noa, AuthorID: m.noa.ID, Kind: coop.KindNote, Type: "Note", Visibility: v, Language: "en",
			Content: "<p>" + word + "</p>", Hashtags: []string{"matrix"}, Published: time.Now().Add(-time.Minute),
		}
		switch v {
		case coop.VisiblePublic, coop.VisibleUnlisted:
			p.To = []coop.IRI{coop.Public}
		case coop.VisibleFollowers:
			p.To = []coop.IRI{m.noa.Followers}
		case coop.VisibleMembers:
			p.To = []coop.IRI{m.federation.Members}
		}
		for _, r := range m.readers {
			if r.named && !r.wire {
				p.Cc = append(p.Cc, r.account.IRI)
				p.Mentions = append(p.Mentions, coop.Mention{IRI: r.account.IRI, Name: "@" + r.name})
			}
		}
		change(p)
		m.change(func(tx *storage.Tx) error { _, err := tx.AddPost(m.Context(), p, storage.Arrival{}); return err })
		m.add(level, kind, m.noa, p, word)
	}
}

// mark lets every reader here keep, like and be told of everything, as if all of it
// had been theirs to see once; two boost everything.
func (m *matrix) mark() {
	for _, r := range append(m.readers, &reader{name: "carla", account: m.carla}) {
		if r.wire || r.account == nil {
			continue
		}
		for _, x := range m.things {
			if x.kind != "scheduled" {
				m.change(func(tx *storage.Tx) error { return m.markOne(tx, r, x) })
			}
		}
	}
	for _, x := range m.things {
		if x.by == m.telar && x.kind == "note" {
			id, _ := coop.ParseID(x.id)
			m.change(func(tx *storage.Tx) error { return tx.Pin(m.Context(), m.telar.ID, id, time.Now()) })
		}
	}
}

func (m *matrix) markOne(tx *storage.Tx, r *reader, x *thing) error {
	id, err := coop.ParseID(x.id)
	if err != nil {
		return err
	}
	if err := tx.Bookmark(m.Context(), r.account.ID, id); err != nil {
		return err
	}
	done := []storage.ReactionKind{storage.Like}
	if r.boosts() {
		done = append(done, storage.Boost)
	}
	for _, kind := range done {
		if _, err := tx.React(m.Context(), storage.Reaction{Kind: kind, Actor: r.account.ID, Post: id, Quiet: true}); err != nil {
			return err
		}
	}
	for _, kind := range []coop.NotificationKind{coop.NotifyMention, coop.NotifyUpdate, coop.NotifyFavourite} {
		if err := tx.Notify(m.Context(), coop.Notification{AccountID: r.account.ID, Kind: kind, FromID: m.carla.ID, PostID: id}); err != nil {
			return err
		}
	}
	return nil
}

// boosts tells who boosted everything.
func (r *reader) boosts() bool { return r.name == "stranger" || r.name == "carla" }

// part takes away what the readers and things are to have lost.
func (m *matrix) part() {
	id := func(name string) coop.ID { return m.reader(name).account.ID }
	m.change(func(tx *storage.Tx) error {
		for _, author := range []*coop.Account{m.telar, m.noa} {
			if _, err := tx.RemoveFollow(m.Context(), id("unfollowed"), author.ID); err != nil {
				return err
			}
			for _, b := range []storage.Block{{Blocker: author.ID, Target: id("blocked")}, {Blocker: id("blocking"), Target: author.ID}, {Blocker: author.ID, Target: id("wblocked")}} {
				if err := tx.AddBlock(m.Context(), b); err != nil {
					return err
				}
			}
			if err := tx.Mute(m.Context(), id("muting"), author.ID, true, time.Time{}); err != nil {
				return err
			}
		}
		left := m.membership(m.reader("departed").account)
		left.State, left.MemberSays = coop.MembershipLeft, false
		if err := tx.PutMembership(m.Context(), left); err != nil {
			return err
		}
		for _, name := range []string{"suspended", "wsuspended"} {
			if err := tx.SuspendAccount(m.Context(), id(name), time.Now()); err != nil {
				return err
			}
		}
		if err := tx.PutPeer(m.Context(), &coop.Peer{Host: "wbanned.example", Policy: coop.PolicyBlock}); err != nil {
			return err
		}
		return m.withdraw(tx)
	})
	token, err := m.store.TokenByHash(m.Context(), auth.HashOf(m.reader("revoked").token))
	m.must(err)
	m.change(func(tx *storage.Tx) error { return tx.RevokeToken(m.Context(), token.ID, time.Now()) })
	for _, name := range []string{"unfollowed", "departed", "blocked", "blocking", "wblocked", "wbanned", "wsuspended"} {
		r := m.reader(name)
		r.follows = r.follows && name != "unfollowed" && !strings.Contains(name, "block")
		r.member, r.blocked = false, strings.Contains(name, "block") || name == "wbanned"
	}
	m.reader("suspended").refused, m.reader("revoked").refused, m.reader("wsuspended").refused = 401, 401, 404
}

// withdraw brings things into their state.
func (m *matrix) withdraw(tx *storage.Tx) error {
	for _, x := range m.things {
		var err error
		id, _ := coop.ParseID(x.id)
		switch {
		case strings.HasPrefix(x.level, "withdrawn"):
			x.gone, err = true, tx.RemovePost(m.Context(), coop.IRI(x.iri), x.by.IRI, time.Now())
		case x.level == "frozen":
			err = tx.FreezeJob(m.Context(), id, true)
		}
		if err != nil {
			return fmt.Errorf("%s %s: %w", x.level, x.kind, err)
		}
	}
	return nil
}

// maySee is the rule for one cell.
func (m *matrix) maySee(x *thing, r *reader, v coop.Viewer) bool {
	if r.refused != 0 {
		return false
	}
	relation := coop.Relation{Withdrawn: x.gone, DraftOrFrozen: x.waits, AuthorGone: m.authorsGone && x.by != m.carla}
	relation.Blocked = r.name == "wbanned" || x.by == m.noa && m.awayBlocked
	if x.by != m.carla {
		relation.Author = r.author && x.by == m.telar
		relation.Named, relation.Member = r.named && x.kind != "job" && x.kind != "article", r.member
		relation.Follows = r.follows
		relation.Blocked = relation.Blocked || r.blocked
	}
	if x.by == m.carla && x.audience == coop.VisibleDirect || x.by == m.noa && r.wire {
		relation.Named, relation.Follows = false, false
	}
	return coop.MaySee(v, x.audience, relation)
}
