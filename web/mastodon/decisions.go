// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
	"minga/web/mastodon/entity"
	"minga/web/mastodon/input"
	"minga/web/respond"
)

// decisionRoutes are decisions: opened by federations and co-ops, voted in by their
// delegates.
func (f *Face) decisionRoutes() []auth.Route {
	public := func(path string, h respond.Handler) auth.Route { return f.public("/v1/minga"+path, "", h) }
	write := func(path string, limit auth.Limit, act coop.RoleAct, h respond.Handler) auth.Route {
		return f.write("POST", "/v1/minga"+path, scopeWrite, limit, h).For(act)
	}
	return []auth.Route{
		public("/decisions", f.listDecisions),
		public("/decisions/:id", f.getDecision),
		public("/decisions/:id/ballots", f.decisionBallots),
		public("/decisions/:id/recount", f.recountDecision),
		write("/decisions", auth.LimitPosts, coop.ActDecide, f.createDecision),
		write("/decisions/:id/ballot", auth.LimitAPI, coop.ActBallot, f.castBallot),
		write("/decisions/:id/amend", auth.LimitPosts, coop.ActDecide, f.amendDecision),
		write("/decisions/:id/withdraw", auth.LimitAPI, coop.ActDecide, f.withdrawDecision),
		write("/decisions/:id/publish", auth.LimitAPI, coop.ActDecide, f.publishDecision),
	}
}

// oneDecision finds the decision of the address, as who asks may see it.
func (f *Face) oneDecision(c *gin.Context) (*coop.Post, error) {
	id, err := idOf(c)
	if err != nil {
		return nil, err
	}
	p, err := f.Store.Post(c.Request.Context(), auth.Viewer(c), id)
	if err == nil && (p.Decision == nil || p.Poll == nil || p.Author == nil) {
		err = fmt.Errorf("decision %s: %w", id, coop.ErrNotFound)
	}
	return p, err
}

// listDecisions answers GET /api/v1/minga/decisions, newest first: `author` (an id)
// narrows to who opened them, `running` to those that take ballots or not, `mine` to those
// in which the token's account may vote.
func (f *Face) listDecisions(c *gin.Context) error {
	ctx, viewer := c.Request.Context(), auth.Viewer(c)
	q := storage.DecisionQuery{Running: c.Query("running") == "true", Ended: c.Query("running") == "false"}
	if text := c.Query("author"); text != "" {
		id, err := coop.ParseID(text)
		if err != nil {
			id = -1 // nobody's
		}
		q.Author = id
	}
	if mine, _ := strconv.ParseBool(c.Query("mine")); mine {
		if q.Elector = -1; auth.Account(c) != nil {
			q.Elector = auth.Account(c).ID
		}
	}
	list, err := f.Store.Decisions(ctx, viewer, q, pageOf(c, 20, 40))
	if err != nil {
		return err
	}
	if len(list) > 0 {
		f.link(c, list[0].ID, list[len(list)-1].ID)
	}
	out, authors := make([]*decisionJSON, 0, len(list)), []*entity.Account{}
	for _, p := range list {
		one, err := f.decision(ctx, viewer, p)
		if err != nil {
			return err
		}
		out, authors = append(out, one), append(authors, one.Account)
	}
	if err := f.complete(ctx, authors...); err != nil {
		return err
	}
	c.JSON(http.StatusOK, out)
	return nil
}

// getDecision answers GET /api/v1/minga/decisions/:id.
func (f *Face) getDecision(c *gin.Context) error {
	p, err := f.oneDecision(c)
	if err != nil {
		return err
	}
	return f.showDecision(c, p)
}

// showDecision answers one decision.
func (f *Face) showDecision(c *gin.Context, p *coop.Post) error {
	out, err := f.decision(c.Request.Context(), auth.Viewer(c), p)
	if err != nil {
		return err
	}
	if err := f.complete(c.Request.Context(), out.Account); err != nil {
		return err
	}
	c.JSON(http.StatusOK, out)
	return nil
}

