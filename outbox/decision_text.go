// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"encoding/json"
	"html"
	"strconv"
	"strings"

	"minga/coop"
	"minga/federation/vocabulary"
	"minga/outbox/text"
)

// finishDecision writes the text of the question for the stage that it is in.
func (o *Outbox) finishDecision(p *coop.Post) {
	p.Title = p.Decision.Title
	p.ContentMap = map[string]string{}
	for lang := range p.Decision.TitleMap {
		p.ContentMap[lang] = o.decisionText(lang, p)
	}
	p.Content = p.ContentMap[p.Language]
	if len(p.ContentMap) < 2 {
		p.ContentMap = nil
	}
}

// decisionText is the question in one language: title with its stage, the proposal, what
// rules hold, what came out, until when, and the link.
func (o *Outbox) decisionText(lang string, p *coop.Post) string {
	d := p.Decision
	out := text.Paragraph(o.DecisionTitle(lang, d), true)
	source := d.Markdown[lang]
	if source == "" {
		source = d.Markdown[p.Language]
	}
	out += text.Brief(source)
	if d.Outcome != "" {
		out += text.Paragraph(d.Outcome, false)
	}
	if !d.Amended.IsZero() && d.Stage.Running() {
		out += text.Paragraph(o.words.Say(lang, "decision_amended", map[string]string{"Date": o.words.Date(lang, d.Amended)}), false)
	}
	out += text.Paragraph(o.decisionFacts(lang, p), false)
	key, at := "decision_until", p.Ends
	if !d.Stage.Running() {
		key, at = "decision_over", p.Poll.Closed
	}
	until := o.words.Say(lang, key, map[string]string{"Date": o.words.Date(lang, at)})
	return out + "<p>" + html.EscapeString(until) + ` <a href="` + html.EscapeString(p.URL) + `">` + html.EscapeString(text.Bare(p.URL)) + "</a></p>"
}

// DecisionTitle is the title in a language, led by the word of what came out, or of an
// objection that stands.
func (o *Outbox) DecisionTitle(lang string, d *coop.Decision) string {
	stage := d.Stage
	if d.Result != "" {
		stage = d.Result
	}
	title := d.TitleIn(lang)
	if said := o.words.Say(lang, "decision_"+string(stage), map[string]string{"Title": title}); said != "" {
		return said
	}
	return title
}

// decisionFacts are the rules while it runs, and what the ballots came to afterwards.
func (o *Outbox) decisionFacts(lang string, p *coop.Post) string {
	d := p.Decision
	if !d.Stage.Running() && d.Result != coop.StageWithdrawn {
		var counts []string
		for i, option := range p.Poll.Options {
			word := option.Title
			if d.Method != coop.MethodAdvice {
				word = o.words.Option(lang, d.Method, d.Options[i])
			}
			counts = append(counts, word+": "+strconv.Itoa(max(option.Votes, 0)))
		}
		voted := o.words.Say(lang, "decision_count", map[string]string{"Cast": strconv.Itoa(max(p.Poll.Voters, 0)), "Electors": strconv.Itoa(d.Electors)})
		return strings.Join(counts, " · ") + ". " + voted
	}
	facts := []string{o.words.Say(lang, "ballot_unit_"+string(d.Unit), nil), o.words.Say(lang, "method_"+string(d.Method), nil)}
	if d.Quorum.IsPositive() {
		facts = append(facts, o.words.Say(lang, "decision_quorum", map[string]string{"Share": d.Quorum.Shift(2).Round(1).String()}))
	}
	if d.ListBallots {
		facts = append(facts, o.words.Say(lang, "decision_listed", nil))
	}
	return strings.Join(facts, " ")
}

// DecisionTerms is the payload of a decision: the wire's `decision`. Once its ballots are
// published the electorate is the list of who could vote, and ballot the list of ballots.
func DecisionTerms(p *coop.Post) vocabulary.Members {
	d := p.Decision
	m := vocabulary.Members{{Name: "type", Value: "Decision"}, {Name: "id", Value: string(p.IRI) + "#decision"}}
	m = m.Localized("title", languages(p.Language, d.Title, d.TitleMap)...)
	m = m.Add("decisionMethod", string(d.Method))
	if len(d.Roll) == 0 {
		m = m.Add("electorate", string(d.Electorate))
	} else {
		m = m.Add("electorate", vocabulary.Members{
			{Name: "type", Value: "Collection"}, {Name: "id", Value: string(p.IRI) + "#electorate"}, {Name: "totalItems", Value: len(d.Roll)}, {Name: "items", Value: texts(d.Roll)},
		})
	}
	m = m.Add("ballotUnit", string(d.Unit))
	m = append(m, vocabulary.Member{Name: "quorum", Value: json.Number(d.Quorum.String())})
	m = m.Add("stage", string(d.Stage))
	var ballots []vocabulary.Members
	for _, b := range d.Ballots {
		ballots = append(ballots, vocabulary.Members{{Name: "type", Value: "Ballot"}, {Name: "attributedTo", Value: string(b.Voter)}}.Add("option", b.Option).Add("reason", b.Reason))
	}
	return m.Add("ballot", ballots)
}

// Proposal is the text of a decision of ours as HTML, without its title and rules, in the
// wanted language where it has it; and the language that it is in.
func (o *Outbox) Proposal(wanted string, p *coop.Post) (language, content string) {
	language = p.Language
	if p.Decision.Markdown[wanted] != "" {
		language = wanted
	}
	return language, text.Brief(p.Decision.Markdown[language])
}
