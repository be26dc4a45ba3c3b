// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/web/auth"
)

// requestView is one request.
type requestView struct {
	formFrame
	Head           line
	State          stateBadge
	Banner         string // what became of it; empty: it takes offers
	Origin         string // address of the original, for copies
	Text           prose
	Texts          []languageLink // the same in other languages
	Facts          []fact
	Rules          []string
	Slots          []slotView
	Meter          string
	Most, Value    int
	Until, UntilAt string // empty: it takes no offers
	Who            person
	Members        *prose // what members of the federation alone read; nil: nothing, or they are none
	Through        []string
	Thread         []noteCard
	Reply, Link    string
	Offer, Room    string         // paths for who may offer; empty: not now
	Manage         *requestManage // nil: it is another's
}

// slotView is a role with how far it is covered.
type slotView struct {
	Key, Name, Skill, Rate string
	Required               bool
	State                  stateBadge
	Said                   string // hours accepted, open and wanted, in words
	Most, Value            int
	Could                  []coverView // who says that they have time for it
}

// coverView is a co-op that has time for a role.
type coverView struct {
	Who   person
	Hours string
	Own   bool
}

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

// requestBadge tells a state by sign and word.
func (t *tongue) requestBadge(q *coop.Request, now time.Time) stateBadge {
	state := q.StateAt(now)
	class, sign := "expired", "○"
	switch state {
	case coop.RequestOpen:
		class, sign = "open", "●"
	case coop.RequestForming, coop.RequestReview, coop.RequestDraft:
		class, sign = "paused", "◐"
	case coop.RequestCovered, coop.RequestProposed, coop.RequestWon, coop.RequestRunning, coop.RequestDone:
		class, sign = "filled", "✓"
	}
	return stateBadge{class, sign, t.T("request_state_" + string(state))}
}

// slotBadge tells the state of a role.
func (t *tongue) slotBadge(s coop.Slot) stateBadge {
	class, sign := "open", "●"
	switch s.State() {
	case coop.SlotPartly:
		class, sign = "paused", "◐"
	case coop.SlotCovered:
		class, sign = "filled", "✓"
	case coop.SlotClosed:
		class, sign = "expired", "○"
	}
	return stateBadge{class, sign, t.T("request_slot_" + string(s.State()))}
}

// Request answers /requests/ID: a request of ours at its own address, a copy of another
// server's by our id. Drafts are there for who may change them.
func (f *Face) Request(c *gin.Context) error {
	p, err := f.requestAt(c)
	if err != nil {
		return err
	}
	return f.showRequest(c, p, http.StatusOK, nil)
}

// requestAt finds the request of an address as whoever asks may see it.
func (f *Face) requestAt(c *gin.Context) (*coop.Post, error) {
	id, err := coop.ParseID(c.Param("id"))
	if err != nil {
		return nil, err
	}
	p, err := f.Store.Post(c.Request.Context(), anybody(), id)
	if errors.Is(err, coop.ErrNotFound) {
		if own, _, ownErr := f.requestOwner(c); ownErr == nil {
			return own, nil
		}
	}
	if err == nil && p.Request == nil {
		err = fmt.Errorf("request %s: %w", id, coop.ErrNotFound)
	}
	return p, err
}

// notYours is said of what another may change: that it is there is not told.
func notYours(id coop.ID) error { return fmt.Errorf("request %s of another: %w", id, coop.ErrNotFound) }

// showRequest answers the page of a request, with what was wrong with a step.
func (f *Face) showRequest(c *gin.Context, p *coop.Post, status int, problem error) error {
	meaning := url.Values{}
	view := &requestView{formFrame: formFrame{frame: f.frame(c, "", "requests", meaning)}}
	wanted := ""
	if t := f.asked(c); t != nil {
		wanted = t.Lang
	}
	if text := c.Query("text"); p.Request.DescriptionMap[text] != "" {
		wanted = text
		meaning.Set("text", text)
	}
	ctx := c.Request.Context()
	if err := f.fillRequest(ctx, view, p, wanted); err != nil {
		return err
	}
	if err := f.fillRequestFor(c, view, p); err != nil {
		return err
	}
	if problem != nil {
		view.complain("steps", view.stepProblem(problem))
	}
	var err error
	if view.Thread, err = f.thread(ctx, view.tongue, p); err != nil {
		return err
	}
	return f.show(c, status, "request", view)
}

