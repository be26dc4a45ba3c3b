// SPDX-License-Identifier: AGPL-3.0-or-later

package coop_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"minga/coop"
)

func TestCleanLine(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		most     int
		want     string
	}{
		{"a plain line stays", "Telar", 10, "Telar"},
		{"white space at the ends goes and runs become one space", "  a \t b\r\nc ", 20, "a b c"},
		{"control characters go", "a\x00b\x1b[31mc", 20, "a b [31mc"},
		{"an override that turns text around goes", "a\u202Eevil", 20, "aevil"},
		{"invalid UTF-8 goes", "a\xffb", 20, "ab"},
		{"accents are composed", "cafe\u0301", 20, "café"},
		{"it is cut by characters, not bytes", "ñññññ", 3, "ñññ"},
		{"a cut leaves no space at the end", "ab cd", 3, "ab"},
		{"a word of nothing visible leaves no space", "\u200b a", 9, "a"},
		{"zero characters are none", "abc", 0, ""},
		{"fillers alone are nothing", "\u3164 \u2800\u115f", 9, ""},
		{"tags and soft hyphens alone are nothing", "\U000E0041\u00ad\ufe0f", 9, ""},
		{"a flag of tags stays", "\U0001F3F4\U000E0067\U000E007F", 9, "\U0001F3F4\U000E0067\U000E007F"},
		{"a joiner between letters stays", "\u0646\u200c\u0647", 9, "\u0646\u200c\u0647"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := coop.CleanLine(tt.in, tt.most); got != tt.want {
				t.Errorf("CleanLine(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestCleanText(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"line ends of every kind become one kind", "a\r\nb\rc\u2028d", "a\nb\nc\nd"},
		{"more than one empty line becomes one", "a\n\n\n\n\nb", "a\n\nb"},
		{"controls go, tabs stay", "a\x00\tb", "a\tb"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := coop.CleanText(tt.in, 100); got != tt.want {
				t.Errorf("CleanText(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestCleanLineHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in, most := rapid.String().Draw(t, "in"), rapid.IntRange(0, 40).Draw(t, "most")
		got := coop.CleanLine(in, most)
		if utf8.RuneCountInString(got) > most || !utf8.ValidString(got) || !norm.NFC.IsNormalString(got) {
			t.Fatalf("CleanLine(%q, %d) = %q", in, most, got)
		}
		if strings.ContainsFunc(got, unicode.IsControl) || got != strings.TrimSpace(got) {
			t.Fatalf("CleanLine(%q) = %q has controls or white space at an end", in, got)
		}
		if again := coop.CleanLine(got, most); again != got {
			t.Fatalf("cleaned twice %q became %q", got, again)
		}
	})
}

func TestShorten(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		most     int
		want     string
	}{
		{"what fits stays", "backend developer", 17, "backend developer"},
		{"what does not is cut at a word", "backend developer", 12, "backend…"},
		{"a single long word is cut inside", "aaaaaaaaaa", 5, "aaaa…"},
		{"one character has no room for an ellipsis", "ab", 1, "a"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := coop.Shorten(tt.in, tt.most); got != tt.want {
				t.Errorf("Shorten = %q, want %q", got, tt.want)
			}
		})
	}
}

func TestVisibleText(t *testing.T) {
	for _, tt := range []struct {
		name, in, want string
		length         int
	}{
		{"tags are not seen", "<p><strong>Filled:</strong> job</p>", "Filled: job", 11},
		{"entities are one character", "a &amp; b", "a & b", 5},
		{"paragraphs are lines", "<p>a</p><p>b</p>", "a\nb", 3},
		{"scripts and styles are not seen", "<style>p{}</style>a<script>alert(1)</script>b", "ab", 2},
		{"an unclosed tag hides nothing before it", "abc<b", "abc", 3},
		{"runs of white space count once", "a  \n  b", "a  \n  b", 3},
		{"comments are not seen", "a<!-- b -->c", "ac", 2},
		{"an empty text has no length", "", "", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := coop.VisibleText(tt.in); got != tt.want {
				t.Errorf("VisibleText = %q, want %q", got, tt.want)
			}
			if got := coop.VisibleLength(tt.in); got != tt.length {
				t.Errorf("VisibleLength = %d, want %d", got, tt.length)
			}
		})
	}
}

func TestFold(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"case", "DevOps", "devops"},
		{"accents of the five languages", "Diseño, gestão, perquè, è, CAFÉ", "diseno, gestao, perque, e, cafe"},
		{"the Catalan double l is one word", "Col·laboració", "collaboracio"},
		{"the old single character for it too", "co\u0140laborar", "collaborar"},
		{"a letter with stroke", "Łódź ø Straße", "lodz o strasse"},
		{"wide and composed forms", "ｐｙｔｈｏｎ ﬁn", "python fin"},
		{"other scripts keep what carries meaning", "हिन्दी", "हिन्दी"},
		{"a dot that is not between two l stays", "a·b", "a·b"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := coop.Fold(tt.in); got != tt.want {
				t.Errorf("Fold(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestFoldTwiceIsFoldOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		once := coop.Fold(s)
		if twice := coop.Fold(once); twice != once {
			t.Fatalf("Fold(%q) = %q, and again %q", s, once, twice)
		}
		words := coop.Words(s)
		if again := coop.Words(strings.Join(words, " ")); !cmp.Equal(words, again) {
			t.Fatalf("Words(%q) = %q, and again %q", s, words, again)
		}
	})
}

func TestWords(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		want     []string
	}{
		{"punctuation parts words", "back-end/API (remote)", []string{"back", "end", "api", "remote"}},
		{"C++ is not C", "C, C++ and C#", []string{"c", "cplusplus", "and", "csharp"}},
		{"a hashtag is its word", "#python", []string{"python"}},
		{"signs alone are no words", " -- + # ·", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, coop.Words(tt.in)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
