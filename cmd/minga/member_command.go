// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"fmt"
	"io"

	"minga/coop"
	"minga/storage"
)

// memberCommand is `minga member`.
type memberCommand struct {
	List    memberList    `cmd:"" help:"List memberships of this instance's federation and co-ops."`
	Show    memberShow    `cmd:"" help:"Show one membership, with what shows that the co-op is one."`
	Join    memberJoin    `cmd:"" aliases:"apply" help:"Ask, for a co-op of this instance, to become a member of a federation."`
	Decide  memberDecide  `cmd:"" help:"Lay a petition before the members of this instance's federation."`
	Accept  memberAccept  `cmd:"" help:"Admit a co-op that asked; for a co-op of this instance, accept an invitation."`
	Refuse  memberRefuse  `cmd:"" help:"Refuse a co-op that asked; for a co-op of this instance, decline an invitation."`
	Invite  memberInvite  `cmd:"" help:"Invite a co-op into this instance's federation."`
	Leave   memberLeave   `cmd:"" help:"End the membership of a co-op of this instance."`
	Remove  memberRemove  `cmd:"" help:"End a membership in this instance's federation."`
	Suspend memberSuspend `cmd:"" help:"Take the rights of a member for a while."`
	Resume  memberResume  `cmd:"" help:"Give a suspended member its rights back."`
	Role    memberRole    `cmd:"" help:"Change what a member is: full, pre-co-op or observer."`
}

// memberRow is a membership as it is shown.
type memberRow struct {
	ID           coop.ID  `json:"id"`
	Member       string   `json:"member"`
	Organization string   `json:"organization"`
	Role         string   `json:"role"`
	State        string   `json:"state"`
	Verified     bool     `json:"verified"`
	Decision     coop.IRI `json:"decision,omitempty"`
}

// memberRow shows one membership.
func (i *instance) memberRow(m *coop.Membership) memberRow {
	domain := i.config.AccountDomain
	return memberRow{m.ID, m.Member.Handle(domain).String(), m.Organization.Handle(domain).String(), string(m.Role), string(m.State), m.Verified(), m.Decision}
}

// memberList is `minga member list`.
type memberList struct {
	State string `help:"Only those in this state." enum:",asked,in-decision,invited,member,suspended,refused,left,removed" default:""`
}

// Run lists memberships.
func (a memberList) Run(t *terminal) error {
	return t.with(func(i *instance) error {
		query := storage.MembershipQuery{}
		if a.State != "" {
			query.States = []coop.MembershipState{coop.MembershipState(a.State)}
		}
		memberships, err := i.store.Memberships(t.ctx, query, coop.Page{Limit: 200})
		if err != nil {
			return err
		}
		rows := make([]memberRow, 0, len(memberships))
		for _, m := range memberships {
			rows = append(rows, i.memberRow(m))
		}
		return t.print(rows, func(w io.Writer) {
			for _, row := range rows {
				fmt.Fprintf(w, "%-11s %-32s in %-32s %s\n", row.State, printable(row.Member), printable(row.Organization), row.Role)
			}
		})
	})
}

// memberJoin is `minga member join`.
type memberJoin struct {
	Coop       string   `arg:"" help:"Co-op of this instance."`
	Federation string   `arg:"" help:"Federation: name@host, or the address of its actor."`
	Role       string   `default:"full" enum:"full,pre-co-op,observer" help:"full, pre-co-op or observer."`
	Note       string   `help:"A few words to the federation."`
	Statutes   string   `help:"Address of the statutes." placeholder:"URL"`
	Evidence   []string `help:"Address of what else shows that it is a co-op; may be repeated." placeholder:"URL"`
}

// Run asks to join.
func (a memberJoin) Run(t *terminal) error {
	return t.with(func(i *instance) error {
		member, organization, err := i.pair(t.ctx, a.Coop, a.Federation)
		if err != nil {
			return err
		}
		petition := &coop.Petition{Statutes: a.Statutes, Evidence: a.Evidence}
		m, err := i.outbox.Petition(t.ctx, member, organization, coop.MembershipRole(a.Role), a.Note, petition)
		if err != nil {
			return err
		}
		return i.showMembership(t, "membership.join", m)
	})
}

