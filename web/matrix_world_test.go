// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"minga/coop"
	"minga/federation/signature"
	"minga/storage"
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
	m.telar, m.tokens["telar"] = m.member("telar", "read write follow push")
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
		r.token, r.viewer = m.token(r.account, "read write follow push"), coop.As(r.account.ID)
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
	narrow.name, narrow.token, narrow.narrow = "narrow", m.token(follower.account, "admin:read"), true
	m.readers = append(m.readers, &narrow, m.speaker("publisher", coop.Publisher, coop.Steward), m.speaker("hirer", coop.Hirer))
	var list struct{ ID string }
	m.must(json.Unmarshal(m.ask("POST", "/api/v1/lists", follower.token, `{"title":"bakers"}`).Body.Bytes(), &list))
	m.list = list.ID
	if w := m.ask("POST", "/api/v1/lists/"+m.list+"/accounts", follower.token, `{"account_ids":["`+m.telar.ID.String()+`","`+m.noa.ID.String()+`"]}`); w.Code != 200 {
		m.Fatal(w.Body)
	}
}

// speaker is a person who reads as telar with some roles in it.
func (m *matrix) speaker(name string, roles ...coop.Role) *reader {
	m.Helper()
	return &reader{name: name, account: m.telar, token: m.speaks(m.telar, m.person(name), roles...), viewer: coop.ViewerFor(m.telar.ID, roles), author: true, member: true}
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
