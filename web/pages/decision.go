// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"slices"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/web/auth"
)

// decisionView is the page of a decision.
type decisionView struct {
	formFrame
	Head    line
	Badge   stateBadge
	Who     person
	Text    prose
	Facts   []fact
	Amended moment
	Outcome string
	Ends    moment
	Over    bool
	Voted   string
	Counts  []decisionCount
	Echoed  bool // there is an echo to show
	Path    string
	Elects  []ownBallot // for whom who reads votes
	Inside  bool        // who reads sees the ballots one by one before they are published
	Ballots []ballotRow
	Recount *recountView
	Decides bool // who reads may amend, withdraw and publish
	Running bool
	Publish bool // it can be published now
	Said    string
	Vote    string // where who is not signed in goes to vote; empty: nowhere
	Origin  string
	Thread  []noteCard
	Reply   string
}

// decisionCount is a line of the count.
type decisionCount struct {
	Title       line
	Votes, Echo string
	Most, N     int
}

// ownBallot is how an account stands for which who reads may vote.
type ownBallot struct {
	Who      person
	Path     string // of the form; empty: no ballots are taken any more
	Option   string // empty: none was cast
	Reason   string
	Refused  string
	Language string
}

// ballotRow is a line of the list of ballots.
type ballotRow struct {
	Who    person
	Option string
	Reason string
	At     moment
}

// recountView is what the published list comes to.
type recountView struct {
	Cast, Electors, Needed string
	Quorum                 bool
	Objections             string
	Result                 string
	Agrees                 bool
}

// decisionByID answers GET /decisions/ID.
func (f *Face) decisionByID(c *gin.Context) error {
	r, err := f.decisionReader(c)
	if err != nil {
		return err
	}
	p, err := r.one(c.Request.Context(), f.Store, c.Param("id"))
	if err != nil {
		return err
	}
	var page formFrame
	if len(r.voters) > 0 {
		page = f.formFrame(c, "decision_list_title", nil)
	} else {
		page.frame = f.frame(c, "", "", nil)
		page.Canonical = f.root() + f.pathOf(p)
	}
	return f.drawDecision(c, page, r, p)
}

// showDecision answers the address of a decision of ours, for anybody.
// Who is signed in goes to the page that is theirs.
func (f *Face) showDecision(c *gin.Context, p *coop.Post) error {
	if auth.Account(c) != nil && auth.SessionOf(c) != nil {
		c.Header("Cache-Control", "private, no-store")
		c.Redirect(http.StatusFound, decisionPath(p, ""))
		return nil
	}
	return f.drawDecision(c, formFrame{frame: f.frame(c, "", "", nil)}, &decisionReader{viewers: []coop.Viewer{anybody()}}, p)
}

// drawDecision fills in the page and shows it.
func (f *Face) drawDecision(c *gin.Context, page formFrame, r *decisionReader, p *coop.Post) error {
	ctx, d, t := c.Request.Context(), p.Decision, page.tongue
	view := &decisionView{
		formFrame: page, Head: lineOf(t.Lang, p.Language, d.Title, d.TitleMap), Badge: t.stage(d), Who: f.person(p.Author), Facts: t.decisionFacts(p),
		Text: f.proposal(t, p), Amended: t.minute(d.Amended), Outcome: d.Outcome, Ends: t.minute(p.Ends), Over: d.Over(p.Ends, f.Now()), Voted: t.voted(p),
		Path: decisionPath(p, ""), Running: d.Stage.Running(), Publish: d.Stage == coop.StageAdopted || d.Stage == coop.StageRejected, Decides: p.Local && r.decides(p.AuthorID),
		Reply: string(p.IRI),
	}
	view.Title, view.Section, view.Description = view.Head.Text, "decisions", excerpt(string(view.Text.HTML), 200)
	view.NoIndex = view.NoIndex || p.Visibility != coop.VisiblePublic || !p.Local
	if !p.Local {
		view.Origin = origin(p)
	}
	if len(r.voters) == 0 && !view.Over {
		view.Vote = "/sign-in?next=" + decisionPath(p, "")
	}
	if done := c.Query("done"); slices.Contains([]string{"opened", "ballot", "amended", "withdrawn", "published"}, done) {
		view.Said = t.T("decision_done_" + done)
	}
	for _, fill := range []func(context.Context, *decisionView, *decisionReader, *coop.Post) error{f.fillCounts, f.fillElects, f.fillBallots, f.fillTalk} {
		if err := fill(ctx, view, r, p); err != nil {
			return err
		}
	}
	view.Recount = t.recount(d)
	return f.show(c, http.StatusOK, "decision", view)
}

// leadingTitle is the first paragraph of a question of ours and of others who write it as
// we do: its title.
var leadingTitle = regexp.MustCompile(`(?s)^<p><strong>.*?</strong></p>`)

// proposal is what is proposed, without its title.
func (f *Face) proposal(t *tongue, p *coop.Post) prose {
	if p.Local {
		lang, html := f.Outbox.Proposal(t.Lang, p)
		return prose{lang, paragraphs(html)}
	}
	text := proseOf(t.Lang, p.Language, p.Content, p.ContentMap)
	return prose{text.Lang, paragraphs(leadingTitle.ReplaceAllString(string(text.HTML), ""))}
}

