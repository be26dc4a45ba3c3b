// SPDX-License-Identifier: AGPL-3.0-or-later

package sanitize

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/net/html"
)

func TestHTML(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"plain text stays", "a < b & c", "a &lt; b &amp; c"},
		{"handlers go", `<p onclick="x()">hi</p>`, "<p>hi</p>"},
		{"svg goes, text stays", `<svg/onload=alert(1)>x`, " x"},
		{"script goes with its text", `<script>alert(1)</script>ok`, "ok"},
		{"script schemes go, text stays", `<a href="javascript:alert(1)">x</a>`, "<a>x</a>"},
		{"broken by a tab", "<a href=\"java\tscript:alert(1)\">x</a>", "<a>x</a>"},
		{"a mail address and nothing else", `<a href="mailto:a@b.example?bcc=c@d.example&body=x">m</a>`, `<a href="mailto:a@b.example" rel="nofollow noopener ugc">m</a>`},
		{"two mail addresses", `<a href="mailto:a@b.example,c@d.example">m</a>`, "<a>m</a>"},
		{"a user before the host", `<a href="https://bank.example@evil.example/">x</a>`, "<a>x</a>"},
		{"another address in wide letters", `<a href="https://evil.example/">ｂａｎｋ。com</a>`, `<a href="https://evil.example/" rel="nofollow noopener ugc">https://evil.example/</a>`},
		{"another address with what cannot be seen", "<a href=\"https://evil.example/\">ba\u00adnk.com\u202e</a>", `<a href="https://evil.example/" rel="nofollow noopener ugc">https://evil.example/</a>`},
		{"another address with a leader for a dot", "<a href=\"https://evil.example/\">bank\u2024com\u2215login</a>", `<a href="https://evil.example/" rel="nofollow noopener ugc">https://evil.example/</a>`},
		{"another address and words", `<a href="https://evil.example/">https://bank.example/ (safe)</a>`, `<a href="https://evil.example/" rel="nofollow noopener ugc">https://evil.example/</a>`},
		{"its own address and words", `<a href="https://coop.example/@ana">https://coop.example/@ana here</a>`, `<a href="https://coop.example/@ana" rel="nofollow noopener ugc">https://coop.example/@ana here</a>`},
		{"a handle is no address", `<a href="https://coop.example/@ana">@ana@coop.example</a>`, `<a href="https://coop.example/@ana" rel="nofollow noopener ugc">@ana@coop.example</a>`},
		{"data goes", `<a href="data:text/html,x">x</a>`, "<a>x</a>"},
		{"links are not trusted", `<a href="https://a.example/" target="_blank">x</a>`, `<a href="https://a.example/" rel="nofollow noopener ugc">x</a>`},
		{"tags stay tags", `<a href="https://a.example/t" class="mention hashtag" rel="tag">#<span>x</span></a>`, `<a href="https://a.example/t" class="mention hashtag" rel="tag nofollow noopener ugc">#<span>x</span></a>`},
		{"mail", `<a href="mailto:a@b.example">m</a>`, `<a href="mailto:a@b.example" rel="nofollow noopener ugc">m</a>`},
		{"unknown classes go", `<span class="h-card evil">x</span>`, `<span class="h-card">x</span>`},
		{"style and id go", `<p style="position:fixed" id="top">x</p>`, "<p>x</p>"},
		{"no remote images", `a<img src="https://t.example/p.gif">b`, "a b"},
		{"a masked link shows its target", `<a href="https://evil.example/">https://bank.example</a>`, `<a href="https://evil.example/" rel="nofollow noopener ugc">https://evil.example/</a>`},
		{"a masked bare host too", `<a href="https://evil.example/">bank.com/login</a>`, `<a href="https://evil.example/" rel="nofollow noopener ugc">https://evil.example/</a>`},
		{"words with dots are no hosts", `<a href="https://nodejs.org/">node.js</a>`, `<a href="https://nodejs.org/" rel="nofollow noopener ugc">node.js</a>`},
		{"split links stay", `<a href="https://a.example/long"><span class="invisible">https://</span><span>a.example/long</span></a>`, `<a href="https://a.example/long" rel="nofollow noopener ugc"><span class="invisible">https://</span><span>a.example/long</span></a>`},
		{"open tags are closed", "<ul><li><b>x", "<ul><li><b>x</b></li></ul>"},
		{"stray ends go", "</p></ul>x</b>", "x"},
		{"comments go", "a<!-- b -->c", "ac"},
		{"headings and tables stay", "<h2>a</h2><table><tr><td>b</td></tr></table>", "<h2>a</h2><table><tr><td>b</td></tr></table>"},
		{"lists keep numbers", `<ol start="3"><li value="5">x</li></ol>`, `<ol start="3"><li value="5">x</li></ol>`},
		{"control characters go", "a\x00b\x1bc", "abc"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := HTML(tt.in); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestOwnKeepsRel(t *testing.T) {
	in := `<p><a href="https://a.example/tags/x" class="mention hashtag" rel="tag">#<span>x</span></a></p>`
	if got := Own(in); got != in {
		t.Errorf("changed to %s", got)
	}
}

func TestText(t *testing.T) {
	in := "<p><strong>Filled: A &amp; B</strong></p><p>one<br>two</p><style>x</style><ul><li>three</li></ul>"
	if got, want := Text(in), "Filled: A & B\none\ntwo\nthree"; got != want {
		t.Errorf("got %q want %q", got, want)
	}
}

func TestHostileSizesAreQuick(t *testing.T) {
	for name, in := range map[string]string{
		"deep":  strings.Repeat("<ul><li>", 10000),
		"stars": strings.Repeat("*[<", 100000),
		"line":  strings.Repeat("a", 1<<20),
		"links": strings.Repeat(`<a href="https://e.example">https://b.example</a>`, 5000),
	} {
		start := time.Now()
		out := HTML(in)
		// What grows with the square of its size would take hours.
		if took := time.Since(start); took > time.Minute {
			t.Errorf("%s took %v", name, took)
		}
		if d := depth(out); d > MaxDepth {
			t.Errorf("%s is %d deep", name, d)
		}
	}
}

// TestWhatGrowsIsCut: text that is escaped grows to five times its size; what is kept, and
// shown forty times on a page, does not.
func TestWhatGrowsIsCut(t *testing.T) {
	for name, in := range map[string]string{
		"ampersands": strings.Repeat("&", 110_000), "quotes": "<p>" + strings.Repeat(`"ñ`, 80_000) + "</p>",
	} {
		out := HTML(in)
		if len(out) > MaxHTML || len(out) < MaxHTML-10 {
			t.Errorf("%s: %d bytes", name, len(out))
		}
		if again := HTML(out); again != out || !utf8.ValidString(out) {
			t.Errorf("%s: cleaned again it is another text, of %d bytes", name, len(again))
		}
	}
	if whole := "<p>" + strings.Repeat("pan ", 10_000) + "</p>"; HTML(whole) != whole {
		t.Error("a long text is cut")
	}
}

// depth is how deep tags go; it also fails the caller on unbalanced ones by -1.
func depth(s string) int {
	z, now, most := html.NewTokenizer(strings.NewReader(s)), 0, 0
	for {
		switch z.Next() {
		case html.ErrorToken:
			if now != 0 {
				return MaxDepth + 1
			}
			return most
		case html.StartTagToken:
			if name, _ := z.TagName(); !void(string(name)) {
				now++
			}
			most = max(most, now)
		case html.EndTagToken:
			now--
		}
	}
}

func FuzzHTML(f *testing.F) {
	for _, s := range []string{
		"<p>x</p>", "<svg/onload=1>", "<a href='https://a.b'>c.com</a>", "<ul><li>", "&lt;script&gt;", "<plaintext>x", "<textarea><p>",
		"<math><style><img src=x onerror=1>", "<a href=\"http://[::1]\">x", "<span class='h-x <'>", "</a><a><a>", "<ol reversed>", "&#x3c;b&#62;",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, do := range []func(string) string{HTML, Own, Brief} {
			once := do(s)
			if twice := do(once); twice != once {
				t.Fatalf("not stable:\n%q\n%q\n%q", s, once, twice)
			}
			if depth(once) > MaxDepth {
				t.Fatalf("unbalanced or deep: %q", once)
			}
			allowed(t, once)
		}
	})
}

// allowed reads the output as a browser's tokenizer would.
func allowed(t *testing.T, s string) {
	t.Helper()
	z := html.NewTokenizer(strings.NewReader(s))
	for kind := z.Next(); kind != html.ErrorToken; kind = z.Next() {
		token := z.Token()
		if kind == html.TextToken {
			continue
		}
		known := false
		for _, e := range elements {
			known = known || e == token.Data
		}
		if !known {
			t.Fatalf("element %q in %q", token.Data, s)
		}
		for _, a := range token.Attr {
			if !strings.Contains(" href class translate rel start reversed value ", " "+a.Key+" ") {
				t.Fatalf("attribute %q in %q", a.Key, s)
			}
			scheme, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(a.Val)), ":")
			if a.Key == "href" && scheme != "http" && scheme != "https" && scheme != "mailto" {
				t.Fatalf("href %q in %q", a.Val, s)
			}
		}
	}
}
