// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"fmt"
	"testing"
	"time"

	"minga/coop"
	"minga/storage"
)

// mover is a scene in which bob has another account, bobby, on the second server.
type mover struct {
	*scene
	bobby *remote
	n     int
}

func newMover(t *testing.T) *mover {
	s := newScene(t)
	return &mover{scene: s, bobby: s.q.actor("Person", "bobby")}
}

// says lets bob's document point to a place, and bobby's name others.
func (m *mover) says(movedTo string, aliases ...string) {
	m.p.put(edit(m.bob.doc, with("movedTo", movedTo)))
	m.q.put(edit(m.bobby.doc, with("alsoKnownAs", aliases)))
}

// move lets somebody say that something moved, and gives what was done and why not.
func (m *mover) move(by *remote, object, target string) (done, why string) {
	m.n++
	m.deliver(by, by.activity("Move", fmt.Sprintf("/m/%d", m.n), object, with("target", target)))
	return fmt.Sprint(m.asked.take()), m.counts.last()
}

const led = "[ana follows bobby instead of bob]"

func TestMove(t *testing.T) {
	m := newMover(t)
	m.says(m.bobby.iri, m.bob.iri)
	if done, why := m.move(m.bob, m.bob.iri, m.bobby.iri); done != led {
		t.Fatalf("got %s (%s)", done, why)
	}
	for _, later := range []time.Duration{time.Hour, 6 * 24 * time.Hour} {
		m.clock.Advance(later)
		if done, why := m.move(m.bob, m.bob.iri, m.bobby.iri); done != "[]" || why != "moved_before" {
			t.Errorf("moved twice within 7 days: %s (%s)", done, why)
		}
	}
	m.clock.Advance(24 * time.Hour)
	if done, _ := m.move(m.bob, m.bob.iri, m.bobby.iri); done != led {
		t.Errorf("after 7 days: %s", done)
	}
}

func TestMoveIsNotBelieved(t *testing.T) {
	for _, tt := range []struct {
		name string
		do   func(m *mover) (done, why string)
		want string
	}{
		{"neither side says so", func(m *mover) (string, string) { return m.move(m.bob, m.bob.iri, m.bobby.iri) }, "move_not_confirmed"},
		{"only the old one says so", func(m *mover) (string, string) {
			m.says(m.bobby.iri)
			return m.move(m.bob, m.bob.iri, m.bobby.iri)
		}, "move_not_confirmed"},
		{"only the new one says so", func(m *mover) (string, string) {
			m.q.put(edit(m.bobby.doc, with("alsoKnownAs", []string{m.bob.iri})))
			return m.move(m.bob, m.bob.iri, m.bobby.iri)
		}, "move_not_confirmed"},
		{"the new one names somebody else", func(m *mover) (string, string) {
			m.says(m.bobby.iri, m.mallory.iri)
			return m.move(m.bob, m.bob.iri, m.bobby.iri)
		}, "move_not_confirmed"},
		{"a third on the same server says it", func(m *mover) (string, string) {
			m.says(m.bobby.iri, m.bob.iri)
			return m.move(m.mallory, m.bob.iri, m.bobby.iri)
		}, "not_owner"},
		{"the target says it", func(m *mover) (string, string) {
			m.says(m.bobby.iri, m.bob.iri)
			return m.move(m.bobby, m.bob.iri, m.bobby.iri)
		}, "not_owner"},
		{"to itself", func(m *mover) (string, string) {
			m.p.put(edit(m.bob.doc, with("movedTo", m.bob.iri), with("alsoKnownAs", []string{m.bob.iri})))
			return m.move(m.bob, m.bob.iri, m.bob.iri)
		}, "not_owner"},
		{"to nowhere", func(m *mover) (string, string) {
			m.says(m.bobby.iri, m.bob.iri)
			return m.move(m.bob, m.bob.iri, "")
		}, "not_owner"},
		{"a chain: the target has gone on", func(m *mover) (string, string) {
			m.says(m.bobby.iri, m.bob.iri)
			m.q.put(edit(m.bobby.doc, with("alsoKnownAs", []string{m.bob.iri}), with("movedTo", m.carol.iri)))
			return m.move(m.bob, m.bob.iri, m.bobby.iri)
		}, "move_not_confirmed"},
		{"a circle: the target points back", func(m *mover) (string, string) {
			m.p.put(edit(m.bob.doc, with("movedTo", m.bobby.iri), with("alsoKnownAs", []string{m.bobby.iri})))
			m.q.put(edit(m.bobby.doc, with("alsoKnownAs", []string{m.bob.iri}), with("movedTo", m.bob.iri)))
			return m.move(m.bob, m.bob.iri, m.bobby.iri)
		}, "move_not_confirmed"},
		{"the target is suspended here", func(m *mover) (string, string) {
			m.says(m.bobby.iri, m.bob.iri)
			a, err := m.in.Actor(m.ctx, coop.IRI(m.bobby.iri))
			if err != nil {
				m.t.Fatal(err)
			}
			m.write(func(tx *storage.Tx) error { return tx.SuspendAccount(m.ctx, a.ID, m.clock.Now()) })
			return m.move(m.bob, m.bob.iri, m.bobby.iri)
		}, "move_not_confirmed"},
		{"to a local account that does not name it", func(m *mover) (string, string) {
			m.says(string(m.telar.IRI))
			return m.move(m.bob, m.bob.iri, string(m.telar.IRI))
		}, "move_not_confirmed"},
		{"nobody here has to do with it", func(m *mover) (string, string) {
			m.q.put(edit(m.carol.doc, with("movedTo", m.bobby.iri)))
			m.q.put(edit(m.bobby.doc, with("alsoKnownAs", []string{m.carol.iri})))
			return m.move(m.carol, m.carol.iri, m.bobby.iri)
		}, "concerns_nobody"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := newMover(t)
			done, why := tt.do(m)
			if done != "[]" || why != tt.want {
				t.Errorf("done %s, dropped as %q, want %q", done, why, tt.want)
			}
			// The true one still has its effect afterwards.
			m.says(m.bobby.iri, m.bob.iri)
			m.write(func(tx *storage.Tx) error {
				if a, err := tx.AccountByIRI(m.ctx, coop.IRI(m.bobby.iri)); err == nil {
					return tx.SuspendAccount(m.ctx, a.ID, time.Time{})
				}
				return nil
			})
			if done, why := m.move(m.bob, m.bob.iri, m.bobby.iri); done != led {
				t.Errorf("afterwards: %s (%s)", done, why)
			}
		})
	}
}

