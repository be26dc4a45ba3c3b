// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"minga/coop"
)

// requestFormView is the form of a request.
type requestFormView struct {
	formFrame
	Action   string
	Given    requestFields
	Speakers []choice // for whom the person may ask; one needs no choice
	Who      person
	Edit     bool // a request that is published
	Draft    bool // one that is not
	Said     string
	MayAdd   bool   // one more role
	Public   string // path of the public page, of one that is published
	Tongues  []choice
	Second   []choice
	Rules    []choice
}

// requestFields are the fields of the form, as they were typed.
type requestFields struct {
	Version                                            string
	Language, Title, Description                       string
	Language2, Title2, Description2                    string
	RespondBy, Currency, BudgetMin, BudgetMax          string
	Rules                                              []string
	Slots                                              []slotFields
	Members, Client, Contact, Mail, Contract, FileNote string
}

// slotFields are the fields of one role; N counts from one.
type slotFields struct {
	N                             int
	Key, Name, Skill, Hours, Rate string
	Required                      bool
}

// requestForm is what a request for the form is about.
type requestForm struct {
	speakers []*coop.Account
	author   *coop.Account
	before   *coop.Post        // nil: a new one
	file     *coop.RequestFile // nil: there is none
}

// Bounds of the form: how many empty roles it shows at first, how many roles it has.
const (
	firstSlots = 3
	mostSlots  = 20
)

// startRequest finds for whom the person may ask the network: the federation first.
func (f *Face) startRequest(c *gin.Context) (*requestForm, error) {
	list, err := cooperatives(c, coop.ActRequest)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, &coop.RoleError{Act: coop.ActRequest}
	}
	slices.SortStableFunc(list, func(a, b *coop.Account) int { return cmp.Compare(string(b.Kind), string(a.Kind)) })
	w := &requestForm{speakers: list, author: list[0]}
	for _, id := range []string{f.acting(c).String(), c.Query("as"), c.PostForm("as")} {
		for _, a := range list {
			if a.ID.String() == id {
				w.author = a
			}
		}
	}
	return w, nil
}

// newRequestPage answers GET /requests/new: the form for who may ask in the name of a
// co-op or federation, else the short one for clients.
func (f *Face) newRequestPage(c *gin.Context) error {
	w, err := f.startRequest(c)
	if errors.Is(err, coop.ErrForbidden) || c.Query("as") == "client" {
		return f.clientPage(c)
	}
	if err != nil {
		return err
	}
	view := f.requestForm(c, w, requestsPath+"/write", "request_new")
	view.Given = requestFields{
		Language: cmp.Or(w.author.Language, view.Lang), RespondBy: f.Now().AddDate(0, 0, 14).UTC().Format(time.DateOnly),
		Rules: []string{string(coop.NoMargin), string(coop.ContractVisible)},
	}
	view.list()
	return f.show(c, http.StatusOK, "request-form", view)
}

// requestForm fills in what does not depend on what was typed.
func (f *Face) requestForm(c *gin.Context, w *requestForm, path, title string) *requestFormView {
	view := &requestFormView{formFrame: f.formFrame(c, title, nil), Action: path, Who: f.person(w.author)}
	view.Section = "requests"
	for _, a := range w.speakers {
		view.Speakers = append(view.Speakers, choice{a.ID.String(), f.person(a).Name, a.ID == w.author.ID})
	}
	if w.before != nil {
		view.Draft = !w.before.Request.Status.OnWire()
		view.Edit = !view.Draft
		view.Public = requestPath(w.before, "")
	}
	return view
}

// list makes the lists to choose from, with what was chosen, and room for more roles.
func (v *requestFormView) list() {
	v.Tongues = v.languageChoices([]string{v.Given.Language})
	v.Second = v.languageChoices([]string{v.Given.Language2})
	v.Rules = nil
	for _, rule := range coop.TransparencyRules() {
		v.Rules = append(v.Rules, choice{string(rule), v.T("request_rule_" + string(rule)), slices.Contains(v.Given.Rules, string(rule))})
	}
	for n := len(v.Given.Slots); n < firstSlots; n++ {
		v.Given.Slots = append(v.Given.Slots, slotFields{Required: n == 0})
	}
	for i := range v.Given.Slots {
		v.Given.Slots[i].N = i + 1
	}
	v.MayAdd = len(v.Given.Slots) < mostSlots
}

// editRequestPage answers GET /requests/ID/edit.
func (f *Face) editRequestPage(c *gin.Context) error {
	w, err := f.editedRequest(c)
	if err != nil {
		return err
	}
	view := f.requestForm(c, w, requestPath(w.before, "/edit"), "request_edit")
	view.Given = fieldsOfRequest(w.before, w.file)
	view.list()
	if c.Query("saved") != "" {
		view.Said = view.T("request_saved")
	}
	return f.show(c, http.StatusOK, "request-form", view)
}

// editedRequest finds the request of /requests/ID/edit. One that has a team or is over is
// edited no more; what waits to be read is taken first.
func (f *Face) editedRequest(c *gin.Context) (*requestForm, error) {
	p, owner, err := f.requestOwner(c)
	if err != nil {
		return nil, err
	}
	if p.Request.Status != coop.RequestDraft && p.Request.Status != coop.RequestReview && !p.Request.Takes(f.Now()) {
		return nil, fmt.Errorf("edit request %s: %w", p.ID, coop.ErrNotFound)
	}
	w := &requestForm{speakers: []*coop.Account{owner}, author: owner, before: p}
	w.file, err = f.Store.RequestFile(c.Request.Context(), p.ID)
	if errors.Is(err, coop.ErrNotFound) {
		err = nil
	}
	return w, err
}
