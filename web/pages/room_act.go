// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage/media"
	"minga/web/auth"
)

// roomText bounds the fields of a message that is sent, in bytes.
const roomText = 64 << 10

// roomSaid is a message as it was sent.
type roomSaid struct {
	sealedForm
	As, Text, Contract string
}

// sayInRoom answers POST /rooms/ID/say: a message, and PDF files with it.
func (f *Face) sayInRoom(c *gin.Context) error {
	said, err := f.readSaid(c)
	if err == nil {
		err = f.saySaid(c, said)
	}
	if err != nil {
		said.Drop(c.Request.Context(), f.Media)
	}
	return err
}

// saySaid judges and sends it; files that no row names are dropped.
func (f *Face) saySaid(c *gin.Context, said *roomSaid) error {
	c.Request.PostForm = map[string][]string{auth.AsField: {said.As}}
	at, err := f.roomFor(c)
	if err != nil {
		return err
	}
	if _, err := auth.ActAs(c, at.me.ID, coop.TeamAct(at.me.Kind)); err != nil {
		return err
	}
	if said.Problem == "" && said.Text == "" && len(said.Files) > 0 {
		said.Text = said.Files[0].Title
	}
	if said.Problem == "" {
		_, err = f.Outbox.SayInTeam(c.Request.Context(), at.me, at.room.ID, said.Text, 0, said.Records(said.Contract != ""))
	}
	if problem := said.Problem; problem != "" || coop.Complaints(err) != nil {
		return f.saidUnfit(c, at, said)
	}
	if err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, at.path+"?done=said#latest")
	return nil
}

// saidUnfit shows the room again with what is wrong and what was typed.
func (f *Face) saidUnfit(c *gin.Context, at *roomAt, said *roomSaid) error {
	said.Drop(c.Request.Context(), f.Media)
	view, err := f.roomView(c, at)
	if err != nil {
		return err
	}
	view.Said = said.Text
	if said.Problem != "" {
		view.complain("files", view.T("apply_form_problem_"+said.Problem))
	} else {
		view.complain("text", view.T("room_problem_text"))
	}
	return f.show(c, http.StatusUnprocessableEntity, "room", view)
}

// readSaid reads the form.
func (f *Face) readSaid(c *gin.Context) (*roomSaid, error) {
	said := &roomSaid{sealedForm: sealedForm{
		texts: roomText, names: []string{auth.AsField, "text", "contract"}, Basket: media.Basket{Most: coop.MaxSaidFiles, Large: coop.MaxTeamFile},
	}}
	said.set = said.take
	return said, f.readSealed(c, &said.sealedForm)
}

// take notes a field.
func (s *roomSaid) take(name, value string) {
	switch name {
	case auth.AsField:
		s.As = coop.CleanLine(value, 40)
	case "text":
		s.Text = coop.CleanText(value, roomText)
	case "contract":
		s.Contract = coop.CleanLine(value, 10)
	}
}

// answerTeam answers POST /rooms/ID/answer: a co-op takes an invitation or does not.
func (f *Face) answerTeam(c *gin.Context) error {
	team, err := coop.ParseID(c.Param("id"))
	if err != nil {
		return fmt.Errorf("room %.40q: %w", c.Param("id"), coop.ErrNotFound)
	}
	spoken, err := auth.Speakable(c, coop.ActRead)
	if err != nil {
		return err
	}
	as, _ := coop.ParseID(c.PostForm(auth.AsField)) // what is no id is nobody's
	i := slices.IndexFunc(spoken, func(a *coop.Account) bool { return a.ID == as })
	if i < 0 {
		return fmt.Errorf("room %s: %w", team, coop.ErrNotFound)
	}
	m, err := f.Store.MembershipOf(c.Request.Context(), as, team)
	if err != nil {
		return err
	}
	if _, err := auth.ActAs(c, as, coop.TeamAct(spoken[i].Kind)); err != nil {
		return err
	}
	accept := c.PostForm("act") == "accept"
	if err := f.Outbox.AnswerInvite(c.Request.Context(), m, accept, ""); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, roomsPath+map[bool]string{false: "?done=declined"}[accept])
	return nil
}

