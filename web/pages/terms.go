// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/coop/openlist"
	"minga/storage"
	"minga/web/auth"
	"minga/web/respond"
)

// The pages of a federation's coordinators: a tidy catalogue, and lists of co-ops that
// others publish.
const (
	termsPath     = "/admin/terms"
	openListsPath = "/admin/directory"
	// termsShown is how many own terms stand on the page; more are found by their words.
	termsShown = 60
)

// termRoutes are these pages. Their handlers ask for the role or the rank.
func (f *Face) termRoutes() []auth.Route {
	get := func(path string, h respond.Handler) auth.Route {
		return auth.Route{Method: "GET", Path: path, Access: auth.Session, Limit: auth.LimitReads, CSRF: auth.CSRFSafe, Sees: auth.SeesOwn, Form: respond.HTML, Handle: h}
	}
	post := func(path string, most int64, h respond.Handler) auth.Route {
		return auth.Route{Method: "POST", Path: path, Access: auth.Session, Limit: auth.LimitReads, CSRF: auth.CSRFForm, Sees: auth.SeesOwn, Body: most, Form: respond.HTML, Handle: h}
	}
	return []auth.Route{
		get(termsPath, f.termsPage), post(termsPath, signInBody, f.changeTerm),
		get(openListsPath, f.openListsPage), post(openListsPath, openlist.MaxBytes+64<<10, f.changeOpenList),
	}
}

// catalogue lets who asks act on the catalogue of the federation: a coordinator in its
// name, the staff by their rank. What they do is in the audit log.
func (f *Face) catalogue(c *gin.Context) error {
	_, err := f.forFederation(c, coop.ActServices)
	return err
}

// termsView is the catalogue for those who keep it tidy.
type termsView struct {
	formFrame
	Q        string
	Proposed []termCard
	Twins    []twinGroup
	Featured []termCard
	Own      []termCard
	Merged   []termCard
	More     bool // there are more own terms than are shown
	Targets  []choice
	Done     string
}

// termCard is a term with what can be done with it.
type termCard struct {
	ID, Label, Kind string
	Uses            string
	By              string // who proposed it
	Into            string // what it was merged into
	Labels          []labelField
	F               *termsView // the page, for its forms
}

// labelField is a term's name in one language.
type labelField struct{ Tag, Language, Text string }

// twinGroup are terms that probably mean the same; the first is to be kept.
type twinGroup struct {
	Keep  termCard
	Twins []termCard
}

// termDones are what the page can say that was done.
var termDones = []string{"featured", "unfeatured", "merged", "unmerged"}

// termsPage answers GET /admin/terms.
func (f *Face) termsPage(c *gin.Context) error {
	if err := f.catalogue(c); err != nil {
		return err
	}
	view, err := f.termsView(c)
	if err != nil {
		return err
	}
	if done := c.Query("done"); slices.Contains(termDones, done) {
		view.Done = view.T("services_term_done_" + done)
	}
	return f.show(c, http.StatusOK, "terms", view)
}

// termsView reads what the page shows.
func (f *Face) termsView(c *gin.Context) (*termsView, error) {
	ctx := c.Request.Context()
	view := &termsView{formFrame: f.formFrame(c, "services_terms_title", nil), Q: coop.CleanLine(coop.Truncate(c.Query("q"), 400), 100)}
	if err := f.fillTerms(ctx, view); err != nil {
		return nil, err
	}
	return view, f.fillTwins(ctx, view)
}

// fillTerms lists the terms by how they stand.
func (f *Face) fillTerms(ctx context.Context, view *termsView) error {
	for _, one := range []struct {
		state coop.ServiceState
		to    *[]termCard
		most  int
	}{
		{coop.ServiceProposed, &view.Proposed, termsShown},
		{coop.ServiceFeatured, &view.Featured, mostFeatured},
		{coop.ServiceOwn, &view.Own, termsShown + 1},
		{coop.ServiceMerged, &view.Merged, termsShown},
	} {
		q := storage.TermQuery{States: []coop.ServiceState{one.state}}
		if one.state != coop.ServiceFeatured && one.state != coop.ServiceProposed {
			q.Prefix = view.Q
		}
		list, err := f.Store.ServiceTerms(ctx, q, one.most)
		if err != nil {
			return err
		}
		if *one.to, err = f.termCards(ctx, view, list); err != nil {
			return err
		}
	}
	for _, card := range view.Featured {
		view.Targets = append(view.Targets, choice{card.ID, card.Label + " (" + card.Kind + ")", false})
	}
	if view.More = len(view.Own) > termsShown; view.More {
		view.Own = view.Own[:termsShown]
	}
	return nil
}