// TestMoveToUs: an actor elsewhere moves to an account of this instance.
func TestMoveToUs(t *testing.T) {
	m := newMover(t)
	telar := m.telar
	telar.AlsoKnownAs = []coop.IRI{coop.IRI(m.bob.iri)}
	m.write(func(tx *storage.Tx) error { return tx.SaveAccount(m.ctx, telar) })
	m.says(string(telar.IRI))
	if done, why := m.move(m.bob, m.bob.iri, string(telar.IRI)); done != "[ana follows telar instead of bob]" {
		t.Errorf("got %s (%s)", done, why)
	}
}

// TestMoveToABlockedServer: nobody follows there.
func TestMoveToABlockedServer(t *testing.T) {
	m := newMover(t)
	m.says(m.bobby.iri, m.bob.iri)
	m.write(func(tx *storage.Tx) error {
		return tx.PutPeer(m.ctx, &coop.Peer{Host: m.q.host, Policy: coop.PolicyBlock})
	})
	if done, why := m.move(m.bob, m.bob.iri, m.bobby.iri); done != "[]" {
		t.Errorf("got %s (%s)", done, why)
	}
}

// TestMoveCarriesTheRest: who blocks, mutes or noted something, follows or not.
func TestMoveCarriesTheRest(t *testing.T) {
	m := newMover(t)
	bob := m.bobAccount
	ends := m.clock.Now().Add(48 * time.Hour).Truncate(time.Millisecond)
	m.write(func(tx *storage.Tx) error {
		if _, err := tx.RemoveFollow(m.ctx, m.ana.ID, bob.ID); err != nil {
			return err
		}
		if err := tx.SetAccountNote(m.ctx, m.ana.ID, bob.ID, "from the fair"); err != nil {
			return err
		}
		return tx.Mute(m.ctx, m.ana.ID, bob.ID, false, ends)
	})
	m.write(func(tx *storage.Tx) error {
		return tx.AddBlock(m.ctx, storage.Block{Blocker: m.telar.ID, Target: bob.ID})
	})
	m.says(m.bobby.iri, m.bob.iri)
	if done, why := m.move(m.bob, m.bob.iri, m.bobby.iri); done != "[telar blocks bobby too]" {
		t.Errorf("got %s (%s)", done, why)
	}
	bobby, err := m.store.AccountByIRI(m.ctx, coop.IRI(m.bobby.iri))
	if err != nil {
		t.Fatal(err)
	}
	known, err := m.store.Relationships(m.ctx, m.ana.ID, []coop.ID{bobby.ID}, true)
	if err != nil {
		t.Fatal(err)
	}
	if r := known[bobby.ID]; !r.Muting || r.MutingNotifications || !r.MuteEnds.Equal(ends) || r.Note != "from the fair" || r.Following {
		t.Errorf("ana and bobby: %+v", r)
	}
}
