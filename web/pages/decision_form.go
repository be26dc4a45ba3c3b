// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/shopspring/decimal"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
)

// decisionFields are the form of a decision as it was typed.
type decisionFields struct {
	As, Language, Title, Text, Method, Options, Unit, Quorum, Ends, Audience string
	List                                                                     bool
}

// decisionFormView is the form of a decision: a new one, or another proposal in the place
// of one that is running.
type decisionFormView struct {
	formFrame
	Action   string
	Given    decisionFields
	Amends   bool
	Decision string // its page
	Speakers []choice
	Tongues  []choice
	Methods  []choice
	Units    []choice
	First    string // the first and last day that it can end
	Last     string
}

// usualTime is how long a decision runs where nobody says otherwise.
const usualTime = 7 * 24 * time.Hour

// typedDecision reads the form.
func typedDecision(c *gin.Context) decisionFields {
	text := func(name string) string { return coop.CleanLine(coop.Truncate(c.PostForm(name), 4000), 2000) }
	return decisionFields{
		As: text("as"), Language: text("language"), Title: text("title"), Text: markdownOf(c.PostForm("text")), Method: text("method"),
		Options: coop.CleanText(coop.Truncate(c.PostForm("options"), 8000), 4000), Unit: text("unit"), Quorum: text("quorum"), Ends: text("ends"),
		Audience: text("audience"), List: c.PostForm("list") != "",
	}
}

// write makes a decision of what was typed; what cannot be read is complained of.
func (g decisionFields) write(zone *time.Location) (coop.NewDecision, coop.Invalid) {
	var list coop.Invalid
	n := coop.NewDecision{
		Language: g.Language, Titles: map[string]string{g.Language: g.Title}, Texts: map[string]string{g.Language: strings.TrimSpace(g.Text)},
		Method: coop.DecisionMethod(g.Method), Unit: coop.BallotUnit(g.Unit), Members: g.Audience == "members", ListBallots: g.List,
	}
	for line := range strings.Lines(g.Options) {
		if line = coop.CleanLine(line, 1000); line != "" && n.Method == coop.MethodAdvice {
			n.Options = append(n.Options, line)
		}
	}
	percent, err := decimal.NewFromString(strings.ReplaceAll(strings.TrimSpace(strings.TrimSuffix(g.Quorum, "%")), ",", "."))
	if g.Quorum == "" {
		percent, err = decimal.Zero, nil
	}
	if err != nil || len(g.Quorum) > 10 {
		list = append(list, &coop.InvalidError{Field: "quorum", Code: coop.CodeFormat, Problem: "is no number"})
		percent = decimal.Zero
	}
	n.Quorum = percent.Shift(-2)
	if day, err := time.ParseInLocation(time.DateOnly, g.Ends, zone); err == nil {
		n.Ends = day.Add(24*time.Hour - time.Second) // the last day counts whole
	} else if g.Ends != "" {
		list = append(list, &coop.InvalidError{Field: "ends", Code: coop.CodeFormat, Problem: "is no date"})
	}
	return n, list
}

// decisionForm makes the page of the form.
func (f *Face) decisionForm(c *gin.Context, r *decisionReader, given decisionFields, title, action string) *decisionFormView {
	view := &decisionFormView{formFrame: f.formFrame(c, title, nil), Action: action, Given: given}
	view.Section = "decisions"
	now := f.Now().In(view.zone)
	view.First, view.Last = now.AddDate(0, 0, 1).Format(time.DateOnly), now.Add(coop.MaxDecisionTime).AddDate(0, 0, -1).Format(time.DateOnly)
	for _, a := range r.deciders {
		view.Speakers = append(view.Speakers, choice{a.ID.String(), f.person(a).Name, a.ID.String() == given.As})
	}
	for _, l := range ourLanguages {
		view.Tongues = append(view.Tongues, choice{l.tag, l.name, l.tag == given.Language})
	}
	for _, m := range coop.DecisionMethods() {
		view.Methods = append(view.Methods, choice{m, view.jobs.Say(view.Lang, "method_"+m, nil), m == given.Method})
	}
	for _, u := range coop.BallotUnits() {
		view.Units = append(view.Units, choice{string(u), view.T("decision_unit_" + string(u)), string(u) == given.Unit})
	}
	return view
}

// mayOpen finds who reads, if there is anybody in whose name they may open a decision.
func (f *Face) mayOpen(c *gin.Context) (*decisionReader, error) {
	r, err := f.decisionReader(c)
	if err == nil && len(r.deciders) == 0 {
		err = &coop.RoleError{Act: coop.ActDecide}
	}
	return r, err
}

// newDecisionPage answers GET /decisions/new.
func (f *Face) newDecisionPage(c *gin.Context) error {
	r, err := f.mayOpen(c)
	if err != nil {
		return err
	}
	author := r.deciders[0]
	for _, a := range r.deciders {
		if a.ID == f.acting(c) {
			author = a
		}
	}
	given := decisionFields{
		As: author.ID.String(), Language: f.tongueOf(c).Lang, Method: string(coop.MethodConsent), Unit: string(coop.UnitCoop), Quorum: "50",
		Ends: f.Now().In(f.Zone).Add(usualTime).Format(time.DateOnly), Audience: "public", List: true,
	}
	if author.Kind == coop.Coop {
		given.Unit = string(coop.UnitPerson)
	}
	return f.show(c, http.StatusOK, "decision-form", f.decisionForm(c, r, given, "decision_new_title", decisionsPath+"/new"))
}

