// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"bytes"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"minga/coop"
)

// TestStyleWeight holds what every page loads to its budget (web.md §6), in bytes.
func TestStyleWeight(t *testing.T) {
	a, err := loadAssets()
	if err != nil {
		t.Fatal(err)
	}
	if n := len(a.files["minga.css"].gzipped); n > 8<<10 {
		t.Errorf("the style sheet has %d bytes", n)
	}
	plain, zipped := 0, 0
	for name, file := range a.files {
		if strings.HasSuffix(name, ".js") && !file.fixed {
			plain, zipped = plain+len(file.plain), zipped+len(file.gzipped)
		}
	}
	if plain > 10_000 || zipped > 6<<10 {
		t.Errorf("the scripts have %d bytes, %d compressed", plain, zipped)
	}
}

// rule is one rule of the style sheet.
type rule struct {
	selector string
	says     map[string]string
}

var (
	ruleShape  = regexp.MustCompile(`([^{};]+)\{([^{}]*)\}`)
	tokenShape = regexp.MustCompile(`--([a-z0-9-]+):(#[0-9A-F]{6})`)
	variable   = regexp.MustCompile(`^var\(--([a-z0-9-]+)\)$`)
)

// rulesOf are the rules of a sheet, whatever stands around them.
func rulesOf(css string) []rule {
	var rules []rule
	for _, m := range ruleShape.FindAllStringSubmatch(css, -1) {
		r := rule{m[1], map[string]string{}}
		for _, one := range strings.Split(m[2], ";") {
			if name, value, ok := strings.Cut(one, ":"); ok {
				r.says[name] = value
			}
		}
		rules = append(rules, r)
	}
	return rules
}

// named is the tokenShape that a declaration names; empty for any other value.
func (r rule) named(property string) string {
	if m := variable.FindStringSubmatch(r.says[property]); m != nil {
		return m[1]
	}
	return ""
}

// colours are the tokens of the style sheet, in the light and in the dark.
func colours(t *testing.T, css string) map[string]map[string]string {
	t.Helper()
	schemes := map[string]map[string]string{}
	for _, r := range rulesOf(css) {
		values := map[string]string{}
		for name, value := range r.says {
			if m := tokenShape.FindStringSubmatch(name + ":" + value); m != nil {
				values[m[1]] = m[2]
			}
		}
		name, dark := "light", r.says["color-scheme"] == "dark"
		if dark {
			name = "dark"
		}
		if len(values) == 0 || r.says["color-scheme"] == "" || strings.Contains(r.selector, ":root[data-theme]") {
			continue
		}
		if before := schemes[name]; before != nil && !maps.Equal(before, values) {
			t.Errorf("the tokens of %s differ from those before", r.selector)
		}
		schemes[name] = values
	}
	for name, value := range schemes["light"] {
		if schemes["dark"][name] == "" {
			schemes["dark"][name] = value
		}
	}
	return schemes
}

// pair is a colour on another, and what it must come to.
type pair struct {
	front, back, where string
	least              float64
}

// grounds are the backgrounds on which whatever names none may stand.
var grounds = []string{"paper", "surface", "sunken"}

// decoration are tokens that say nothing by themselves.
var decoration = []string{"line", "paper", "surface", "sunken", "maize"}

// pairsOf are the pairs that a sheet puts together (WCAG 2.2, 1.4.3 and 1.4.11): words on
// their own ground, or on every ground there is, 4.5; words that inherit their colour on
// a ground of their own likewise; edges of controls and of what has the focus, 3.
func pairsOf(css string) []pair {
	var pairs []pair
	for _, r := range rulesOf(css) {
		front, back := r.named("color"), r.named("background")
		backs := []string{back}
		if back == "" {
			backs = grounds
		}
		if front == "" && back != "" && !strings.Contains(r.selector, "meter") && !strings.Contains(r.selector, ".strip") {
			front = "ink"
		}
		for _, b := range backs {
			if front != "" && !strings.HasPrefix(front, "on-") || front != "" && back != "" {
				pairs = append(pairs, pair{front, b, r.selector, 4.5})
			}
		}
		for _, property := range []string{"border", "border-color", "border-inline-start-color", "border-block-end-color", "outline"} {
			fields := strings.Fields(r.says[property])
			if len(fields) == 0 {
				continue
			}
			m := variable.FindStringSubmatch(fields[len(fields)-1])
			if m == nil || slices.Contains(decoration, m[1]) {
				continue
			}
			for _, b := range grounds {
				pairs = append(pairs, pair{m[1], b, r.selector + " " + property, 3})
			}
		}
	}
	return pairs
}

// TestContrast computes every pair of colours that the style sheet puts together, in the
// light and in the dark.
func TestContrast(t *testing.T) {
	css, err := styleSheet()
	if err != nil {
		t.Fatal(err)
	}
	pairs := pairsOf(string(css))
	if len(pairs) < 100 {
		t.Errorf("only %d pairs were found", len(pairs))
	}
	for scheme, c := range colours(t, string(css)) {
		for _, p := range pairs {
			front, back := c[p.front], c[p.back]
			if front == "" || back == "" {
				t.Errorf("%s: %s names %s or %s, which there is not", scheme, p.where, p.front, p.back)
			} else if got := contrast(t, front, back); got < p.least {
				t.Errorf("%s: %s: %s on %s %.2f, want %.1f", scheme, p.where, p.front, p.back, got, p.least)
			}
		}
		for _, p := range []pair{{"ink", "paper", "", 7}, {"ink", "surface", "", 7}, {"ink", "sunken", "", 7}} {
			if got := contrast(t, c[p.front], c[p.back]); got < p.least {
				t.Errorf("%s: %s on %s %.2f, want %.1f", scheme, p.front, p.back, got, p.least)
			}
		}
	}
}

// contrast is the ratio of two colours as they stand in the sheet.
func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, errX := coop.ParseColour(a)
	y, errY := coop.ParseColour(b)
	if errX != nil || errY != nil {
		t.Fatalf("colours %s, %s: %v %v", a, b, errX, errY)
	}
	return x.Contrast(y)
}

// TestContrastFinds sees what is too faint, so that the test above can fail.
func TestContrastFinds(t *testing.T) {
	found := pairsOf(string(tight([]byte(`.a { color: var(--line); } .b { background: var(--maize); color: var(--on-maize) } .c { border: 1px solid var(--control); } .d { border: 1px solid var(--line); }`))))
	if len(found) != 3+1+3 || found[0].front != "line" || found[3] != (pair{"on-maize", "maize", ".b", 4.5}) {
		t.Errorf("%v", found)
	}
}

// TestTight leaves nothing out that means something.
func TestTight(t *testing.T) {
	got := tight([]byte("/* a\n * b */\n@layer x {\n  .a :hover, .b::after { content: \" (\" attr(href) \")\"; inset: calc(1px - 2px); }\n}\n"))
	want := []byte(`@layer x{.a :hover,.b::after{content:" (" attr(href) ")";inset:calc(1px - 2px)}}`)
	if !bytes.Equal(got, want) {
		t.Errorf("%s", got)
	}
}
