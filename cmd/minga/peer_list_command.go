// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"minga/coop"
	"minga/coop/carry"
)

// peerImport is `minga peer import`.
type peerImport struct {
	File   string `arg:"" help:"Mastodon's file of blocked domains, a text with a host a line, or an https address of one, which is then read again each day."`
	Name   string `help:"What the list is called. Default: the name of the file." placeholder:"NAME"`
	Policy string `help:"block, limit or allow: for servers of which the list says no other." enum:"block,limit,allow" default:"block"`
	Apply  bool   `help:"Decide as the list says, and not only say what that would change."`
}

// listCounts is what a list would change, as it is printed.
type listCounts struct {
	ID     coop.ID        `json:"id"`
	Name   string         `json:"name"`
	Counts map[string]int `json:"rows"`
	Wrong  []string       `json:"wrong"`
	Done   int            `json:"applied"`
}

// Run takes a list in, says what it would change, and with --apply changes it.
func (a peerImport) Run(t *terminal) error {
	l := &coop.PeerList{Name: coop.CleanLine(a.Name, coop.MaxPeerListName), Policy: coop.PeerPolicy(a.Policy)}
	var data []byte
	if strings.Contains(a.File, "://") {
		l.URL = a.File
	} else {
		var err error
		if data, err = t.from.read(a.File); err != nil {
			return usage("%v", err)
		}
	}
	if l.Name == "" {
		l.Name = coop.CleanLine(filepath.Base(a.File), coop.MaxPeerListName)
	}
	return t.with(func(i *instance) error {
		entry := coop.AuditEntry{Who: byCommand}
		if err := i.sameList(t.ctx, l); err != nil {
			return err
		}
		if err := i.inbox.PutPeerList(t.ctx, l, data, entry); err != nil {
			return fmt.Errorf("list %s: %w", a.File, err)
		}
		counts, err := i.store.PeerListCounts(t.ctx, l.ID)
		if err != nil {
			return err
		}
		report := listCounts{ID: l.ID, Name: l.Name, Counts: map[string]int{}, Wrong: l.Wrong}
		for state, n := range counts {
			report.Counts[string(state)] = n
		}
		for left := a.Apply; left; {
			n := 0
			if n, left, err = i.inbox.ApplyPeerList(t.ctx, l, entry); err != nil {
				return err
			}
			report.Done += n
		}
		return t.print(report, func(w io.Writer) { report.write(w, a.Apply) })
	})
}

// sameList goes on with a list of the same name and address, so that a newer file takes
// the place of an older one.
func (i *instance) sameList(ctx context.Context, l *coop.PeerList) error {
	lists, err := i.store.PeerLists(ctx)
	for _, one := range lists {
		if one.Name == l.Name && one.URL == l.URL {
			*l = *one
		}
	}
	return err
}

// write says it in words.
func (r listCounts) write(w io.Writer, applied bool) {
	words := map[coop.PeerListState]string{
		coop.PeerListNew: "new: nothing was decided about them", coop.PeerListChanged: "the list says something else now", coop.PeerListGone: "left the list: taken back",
		coop.PeerListKept: "left out: somebody here is connected with them, or they were left out by hand", coop.PeerListOwn: "decided otherwise here: that stays",
		coop.PeerListDone: "count already",
	}
	for _, state := range coop.PeerListStates() {
		if n := r.Counts[string(state)]; n > 0 {
			fmt.Fprintf(w, "%6d  %s\n", n, words[state])
		}
	}
	for _, line := range r.Wrong {
		fmt.Fprintf(w, "not understood: line %s\n", printable(line))
	}
	if applied {
		fmt.Fprintf(w, "%d servers were decided about\n", r.Done)
	} else {
		fmt.Fprintf(w, "nothing is decided yet: --apply does it, and so does /admin/lists/%s\n", r.ID)
	}
}

// peerExport is `minga peer export`.
type peerExport struct {
	Allows bool `help:"The allowed servers, and not the blocked and limited ones."`
}

// Run writes what is decided as Mastodon's file of blocked domains.
func (a peerExport) Run(t *terminal) error {
	wanted := []coop.PeerPolicy{coop.PolicyBlock, coop.PolicyLimit}
	if a.Allows {
		wanted = []coop.PeerPolicy{coop.PolicyAllow}
	}
	return t.with(func(i *instance) error {
		var peers []*coop.Peer
		for _, policy := range wanted {
			found, err := i.store.PeersDecided(t.ctx, policy)
			if err != nil {
				return err
			}
			peers = append(peers, found...)
		}
		rows := make([]peerRow, len(peers))
		for n, p := range peers {
			rows[n] = newPeerRow(p)
		}
		var failed error
		err := t.print(rows, func(w io.Writer) { failed = carry.WritePeers(w, wanted[0], peers) })
		return errors.Join(err, failed)
	})
}

// tendLists reads lists of servers again that others keep, and goes on with those that
// are being applied.
func (i *instance) tendLists(ctx context.Context) error {
	for pause(ctx, time.Minute) {
		if err := i.inbox.TendPeerLists(ctx); err != nil && ctx.Err() == nil {
			i.log.ErrorContext(ctx, "lists of servers failed", "err", err)
		}
	}
	return nil
}
