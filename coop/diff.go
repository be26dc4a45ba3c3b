// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"slices"
	"strings"
)

// DiffOp is what became of a line.
type DiffOp byte

// A line stayed, went or came.
const (
	DiffSame   DiffOp = ' '
	DiffRemove DiffOp = '-'
	DiffAdd    DiffOp = '+'
)

// DiffLine is one line of a comparison, without its end.
type DiffLine struct {
	Op   DiffOp
	Text string
}

// DiffHunk is a place where two texts differ, with lines around it that do not.
// Lines count from 1; of a side without lines there the line before is named, as
// unified diffs do.
type DiffHunk struct {
	From, FromLines int
	To, ToLines     int
	Lines           []DiffLine
}

// mostEdits bounds the work of a comparison: texts with more differences than
// these are shown as one that went and one that came.
const mostEdits = 1_000

// DiffLines compares two texts line by line: the fewest lines that go and come, each
// difference with the lines around it. The ends of lines do not count.
func DiffLines(from, to string, around int) []DiffHunk {
	a, b := splitLines(from), splitLines(to)
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	lines := make([]DiffLine, 0, len(a)+len(b)-head-tail)
	lines = appendLines(lines, DiffSame, a[:head])
	lines = append(lines, diffMiddle(a[head:len(a)-tail], b[head:len(b)-tail])...)
	lines = appendLines(lines, DiffSame, a[len(a)-tail:])
	return hunksOf(lines, max(around, 0))
}

// splitLines are the lines of a text; an empty text has none.
func splitLines(text string) []string {
	text = strings.TrimSuffix(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

// appendLines adds lines of one kind.
func appendLines(to []DiffLine, op DiffOp, lines []string) []DiffLine {
	for _, text := range lines {
		to = append(to, DiffLine{op, text})
	}
	return to
}

// diffMiddle compares lines whose first and last differ: the greedy search of Myers
// ("An O(ND) Difference Algorithm", 1986), which remembers of each number of edits
// how far every diagonal came.
func diffMiddle(a, b []string) []DiffLine {
	if len(a) == 0 || len(b) == 0 {
		return appendLines(appendLines(nil, DiffRemove, a), DiffAdd, b)
	}
	most := min(len(a)+len(b), mostEdits)
	reach := make([]int32, 2*most+3)
	var trace [][]int32
	for edits := 0; edits <= most; edits++ {
		trace = append(trace, slices.Clone(reach[most+1-edits:most+2+edits]))
		for k := -edits; k <= edits; k += 2 {
			x := furthest(reach, most+1, k, edits)
			for x < len(a) && x-k < len(b) && a[x] == b[x-k] {
				x++
			}
			reach[most+1+k] = int32(x)
			if x >= len(a) && x-k >= len(b) {
				return walkBack(trace, a, b)
			}
		}
	}
	return appendLines(appendLines(nil, DiffRemove, a), DiffAdd, b)
}

// furthest is where diagonal k begins with one edit more: below the diagonal above
// it, or right of the one below, whichever came further.
func furthest(reach []int32, middle, k, edits int) int {
	if k == -edits || k != edits && reach[middle+k-1] < reach[middle+k+1] {
		return int(reach[middle+k+1])
	}
	return int(reach[middle+k-1]) + 1
}

// walkBack reads the edits from the end to the beginning. trace[d] has what each
// diagonal from -d to d had reached before the d-th edit.
func walkBack(trace [][]int32, a, b []string) []DiffLine {
	var back []DiffLine
	x, y := len(a), len(b)
	for edits := len(trace) - 1; edits >= 0; edits-- {
		k, fromX, fromY := x-y, 0, 0
		if edits > 0 {
			before := k - 1
			if k == -edits || k != edits && trace[edits][k-1+edits] < trace[edits][k+1+edits] {
				before = k + 1
			}
			fromX = int(trace[edits][before+edits])
			fromY = fromX - before
		}
		for x > fromX && y > fromY {
			x, y = x-1, y-1
			back = append(back, DiffLine{DiffSame, a[x]})
		}
		switch {
		case edits == 0:
		case x == fromX:
			y--
			back = append(back, DiffLine{DiffAdd, b[y]})
		default:
			x--
			back = append(back, DiffLine{DiffRemove, a[x]})
		}
	}
	slices.Reverse(back)
	return back
}

// hunksOf cuts a comparison into the places that differ.
func hunksOf(lines []DiffLine, around int) []DiffHunk {
	var hunks []DiffHunk
	fromAt, toAt, until := 0, 0, -1 // lines before i on each side; where the last hunk ends
	for i, line := range lines {
		if line.Op != DiffSame && i >= until {
			begin := max(i-around, max(until, 0))
			h := DiffHunk{From: fromAt - (i - begin), To: toAt - (i - begin)}
			until = h.fill(lines, begin, around)
			hunks = append(hunks, h)
		}
		if line.Op != DiffAdd {
			fromAt++
		}
		if line.Op != DiffRemove {
			toAt++
		}
	}
	return hunks
}

// fill takes the lines of a hunk: up to where more lines stay than stand around two
// hunks. It says where the hunk ends.
func (h *DiffHunk) fill(lines []DiffLine, begin, around int) int {
	end, same := begin, 0
	seen := false
	for i := begin; i < len(lines) && (!seen || same <= 2*around); i++ {
		if lines[i].Op == DiffSame {
			same++
		} else {
			same, seen, end = 0, true, i+1
		}
	}
	end = min(end+around, len(lines))
	h.Lines = lines[begin:end]
	for _, line := range h.Lines {
		if line.Op != DiffAdd {
			h.FromLines++
		}
		if line.Op != DiffRemove {
			h.ToLines++
		}
	}
	if h.FromLines > 0 {
		h.From++
	}
	if h.ToLines > 0 {
		h.To++
	}
	return end
}
