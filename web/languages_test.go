// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"strings"
	"testing"
)

// TestApplicationsAreToldTheLanguagesThatAreOffered: both instance documents name those of
// the pages, in their order.
func TestApplicationsAreToldTheLanguagesThatAreOffered(t *testing.T) {
	for _, tt := range []struct {
		name    string
		offered []string
		want    string
	}{
		{"all where none are named", nil, `"languages":["es","en","ca","it","pt"]`},
		{"some, in their order", []string{"it", "ca"}, `"languages":["it","ca"]`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newHouse(t, func(o *Options) { o.Languages = tt.offered })
			for _, path := range []string{"/api/v1/instance", "/api/v2/instance"} {
				if text := h.wants(200, "GET", path, "", ""); !strings.Contains(text, tt.want) {
					t.Errorf("%s: %s", path, text)
				}
			}
		})
	}
}
