// SPDX-License-Identifier: AGPL-3.0-or-later

package text

import (
	"strings"
	"testing"
	"time"
	"unicode"

	"minga/coop"
	"minga/federation/sanitize"

	"github.com/google/go-cmp/cmp"
)

func typed() Typed {
	return Typed{
		Find: func(h coop.Handle) (Person, bool) {
			if h.Name != "ana" || strings.IndexFunc(h.Host, func(r rune) bool { return r > unicode.MaxASCII }) >= 0 {
				return Person{}, false
			}
			host := h.Host
			if host == "" {
				host = "here.example"
			}
			return Person{IRI: coop.IRI("https://" + host + "/people/ana"), URL: "https://" + host + "/@ana", Handle: coop.Handle{Name: "ana", Host: host}}, true
		},
		Tag: func(s string) string { return "https://here.example/tags/" + strings.ToLower(s) },
	}
}

func TestTyped(t *testing.T) {
	ana := `<span class="h-card" translate="no"><a href="https://here.example/@ana" class="u-url mention">@<span>ana</span></a></span>`
	for _, tt := range []struct{ name, in, want string }{
		{"escapes", `a < b & "c"`, `<p>a &lt; b &amp; &#34;c&#34;</p>`},
		{"paragraphs and lines", "one\ntwo\n\n\n\nthree", "<p>one<br />two</p><p>three</p>"},
		{"a mention", "hi @ana!", "<p>hi " + ana + "!</p>"},
		{"a mention elsewhere", "@ana@b.example.", `<p><span class="h-card" translate="no"><a href="https://b.example/@ana" class="u-url mention">@<span>ana</span></a></span>.</p>`},
		{"nobody", "@nobody", "<p>@nobody</p>"},
		{"mail is no mention", "write to x@ana.example", "<p>write to x@ana.example</p>"},
		{"a hashtag", "#Coops yes", `<p><a href="https://here.example/tags/coops" class="mention hashtag" rel="tag">#<span>Coops</span></a> yes</p>`},
		{"a number is no hashtag", "#1 in line", "<p>#1 in line</p>"},
		{"a link", "see https://a.example/x?y=1&z#top.", `<p>see ` + shown("https://a.example/x?y=1&amp;z#top", "https://", "a.example/x?y=1&amp;z#top", "") + `.</p>`},
		{"brackets", "(https://a.example/b(c))", `<p>(` + shown("https://a.example/b(c)", "https://", "a.example/b(c)", "") + `)</p>`},
		{"a long link", "https://www.a.example/a/path/that/is/longer/than/thirty", "<p>" + shown("https://www.a.example/a/path/that/is/longer/than/thirty", "https://www.", "a.example/a/path/that/is/longe", "r/than/thirty") + "</p>"},
		{"a link with a password is text", "https://u:p@a.example/", "<p>https://u:p@a.example/</p>"},
		{"a letter in a host that nobody sees", "https://a\u200c.example/", "<p>https://a\u200c.example/</p>"},
		{"no host, no link", "https://) https://", "<p>https://) https://</p>"},
		{"blank lines with spaces part", "a\r\n \t\r\nb", "<p>a</p><p>b</p>"},
		{"a mention in brackets", "(@ana), 'cc @ana'", "<p>(" + ana + "), &#39;cc " + ana + "&#39;</p>"},
		{"a mention in a sentence of Chinese", "你好@ana，谢谢", "<p>你好" + ana + "，谢谢</p>"},
		{"an address of a profile is no mention", "a.example/@ana", "<p>a.example/@ana</p>"},
		{"mail with a dot is no mention", "x.@ana", "<p>x.@ana</p>"},
		{"a plus address is no mention", "x+@ana.example", "<p>x+@ana.example</p>"},
		{"a hashtag of Chinese", "看#合作社。", "<p>看" + tagged("%E5%90%88%E4%BD%9C%E7%A4%BE", "合作社") + "。</p>"},
		{"a hashtag of Hindi keeps its marks", "#हिन्दी", "<p>" + tagged("%E0%A4%B9%E0%A4%BF%E0%A4%A8%E0%A5%8D%E0%A4%A6%E0%A5%80", "हिन्दी") + "</p>"},
		{"a hashtag of Catalan keeps its dot", "#col·lectiu·", "<p>" + tagged("col%C2%B7lectiu", "col·lectiu") + "·</p>"},
		{"a hashtag is composed", "#cafe\u0301", "<p>" + tagged("caf%C3%A9", "café") + "</p>"},
		{"an entity is no hashtag", "it&#x27;s", "<p>it&amp;#x27;s</p>"},
		{"a fragment is no hashtag", "a.example/#top", "<p>a.example/#top</p>"},
		{"no script", "<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"},
	} {
		got := typed().Write(tt.in).HTML
		if got != tt.want {
			t.Errorf("%s:\ngot  %s\nwant %s", tt.name, got, tt.want)
		}
		if clean := sanitize.Own(got); clean != got {
			t.Errorf("%s: the sanitiser would change it to %s", tt.name, clean)
		}
	}
}