// fillRequest fills in what the request says to anybody.
func (f *Face) fillRequest(ctx context.Context, view *requestView, p *coop.Post, wanted string) error {
	q, now := p.Request, f.Now()
	view.Head = lineOf(wanted, p.Language, q.Title, q.TitleMap)
	view.Title, view.State, view.Who = view.Head.Text, view.requestBadge(q, now), f.person(p.Author)
	if q.Description != "" {
		view.Text = proseOf(wanted, p.Language, q.Description, q.DescriptionMap)
	} else {
		view.Text = proseOf(wanted, p.Language, p.Content, p.ContentMap)
	}
	for _, tag := range sortedNames(languagesOf(q)) {
		if tag != view.Text.Lang {
			view.Texts = append(view.Texts, languageLink{Tag: tag, Name: view.Language(tag), URL: "?" + url.Values{"text": {tag}}.Encode()})
		}
	}
	if budget := view.jobs.Budget(view.Lang, q.Budget); budget != "" {
		view.Facts = append(view.Facts, fact{view.T("request_budget"), budget})
	}
	view.Facts = append(view.Facts, fact{view.T("request_respond_by"), view.Day(q.RespondBy)})
	if q.Takes(now) && view.Me == nil {
		view.Offer = requestPath(p, "/offer") // by way of signing in
	}
	for _, rule := range q.Transparency {
		view.Rules = append(view.Rules, view.T("request_rule_"+string(rule)))
	}
	wantedHours, accepted := q.Hours()
	view.Most, view.Value, view.Meter = wantedHours, accepted, view.T("request_meter", "Accepted", view.Number(accepted), "Hours", view.Number(wantedHours))
	if q.Takes(now) {
		view.Until, view.UntilAt = view.Day(q.RespondBy), view.Stamp(q.RespondBy)
	} else {
		view.Banner = view.T("request_banner_"+string(q.StateAt(now)), "Day", view.Day(lastOf(q.Closed, q.RespondBy)))
	}
	view.Through, view.Reply, view.Link = f.through(view.tongue, p), string(p.IRI), p.URL
	view.Description = coop.Shorten(f.Outbox.RequestCard(p), 200)
	view.Graph.Type, view.Graph.Published, view.Graph.Modified = "article", view.Stamp(p.Published), view.Stamp(lastChange(p))
	if !p.Local {
		view.Origin = origin(p)
		view.Canonical, view.Alternates = view.Origin, nil
	}
	return f.fillSlots(ctx, view, p)
}

// languagesOf are the languages of a request that its text is in.
func languagesOf(q *coop.Request) url.Values {
	all := url.Values{}
	for tag := range q.DescriptionMap {
		all.Set(tag, tag)
	}
	return all
}

