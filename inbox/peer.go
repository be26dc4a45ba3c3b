// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"minga/coop"
	"minga/federation/origin"
)

// decide says what may be done with what a server sends: the mode, what was
// decided about it, and a block of a domain above it.
func (in *Inbox) decide(ctx context.Context, host string) (coop.Verdict, error) {
	peer, err := in.store.PeerDecision(ctx, host)
	if err != nil && !errors.Is(err, coop.ErrNotFound) {
		return coop.Refuse, unavailable("look up a peer", err)
	}
	decision := coop.Decide(in.o.Mode(ctx), peer, in.now())
	if decision == coop.Refuse {
		return decision, nil
	}
	above, err := in.blockedAbove(ctx, host)
	if err != nil {
		return coop.Refuse, err
	}
	if above {
		return coop.Refuse, nil
	}
	return decision, nil
}

// blockedAbove tells whether a domain over the host is blocked: names below a
// domain cost its owner nothing.
func (in *Inbox) blockedAbove(ctx context.Context, host string) (bool, error) {
	name, _, _ := strings.Cut(host, ":")
	for range 5 {
		_, parent, ok := strings.Cut(name, ".")
		if !ok || !strings.Contains(parent, ".") {
			return false, nil
		}
		blocked, err := in.domainBlocked(ctx, parent)
		if blocked || err != nil {
			return blocked, err
		}
		name = parent
	}
	return false, nil
}

// domainBlocked remembers the answer for five seconds: one server has many names.
func (in *Inbox) domainBlocked(ctx context.Context, domain string) (bool, error) {
	if known, ok := in.blocked.get(domain, in.now()); ok {
		return known, nil
	}
	peer, err := in.store.PeerDecision(ctx, domain)
	if err != nil && !errors.Is(err, coop.ErrNotFound) {
		return false, unavailable("look up a domain", err)
	}
	blocked := err == nil && coop.Decide(coop.ModeOpen, peer, in.now()) == coop.Refuse
	in.blocked.put(domain, blocked, in.now())
	return blocked, nil
}

// ours tells whether a host is this instance's own.
func (in *Inbox) ours(host string) bool { return host == in.o.Local.Host }

// local tells whether an IRI is of this instance.
func (in *Inbox) local(iri coop.IRI) bool {
	host, err := origin.Host(string(iri))
	return err == nil && in.ours(host)
}

// allowed tells whether anything may be asked of, or believed from, a server.
func (in *Inbox) allowed(ctx context.Context, iri coop.IRI) error {
	host, err := origin.Host(string(iri))
	if err != nil {
		return fmt.Errorf("%w: %w", coop.ErrNotFound, err)
	}
	decision, err := in.decide(ctx, host)
	if err != nil {
		return err
	}
	if decision == coop.Refuse {
		return coop.ErrForbidden
	}
	return nil
}
