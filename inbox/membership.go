// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"context"
	"errors"
	"slices"
	"time"

	"minga/coop"
	"minga/federation/document"
	"minga/storage"
)

const (
	// checkEvery is how old the knowledge about a membership may be.
	checkEvery = 24 * time.Hour
	// missingFor is how long one side's entry may be missing before that ends it.
	missingFor = 7 * 24 * time.Hour
	// maxClaims is how many claimed memberships of one actor are looked into.
	maxClaims = 5
	// maxPages is how many pages of a collection are read.
	maxPages = 50
)

// check is the payload of the task that reads both ends of a membership.
type check struct {
	Member       coop.IRI  `json:"member"`
	Organization coop.IRI  `json:"organization"`
	MissingSince time.Time `json:"missing_since,omitzero"`
	Tries        int       `json:"tries,omitempty"` // of a team's member, whose own word may come later
}

// CheckMembership queues the reading of both ends of a membership, now.
func (in *Inbox) CheckMembership(ctx context.Context, m *coop.Membership) error {
	return in.store.Write(ctx, func(tx *storage.Tx) error {
		return in.queueCheck(ctx, tx, m.Member.IRI, m.Organization.IRI, in.now())
	})
}

// queueCheck is CheckMembership in a transaction, at any time.
func (in *Inbox) queueCheck(ctx context.Context, tx *storage.Tx, member, organization coop.IRI, at time.Time) error {
	return tx.CheckMembership(ctx, member, organization, at)
}

// queueClaims lets the memberships that a remote co-op claims be looked into: a
// claim alone is no badge.
func (in *Inbox) queueClaims(ctx context.Context, tx *storage.Tx, a *coop.Account) error {
	if a.Local {
		return nil
	}
	if a.SaysByLink() {
		return in.queueLinked(ctx, tx, a)
	}
	if a.Kind != coop.Coop && a.Kind != coop.Federation {
		return nil
	}
	for _, organization := range a.MemberOf[:min(len(a.MemberOf), maxClaims)] {
		if err := in.queueCheck(ctx, tx, a.IRI, organization, in.now()); err != nil {
			return err
		}
	}
	return nil
}

// queueLinked lets the memberships be looked into that a profile may mean by a link: to
// federations that are known here.
func (in *Inbox) queueLinked(ctx context.Context, tx *storage.Tx, a *coop.Account) error {
	var hosts []string
	for _, link := range a.ProfileLinks() {
		if host := coop.IRI(link).Host(); host != "" && host != a.IRI.Host() && !slices.Contains(hosts, host) {
			hosts = append(hosts, host)
		}
	}
	federations, err := tx.FederationsAt(ctx, hosts)
	if err != nil {
		return err
	}
	for _, f := range federations[:min(len(federations), maxClaims)] {
		if !a.LinksTo(f) {
			continue
		}
		if err := in.queueCheck(ctx, tx, a.IRI, f.IRI, in.now()); err != nil {
			return err
		}
	}
	return nil
}

// runMembership reads both ends at their own origins and keeps what they say. It
// comes again every day for as long as there is a membership.
func (in *Inbox) runMembership(ctx context.Context, t storage.Task) (*again, error) {
	c, err := decode[check](t)
	if err != nil {
		return nil, err
	}
	if ended, err := in.teamEnded(ctx, c.Organization); err != nil || ended {
		return nil, err
	}
	m, err := in.membership(ctx, c)
	if err != nil {
		return nil, err
	}
	memberSays, err := in.memberSays(ctx, m)
	if err != nil {
		return nil, err
	}
	organizationSays, err := in.organizationSays(ctx, m)
	if err != nil {
		return nil, err
	}
	return in.keepChecked(ctx, m, c, memberSays, organizationSays)
}

