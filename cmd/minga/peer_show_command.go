// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"minga/coop"
	"minga/federation/origin"
	"minga/storage"
)

// peerShow is `minga peer show`.
type peerShow struct {
	Host string `arg:"" help:"Host of the server."`
}

// peerDetails is a server with what went between it and us.
type peerDetails struct {
	peerRow
	Received    string          `json:"last_received_activity,omitempty"`
	Delivered   string          `json:"last_delivered_activity,omitempty"`
	State       string          `json:"deliveries,omitempty"` // ready, resting, unavailable
	Waiting     int             `json:"waiting"`
	Failures    int             `json:"failures,omitempty"`
	Error       string          `json:"error,omitempty"`
	NextTry     string          `json:"next_try_at,omitempty"`
	Comparisons []comparisonRow `json:"comparisons,omitempty"`
}

// Run shows one server.
func (a peerShow) Run(t *terminal) error {
	host, err := origin.NormalizeHost(a.Host)
	if err != nil {
		return usage("%v", err)
	}
	return t.with(func(i *instance) error {
		details, err := i.peerDetails(t.ctx, host)
		if err != nil {
			return err
		}
		return t.print(details, details.say)
	})
}

// peerDetails reads what is known of a server.
func (i *instance) peerDetails(ctx context.Context, host string) (*peerDetails, error) {
	peer, err := i.store.Peer(ctx, host)
	if err != nil {
		return nil, fmt.Errorf("server %s: %w", host, err)
	}
	details := &peerDetails{peerRow: newPeerRow(peer)}
	received, delivered, err := i.store.LastExchanged(ctx, host)
	if err != nil {
		return nil, err
	}
	details.Received, details.Delivered = exchangedText(received), exchangedText(delivered)
	d, err := i.store.Destination(ctx, host)
	if err != nil && !errors.Is(err, coop.ErrNotFound) {
		return nil, err
	}
	if err == nil {
		details.State, details.Waiting, details.Failures, details.Error = d.State, d.Waiting, d.Failures, d.Error
		if d.Waiting > 0 {
			details.NextTry = stamp(d.DueAt)
		}
	}
	details.Comparisons, err = i.comparisonsAt(ctx, host)
	return details, err
}

// exchangedText is what went one way, in a few words.
func exchangedText(x storage.Exchanged) string { return strings.TrimSpace(x.Type + " " + string(x.ID)) }

// comparisonsAt are the last comparisons with accounts of a server.
func (i *instance) comparisonsAt(ctx context.Context, host string) ([]comparisonRow, error) {
	accounts, err := i.store.FollowedAt(ctx, host, mostFollowedAt)
	if err != nil {
		return nil, err
	}
	ids := make([]coop.ID, len(accounts))
	for n, account := range accounts {
		ids[n] = account.ID
	}
	done, err := i.store.Comparisons(ctx, ids)
	if err != nil {
		return nil, err
	}
	var rows []comparisonRow
	for _, account := range accounts {
		if c, ok := done[account.ID]; ok {
			rows = append(rows, i.newComparisonRow(account, c))
		}
	}
	return rows, nil
}

// say writes it for people.
func (d *peerDetails) say(w io.Writer) {
	fmt.Fprintf(w, "%s\n  policy      %s\n  reason      %s\n  software    %s\n  received    %s %s\n  delivered   %s %s\n",
		printable(d.Host), d.Policy, printable(d.Reason), printable(d.Software), d.LastReceived, printable(d.Received), d.LastDelivered, printable(d.Delivered))
	if d.State != "" {
		fmt.Fprintf(w, "  deliveries  %s, %d waiting, %d failures in a row", d.State, d.Waiting, d.Failures)
		if d.NextTry != "" {
			fmt.Fprintf(w, ", next try %s", d.NextTry)
		}
		fmt.Fprintln(w)
	}
	if d.Error != "" {
		fmt.Fprintf(w, "  last error  %s\n", printable(d.Error))
	}
	for _, c := range d.Comparisons {
		fmt.Fprintf(w, "  compared    %s, ", c.Started)
		c.say(w)
	}
}
