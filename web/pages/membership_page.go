// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"

	"minga/coop"
)

// membershipView is the page of a Membership at its own address: what both sides say, and
// nothing that the co-op wrote when it asked.
type membershipView struct {
	frame
	Member, Federation person
	State              coop.MembershipState
	Word, Role         string // in words
	Verified, Over     bool
	Since, Ended       moment
	Decision           string // address; empty: it rests on none
	Ends               []membershipEnd
	Checked            moment
}

// membershipEnd is what one side says in its own public document, and where.
type membershipEnd struct {
	Word, URL string
	Says      bool
}

// membershipPage answers GET /federation/memberships/NAME to people. Only who is a member,
// or was one, has such a page: who asks, or was refused, is known to the two sides alone.
func (f *Face) membershipPage(c *gin.Context, iri coop.IRI) error {
	m, err := f.Store.MembershipByIRI(c.Request.Context(), iri)
	if err != nil {
		return err
	}
	over := m.State == coop.MembershipLeft || m.State == coop.MembershipRemoved
	if m.Organization == nil || m.Member == nil || !m.Organization.Local || !m.State.Inside() && !over {
		return fmt.Errorf("membership %s is none: %w", iri, coop.ErrNotFound)
	}
	names, err := f.names(c.Request.Context(), []coop.IRI{m.Member.IRI, m.Organization.IRI})
	if err != nil {
		return err
	}
	view := membershipView{
		frame: f.frame(c, "", "directory", nil), Member: names[m.Member.IRI], Federation: names[m.Organization.IRI], State: m.State, Over: over,
		Verified: m.Verified(), Decision: web(m.Decision),
	}
	view.Word, view.Role = view.stateOfMembership(m.State), view.roleOfMember(m.Role)
	view.Since, view.Ended, view.Checked = momentOf(view.tongue, m.Start), momentOf(view.tongue, m.End), momentOf(view.tongue, m.CheckedAt)
	view.Title = view.T("joining_page_title", "Coop", view.Member.Name, "Federation", view.Federation.Name)
	view.Ends, view.NoIndex = ends(view.tongue, m), true
	return f.show(c, http.StatusOK, "membership", view)
}

// ends are both sides' own documents: memberOf of the co-op, or a link in the profile of
// one whose server knows no memberOf, and the list of members of the federation.
func ends(t *tongue, m *coop.Membership) []membershipEnd {
	return []membershipEnd{
		{t.T("joining_end_member"), web(m.Member.IRI), m.MemberSays},
		{t.T("joining_end_federation"), web(m.Organization.Members), m.OrganizationSays},
	}
}
