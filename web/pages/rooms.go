// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/federation/sanitize"
	"minga/outbox"
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

// roomAt is a room and as whom the person is in it.
type roomAt struct {
	room      *coop.Room
	me        *coop.Account
	mine      []*coop.Account // all whom the person speaks for and who are in
	members   []*coop.Account
	requester *coop.Account // of a team of this instance, as far as known
	path      string
}

// runs tells whether the person acts for the requester, who writes plan and split.
func (r *roomAt) runs() bool { return r.requester != nil && r.requester.ID == r.me.ID }

// roomFor finds the room of an address for somebody who speaks for a member: that of
// others, and one that is not there, look alike.
func (f *Face) roomFor(c *gin.Context) (*roomAt, error) {
	ctx := c.Request.Context()
	missing := fmt.Errorf("room %.40q: %w", c.Param("id"), coop.ErrNotFound)
	id, err := coop.ParseID(c.Param("id"))
	if err != nil {
		return nil, missing
	}
	spoken, err := auth.Speakable(c, coop.ActRead)
	if err != nil {
		return nil, err
	}
	at := &roomAt{path: roomsPath + "/" + id.String()}
	for _, a := range spoken {
		in, err := f.Store.InTeam(ctx, coop.As(a.ID), id)
		if err != nil {
			return nil, err
		}
		if in {
			at.mine = append(at.mine, a)
		}
	}
	if len(at.mine) == 0 {
		return nil, missing
	}
	at.me = at.mine[0]
	for _, wanted := range []coop.ID{f.acting(c), formID(c)} {
		if i := slices.IndexFunc(at.mine, func(a *coop.Account) bool { return a.ID == wanted }); i >= 0 {
			at.me = at.mine[i]
		}
	}
	return at, f.fillRoom(ctx, at, id)
}

// formID is in whose name a form or an address says that it is.
func formID(c *gin.Context) coop.ID {
	text := c.Query(auth.AsField)
	if c.Request.PostForm != nil {
		text = c.Request.PostForm.Get(auth.AsField)
	}
	id, err := coop.ParseID(text)
	if err != nil {
		return 0
	}
	return id
}

// fillRoom reads who is in, and who runs the team.
func (f *Face) fillRoom(ctx context.Context, at *roomAt, id coop.ID) (err error) {
	if at.room, err = f.Store.Team(ctx, id); err != nil {
		return err
	}
	list, err := f.Store.Memberships(ctx, storage.MembershipQuery{Organization: id, Verified: true}, coop.Page{Limit: 80})
	if err != nil {
		return err
	}
	slices.Reverse(list)
	for _, m := range list {
		at.members = append(at.members, m.Member)
	}
	if at.room.RequestID == 0 {
		return nil
	}
	if p, err := f.Store.Post(ctx, coop.System(), at.room.RequestID); err == nil {
		at.requester = p.Author
	}
	return nil
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

// roomAgreement is who agreed to work how much.
type roomAgreement struct {
	Who          person
	Slot, Amount string
	Hours        int
	Over         bool
	URL          string
}

// roomStep is a step of the plan.
type roomStep struct {
	Name, From, To string
	Work           []roomAgreement
}

// roomLine is a line of the split.
type roomLine struct {
	For      string
	Provider person
	Hours    int
	Payee    person
	Amount   string
}

// roomSplit is the split of the price.
type roomSplit struct {
	Lines        []roomLine
	Price, Sum   string
	Version      string
	Agreed, Open []person
	MayAgree     bool
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

// fillShared reads agreements, plan, split and files.
func (f *Face) fillShared(ctx context.Context, view *roomView, at *roomAt) error {
	records, err := f.Store.Records(ctx, at.room.ID, "")
	if err != nil {
		return err
	}
	who := f.callers(at)
	currency := ""
	if at.room.Split != nil {
		currency = at.room.Split.Currency
	}
	for _, r := range records {
		switch r.Kind {
		case coop.RecordAgreement:
			g := outbox.ReadAgreement(r)
			one := roomAgreement{Who: who(g.Provider), Slot: slotWord(g.Slot), Hours: g.Hours, Over: g.Over}
			if !g.Amount.IsZero() {
				one.Amount = view.money(currency, g.Amount)
			}
			view.Agreements = append(view.Agreements, one)
		case coop.RecordFile:
			file := sentFile{r.Title, view.T("room_file_comes"), ""}
			if r.Sealed != "" {
				file = sentFile{r.Title, view.sizeOf(r.Size), at.path + "/files/" + r.ID.String()}
			}
			view.Files = append(view.Files, file)
		}
	}
	if at.room.Plan != nil {
		for _, s := range at.room.Plan.Steps {
			view.Steps = append(view.Steps, f.roomStep(view.tongue, s, who))
		}
	}
	if s := at.room.Split; s != nil {
		view.Split = &roomSplit{Price: view.money(currency, s.Price), Sum: view.money(currency, s.Sum()), Version: strconv.Itoa(s.Version)}
		for _, line := range s.Lines {
			view.Split.Lines = append(view.Split.Lines, roomLine{line.For, who(line.Provider), line.Hours, who(line.Payee), view.money(currency, line.Amount)})
		}
		for _, m := range at.members {
			if slices.Contains(s.Agreed, m.IRI) {
				view.Split.Agreed = append(view.Split.Agreed, f.person(m))
			} else {
				view.Split.Open = append(view.Split.Open, f.person(m))
			}
		}
		view.Split.MayAgree = view.MaySay && at.room.EndedAt.IsZero() && !slices.Contains(s.Agreed, at.me.IRI)
	}
	return nil
}

// roomStep is a step of the plan in words.
func (f *Face) roomStep(t *tongue, s coop.PlanStep, who func(coop.IRI) person) roomStep {
	step := roomStep{Name: s.Name, From: dayIn(t, s.From), To: dayIn(t, s.To)}
	for _, w := range s.Work {
		one := roomAgreement{Hours: w.Hours, Slot: w.Name}
		if w.Provider != "" {
			one.Who = who(w.Provider)
		}
		if one.Slot == "" {
			one.Slot = slotWord(w.Slot)
		}
		step.Work = append(step.Work, one)
	}
	return step
}

// dayIn is a day in words; empty for none.
func dayIn(t *tongue, at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return t.Day(at)
}

// callers names the members by their ids; others by their address.
func (f *Face) callers(at *roomAt) func(coop.IRI) person {
	known := map[coop.IRI]person{}
	for _, m := range at.members {
		known[m.IRI] = f.person(m)
	}
	return func(iri coop.IRI) person {
		if p, ok := known[iri]; ok || iri == "" {
			return p
		}
		return person{Name: string(iri)}
	}
}

// slotWord is the key of a slot in its address, such as backend.
func slotWord(slot coop.IRI) string {
	address, _, _ := strings.Cut(string(slot), "#")
	if i := strings.LastIndexByte(address, '/'); i >= 0 {
		return coop.CleanLine(address[i+1:], 60)
	}
	return ""
}
