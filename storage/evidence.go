// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// TaskProveDomains is the kind of the task that looks whether the domains that an account
// says are its own name it; its key and payload are the account's id in decimal (payload:
// a JSON string). Whoever runs it calls [Tx.PutDomainProofs].
const TaskProveDomains = "account.domains"

// queueDomains queues the look at an account's domains where they have changed.
func (tx *Tx) queueDomains(ctx context.Context, a *coop.Account, known []string) error {
	domains := a.EvidenceDomains()
	if slices.Equal(domains, known) {
		return nil
	}
	for _, gone := range known {
		if slices.Contains(domains, gone) {
			continue
		}
		if _, err := tx.exec(ctx, `DELETE FROM domain_proofs WHERE account_id = $1 AND domain = $2`, int64(a.ID), cleanText(gone)); err != nil {
			return err
		}
	}
	if len(domains) == 0 {
		return nil
	}
	for _, domain := range domains {
		if _, err := tx.insert(ctx, "domain_proofs", []column{
			{"account_id", int64(a.ID)}, {"domain", cleanText(domain)}, {"how", ""}, {"proven_at", int64(0)}, {"checked_at", int64(0)},
		}, "ON CONFLICT DO NOTHING"); err != nil {
			return err
		}
	}
	return tx.AddTask(ctx, Task{Kind: TaskProveDomains, Key: a.ID.String(), Payload: []byte(`"` + a.ID.String() + `"`)})
}

// DomainProofs are what is known of the domains of accounts, proven or not, in the order
// of the alphabet.
func (r reader) DomainProofs(ctx context.Context, accounts []coop.ID) (map[coop.ID][]coop.DomainProof, error) {
	if len(accounts) == 0 {
		return nil, nil
	}
	var a args
	list, err := all(ctx, r, func(row pgx.CollectableRow) (p coop.DomainProof, err error) {
		var id, proven, checked int64
		err = row.Scan(&id, &p.Domain, &p.How, &proven, &checked)
		p.AccountID, p.ProvenAt, p.CheckedAt = coop.ID(id), atMs(proven), atMs(checked)
		return p, err
	}, `
		SELECT account_id, domain, how, proven_at, checked_at
		FROM domain_proofs
		WHERE account_id IN `+in(&a, accounts)+`
		ORDER BY account_id, domain`, a...)
	if err != nil {
		return nil, fmt.Errorf("domains: %w", err)
	}
	found := map[coop.ID][]coop.DomainProof{}
	for _, p := range list {
		found[p.AccountID] = append(found[p.AccountID], p)
	}
	return found, nil
}

// PutDomainProofs keeps what was found out about the domains of an account, in place of
// what was known of it.
func (tx *Tx) PutDomainProofs(ctx context.Context, account coop.ID, proofs []coop.DomainProof) error {
	if err := tx.alone(ctx, "domains of "+account.String()); err != nil {
		return err
	}
	if _, err := tx.exec(ctx, `DELETE FROM domain_proofs WHERE account_id = $1`, int64(account)); err != nil {
		return fmt.Errorf("domains of %s: %w", account, err)
	}
	for _, p := range proofs {
		if _, err := tx.insert(ctx, "domain_proofs", []column{
			{"account_id", int64(account)}, {"domain", cleanText(p.Domain)}, {"how", p.How}, {"proven_at", msOf(p.ProvenAt)}, {"checked_at", msOf(p.CheckedAt)},
		}, ""); err != nil {
			return fmt.Errorf("domains of %s: %w", account, err)
		}
	}
	return nil
}

// CoopsOfDomain are the co-ops and federations of this instance that say that a domain is
// theirs, oldest first.
func (r reader) CoopsOfDomain(ctx context.Context, domain string) ([]*coop.Account, error) {
	if domain == "" || len(domain) > 253 {
		return nil, nil
	}
	list, err := all(ctx, r, scanAccount, `
		SELECT `+accountColumns+`
		FROM accounts a
		JOIN domain_proofs d ON d.account_id = a.id
		WHERE d.domain = $1 AND a.local AND a.kind IN ('coop', 'federation') AND a.suspended_at = 0 AND a.deleted_at = 0
		ORDER BY a.id
		LIMIT 100`, cleanText(domain))
	if err != nil {
		return nil, fmt.Errorf("co-ops of a domain: %w", err)
	}
	return list, nil
}