// leaveTeam answers POST /rooms/ID/leave: a co-op leaves, or the requester removes one.
func (f *Face) leaveTeam(c *gin.Context) error {
	at, err := f.roomFor(c)
	if err != nil {
		return err
	}
	if _, err := auth.ActAs(c, at.me.ID, coop.TeamAct(at.me.Kind)); err != nil {
		return err
	}
	ctx := c.Request.Context()
	who := at.me.ID
	if id, err := coop.ParseID(c.PostForm("member")); err == nil && at.runs() {
		who = id
	}
	m, err := f.Store.MembershipOf(ctx, who, at.room.ID)
	if err != nil {
		return err
	}
	if who != at.me.ID {
		return f.removeMate(c, at, m)
	}
	if err := f.Outbox.LeaveMembership(ctx, m); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, roomsPath+"?done=left")
	return nil
}

// removeMate takes another member out, for a reason.
func (f *Face) removeMate(c *gin.Context, at *roomAt, m *coop.Membership) error {
	note := coop.CleanText(c.PostForm("note"), 500)
	if coop.ValidateReason(note) != nil {
		view, err := f.roomView(c, at)
		if err != nil {
			return err
		}
		view.Removing = m.Member.ID.String()
		view.complain("note-"+view.Removing, view.T("room_problem_note"))
		return f.show(c, http.StatusUnprocessableEntity, "room", view)
	}
	if err := f.Outbox.RemoveMember(c.Request.Context(), m, note); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, at.path+"?done=removed")
	return nil
}

// agreeSplit answers POST /rooms/ID/agree.
func (f *Face) agreeSplit(c *gin.Context) error {
	at, err := f.roomFor(c)
	if err != nil {
		return err
	}
	if _, err := auth.ActAs(c, at.me.ID, coop.TeamAct(at.me.Kind)); err != nil {
		return err
	}
	version := 0
	if _, err := fmt.Sscanf(coop.Truncate(c.PostForm("version"), 6), "%d", &version); err != nil {
		version = 0
	}
	err = f.Outbox.AgreeSplit(c.Request.Context(), at.me, at.room.ID, version)
	if errors.Is(err, coop.ErrConflict) {
		view, errView := f.roomView(c, at)
		if errView != nil {
			return errView
		}
		view.complain("split", view.T("room_problem_version"))
		return f.show(c, http.StatusUnprocessableEntity, "room", view)
	}
	if err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, at.path+"?done=agreed#split")
	return nil
}

// roomFile answers GET /rooms/ID/files/FILE.
func (f *Face) roomFile(c *gin.Context) error {
	at, err := f.roomFor(c)
	if err != nil {
		return err
	}
	id, err := coop.ParseID(c.Param("file"))
	if err != nil {
		return fmt.Errorf("file %.40q: %w", c.Param("file"), coop.ErrNotFound)
	}
	r, err := f.Store.RecordByID(c.Request.Context(), coop.As(at.me.ID), at.room.ID, id)
	if err != nil {
		return err
	}
	if r.Kind != coop.RecordFile || r.Sealed == "" {
		return fmt.Errorf("file %s: %w", id, coop.ErrNotFound)
	}
	return f.sendPDF(c, coop.ApplicationFile{Name: r.Sealed, Title: r.Title, Size: r.Size})
}

// exportRoom answers GET /rooms/ID/export.zip.
func (f *Face) exportRoom(c *gin.Context) error {
	at, err := f.roomFor(c)
	if err != nil {
		return err
	}
	h := c.Writer.Header()
	h.Set("Content-Type", "application/zip")
	h.Set("Content-Disposition", `attachment; filename="`+at.room.Account.Name+`.zip"`)
	h.Set("Cache-Control", "private, no-store")
	return f.Outbox.ExportTeam(c.Request.Context(), c.Writer, at.room.ID, f.Media.OpenSealed)
}
