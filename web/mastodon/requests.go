// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/web/auth"
	"minga/web/mastodon/entity"
	"minga/web/mastodon/input"
	"minga/web/respond"
)

// requestRoutes are requests of federations and co-ops.
func (f *Face) requestRoutes() []auth.Route {
	public := func(path string, h respond.Handler) auth.Route { return f.public("/v1/minga"+path, "", h) }
	write := func(method, path string, limit auth.Limit, h respond.Handler) auth.Route {
		return f.write(method, "/v1/minga"+path, scopeWrite, limit, h).For(coop.ActRequest)
	}
	return append(
		allFor(coop.ActRequest, f.update("/v1/minga/requests/:id", scopeWrite, auth.LimitPosts, f.updateRequest)),
		public("/requests", f.listRequests),
		public("/requests/:id", f.getRequest),
		public("/requests/:id/coverage", f.coverage),
		f.own("/v1/minga/requests/mine", scopeRead, f.ownRequests).For(coop.ActRequest),
		f.own("/v1/minga/requests/:id/file", scopeRead, f.requestFile).For(coop.ActRequest),
		write("POST", "/requests", auth.LimitPosts, f.createRequest),
		write("POST", "/requests/:id/:step", auth.LimitPosts, f.stepRequest),
		write("DELETE", "/requests/:id", auth.LimitDeletes, f.deleteRequest),
	)
}

// requestJSON is the member request of a status's minga.
type requestJSON struct {
	Need         entity.Null `json:"need"` // HTML
	NeedURI      entity.Null `json:"need_uri"`
	RespondBy    entity.Time `json:"respond_by"`
	TakesOffers  bool        `json:"takes_offers"`
	Budget       *budgetJSON `json:"budget"`
	Transparency []string    `json:"transparency"`
	Hours        int         `json:"hours"`
	Covered      int         `json:"covered"`
	Slots        []slotJSON  `json:"slots"`
}

// budgetJSON is a range of money; decimals are texts.
type budgetJSON struct {
	Currency string `json:"currency"`
	Min      string `json:"min"`
	Max      string `json:"max"`
}

// slotJSON is a role.
type slotJSON struct {
	ID       string      `json:"key"` // unique in the request
	URI      string      `json:"uri"`
	Name     string      `json:"name"`
	Skill    entity.Null `json:"skill"`
	SkillURI entity.Null `json:"skill_uri"`
	Hours    int         `json:"hours"`
	Covered  int         `json:"covered"`
	Open     int         `json:"open"`
	Rate     *rateJSON   `json:"rate"`
	Required bool        `json:"required"`
	State    string      `json:"state"`
}

// rateJSON is what an hour pays.
type rateJSON struct {
	Currency string `json:"currency"`
	Value    string `json:"value"`
}

// request shows the request that a post is.
func (f *Face) request(p *coop.Post) *requestJSON {
	q := p.Request
	out := &requestJSON{
		Need: entity.Null(q.Description), NeedURI: entity.Null(q.Need.URI), RespondBy: entity.Time(q.RespondBy), TakesOffers: q.Takes(f.Now()),
		Transparency: []string{}, Slots: []slotJSON{},
	}
	out.Hours, out.Covered = q.Hours()
	if b := q.Budget; b != nil {
		out.Budget = &budgetJSON{b.Currency, b.Min.String(), b.Max.String()}
	}
	for _, rule := range q.Transparency {
		out.Transparency = append(out.Transparency, string(rule))
	}
	for _, s := range q.Slots {
		iri, _ := p.SlotIRI(s.Key)
		slot := slotJSON{
			ID: s.Key, URI: string(iri), Name: s.Name, Skill: entity.Null(s.Skill.Name), SkillURI: entity.Null(s.Skill.URI),
			Hours: s.Hours, Covered: s.Accepted, Open: s.OpenHours(), Required: s.Required, State: string(s.State()),
		}
		if s.Rate != nil {
			slot.Rate = &rateJSON{s.Rate.Currency, s.Rate.Value.String()}
		}
		out.Slots = append(out.Slots, slot)
	}
	return out
}

