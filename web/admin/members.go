// SPDX-License-Identifier: AGPL-3.0-or-later

package admin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/outbox"
	"minga/storage"
	"minga/web/auth"
	"minga/web/respond"
)

// membersPath is the list of the people of this instance.
const membersPath = "/admin/members"

// membersView lists them, and makes invitations.
type membersView struct {
	Rows  []memberRow
	Next  string
	Done  string
	Link  string // an invitation that was made just now; shown once
	Email string // as it was typed
	Ranks []choice
}

// memberRow is a person in the list.
type memberRow struct {
	person
	Page      string // of their profile
	URL       string // of the page of the staff
	Rank      string // in words; empty: member
	Since     moment
	Suspended moment
	Closed    moment // until when, where its person closed it
}

// membersShown is how many people a page has.
const membersShown = 40

// ranks are those of people, the lowest first.
var ranks = []coop.Rank{coop.RankMember, coop.RankModerator, coop.RankAdmin, coop.RankOwner}

// rankChoices are the ranks that somebody may give, each with what it means.
func rankChoices(t respond.Tongue, me *coop.Account, chosen coop.Rank) []choice {
	var list []choice
	for _, r := range ranks {
		if over(me, r) {
			list = append(list, choice{string(r), t.T("admin_rank_" + string(r)), t.T("admin_rank_" + string(r) + "_may"), r == chosen})
		}
	}
	return list
}

// over tells whether somebody decides about people of a rank: an owner about all,
// others about those below them.
func over(me *coop.Account, rank coop.Rank) bool {
	return me.Rank == coop.RankOwner || !rank.AtLeast(me.Rank)
}

// members answers GET /admin/members?max_id=….
func (f *Face) members(c *gin.Context) error {
	return f.showMembers(c, http.StatusOK, membersView{}, "")
}

// showMembers draws the list; problem is what is wrong with an address of mail.
func (f *Face) showMembers(c *gin.Context, status int, view membersView, problem string) error {
	t, page := f.Shell.Tongue(c), coop.Page{Limit: membersShown}
	if id, err := coop.ParseID(c.Query("max_id")); err == nil {
		page.Max = id
	}
	people, err := f.Store.LocalAccounts(c.Request.Context(), coop.Person, page)
	if err != nil {
		return err
	}
	for _, a := range people {
		view.Rows = append(view.Rows, f.memberRow(t, a))
	}
	if len(people) == membersShown {
		view.Next = membersPath + "?max_id=" + people[membersShown-1].ID.String()
	}
	view.Ranks = rankChoices(t, auth.Account(c), coop.RankMember)
	if c.Query("done") == "sent" {
		view.Done = t.T("admin_members_sent")
	}
	sheet := respond.Sheet{Page: "admin-members", Title: t.T("admin_members_title"), View: view}
	if problem != "" {
		sheet.Problems = []respond.Problem{{Field: "email", Text: t.T(problem)}}
	}
	return f.Shell.Draw(c, status, sheet)
}

// memberRow is one of them.
func (f *Face) memberRow(t respond.Tongue, a *coop.Account) memberRow {
	row := memberRow{person: f.person(a), Page: "/@" + a.Name, URL: membersPath + "/" + a.Name, Since: momentOf(t, a.CreatedAt), Suspended: momentOf(t, a.SuspendedAt)}
	if a.MaySignIn() && a.Gone() {
		row.Suspended, row.Closed = moment{}, momentOf(t, a.ClosedAt.Add(coop.DepartureGrace))
	}
	if a.Rank.Staff() {
		row.Rank = t.T("admin_rank_" + string(a.Rank))
	}
	return row
}

// invite answers POST /admin/members: an address where somebody makes their account,
// once. With send=1 it goes by mail, else it is shown here, and never again.
func (f *Face) invite(c *gin.Context) error {
	if err := auth.Fresh(c); err != nil {
		return err
	}
	t, ctx := f.Shell.Tongue(c), c.Request.Context()
	email, rank := coop.CleanLine(c.PostForm("email"), 300), coop.Rank(c.PostForm("rank"))
	if !slices.Contains(ranks, rank) || !over(auth.Account(c), rank) {
		return fmt.Errorf("invite as %.40q: %w", string(rank), coop.ErrForbidden)
	}
	entry, sends := noted(c, "account.invite", email, string(rank)), c.PostForm("send") == "1"
	switch {
	case sends && !f.Outbox.SendsMail():
		return f.showMembers(c, http.StatusUnprocessableEntity, membersView{Email: email}, "setup_mail_none")
	case email == "" && sends, email != "" && !coop.ValidMail(email):
		return f.showMembers(c, http.StatusUnprocessableEntity, membersView{Email: email}, "setup_wrong_email")
	case sends:
		err := f.Store.Write(ctx, func(tx *storage.Tx) error {
			return also(f.Outbox.SendInvite(ctx, tx, email, t.Tag(), rank), func() error { return tx.AddAudit(ctx, audit(entry)) })
		})
		if err != nil {
			return err
		}
		c.Redirect(http.StatusSeeOther, membersPath+"?done=sent")
		return nil
	}
	link, err := f.Outbox.NewInvite(ctx, email, rank, outbox.Noted(entry))
	if err != nil {
		return err
	}
	return f.showMembers(c, http.StatusOK, membersView{Link: link}, "")
}

