// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/web/auth"
)

// requestManage is what its author may do.
type requestManage struct {
	Edit, Path                 string
	Editable                   bool
	Steps                      []choice
	File                       []fact // who the client is
	Notes                      string
	DeleteAt                   string // when that is deleted
	Contract                   bool   // the contract may be put in
	ContractPath, ContractText string
	Waiting                    bool // nobody has read it yet
	Draft                      bool
}

// fillManage fills in what the author of a request may do with it.
func (f *Face) fillManage(c *gin.Context, view *requestView, p *coop.Post) error {
	view.FormToken, view.NoIndex = auth.FormToken(c), !p.Request.Status.OnWire()
	m := &requestManage{
		Edit: requestPath(p, "/edit"), Path: requestPath(p, "/step"), Waiting: p.Request.Status == coop.RequestReview, Draft: p.Request.Status == coop.RequestDraft,
		Editable: p.Request.Status == coop.RequestDraft || p.Request.Takes(f.Now()),
		Contract: p.Request.Status.OnWire() && !p.Request.Status.Ended(), ContractPath: requestPath(p, "/contract"),
	}
	for _, action := range coop.RequestActions() {
		if next, err := p.Request.Status.Step(action); err == nil && next != p.Request.Status {
			m.Steps = append(m.Steps, choice{string(action), view.T("request_do_" + string(action)), action == coop.RequestWithdraw || action == coop.RequestLose})
		}
	}
	view.Manage = m
	ctx := c.Request.Context()
	switch _, err := f.Store.TeamOfRequest(ctx, p.ID); {
	case err == nil: // what the team is to see lies in its room
		m.Contract = false
	case !errors.Is(err, coop.ErrNotFound):
		return err
	}
	file, err := f.Store.RequestFile(ctx, p.ID)
	if err == nil {
		view.fillFile(file)
	} else if errors.Is(err, coop.ErrNotFound) {
		err = nil
	}
	return err
}

// fillFile shows what of a request stays on this instance.
func (v *requestView) fillFile(file *coop.RequestFile) {
	m := v.Manage
	for _, row := range []fact{{"client", file.Client}, {"contact", file.Contact}, {"mail", file.Mail}, {"contract", file.Contract}} {
		if row.Value != "" {
			m.File = append(m.File, fact{v.T("request_" + row.Name), row.Value})
		}
	}
	m.ContractText, m.Notes, m.DeleteAt = file.Contract, file.Notes, v.Day(file.DeleteAt)
}

// stepProblem says in words why a step was not taken.
func (t *tongue) stepProblem(err error) string {
	var one *coop.InvalidError
	var list coop.Invalid
	switch {
	case errors.As(err, &list) && len(list) > 0:
		return t.T("request_not_complete")
	case errors.As(err, &one) && one.Field == "contract":
		return t.T("request_needs_contract")
	}
	return t.T("request_not_now")
}

// keepContract answers POST /requests/ID/contract.
func (f *Face) keepContract(c *gin.Context) error {
	p, owner, err := f.requestOwner(c)
	if err != nil {
		return err
	}
	if _, err := auth.ActAs(c, owner.ID, coop.ActRequest); err != nil {
		return err
	}
	ctx := c.Request.Context()
	file, err := f.Store.RequestFile(ctx, p.ID)
	if errors.Is(err, coop.ErrNotFound) {
		file, err = &coop.RequestFile{PostID: p.ID}, nil
	}
	if err != nil {
		return err
	}
	file.Contract = coop.CleanText(c.PostForm("contract"), 8000)
	err = f.Outbox.KeepRequestFile(ctx, file)
	if coop.Complaints(err) != nil {
		return f.showRequest(c, p, http.StatusUnprocessableEntity, err)
	}
	if err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, requestPath(p, ""))
	return nil
}

// stepRequest answers POST /requests/ID/step.
func (f *Face) stepRequest(c *gin.Context) error {
	p, owner, err := f.requestOwner(c)
	if err != nil {
		return err
	}
	if _, err := auth.ActAs(c, owner.ID, coop.ActRequest); err != nil {
		return err
	}
	ctx := c.Request.Context()
	to, err := f.takeStep(ctx, p, owner, coop.RequestAction(c.PostForm("act")))
	if errors.Is(err, coop.ErrState) || coop.Complaints(err) != nil {
		now, readErr := f.Store.RequestOf(ctx, p.ID)
		if readErr != nil {
			return readErr
		}
		return f.showRequest(c, now, http.StatusUnprocessableEntity, err)
	}
	if err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, to)
	return nil
}

// takeStep does one step and says where who took it goes on.
func (f *Face) takeStep(ctx context.Context, p *coop.Post, owner *coop.Account, act coop.RequestAction) (to string, err error) {
	switch to = requestPath(p, ""); act {
	case coop.RequestTake:
		_, err = f.Outbox.TakeRequest(ctx, p.ID)
		return requestPath(p, "/edit"), err
	case coop.RequestPublish:
		return to, f.Outbox.PublishRequest(ctx, owner, p, nil)
	case "delete":
		if p.Request.Status.OnWire() {
			return to, fmt.Errorf("delete %s: %w", p.IRI, coop.ErrState)
		}
		return requestsPath + "/mine", f.Outbox.DropRequest(ctx, p)
	}
	_, err = f.Outbox.StepRequest(ctx, p.ID, act)
	return to, err
}
