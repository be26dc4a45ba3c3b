// SPDX-License-Identifier: AGPL-3.0-or-later

package admin

import (
	"regexp"
	"strings"

	"minga/web/respond"
)

// failures are what goes wrong with a server, by what the error of the last try holds;
// the first that fits is said.
var failures = []struct {
	key  string
	says []string
}{
	{"dns", []string{"no such host", "lookup ", "server misbehaving"}},
	{"refused", []string{"connection refused", "network is unreachable", "no route to host"}},
	{"tls", []string{"certificate", "x509", "tls:", "tls handshake"}},
	{"slow", []string{"timeout", "deadline exceeded", "i/o timeout"}},
	{"private", []string{"private address", "not allowed to reach", "loopback"}},
}

// httpStatus is the status of an answer that an error holds.
var httpStatus = regexp.MustCompile(`\b([1-5][0-9]{2})\b`)

// failureKey sorts an error of a delivery.
func failureKey(text string) string {
	low := strings.ToLower(text)
	for _, one := range failures {
		for _, part := range one.says {
			if strings.Contains(low, part) {
				return one.key
			}
		}
	}
	if m := httpStatus.FindStringSubmatch(low); m != nil {
		switch status := m[1]; {
		case status == "401" || status == "403":
			return "denied"
		case status == "404" || status == "410":
			return "gone"
		case status == "429" || status == "503":
			return "busy"
		case status >= "500":
			return "broken"
		}
	}
	return "other"
}

// failureText says in words what goes wrong, and what to do.
func failureText(t respond.Tongue, text string) string {
	return t.T("admin_failure_" + failureKey(text))
}
