// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/outbox"
	"minga/storage"
	"minga/web/auth"
	"minga/web/respond"
)

// invitesPath is where members let people in, as long as the instance wants that.
const invitesPath = "/settings/invites"

// cameShown is how many of those who came a page lists.
const cameShown = 40

// inviteRoutes are the pages of members who invite.
func (f *Face) inviteRoutes() []auth.Route {
	return []auth.Route{
		{Method: "GET", Path: invitesPath, Access: auth.Session, Limit: auth.LimitReads, CSRF: auth.CSRFSafe, Sees: auth.SeesOwn, Form: respond.HTML, Handle: f.invitesPage},
		{Method: "POST", Path: invitesPath, Access: auth.Session, Limit: auth.LimitSignIn, CSRF: auth.CSRFForm, Sees: auth.SeesOwn, Body: signInBody, Form: respond.HTML, Handle: f.changeInvites},
	}
}

// invitesView shows a member their invitations, and who came by them.
type invitesView struct {
	formFrame
	Invites  bool   // members invite here
	Link     string // that was made just now; shown once
	Given    string // the note, as it was typed
	Most     string // links that are open at once
	MostNote int
	Open     []inviteRow
	Came     []cameRow
	Next     string // the page of those who came before
	By       person // who invited the member; empty: nobody did
	Since    moment
	Done     string
}

// inviteRow is a link that is open.
type inviteRow struct {
	ID, Note     string
	Since, Until moment
}

// cameRow is somebody who came.
type cameRow struct {
	Who person
	At  moment
}

// invitesPage answers GET /settings/invites?max_id=….
func (f *Face) invitesPage(c *gin.Context) error {
	view, err := f.invitesView(c)
	if err != nil {
		return err
	}
	if c.Query("done") == "end" {
		view.Done = view.T("invites_ended")
	}
	return f.show(c, http.StatusOK, "invites", view)
}

// invitesView reads what the page shows.
func (f *Face) invitesView(c *gin.Context) (invitesView, error) {
	ctx, me := c.Request.Context(), auth.Account(c)
	view := invitesView{formFrame: f.formFrame(c, "invites_title", nil), Invites: f.invites(), Most: strconv.Itoa(coop.MaxInvites), MostNote: coop.MaxInviteNote}
	links, err := f.Store.Guests(ctx, me.ID, coop.Page{Limit: coop.MaxInvites})
	if err != nil {
		return view, err
	}
	for _, l := range links {
		view.Open = append(view.Open, inviteRow{l.ID.String(), l.Note, momentOf(view.tongue, l.CreatedAt), momentOf(view.tongue, l.EndsAt)})
	}
	by, err := f.Store.InvitationOf(ctx, me.ID)
	if err != nil && !errors.Is(err, coop.ErrNotFound) {
		return view, err
	}
	if err == nil {
		view.Since = momentOf(view.tongue, by.JoinedAt)
	}
	return view, f.cameRows(c, &view, by.ByID)
}

// cameRows fills in who came by the member's invitations, and who invited the member.
func (f *Face) cameRows(c *gin.Context, view *invitesView, by coop.ID) error {
	page := coop.Page{Limit: cameShown}
	if id, err := coop.ParseID(c.Query("max_id")); err == nil {
		page.Max = id
	}
	ctx := c.Request.Context()
	list, err := f.Store.Invitations(ctx, auth.Account(c).ID, page)
	if err != nil {
		return err
	}
	ids := []coop.ID{by}
	for _, one := range list {
		ids = append(ids, one.AccountID)
	}
	known, err := f.Store.Accounts(ctx, ids)
	if err != nil {
		return err
	}
	for _, one := range list {
		if a := known[one.AccountID]; a != nil {
			view.Came = append(view.Came, cameRow{f.person(a), momentOf(view.tongue, one.JoinedAt)})
		}
	}
	if len(list) == cameShown {
		view.Next = invitesPath + "?max_id=" + list[cameShown-1].AccountID.String()
	}
	if a := known[by]; a != nil {
		view.By = f.person(a)
	}
	return nil
}

// invites tells whether members may invite.
func (f *Face) invites() bool { return f.Registrations == coop.RegistrationsInvite }

