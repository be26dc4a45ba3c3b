// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
)

// deskBallots is what waits for a vote of the person or of a co-op for which they vote.
func (f *Face) deskBallots(c *gin.Context, v *deskView) error {
	ctx := c.Request.Context()
	r, err := f.decisionReader(c)
	if err != nil {
		return err
	}
	running, err := r.many(ctx, f.Store, storage.DecisionQuery{Running: true}, coop.Page{Limit: 40})
	if err != nil {
		return err
	}
	waits, err := f.waitingBallots(ctx, r, running)
	if err != nil {
		return err
	}
	var lines []deskLine
	for _, p := range running {
		if as := waits[p.ID]; len(as) > 0 {
			card := f.decisionCard(v.tongue, p)
			lines = append(lines, deskLine{Title: card.Title, URL: card.URL, Facts: append([]string{v.T("desk_until", "Day", card.Ends.Day)}, as...)})
		}
	}
	v.add("ballots", "decision_waiting", way{URL: decisionsPath, Name: v.T("frame_decisions")}, lines...)
	return nil
}

// deskRequests is what clients sent and nobody has read, and offers without an answer.
func (f *Face) deskRequests(c *gin.Context, v *deskView) error {
	ctx := c.Request.Context()
	var sent, offered []deskLine
	for _, a := range v.may(coop.ActRequest) {
		n, err := f.Store.WaitingRequests(ctx, a.ID)
		if err != nil {
			return err
		}
		if n > 0 {
			sent = append(sent, deskLine{Title: line{Text: v.N("desk_requests_sent", n)}, URL: requestsPath + "/mine", Facts: []string{f.person(a).Name}})
		}
		offers, err := f.Store.Offers(ctx, storage.OfferQuery{Owner: a.ID, States: []coop.OfferState{coop.OfferSent, coop.OfferChanged}}, coop.Page{Limit: deskLines})
		if err != nil {
			return err
		}
		for _, o := range offers {
			offered = append(offered, deskLine{
				Title: line{Text: v.T("desk_offer", "Name", f.person(o.By).Name, "Slot", o.SlotName, "Hours", v.Number(o.Hours))}, URL: offerPath(o.ID), Facts: []string{o.Title, f.person(a).Name},
			})
		}
	}
	v.add("requests", "requests_waiting", way{URL: requestsPath + "/mine", Name: v.T("requests_mine")}, sent...)
	v.add("offers", "desk_offers", way{URL: "/offers", Name: v.T("offer_list_title")}, offered...)
	return nil
}

// deskMemberships is who asks to become a member, and where co-ops are invited: to
// federations, and to teams.
func (f *Face) deskMemberships(c *gin.Context, v *deskView) error {
	ctx := c.Request.Context()
	var asked, invited []deskLine
	for _, h := range v.held {
		query := storage.MembershipQuery{Member: h.Account.ID, States: []coop.MembershipState{coop.MembershipInvited}}
		if h.Account.Kind == coop.Federation {
			query = storage.MembershipQuery{Organization: h.Account.ID, States: []coop.MembershipState{coop.MembershipAsked}}
		}
		list, err := f.Store.Memberships(ctx, query, coop.Page{Limit: deskLines})
		if err != nil {
			return err
		}
		for _, m := range list {
			act, where, who := coop.ActJoin, belongPath(h.Account), m.Organization
			switch {
			case m.Organization.ID == h.Account.ID:
				act, where, who = coop.ActCoordinate, reviewPath+"/"+m.ID.String(), m.Member
			case m.Organization.Kind == coop.Team:
				act, where = coop.TeamAct(h.Account.Kind), roomsPath
			}
			if !coop.RolesMay(h.Roles, act.In(h.Account.Kind)) {
				continue
			}
			one := deskLine{Title: line{Text: f.person(who).Name}, URL: where, Facts: []string{f.person(h.Account).Name, v.minute(m.UpdatedAt).Day}}
			if who == m.Member {
				asked = append(asked, one)
			} else {
				invited = append(invited, one)
			}
		}
	}
	v.add("asked", "desk_asked", way{URL: reviewPath, Name: v.T("joining_review_title")}, asked...)
	v.add("invited", "desk_invited", way{}, invited...)
	return nil
}
