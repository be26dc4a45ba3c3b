// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"strings"

	"minga/outbox/mail"
	"minga/web/admin"
)

// smtp goes to the mail server, says who we are, and leaves again.
func (l *lookout) smtp(ctx context.Context) []admin.Finding {
	host, _ := l.i.outbox.MailHost()
	if host == "" {
		return nil
	}
	if err := l.i.outbox.KnockMail(ctx); err != nil {
		if strings.Contains(err.Error(), "STARTTLS") { // the library has no type for it
			err = mistake("mail_starttls", "", "%v", err)
		}
		return one(failed("smtp", at(host, err)))
	}
	return one(fine("smtp", host))
}

// sender looks whether the domain that mails come from says that our mail server may send
// them (SPF, RFC 7208), publishes a key for its signatures (DKIM, RFC 6376), and what others
// are to do with the rest (DMARC, RFC 7489). A mail server inside our own network sends from
// our own address.
func (l *lookout) sender(ctx context.Context) []admin.Finding {
	host, _ := l.i.outbox.MailHost()
	domain := l.i.outbox.MailFrom()
	if host == "" || domain == "" || !publicName(domain) && l.i.names == nil {
		return nil
	}
	spf := l.spf(ctx, host, domain)
	dkim, err := mail.DKIM(ctx, l.names, domain)
	if err != nil {
		return one(unsure("sender", err))
	}
	dmarc, err := mail.DMARC(ctx, l.names, domain)
	if err != nil {
		return one(unsure("sender", err))
	}
	fact := fmt.Sprintf("%s: SPF %s, DKIM %s, DMARC %s", domain, spf, cmp.Or(dkim, "–"), cmp.Or(dmarc, "–"))
	switch {
	case spf == mail.SPFFail || spf == mail.SPFPerm:
		return one(broken("sender", fact))
	case spf != mail.SPFPass || dkim == "" || dmarc == "":
		return one(warned("sender", fact))
	}
	return one(fine("sender", fact))
}

// spf is the best that the domain says of an address of the mail server: it may have several
// and send from one of them.
func (l *lookout) spf(ctx context.Context, host, domain string) mail.SPF {
	addrs := l.sendsFrom(ctx, host)
	best := mail.SPFTemp
	for _, a := range addrs {
		if best = mail.CheckSPF(ctx, l.names, domain, a); best == mail.SPFPass {
			break
		}
	}
	return best
}

// sendsFrom are the addresses that mail leaves from, as far as they can be known: those of
// the mail server or, where it stands inside, our own.
func (l *lookout) sendsFrom(ctx context.Context, host string) (addrs []netip.Addr) {
	for _, name := range []string{host, hostName(l.i.config.Host)} {
		list, err := l.names.LookupNetIP(ctx, "ip", name)
		if err != nil {
			continue
		}
		for _, a := range list {
			if a = a.Unmap(); !a.IsLoopback() && !a.IsPrivate() {
				addrs = append(addrs, a)
			}
		}
		if len(addrs) > 0 {
			break
		}
	}
	return addrs
}
