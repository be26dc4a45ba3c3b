// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
	"minga/web/respond"
)

// decisionsPath is the list of decisions; below it stands each by its id.
const decisionsPath = "/decisions"

// decisionBody is what the form of a decision carries at most, in bytes.
const decisionBody = 256 << 10

// decisionRoutes are decisions: read by anybody, as far as they are public, opened and
// voted in by those who have the role for it.
func (f *Face) decisionRoutes() []auth.Route {
	read := func(path string, h respond.Handler) auth.Route {
		return auth.Route{Method: "GET", Path: path, Access: auth.Visitor, Limit: auth.LimitReads, CSRF: auth.CSRFSafe, Sees: auth.SeesViewer, Form: respond.HTML, Handle: h}
	}
	get := func(path string, h respond.Handler) auth.Route {
		r := read(path, h)
		r.Access, r.Sees = auth.Session, auth.SeesOwn
		return r
	}
	post := func(path string, h respond.Handler) auth.Route {
		return auth.Route{Method: "POST", Path: path, Access: auth.Session, Limit: auth.LimitPosts, CSRF: auth.CSRFForm, Sees: auth.SeesOwn, Body: decisionBody, Form: respond.HTML, Handle: h}
	}
	return []auth.Route{
		read(decisionsPath, f.decisions),
		get(decisionsPath+"/new", f.newDecisionPage), post(decisionsPath+"/new", f.newDecision),
		read(decisionsPath+"/:id", f.decisionByID),
		get(decisionsPath+"/:id/ballot", f.ballotPage), post(decisionsPath+"/:id/ballot", f.castBallot),
		get(decisionsPath+"/:id/amend", f.amendPage), post(decisionsPath+"/:id/amend", f.amendDecision),
		post(decisionsPath+"/:id/step", f.stepDecision),
	}
}

// decisionPath is the page of a decision for who is signed in.
func decisionPath(p *coop.Post, rest string) string {
	return decisionsPath + "/" + p.ID.String() + rest
}

// decisionReader is who reads decisions: a visitor, or a person with all for whom they
// speak, each with what their roles let them see.
type decisionReader struct {
	viewers  []coop.Viewer
	accounts []*coop.Account // beside each viewer but a visitor's
	voters   []*coop.Account // for whom the person may cast a ballot, themselves among them
	deciders []*coop.Account // for whom the person may open decisions
}

// decisionReader finds who reads.
func (f *Face) decisionReader(c *gin.Context) (*decisionReader, error) {
	me := auth.Account(c)
	if me == nil || me.Kind != coop.Person {
		return &decisionReader{viewers: []coop.Viewer{anybody()}}, nil
	}
	r := &decisionReader{viewers: []coop.Viewer{coop.As(me.ID)}, accounts: []*coop.Account{me}, voters: []*coop.Account{me}}
	for _, h := range f.held(c) {
		if !coop.RolesMay(h.Roles, coop.ActRead.In(h.Account.Kind)) {
			continue
		}
		r.viewers, r.accounts = append(r.viewers, coop.ViewerFor(h.Account.ID, h.Roles)), append(r.accounts, h.Account)
		if coop.RolesMay(h.Roles, coop.ActBallot.In(h.Account.Kind)) {
			r.voters = append(r.voters, h.Account)
		}
		if coop.RolesMay(h.Roles, coop.ActDecide.In(h.Account.Kind)) && h.Account.Kind.Cooperative() {
			r.deciders = append(r.deciders, h.Account)
		}
	}
	return r, nil
}

// decides tells whether the person may amend and withdraw what an account opened.
func (r *decisionReader) decides(author coop.ID) bool {
	return slices.ContainsFunc(r.deciders, func(a *coop.Account) bool { return a.ID == author })
}

// one finds a decision that one of the readers may see.
func (r *decisionReader) one(ctx context.Context, s *storage.Store, text string) (*coop.Post, error) {
	id, err := coop.ParseID(text)
	if err != nil {
		return nil, fmt.Errorf("decision %.40q: %w", text, coop.ErrNotFound)
	}
	for _, v := range r.viewers {
		p, err := s.Post(ctx, v, id)
		if err == nil && p.Decision != nil && p.Poll != nil && p.Author != nil {
			return p, nil
		}
		if err != nil && !errors.Is(err, coop.ErrNotFound) && !errors.Is(err, coop.ErrGone) {
			return nil, err
		}
	}
	return nil, fmt.Errorf("decision %s: %w", id, coop.ErrNotFound)
}

// many lists decisions that one of the readers may see, the newest first.
func (r *decisionReader) many(ctx context.Context, s *storage.Store, q storage.DecisionQuery, page coop.Page) ([]*coop.Post, error) {
	var all []*coop.Post
	seen := map[coop.ID]bool{}
	for _, v := range r.viewers {
		list, err := s.Decisions(ctx, v, q, page)
		if err != nil {
			return nil, err
		}
		for _, p := range list {
			if !seen[p.ID] && p.Author != nil {
				all, seen[p.ID] = append(all, p), true
			}
		}
	}
	slices.SortFunc(all, func(a, b *coop.Post) int { return cmp.Compare(b.ID, a.ID) })
	return all, nil
}

