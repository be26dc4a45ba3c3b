// SPDX-License-Identifier: AGPL-3.0-or-later

package mail_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"minga/outbox/mail"
	"minga/outbox/mail/mailtest"
)

// TestSPF judges addresses by records as domains publish them (RFC 7208).
func TestSPF(t *testing.T) {
	n := mailtest.OpenNames(t)
	n.Address("coop.example", "192.0.2.10", "2001:db8::10")
	n.Address("mx.coop.example", "192.0.2.20")
	n.Mail("coop.example", "mx.coop.example")
	n.Text("provider.example", "v=spf1 ip4:198.51.100.0/24 ip6:2001:db8:1::/48 -all")
	n.Text("soft.example", "v=spf1 ~all")
	n.Text("round.example", "v=spf1 include:round.example -all")
	n.Text("away.example", "v=spf1 redirect=provider.example")
	for i := range 12 {
		n.Text(fmt.Sprintf("deep%d.example", i), fmt.Sprintf("v=spf1 include:deep%d.example -all", i+1))
	}
	for _, tt := range []struct {
		name, record, addr string
		want               mail.SPF
	}{
		{"no record", "", "192.0.2.10", mail.SPFNone},
		{"another text", "google-site-verification=x", "192.0.2.10", mail.SPFNone},
		{"a word that only begins so", "v=spf10 +all", "192.0.2.10", mail.SPFNone},
		{"nothing but the version", "v=spf1", "192.0.2.10", mail.SPFNeutral},
		{"its own address", "v=spf1 a -all", "192.0.2.10", mail.SPFPass},
		{"its own address of the other family", "v=spf1 a -all", "2001:db8::10", mail.SPFPass},
		{"a neighbour", "v=spf1 a -all", "192.0.2.11", mail.SPFFail},
		{"the network of its address", "v=spf1 a/24 -all", "192.0.2.11", mail.SPFPass},
		{"the network of the other family", "v=spf1 a/24//64 -all", "2001:db8::11", mail.SPFPass},
		{"who takes its mail", "v=spf1 mx -all", "192.0.2.20", mail.SPFPass},
		{"an address", "v=spf1 ip4:203.0.113.7 ~all", "203.0.113.7", mail.SPFPass},
		{"an address written in the other family", "v=spf1 ip4:203.0.113.7 ~all", "::ffff:203.0.113.7", mail.SPFPass},
		{"none of them", "v=spf1 ip4:203.0.113.7 ~all", "203.0.113.8", mail.SPFSoftFail},
		{"who it does not know", "V=SPF1 ?ALL", "203.0.113.8", mail.SPFNeutral},
		{"the provider", "v=spf1 include:provider.example -all", "198.51.100.9", mail.SPFPass},
		{"the provider's other family", "v=spf1 include:provider.example -all", "2001:db8:1::5", mail.SPFPass},
		{"not the provider", "v=spf1 include:provider.example ~all", "198.51.101.9", mail.SPFSoftFail},
		{"an include that says softfail does not fit", "v=spf1 include:soft.example -all", "198.51.101.9", mail.SPFFail},
		{"an include of nothing", "v=spf1 include:nothing.example -all", "198.51.101.9", mail.SPFPerm},
		{"led on", "v=spf1 redirect=away.example", "198.51.100.9", mail.SPFPass},
		{"led to nothing", "v=spf1 redirect=nothing.example", "198.51.100.9", mail.SPFPerm},
		{"in a circle", "v=spf1 include:round.example -all", "198.51.100.9", mail.SPFPerm},
		{"too deep", "v=spf1 include:deep0.example -all", "198.51.100.9", mail.SPFPerm},
		{"macros fit nobody", "v=spf1 exists:%{i}.list.example a:%{d} -all", "198.51.100.9", mail.SPFFail},
		{"a mistake", "v=spf1 ip4:300.1.1.1 -all", "198.51.100.9", mail.SPFPerm},
		{"a network that is none", "v=spf1 ip4:192.0.2.0/99 -all", "198.51.100.9", mail.SPFPerm},
		{"a word that nobody knows", "v=spf1 everybody -all", "198.51.100.9", mail.SPFPerm},
		{"a modifier that nobody knows", "v=spf1 color=red a -all", "192.0.2.10", mail.SPFPass},
	} {
		t.Run(tt.name, func(t *testing.T) {
			n.Text("coop.example", strings.Fields(tt.record)...)
			if tt.record != "" {
				n.Text("coop.example", tt.record)
			}
			if got := mail.CheckSPF(t.Context(), n.Resolver, "coop.example", netip.MustParseAddr(tt.addr)); got != tt.want {
				t.Errorf("%s: %s, want %s", tt.record, got, tt.want)
			}
		})
	}
	n.Text("coop.example", "v=spf1 -all", "v=spf1 +all")
	if got := mail.CheckSPF(t.Context(), n.Resolver, "coop.example", netip.MustParseAddr("192.0.2.1")); got != mail.SPFPerm {
		t.Errorf("two records: %s", got)
	}
	before := n.Asked()
	mail.CheckSPF(t.Context(), n.Resolver, "round.example", netip.MustParseAddr("192.0.2.1"))
	if asked := n.Asked() - before; asked > 12 {
		t.Errorf("a circle cost %d questions", asked)
	}
}

