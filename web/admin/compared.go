// SPDX-License-Identifier: AGPL-3.0-or-later

package admin

import (
	"context"
	"strings"

	"minga/coop"
	"minga/storage"
	"minga/web/respond"
)

// comparedRow is the last comparison with an account that is followed here, in words.
type comparedRow struct {
	Name, Handle string
	At           moment // of the end, or of the beginning where it goes on
	Found        string
	Error        string // why it ended early, as the machine says it
	Next         moment
}

// mostCompared is how many accounts of one server are shown.
const mostCompared = 20

// compared are the last comparisons with accounts of a server.
func (f *Face) compared(ctx context.Context, t respond.Tongue, host string) ([]comparedRow, error) {
	accounts, err := f.Store.FollowedAt(ctx, host, mostCompared)
	if err != nil || len(accounts) == 0 {
		return nil, err
	}
	ids := make([]coop.ID, len(accounts))
	for i, a := range accounts {
		ids[i] = a.ID
	}
	done, err := f.Store.Comparisons(ctx, ids)
	if err != nil {
		return nil, err
	}
	rows := make([]comparedRow, len(accounts))
	for i, a := range accounts {
		who := f.person(a)
		rows[i] = comparedRow{Name: who.Name, Handle: who.Handle, Found: t.T("compare_never")}
		if c, ok := done[a.ID]; ok {
			rows[i].fill(t, c)
		}
	}
	return rows, nil
}

// fill says what a comparison found.
func (r *comparedRow) fill(t respond.Tongue, c coop.Comparison) {
	r.At, r.Next, r.Error = momentOf(t, c.StartedAt), momentOf(t, c.NextAt), c.Error
	switch {
	case !c.Finished():
		r.Found = t.T("compare_going", "Looked", t.Number(c.Looked))
		return
	case c.Healed() == 0 && c.Missed == 0:
		r.Found = t.T("compare_same", "Looked", t.Number(c.Looked))
	default:
		r.Found = t.T("compare_found", "Looked", t.Number(c.Looked), "Added", t.Number(c.Added), "Changed", t.Number(c.Changed), "Removed", t.Number(c.Removed))
		if c.Missed > 0 {
			r.Found += " " + t.T("compare_missed", "Missed", t.Number(c.Missed))
		}
	}
	r.At = momentOf(t, c.FinishedAt)
}

// exchanged adds what went last either way to the facts of a server.
func (f *Face) exchanged(ctx context.Context, t respond.Tongue, facts *peerFacts) error {
	received, delivered, err := f.Store.LastExchanged(ctx, facts.Host)
	if err != nil {
		return err
	}
	for _, x := range []struct {
		key  string
		said storage.Exchanged
	}{{"compare_received", received}, {"compare_delivered", delivered}} {
		if text := strings.TrimSpace(x.said.Type + " " + string(x.said.ID)); text != "" {
			facts.Facts = append(facts.Facts, fact{Name: t.T(x.key), Value: text})
		}
	}
	return nil
}

// compareSoon queues comparisons with the accounts of a server that are followed here.
func (f *Face) compareSoon(ctx context.Context, host string, entry *coop.AuditEntry) error {
	accounts, err := f.Store.FollowedAt(ctx, host, mostCompared)
	if err != nil {
		return err
	}
	return f.Store.Write(ctx, func(tx *storage.Tx) error {
		for _, a := range accounts {
			if err := f.Inbox.CompareSoon(ctx, tx, a.ID); err != nil {
				return err
			}
		}
		return tx.AddAudit(ctx, entry)
	})
}
