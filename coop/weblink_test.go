// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWebLinks(t *testing.T) {
	for _, tt := range []struct {
		name, html string
		want       []string
	}{
		{"two pages, one of them twice", `<p><a href="https://A.example/x#y">x</a> <a href="https://b.example/">b</a> <a href="https://a.example/x">x</a></p>`, []string{"https://a.example/x", "https://b.example"}},
		{"neither people nor hashtags", `<p><a href="https://a.example/@ana" class="u-url mention">@ana</a> <a href="https://a.example/tags/pan" rel="tag">#pan</a> <a class="hashtag" href="https://a.example/x">#x</a></p>`, nil},
		{"no other schemes", `<a href="mailto:a@b.example">a</a><a href="javascript:x">b</a><a href="/own">c</a><a>d</a>`, nil},
		{"an endless one is none", `<a href="https://a.example/` + strings.Repeat("x", maxWebLink) + `">x</a>`, nil},
		{
			"five at most", strings.Repeat(`<a href="https://a.example/1">1</a>`, 3) + `<a href="https://a.example/2"></a><a href="https://a.example/3"></a><a href="https://a.example/4"></a><a href="https://a.example/5"></a><a href="https://a.example/6"></a>`,
			[]string{"https://a.example/1", "https://a.example/2", "https://a.example/3", "https://a.example/4", "https://a.example/5"},
		},
		{"the query counts", `<a href="https://a.example/?q=1">q</a>`, []string{"https://a.example/?q=1"}},
		{"broken mark-up", `<a href="https://a.example`, nil},
	} {
		if diff := cmp.Diff(tt.want, WebLinks(tt.html)); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
}
