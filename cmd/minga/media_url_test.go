// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"slices"
	"strings"
	"testing"
)

// TestMediaURL: a host for files alone is another than those of ids and handles; we answer
// for it, show a certificate for it, and never ask ourselves by it.
func TestMediaURL(t *testing.T) {
	for _, tt := range []struct{ name, given, problem, want string }{
		{"none", "", "", ""},
		{"a host", "https://media.coop.example", "", "https://media.coop.example"},
		{"written oddly", "https://MEDIA.coop.example:443/", "", "https://media.coop.example"},
		{"with a port", "https://media.coop.example:8443", "", "https://media.coop.example:8443"},
		{"the host itself", "https://minga.coop.example", "another host", ""},
		{"the domain of handles", "https://coop.example", "another host", ""},
		{"without a scheme", "media.coop.example", "is an address", ""},
		{"another scheme", "http://media.coop.example", "is an address", ""},
		{"a path", "https://media.coop.example/files", "is an address", ""},
		{"a query", "https://media.coop.example?a=b", "is an address", ""},
		{"a password", "https://a:b@media.coop.example", "is an address", ""},
		{"no host", "https://", "is an address", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, err := loadConfig(&settingFlags{}, "", fakeLookups(map[string]string{"MINGA_HOST": "minga.coop.example", "MINGA_ACCOUNT_DOMAIN": "coop.example", "MINGA_MEDIA_URL": tt.given, "MINGA_DATA_DIR": "d"}, nil))
			if tt.problem != "" {
				if err == nil || !strings.Contains(err.Error(), tt.problem) {
					t.Fatalf("the problem is %v, want %s", err, tt.problem)
				}
				return
			}
			if err != nil || c.Media.URL != tt.want {
				t.Fatalf("it is %q, %v, want %q", c.Media.URL, err, tt.want)
			}
			if tt.want != "" && (!slices.Contains(c.certificateNames(), "media.coop.example") || !slices.Contains(c.hosts(), strings.TrimPrefix(tt.want, "https://"))) {
				t.Errorf("answers for %q with certificates for %q", c.hosts(), c.certificateNames())
			}
		})
	}
}
