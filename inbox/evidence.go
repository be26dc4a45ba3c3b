// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"time"

	"minga/coop"
	"minga/federation"
	"minga/storage"
)

// domainDeadline is how long one domain may take to answer.
const domainDeadline = 10 * time.Second

// unreachedFor is how long a proof stands although nobody can look at it again.
const unreachedFor = 2 * coop.ProofAge

// runProveDomains looks whether the domains that an account says are its own name its
// actor, by a file or in the DNS, and comes again every week for as long as it has any.
func (in *Inbox) runProveDomains(ctx context.Context, t storage.Task) (*again, error) {
	id, err := decode[coop.ID](t)
	if err != nil {
		return nil, err
	}
	a, err := in.store.Account(ctx, id)
	if err != nil || a.Gone() {
		return nil, err
	}
	domains := a.EvidenceDomains()
	known, err := in.store.DomainProofs(ctx, []coop.ID{id})
	if err != nil {
		return nil, err
	}
	proofs := make([]coop.DomainProof, len(domains))
	wait := coop.ProofAge
	for i, domain := range domains {
		before := coop.DomainProof{AccountID: id, Domain: domain}
		if at := slices.IndexFunc(known[id], func(p coop.DomainProof) bool { return p.Domain == domain }); at >= 0 {
			before = known[id][at]
		}
		reached := false
		if proofs[i], reached = in.proveDomain(ctx, a, before); !reached {
			wait = 24 * time.Hour
		}
	}
	err = in.store.Write(ctx, func(tx *storage.Tx) error { return tx.PutDomainProofs(ctx, id, proofs) })
	if err != nil || len(domains) == 0 {
		return nil, err
	}
	return &again{at: in.now().Add(wait)}, nil
}

// proveDomain looks at one domain, and says whether it could be reached. What was proven
// stays so for two weeks in which it cannot.
func (in *Inbox) proveDomain(ctx context.Context, a *coop.Account, p coop.DomainProof) (coop.DomainProof, bool) {
	how, file, dns := in.askDomain(ctx, a, p.Domain)
	gone := p.How == "well-known" && file || p.How == "dns" && dns || p.How == "" && (file || dns)
	switch {
	case how != "":
		if !p.Proven() {
			p.ProvenAt = in.now()
		}
		p.How, p.CheckedAt = how, in.now()
	case gone || p.Proven() && in.now().Sub(p.CheckedAt) > unreachedFor:
		p.How, p.ProvenAt, p.CheckedAt = "", time.Time{}, in.now()
	}
	return p, file || dns
}

// askDomain gives how a domain names an account, empty where it does not, and whether its
// file and the DNS have answered. Our own name, which all who live here share, is proven by
// the DNS alone.
func (in *Inbox) askDomain(ctx context.Context, a *coop.Account, domain string) (how string, file, dns bool) {
	if in.allowed(ctx, coop.IRI(in.o.Local.Scheme+"://"+domain+"/")) != nil {
		return "", true, true
	}
	ask, cancel := context.WithTimeout(ctx, domainDeadline)
	defer cancel()
	if err := in.polite(ask, domain); err != nil {
		return "", false, false
	}
	var names []string
	var err error
	if domain != in.o.Local.Host && domain != in.o.Local.AccountDomain {
		names, err = in.o.Client.Named(ask, domain, coop.EvidencePath)
	}
	if err == nil && slices.Contains(names, string(a.IRI)) {
		return "well-known", true, true
	}
	records, dnsErr := in.askDNS(ask, domain)
	if slices.Contains(records, string(a.IRI)) {
		return "dns", true, true
	}
	return "", err == nil || federation.Lasting(err), dnsErr == nil
}

// errNoDNS says that nobody may ask the DNS about a name.
var errNoDNS = errors.New("the DNS is not asked")

// askDNS gives the names in the TXT records of a domain. That there are none is an answer.
func (in *Inbox) askDNS(ctx context.Context, domain string) ([]string, error) {
	if in.o.TXT == nil || strings.Contains(domain, ":") {
		return nil, errNoDNS
	}
	records, err := in.o.TXT(ctx, coop.EvidenceName(domain))
	var dns *net.DNSError
	if errors.As(err, &dns) && dns.IsNotFound {
		return nil, nil
	}
	return federation.NamedIn(strings.Join(records, "\n")), err
}
