// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"slices"
	"strings"

	"minga/coop"
)

// membershipRow is a membership as those see it who look after it.
type membershipRow struct {
	ID       string
	Who      person // the other side
	State    coop.MembershipState
	Word     string // the state, in words
	Role     string // in words
	Verified bool
	Since    moment // when it began, or was asked for
	Ended    moment
	Decision string // address of the decision; empty: there is none
	Note     string
	URL      string // of its own page; empty: it has none
}

// membershipRow shows a membership from one of its sides.
func (f *Face) membershipRow(t *tongue, m *coop.Membership, other *coop.Account) membershipRow {
	row := membershipRow{
		ID: m.ID.String(), Who: f.person(other), State: m.State, Word: t.stateOfMembership(m.State), Role: t.roleOfMember(m.Role),
		Verified: m.Verified(), Since: momentOf(t, m.CreatedAt), Ended: momentOf(t, m.End), Decision: web(m.Decision), Note: m.Note,
	}
	if m.State.Inside() && !m.Start.IsZero() {
		row.Since = momentOf(t, m.Start)
	}
	return row
}

// stateOfMembership is a state in words.
func (t *tongue) stateOfMembership(s coop.MembershipState) string {
	if !slices.Contains(coop.MembershipStates(), s) {
		return string(s)
	}
	return t.T("joining_state_" + strings.ReplaceAll(string(s), "-", "_"))
}

// roleOfMember is what a member is, in words.
func (t *tongue) roleOfMember(r coop.MembershipRole) string {
	if !slices.Contains(coop.MembershipRoles(), r) {
		r = coop.RoleFull
	}
	return t.T("joining_role_" + strings.ReplaceAll(string(r), "-", ""))
}

// roleChoices are the roles that one may ask for.
func (t *tongue) roleChoices(chosen string) []choice {
	var list []choice
	for _, r := range coop.MembershipRoles() {
		list = append(list, choice{string(r), t.roleOfMember(r), string(r) == chosen})
	}
	return list
}

// proofRow is what is known of a domain.
type proofRow struct {
	Domain string
	Word   string // in words
	Proven bool
	Since  moment // proven since, or looked at last
}

// evidenceView is everything that holds of a co-op, and what does not.
type evidenceView struct {
	Levels []levelRow
	Proofs []proofRow
	Chain  []belonging
}

// levelRow is a level of evidence that holds, in words.
type levelRow struct {
	Level, Word string
	Highest     bool
}

// evidence is what holds of an account, level by level, the domains it names, and the
// federations that speak for it.
func (f *Face) evidence(ctx context.Context, t *tongue, a *coop.Account) (view evidenceView, err error) {
	found, err := f.Store.Evidence(ctx, []coop.ID{a.ID})
	if err != nil {
		return view, err
	}
	known := found[a.ID]
	for _, level := range known.Levels() {
		view.Levels = append(view.Levels, levelRow{level, t.levelWord(level), level == known.Level()})
	}
	proofs, err := f.Store.DomainProofs(ctx, []coop.ID{a.ID})
	if err != nil {
		return view, err
	}
	for _, p := range proofs[a.ID] {
		view.Proofs = append(view.Proofs, t.proofRow(p))
	}
	view.Chain, err = f.chain(ctx, a.ID)
	return view, err
}

// levelWord is a level in words.
func (t *tongue) levelWord(level string) string {
	return t.T("joining_level_" + strings.ReplaceAll(level, "-", "_"))
}

// proofRow says what is known of a domain.
func (t *tongue) proofRow(p coop.DomainProof) proofRow {
	row := proofRow{Domain: p.Domain, Proven: p.Proven(), Since: momentOf(t, p.CheckedAt)}
	switch p.How {
	case "well-known":
		row.Word, row.Since = t.T("joining_domain_file"), momentOf(t, p.ProvenAt)
	case "dns":
		row.Word, row.Since = t.T("joining_domain_dns"), momentOf(t, p.ProvenAt)
	default:
		row.Word = t.T("joining_domain_not")
	}
	return row
}

// Shown tells whether there is more to say than that somebody claims to be a co-op.
func (v evidenceView) Shown() bool { return len(v.Levels) > 1 || len(v.Proofs) > 0 }

// evidenceShown is what the part "evidence" of a page shows.
type evidenceShown struct {
	*tongue
	Evidence evidenceView
}

// Shown is the evidence of the co-op of this page.
func (v belongView) Shown() evidenceShown { return evidenceShown{v.tongue, v.Proof} }

// Shown is the evidence of the co-op of this page.
func (v reviewView) Shown() evidenceShown { return evidenceShown{v.tongue, v.Proof} }
