// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"fmt"
	"strings"
	"time"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
)

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
