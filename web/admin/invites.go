// SPDX-License-Identifier: AGPL-3.0-or-later

package admin

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
)

// invitesPath is what members invite, and whom they let in.
const invitesPath = "/admin/invitations"

// invitesShown is how many of each a page has.
const invitesShown = 40

// invitesView lists the links of members that are open, and who came by such.
type invitesView struct {
	Off  bool   // links lead nowhere: the setting says so
	Of   person // the one member of whom these are; empty: of all
	Done string
	Open []inviteRow
	Came []cameRow
	More string // the page of older links
	Next string // the page of those who came before
}

// inviteRow is a link that is open.
type inviteRow struct {
	ID, Note     string
	By           person
	Since, Until moment
}

// cameRow is somebody who came, and who invited them.
type cameRow struct {
	Who, By person
	At      moment
}

// invitations answers GET /admin/invitations?by=NAME&links=…&max_id=….
func (f *Face) invitations(c *gin.Context) error {
	t, ctx := f.Shell.Tongue(c), c.Request.Context()
	view, by := invitesView{Off: f.Registrations != coop.RegistrationsInvite}, coop.ID(0)
	if name := coop.CleanLine(c.Query("by"), 100); name != "" {
		a, err := f.Store.AccountByHandle(ctx, name, "")
		if err != nil {
			return err
		}
		by, view.Of = a.ID, f.member(a)
	}
	if c.Query("done") == "end" {
		view.Done = t.T("admin_invites_ended")
	}
	links, err := f.Store.Guests(ctx, by, pageFrom(c, "links"))
	if err != nil {
		return err
	}
	came, err := f.Store.Invitations(ctx, by, pageFrom(c, "max_id"))
	if err != nil {
		return err
	}
	if err := f.inviteRows(c, &view, links, came); err != nil {
		return err
	}
	return f.draw(c, "admin-invites", "admin_invites_title", view)
}

// pageFrom is a page of this list, from the id that a parameter names.
func pageFrom(c *gin.Context, parameter string) coop.Page {
	page := coop.Page{Limit: invitesShown}
	if id, err := coop.ParseID(c.Query(parameter)); err == nil {
		page.Max = id
	}
	return page
}

// inviteRows puts both lists in words.
func (f *Face) inviteRows(c *gin.Context, view *invitesView, links []coop.Link, came []coop.Invitation) error {
	var ids []coop.ID
	for _, l := range links {
		ids = append(ids, l.AccountID)
	}
	for _, one := range came {
		ids = append(ids, one.AccountID, one.ByID)
	}
	known, err := f.Store.Accounts(c.Request.Context(), ids)
	if err != nil {
		return err
	}
	t := f.Shell.Tongue(c)
	for _, l := range links {
		view.Open = append(view.Open, inviteRow{l.ID.String(), l.Note, f.member(known[l.AccountID]), momentOf(t, l.CreatedAt), momentOf(t, l.EndsAt)})
	}
	for _, one := range came {
		view.Came = append(view.Came, cameRow{f.member(known[one.AccountID]), f.member(known[one.ByID]), momentOf(t, one.JoinedAt)})
	}
	if len(links) == invitesShown {
		view.More = olderInvites(c, "links", links[invitesShown-1].ID)
	}
	if len(came) == invitesShown {
		view.Next = olderInvites(c, "max_id", came[invitesShown-1].AccountID)
	}
	return nil
}

// olderInvites is the page with what is older in one of the lists.
func olderInvites(c *gin.Context, parameter string, last coop.ID) string {
	q := url.Values{parameter: {last.String()}}
	if by := c.Query("by"); by != "" {
		q.Set("by", by)
	}
	return invitesPath + "?" + q.Encode()
}

// member names a person of this instance, with the page that the staff has of them.
func (f *Face) member(a *coop.Account) person {
	p := f.person(a)
	if a != nil {
		p.URL = membersPath + "/" + a.Name
	}
	return p
}

// endInvitation answers POST /admin/invitations: a link of a member leads nowhere any
// more. One that has ended since is as good.
func (f *Face) endInvitation(c *gin.Context) error {
	id, err := coop.ParseID(c.PostForm("id"))
	if err != nil {
		return fmt.Errorf("invitation %.40q: %w", c.PostForm("id"), coop.ErrNotFound)
	}
	ctx, entry := c.Request.Context(), noted(c, "account.uninvite", "", "")
	err = f.Store.Write(ctx, func(tx *storage.Tx) error {
		by, err := tx.EndGuest(ctx, id, 0)
		if err != nil {
			return err
		}
		e := entry // a transaction may run twice
		e.Target = string(by.IRI)
		return tx.AddAudit(ctx, &e)
	})
	if err != nil && !errors.Is(err, coop.ErrNotFound) {
		return err
	}
	c.Redirect(http.StatusSeeOther, invitesPath+"?done=end")
	return nil
}

// invitedBy is who invited a person, for their page; empty: no member did.
func (f *Face) invitedBy(c *gin.Context, a *coop.Account) (person, error) {
	invitation, err := f.Store.InvitationOf(c.Request.Context(), a.ID)
	if errors.Is(err, coop.ErrNotFound) {
		return person{}, nil
	}
	if err != nil {
		return person{}, err
	}
	by, err := f.Store.Account(c.Request.Context(), invitation.ByID)
	return f.member(by), err
}
