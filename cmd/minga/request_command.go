// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"minga/coop"
	"minga/federation/sanitize"
	"minga/storage"
	"minga/web/mastodon"
)

// requestCommand is `minga request`. Who the client is it never prints: that is for the
// requester's people.
type requestCommand struct {
	List     requestList     `cmd:"" help:"List requests: those that take offers, or all of an account of this instance."`
	Show     requestShow     `cmd:"" help:"Show a request with what is covered of each role."`
	New      requestNew      `cmd:"" help:"Make a draft of a file, or publish it at once."`
	Take     requestTake     `cmd:"" help:"Make a draft of what a client sent."`
	Open     requestOpen     `cmd:"" help:"Publish a draft."`
	Withdraw requestWithdraw `cmd:"" help:"Withdraw a request."`
	Proposed requestProposed `cmd:"" help:"Note that the team has sent its proposal."`
	Won      requestWon      `cmd:"" help:"Note that the client accepted it."`
	Lost     requestLost     `cmd:"" help:"Note that the client chose otherwise."`
	Running  requestRunning  `cmd:"" help:"Note that the work has begun."`
	Done     requestDone     `cmd:"" help:"Note that the work is done."`
}

// requestLine is a request as it is printed.
type requestLine struct {
	ID        coop.ID           `json:"id"`
	By        string            `json:"by"`
	State     coop.RequestState `json:"state"`
	Title     string            `json:"title"`
	RespondBy string            `json:"respond_by,omitempty"`
	Hours     int               `json:"hours"`
	Covered   int               `json:"covered"`
	URI       coop.IRI          `json:"uri"`
}

// requestLine shows one request.
func (i *instance) requestLine(p *coop.Post) requestLine {
	row := requestLine{ID: p.ID, State: p.Request.StateAt(i.now()), Title: p.Request.Title, RespondBy: stamp(p.Request.RespondBy), URI: p.IRI}
	if p.Author != nil {
		row.By = p.Author.Handle(i.config.AccountDomain).String()
	}
	row.Hours, row.Covered = p.Request.Hours()
	return row
}

// write prints it in one line.
func (r requestLine) write(w io.Writer) {
	fmt.Fprintf(w, "%s  %-9s %4d of %4d h  %-20s %-32s %s\n", r.ID, r.State, r.Covered, r.Hours, r.RespondBy, printable(r.By), printable(r.Title))
}

// requestList is `minga request list`.
type requestList struct {
	By  string `help:"All of this account of the instance, drafts and what clients sent too." placeholder:"NAME"`
	All bool   `help:"Those that take no offers too."`
}

// Run lists requests.
func (a requestList) Run(t *terminal) error {
	return t.with(func(i *instance) error {
		list, err := a.requests(t.ctx, i)
		if err != nil {
			return err
		}
		rows := make([]requestLine, len(list))
		for n, p := range list {
			rows[n] = i.requestLine(p)
		}
		return t.print(rows, func(w io.Writer) {
			for _, row := range rows {
				row.write(w)
			}
		})
	})
}

// requests are those that were asked for.
func (a requestList) requests(ctx context.Context, i *instance) ([]*coop.Post, error) {
	page := coop.Page{Limit: 80}
	if a.By != "" {
		account, err := i.localAccount(ctx, a.By)
		if err != nil {
			return nil, err
		}
		return i.store.RequestsOf(ctx, account.ID, page)
	}
	q := coop.RequestQuery{Takes: i.now()}
	if a.All {
		q = coop.RequestQuery{}
	}
	return i.store.Requests(ctx, coop.Anonymous(), q, page)
}

// slotLine is a role as it is printed.
type slotLine struct {
	Key      string         `json:"key"`
	Name     string         `json:"name"`
	Hours    int            `json:"hours"`
	Covered  int            `json:"covered"`
	Required bool           `json:"required"`
	State    coop.SlotState `json:"state"`
}

// requestDetail is a request with its roles.
type requestDetail struct {
	requestLine
	Text         string                  `json:"text"`
	Transparency []coop.TransparencyRule `json:"transparency"`
	Slots        []slotLine              `json:"slots"`
}

// requestShow is `minga request show`.
type requestShow struct {
	ID coop.ID `arg:"" help:"Id of the request."`
}

// Run shows it.
func (a requestShow) Run(t *terminal) error {
	return t.with(func(i *instance) error {
		p, err := i.store.RequestOf(t.ctx, a.ID)
		if err != nil {
			return err
		}
		return i.printRequest(t, p)
	})
}

