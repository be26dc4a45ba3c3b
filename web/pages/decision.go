// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
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

// fillTalk adds what was said about it in public. What is said among members stays there.
func (f *Face) fillTalk(ctx context.Context, view *decisionView, _ *decisionReader, p *coop.Post) (err error) {
	if p.Visibility == coop.VisiblePublic {
		view.Thread, err = f.thread(ctx, view.tongue, p)
	}
	return err
}