// decisionBallots answers GET /api/v1/minga/decisions/:id/ballots: to who may vote or
// opened it those that count now, to anybody the list once it is published; to others there
// is none.
func (f *Face) decisionBallots(c *gin.Context) error {
	p, err := f.oneDecision(c)
	if err != nil {
		return err
	}
	ctx, out := c.Request.Context(), []*ballotJSON{}
	insider, err := f.insider(ctx, auth.Viewer(c), p)
	if err != nil {
		return err
	}
	if !p.Decision.ShowsBallots(insider) {
		return fmt.Errorf("ballots of %s: %w", p.IRI, coop.ErrNotFound)
	}
	if len(p.Decision.Ballots) > 0 {
		for _, b := range p.Decision.Ballots {
			out = append(out, &ballotJSON{Voter: string(b.Voter), Option: b.Option, Reason: entity.Null(b.Reason)})
		}
		c.JSON(http.StatusOK, out)
		return nil
	}
	list, err := f.Store.Ballots(ctx, p.ID)
	for _, b := range list {
		out = append(out, newBallotJSON(b))
	}
	if err == nil {
		c.JSON(http.StatusOK, out)
	}
	return err
}

// insider tells whether a viewer opened a decision or may vote in it.
func (f *Face) insider(ctx context.Context, v coop.Viewer, p *coop.Post) (bool, error) {
	if v.Class != coop.ViewerAccount {
		return false, nil
	}
	if v.Account == p.AuthorID {
		return true, nil
	}
	return f.Store.MayVote(ctx, p.ID, v.Account)
}

// recountJSON is what the published list comes to.
type recountJSON struct {
	Electors   int            `json:"electors"`
	Cast       int            `json:"cast"`
	Needed     int            `json:"needed"`
	Quorum     bool           `json:"quorum_reached"`
	Counts     map[string]int `json:"counts"`
	Objections int            `json:"objections"`
	Result     string         `json:"result"`
	Published  entity.Null    `json:"published"` // the result that was published; null while it runs
	Agrees     bool           `json:"agrees"`
}

// recountDecision answers GET /api/v1/minga/decisions/:id/recount: the published list,
// counted again; to who may vote or opened it, in a decision of ours, what the ballots come
// to as they are.
func (f *Face) recountDecision(c *gin.Context) error {
	p, err := f.oneDecision(c)
	if err != nil {
		return err
	}
	r, ok := p.Decision.Recount()
	if !ok {
		if r, err = f.tally(c, p); err != nil {
			return err
		}
	}
	c.JSON(http.StatusOK, recountJSON{
		Electors: r.Electors, Cast: r.Cast, Needed: r.Needed, Quorum: r.Quorum, Counts: r.Counts, Objections: r.Objections,
		Result: string(r.Stage), Published: entity.Null(p.Decision.Result), Agrees: r.Stage == p.Decision.Result,
	})
	return nil
}

// tally is what the ballots of a decision of ours come to, for who may see them.
func (f *Face) tally(c *gin.Context, p *coop.Post) (coop.Result, error) {
	ctx, d := c.Request.Context(), p.Decision
	insider, err := f.insider(ctx, auth.Viewer(c), p)
	if err == nil && (!insider || !p.Local) {
		err = fmt.Errorf("no list of %s is published: %w", p.IRI, coop.ErrNotFound)
	}
	if err != nil {
		return coop.Result{}, err
	}
	ballots, err := f.Store.Ballots(ctx, p.ID)
	return coop.Tally(d.Electors, ballots, d.Quorum, d.Method), err
}

// readDecision reads what a decision is made of. `title` and `text` are in the first
// language, `titles` and `texts` hold others.
func readDecision(in input.Values, language string) coop.NewDecision {
	n := coop.NewDecision{Language: language, Titles: map[string]string{}, Texts: map[string]string{}, Ends: in.Moment("ends_at")}
	for tag, text := range in.Words("titles") {
		n.Titles[tag] = coop.CleanLine(text, 1000)
	}
	for tag, text := range in.Words("texts") {
		n.Texts[tag] = text
	}
	if in.Has("title") {
		n.Titles[language] = coop.CleanLine(in.Text("title"), 1000)
	}
	if in.Has("text") {
		n.Texts[language] = in.Text("text")
	}
	return n
}

