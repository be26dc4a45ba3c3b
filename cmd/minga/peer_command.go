// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"minga/coop"
	"minga/federation/origin"
	"minga/storage"
)

// peerCommand is `minga peer`.
type peerCommand struct {
	List     peerList     `cmd:"" help:"List the servers that we know."`
	Show     peerShow     `cmd:"" help:"Show one server."`
	Allow    peerAllow    `cmd:"" help:"Let a server in, where the mode asks."`
	Block    peerBlock    `cmd:"" help:"Take nothing from a server and send it nothing."`
	Limit    peerLimit    `cmd:"" help:"Keep a server out of public lists; its follows wait for a decision."`
	Clear    peerClear    `cmd:"" help:"Take back what was decided about a server."`
	Follow   peerFollow   `cmd:"" help:"Follow a federation (HANDLE or address)."`
	Unfollow peerUnfollow `cmd:"" help:"End a follow."`
	Accept   peerAccept   `cmd:"" help:"Accept a follow that waits."`
	Reject   peerReject   `cmd:"" help:"Refuse a follow that waits, or end one that was accepted."`
	Waiting  peerWaiting  `cmd:"" help:"List the follows that wait for a decision."`
	Retry    peerRetry    `cmd:"" help:"Try a server again now."`
	Compare  peerCompare  `cmd:"" help:"Fetch now what deliveries from a followed federation lost; it is done each night by itself."`
	Import   peerImport   `cmd:"" help:"Take in a list of servers to block, limit or allow; says what that would change, and changes it with --apply."`
	Export   peerExport   `cmd:"" help:"Write the blocked and limited servers as Mastodon's file of blocked domains."`
}

// peerRow is a server as it is shown.
type peerRow struct {
	Host          string `json:"host"`
	Policy        string `json:"policy"`
	Reason        string `json:"reason,omitempty"`
	PublicReason  string `json:"public_reason,omitempty"`
	Expires       string `json:"expires_at,omitempty"`
	Software      string `json:"software,omitempty"`
	LastReceived  string `json:"last_received,omitempty"`
	LastDelivered string `json:"last_delivered,omitempty"`
}

// newPeerRow shows what is known.
func newPeerRow(p *coop.Peer) peerRow {
	policy := string(p.Policy)
	if policy == "" {
		policy = "none"
	}
	return peerRow{p.Host, policy, p.Reason, p.PublicReason, stamp(p.ExpiresAt), p.Software, stamp(p.LastReceived), stamp(p.LastDelivered)}
}

// stamp writes a time, or nothing for none.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(timeLayout)
}

// peerList is `minga peer list`.
type peerList struct {
	Policy string `help:"Only those with this policy." enum:",allow,limit,block" default:""`
}

// Run lists the servers.
func (a peerList) Run(t *terminal) error {
	return t.with(func(i *instance) error {
		rows, err := i.peerRows(t.ctx, storage.PeerQuery{Policy: coop.PeerPolicy(a.Policy), Limit: 200})
		if err != nil {
			return err
		}
		return t.print(rows, func(w io.Writer) {
			for _, row := range rows {
				fmt.Fprintf(w, "%-6s %-40s received %-19s delivered %s\n", row.Policy, printable(row.Host), row.LastReceived, row.LastDelivered)
			}
		})
	})
}

// peerRows reads page after page.
func (i *instance) peerRows(ctx context.Context, query storage.PeerQuery) ([]peerRow, error) {
	rows := []peerRow{}
	for {
		peers, err := i.store.Peers(ctx, query)
		if err != nil {
			return nil, err
		}
		for _, p := range peers {
			rows = append(rows, newPeerRow(p))
			query.After = p.Host
		}
		if len(peers) < query.Limit {
			return rows, nil
		}
	}
}

// peerDecision is what the three deciding commands share.
type peerDecision struct {
	Host    string        `arg:"" help:"Host of the server."`
	Reason  string        `help:"Reason, for admins."`
	Public  string        `help:"Reason that may be shown."`
	Expires time.Duration `help:"How long it holds, such as 720h; without: until it is taken back."`
	DryRun  bool          `name:"dry-run" help:"Only say what it would cut."`
}