// Evidence tells what is known to hold of accounts; of each asked for there is an answer.
func (r reader) Evidence(ctx context.Context, accounts []coop.ID) (map[coop.ID]coop.Evidence, error) {
	if len(accounts) == 0 {
		return nil, nil
	}
	proofs, err := r.DomainProofs(ctx, accounts)
	if err != nil {
		return nil, err
	}
	memberOf, _, err := r.membershipsAbove(ctx, accounts, 2)
	if err != nil {
		return nil, err
	}
	found := make(map[coop.ID]coop.Evidence, len(accounts))
	for _, id := range accounts {
		e := coop.Evidence{Federations: memberOf[id]}
		for _, p := range proofs[id] {
			if p.Proven() {
				e.Domains = append(e.Domains, p)
			}
		}
		for _, f := range e.Federations {
			e.Apex = e.Apex || slices.ContainsFunc(memberOf[f], func(apex coop.ID) bool { return apex != id })
		}
		found[id] = e
	}
	return found, nil
}

// Chain are the federations that an account is a verified member of, with those above
// them, at most [coop.MaxChain] steps up.
func (r reader) Chain(ctx context.Context, account coop.ID) ([]*coop.ChainLink, error) {
	memberOf, all, err := r.membershipsAbove(ctx, []coop.ID{account}, coop.MaxChain)
	if err != nil {
		return nil, err
	}
	accounts, err := r.Accounts(ctx, all)
	if err != nil {
		return nil, err
	}
	return coop.ChainOf(account, memberOf, accounts), nil
}

// mostAbove bounds the federations that are looked at above one account: who makes up
// hundreds of them makes no page slow.
const mostAbove = 50

// membershipsAbove walks up from accounts, one question a step, and tells who is a
// verified member of which federations, and the federations met.
func (r reader) membershipsAbove(ctx context.Context, from []coop.ID, steps int) (map[coop.ID][]coop.ID, []coop.ID, error) {
	memberOf, met := map[coop.ID][]coop.ID{}, []coop.ID{}
	for next := from; len(next) > 0 && steps > 0; steps-- {
		found, err := r.VerifiedIn(ctx, next)
		if err != nil {
			return nil, nil, err
		}
		var above []coop.ID
		for _, id := range next {
			list := found[id]
			memberOf[id] = list[:min(len(list), mostAbove)]
			for _, f := range memberOf[id] {
				if _, asked := memberOf[f]; !asked && !slices.Contains(above, f) && len(met) < mostAbove+len(from) {
					above, met = append(above, f), append(met, f)
				}
			}
		}
		next = slices.DeleteFunc(above, func(id coop.ID) bool { _, asked := memberOf[id]; return asked })
	}
	return memberOf, met, nil
}

// TaskMembership is the kind of the task that reads both ends of a membership; its
// payload says whose.
const TaskMembership = "inbox.membership"

// CheckMembership queues the reading of both ends of a membership.
func (tx *Tx) CheckMembership(ctx context.Context, member, organization coop.IRI, at time.Time) error {
	body, err := json.Marshal(map[string]coop.IRI{"member": member, "organization": organization})
	if err != nil {
		return fmt.Errorf("check the membership of %s: %w", member, err)
	}
	return tx.AddTask(ctx, Task{Kind: TaskMembership, Key: string(member) + " " + string(organization), DueAt: at, Payload: body})
}

// FederationsAt are the federations of some servers that are known here, oldest first.
func (r reader) FederationsAt(ctx context.Context, hosts []string) ([]*coop.Account, error) {
	if len(hosts) == 0 {
		return nil, nil
	}
	var a args
	list, err := all(ctx, r, scanAccount, `
		SELECT `+accountColumns+`
		FROM accounts a
		WHERE a.kind = 'federation' AND a.server IN `+in(&a, hosts)+` AND a.suspended_at = 0 AND a.deleted_at = 0
		ORDER BY a.id
		LIMIT 50`, a...)
	if err != nil {
		return nil, fmt.Errorf("federations of servers: %w", err)
	}
	return list, nil
}