// printRequest prints a request with its roles.
func (i *instance) printRequest(t *terminal, p *coop.Post) error {
	d := requestDetail{requestLine: i.requestLine(p), Text: sanitize.Text(p.Request.Description), Transparency: p.Request.Transparency, Slots: []slotLine{}}
	for _, s := range p.Request.Slots {
		d.Slots = append(d.Slots, slotLine{s.Key, s.Name, s.Hours, s.Accepted, s.Required, s.State()})
	}
	return t.print(d, func(w io.Writer) {
		d.write(w)
		for _, s := range d.Slots {
			fmt.Fprintf(w, "  %-20s %-8s %4d of %4d h  %s\n", s.Key, s.State, s.Covered, s.Hours, printable(s.Name))
		}
	})
}

// requestNew is `minga request new`.
type requestNew struct {
	By      string `required:"" help:"Federation or co-op of this instance that asks." placeholder:"NAME"`
	File    string `arg:"" help:"JSON as of POST /api/v1/minga/requests; - for the standard input."`
	Publish bool   `help:"Publish it at once."`
}

// Run makes it.
func (a requestNew) Run(t *terminal) error {
	return t.withAccount(a.By, func(i *instance, author *coop.Account) error {
		members, err := readJSON(t, a.File)
		if err != nil {
			return err
		}
		p, file, err := mastodon.RequestFrom(author, members)
		if err != nil {
			return err
		}
		ctx := storage.ActingAs(t.ctx, storage.Acting{Who: byCommand, Account: author.ID, Act: "requests.create"})
		if a.Publish {
			err = i.outbox.PublishRequest(ctx, author, p, file)
		} else {
			err = i.outbox.SaveRequestDraft(ctx, author, p, file)
		}
		if err != nil {
			return err
		}
		now, err := i.store.RequestOf(ctx, p.ID)
		if err != nil {
			return err
		}
		return i.printRequest(t, now)
	})
}

// longestJSON is how much of a file is read, in bytes.
const longestJSON = 1 << 20

// readJSON reads an object from a file or the standard input.
func readJSON(t *terminal, name string) (map[string]any, error) {
	from := t.in
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, fmt.Errorf("read request: %w", err)
		}
		defer func() { _ = f.Close() }()
		from = f
	}
	text, err := io.ReadAll(io.LimitReader(from, longestJSON))
	if err != nil {
		return nil, fmt.Errorf("read request: %w", err)
	}
	var members map[string]any
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&members); err != nil {
		return nil, &coop.InvalidError{Field: "file", Code: coop.CodeFormat, Problem: "is no JSON object: " + err.Error()}
	}
	return members, nil
}

// requestStep does something with a request as the command line, with its entry in the
// log, and prints how it stands then.
func (t *terminal) requestStep(id coop.ID, act coop.RequestAction) error {
	return t.with(func(i *instance) error {
		p, err := i.store.RequestOf(t.ctx, id)
		if err != nil {
			return err
		}
		ctx := storage.ActingAs(t.ctx, storage.Acting{Who: byCommand, Account: p.AuthorID, Act: "requests." + string(act), Target: id.String()})
		switch act {
		case coop.RequestTake:
			p, err = i.outbox.TakeRequest(ctx, id)
		case coop.RequestPublish:
			err = i.outbox.PublishRequest(ctx, p.Author, p, nil)
		default:
			p, err = i.outbox.StepRequest(ctx, id, act)
		}
		if err != nil {
			return err
		}
		return i.printRequest(t, p)
	})
}

// The steps: `minga request take`, open, withdraw, proposed, won, lost, running, done.
type (
	requestTake     struct{ requestArg }
	requestOpen     struct{ requestArg }
	requestWithdraw struct{ requestArg }
	requestProposed struct{ requestArg }
	requestWon      struct{ requestArg }
	requestLost     struct{ requestArg }
	requestRunning  struct{ requestArg }
	requestDone     struct{ requestArg }
)

// requestArg names the request.
type requestArg struct {
	ID coop.ID `arg:"" help:"Id of the request."`
}

// Run takes it.
func (a requestTake) Run(t *terminal) error { return t.requestStep(a.ID, coop.RequestTake) }

// Run publishes it.
func (a requestOpen) Run(t *terminal) error { return t.requestStep(a.ID, coop.RequestPublish) }

// Run withdraws it.
func (a requestWithdraw) Run(t *terminal) error { return t.requestStep(a.ID, coop.RequestWithdraw) }

// Run notes it.
func (a requestProposed) Run(t *terminal) error { return t.requestStep(a.ID, coop.RequestPropose) }

// Run notes it.
func (a requestWon) Run(t *terminal) error { return t.requestStep(a.ID, coop.RequestWin) }

// Run notes it.
func (a requestLost) Run(t *terminal) error { return t.requestStep(a.ID, coop.RequestLose) }

// Run notes it.
func (a requestRunning) Run(t *terminal) error { return t.requestStep(a.ID, coop.RequestStart) }

// Run notes it.
func (a requestDone) Run(t *terminal) error { return t.requestStep(a.ID, coop.RequestFinish) }