// decide writes a policy down, with its reason and its end.
func (a peerDecision) decide(t *terminal, policy coop.PeerPolicy) error {
	host, err := origin.NormalizeHost(a.Host)
	if err != nil {
		return usage("%v", err)
	}
	return t.with(func(i *instance) error {
		if host == i.config.Host || host == i.config.AccountDomain {
			return usage("%s is this instance itself", host)
		}
		if a.DryRun {
			return a.preview(t, i, host)
		}
		peer := &coop.Peer{Host: host, Policy: policy, Reason: a.Reason, PublicReason: a.Public, FirstSeen: t.now()}
		if a.Expires > 0 {
			peer.ExpiresAt = t.now().Add(a.Expires)
		}
		if err := i.setPolicy(t.ctx, peer); err != nil {
			return err
		}
		return t.print(newPeerRow(peer), func(w io.Writer) { fmt.Fprintf(w, "%s: %s\n", host, newPeerRow(peer).Policy) })
	})
}

// preview says what a block would cut.
func (a peerDecision) preview(t *terminal, i *instance, host string) error {
	cuts, err := i.store.PeerCuts(t.ctx, host)
	if err != nil {
		return err
	}
	counts := map[string]int{
		"follows": cuts.Followers + cuts.Following, "deliveries": cuts.Deliveries, "memberships": cuts.Members + cuts.Federations,
		"jobs": cuts.Jobs, "articles": cuts.Articles, "posts": cuts.OtherPosts, "brought": cuts.Brought,
	}
	return t.print(counts, func(w io.Writer) {
		fmt.Fprintf(w, "%s: a block would cut %d follows, %d memberships and %d waiting deliveries, and hide %d open jobs, %d articles, %d other posts and %d posts of others that came by it alone; nothing was changed\n",
			host, counts["follows"], counts["memberships"], cuts.Deliveries, cuts.Jobs, cuts.Articles, cuts.OtherPosts, cuts.Brought)
	})
}

type (
	peerAllow struct{ peerDecision }
	peerBlock struct{ peerDecision }
	peerLimit struct{ peerDecision }
	peerClear struct{ peerDecision }
)

// Run allows a server.
func (a peerAllow) Run(t *terminal) error { return a.decide(t, coop.PolicyAllow) }

// Run blocks a server.
func (a peerBlock) Run(t *terminal) error { return a.decide(t, coop.PolicyBlock) }

// Run limits a server.
func (a peerLimit) Run(t *terminal) error { return a.decide(t, coop.PolicyLimit) }

// Run takes a decision back.
func (a peerClear) Run(t *terminal) error { return a.decide(t, coop.PolicyNone) }

// setPolicy keeps a decision with all that follows from it, as the pages do.
func (i *instance) setPolicy(ctx context.Context, peer *coop.Peer) error {
	return i.store.Write(ctx, func(tx *storage.Tx) error { return tx.DecidePeer(ctx, peer, byCommand, "") })
}

// peerRetry is `minga peer retry`.
type peerRetry struct {
	Host string `arg:"" help:"Host of the server."`
}

// Run makes what waits for a server due now.
func (a peerRetry) Run(t *terminal) error {
	host, err := origin.NormalizeHost(a.Host)
	if err != nil {
		return usage("%v", err)
	}
	return t.with(func(i *instance) error {
		waiting := 0
		err := i.store.Write(t.ctx, func(tx *storage.Tx) (err error) {
			if waiting, err = tx.RetryHost(t.ctx, host); err != nil {
				return err
			}
			return tx.AddAudit(t.ctx, &coop.AuditEntry{Who: byCommand, Act: "peer.retry", Target: host})
		})
		if err != nil {
			return err
		}
		return t.print(map[string]int{"deliveries": waiting}, func(w io.Writer) { fmt.Fprintf(w, "%s: %d deliveries are due now\n", host, waiting) })
	})
}