// fillTwins lists the terms that probably mean the same, the one to keep first.
func (f *Face) fillTwins(ctx context.Context, view *termsView) error {
	twins, err := f.Store.Twins(ctx)
	if err != nil {
		return err
	}
	for _, group := range twins[:min(len(twins), termsShown)] {
		cards, err := f.termCards(ctx, view, group)
		if err != nil {
			return err
		}
		view.Twins = append(view.Twins, twinGroup{Keep: cards[0], Twins: cards[1:]})
	}
	return nil
}

// termCards shows terms.
func (f *Face) termCards(ctx context.Context, t *termsView, terms []*coop.ServiceTerm) (cards []termCard, err error) {
	for _, term := range terms {
		card, err := f.termCard(ctx, t, term)
		if err != nil {
			return nil, err
		}
		cards = append(cards, card)
	}
	return cards, nil
}

// termCard shows a term.
func (f *Face) termCard(ctx context.Context, t *termsView, term *coop.ServiceTerm) (termCard, error) {
	card := termCard{F: t, ID: term.ID.String(), Label: term.Label, Kind: t.T("services_one_" + string(term.Kind)), Uses: t.N("services_uses", term.Uses)}
	for _, tag := range tongueTags {
		card.Labels = append(card.Labels, labelField{tag, t.Language(tag), term.Labels[tag]})
	}
	if term.ProposedBy != 0 && term.State == coop.ServiceProposed {
		by, err := f.Store.Account(ctx, term.ProposedBy)
		if err == nil && !by.Gone() {
			card.By = f.person(by).Name
		} else if err != nil && !errors.Is(err, coop.ErrNotFound) {
			return card, err
		}
	}
	if term.Into != 0 {
		into, err := f.Store.ServiceTerm(ctx, term.Into)
		if err != nil {
			return card, err
		}
		card.Into = into.Label
	}
	return card, nil
}

// tongueTags are the languages of the interface.
var tongueTags = []string{"es", "en", "ca", "it", "pt"}

// changeTerm answers POST /admin/terms: act is feature, unfeature, merge or unmerge.
func (f *Face) changeTerm(c *gin.Context) error {
	if err := f.catalogue(c); err != nil {
		return err
	}
	ctx := c.Request.Context()
	id, err := coop.ParseID(c.PostForm("id"))
	if err != nil {
		return coop.ErrNotFound
	}
	step, err := readTermStep(c, id)
	if err == nil {
		err = f.Store.Write(ctx, func(tx *storage.Tx) error { return tx.StepTerm(ctx, step) })
	}
	if errors.Is(err, coop.ErrState) { // it stands otherwise by now, or cannot be: the page shows how
		view, err := f.termsView(c)
		if err != nil {
			return err
		}
		view.complain("terms", view.T("services_term_wrong"))
		return f.show(c, http.StatusUnprocessableEntity, "terms", view)
	}
	if err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, termsPath+"?done="+termDone[step.Act])
	return nil
}

// termDone is what each act is called once it is done.
var termDone = map[string]string{"feature": "featured", "unfeature": "unfeatured", "merge": "merged", "unmerge": "unmerged"}

// readTermStep reads the act of a form; [coop.ErrState] says that it is none.
func readTermStep(c *gin.Context, id coop.ID) (storage.TermStep, error) {
	step := storage.TermStep{Act: c.PostForm("act"), ID: id, Name: coop.CleanLine(formLine(c, "label"), 120), Labels: map[string]string{}}
	for _, tag := range tongueTags {
		if text := coop.CleanLine(formLine(c, "label_"+tag), 120); text != "" {
			step.Labels[tag] = text
		}
	}
	into, err := coop.ParseID(c.PostForm("into"))
	if termDone[step.Act] == "" || step.Act == "merge" && err != nil {
		return step, coop.ErrState
	}
	step.Into = into
	return step, nil
}
