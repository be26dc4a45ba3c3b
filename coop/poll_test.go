// SPDX-License-Identifier: AGPL-3.0-or-later

package coop_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"minga/coop"
)

// ballots is a poll of two hours with the titles given.
func ballots(titles ...string) *coop.Poll {
	return coop.NewPoll(titles, 2*time.Hour, false, false, noon)
}

func TestPollValidate(t *testing.T) {
	many := strings.Split("a b c d e f g h i j k", " ")
	for _, tt := range []struct {
		name  string
		poll  *coop.Poll
		field string // empty: it may be asked
	}{
		{"two answers", ballots("yes", "no"), ""},
		{"ten answers", ballots(many[:10]...), ""},
		{"one answer is none", ballots("yes"), "poll.options"},
		{"eleven are too many", ballots(many...), "poll.options"},
		{"a hundred characters, not bytes", ballots(strings.Repeat("ñ", 100), "no"), ""},
		{"a hundred and one", ballots(strings.Repeat("ñ", 101), "no"), "poll.options[0]"},
		{"an empty answer", ballots("yes", "  "), "poll.options[1]"},
		{"the same answer twice", ballots("yes", "no", "yes "), "poll.options[2]"},
		{"five minutes", coop.NewPoll([]string{"a", "b"}, 5*time.Minute, true, true, noon), ""},
		{"four minutes", coop.NewPoll([]string{"a", "b"}, 4*time.Minute, false, false, noon), "poll.expires_in"},
		{"thirty days", coop.NewPoll([]string{"a", "b"}, 30*24*time.Hour, false, false, noon), ""},
		{"thirty-one days", coop.NewPoll([]string{"a", "b"}, 31*24*time.Hour, false, false, noon), "poll.expires_in"},
		{"no end", &coop.Poll{Options: []coop.PollOption{{Title: "a"}, {Title: "b"}}}, "poll.expires_in"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var invalid *coop.InvalidError
			field := ""
			if errors.As(tt.poll.Validate(noon), &invalid) {
				field = invalid.Field
			}
			if field != tt.field {
				t.Errorf("complained about %q, want %q", field, tt.field)
			}
		})
	}
}

func TestMayChoose(t *testing.T) {
	one, some := ballots("a", "b", "c"), ballots("a", "b", "c")
	some.Multiple = true
	closed := ballots("a", "b")
	closed.Closed = noon
	for _, tt := range []struct {
		name            string
		poll            *coop.Poll
		choices, before []int
		at              time.Time
		code            string // empty: the vote counts
	}{
		{"one of three", one, []int{2}, nil, noon, ""},
		{"two where one may be chosen", one, []int{0, 1}, nil, noon, coop.CodeTooMany},
		{"two of several", some, []int{0, 2}, nil, noon, ""},
		{"the same twice", some, []int{1, 1}, nil, noon, coop.CodeNotAllowed},
		{"none", some, nil, nil, noon, coop.CodeRequired},
		{"beyond the last", one, []int{3}, nil, noon, coop.CodeRange},
		{"below the first", one, []int{-1}, nil, noon, coop.CodeRange},
		{"a second time", one, []int{1}, []int{0}, noon, coop.CodeNotAllowed},
		{"a second time of several", some, []int{1}, []int{0}, noon, coop.CodeNotAllowed},
		{"a moment before the end", one, []int{0}, nil, noon.Add(2*time.Hour - 1), ""},
		{"at the end", one, []int{0}, nil, noon.Add(2 * time.Hour), coop.CodePast},
		{"closed before its end", closed, []int{0}, nil, noon, coop.CodePast},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var invalid *coop.InvalidError
			code := ""
			if errors.As(tt.poll.MayChoose(tt.choices, tt.before, tt.at), &invalid) {
				code = invalid.Code
			}
			if code != tt.code {
				t.Errorf("refused with %q, want %q", code, tt.code)
			}
		})
	}
}

func TestPollCounts(t *testing.T) {
	p, q := ballots("a", "b"), ballots("a", "b")
	q.Options[0].Votes, q.Options[1].Votes, q.Voters = 3, coop.UnknownVotes, 3
	if !p.SameQuestion(q) {
		t.Fatal("the same question is another")
	}
	if p.Count(q); p.Votes() != 3 || p.Voters != 3 {
		t.Errorf("counts %+v", p)
	}
	for name, change := range map[string]func(*coop.Poll){
		"another answer":    func(p *coop.Poll) { p.Options[1].Title = "c" },
		"one answer more":   func(p *coop.Poll) { p.Options = append(p.Options, coop.PollOption{Title: "c"}) },
		"another order":     func(p *coop.Poll) { p.Options[0], p.Options[1] = p.Options[1], p.Options[0] },
		"several at a time": func(p *coop.Poll) { p.Multiple = true },
	} {
		if c := p.Clone(); func() bool { change(c); return p.SameQuestion(c) }() {
			t.Errorf("%s is the same question", name)
		}
	}
	p.HideTotals = true
	if !p.Hides(noon) || p.Hides(p.Ends) {
		t.Error("counts are hidden until the end, and not longer")
	}
}

// TestNoVoterHasTwoVotes: whatever is chosen in whatever order, a voter has one vote
// at most where one may be chosen, and one an option elsewhere.
func TestNoVoterHasTwoVotes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := ballots("a", "b", "c")
		p.Multiple = rapid.Bool().Draw(t, "multiple")
		var had []int
		for range 5 {
			choices := rapid.SliceOfN(rapid.IntRange(-1, 4), 0, 4).Draw(t, "choices")
			if p.MayChoose(choices, had, noon) == nil {
				had = append(had, choices...)
			}
		}
		seen := map[int]bool{}
		for _, choice := range had {
			if seen[choice] || choice < 0 || choice > 2 {
				t.Fatalf("voted %v", had)
			}
			seen[choice] = true
		}
		if len(had) > 1 && !p.Multiple {
			t.Fatalf("voted %v where one may be chosen", had)
		}
	})
}

func TestEmoji(t *testing.T) {
	for code, want := range map[string]bool{
		"blobcat": true, "Blob_1": true, strings.Repeat("a", 64): true,
		"": false, strings.Repeat("a", 65): false, "a-b": false, "gato:": false, "ñ": false, "a b": false, "x@y": false,
	} {
		if coop.ValidShortcode(code) != want {
			t.Errorf("%q is %t", code, !want)
		}
	}
	list := []coop.Emoji{{Shortcode: "cat"}, {Shortcode: "dog"}}
	if used := coop.EmojiIn(list, "no", "a :dog: and a cat"); len(used) != 1 || used[0].Shortcode != "dog" {
		t.Errorf("used %v", used)
	}
}
