// SPDX-License-Identifier: AGPL-3.0-or-later

package sanitize

import "testing"

// TestWhatClientsStyleStays: the marks by which clients know mentions, hashtags, cut
// links and the fall-back of a quote.
func TestWhatClientsStyleStays(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{
			"a mention", `<p><span class="h-card" translate="no"><a href="https://a.example/@u" class="u-url mention">@<span>u</span></a></span> hi</p>`,
			`<p><span class="h-card" translate="no"><a href="https://a.example/@u" class="u-url mention" rel="nofollow noopener ugc">@<span>u</span></a></span> hi</p>`,
		},
		{
			"a hashtag", `<a href="https://a.example/tags/x" class="mention hashtag" rel="tag">#<span>x</span></a>`,
			`<a href="https://a.example/tags/x" class="mention hashtag" rel="tag nofollow noopener ugc">#<span>x</span></a>`,
		},
		{
			"a cut link", `<a href="https://a.example/long/way" target="_blank" translate="no"><span class="invisible">https://</span><span class="ellipsis">a.example/lo</span><span class="invisible">ng/way</span></a>`,
			`<a href="https://a.example/long/way" translate="no" rel="nofollow noopener ugc"><span class="invisible">https://</span><span class="ellipsis">a.example/lo</span><span class="invisible">ng/way</span></a>`,
		},
		{
			"the fall-back of a quote", `<p class="quote-inline">RE: <a href="https://b.example/1">https://b.example/1</a></p><p>so</p>`,
			`<p class="quote-inline">RE: <a href="https://b.example/1" rel="nofollow noopener ugc">https://b.example/1</a></p><p>so</p>`,
		},
		{
			"the same as a span", `x<span class="quote-inline"><br><br>RE: https://b.example/1</span>`,
			`x<span class="quote-inline"><br /><br />RE: https://b.example/1</span>`,
		},
		{"words for pictures", `<p>:blobcat: hi</p>`, `<p>:blobcat: hi</p>`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := HTML(tt.in); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}