// changeInvites answers POST /settings/invites: act is make or end. A link is shown in
// the answer, and never again.
func (f *Face) changeInvites(c *gin.Context) error {
	if c.PostForm("act") == "end" {
		return f.endInvite(c)
	}
	me, note := auth.Account(c), coop.CleanLine(c.PostForm("note"), coop.MaxInviteNote)
	if !f.invites() {
		return fmt.Errorf("members invite nobody: %w", coop.ErrForbidden)
	}
	link, err := f.Outbox.NewGuest(c.Request.Context(), me, note, outbox.Noted(coop.AuditEntry{Who: me.Name, Act: "account.invite", Why: "member"}))
	list := coop.Complaints(err)
	if err != nil && list == nil {
		return err
	}
	view, err := f.invitesView(c)
	if err != nil {
		return err
	}
	if view.Link = link; link != "" {
		return f.show(c, http.StatusOK, "invites", view)
	}
	view.Given = note
	for _, complaint := range list {
		view.complain("note", view.inviteProblem(complaint.Code))
	}
	return f.show(c, http.StatusUnprocessableEntity, "invites", view)
}

// inviteProblem says why somebody may not invite now.
func (t *tongue) inviteProblem(code string) string {
	switch code {
	case coop.CodeInviteSoon:
		return t.T("invites_wrong_soon")
	case coop.CodeInviteMonth:
		return t.T("invites_wrong_month", "Most", strconv.Itoa(coop.MaxInvitesMonth))
	}
	return t.T("invites_wrong_open", "Most", strconv.Itoa(coop.MaxInvites))
}

// endInvite ends a link of the member; one that has ended since is as good.
func (f *Face) endInvite(c *gin.Context) error {
	me, ctx := auth.Account(c), c.Request.Context()
	id, err := coop.ParseID(c.PostForm("id"))
	if err != nil {
		return fmt.Errorf("invitation %.40q: %w", c.PostForm("id"), coop.ErrNotFound)
	}
	err = f.Store.Write(ctx, func(tx *storage.Tx) error {
		if _, err := tx.EndGuest(ctx, id, me.ID); err != nil {
			return err
		}
		return tx.AddAudit(ctx, &coop.AuditEntry{Who: me.Name, Act: "account.uninvite", Why: "member"})
	})
	if err != nil && !errors.Is(err, coop.ErrNotFound) {
		return err
	}
	c.Redirect(http.StatusSeeOther, invitesPath+"?done=end")
	return nil
}

// guest finds the invitation of a member whose secret stands in the address, and who
// made it. Where members invite nobody there is none.
func (f *Face) guest(c *gin.Context) (*coop.Link, *coop.Account, error) {
	if !f.invites() {
		return nil, nil, fmt.Errorf("members invite nobody: %w", coop.ErrNotFound)
	}
	link, err := f.link(c, coop.LinkGuest)
	if err != nil {
		return nil, nil, err
	}
	by, err := f.Store.Account(c.Request.Context(), link.AccountID)
	return link, by, err
}

// guestView makes the page where whom a member invited asks for an account.
func (f *Face) guestView(c *gin.Context) (*coop.Link, signUpView, error) {
	link, by, err := f.guest(c)
	if err != nil {
		return nil, signUpView{}, err
	}
	view, err := f.newSignUpView(c, "invite_title")
	view.Path, view.By = c.Request.URL.EscapedPath(), f.person(by)
	return link, view, err
}

// guestPage answers GET /invite/SECRET of a member's invitation.
func (f *Face) guestPage(c *gin.Context) error {
	_, view, err := f.guestView(c)
	if err != nil {
		return f.ended(c, err)
	}
	return f.show(c, http.StatusOK, "sign-up", view)
}

// acceptGuest answers POST /invite/SECRET of a member's invitation. The address is
// confirmed by mail, and the invitation used up, when the account is made: whoever
// mistyped the address comes again. It tells nobody whose an address is.
func (f *Face) acceptGuest(c *gin.Context) error {
	link, view, err := f.guestView(c)
	if err != nil {
		return f.ended(c, err)
	}
	if err := f.Admit(auth.LimitMail, "invitation "+link.ID.String()); err != nil {
		return err
	}
	return f.ended(c, f.askSignUp(c, view, link.ID))
}

// invitedBy is who invited somebody; empty: nobody did.
func (f *Face) invitedBy(ctx context.Context, account coop.ID) (person, error) {
	invitation, err := f.Store.InvitationOf(ctx, account)
	if errors.Is(err, coop.ErrNotFound) {
		return person{}, nil
	}
	if err != nil {
		return person{}, err
	}
	by, err := f.Store.Account(ctx, invitation.ByID)
	return f.person(by), err
}