// memberView is the page of one person.
type memberView struct {
	memberRow
	Path  string
	Email string
	Mine  bool // it is who asks
	May   bool // who asks decides about them
	Ranks []choice
	Done  string
	Link  string // for a new password; shown once
	By    person // who invited them; empty: no member did
	Came  string // whom they invited
}

// memberDones are what the page of a person can say that was done.
var memberDones = []string{"rank", "suspend", "lift", "last"}

// someone finds the person of the path.
func (f *Face) someone(c *gin.Context) (*coop.Account, error) {
	a, err := f.Store.AccountByHandle(c.Request.Context(), c.Param("name"), "")
	if err == nil && (a.Kind != coop.Person || !a.DeletedAt.IsZero()) {
		err = fmt.Errorf("person %.40q: %w", c.Param("name"), coop.ErrNotFound)
	}
	return a, err
}

// memberPage answers GET /admin/members/NAME.
func (f *Face) memberPage(c *gin.Context) error {
	a, err := f.someone(c)
	if err != nil {
		return err
	}
	return f.showMember(c, a, "")
}

// showMember draws the page of a person, with a link that was made just now.
func (f *Face) showMember(c *gin.Context, a *coop.Account, link string) error {
	t, me := f.Shell.Tongue(c), auth.Account(c)
	view := memberView{memberRow: f.memberRow(t, a), Path: membersPath + "/" + a.Name, Email: a.Email, Mine: a.ID == me.ID, Link: link}
	view.May = !view.Mine && over(me, a.Rank)
	view.Ranks = rankChoices(t, me, a.Rank)
	by, err := f.invitedBy(c, a)
	if err != nil {
		return err
	}
	view.By, view.Came = by, invitesPath+"?by="+url.QueryEscape(a.Name)
	if done := c.Query("done"); slices.Contains(memberDones, done) {
		view.Done = t.T("admin_member_done_" + done)
	}
	return f.Shell.Draw(c, http.StatusOK, respond.Sheet{Page: "admin-member", Title: t.T("admin_member_title", "Name", view.Name), View: view})
}

// changeMember answers POST /admin/members/NAME: act is rank, reset, suspend or lift.
// Nobody decides about themselves, nor about who is above them.
func (f *Face) changeMember(c *gin.Context) error {
	a, err := f.someone(c)
	if err != nil {
		return err
	}
	me, ctx, act := auth.Account(c), c.Request.Context(), c.PostForm("act")
	if a.ID == me.ID || !over(me, a.Rank) {
		return fmt.Errorf("decide about %s: %w", a.IRI, coop.ErrForbidden)
	}
	if err := auth.Fresh(c); err != nil {
		return err
	}
	switch act {
	case "rank":
		act, err = f.setRank(ctx, c, a)
	case "reset":
		link, err := f.Outbox.NewRenew(ctx, a, outbox.Noted(noted(c, "account.reset", string(a.IRI), "")))
		return also(err, func() error { return f.showMember(c, a, link) })
	case "suspend", "lift":
		at := f.Now()
		if act == "lift" {
			at = time.Time{}
		}
		entry := noted(c, "", "", coop.CleanText(c.PostForm("note"), 2000))
		err = f.Store.Write(ctx, func(tx *storage.Tx) error { return tx.DecideAccount(ctx, a, at, entry) })
		if errors.Is(err, coop.ErrConflict) {
			act, err = "last", nil
		}
	default:
		err = &coop.InvalidError{Field: "act", Problem: "this is nothing that is done with a person"}
	}
	if err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, membersPath+"/"+a.Name+"?done="+act)
	return nil
}

// setRank gives a rank, and says what is to be said of it.
func (f *Face) setRank(ctx context.Context, c *gin.Context, a *coop.Account) (string, error) {
	me, rank := auth.Account(c), coop.Rank(c.PostForm("rank"))
	if !slices.Contains(ranks, rank) || !over(me, rank) {
		return "", fmt.Errorf("rank %.40q: %w", string(rank), coop.ErrForbidden)
	}
	err := f.Store.Write(ctx, func(tx *storage.Tx) error { return tx.SetRank(ctx, a.ID, rank, me.Name, c.ClientIP()) })
	if errors.Is(err, coop.ErrConflict) {
		return "last", nil
	}
	return "rank", err
}
