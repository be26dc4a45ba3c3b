// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"context"
	"errors"

	"minga/coop"
	"minga/web/mastodon/entity"
)

// decisionJSON is a decision as the viewer may see it.
type decisionJSON struct {
	ID          string           `json:"id"`
	URI         string           `json:"uri"`
	URL         string           `json:"url"`
	Account     *entity.Account  `json:"account"`
	Title       string           `json:"title"`
	Content     string           `json:"content"`
	Language    entity.Null      `json:"language"`
	Method      string           `json:"method"`
	Unit        string           `json:"unit"`
	Quorum      string           `json:"quorum"`
	Stage       string           `json:"stage"`
	Result      entity.Null      `json:"result"`
	Outcome     entity.Null      `json:"outcome"`
	Audience    string           `json:"audience"`
	Electorate  string           `json:"electorate"`
	Electors    int              `json:"electors"`
	Voted       int              `json:"voted"`
	CreatedAt   entity.Time      `json:"created_at"`
	AmendedAt   entity.Time      `json:"amended_at"`
	EndsAt      entity.Time      `json:"ends_at"`
	ListBallots bool             `json:"list_ballots"`
	Options     []decisionOption `json:"options"`
	MayVote     bool             `json:"may_vote"`
	Ballot      *ballotJSON      `json:"ballot"` // of who asks; null for none
	Subject     *subjectJSON     `json:"subject,omitempty"`
}

// decisionOption is what may be chosen; votes are ballots, echo is what others chose.
type decisionOption struct {
	Key   string `json:"key"`
	Title string `json:"title"`
	Votes int    `json:"votes"`
	Echo  int    `json:"echo"`
}

// ballotJSON is a ballot.
type ballotJSON struct {
	Voter   string      `json:"voter"` // address on the network
	Name    string      `json:"name"`
	Option  string      `json:"option"`
	Reason  entity.Null `json:"reason"`
	At      entity.Time `json:"at"`
	Refused entity.Null `json:"refused"`
}

// subjectJSON is what a decision hangs on; for who opened it alone.
type subjectJSON struct {
	Kind string `json:"kind"`
	ID   string `json:"id"`
}

// decision shows a decision to a viewer.
func (f *Face) decision(ctx context.Context, v coop.Viewer, p *coop.Post) (*decisionJSON, error) {
	d := p.Decision
	out := &decisionJSON{
		ID: p.ID.String(), URI: string(p.IRI), URL: p.URL, Account: f.account(p.Author), Title: d.Title, Content: p.Content, Language: entity.Null(p.Language),
		Method: string(d.Method), Unit: string(d.Unit), Quorum: d.Quorum.String(), Stage: string(d.Stage), Result: entity.Null(d.Result), Outcome: entity.Null(d.Outcome),
		Audience: string(p.Visibility), Electorate: string(d.Electorate), Electors: d.Electors, Voted: max(p.Poll.Voters, 0),
		CreatedAt: entity.Time(p.Published), AmendedAt: entity.Time(d.Amended), EndsAt: entity.Time(p.Ends), ListBallots: d.ListBallots,
	}
	echo := make([]int, len(p.Poll.Options))
	if p.Local {
		var err error
		if echo, err = f.Store.Echo(ctx, p.ID, len(p.Poll.Options)); err != nil {
			return nil, err
		}
	}
	for i, o := range p.Poll.Options {
		out.Options = append(out.Options, decisionOption{d.Options[i], o.Title, max(o.Votes, 0), echo[i]})
	}
	if v.Class != coop.ViewerAccount {
		return out, nil
	}
	if v.Account == p.AuthorID && d.Subject.Kind != coop.SubjectNone {
		out.Subject = &subjectJSON{string(d.Subject.Kind), d.Subject.ID.String()}
	}
	return out, f.fillOwnBallot(ctx, out, p, v.Account)
}

// fillOwnBallot says whether who asks may vote, and how they did.
func (f *Face) fillOwnBallot(ctx context.Context, out *decisionJSON, p *coop.Post, self coop.ID) (err error) {
	if out.MayVote, err = f.Store.MayVote(ctx, p.ID, self); err != nil || !out.MayVote {
		return err
	}
	out.MayVote = !p.Decision.Over(p.Ends, f.Now())
	b, err := f.Store.BallotOf(ctx, p.ID, self)
	if errors.Is(err, coop.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	b.Voter, err = f.Store.Account(ctx, self)
	if err == nil {
		out.Ballot = newBallotJSON(b)
	}
	return err
}

// newBallotJSON shows a ballot.
func newBallotJSON(b coop.Ballot) *ballotJSON {
	out := &ballotJSON{Option: b.Option, Reason: entity.Null(b.Reason), At: entity.Time(b.At), Refused: entity.Null(b.Refused)}
	if b.Voter != nil {
		out.Voter, out.Name = string(b.Voter.IRI), b.Voter.DisplayName
	}
	return out
}
