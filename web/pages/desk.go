// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
)

// deskPath is where people land who sign in.
const deskPath = "/desk"

// deskView is what needs somebody today.
type deskView struct {
	formFrame
	Done  string
	Parts []deskPart
	Begin []way // where something new is made
	Idle  bool  // nothing needs them

	held []coop.Held
}

// deskPart is what needs them of one kind.
type deskPart struct {
	ID, Title string
	Lines     []deskLine
	More      way // where the rest of it stands; without a name: nowhere else
	FormToken string
}

// deskLine is one thing that needs somebody.
type deskLine struct {
	Title line
	URL   string
	Facts []string
	Form  *deskForm // it is done here; nil: on its page
}

// deskForm does it with one button.
type deskForm struct {
	Action  string
	Fields  []coop.QueryValue
	Buttons []choice // of the field act; the first is the usual one
	Name    string   // what it is about, for who does not see where it stands
}

// deskLines is how many things of one kind are listed.
const deskLines = 10

// desk answers GET /desk: what waits for the person, for themselves and for every co-op in
// which they hold a role, each by a link or a button.
func (f *Face) desk(c *gin.Context) error {
	view := deskView{formFrame: f.formFrame(c, "frame_desk", nil), held: f.held(c)}
	view.Section = "desk"
	if done := c.Query("done"); done == "accepted" || done == "refused" {
		view.Done = view.T("desk_done_" + done)
	}
	for _, part := range []func(*gin.Context, *deskView) error{f.deskBallots, f.deskRequests, f.deskMemberships, f.deskFollows, f.deskTold, f.deskJobs, f.deskLibrary, f.deskServer} {
		if err := part(c, &view); err != nil {
			return err
		}
	}
	view.Idle = len(view.Parts) == 0
	view.Begin = f.deskWays(&view)
	return f.show(c, http.StatusOK, "desk", view)
}

// add puts a part on the desk, unless nothing is in it.
func (v *deskView) add(id, title string, more way, lines ...deskLine) {
	if len(lines) > 0 {
		v.Parts = append(v.Parts, deskPart{id, v.T(title), lines[:min(len(lines), deskLines)], more, v.FormToken})
	}
}

// may are the accounts in which the person may do an act.
func (v *deskView) may(act coop.RoleAct) []*coop.Account {
	var list []*coop.Account
	for _, h := range v.held {
		if coop.RolesMay(h.Roles, act.In(h.Account.Kind)) {
			list = append(list, h.Account)
		}
	}
	return list
}

// deskWays are the pages on which something new is made.
func (f *Face) deskWays(v *deskView) []way {
	ways := []way{{URL: intentPath + "/create", Name: v.T("intent_create")}, {URL: homePath, Name: v.T("read_home_title")}}
	if len(v.may(coop.ActPublish)) > 0 {
		ways = append(ways, way{URL: "/jobs/new", Name: v.T("desk_new_job")})
	}
	return append(ways, way{URL: "/library/new", Name: v.T("library_new")})
}

// deskFollows is who asks to follow.
func (f *Face) deskFollows(c *gin.Context, v *deskView) error {
	var lines []deskLine
	for _, a := range append([]*coop.Account{auth.Account(c)}, v.may(coop.ActRelate)...) {
		some, err := f.followsThatWait(c.Request.Context(), v.tongue, a, deskPath)
		if err != nil {
			return err
		}
		lines = append(lines, some...)
	}
	v.add("follows", "desk_follows", way{}, lines...)
	return nil
}

// mayRelate tells whether who asks may answer who wants to follow an account.
func (f *Face) mayRelate(c *gin.Context, about *coop.Account) bool {
	if about.ID == auth.Account(c).ID {
		return true
	}
	_, err := auth.ActAs(c, about.ID, coop.ActRelate)
	return err == nil
}

// followsThatWait are the follows of an account that wait for its answer, which leads back
// to a page.
func (f *Face) followsThatWait(ctx context.Context, t *tongue, a *coop.Account, back string) ([]deskLine, error) {
	asked, err := f.Store.Followers(ctx, a.ID, coop.FollowAsked, coop.Page{Limit: deskLines})
	if err != nil {
		return nil, err
	}
	lines := make([]deskLine, 0, len(asked))
	for _, x := range asked {
		who := f.person(x.Follower)
		lines = append(lines, deskLine{
			Title: line{Text: who.Name}, URL: who.URL, Facts: []string{who.Handle, t.T("desk_wants", "Name", f.person(a).Name)},
			Form: &deskForm{
				Action: deskPath + "/follows/" + x.ID.String(), Name: who.Name, Fields: []coop.QueryValue{{Name: "back", Value: back}},
				Buttons: []choice{{Value: "accept", Name: t.T("desk_accept")}, {Value: "refuse", Name: t.T("desk_refuse")}},
			},
		})
	}
	return lines, nil
}

