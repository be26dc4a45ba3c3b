// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"minga/coop"
	"minga/storage"
)

// decisionCommand is `minga decision`.
type decisionCommand struct {
	List     decisionList     `cmd:"" help:"List decisions of this instance and of the federations of its co-ops."`
	Show     decisionShow     `cmd:"" help:"Show a decision with its ballots, and count them again."`
	Open     decisionOpen     `cmd:"" help:"Open a decision in the name of the federation or a co-op."`
	Vote     decisionVote     `cmd:"" help:"Cast the ballot of a co-op of this instance; the last one before the end counts."`
	Amend    decisionAmend    `cmd:"" help:"Put another proposal in the place of one that is running: all ballots are cleared."`
	Withdraw decisionWithdraw `cmd:"" help:"End a decision without an outcome."`
	Publish  decisionPublish  `cmd:"" help:"Publish what came out, with some words on it."`
}

// decisionRow is a decision as it is shown.
type decisionRow struct {
	ID       coop.ID        `json:"id"`
	URI      string         `json:"uri"`
	By       string         `json:"by"`
	Title    string         `json:"title"`
	Method   string         `json:"method"`
	Unit     string         `json:"unit"`
	Quorum   string         `json:"quorum"`
	Stage    string         `json:"stage"`
	Result   string         `json:"result,omitempty"`
	Ends     string         `json:"ends_at"`
	Electors int            `json:"electors"`
	Voted    int            `json:"voted"`
	Counts   map[string]int `json:"counts"`
	Echo     map[string]int `json:"echo,omitempty"`
}

// decisionRow shows one decision.
func (i *instance) decisionRow(p *coop.Post) decisionRow {
	d := p.Decision
	row := decisionRow{
		ID: p.ID, URI: string(p.IRI), By: p.Author.Handle(i.config.AccountDomain).String(), Title: d.Title, Method: string(d.Method), Unit: string(d.Unit),
		Quorum: d.Quorum.String(), Stage: string(d.Stage), Result: string(d.Result), Ends: stamp(p.Ends), Electors: d.Electors, Voted: max(p.Poll.Voters, 0), Counts: map[string]int{},
	}
	for n, o := range p.Poll.Options {
		row.Counts[d.Options[n]] = max(o.Votes, 0)
	}
	return row
}

// aDecision finds a decision by its id or its address.
func (i *instance) aDecision(ctx context.Context, name string) (*coop.Post, error) {
	var p *coop.Post
	id, err := coop.ParseID(name)
	if strings.Contains(name, "://") {
		p, err = i.store.PostByIRI(ctx, coop.System(), coop.IRI(name))
	} else if err == nil {
		p, err = i.store.Post(ctx, coop.System(), id)
	}
	if err == nil && (p.Decision == nil || p.Poll == nil || p.Author == nil) {
		err = coop.ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("decision %s: %w", printable(name), err)
	}
	return p, nil
}

// decisionNow prints how a decision stands.
func (i *instance) decisionNow(t *terminal, id coop.ID) error {
	p, err := i.store.Post(t.ctx, coop.System(), id)
	if err != nil {
		return err
	}
	row := i.decisionRow(p)
	return t.print(row, func(w io.Writer) { fmt.Fprintf(w, "%s %s: %s\n", row.ID, printable(row.Title), row.Stage) })
}

// decisionList is `minga decision list`.
type decisionList struct {
	Running bool `help:"Only those that take ballots."`
}

// Run lists decisions.
func (a decisionList) Run(t *terminal) error {
	return t.with(func(i *instance) error {
		list, err := i.store.Decisions(t.ctx, coop.System(), storage.DecisionQuery{Running: a.Running}, coop.Page{Limit: 200})
		if err != nil {
			return err
		}
		rows := make([]decisionRow, 0, len(list))
		for _, p := range list {
			if p.Author != nil {
				rows = append(rows, i.decisionRow(p))
			}
		}
		return t.print(rows, func(w io.Writer) {
			for _, row := range rows {
				fmt.Fprintf(w, "%-18s %-10s %3d of %-3d until %s  %s (%s)\n", row.ID, row.Stage, row.Voted, row.Electors, row.Ends, printable(row.Title), printable(row.By))
			}
		})
	})
}

// decisionShow is `minga decision show`.
type decisionShow struct {
	Decision string `arg:"" help:"Id or address."`
}

// shownDecision is a decision with what its ballots come to.
type shownDecision struct {
	decisionRow
	Ballots []shownBallot `json:"ballots"`
	Recount *coop.Result  `json:"recount,omitempty"`
}

// shownBallot is one ballot.
type shownBallot struct {
	Voter  string `json:"voter"`
	Option string `json:"option"`
	Reason string `json:"reason,omitempty"`
}

// Run shows one.
func (a decisionShow) Run(t *terminal) error {
	return t.with(func(i *instance) error {
		p, err := i.aDecision(t.ctx, a.Decision)
		if err != nil {
			return err
		}
		out, err := i.shownDecision(t.ctx, p)
		if err != nil {
			return err
		}
		return t.print(out, func(w io.Writer) { out.write(w) })
	})
}