// listRequests answers GET /api/v1/minga/requests, newest first: those that take offers,
// or with state=all or a state those of it; `q` (words), `skill` (a name or address) and
// `author` (an id) narrow.
func (f *Face) listRequests(c *gin.Context) error {
	q := coop.RequestQuery{Skill: c.Query("skill")}
	switch state := c.Query("state"); state {
	case "":
		q.Takes = f.Now()
	case "all":
	default:
		q.States = []coop.RequestState{coop.RequestState(state)}
	}
	if text := c.Query("author"); text != "" {
		id, err := coop.ParseID(text)
		if err != nil {
			id = -1 // nobody's
		}
		q.Author = id
	}
	if words := c.Query("q"); words != "" {
		text, err := coop.ParseTextQuery(words)
		if err != nil {
			return err
		}
		q.Text = text
	}
	ctx, viewer := c.Request.Context(), auth.Viewer(c)
	list, err := f.Store.Requests(ctx, viewer, q, pageOf(c, 20, 40))
	if err != nil {
		return err
	}
	total, err := f.Store.CountRequests(ctx, viewer, q)
	if err != nil {
		return err
	}
	if len(list) > 0 {
		f.link(c, list[0].ID, list[len(list)-1].ID)
	}
	c.Header("X-Total-Count", strconv.Itoa(total))
	return f.showStatuses(c, list)
}

// ownRequests answers GET /api/v1/minga/requests/mine: all of the token's account, drafts
// and what clients sent too.
func (f *Face) ownRequests(c *gin.Context) error {
	list, err := f.Store.RequestsOf(c.Request.Context(), auth.Account(c).ID, pageOf(c, 20, 40))
	if err != nil {
		return err
	}
	if len(list) > 0 {
		f.link(c, list[0].ID, list[len(list)-1].ID)
	}
	return f.showStatuses(c, list)
}

// askedRequest finds a request: a published one that the viewer may see, or one of the
// token's account in whatever state.
func (f *Face) askedRequest(c *gin.Context) (*coop.Post, error) {
	p, err := f.post(c, coop.KindRequest)
	if errors.Is(err, coop.ErrNotFound) {
		if own, ownErr := f.ownRequest(c); ownErr == nil {
			return own, nil
		}
	}
	return p, err
}

// ownRequest finds a request of the token's account; that of another is not found.
func (f *Face) ownRequest(c *gin.Context) (*coop.Post, error) {
	id, err := idOf(c)
	if err != nil {
		return nil, err
	}
	self := auth.Account(c)
	if self == nil {
		return nil, coop.ErrNotFound
	}
	if token := auth.TokenOf(c); token == nil || !token.May(coop.ActRequest.In(self.Kind), self.Kind) {
		return nil, fmt.Errorf("request %s: %w", id, coop.ErrNotFound)
	}
	p, err := f.Store.RequestOf(c.Request.Context(), id)
	if err != nil {
		return nil, err
	}
	if p.AuthorID != self.ID {
		return nil, fmt.Errorf("request %s of another: %w", id, coop.ErrNotFound)
	}
	return p, nil
}

// getRequest answers GET /api/v1/minga/requests/:id.
func (f *Face) getRequest(c *gin.Context) error {
	p, err := f.askedRequest(c)
	if err != nil {
		return err
	}
	return f.showStatus(c, p)
}

// coverageJSON is how far a request is covered.
type coverageJSON struct {
	ID          string     `json:"id"`
	State       string     `json:"state"`
	TakesOffers bool       `json:"takes_offers"`
	Hours       int        `json:"hours"`
	Covered     int        `json:"covered"`
	Slots       []slotJSON `json:"slots"`
}

// coverage answers GET /api/v1/minga/requests/:id/coverage.
func (f *Face) coverage(c *gin.Context) error {
	p, err := f.askedRequest(c)
	if err != nil {
		return err
	}
	q := f.request(p)
	c.JSON(http.StatusOK, coverageJSON{p.ID.String(), string(p.Request.StateAt(f.Now())), q.TakesOffers, q.Hours, q.Covered, q.Slots})
	return nil
}

