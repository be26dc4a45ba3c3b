// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// unified writes hunks as people know them.
func unified(hunks []DiffHunk) string {
	var b strings.Builder
	for _, h := range hunks {
		fmt.Fprintf(&b, "@@ -%d,%d +%d,%d @@\n", h.From, h.FromLines, h.To, h.ToLines)
		for _, line := range h.Lines {
			b.WriteString(string(line.Op) + line.Text + "\n")
		}
	}
	return b.String()
}

func TestDiffLines(t *testing.T) {
	for _, tt := range []struct {
		name, from, to string
		around         int
		want           string
	}{
		{"the same has no hunk", "a\nb\n", "a\nb", 3, ""},
		{"two empty texts", "", "", 3, ""},
		{"from nothing", "", "a\nb", 3, "@@ -0,0 +1,2 @@\n+a\n+b\n"},
		{"to nothing", "a", "", 3, "@@ -1,1 +0,0 @@\n-a\n"},
		{"a line changed", "a\nb\nc", "a\nx\nc", 1, "@@ -1,3 +1,3 @@\n a\n-b\n+x\n c\n"},
		{"ends of lines do not count", "a\r\nb\r\n", "a\nb\n", 1, ""},
		{"what is far apart stands apart", "a\n1\n2\n3\n4\n5\nb", "x\n1\n2\n3\n4\n5\ny", 1, "@@ -1,2 +1,2 @@\n-a\n+x\n 1\n@@ -6,2 +6,2 @@\n 5\n-b\n+y\n"},
		{"what is near stands together", "a\n1\n2\nb", "x\n1\n2\ny", 1, "@@ -1,4 +1,4 @@\n-a\n+x\n 1\n 2\n-b\n+y\n"},
		{"a line in the middle", "a\nb\nc\nd", "a\nb\nnew\nc\nd", 0, "@@ -2,0 +3,1 @@\n+new\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, unified(DiffLines(tt.from, tt.to, tt.around))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestDiffRebuilds: with all lines around, a comparison has both texts in it, and as
// few changes as a table of all prefixes finds.
func TestDiffRebuilds(t *testing.T) {
	lines := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c", "d"}), 0, 12)
	rapid.Check(t, func(t *rapid.T) {
		a, b := lines.Draw(t, "from"), lines.Draw(t, "to")
		var from, to []string
		edits := 0
		hunks := DiffLines(strings.Join(a, "\n"), strings.Join(b, "\n"), 100)
		for _, h := range hunks {
			for _, line := range h.Lines {
				if line.Op != DiffAdd {
					from = append(from, line.Text)
				}
				if line.Op != DiffRemove {
					to = append(to, line.Text)
				}
				if line.Op != DiffSame {
					edits++
				}
			}
		}
		if len(hunks) == 0 {
			from, to = a, a
		}
		if strings.Join(from, "\n") != strings.Join(a, "\n") || strings.Join(to, "\n") != strings.Join(b, "\n") {
			t.Fatalf("%q and %q became %q and %q", a, b, from, to)
		}
		if want := len(a) + len(b) - 2*common(a, b); edits != want {
			t.Fatalf("%q and %q differ by %d lines, want %d", a, b, edits, want)
		}
	})
}

// common is the length of the longest common subsequence.
func common(a, b []string) int {
	table := make([][]int, len(a)+1)
	for i := range table {
		table[i] = make([]int, len(b)+1)
	}
	for i := range a {
		for j := range b {
			table[i+1][j+1] = max(table[i][j+1], table[i+1][j])
			if a[i] == b[j] {
				table[i+1][j+1] = table[i][j] + 1
			}
		}
	}
	return table[len(a)][len(b)]
}

// TestDiffIsBounded: texts that share nothing do not take the square of their length.
func TestDiffIsBounded(t *testing.T) {
	var a, b strings.Builder
	for i := range 60_000 {
		fmt.Fprintf(&a, "%d\n", i)
		fmt.Fprintf(&b, "x%d\n", i)
	}
	hunks := DiffLines(a.String(), b.String(), 3)
	if len(hunks) != 1 || hunks[0].FromLines != 60_000 || hunks[0].ToLines != 60_000 {
		t.Errorf("%d hunks", len(hunks))
	}
}
