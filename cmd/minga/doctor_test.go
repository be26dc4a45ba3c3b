// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"minga/storage"
	"minga/web/admin"
)

// TestDoctorThroughAProxy looks at an instance behind a proxy that does everything right, and
// then at the same one behind each of the usual mistakes: the check that is meant says so, and
// no other.
func TestDoctorThroughAProxy(t *testing.T) {
	c := openClinic(t, nil)
	c.names.Text("coop.example", "v=spf1 ip4:198.51.100.5 -all")
	c.names.Text("mail._domainkey.coop.example", "v=DKIM1; k=rsa; p=MIIB")
	c.names.Text("_dmarc.coop.example", "v=DMARC1; p=none")
	well := c.examined(false)
	for _, name := range []string{"database", "queue", "peers", "disk", "mail", "modes", "factors", "version", "damage", "address", "webfinger", "documents", "media", "cors", "inbox", "proxy", "signatures", "uploads", "streaming", "smtp", "sender"} {
		if f := well[name]; f.State != admin.FindingOK {
			t.Errorf("all is well, and %s says %s: %s", name, f.State, f.Fact)
		}
	}
	if f := well["dns"]; f.State != admin.FindingWarn || !strings.Contains(f.Fact, "127.0.0.1") {
		t.Errorf("a name that leads inside: %+v", f)
	}
	if f := well["tls"]; f.State != admin.FindingWarn { // the test's own is good for an hour
		t.Errorf("a certificate that ends soon: %+v", f)
	}
	for _, tt := range []struct {
		fault, check string
		state        admin.FindingState
		fact         string
	}{
		{"host", "address", admin.FindingFail, "421"},
		{"down", "address", admin.FindingFail, "502"},
		{"silent", "proxy", admin.FindingFail, "127.0.0.1"},
		{"upgrade", "streaming", admin.FindingWarn, "Upgrade"},
		{"buffer", "streaming", admin.FindingFail, "with the last one"},
		{"date", "signatures", admin.FindingFail, "cavage"},
		{"digest", "signatures", admin.FindingFail, "rfc9421"},
		{"path", "signatures", admin.FindingFail, "rfc9421"},
		{"cors", "cors", admin.FindingFail, "Allow-Origin"},
		{"body", "uploads", admin.FindingFail, "413"},
		{"small", "inbox", admin.FindingFail, "413"},
		{"filter", "inbox", admin.FindingFail, "403"},
		{"webfinger", "webfinger", admin.FindingFail, "does not lead"},
		{"no media", "media", admin.FindingFail, "robots.txt: the answer is 404"},
		{"one host", "media", admin.FindingFail, ".jpg: the answer is 302"},
		{"two sites", "media", admin.FindingFail, "documents too"},
		{"old links", "media", admin.FindingWarn, ".jpg: the answer is 404"},
		{"cache", "documents", admin.FindingFail, "text/html"},
	} {
		t.Run(tt.fault, func(t *testing.T) {
			c.ail(tt.fault)
			got := c.one(t, tt.check)
			if got.State != tt.state || !strings.Contains(got.Fact, tt.fact) {
				t.Errorf("%s says %s: %s; want %s: %s", tt.check, got.State, got.Fact, tt.state, tt.fact)
			}
		})
	}
	c.ail("")
	c.looksByItself(t)
}

// looksByItself: the loop looks when it is asked, page and metrics show it, and what fails
// twice is a mail.
func (c *clinic) looksByItself(t *testing.T) {
	t.Helper()
	if err := c.store.Write(t.Context(), func(tx *storage.Tx) error { return tx.SetSetting(t.Context(), "probes", "{}") }); err != nil {
		t.Fatal(err)
	}
	for n, tt := range []struct {
		fault string
		told  bool
	}{{"", false}, {"cors", false}, {"cors", true}, {"", false}} {
		c.ail(tt.fault)
		before, err := c.store.Examination(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		c.examineSoon()
		var x storage.Examination
		eventually(t, 60*time.Second, "the look", func() bool {
			x, err = c.store.Examination(t.Context())
			return err != nil || x.Began.After(before.Began) && !x.Ended.IsZero()
		})
		if err != nil || len(x.Found) != x.Checks || x.Checks < 20 {
			t.Errorf("look %d: %d of %d, %v", n, len(x.Found), x.Checks, err)
		}
		if note := c.alarmDoctor(t.Context()); (note != nil) != tt.told {
			t.Errorf("look %d, %q: the staff is told %+v", n, tt.fault, note)
		}
		amiss := slices.ContainsFunc(c.lastSeen(t.Context(), nil), func(f admin.Finding) bool { return f.Name == "cors" })
		if amiss != (tt.fault == "cors") {
			t.Errorf("look %d: cors is amiss: %v", n, amiss)
		}
	}
	if note := c.alarmCertificate(t.Context()); note == nil || note.Path != "/admin/doctor" {
		t.Errorf("of a certificate that the proxy shows and that ends soon: %+v", note)
	}
	if left, err := c.store.Setting(t.Context(), "probes"); err != nil || left != "{}" {
		t.Errorf("probes are left: %s, %v", left, err)
	}
}

// one looks by one check alone, after the address.
func (c *clinic) one(t *testing.T, name string) admin.Finding {
	t.Helper()
	l, err := c.newLookout(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := l.close(t.Context()); err != nil {
			t.Error(err)
		}
	}()
	for _, check := range l.outward() {
		if check.name != name && check.name != "address" {
			continue
		}
		if found := check.look(t.Context()); check.name == name && len(found) == 1 {
			return found[0]
		}
	}
	return admin.Finding{}
}