// decisionFacts are the rules of a decision.
func (t *tongue) decisionFacts(p *coop.Post) []fact {
	d := p.Decision
	facts := []fact{
		{t.T("decision_fact_method"), t.jobs.Say(t.Lang, "method_"+string(d.Method), nil)},
		{t.T("decision_fact_unit"), t.jobs.Say(t.Lang, "ballot_unit_"+string(d.Unit), nil)},
		{t.T("decision_fact_quorum"), t.quorum(d)},
	}
	if p.Visibility != coop.VisiblePublic {
		facts = append(facts, fact{t.T("decision_fact_audience"), t.T("decision_audience_members")})
	}
	if d.ListBallots {
		facts = append(facts, fact{t.T("decision_fact_list"), t.T("decision_list_published")})
	}
	return facts
}

// quorum is the share that must vote, and how many that are.
func (t *tongue) quorum(d *coop.Decision) string {
	if !d.Quorum.IsPositive() {
		return t.T("decision_quorum_none")
	}
	share := t.Decimal(d.Quorum.Shift(2).Round(1))
	if d.Electors == 0 {
		return t.T("decision_quorum_share", "Share", share)
	}
	needed := coop.Tally(d.Electors, nil, d.Quorum, d.Method).Needed
	return t.T("decision_quorum_of", "Share", share, "Needed", t.Number(needed), "Electors", t.Number(d.Electors))
}

// option is the word of an option for who reads.
func (t *tongue) option(p *coop.Post, key string) string {
	i := p.Decision.Option(key)
	if i < 0 || i >= len(p.Poll.Options) {
		return key
	}
	if word := t.jobs.Option(t.Lang, p.Decision.Method, key); word != "" {
		return word
	}
	return p.Poll.Options[i].Title
}

// fillCounts adds the count, with what others chose beside it.
func (f *Face) fillCounts(ctx context.Context, view *decisionView, _ *decisionReader, p *coop.Post) error {
	echo := make([]int, len(p.Poll.Options))
	if p.Local {
		var err error
		if echo, err = f.Store.Echo(ctx, p.ID, len(echo)); err != nil {
			return err
		}
	}
	most := max(p.Decision.Electors, p.Poll.Votes(), 1)
	for i, o := range p.Poll.Options {
		one := decisionCount{Title: line{view.Lang, view.option(p, p.Decision.Options[i])}, Votes: view.Number(max(o.Votes, 0)), Echo: view.Number(echo[i]), Most: most, N: max(o.Votes, 0)}
		if p.Decision.Method == coop.MethodAdvice {
			one.Title = line{p.Language, o.Title}
		}
		view.Echoed = view.Echoed || echo[i] > 0
		view.Counts = append(view.Counts, one)
	}
	return nil
}

// fillElects says for whom who reads may vote, and how they did.
func (f *Face) fillElects(ctx context.Context, view *decisionView, r *decisionReader, p *coop.Post) error {
	for _, a := range r.voters {
		may, err := f.Store.MayVote(ctx, p.ID, a.ID)
		if err != nil {
			return err
		}
		if !may {
			continue
		}
		own := ownBallot{Who: f.person(a), Language: p.Language}
		if !view.Over {
			own.Path = view.Path + "/ballot?as=" + a.ID.String()
		}
		b, err := f.Store.BallotOf(ctx, p.ID, a.ID)
		if err != nil && !errors.Is(err, coop.ErrNotFound) {
			return err
		}
		if err == nil {
			own.Option, own.Reason, own.Refused = view.option(p, b.Option), b.Reason, b.Refused
		}
		view.Elects = append(view.Elects, own)
	}
	return nil
}

// fillBallots lists the ballots for who may see them: as they are, or as they were
// published.
func (f *Face) fillBallots(ctx context.Context, view *decisionView, r *decisionReader, p *coop.Post) error {
	for _, a := range r.accounts {
		may, err := f.Store.MayVote(ctx, p.ID, a.ID)
		if err != nil {
			return err
		}
		view.Inside = view.Inside || may || a.ID == p.AuthorID
	}
	if !p.Decision.ShowsBallots(view.Inside) {
		return nil
	}
	if len(p.Decision.Ballots) > 0 {
		return f.fillRoll(ctx, view, p)
	}
	if !p.Local {
		return nil
	}
	list, err := f.Store.Ballots(ctx, p.ID)
	for _, b := range list {
		view.Ballots = append(view.Ballots, ballotRow{f.person(b.Voter), view.option(p, b.Option), b.Reason, view.minute(b.At)})
	}
	return err
}

// fillRoll is the published list.
func (f *Face) fillRoll(ctx context.Context, view *decisionView, p *coop.Post) error {
	iris := make([]coop.IRI, len(p.Decision.Ballots))
	for i, b := range p.Decision.Ballots {
		iris[i] = b.Voter
	}
	names, err := f.names(ctx, iris)
	for _, b := range p.Decision.Ballots {
		who := names[b.Voter]
		if who.Name == "" {
			who = person{Name: string(b.Voter), URL: string(b.Voter)}
		}
		view.Ballots = append(view.Ballots, ballotRow{who, view.option(p, b.Option), b.Reason, moment{}})
	}
	return err
}

// fillTalk adds what was said about it in public. What is said among members stays there.
func (f *Face) fillTalk(ctx context.Context, view *decisionView, _ *decisionReader, p *coop.Post) (err error) {
	if p.Visibility == coop.VisiblePublic {
		view.Thread, err = f.thread(ctx, view.tongue, p)
	}
	return err
}

// recount counts the published list again; nil where there is none.
func (t *tongue) recount(d *coop.Decision) *recountView {
	r, ok := d.Recount()
	if !ok {
		return nil
	}
	return &recountView{
		Cast: t.Number(r.Cast), Electors: t.Number(r.Electors), Needed: t.Number(r.Needed), Quorum: r.Quorum, Objections: t.Number(r.Objections),
		Result: t.T("decision_stage_" + string(r.Stage)), Agrees: r.Stage == d.Result,
	}
}