// decisionsShown is how many decisions stand on a page.
const decisionsShown = 20

// decisionsView is the list.
type decisionsView struct {
	formFrame
	Waiting []decisionCard // that wait for a ballot of who reads
	Running []decisionCard
	Ended   []decisionCard
	New     bool   // who reads may open one
	Next    string // older ones that ended
	First   string
}

// decisionCard is a decision in a list.
type decisionCard struct {
	*tongue
	URL   string
	Title line
	Badge stateBadge
	Who   person
	Ends  moment
	Over  bool
	Voted string
	As    []string // for whom the reader has not voted yet
}

// decisions answers GET /decisions.
func (f *Face) decisions(c *gin.Context) error {
	ctx := c.Request.Context()
	r, err := f.decisionReader(c)
	if err != nil {
		return err
	}
	view := decisionsView{formFrame: formFrame{frame: f.frame(c, "", "decisions", nil)}, New: len(r.deciders) > 0}
	view.Title, view.Description = view.T("decision_list_title"), view.T("decision_list_intro", "Federation", view.Federation)
	if auth.Account(c) != nil {
		c.Header("Cache-Control", "private, no-store")
	}
	running, err := r.many(ctx, f.Store, storage.DecisionQuery{Running: true}, coop.Page{Limit: 40})
	if err != nil {
		return err
	}
	waits, err := f.waitingBallots(ctx, r, running)
	if err != nil {
		return err
	}
	for _, p := range running {
		card := f.decisionCard(view.tongue, p)
		if card.As = waits[p.ID]; len(card.As) > 0 {
			view.Waiting = append(view.Waiting, card)
		} else {
			view.Running = append(view.Running, card)
		}
	}
	return f.showDecisions(c, &view, r)
}

// showDecisions adds what has ended, a page at a time.
func (f *Face) showDecisions(c *gin.Context, view *decisionsView, r *decisionReader) error {
	page := coop.Page{Limit: decisionsShown + 1}
	if before, err := coop.ParseID(c.Query("before")); err == nil {
		page.Max, view.First, view.NoIndex = before, decisionsPath, true
	}
	ended, err := r.many(c.Request.Context(), f.Store, storage.DecisionQuery{Ended: true}, page)
	if err != nil {
		return err
	}
	if len(ended) > decisionsShown {
		ended = ended[:decisionsShown]
		view.Next = decisionsPath + "?before=" + ended[decisionsShown-1].ID.String()
	}
	for _, p := range ended {
		view.Ended = append(view.Ended, f.decisionCard(view.tongue, p))
	}
	return f.show(c, http.StatusOK, "decisions", view)
}

// waitingBallots says for which of the running decisions, and for whom, the reader could
// vote and has not.
func (f *Face) waitingBallots(ctx context.Context, r *decisionReader, running []*coop.Post) (map[coop.ID][]string, error) {
	waits := map[coop.ID][]string{}
	for _, p := range running {
		for _, a := range r.voters {
			may, err := f.Store.MayVote(ctx, p.ID, a.ID)
			if err != nil {
				return nil, err
			}
			if !may {
				continue
			}
			b, err := f.Store.BallotOf(ctx, p.ID, a.ID)
			if errors.Is(err, coop.ErrNotFound) || err == nil && b.Refused != "" {
				waits[p.ID] = append(waits[p.ID], f.person(a).Name)
			} else if err != nil {
				return nil, err
			}
		}
	}
	return waits, nil
}

// decisionCard is a decision in a list.
func (f *Face) decisionCard(t *tongue, p *coop.Post) decisionCard {
	d := p.Decision
	card := decisionCard{
		tongue: t, URL: decisionPath(p, ""), Title: lineOf(t.Lang, p.Language, d.Title, d.TitleMap), Badge: t.stage(d), Who: f.person(p.Author),
		Ends: t.minute(p.Ends), Over: d.Over(p.Ends, f.Now()), Voted: t.voted(p),
	}
	return card
}

// voted says how many voted, of how many where that is known.
func (t *tongue) voted(p *coop.Post) string {
	if p.Decision.Electors > 0 {
		return t.T("decision_voted_of", "Cast", t.Number(max(p.Poll.Voters, 0)), "Electors", t.Number(p.Decision.Electors))
	}
	return t.N("decision_voted", max(p.Poll.Voters, 0))
}

// stage tells how far a decision is by sign and word: of what was published, what came out.
func (t *tongue) stage(d *coop.Decision) stateBadge {
	stage := d.Stage
	if stage == coop.StagePublished && d.Result != "" {
		stage = d.Result
	}
	badge := stateBadge{"closed", "○", t.T("decision_stage_" + string(stage))}
	switch stage {
	case coop.StageOpen:
		badge.Class, badge.Sign = "open", "●"
	case coop.StageObjection:
		badge.Class, badge.Sign = "paused", "◐"
	case coop.StageAdopted, coop.StagePublished:
		badge.Class, badge.Sign = "filled", "✓"
	}
	return badge
}
