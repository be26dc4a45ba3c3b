// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"minga/coop"
	"minga/outbox"
	"minga/storage"
)

// memberShow is `minga member show`.
type memberShow struct{ memberAct }

// shownMember is a membership with what shows that the co-op is one.
type shownMember struct {
	memberRow
	Note    string        `json:"note"`
	Start   *time.Time    `json:"start,omitempty"`
	Level   string        `json:"evidence"`
	Levels  []string      `json:"levels"`
	Domains []shownDomain `json:"domains"`
}

// shownDomain is a domain that the co-op says is its own.
type shownDomain struct {
	Domain string `json:"domain"`
	How    string `json:"how"` // well-known, dns, or empty: not proven
}

// Run shows a membership.
func (a memberShow) Run(t *terminal) error {
	return t.with(func(i *instance) error {
		m, err := a.find(t, i)
		if err != nil {
			return err
		}
		found, err := i.store.Evidence(t.ctx, []coop.ID{m.Member.ID})
		if err != nil {
			return err
		}
		proofs, err := i.store.DomainProofs(t.ctx, []coop.ID{m.Member.ID})
		if err != nil {
			return err
		}
		out := shownMember{memberRow: i.memberRow(m), Note: m.Note, Level: found[m.Member.ID].Level(), Levels: found[m.Member.ID].Levels(), Domains: []shownDomain{}}
		if !m.Start.IsZero() {
			out.Start = &m.Start
		}
		for _, p := range proofs[m.Member.ID] {
			out.Domains = append(out.Domains, shownDomain{p.Domain, p.How})
		}
		return t.print(out, func(w io.Writer) {
			fmt.Fprintf(w, "%s in %s: %s, %s\n", printable(out.Member), printable(out.Organization), out.State, out.Role)
			fmt.Fprintf(w, "evidence: %s\n", strings.Join(out.Levels, ", "))
			for _, d := range out.Domains {
				fmt.Fprintf(w, "domain %s: %s\n", printable(d.Domain), orWord(d.How, "not proven"))
			}
			if out.Decision != "" {
				fmt.Fprintf(w, "decision: %s\n", printable(string(out.Decision)))
			}
			if out.Note != "" {
				fmt.Fprintln(w, printable(out.Note))
			}
		})
	})
}

// orWord is a text, or what is said where there is none.
func orWord(text, none string) string {
	if text == "" {
		return none
	}
	return text
}

// memberInvite is `minga member invite`.
type memberInvite struct {
	Coop string `arg:"" help:"Co-op: name, name@host, or the address of its actor."`
	Role string `default:"full" enum:"full,pre-co-op,observer" help:"full, pre-co-op or observer."`
	Note string `help:"A few words to the co-op."`
}

// Run invites a co-op.
func (a memberInvite) Run(t *terminal) error {
	return t.with(func(i *instance) error {
		organization, err := i.store.FederationAccount(t.ctx)
		if err != nil {
			return err
		}
		member, err := i.localAccount(t.ctx, a.Coop)
		if err != nil {
			if member, err = i.anyAccount(t.ctx, a.Coop); err != nil {
				return err
			}
		}
		m, err := i.outbox.Invite(t.ctx, organization, member, coop.MembershipRole(a.Role), a.Note)
		if err != nil {
			return err
		}
		return i.showMembership(t, "membership.invite", m)
	})
}

// memberDecide is `minga member decide`.
type memberDecide struct {
	Coop   string `arg:"" help:"Co-op that asked: name, name@host, or the address of its actor."`
	Method string `help:"consent, consensus, majority or two-thirds; the setting's unless said otherwise." enum:",consent,consensus,majority,two-thirds" default:""`
	Quorum int    `help:"Share of the members that must have spoken, in percent." default:"50"`
	Days   int    `help:"Days until it ends, 1 to 90." default:"10"`
	List   bool   `help:"Publish the ballots at the end."`
}

// Run lays a petition before the members.
func (a memberDecide) Run(t *terminal) error {
	return memberAct{Coop: a.Coop}.do(t, "membership.decide", func(i *instance, m *coop.Membership) error {
		quorum := decimal.New(int64(a.Quorum), -2)
		_, err := i.outbox.LayBeforeMembers(t.ctx, m, outbox.JoinDecision{
			Method: coop.DecisionMethod(a.Method), Quorum: &quorum, Ends: i.now().Add(time.Duration(a.Days)*24*time.Hour + time.Minute), ListBallots: a.List,
		})
		return err
	})
}

// memberRole is `minga member role`.
type memberRole struct {
	Coop string `arg:"" help:"Co-op: name, name@host, or the address of its actor."`
	Role string `arg:"" enum:"full,pre-co-op,observer" help:"full, pre-co-op or observer."`
	Note string `required:"" help:"Reason, which the other side reads."`
}

// Run changes the role of a member.
func (a memberRole) Run(t *terminal) error {
	return t.with(func(i *instance) error {
		m, err := memberAct{Coop: a.Coop}.find(t, i)
		if err != nil {
			return err
		}
		ctx := storage.ActingAs(t.ctx, storage.Acting{Who: byCommand, Account: m.Organization.ID, Act: "memberships.role", Target: string(m.Member.IRI)})
		if err := i.outbox.SetMemberRole(ctx, m, coop.MembershipRole(a.Role), a.Note); err != nil {
			return err
		}
		return i.printMembership(t, m.ID)
	})
}