// createRequest answers POST /api/v1/minga/requests; with `draft` it is only kept.
func (f *Face) createRequest(c *gin.Context) error {
	author := auth.Account(c)
	if author.Kind != coop.Coop && author.Kind != coop.Federation {
		return fmt.Errorf("%s asks for no team: a co-op or federation does: %w", author.Kind, coop.ErrForbidden)
	}
	in, err := input.Read(c)
	if err != nil {
		return err
	}
	p := &coop.Post{Author: author, AuthorID: author.ID, Local: true, Kind: coop.KindRequest, Request: &coop.Request{Status: coop.RequestDraft}}
	both := in.Beside("request")
	fillRequest(p, both)
	file := fileOf(nil, both)
	draft := in.On("draft")
	if err := in.Err(); err != nil {
		return err
	}
	return f.answerRequest(c, p, func(ctx context.Context) error {
		if draft {
			return f.Outbox.SaveRequestDraft(ctx, author, p, file)
		}
		return f.Outbox.PublishRequest(ctx, author, p, file)
	})
}

// updateRequest answers PUT and PATCH /api/v1/minga/requests/:id. What is not sent stays;
// `slots` is the whole list. Who sends the `version` that they edited is told by 409 when
// it is not the last.
func (f *Face) updateRequest(c *gin.Context) error {
	p, err := f.ownRequest(c)
	if err != nil {
		return err
	}
	in, err := input.Read(c)
	if err != nil {
		return err
	}
	both := in.Beside("request")
	fillRequest(p, both)
	p.Request.Version = int64(in.Number("version"))
	file, err := f.Store.RequestFile(c.Request.Context(), p.ID)
	if err != nil && !errors.Is(err, coop.ErrNotFound) {
		return err
	}
	file = fileOf(file, both)
	if err := in.Err(); err != nil {
		return err
	}
	return f.answerRequest(c, p, func(ctx context.Context) error {
		if !p.Request.Status.OnWire() {
			return f.Outbox.SaveRequestDraft(ctx, p.Author, p, file)
		}
		return f.Outbox.EditRequest(ctx, p, file)
	})
}

// answerRequest acts and answers the request as it is stored now.
func (f *Face) answerRequest(c *gin.Context, p *coop.Post, act func(context.Context) error) error {
	ctx := c.Request.Context()
	if err := act(ctx); err != nil {
		return err
	}
	stored, err := f.Store.RequestOf(ctx, p.ID)
	if err != nil {
		return fmt.Errorf("read request %s: %w", p.ID, err)
	}
	return f.showStatus(c, stored)
}

// stepRequest takes a request along an arrow: POST /api/v1/minga/requests/:id/:step.
func (f *Face) stepRequest(c *gin.Context) error {
	p, err := f.ownRequest(c)
	if err != nil {
		return err
	}
	step := coop.RequestAction(c.Param("step"))
	switch {
	case step == coop.RequestPublish:
		return f.answerRequest(c, p, func(ctx context.Context) error {
			if p.Request.Status.OnWire() && !p.Request.Status.Ended() {
				return nil // repeatable
			}
			return f.Outbox.PublishRequest(ctx, p.Author, p, nil)
		})
	case step == coop.RequestTake:
		return f.answerRequest(c, p, func(ctx context.Context) error { _, err := f.Outbox.TakeRequest(ctx, p.ID); return err })
	case slices.Contains(coop.RequestActions(), step):
		return f.answerRequest(c, p, func(ctx context.Context) error { _, err := f.Outbox.StepRequest(ctx, p.ID, step); return err })
	}
	return coop.ErrNotFound
}

// deleteRequest answers DELETE /api/v1/minga/requests/:id: of what was never published.
func (f *Face) deleteRequest(c *gin.Context) error {
	p, err := f.ownRequest(c)
	if err != nil {
		return err
	}
	if err := f.Outbox.DropRequest(c.Request.Context(), p); err != nil {
		return err
	}
	c.JSON(http.StatusOK, gin.H{})
	return nil
}

// requestFileJSON is what of a request stays on this instance, for its author alone.
type requestFileJSON struct {
	Client   string      `json:"client"`
	Contact  string      `json:"contact"`
	Mail     string      `json:"mail"`
	Contract string      `json:"contract"`
	Notes    string      `json:"notes"`
	Members  string      `json:"members"` // as it was typed
	Public   bool        `json:"by_client"`
	DeleteAt entity.Time `json:"delete_at"`
}

// requestFile answers GET /api/v1/minga/requests/:id/file.
func (f *Face) requestFile(c *gin.Context) error {
	p, err := f.ownRequest(c)
	if err != nil {
		return err
	}
	file, err := f.Store.RequestFile(c.Request.Context(), p.ID)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, requestFileJSON{file.Client, file.Contact, file.Mail, file.Contract, file.Notes, file.Members, file.Public, entity.Time(file.DeleteAt)})
	return nil
}