// TestDKIMAndDMARC finds what a domain publishes under usual names.
func TestDKIMAndDMARC(t *testing.T) {
	n, ctx := mailtest.OpenNames(t), t.Context()
	if selector, err := mail.DKIM(ctx, n.Resolver, "coop.example"); selector != "" || err != nil {
		t.Errorf("nothing: %q, %v", selector, err)
	}
	n.Text("mail._domainkey.coop.example", "v=DKIM1; k=rsa; p=")
	n.Text("s1._domainkey.coop.example", "v=DKIM1; k=rsa; p=MIIB"+strings.Repeat("A", 400))
	if selector, err := mail.DKIM(ctx, n.Resolver, "coop.example"); selector != "s1" || err != nil {
		t.Errorf("a key that was taken back and one that counts: %q, %v", selector, err)
	}
	if policy, err := mail.DMARC(ctx, n.Resolver, "post.coop.example"); policy != "" || err != nil {
		t.Errorf("nothing: %q, %v", policy, err)
	}
	n.Text("_dmarc.coop.example", "v=DMARC1; p=Quarantine; rua=mailto:x@coop.example")
	if policy, err := mail.DMARC(ctx, n.Resolver, "post.coop.example"); policy != "quarantine" || err != nil {
		t.Errorf("of the domain above: %q, %v", policy, err)
	}
}

// TestKnock says who we are and sends nothing.
func TestKnock(t *testing.T) {
	for _, tt := range []struct {
		name     string
		manner   mailtest.Manner
		security mail.Security
		password string
		well     bool
	}{
		{"lets us in", mailtest.Manner{StartTLS: true, User: "minga", Password: "geheim"}, mail.StartTLS, "geheim", true},
		{"by TLS", mailtest.Manner{TLS: true, User: "minga", Password: "geheim"}, mail.TLS, "geheim", true},
		{"another password", mailtest.Manner{StartTLS: true, User: "minga", Password: "geheim"}, mail.StartTLS, "falsch", false},
		{"no TLS", mailtest.Manner{}, mail.StartTLS, "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			sink := mailtest.Open(t, tt.manner)
			server := at(sink, tt.security)
			server.User, server.Password, server.Patience = tt.manner.User, tt.password, 30*time.Second
			if err := server.Knock(t.Context()); (err == nil) != tt.well {
				t.Errorf("knocked: %v", err)
			}
			if n := len(sink.Mails()); n != 0 {
				t.Errorf("%d mails were sent", n)
			}
		})
	}
}
