// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/web/auth"
)

// newRequest answers POST /requests/write.
func (f *Face) newRequest(c *gin.Context) error {
	w, err := f.startRequest(c)
	if err != nil {
		return err
	}
	return f.sendRequest(c, w, f.requestForm(c, w, requestsPath+"/write", "request_new"))
}

// editRequest answers POST /requests/ID/edit.
func (f *Face) editRequest(c *gin.Context) error {
	w, err := f.editedRequest(c)
	if err != nil {
		return err
	}
	return f.sendRequest(c, w, f.requestForm(c, w, requestPath(w.before, "/edit"), "request_edit"))
}

// sendRequest does what the pressed button says.
func (f *Face) sendRequest(c *gin.Context, w *requestForm, view *requestFormView) error {
	view.Given = typedRequest(c)
	if w.before != nil {
		view.Given.Language = w.before.Language
	}
	view.list()
	act := c.PostForm("act")
	if more := act == "slot" && view.MayAdd; more || act == "again" { // again: from before a sign-in
		if more {
			view.Given.Slots = append(view.Given.Slots, slotFields{})
			view.list()
		}
		return f.show(c, http.StatusOK, "request-form", view)
	}
	reader := &requestReader{formReader: formReader{}, given: view.Given}
	p, file := reader.write(w)
	if len(reader.list) > 0 {
		return f.refuseRequest(c, view, reader, reader.list)
	}
	if _, err := auth.ActAs(c, w.author.ID, coop.ActRequest); err != nil {
		return err
	}
	err := f.keepRequest(c.Request.Context(), act, view.Edit, p, file)
	if list := coop.Complaints(err); list != nil {
		return f.refuseRequest(c, view, reader, list)
	}
	if errors.Is(err, coop.ErrConflict) {
		view.complain("title", view.T("request_changed_meanwhile"))
		return f.show(c, http.StatusConflict, "request-form", view)
	}
	if err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, requestPath(p, map[bool]string{true: "/edit?saved=1"}[act == "draft"]))
	return nil
}

// keepRequest keeps a draft, changes what is published, or publishes it. Who edits what a
// client sent has taken it.
func (f *Face) keepRequest(ctx context.Context, act string, edit bool, p *coop.Post, file *coop.RequestFile) error {
	if p.Request.Status == coop.RequestReview {
		if _, err := f.Outbox.TakeRequest(ctx, p.ID); err != nil {
			return err
		}
		p.Request.Status = coop.RequestDraft
	}
	switch {
	case act == "draft" && !edit:
		return f.Outbox.SaveRequestDraft(ctx, p.Author, p, file)
	case act != "publish":
		return &coop.InvalidError{Field: "act", Code: coop.CodeUnknown, Problem: "draft or publish"}
	case edit:
		return f.Outbox.EditRequest(ctx, p, file)
	}
	p.Request.Version = 0
	return f.Outbox.PublishRequest(ctx, p.Author, p, file)
}

// refuseRequest shows the form again with what is wrong, and all that was typed.
func (f *Face) refuseRequest(c *gin.Context, view *requestFormView, r *requestReader, list coop.Invalid) error {
	for _, e := range list {
		field, label := r.field(e.Field)
		if view.Problem(field) == "" {
			view.complain(field, view.requestProblem(label, e.Code))
		}
	}
	return f.show(c, http.StatusUnprocessableEntity, "request-form", view)
}

// requestProblem says in words what is wrong with a field.
func (t *tongue) requestProblem(label, code string) string {
	name := t.T("request_" + label)
	switch {
	case label == "description" && code == coop.CodeTooShort:
		return name + ": " + t.T("problem_description")
	case label == "respond_by" && code == coop.CodeTooLate:
		return name + ": " + t.T("request_too_late")
	case label == "rules" && code == coop.CodeNotAllowed:
		return name + ": " + t.T("request_rule_stays")
	case label == "hours" && code == coop.CodeOrder, label == "slots" && code == coop.CodeNotAllowed:
		return name + ": " + t.T("request_hours_stay")
	case slices.Contains(fieldCodes, code):
		return name + ": " + t.T("problem_"+code)
	}
	return name + ": " + t.T("problem_format")
}

// typedRequest reads the form.
func typedRequest(c *gin.Context) requestFields {
	text := func(name string) string { return coop.CleanLine(coop.Truncate(c.PostForm(name), 4000), 2000) }
	long := func(name string) string { return coop.CleanText(c.PostForm(name), 100_000) }
	g := requestFields{
		Version: text("version"), Language: text("language"), Title: text("title"), Description: long("description"),
		Language2: text("language_2"), Title2: text("title_2"), Description2: long("description_2"),
		RespondBy: text("respond_by"), Currency: text("currency"), BudgetMin: text("budget_min"), BudgetMax: text("budget_max"), Rules: c.PostFormArray("rule"),
		Members: long("members"), Client: text("client"), Contact: text("contact"), Mail: text("mail"), Contract: long("contract"), FileNote: long("notes"),
	}
	for n := 1; n <= mostSlots; n++ {
		at := "slot_" + strconv.Itoa(n) + "_"
		if _, there := c.GetPostForm(at + "name"); !there {
			break
		}
		g.Slots = append(g.Slots, slotFields{
			N: n, Key: text(at + "key"), Name: text(at + "name"), Skill: text(at + "skill"), Hours: text(at + "hours"), Rate: text(at + "rate"),
			Required: c.PostForm(at+"required") != "",
		})
	}
	return g
}