// deskFollow answers POST /desk/follows/ID: a follow of the person, or of a co-op whose
// follows they answer, is accepted or refused. Another's is not found.
func (f *Face) deskFollow(c *gin.Context) error {
	id, err := coop.ParseID(c.Param("id"))
	if err != nil {
		return err
	}
	ctx, me := c.Request.Context(), auth.Account(c)
	x, err := f.Store.FollowByID(ctx, id)
	if err != nil {
		return err
	}
	if x.Target.ID != me.ID {
		if _, err := auth.ActAs(c, x.Target.ID, coop.ActRelate); err != nil {
			return errors.Join(coop.ErrNotFound, err)
		}
		ctx = c.Request.Context()
	}
	done := "accepted"
	if c.PostForm("act") != "accept" {
		done = "refused"
	}
	if x.State == coop.FollowAsked { // else somebody was faster
		if err := f.Outbox.DecideFollow(ctx, x, done == "accepted", ""); err != nil {
			return err
		}
	}
	back := deskPath
	if c.PostForm("back") == toldPath {
		back = toldPath
	}
	c.Redirect(http.StatusSeeOther, back+"?done="+done)
	return nil
}

// deskTold is what the person was told and has not read, and how much their co-ops have not:
// offers, decisions, memberships and the like come to those.
func (f *Face) deskTold(c *gin.Context, v *deskView) error {
	ctx, me := c.Request.Context(), auth.Account(c)
	read, n, err := f.unread(ctx, me)
	if err != nil {
		return err
	}
	var lines []deskLine
	if n > 0 {
		query := toldQuery(me)
		query.Kinds = []coop.NotificationKind{coop.NotifyMention, coop.NotifyInterest}
		told, err := f.Store.FindNotifications(ctx, query, coop.Page{Since: read, Limit: 3})
		if err != nil {
			return err
		}
		if lines, err = f.deskMentions(ctx, v, me, told); err != nil {
			return err
		}
		lines = append(lines, deskLine{Title: line{Text: v.N("desk_unread", n)}, URL: toldPath})
	}
	own := c.Request
	defer func() { c.Request = own }()
	for _, a := range v.may(coop.ActRead) {
		if _, err := auth.ActAs(c, a.ID, coop.ActRead); err != nil { // counted is what the roles let them see
			return err
		}
		_, n, err := f.unread(c.Request.Context(), a)
		if err != nil {
			return err
		}
		if n > 0 {
			lines = append(lines, deskLine{Title: line{Text: v.N("desk_unread", n)}, URL: toldPath + "?" + withAs(a.ID.String()), Facts: []string{f.person(a).Name}})
		}
	}
	v.add("told", "frame_notifications", way{}, lines...)
	return nil
}

// unread is how far an account has read, and how much there is since, 100 at most.
func (f *Face) unread(ctx context.Context, a *coop.Account) (coop.ID, int, error) {
	markers, err := f.Store.Markers(ctx, a.ID)
	if err != nil {
		return 0, 0, err
	}
	read := markers["notifications"].LastRead
	n, err := f.Store.CountNotifications(ctx, toldQuery(a), read, 100)
	return read, n, err
}

// deskMentions are the last words that somebody wrote to the person.
func (f *Face) deskMentions(ctx context.Context, v *deskView, me *coop.Account, told []coop.Notification) ([]deskLine, error) {
	var ids []coop.ID
	for _, n := range told {
		ids = append(ids, n.PostID)
	}
	posts, err := f.Store.PostsByID(ctx, coop.As(me.ID), ids)
	lines := make([]deskLine, 0, len(posts))
	for _, p := range posts {
		card := f.cardFor(v.tongue, p)
		lines = append(lines, deskLine{Title: lineAbout(p), URL: card.URL, Facts: []string{card.Author.Name, card.Day}})
	}
	return lines, err
}

// deskServer is what waits for who looks after the server.
func (f *Face) deskServer(c *gin.Context, v *deskView) error {
	if !auth.Account(c).Rank.Staff() || !f.mounted["/admin"] {
		return nil
	}
	_, follows, err := f.Store.WaitingFollows(c.Request.Context(), 1)
	if err != nil {
		return err
	}
	reports, err := f.Store.Reports(c.Request.Context(), storage.ReportQuery{}, coop.Page{Limit: deskLines})
	if err != nil {
		return err
	}
	var lines []deskLine
	if follows > 0 {
		lines = append(lines, deskLine{Title: line{Text: v.N("desk_server_follows", follows)}, URL: "/admin"})
	}
	if len(reports) > 0 {
		lines = append(lines, deskLine{Title: line{Text: v.N("desk_server_reports", len(reports))}, URL: "/admin/reports"})
	}
	v.add("server", "frame_admin", way{}, lines...)
	return nil
}
