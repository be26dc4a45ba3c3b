// SPDX-License-Identifier: AGPL-3.0-or-later

package text

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"minga/coop"
	"minga/federation/sanitize"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

func TestMarkdownOfNotes(t *testing.T) {
	ana := `<span class="h-card" translate="no"><a href="https://here.example/@ana" class="u-url mention">@<span>ana</span></a></span>`
	for _, tt := range []struct{ name, in, want string }{
		{"stress and lines", "**one** _two_\nthree", "<p><strong>one</strong> <em>two</em><br />three</p>"},
		{"headings become strong", "# Title\n\ntext", "<p><strong>Title</strong></p><p>text</p>"},
		{"lists and quotes", "- a\n- b\n\n> c", "<ul><li>a</li><li>b</li></ul><blockquote><p>c</p></blockquote>"},
		{"rules go", "a\n\n---\n\nb", "<p>a</p><p>b</p>"},
		{"a mention", "hi **@ana**!", "<p>hi <strong>" + ana + "</strong>!</p>"},
		{"a hashtag with underscores", "#one_two_three", "<p>" + tagged("one_two_three", "one_two_three") + "</p>"},
		{"names in code stay", "`@ana #x`", "<p><code>@ana #x</code></p>"},
		{"raw HTML is off", "<b>x</b><script>y</script>", "<p>xy</p>"},
		{"a bare address", "see https://a.example/b_c_d.", "<p>see " + shown("https://a.example/b_c_d", "https://", "a.example/b_c_d", "") + ".</p>"},
		{"a named link", "[x](https://a.example)", `<p><a href="https://a.example">x</a></p>`},
		{"no script in links", "[x](javascript:alert(1))", "<p><a>x</a></p>"},
		{"mail is text", "x@ana.example", "<p>x@ana.example</p>"},
		{"tables are not for notes", "|a|\n|-|\n|1|", "<p>|a|<br />|-|<br />|1|</p>"},
	} {
		if got := typed().WriteMarkdown(tt.in).HTML; got != tt.want {
			t.Errorf("%s:\ngot  %s\nwant %s", tt.name, got, tt.want)
		}
	}
}

func TestLength(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		want     int
	}{
		{"letters", "abc", 3},
		{"nothing", "", 0},
		{"an address counts 23", "see https://a.example/" + strings.Repeat("x", 200), 4 + 23},
		{"a short one too", "http://a.b", 23},
		{"a handle counts without its host", "@ana@far.example hi", 4 + 3},
		{"a sign of several code points", "👩‍👩‍👧 e\u0301 🇦🇷🇺🇾", 1 + 1 + 1 + 1 + 2},
		{"a skin tone", "👍🏽", 1},
		{"line ends of Windows", "a\r\nb", 3},
		{"marks alone", "\u0301\u0301", 1},
	} {
		if got := Length(tt.in); got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
		}
	}
}

// pieces are what texts are made of, in any order.
var pieces = []string{
	"@ana", "@ana@b.example", "#Tag", "#合作社", "https://a.example/x", "http://b.example:80/?q=(1)", "(", ")", ".", "，", " ", "\n", "\n\n", "x", "é", "@", "#", "<b>", "&amp;", "\"", "'",
	"https://", "*", "_", "`", "[", "](", "- ", "> ", "1. ", "\u200c", "·", "e\u0301", "\x00", "https://ü.example/ñ", "mailto:a@b.example",
}

func TestWhatIsTypedProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		source := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 30).Draw(t, "pieces"), "")
		checkTyped(t, coop.CleanText(source, len(source)))
	})
}

// checkTyped holds for each text: the HTML is clean, says what the text says, and
// names whom it names.
func checkTyped(t interface{ Fatalf(string, ...any) }, source string) {
	w := typed().Write(source)
	if again := sanitize.Own(w.HTML); again != w.HTML {
		t.Fatalf("not clean: %q\n%s\n%s", source, w.HTML, again)
	}
	if got, want := squeezed(sanitize.Text(w.HTML)), squeezed(source); !strings.Contains(source, "@") && got != want {
		t.Fatalf("says %q, typed %q", got, want)
	}
	for _, tag := range w.Hashtags {
		if !strings.Contains(w.HTML, `rel="tag">#<span>`+tag+"</span>") {
			t.Fatalf("#%s is not in %s", tag, w.HTML)
		}
	}
	for _, p := range w.Mentions {
		if !strings.Contains(w.HTML, `href="`+p.URL+`" class="u-url mention"`) {
			t.Fatalf("%s is not in %s", p.URL, w.HTML)
		}
	}
	for _, h := range Handles(source) {
		if h.Name == "" || strings.ContainsAny(h.Host, " /\n") {
			t.Fatalf("handle %v in %q", h, source)
		}
	}
	if n := Length(source); n < 0 || n > utf8.RuneCountInString(source)+URLLength*strings.Count(source, "://") {
		t.Fatalf("%q counts %d", source, n)
	}
	m := typed().WriteMarkdown(source)
	if again := sanitize.Own(m.HTML); again != m.HTML {
		t.Fatalf("Markdown is not clean: %q\n%s\n%s", source, m.HTML, again)
	}
}

func FuzzTyped(f *testing.F) {
	for _, seed := range pieces {
		f.Add("a " + seed + " b" + seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		if !utf8.ValidString(source) || len(source) > 10_000 {
			t.Skip()
		}
		checkTyped(t, coop.CleanText(source, len(source)))
	})
}

// squeezed is a text without what HTML cannot show: white space and controls.
func squeezed(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.IsControl(r) {
			return -1
		}
		return r
	}, norm.NFC.String(s))
}
