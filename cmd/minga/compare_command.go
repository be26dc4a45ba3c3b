// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"minga/coop"
	"minga/federation/origin"
)

// mostFollowedAt is how many accounts of one server are compared or shown.
const mostFollowedAt = 50

// peerCompare is `minga peer compare`.
type peerCompare struct {
	Peer string `arg:"" name:"host-or-handle" help:"A server, a handle, or the address of an actor that this federation follows."`
}

// comparisonRow is a comparison as it is shown.
type comparisonRow struct {
	Account  string `json:"account"`
	URI      string `json:"uri"`
	Started  string `json:"started_at,omitempty"`
	Finished string `json:"finished_at,omitempty"`
	Next     string `json:"next_at,omitempty"`
	Looked   int    `json:"looked_at"`
	Added    int    `json:"added"`
	Changed  int    `json:"changed"`
	Removed  int    `json:"removed"`
	Missed   int    `json:"missed"`
	Error    string `json:"error,omitempty"`
}

// newComparisonRow shows what came of a comparison with an account.
func (i *instance) newComparisonRow(a *coop.Account, c coop.Comparison) comparisonRow {
	return comparisonRow{
		a.Handle(i.config.AccountDomain).String(), string(a.IRI), stamp(c.StartedAt), stamp(c.FinishedAt), stamp(c.NextAt),
		c.Looked, c.Added, c.Changed, c.Removed, c.Missed, c.Error,
	}
}

// say writes it as a line.
func (r comparisonRow) say(w io.Writer) {
	fmt.Fprintf(w, "%s: looked at %d, fetched %d that had been lost, changed %d, removed %d, could not have %d\n", printable(r.Account), r.Looked, r.Added, r.Changed, r.Removed, r.Missed)
	if r.Error != "" {
		fmt.Fprintf(w, "  ended early: %s\n", printable(r.Error))
	}
}

// Run compares with each account that we follow there, one after the other.
func (a peerCompare) Run(t *terminal) error {
	return t.with(func(i *instance) error {
		accounts, err := i.followedBy(t.ctx, a.Peer)
		if err != nil {
			return err
		}
		if err := i.audit(t.ctx, "peer.compare", a.Peer, ""); err != nil {
			return err
		}
		rows, ended := make([]comparisonRow, 0, len(accounts)), 0
		for _, account := range accounts {
			t.talk("comparing with %s", account.Handle(i.config.AccountDomain))
			c, err := i.inbox.Compare(t.ctx, account)
			if err != nil {
				return fmt.Errorf("compare with %s: %w", account.IRI, err)
			}
			if c.Error != "" {
				ended++
			}
			rows = append(rows, i.newComparisonRow(account, c))
		}
		if err := t.print(rows, func(w io.Writer) { sayAll(w, rows) }); err != nil || ended == 0 {
			return err
		}
		return &partlyError{fmt.Sprintf("%d of %d comparisons ended early; the next night tries again", ended, len(rows))}
	})
}

// sayAll writes a line for each.
func sayAll(w io.Writer, rows []comparisonRow) {
	for _, r := range rows {
		r.say(w)
	}
}

// followedBy finds the accounts of a server that this federation or its boards follow, or
// the one that is named; [coop.ErrNotFound] where that is none.
func (i *instance) followedBy(ctx context.Context, name string) ([]*coop.Account, error) {
	if !strings.Contains(name, "@") && !strings.Contains(name, "://") {
		host, err := origin.NormalizeHost(name)
		if err != nil {
			return nil, usage("%v", err)
		}
		list, err := i.store.FollowedAt(ctx, host, mostFollowedAt)
		if err == nil && len(list) == 0 {
			err = fmt.Errorf("no federation or board of %s is followed from here: %w", host, coop.ErrNotFound)
		}
		return list, err
	}
	account, err := i.anyAccount(ctx, name)
	if err != nil {
		return nil, err
	}
	list, err := i.store.FollowedAt(ctx, account.IRI.Host(), mostFollowedAt)
	if err != nil {
		return nil, err
	}
	for _, known := range list {
		if known.ID == account.ID {
			return []*coop.Account{known}, nil
		}
	}
	return nil, fmt.Errorf("%s is not followed by this federation or its boards: %w", printable(name), coop.ErrNotFound)
}
