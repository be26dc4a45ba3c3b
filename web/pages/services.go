// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/web/auth"
	"minga/web/respond"
)

// The pages on which a co-op says what it does and what time it has, below the page on
// which its stewards say who speaks for it.

// servicesBody is what a form of these pages has at most, in bytes.
const servicesBody = 64 << 10

// servicesPath is where those who publish for a co-op say what it does.
func servicesPath(a *coop.Account) string { return speakPath + "/" + a.Name + "/services" }

// servicesRoutes are these pages.
func (f *Face) servicesRoutes() []auth.Route {
	get := func(path string, h respond.Handler) auth.Route {
		return auth.Route{Method: "GET", Path: speakPath + "/:name" + path, Access: auth.Session, Limit: auth.LimitReads, CSRF: auth.CSRFSafe, Sees: auth.SeesOwn, Form: respond.HTML, Handle: h}
	}
	post := func(path string, h respond.Handler) auth.Route {
		return auth.Route{Method: "POST", Path: speakPath + "/:name" + path, Access: auth.Session, Limit: auth.LimitReads, CSRF: auth.CSRFForm, Sees: auth.SeesOwn, Body: servicesBody, Form: respond.HTML, Handle: h}
	}
	return []auth.Route{
		get("/services", f.servicesPage), post("/services", f.changeServices),
		get("/capacity", f.capacityPage), post("/capacity", f.changeCapacity),
	}
}

// servicesView is the form of what a co-op does.
type servicesView struct {
	formFrame
	Coop       person
	Path       string
	Capacity   string // where it says what time it has
	Kinds      []servicesField
	Proposable []choice // own terms that the catalogue does not show
	Rate       rateFields
	VAT        []choice
	Contracts  []choice
	Done       string
}

// servicesField is one of the kinds: what can be ticked, and own words, one a line.
type servicesField struct {
	Kind, Name string
	Featured   []choice
	Own        string
}

// servicesPage answers GET /settings/co-ops/NAME/services.
func (f *Face) servicesPage(c *gin.Context) error {
	a, err := f.actFor(c, coop.ActServices)
	if err != nil {
		return err
	}
	services, err := f.Store.ServicesOf(c.Request.Context(), []coop.ID{a.ID})
	if err != nil {
		return err
	}
	view, err := f.servicesView(c, a, services[a.ID])
	if err != nil {
		return err
	}
	if c.Query("done") == "services" {
		view.Done = view.T("services_done")
	}
	return f.show(c, http.StatusOK, "services", view)
}

// servicesView makes the page with what the co-op says, or said in the form.
func (f *Face) servicesView(c *gin.Context, a *coop.Account, list []coop.Offering) (*servicesView, error) {
	if a.Kind != coop.Coop {
		return nil, coop.ErrNotFound
	}
	view := &servicesView{formFrame: f.formFrame(c, "services_title", nil), Coop: f.person(a), Path: servicesPath(a), Capacity: speakPath + "/" + a.Name + "/capacity"}
	featured, err := f.Store.ServiceTerms(c.Request.Context(), featuredTerms, mostFeatured)
	if err != nil {
		return nil, err
	}
	for _, kind := range coop.ServiceKinds() {
		field := servicesField{Kind: string(kind), Name: view.T("services_kind_" + string(kind))}
		var own []string
		for _, t := range featured {
			if t.Kind == kind {
				field.Featured = append(field.Featured, choice{t.ID.String(), t.In(view.Lang), slices.ContainsFunc(list, func(o coop.Offering) bool { return isTerm(o, t) })})
			}
		}
		for _, o := range list {
			name := coop.FoldService(o.Label)
			if o.Kind != kind || slices.ContainsFunc(featured, func(t *coop.ServiceTerm) bool { return isTerm(o, t) }) {
				continue
			}
			own = append(own, o.Label)
			if o.Term == nil || o.Term.State == coop.ServiceOwn || o.Term.State == coop.ServiceProposed {
				asked := o.Term != nil && o.Term.State == coop.ServiceProposed
				view.Proposable = append(view.Proposable, choice{string(kind) + " " + name, o.Label, asked})
			}
		}
		field.Own = strings.Join(own, "\n")
		view.Kinds = append(view.Kinds, field)
	}
	view.fillRate(a.Coop)
	return view, nil
}

// isTerm tells whether something that a co-op does is a term of the catalogue.
func isTerm(o coop.Offering, t *coop.ServiceTerm) bool {
	if o.Term != nil {
		return o.Term.ID == t.ID
	}
	return o.Kind == t.Kind && coop.FoldService(o.Label) == t.Name
}

// changeServices answers POST /settings/co-ops/NAME/services.
func (f *Face) changeServices(c *gin.Context) error {
	a, err := f.actFor(c, coop.ActServices)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	featured, err := f.Store.ServiceTerms(ctx, featuredTerms, mostFeatured)
	if err != nil {
		return err
	}
	list, propose := readOfferings(c, featured), map[string]bool{}
	for _, one := range c.PostFormArray("propose") {
		propose[one] = true
	}
	view, err := f.servicesView(c, a, list)
	if err != nil {
		return err
	}
	changed, facts := *a, a.Facts()
	changed.Coop = &facts
	view.readRate(c, &facts)
	if err := coop.ValidateOfferings(coop.TidyOfferings(list)); err != nil {
		view.complainOf(err)
	}
	if len(view.Problems) > 0 {
		return f.show(c, http.StatusUnprocessableEntity, "services", view)
	}
	if err := f.Outbox.UpdateActor(ctx, &changed); err != nil {
		return err
	}
	if err := f.Outbox.SetServices(ctx, &changed, list, propose); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, view.Path+"?done=services")
	return nil
}

// readOfferings reads what was ticked, in the words of who reads the page, and what was
// typed, one a line.
func readOfferings(c *gin.Context, featured []*coop.ServiceTerm) []coop.Offering {
	var list []coop.Offering
	language := c.PostForm("words")
	for _, kind := range coop.ServiceKinds() {
		ticked := c.PostFormArray("featured_" + string(kind))
		for _, t := range featured {
			if t.Kind == kind && slices.Contains(ticked, t.ID.String()) {
				list = append(list, coop.Offering{Kind: kind, Label: t.In(language), Term: t})
			}
		}
		n := 0
		for line := range strings.Lines(coop.Truncate(c.PostForm("own_"+string(kind)), 20_000)) {
			if line = coop.CleanLine(line, 500); line != "" && n < 200 {
				list = append(list, coop.Offering{Kind: kind, Label: line})
				n++
			}
		}
	}
	return list
}

// complainOf says what is wrong with what a co-op does.
func (v *servicesView) complainOf(err error) {
	var list coop.Invalid
	if !errors.As(err, &list) {
		return
	}
	for _, one := range list {
		if one.Field == "services" {
			v.complain("own_service", v.T("services_wrong_many", "Most", v.Number(coop.MaxServices)))
			return
		}
	}
	v.complain("own_service", v.T("services_wrong_long"))
}

// formLine is a line that was typed into a field.
func formLine(c *gin.Context, field string) string {
	return coop.CleanLine(coop.Truncate(c.PostForm(field), 2000), 500)
}
