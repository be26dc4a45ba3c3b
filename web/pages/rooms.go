// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
	"minga/web/respond"
)

// roomsPath lists the teams of those whom a person speaks for; below it stands each room.
// The address /teams/NAME is that of the team's actor.
const roomsPath = "/rooms"

// roomRoutes are the rooms of teams, for the people of their members.
func (f *Face) roomRoutes() []auth.Route {
	get := func(path string, h respond.Handler) auth.Route {
		return auth.Route{Method: "GET", Path: path, Access: auth.Session, Limit: auth.LimitReads, CSRF: auth.CSRFSafe, Sees: auth.SeesOwn, Form: respond.HTML, Handle: h}
	}
	post := func(path string, h respond.Handler) auth.Route {
		return auth.Route{Method: "POST", Path: path, Access: auth.Session, Limit: auth.LimitPosts, CSRF: auth.CSRFForm, Sees: auth.SeesOwn, Body: signInBody, Form: respond.HTML, Handle: h}
	}
	say := post(roomsPath+"/:id/say", f.sayInRoom)
	say.Body, say.Parts = applyBody, true
	return []auth.Route{
		get(roomsPath, f.roomsPage), get(roomsPath+"/:id", f.roomPage), say,
		post(roomsPath+"/:id/answer", f.answerTeam), post(roomsPath+"/:id/leave", f.leaveTeam),
		get(roomsPath+"/:id/plan", f.planPage), post(roomsPath+"/:id/plan", f.setPlan),
		get(roomsPath+"/:id/split", f.splitPage), post(roomsPath+"/:id/split", f.setSplit),
		post(roomsPath+"/:id/agree", f.agreeSplit),
		get(roomsPath+"/:id/files/:file", f.roomFile), get(roomsPath+"/:id/export.zip", f.exportRoom),
	}
}

// roomsView is the list of teams.
type roomsView struct {
	formFrame
	Rooms   []roomCard
	Invited []roomCard
	Done    string
}

// roomCard is a team in the list.
type roomCard struct {
	Name, URL, Answer, As string
	Who                   person // of ours, that is in or invited
	Home                  string // the server of the team
	Note                  string
}

// roomsPage answers GET /rooms.
func (f *Face) roomsPage(c *gin.Context) error {
	ctx := c.Request.Context()
	view := roomsView{formFrame: f.formFrame(c, "rooms_title", nil)}
	spoken, err := auth.Speakable(c, coop.ActRead)
	if err != nil {
		return err
	}
	for _, a := range spoken {
		rooms, err := f.Store.TeamsOf(ctx, a.ID, coop.Page{Limit: 80})
		if err != nil {
			return err
		}
		for _, r := range rooms {
			view.Rooms = append(view.Rooms, roomCard{Name: r.Account.DisplayName, URL: roomsPath + "/" + r.ID.String(), Who: f.person(a), Home: r.Account.IRI.Host()})
		}
		invited, err := f.Store.Memberships(ctx, storage.MembershipQuery{Member: a.ID, States: []coop.MembershipState{coop.MembershipInvited}}, coop.Page{Limit: 40})
		if err != nil {
			return err
		}
		for _, m := range invited {
			if m.Organization.Kind != coop.Team {
				continue
			}
			view.Invited = append(view.Invited, roomCard{
				Name: m.Organization.DisplayName, Answer: roomsPath + "/" + m.Organization.ID.String() + "/answer", As: a.ID.String(), Who: f.person(a), Home: m.Organization.IRI.Host(), Note: m.Note,
			})
		}
	}
	if done := c.Query("done"); done == "declined" || done == "left" {
		view.Done = view.T("rooms_done_" + done)
	}
	return f.show(c, http.StatusOK, "rooms", view)
}
