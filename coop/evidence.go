// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"net/url"
	"slices"
	"strings"
	"time"
)

// The levels of evidence that somebody is the co-op that it says it is, lowest first. It
// is social, not cryptographic: a federation's word counts as much as its standing.
const (
	EvidenceClaimed    = "claimed"     // it says so
	EvidenceDomain     = "domain"      // its own domain names its actor
	EvidenceCoopDomain = "coop-domain" // that domain ends in .coop, whose registry looks at who may have one
	EvidenceFederation = "federation"  // a verified member of a federation
	EvidenceApex       = "apex"        // that federation is a verified member of another
)

// EvidenceLevels are all levels, lowest first.
func EvidenceLevels() []string {
	return []string{EvidenceClaimed, EvidenceDomain, EvidenceCoopDomain, EvidenceFederation, EvidenceApex}
}

// EvidencePath is where a domain names the co-ops whose it is: ids of actors, one a line.
const EvidencePath = "/.well-known/minga-coop"

// EvidenceName is the name in the DNS whose TXT records say the same.
func EvidenceName(domain string) string { return "_minga." + domain }

// mostDomains is how many domains of one account are looked at.
const mostDomains = 3

// ProofAge is how often a proof is looked at again.
const ProofAge = 7 * 24 * time.Hour

// DomainProof is what is known of a domain that an account says is its own.
type DomainProof struct {
	AccountID ID
	Domain    string
	How       string    // "well-known" or "dns"; empty: it is not proven
	ProvenAt  time.Time // since when; zero: it is not
	CheckedAt time.Time
}

// Proven tells whether the domain names the account.
func (p DomainProof) Proven() bool { return p.How != "" }

// Level is what the proof shows.
func (p DomainProof) Level() string {
	switch {
	case !p.Proven():
		return EvidenceClaimed
	case strings.HasSuffix(p.Domain, ".coop"):
		return EvidenceCoopDomain
	}
	return EvidenceDomain
}

// EvidenceDomains are the domains that an account says are its own: those of its evidence,
// then those whose pages may name it, each once, three at most. Of what is no co-op and
// no federation there are none.
func (a *Account) EvidenceDomains() []string {
	if a.Kind != Coop && a.Kind != Federation {
		return nil
	}
	var domains []string
	add := func(host string) {
		if host = strings.ToLower(host); host != "" && len(host) <= 253 && len(domains) < mostDomains && !slices.Contains(domains, host) {
			domains = append(domains, host)
		}
	}
	if a.Coop != nil {
		for _, iri := range a.Coop.Evidence {
			if u, err := url.Parse(string(iri)); err == nil && u.Path == EvidencePath {
				add(u.Host)
			}
		}
	}
	for _, d := range a.Domains {
		add(d)
	}
	return domains
}

// Evidence is everything that is known to hold of an account.
type Evidence struct {
	Domains     []DomainProof // those that are proven
	Federations []ID          // whose verified member it is, newest first
	Apex        bool          // one of them is a verified member of another federation
}

// Level is the highest level that holds.
func (e Evidence) Level() string {
	switch {
	case e.Apex:
		return EvidenceApex
	case len(e.Federations) > 0:
		return EvidenceFederation
	}
	level := EvidenceClaimed
	for _, p := range e.Domains {
		if l := p.Level(); slices.Index(EvidenceLevels(), l) > slices.Index(EvidenceLevels(), level) {
			level = l
		}
	}
	return level
}

// Levels are all levels that hold, lowest first; the claim always does.
func (e Evidence) Levels() []string {
	levels := []string{EvidenceClaimed}
	for _, level := range EvidenceLevels()[1:3] {
		if slices.ContainsFunc(e.Domains, func(p DomainProof) bool { return p.Level() == level }) {
			levels = append(levels, level)
		}
	}
	if len(e.Federations) > 0 {
		levels = append(levels, EvidenceFederation)
	}
	if e.Apex {
		levels = append(levels, EvidenceApex)
	}
	return levels
}

// Verified tells whether a federation speaks for it: level d or e.
func (e Evidence) Verified() bool { return len(e.Federations) > 0 }

// MaxChain is how many steps of a chain of federations are walked.
const MaxChain = 5

// ChainLink is one federation of a chain, and those that it is a verified member of itself.
type ChainLink struct {
	Account *Account
	Above   []*ChainLink
}

// ChainOf builds the chain above an account from who is a verified member of whom, at most
// [MaxChain] steps long. A federation that stands below itself stops there.
func ChainOf(account ID, memberOf map[ID][]ID, accounts map[ID]*Account) []*ChainLink {
	return chainAbove(account, memberOf, accounts, []ID{account})
}

func chainAbove(account ID, memberOf map[ID][]ID, accounts map[ID]*Account, below []ID) []*ChainLink {
	if len(below) > MaxChain {
		return nil
	}
	var links []*ChainLink
	for _, id := range memberOf[account] {
		a := accounts[id]
		if a == nil || a.Gone() || slices.Contains(below, id) {
			continue
		}
		links = append(links, &ChainLink{Account: a, Above: chainAbove(id, memberOf, accounts, append(slices.Clone(below), id))})
	}
	return links
}
