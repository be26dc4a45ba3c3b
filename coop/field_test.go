// SPDX-License-Identifier: AGPL-3.0-or-later

package coop_test

import (
	"testing"

	"minga/coop"
)

func TestFieldLink(t *testing.T) {
	for _, tt := range []struct {
		name, value string
		want        coop.IRI
	}{
		{"as our writer makes it", `<a href="https://telar.example/" rel="me nofollow noopener ugc">telar.example/</a>`, "https://telar.example/"},
		{"with hidden parts", `<a href="https://telar.example/a?b=1&amp;c=2" rel="me"><span class="invisible">https://</span><span>telar.example/a</span></a>`, "https://telar.example/a?b=1&c=2"},
		{"in a paragraph", `<p><a rel="me" href="https://telar.example/">x</a></p>`, "https://telar.example/"},
		{"plain text", "telar.example", ""},
		{"a link in a sentence", `see <a href="https://telar.example/">this</a>`, ""},
		{"two links", `<a href="https://a.example/">a</a><a href="https://b.example/">b</a>`, ""},
		{"another scheme", `<a href="mailto:ana@telar.example">ana</a>`, ""},
		{"a mention", `<span class="h-card"><a href="https://telar.example/@ana" class="u-url mention">@<span>ana</span></a></span>`, ""},
		{"nothing", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := coop.FieldLink(tt.value); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}
