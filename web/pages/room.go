// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/federation/sanitize"
	"minga/storage"
	"minga/web/auth"
)

// roomMessage is what somebody said.
type roomMessage struct {
	ID   string
	Who  person
	At   moment
	Text prose
	Mine bool
}

// roomMate is a member, whom the requester may remove by its ID; empty where not.
type roomMate struct {
	Who person
	ID  string
}

// roomView is a room.
type roomView struct {
	formFrame
	Path       string
	Name       string
	Home       string
	Mate       person // in whose name somebody reads
	As         string
	Mine       []choice
	Members    []roomMate
	Ended      string // the day on which the server of the team deleted it
	Messages   []roomMessage
	Older      string
	Plan       *coop.Plan
	Steps      []roomStep
	Split      *roomSplit
	Agreements []roomAgreement
	Files      []sentFile
	Request    string
	Runs       bool
	MaySay     bool
	Said       string
	Removing   string // the member whose removal lacks its reason
	Done       string
}

// roomMessages is how many messages stand on a page.
const roomMessages = 40

// roomPage answers GET /rooms/ID.
func (f *Face) roomPage(c *gin.Context) error {
	at, err := f.roomFor(c)
	if err != nil {
		return err
	}
	view, err := f.roomView(c, at)
	if err != nil {
		return err
	}
	if done := c.Query("done"); slices.Contains([]string{"said", "plan", "split", "agreed", "removed"}, done) {
		view.Done = view.T("room_done_" + done)
	}
	return f.show(c, http.StatusOK, "room", view)
}

// roomView reads what the page shows.
func (f *Face) roomView(c *gin.Context, at *roomAt) (*roomView, error) {
	ctx := c.Request.Context()
	view := &roomView{
		formFrame: f.formFrame(c, "rooms_title", nil), Path: at.path, Name: at.room.Account.DisplayName, Home: at.room.Account.IRI.Host(), Mate: f.person(at.me), As: at.me.ID.String(),
		Runs: at.runs(), Plan: at.room.Plan,
	}
	view.Title = view.Name
	for _, a := range at.mine {
		view.Mine = append(view.Mine, choice{a.ID.String(), f.person(a).Name, a.ID == at.me.ID})
	}
	speakers, err := auth.Speakable(c, coop.TeamAct(at.me.Kind))
	if err != nil {
		return nil, err
	}
	view.MaySay = slices.ContainsFunc(speakers, func(a *coop.Account) bool { return a.ID == at.me.ID })
	for _, m := range at.members {
		mate := roomMate{Who: f.person(m)}
		if view.MaySay && at.runs() && m.ID != at.me.ID {
			mate.ID = m.ID.String()
		}
		view.Members = append(view.Members, mate)
	}
	view.Ended = dayIn(view.tongue, at.room.EndedAt)
	if at.room.RequestID != 0 {
		view.Request = "/requests/" + at.room.RequestID.String()
	}
	if err := f.fillMessages(ctx, view, at, c.Query("before")); err != nil {
		return nil, err
	}
	return view, f.fillShared(ctx, view, at)
}

// fillMessages reads what was said, the newest at the end.
func (f *Face) fillMessages(ctx context.Context, view *roomView, at *roomAt, before string) error {
	page := coop.Page{Limit: roomMessages}
	if id, err := coop.ParseID(before); err == nil {
		page.Max = id
	}
	posts, err := f.Store.Posts(ctx, coop.As(at.me.ID), storage.PostQuery{Room: at.room.ID}, page)
	if err != nil {
		return err
	}
	for _, p := range posts {
		view.Messages = append(view.Messages, roomMessage{
			ID: p.ID.String(), Who: f.person(p.Author), At: momentOf(view.tongue, p.Published), Text: prose{p.Language, sanitize.Page(p.Content)}, Mine: p.AuthorID == at.me.ID,
		})
	}
	if len(posts) == roomMessages {
		view.Older = at.path + "?before=" + posts[len(posts)-1].ID.String()
	}
	slices.Reverse(view.Messages)
	return nil
}