// showMembership notes the act and prints how the membership stands now.
func (i *instance) showMembership(t *terminal, act string, m *coop.Membership) error {
	if err := i.audit(t.ctx, act, m.ID.String(), m.Note); err != nil {
		return err
	}
	return i.printMembership(t, m.ID)
}

// printMembership prints how a membership stands now.
func (i *instance) printMembership(t *terminal, id coop.ID) error {
	now, err := i.store.Membership(t.ctx, id)
	if err != nil {
		return err
	}
	row := i.memberRow(now)
	return t.print(row, func(w io.Writer) {
		fmt.Fprintf(w, "%s in %s: %s, %s\n", printable(row.Member), printable(row.Organization), row.State, row.Role)
	})
}

// memberAct is what the deciding and ending commands share.
type memberAct struct {
	Coop       string `arg:"" help:"Co-op: name, name@host, or the address of its actor."`
	Federation string `help:"Federation; this instance's unless said otherwise."`
	Note       string `help:"Reason."`
}

// find finds the membership.
func (a memberAct) find(t *terminal, i *instance) (*coop.Membership, error) {
	organization, err := i.store.FederationAccount(t.ctx)
	if a.Federation != "" {
		organization, err = i.anyAccount(t.ctx, a.Federation)
	}
	if err != nil {
		return nil, err
	}
	member, err := i.localAccount(t.ctx, a.Coop)
	if err != nil {
		if member, err = i.anyAccount(t.ctx, a.Coop); err != nil {
			return nil, err
		}
	}
	m, err := i.store.MembershipOf(t.ctx, member.ID, organization.ID)
	if err != nil {
		return nil, fmt.Errorf("membership of %s: %w", a.Coop, err)
	}
	return m, nil
}

// do finds the membership and acts on it.
func (a memberAct) do(t *terminal, act string, change func(i *instance, m *coop.Membership) error) error {
	return t.with(func(i *instance) error {
		m, err := a.find(t, i)
		if err != nil {
			return err
		}
		if err := change(i, m); err != nil {
			return err
		}
		return i.showMembership(t, act, m)
	})
}

type (
	memberAccept  struct{ memberAct }
	memberRefuse  struct{ memberAct }
	memberLeave   struct{ memberAct }
	memberRemove  struct{ memberAct }
	memberSuspend struct{ memberAct }
	memberResume  struct{ memberAct }
)

// Run admits a co-op.
func (a memberAccept) Run(t *terminal) error {
	return a.do(t, "membership.accept", func(i *instance, m *coop.Membership) error {
		if m.State == coop.MembershipInvited && m.Member.Local {
			return i.outbox.AnswerInvite(t.ctx, m, true, "")
		}
		return i.outbox.DecideMembership(t.ctx, m, true, a.Note)
	})
}

// Run refuses a co-op.
func (a memberRefuse) Run(t *terminal) error {
	return a.do(t, "membership.refuse", func(i *instance, m *coop.Membership) error {
		if m.State == coop.MembershipInvited && m.Member.Local {
			return i.outbox.AnswerInvite(t.ctx, m, false, a.Note)
		}
		return i.outbox.DecideMembership(t.ctx, m, false, a.Note)
	})
}

// Run leaves a federation.
func (a memberLeave) Run(t *terminal) error {
	return a.do(t, "membership.leave", func(i *instance, m *coop.Membership) error { return i.outbox.LeaveMembership(t.ctx, m) })
}

// Run removes a member.
func (a memberRemove) Run(t *terminal) error {
	return a.do(t, "membership.remove", func(i *instance, m *coop.Membership) error { return i.outbox.RemoveMember(t.ctx, m, a.Note) })
}

// Run suspends a member.
func (a memberSuspend) Run(t *terminal) error {
	return a.do(t, "membership.suspend", func(i *instance, m *coop.Membership) error {
		return i.outbox.SuspendMember(t.ctx, m, coop.MembershipSuspend, a.Note)
	})
}

// Run ends a suspension.
func (a memberResume) Run(t *terminal) error {
	return a.do(t, "membership.resume", func(i *instance, m *coop.Membership) error {
		return i.outbox.SuspendMember(t.ctx, m, coop.MembershipResume, a.Note)
	})
}
