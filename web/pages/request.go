// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
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
	view.fillText(p, wanted)
	view.fillFacts(q)
	if q.Takes(now) {
		view.Until, view.UntilAt = view.Day(q.RespondBy), view.Stamp(q.RespondBy)
		if view.Me == nil {
			view.Offer = requestPath(p, "/offer") // by way of signing in
		}
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

// fillText shows what is needed in the language that is wanted, and says in which others
// it can be read.
func (v *requestView) fillText(p *coop.Post, wanted string) {
	q := p.Request
	if q.Description != "" {
		v.Text = proseOf(wanted, p.Language, q.Description, q.DescriptionMap)
	} else {
		v.Text = proseOf(wanted, p.Language, p.Content, p.ContentMap)
	}
	for _, tag := range sortedNames(languagesOf(q)) {
		if tag != v.Text.Lang {
			v.Texts = append(v.Texts, languageLink{Tag: tag, Name: v.Language(tag), URL: "?" + url.Values{"text": {tag}}.Encode()})
		}
	}
}

// fillFacts shows the budget, the day, the rules and how far the hours are covered.
func (v *requestView) fillFacts(q *coop.Request) {
	if budget := v.jobs.Budget(v.Lang, q.Budget); budget != "" {
		v.Facts = append(v.Facts, fact{v.T("request_budget"), budget})
	}
	v.Facts = append(v.Facts, fact{v.T("request_respond_by"), v.Day(q.RespondBy)})
	for _, rule := range q.Transparency {
		v.Rules = append(v.Rules, v.T("request_rule_"+string(rule)))
	}
	v.Most, v.Value = q.Hours()
	v.Meter = v.T("request_meter", "Accepted", v.Number(v.Value), "Hours", v.Number(v.Most))
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

// fillRequestFor fills in what only some may see: the members' part, and what its author
// may do.
func (f *Face) fillRequestFor(c *gin.Context, view *requestView, p *coop.Post) error {
	viewers := f.viewersFor(c)
	if err := f.fillCovers(c.Request.Context(), view, p, append([]coop.Viewer{anybody()}, viewers...)); err != nil || len(viewers) == 0 {
		return err
	}
	c.Header("Cache-Control", "private, no-store")
	if err := f.fillMembers(c.Request.Context(), view, p, viewers); err != nil {
		return err
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

// fillMembers shows the members' part to the first of the viewers who may read it.
func (f *Face) fillMembers(ctx context.Context, view *requestView, p *coop.Post, viewers []coop.Viewer) error {
	for _, v := range viewers {
		part, err := f.Store.MembersPart(ctx, v, p)
		if err == nil {
			text := proseOf("", part.Language, part.Content, nil)
			view.Members = &text
			return nil
		}
		if !errors.Is(err, coop.ErrNotFound) {
			return err
		}
	}
	return nil
}