// lastOf is the first time that is said.
func lastOf(times ...time.Time) time.Time {
	for _, t := range times {
		if !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}

// fillSlots shows the roles; skills of the list by their names in the reader's language.
func (f *Face) fillSlots(ctx context.Context, view *requestView, p *coop.Post) error {
	var addresses []string
	for _, s := range p.Request.Slots {
		addresses = append(addresses, s.Skill.URI)
	}
	names, err := f.Store.SkillNames(ctx, addresses, view.Lang)
	if err != nil {
		return err
	}
	for _, s := range p.Request.Slots {
		row := slotView{
			Key: s.Key, Name: s.Name, Skill: s.Skill.Name, Required: s.Required, State: view.slotBadge(s), Most: s.Hours, Value: s.Accepted,
			Said: view.T("request_slot_said", "Accepted", view.Number(s.Accepted), "Open", view.Number(s.OpenHours()), "Hours", view.Number(s.Hours)),
		}
		if named := names[s.Skill.URI]; named != "" {
			row.Skill = named
		}
		if strings.EqualFold(row.Skill, row.Name) {
			row.Skill = ""
		}
		if s.Rate != nil {
			row.Rate = view.T("request_rate", "Currency", s.Rate.Currency, "Amount", view.jobs.Number(view.Lang, s.Rate.Value))
		}
		view.Slots = append(view.Slots, row)
	}
	return nil
}

// fillRequestFor fills in what only some may see: the members' part, and what its author
// may do.
func (f *Face) fillRequestFor(c *gin.Context, view *requestView, p *coop.Post) error {
	viewers := f.viewersFor(c)
	if err := f.fillCovers(c.Request.Context(), view, p, append([]coop.Viewer{anybody()}, viewers...)); err != nil || len(viewers) == 0 {
		return err
	}
	c.Header("Cache-Control", "private, no-store")
	ctx := c.Request.Context()
	for _, v := range viewers {
		part, err := f.Store.MembersPart(ctx, v, p)
		if err == nil {
			text := proseOf("", part.Language, part.Content, nil)
			view.Members = &text
			break
		}
		if !errors.Is(err, coop.ErrNotFound) {
			return err
		}
	}
	may, err := auth.Speakable(c, coop.ActOffer)
	if err != nil {
		return err
	}
	owner, err := f.mayRequest(c, p)
	if (len(may) > 0 || owner != nil) && p.Request.Status.OnWire() {
		view.Room = requestPath(p, "/room")
	}
	if len(may) > 0 && owner == nil && p.Request.Takes(f.Now()) {
		view.Offer = requestPath(p, "/offer")
	}
	if err != nil || owner == nil {
		return err
	}
	return f.fillManage(c, view, p)
}

// mostCovers is how many co-ops are named for one role.
const mostCovers = 3

// fillCovers lights up who could cover the roles that are open: what anybody may read of
// capacity, and what one of the viewers may.
func (f *Face) fillCovers(ctx context.Context, view *requestView, p *coop.Post, viewers []coop.Viewer) error {
	if !p.Request.Takes(f.Now()) {
		return nil
	}
	var asked []string
	for _, s := range p.Request.Slots {
		if s.OpenHours() > 0 {
			asked = append(asked, skillAsked(s))
		}
	}
	who := viewers[0]
	if len(viewers) > 1 {
		// The person reads for every co-op in which they hold a role. Who reads must not
		// suffer when the question cannot be queued; the next reader asks again.
		who = viewers[1]
		_ = f.Inbox.FreshenCapacity(ctx)
	}
	covers, err := f.Store.WhoCanCover(ctx, who, asked, "", mostCovers)
	if err != nil {
		return err
	}
	for i, s := range p.Request.Slots {
		for _, c := range covers[skillAsked(s)] {
			if s.OpenHours() == 0 || c.Account == nil || c.Account.ID == p.AuthorID {
				continue
			}
			view.Slots[i].Could = append(view.Slots[i].Could, coverView{f.person(c.Account), view.T("request_could_hours", "Hours", view.Number(c.Hours), "Month", view.month(c.Month)), c.Own})
		}
	}
	return nil
}

// skillAsked is the skill of a role as capacity is asked for it.
func skillAsked(s coop.Slot) string {
	if s.Skill.URI != "" {
		return s.Skill.URI
	}
	return s.Skill.Name
}

// fillManage fills in what the author of a request may do with it.
func (f *Face) fillManage(c *gin.Context, view *requestView, p *coop.Post) error {
	view.FormToken, view.NoIndex = auth.FormToken(c), !p.Request.Status.OnWire()
	m := &requestManage{
		Edit: requestPath(p, "/edit"), Path: requestPath(p, "/step"), Waiting: p.Request.Status == coop.RequestReview, Draft: p.Request.Status == coop.RequestDraft,
		Editable: p.Request.Status == coop.RequestDraft || p.Request.Takes(f.Now()),
	}
	for _, action := range coop.RequestActions() {
		if next, err := p.Request.Status.Step(action); err == nil && next != p.Request.Status {
			m.Steps = append(m.Steps, choice{string(action), view.T("request_do_" + string(action)), action == coop.RequestWithdraw || action == coop.RequestLose})
		}
	}
	m.Contract, m.ContractPath = p.Request.Status.OnWire() && !p.Request.Status.Ended(), requestPath(p, "/contract")
	view.Manage = m
	switch _, err := f.Store.TeamOfRequest(c.Request.Context(), p.ID); {
	case err == nil: // what the team is to see lies in its room
		m.Contract = false
	case !errors.Is(err, coop.ErrNotFound):
		return err
	}
	file, err := f.Store.RequestFile(c.Request.Context(), p.ID)
	if errors.Is(err, coop.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, row := range []fact{{"client", file.Client}, {"contact", file.Contact}, {"mail", file.Mail}, {"contract", file.Contract}} {
		if row.Value != "" {
			m.File = append(m.File, fact{view.T("request_" + row.Name), row.Value})
		}
	}
	m.ContractText = file.Contract
	m.Notes, m.DeleteAt = file.Notes, view.Day(file.DeleteAt)
	return nil
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
	var list coop.Invalid
	if errors.As(err, &list) {
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
	ctx, act := c.Request.Context(), coop.RequestAction(c.PostForm("act"))
	to := requestPath(p, "")
	switch act {
	case coop.RequestTake:
		_, err = f.Outbox.TakeRequest(ctx, p.ID)
		to = requestPath(p, "/edit")
	case coop.RequestPublish:
		err = f.Outbox.PublishRequest(ctx, owner, p, nil)
	case "delete":
		if p.Request.Status.OnWire() {
			err = fmt.Errorf("delete %s: %w", p.IRI, coop.ErrState)
			break
		}
		err, to = f.Outbox.DropRequest(ctx, p), requestsPath+"/mine"
	default:
		_, err = f.Outbox.StepRequest(ctx, p.ID, act)
	}
	var list coop.Invalid
	var one *coop.InvalidError
	if errors.Is(err, coop.ErrState) || errors.As(err, &list) || errors.As(err, &one) {
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