// createDecision opens a decision: POST /api/v1/minga/decisions with `title`, `text`
// (Markdown), `method`, `options` (of advice), `unit`, `quorum`, `ends_at`, `audience`
// (public or members) and `list_ballots`.
func (f *Face) createDecision(c *gin.Context) error {
	in, err := input.Read(c)
	if err != nil {
		return err
	}
	self := auth.Account(c)
	language := in.Text("language")
	if language == "" {
		language = self.Language
	}
	if language == "" {
		language = "en"
	}
	n := readDecision(in, language)
	n.Author, n.Method, n.Unit, n.Quorum = self, coop.DecisionMethod(in.Text("method")), coop.BallotUnit(in.Text("unit")), in.Decimal("quorum")
	for _, o := range in.Texts("options") {
		n.Options = append(n.Options, coop.CleanLine(o, 1000))
	}
	n.Members, n.ListBallots = in.Text("audience") == "members", in.On("list_ballots")
	if !slices.Contains([]string{"", "public", "members"}, in.Text("audience")) {
		in.Complain("audience", coop.CodeUnknown, "is public or members")
	}
	if err := in.Err(); err != nil {
		return err
	}
	p, err := f.Outbox.NewDecision(c.Request.Context(), n)
	if err != nil {
		return err
	}
	return f.decisionNow(c, p.ID)
}

// decisionNow answers a decision as it stands after an act.
func (f *Face) decisionNow(c *gin.Context, id coop.ID) error {
	p, err := f.Store.Post(c.Request.Context(), auth.Viewer(c), id)
	if err != nil {
		return err
	}
	return f.showDecision(c, p)
}

// castBallot answers POST /api/v1/minga/decisions/:id/ballot with `option` and `reason`.
func (f *Face) castBallot(c *gin.Context) error {
	p, err := f.oneDecision(c)
	if err != nil {
		return err
	}
	in, err := input.Read(c)
	if err != nil {
		return err
	}
	option, reason := in.Text("option"), in.Text("reason")
	if err := in.Err(); err != nil {
		return err
	}
	if err := f.Outbox.CastBallot(c.Request.Context(), auth.Account(c), p.ID, option, reason); err != nil {
		return err
	}
	return f.decisionNow(c, p.ID)
}

// ownDecision finds a decision that the token's account opened.
func (f *Face) ownDecision(c *gin.Context) (*coop.Post, error) {
	p, err := f.oneDecision(c)
	if err == nil && p.AuthorID != auth.Account(c).ID {
		err = fmt.Errorf("decision %s of another: %w", p.ID, coop.ErrForbidden)
	}
	return p, err
}

// amendDecision answers POST /api/v1/minga/decisions/:id/amend with `title`, `text` and
// `ends_at`: all ballots are cleared.
func (f *Face) amendDecision(c *gin.Context) error {
	p, err := f.ownDecision(c)
	if err != nil {
		return err
	}
	in, err := input.Read(c)
	if err != nil {
		return err
	}
	n := readDecision(in, p.Language)
	if n.Titles[p.Language] == "" {
		n.Titles = p.Decision.TitleMap
	}
	if err := in.Err(); err != nil {
		return err
	}
	if _, err := f.Outbox.AmendDecision(c.Request.Context(), p.ID, n); err != nil {
		return err
	}
	return f.decisionNow(c, p.ID)
}

// withdrawDecision answers POST /api/v1/minga/decisions/:id/withdraw.
func (f *Face) withdrawDecision(c *gin.Context) error {
	p, err := f.ownDecision(c)
	if err != nil {
		return err
	}
	if _, err := f.Outbox.WithdrawDecision(c.Request.Context(), p.ID); err != nil {
		return err
	}
	return f.decisionNow(c, p.ID)
}

// publishDecision answers POST /api/v1/minga/decisions/:id/publish with `outcome`: some
// words on what came out, or none.
func (f *Face) publishDecision(c *gin.Context) error {
	p, err := f.ownDecision(c)
	if err != nil {
		return err
	}
	in, err := input.Read(c)
	if err != nil {
		return err
	}
	words := in.Text("outcome")
	if err := in.Err(); err != nil {
		return err
	}
	if _, err := f.Outbox.PublishDecision(c.Request.Context(), p.ID, words); err != nil {
		return err
	}
	return f.decisionNow(c, p.ID)
}