// shown is a link as rule has it: the scheme hidden, the first thirty characters
// shown, the rest hidden.
func shown(href, scheme, middle, rest string) string {
	out := `<a href="` + href + `" translate="no" rel="nofollow noopener ugc"><span class="invisible">` + scheme + `</span>`
	if rest == "" {
		return out + `<span>` + middle + `</span></a>`
	}
	return out + `<span class="ellipsis">` + middle + `</span><span class="invisible">` + rest + `</span></a>`
}

func tagged(path, tag string) string {
	return `<a href="https://here.example/tags/` + path + `" class="mention hashtag" rel="tag">#<span>` + tag + `</span></a>`
}

func TestTypedCollects(t *testing.T) {
	w := typed().Write("@ana @ana@here.example #a #A #b @nobody")
	if diff := cmp.Diff([]string{"a", "b"}, w.Hashtags); diff != "" {
		t.Error(diff)
	}
	if len(w.Mentions) != 1 {
		t.Errorf("mentions %v", w.Mentions)
	}
	want := []coop.Handle{{Name: "ana"}, {Name: "ana", Host: "here.example"}, {Name: "nobody"}}
	if diff := cmp.Diff(want, Handles("@ana @ana@here.example #a @nobody @ana")); diff != "" {
		t.Error(diff)
	}
}

func TestMarkdown(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{
			"as in the example", "We have changed the way we set our pay three times.\n\n## Equal pay\n\nIt was simple, and it lost us two colleagues with children.\n",
			"<p>We have changed the way we set our pay three times.</p><h2>Equal pay</h2><p>It was simple, and it lost us two colleagues with children.</p>",
		},
		{"lists", "- a\n- b\n\n1. c", "<ul><li>a</li><li>b</li></ul><ol><li>c</li></ol>"},
		{"raw HTML is off", "<script>alert(1)</script>\n\n<b onclick=x>y</b>", "<p>y</p>"},
		{"links", "[x](https://a.example) <javascript:alert(1)> [y](javascript:alert(1))", `<p><a href="https://a.example">x</a> <a>javascript:alert(1)</a> <a>y</a></p>`},
		{"code keeps its lines", "```go\na\n\nb\n```", "<pre><code>a\n\nb\n</code></pre>"},
		{"tables", "|a|b|\n|-|-|\n|1|2|", "<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>1</td><td>2</td></tr></tbody></table>"},
		{"pictures become links", "![a hall](https://a.example/hall.jpg)", `<p><a href="https://a.example/hall.jpg">a hall</a></p>`},
	} {
		if got, _ := Markdown(tt.in); got != tt.want {
			t.Errorf("%s:\ngot  %s\nwant %s", tt.name, got, tt.want)
		}
	}
	_, pictures := Markdown("![a hall](https://a.example/hall.jpg)")
	if diff := cmp.Diff([]coop.Attachment{{Type: "Image", URL: "https://a.example/hall.jpg", Alt: "a hall"}}, pictures); diff != "" {
		t.Error(diff)
	}
}

func TestBrief(t *testing.T) {
	in := "You look after it.\n\n## Tasks\n\n- **Python** every day\n- _one_ week"
	want := "<p>You look after it.</p><p>Tasks</p><ul><li><strong>Python</strong> every day</li><li><em>one</em> week</li></ul>"
	if got := Brief(in); got != want {
		t.Errorf("got %s", got)
	}
}

func TestHostileMarkdownIsQuick(t *testing.T) {
	for name, in := range map[string]string{
		"brackets": strings.Repeat("[", 100000),
		"mixed":    strings.Repeat("[a](", 25000),
		"stars":    strings.Repeat("*a ", 60000),
		"quotes":   strings.Repeat(">", 100000) + "x",
		"lists":    strings.Repeat("- ", 100000) + "x",
		"line":     strings.Repeat("a", 255<<10),
		"images":   strings.Repeat("![", 19000),
		"ticks":    strings.Repeat("`a``b```c", 5000),
		"entities": strings.Repeat("&", 100000),
		"angle":    strings.Repeat("<a ", 19000),
		"spread":   strings.Repeat("*_", 19000),
	} {
		start := time.Now()
		Markdown(in)
		if took := time.Since(start); took > 3*time.Second {
			t.Errorf("%s took %v", name, took)
		} else {
			t.Logf("%s took %v", name, took)
		}
	}
}

func FuzzMarkdown(f *testing.F) {
	f.Add("# a\n\n- b\n\n> c")
	f.Add("[a](b \"c\") ![d](https://e.f/g)")
	f.Fuzz(func(t *testing.T, s string) {
		out, _ := Markdown(s)
		if again := sanitize.Own(out); again != out {
			t.Fatalf("not clean: %q → %q", out, again)
		}
	})
}