// shownDecision counts again: the published list, else the ballots of a decision of ours.
func (i *instance) shownDecision(ctx context.Context, p *coop.Post) (*shownDecision, error) {
	out := &shownDecision{decisionRow: i.decisionRow(p), Ballots: []shownBallot{}}
	d := p.Decision
	if r, ok := d.Recount(); ok {
		out.Recount = &r
		for _, b := range d.Ballots {
			out.Ballots = append(out.Ballots, shownBallot{string(b.Voter), b.Option, b.Reason})
		}
	}
	if !p.Local {
		return out, nil
	}
	echo, err := i.store.Echo(ctx, p.ID, len(d.Options))
	if err != nil {
		return nil, err
	}
	out.Echo = map[string]int{}
	for n, votes := range echo {
		out.Echo[d.Options[n]] = votes
	}
	if out.Recount != nil {
		return out, nil
	}
	ballots, err := i.store.Ballots(ctx, p.ID)
	for _, b := range ballots {
		if b.Voter != nil && d.Unit == coop.UnitCoop { // how people voted is theirs
			out.Ballots = append(out.Ballots, shownBallot{string(b.Voter.IRI), b.Option, b.Reason})
		}
	}
	r := coop.Tally(d.Electors, ballots, d.Quorum, d.Method)
	out.Recount = &r
	return out, err
}

// write is a decision for people.
func (s *shownDecision) write(w io.Writer) {
	fmt.Fprintf(w, "%s\n%s by %s, %s, one vote a %s, quorum %s, until %s\n", printable(s.Title), s.Stage, printable(s.By), s.Method, s.Unit, s.Quorum, s.Ends)
	for _, b := range s.Ballots {
		fmt.Fprintf(w, "  %-50s %-12s %s\n", printable(b.Voter), printable(b.Option), printable(b.Reason))
	}
	if r := s.Recount; r != nil {
		fmt.Fprintf(w, "%d of %d voted, %d needed; objections: %d; comes to: %s\n", r.Cast, r.Electors, r.Needed, r.Objections, r.Stage)
	}
}

// decisionOpen is `minga decision open`.
type decisionOpen struct {
	Title    string          `arg:"" help:"The question, in one line."`
	Text     string          `required:"" help:"What is proposed, and why (Markdown)."`
	By       string          `help:"Co-op of this instance; its federation unless said otherwise."`
	Language string          `help:"Language of title and text; the account's unless said otherwise."`
	Method   string          `default:"consent" enum:"consent,consensus,majority,two-thirds,advice" help:"consent, consensus, majority, two-thirds or advice."`
	Option   []string        `help:"An answer of advice; several times."`
	Unit     string          `default:"co-op" enum:"co-op,person" help:"Who has a vote: each member co-op, or each person here."`
	Quorum   decimal.Decimal `default:"0.5" help:"Share of those who may vote that must do so: 0 to 1."`
	Days     int             `default:"7" help:"For how many days: 1 to 90."`
	Members  bool            `help:"For those alone who decide; public unless said so."`
	Ballots  bool            `help:"Publish the list of ballots at the end."`
}

// Run opens one.
func (a decisionOpen) Run(t *terminal) error {
	return t.with(func(i *instance) error {
		author, err := i.store.FederationAccount(t.ctx)
		if a.By != "" {
			author, err = i.localAccount(t.ctx, a.By)
		}
		if err != nil {
			return err
		}
		if a.Language == "" {
			a.Language = cmp.Or(author.Language, "en")
		}
		ctx := storage.ActingAs(t.ctx, storage.Acting{Who: byCommand, Account: author.ID, Act: "decisions.create"})
		p, err := i.outbox.NewDecision(ctx, coop.NewDecision{
			Author: author, Language: a.Language, Titles: map[string]string{a.Language: a.Title}, Texts: map[string]string{a.Language: a.Text},
			Method: coop.DecisionMethod(a.Method), Options: a.Option, Unit: coop.BallotUnit(a.Unit), Quorum: a.Quorum, Members: a.Members, ListBallots: a.Ballots,
			Ends: i.now().Add(time.Duration(a.Days) * 24 * time.Hour),
		})
		if err != nil {
			return err
		}
		return i.decisionNow(t, p.ID)
	})
}

// decisionVote is `minga decision vote`.
type decisionVote struct {
	Decision string `arg:"" help:"Id or address."`
	Account  string `arg:"" help:"Co-op or person of this instance."`
	Choice   string `arg:"" help:"Key of an option, such as consent, object, yes."`
	Reason   string `help:"Why; an objection or a block needs it."`
}

// Run casts a ballot.
func (a decisionVote) Run(t *terminal) error {
	return t.with(func(i *instance) error {
		p, err := i.aDecision(t.ctx, a.Decision)
		if err != nil {
			return err
		}
		account, err := i.localAccount(t.ctx, a.Account)
		if err != nil {
			return err
		}
		ctx := storage.ActingAs(t.ctx, storage.Acting{Who: byCommand, Account: account.ID, Act: "decisions.ballot", Target: string(p.IRI)})
		if err := i.outbox.CastBallot(ctx, account, p.ID, a.Choice, a.Reason); err != nil {
			return err
		}
		return i.decisionNow(t, p.ID)
	})
}
