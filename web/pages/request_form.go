// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/web/auth"
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
	list, err := auth.Speakable(c, coop.ActRequest)
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(a *coop.Account) bool { return a.Kind != coop.Coop && a.Kind != coop.Federation })
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
	if act == "slot" && view.MayAdd {
		view.Given.Slots = append(view.Given.Slots, slotFields{})
		view.list()
		return f.show(c, http.StatusOK, "request-form", view)
	}
	if act == "again" { // from before a sign-in
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
	ctx := c.Request.Context()
	var err error
	if p.Request.Status == coop.RequestReview { // who edits what a client sent has taken it
		_, err = f.Outbox.TakeRequest(ctx, p.ID)
		p.Request.Status = coop.RequestDraft
	}
	switch {
	case err != nil:
	case act == "draft" && !view.Edit:
		err = f.Outbox.SaveRequestDraft(ctx, w.author, p, file)
	case act != "publish":
		err = &coop.InvalidError{Field: "act", Code: coop.CodeUnknown, Problem: "draft or publish"}
	case view.Edit:
		err = f.Outbox.EditRequest(ctx, p, file)
	default:
		p.Request.Version = 0
		err = f.Outbox.PublishRequest(ctx, w.author, p, file)
	}
	var list coop.Invalid
	var one *coop.InvalidError
	switch {
	case errors.As(err, &list):
		return f.refuseRequest(c, view, reader, list)
	case errors.As(err, &one):
		return f.refuseRequest(c, view, reader, coop.Invalid{one})
	case errors.Is(err, coop.ErrConflict):
		view.complain("title", view.T("request_changed_meanwhile"))
		return f.show(c, http.StatusConflict, "request-form", view)
	case err != nil:
		return err
	case act == "draft":
		c.Redirect(http.StatusSeeOther, requestPath(p, "/edit?saved=1"))
	default:
		c.Redirect(http.StatusSeeOther, requestPath(p, ""))
	}
	return nil
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