// fillRequest writes what a client sent into a request, where it was sent.
func fillRequest(p *coop.Post, in input.Values) {
	fillHead(p, in)
	q := p.Request
	if in.Has("title") {
		q.Title = in.Text("title")
	}
	if in.Has("titles") {
		q.TitleMap = in.Words("titles")
	}
	if in.Has("title") || in.Has("titles") {
		if q.TitleMap == nil {
			q.TitleMap = map[string]string{}
		}
		if q.Title != "" {
			q.TitleMap[p.Language] = q.Title
		}
	}
	if in.Has("need") {
		q.DescriptionMap, q.Description = nil, ""
		if in.IsText("need") {
			q.Markdown = map[string]string{p.Language: in.Text("need")}
		} else {
			q.Markdown = in.Words("need")
		}
	}
	if in.Has("need_uri") {
		q.Need.URI = in.Text("need_uri")
	}
	if in.Has("respond_by") {
		q.RespondBy = in.Moment("respond_by")
	}
	if in.Has("transparency") {
		q.Transparency = nil
		for _, rule := range in.Texts("transparency") {
			q.Transparency = append(q.Transparency, coop.TransparencyRule(rule))
		}
	}
	fillBudget(q, in)
	if in.Has("slots") {
		fillSlots(q, in)
	}
}

// fillBudget writes the budget; null takes it away.
func fillBudget(q *coop.Request, in input.Values) {
	if !in.Has("budget") {
		return
	}
	q.Budget = nil
	if in.Null("budget") {
		return
	}
	b := in.Below("budget")
	q.Budget = &coop.Budget{Currency: b.Text("currency"), Min: b.Decimal("min"), Max: b.Decimal("max")}
	if !b.Has("max") {
		q.Budget.Max = q.Budget.Min
	}
}

// fillSlots writes the roles. One with the id of a role that is there keeps what was not
// sent of it.
func fillSlots(q *coop.Request, in input.Values) {
	before := q.Clone()
	q.Slots = nil
	for _, s := range in.List("slots", "name") {
		slot := coop.Slot{}
		if was := before.Slot(s.Text("key")); was != nil && s.Text("key") != "" {
			slot = *was
		}
		if s.Has("key") {
			slot.Key = s.Text("key")
		}
		for member, at := range map[string]*string{"name": &slot.Name, "skill": &slot.Skill.Name, "skill_uri": &slot.Skill.URI} {
			if s.Has(member) {
				*at = s.Text(member)
			}
		}
		if s.Has("hours") {
			slot.Hours = s.Number("hours")
		}
		if s.Has("required") {
			slot.Required = s.On("required")
		}
		if s.Has("closed") {
			slot.Closed = s.On("closed")
		}
		if s.Has("rate") {
			slot.Rate = nil
			if rate := s.Below("rate"); !s.Null("rate") {
				slot.Rate = &coop.Rate{Currency: rate.Text("currency"), Value: rate.Decimal("value")}
			}
		}
		q.Slots = append(q.Slots, slot)
	}
}

// fileOf is the file of a request with what was sent of it; nil where nothing was.
func fileOf(file *coop.RequestFile, in input.Values) *coop.RequestFile {
	sent := false
	now := coop.RequestFile{}
	if file != nil {
		now = *file
	}
	for member, at := range map[string]*string{
		"client": &now.Client, "contact": &now.Contact, "mail": &now.Mail, "contract": &now.Contract, "notes": &now.Notes, "members": &now.Members,
	} {
		if in.Has(member) {
			*at, sent = in.Text(member), true
		}
	}
	if !sent {
		return nil
	}
	return &now
}

// RequestFrom is a request of an author and its file as the members of POST
// /api/v1/minga/requests say them, for the command line. Numbers are json.Number.
func RequestFrom(author *coop.Account, members map[string]any) (*coop.Post, *coop.RequestFile, error) {
	in := input.New(members)
	p := &coop.Post{Author: author, AuthorID: author.ID, Local: true, Kind: coop.KindRequest, Request: &coop.Request{Status: coop.RequestDraft}}
	both := in.Beside("request")
	fillRequest(p, both)
	file := fileOf(nil, both)
	return p, file, in.Err()
}