// teamEnded tells that an organization is a team whose server deleted it: nobody says any
// more who is in it, and who was then stays.
func (in *Inbox) teamEnded(ctx context.Context, organization coop.IRI) (bool, error) {
	a, err := in.store.AccountByIRI(ctx, organization)
	if errors.Is(err, coop.ErrNotFound) || err == nil && a.Kind != coop.Team {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	t, err := in.store.Team(ctx, a.ID)
	if errors.Is(err, coop.ErrNotFound) {
		return false, nil
	}
	return err == nil && !t.EndedAt.IsZero(), err
}

// membership is the one that we keep, or a claim that is not kept yet.
func (in *Inbox) membership(ctx context.Context, c check) (*coop.Membership, error) {
	member, err := in.Actor(ctx, c.Member)
	if err != nil {
		return nil, err
	}
	organization, err := in.Actor(ctx, c.Organization)
	if err != nil {
		return nil, err
	}
	m, err := in.store.MembershipOf(ctx, member.ID, organization.ID)
	if errors.Is(err, coop.ErrNotFound) {
		return &coop.Membership{Member: member, Organization: organization, Role: coop.RoleFull}, nil
	}
	return m, err
}

// memberSays: memberOf of the co-op's own document names the organization, or, on
// software that knows no memberOf, a link in its profile. A co-op of ours says so when it
// is a member by our own record.
func (in *Inbox) memberSays(ctx context.Context, m *coop.Membership) (bool, error) {
	if m.Member.Local {
		return m.State == coop.MembershipMember, nil
	}
	fresh, err := in.fetchActor(ctx, m.Member.IRI)
	if err != nil {
		return false, err
	}
	if fresh.account.SaysByLink() {
		return fresh.account.LinksTo(m.Organization), nil
	}
	return slices.Contains(fresh.account.MemberOf, m.Organization.IRI), nil
}

// organizationSays: the members collection of the organization contains the co-op.
func (in *Inbox) organizationSays(ctx context.Context, m *coop.Membership) (bool, error) {
	if m.Organization.Local {
		return m.State == coop.MembershipMember, nil
	}
	if m.Organization.Members == "" {
		return false, nil
	}
	found := false
	err := in.walk(ctx, m.Organization.Members, maxPages, func(r document.Ref) bool {
		found = coop.IRI(r.ID) == m.Member.IRI
		return !found
	})
	return found, err
}

// keepChecked keeps what both sides say. A claim becomes a membership only when
// both say so; one whose entry has been missing on a side for 7 days ends.
func (in *Inbox) keepChecked(ctx context.Context, m *coop.Membership, c check, memberSays, organizationSays bool) (*again, error) {
	both := memberSays && organizationSays
	c.note(both, in.now())
	if m.State == "" && !both {
		if c.Tries++; m.Organization.Kind == coop.Team && c.Tries < maxTaskAttempts {
			return &again{at: in.now().Add(backoff(c.Tries)), payload: c}, nil // its own document comes to say so
		}
		if organizationSays && in.now().Sub(c.MissingSince) < missingFor {
			return &again{at: in.now().Add(checkEvery), payload: c}, nil // its own half may come yet
		}
		return nil, nil // a claim, which the actor's own document shows
	}
	err := in.store.Write(ctx, func(tx *storage.Tx) error {
		now, err := tx.MembershipOf(ctx, m.Member.ID, m.Organization.ID)
		if err == nil {
			m = now // what changed while we asked stays
		} else if !errors.Is(err, coop.ErrNotFound) {
			return err
		}
		m.MemberSays, m.OrganizationSays, m.CheckedAt = memberSays, organizationSays, in.now()
		ended := in.judgeChecked(m, c)
		if err := tx.PutMembership(ctx, m); err != nil || !ended {
			return err
		}
		return in.membershipChanged(ctx, tx, m)
	})
	if err != nil || m.State != coop.MembershipMember && m.State != coop.MembershipSuspended {
		return nil, err
	}
	return &again{at: in.now().Add(checkEvery), payload: c}, nil
}

// note remembers since when an entry is missing.
func (c *check) note(both bool, now time.Time) {
	if both {
		c.MissingSince = time.Time{}
	} else if c.MissingSince.IsZero() {
		c.MissingSince = now
	}
}

// judgeChecked: between servers elsewhere both entries are the membership; what
// is ours begins by its own acts. It says whether the membership ended by this.
func (in *Inbox) judgeChecked(m *coop.Membership, c check) bool {
	both := m.MemberSays && m.OrganizationSays
	running := m.State == coop.MembershipMember || m.State == coop.MembershipSuspended
	if both && !running && !m.Member.Local && !m.Organization.Local {
		m.State, m.Start, m.End = coop.MembershipMember, in.now(), time.Time{}
	}
	if both || m.State != coop.MembershipMember || in.now().Sub(c.MissingSince) < missingFor {
		return false
	}
	m.State, m.End = coop.MembershipLeft, in.now()
	return true
}
