// SPDX-License-Identifier: AGPL-3.0-or-later

package carry

import (
	"strings"
	"testing"
)

// TestMarkdownOf reads HTML as editors of sites write it.
func TestMarkdownOf(t *testing.T) {
	const page = "https://old.example/2024/bread/"
	for _, tt := range []struct {
		name, html, want string
		breaks           bool
	}{
		{"paragraphs", "<!-- wp:paragraph -->\n<p>One  two</p>\n<!-- /wp:paragraph --><p>three<br>four</p>", "One two\n\nthree\\\nfour", false},
		{"stress", "<p><b> bold </b>and <em>x<em>y</em></em> <strong></strong>end</p>", "**bold** and *xy* end", false},
		{"stress that nobody ends", "<p><b>bold</p><p>not</b></p>", "**bold**\n\nnot", false},
		{"headings and rules", "<h2>Our <b>bread</b></h2><hr/>x", "## Our **bread**\n\n* * *\n\nx", false},
		{"lists", "<ul><li>a</li><li>b<ol><li>c</li><li>d</li></ol></li></ul><p>e</p>", "- a\n- b\n    1. c\n    2. d\n\ne", false},
		{"a point of two paragraphs", "<ul><li><p>a</p><p>b</p></li></ul>", "- a\n\n    b", false},
		{"quotations", "<blockquote><p>a</p><p>b</p></blockquote>c", "> a\n> \n> b\n\nc", false},
		{
			"links", `<a href="/about?a=1&amp;b=2">we</a> <a href="javascript:alert(1)">no</a> <a href="mailto:a@b.example">mail</a> <a href="https://x.example/a_(b)">x</a>`,
			"[we](https://old.example/about?a=1&b=2) no [mail](mailto:a@b.example) [x](https://x.example/a_%28b%29)", false,
		},
		{
			"pictures", `<figure><a href="big.jpg"><img src="small.jpg" alt="A [loaf]"/></a><figcaption>Ours</figcaption></figure><img src="data:image/png;base64,x" alt="dot">`,
			"![A \\[loaf\\]](https://old.example/2024/bread/small.jpg)\n\nOurs\n\ndot", false,
		},
		{"code", "<p>type <code>a_b*</code></p><pre><code>if a &lt; b {\n  c_d\n}</code></pre>", "type `a_b*`\n\n```\nif a < b {\n  c_d\n}\n```", false},
		{"tables", "<table><tr><th>who</th><th>hours</th></tr><tr><td>Ana</td><td>3|4</td></tr></table>after", "| who | hours |\n| --- | --- |\n| Ana | 3\\|4 |\n\nafter", false},
		{"a table that nobody ends", "<table><tr><td>a", "| a |\n| --- |", false},
		{"what means something in Markdown", "<p># no *list* a_b [x] &lt;b&gt;</p><p>1. no</p><p>- no</p>", "\\# no \\*list\\* a\\_b \\[x\\] \\<b>\n\n1\\. no\n\n\\- no", false},
		{"addresses stay", "<p>see https://a.example/b_c_d</p>", "see https://a.example/b_c_d", false},
		{"scripts are nothing", "<script>alert(1)</script><style>p{}</style><p onclick=x>a</p><svg><text>b</text></svg>", "a", false},
		{"films are links", `<iframe src="https://films.example/1"></iframe>`, "<https://films.example/1>", false},
		{"the first editor of WordPress", "One\nline <b>two</b>\n\nThree\r\n\r\n<blockquote>Four</blockquote>\nFive", "One\\\nline **two**\n\nThree\n\n> Four\n\nFive", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := MarkdownOf(tt.html, page, tt.breaks); got != tt.want {
				t.Errorf("%q\nwant %q", got, tt.want)
			}
		})
	}
}

// FuzzMarkdownOf never panics, and what it gives is never much longer than what came.
func FuzzMarkdownOf(f *testing.F) {
	for _, seed := range []string{"<ul><li>a<ol><li>b", "<table><tr><td><b>x</table>", "<a href=/x><b>y</a></b>", "<pre>```", "a\n\nb", "<blockquote><blockquote>x", "<iframe src=https://a.example>", "<code><b>`</code>"} {
		f.Add(seed, true)
		f.Add(seed, false)
	}
	f.Fuzz(func(t *testing.T, source string, breaks bool) {
		got := MarkdownOf(source, "https://old.example/", breaks)
		if len(got) > 100*(len(source)+10) || strings.Contains(got, "<script") || strings.TrimSpace(got) != got {
			t.Errorf("%d bytes became %d: %.200q", len(source), len(got), got)
		}
	})
}