// newDecision answers POST /decisions/new.
func (f *Face) newDecision(c *gin.Context) error {
	r, err := f.mayOpen(c)
	if err != nil {
		return err
	}
	given := typedDecision(c)
	n, list := given.write(f.Zone)
	id, _ := coop.ParseID(given.As)
	if !r.decides(id) {
		return &coop.RoleError{Act: coop.ActDecide}
	}
	if n.Author, err = f.Store.Account(c.Request.Context(), id); err != nil {
		return err
	}
	if _, err := auth.ActAs(c, id, coop.ActDecide.In(n.Author.Kind)); err != nil {
		return err
	}
	var p *coop.Post
	if len(list) == 0 {
		p, err = f.Outbox.NewDecision(c.Request.Context(), n)
	}
	if err == nil && len(list) == 0 {
		c.Redirect(http.StatusSeeOther, decisionPath(p, "?done=opened"))
		return nil
	}
	return f.refuseDecision(c, f.decisionForm(c, r, given, "decision_new_title", decisionsPath+"/new"), list, err)
}

// decisionFieldNames are the fields in the order of the form.
var decisionFieldNames = []string{"title", "text", "method", "options", "unit", "quorum", "ends"}

// refuseDecision shows the form again with what is wrong, one message a field.
func (f *Face) refuseDecision(c *gin.Context, view *decisionFormView, list coop.Invalid, err error) error {
	more := coop.Complaints(err)
	if err != nil && more == nil {
		return err
	}
	list = append(list, more...)
	for _, name := range decisionFieldNames {
		for _, e := range list {
			if e.Field != name && !strings.HasPrefix(e.Field, name+".") && !strings.HasPrefix(e.Field, name+"[") || view.Problem(name) != "" {
				continue
			}
			view.complain(name, view.T("decision_field_"+name)+": "+view.decisionProblem(e))
		}
	}
	return f.show(c, http.StatusUnprocessableEntity, "decision-form", view)
}

// decisionProblem says what is wrong with a field.
func (t *tongue) decisionProblem(e *coop.InvalidError) string {
	switch {
	case e.Field == "ends" && e.Code != coop.CodeRequired:
		return t.T("decision_wrong_ends")
	case e.Field == "quorum":
		return t.T("decision_wrong_quorum")
	case e.Field == "unit" && e.Code == coop.CodeNobody:
		return t.T("decision_wrong_nobody")
	case e.Field == "unit":
		return t.T("decision_wrong_unit")
	case strings.HasPrefix(e.Field, "options"):
		return t.T("decision_wrong_options")
	case slices.Contains(fieldCodes, e.Code):
		return t.T("problem_" + e.Code)
	}
	return t.T("problem_format")
}

// ownDecision finds the decision of the address, opened by somebody for whom the person
// may decide, and lets what follows be done in that name.
func (f *Face) ownDecision(c *gin.Context) (*decisionReader, *coop.Post, error) {
	r, err := f.decisionReader(c)
	if err != nil {
		return nil, nil, err
	}
	p, err := r.one(c.Request.Context(), f.Store, c.Param("id"))
	if err != nil {
		return nil, nil, err
	}
	if !p.Local || !r.decides(p.AuthorID) {
		return nil, nil, &coop.RoleError{Act: coop.ActDecide}
	}
	_, err = auth.ActAs(c, p.AuthorID, coop.ActDecide.In(p.Author.Kind))
	return r, p, err
}

// amendPage answers GET /decisions/ID/amend.
func (f *Face) amendPage(c *gin.Context) error {
	r, p, err := f.ownDecision(c)
	if err != nil {
		return err
	}
	d := p.Decision
	given := decisionFields{Language: p.Language, Title: d.Title, Text: d.Markdown[p.Language], Ends: p.Ends.In(f.Zone).Format(time.DateOnly)}
	if least := f.Now().Add(2 * coop.MinDecisionTime); p.Ends.Before(least) {
		given.Ends = least.In(f.Zone).Format(time.DateOnly)
	}
	return f.show(c, http.StatusOK, "decision-form", f.amending(c, r, p, given))
}

// amending is the form for another proposal.
func (f *Face) amending(c *gin.Context, r *decisionReader, p *coop.Post, given decisionFields) *decisionFormView {
	view := f.decisionForm(c, r, given, "decision_amend_title", decisionPath(p, "/amend"))
	view.Amends, view.Decision = true, decisionPath(p, "")
	return view
}

// amendDecision answers POST /decisions/ID/amend. Other languages than the first fall
// away: they said something else.
func (f *Face) amendDecision(c *gin.Context) error {
	r, p, err := f.ownDecision(c)
	if err != nil {
		return err
	}
	given := typedDecision(c)
	given.Language = p.Language
	n, list := given.write(f.Zone)
	if len(list) == 0 {
		_, err = f.Outbox.AmendDecision(c.Request.Context(), p.ID, n)
	}
	if err == nil && len(list) == 0 {
		c.Redirect(http.StatusSeeOther, decisionPath(p, "?done=amended"))
		return nil
	}
	return f.refuseDecision(c, f.amending(c, r, p, given), list, err)
}

// stepDecision answers POST /decisions/ID/step: it is withdrawn, or what came out is
// published.
func (f *Face) stepDecision(c *gin.Context) error {
	_, p, err := f.ownDecision(c)
	if err != nil {
		return err
	}
	ctx, done := c.Request.Context(), ""
	switch c.PostForm("act") {
	case "withdraw":
		done = "withdrawn"
		_, err = f.Outbox.WithdrawDecision(storage.Doing(ctx, "decisions.withdraw"), p.ID)
	case "publish":
		done = "published"
		_, err = f.Outbox.PublishDecision(storage.Doing(ctx, "decisions.publish"), p.ID, coop.Truncate(c.PostForm("outcome"), 8000))
	default:
		err = &coop.InvalidError{Field: "act", Code: coop.CodeUnknown, Problem: "withdraw or publish"}
	}
	if err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, decisionPath(p, "?done="+done))
	return nil
}
