// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"minga/coop"
	"minga/coop/carry"
	"minga/federation/origin"
	"minga/storage"
)

// Lists of servers that others keep are read again each day. What is new on one waits for
// somebody's decision; nothing is blocked by being on a list.

const (
	// listLife is how long what was read of a list is good enough.
	listLife = 24 * time.Hour
	// listPatience is how long the reading of one may take.
	listPatience = 30 * time.Second
	// wrongShown is how many lines that were not understood are kept.
	wrongShown = 20
	// applyRows is how many servers are decided about in one transaction.
	applyRows = 1000
)

// PutPeerList reads a list of servers and keeps what it says as proposals: from data, or
// from its address where data is nil. A list without ID is made, and noted by entry. What
// is no such list gives a *[coop.InvalidError] of field file or url, too much of it
// [coop.ErrTooLarge].
func (in *Inbox) PutPeerList(ctx context.Context, l *coop.PeerList, data []byte, entry coop.AuditEntry) error {
	if data == nil {
		var err error
		if data, err = in.readList(ctx, l.URL); err != nil {
			return err
		}
	}
	file, err := carry.ReadPeers(data, l.Policy, origin.NormalizeHost, in.ours)
	if err != nil {
		return err
	}
	return in.store.Write(ctx, func(tx *storage.Tx) error {
		if l.ID == 0 {
			if err := tx.AddPeerList(ctx, l); err != nil {
				return err
			}
			entry.Act, entry.Target = "list.add", l.Name
			if err := tx.AddAudit(ctx, &entry); err != nil {
				return err
			}
		}
		return tx.FillPeerList(ctx, l, file.Rows, wrongLines(file.Wrong))
	})
}

// readList fetches a list from its address.
func (in *Inbox) readList(ctx context.Context, address string) ([]byte, error) {
	if !coop.ValidIRI(coop.IRI(address)) {
		return nil, &coop.InvalidError{Field: "url", Code: coop.CodeFormat, Problem: "this is no address"}
	}
	ctx, cancel := context.WithTimeout(storage.Aside(ctx), listPatience)
	defer cancel()
	page, err := in.o.Client.Get(ctx, address, "text/csv, text/plain;q=0.9, */*;q=0.1", carry.MaxPeerBytes)
	if err != nil {
		return nil, &coop.InvalidError{Field: "url", Code: coop.CodeUnknown, Problem: coop.Shorten(err.Error(), 500)}
	}
	return page.Body, nil
}

// wrongLines are the first lines that were not understood, as they are shown.
func wrongLines(bad []carry.BadLine) []string {
	lines := []string{}
	for _, one := range bad[:min(len(bad), wrongShown)] {
		cell := ""
		if len(one.Cells) > 0 {
			cell = one.Cells[0]
		}
		lines = append(lines, fmt.Sprintf("%d: %s (%s)", one.Number, cell, one.Problem))
	}
	if more := len(bad) - len(lines); more > 0 {
		lines = append(lines, fmt.Sprintf("… + %d", more))
	}
	return lines
}

// ApplyPeerList decides about the servers of a list as it says: the first ones now, the
// rest by and by ([Inbox.TendPeerLists]) where there are many. left tells that there are.
func (in *Inbox) ApplyPeerList(ctx context.Context, l *coop.PeerList, entry coop.AuditEntry) (done int, left bool, err error) {
	err = in.store.Write(ctx, func(tx *storage.Tx) (err error) {
		if done, err = tx.ApplyPeerList(ctx, l.ID, applyRows); err != nil {
			return err
		}
		who := ""
		if left = done == applyRows; left {
			who = entry.Who
		}
		entry.Act, entry.Target = "list.apply", l.Name
		return errors.Join(tx.BeginPeerList(ctx, l.ID, who), tx.AddAudit(ctx, &entry))
	})
	return done, left, err
}

// TendPeerLists goes on with lists that are being applied, and reads lists again that have
// an address, each once a day.
func (in *Inbox) TendPeerLists(ctx context.Context) error {
	lists, err := in.store.PeerLists(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, l := range lists {
		if l.Applying != "" {
			errs = append(errs, in.goOn(ctx, l))
		}
		if l.URL == "" || in.now().Sub(l.ReadAt) < listLife {
			continue
		}
		if err := in.PutPeerList(ctx, l, nil, coop.AuditEntry{}); err != nil && ctx.Err() == nil {
			text := err.Error()
			errs = append(errs, in.store.Write(ctx, func(tx *storage.Tx) error { return tx.FailPeerList(ctx, l.ID, text) }))
		}
	}
	return errors.Join(errs...)
}

// goOn applies the rest of a list.
func (in *Inbox) goOn(ctx context.Context, l *coop.PeerList) error {
	for n := applyRows; n == applyRows && ctx.Err() == nil; {
		err := in.store.Write(ctx, func(tx *storage.Tx) (err error) {
			if n, err = tx.ApplyPeerList(ctx, l.ID, applyRows); err == nil && n < applyRows {
				err = tx.BeginPeerList(ctx, l.ID, "")
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
