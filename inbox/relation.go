// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"context"
	"net/netip"
	"strings"

	"golang.org/x/net/publicsuffix"

	"minga/coop"
	"minga/storage"
)

// Bounds of reports: what one may name, and how many may wait for our moderators, of one
// domain with all its names and of all other servers together. A server that reports
// without end fills neither the disk nor the page on which honest reports stand.
const (
	maxFlagged        = 100
	maxReportsWaiting = 50
	maxAllReports     = 1000
)

// noRemote stands for work of our own, that no request waits for.
func noRemote() netip.Addr { return netip.Addr{} }

// block notes that somebody elsewhere wants nothing of an account of ours; nobody
// is told.
func (w *work) block(ctx context.Context) (effect, error) {
	target, err := w.localAccount(ctx, coop.IRI(w.doc.Ref("object").ID))
	if err != nil {
		return nil, err
	}
	blocker, err := w.author(ctx)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, tx *storage.Tx) error {
		return tx.AddBlock(ctx, storage.Block{IRI: w.id, Blocker: blocker.ID, Target: target.ID, At: w.in.now()})
	}, nil
}

// flag is a report about accounts and posts of ours. The reporter is the verified
// signer, whoever the report says it is by.
func (w *work) flag(ctx context.Context) (effect, error) {
	report := &coop.Report{IRI: w.id, Host: w.inc.Host, Comment: plain(w.doc.String("content"), 5000), CreatedAt: w.in.now()}
	reporter, err := w.knownAuthor(ctx)
	if err != nil {
		return nil, err
	}
	if reporter != nil {
		report.Reporter = reporter.ID
	}
	for _, r := range w.doc.Refs("object") {
		if len(report.Accounts)+len(report.Posts) >= maxFlagged {
			break
		}
		if err := w.flagged(ctx, report, coop.IRI(r.ID)); err != nil {
			return nil, err
		}
	}
	if len(report.Accounts)+len(report.Posts) == 0 {
		return nil, drop("not_for_us")
	}
	if err := w.in.roomForReport(ctx, w.inc.Host); err != nil {
		return nil, err
	}
	return func(ctx context.Context, tx *storage.Tx) error {
		_, err := tx.AddReport(ctx, report)
		return err
	}, nil
}

// roomForReport drops a report where too many wait already.
func (in *Inbox) roomForReport(ctx context.Context, host string) error {
	from, all, err := in.store.OpenReports(ctx, registrable(host))
	if err != nil {
		return storeFault("count reports", err)
	}
	if from >= maxReportsWaiting || all >= maxAllReports {
		return drop("too_many_reports")
	}
	return nil
}

// registrable is the part of a host's name that somebody has to pay for, all names below
// which are theirs; an address, and a name of no public list, is itself.
func registrable(host string) string {
	name, _, _ := strings.Cut(host, ":")
	if domain, err := publicsuffix.EffectiveTLDPlusOne(name); err == nil && strings.Trim(name, "0123456789.") != "" {
		return domain
	}
	return host
}

// flagged adds one thing of ours to a report.
func (w *work) flagged(ctx context.Context, report *coop.Report, iri coop.IRI) error {
	if !w.in.local(iri) {
		return nil
	}
	account, err := w.in.store.AccountByIRI(ctx, iri)
	if err == nil {
		report.Accounts = append(report.Accounts, account.ID)
		return nil
	}
	if !isUnknown(err) {
		return err
	}
	// Who may not see a post cannot report it either: its text would come before
	// moderators by a guess. Servers report in their own name, so that theirs is the eye.
	post, err := w.in.store.PostByIRI(ctx, coop.SignedHost(w.inc.Host), iri)
	if err == nil {
		report.Posts = append(report.Posts, post.ID)
		return nil
	}
	return storeFault("look up a post", err)
}
