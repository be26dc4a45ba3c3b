// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// action is one line of a history: what a client asked of a server, and what it was
// told. A thing is named by a mark in its title, since a client that gets no answer
// never learns its id.
type action struct {
	Op         string // publish, edit, delete
	Server     string
	Mark       string // unique in the history
	Version    int    // of the title: 0 as published
	Start, End time.Time
	Acked      bool // a 2xx came back
}

// history is what was done, in the order of the answers.
type history struct {
	mu   sync.Mutex
	list []action
}

func (h *history) add(a action) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.list = append(h.list, a)
}

// kept is what one server keeps of one thing: the versions of its title in the order
// in which it had them, and how many rows it is.
type kept struct {
	Versions []int
	Rows     int
}

// fate is what a history says of one thing.
type fate struct {
	server             string
	acked, deleted     bool // deleted: with an answer
	deleteAsked        bool
	lastAcked, lastAny int
}

// fates sums a history up by thing.
func (h *history) fates() map[string]*fate {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := map[string]*fate{}
	for _, a := range h.list {
		f := all[a.Mark]
		if f == nil {
			f = &fate{server: a.Server}
			all[a.Mark] = f
		}
		switch a.Op {
		case "publish":
			f.acked = f.acked || a.Acked
		case "edit":
			f.lastAny = max(f.lastAny, a.Version)
			if a.Acked {
				f.lastAcked = max(f.lastAcked, a.Version)
			}
		case "delete":
			f.deleteAsked = true
			f.deleted = f.deleted || a.Acked
		}
	}
	return all
}

// check compares a history with what the servers keep, by server and mark. It names
// what was acknowledged and is lost, what is doubled, out of order or back from the
// dead, and what nobody ever asked for.
func (h *history) check(stored map[string]map[string]kept) []string {
	var problems []string
	all := h.fates()
	for _, server := range slices.Sorted(maps.Keys(stored)) {
		for mark, k := range stored[server] {
			if all[mark] == nil {
				problems = append(problems, fmt.Sprintf("invented: %s at %s", mark, server))
			} else {
				problems = append(problems, judge(mark, server, all[mark], k)...)
			}
		}
		for mark, f := range all {
			_, there := stored[server][mark]
			_, atHome := stored[f.server][mark]
			if !there && !f.deleteAsked && (f.acked || atHome) {
				problems = append(problems, fmt.Sprintf("lost: %s of %s at %s", mark, f.server, server))
			}
		}
	}
	slices.Sort(problems)
	return problems
}

// judge looks at one thing that is kept.
func judge(mark, server string, f *fate, k kept) []string {
	var problems []string
	say := func(word string) {
		problems = append(problems, fmt.Sprintf("%s: %s of %s at %s, versions %v, rows %d", word, mark, f.server, server, k.Versions, k.Rows))
	}
	if f.deleted {
		say("resurrected")
	}
	if k.Rows != 1 || len(slices.Compact(slices.Sorted(slices.Values(k.Versions)))) != len(k.Versions) {
		say("doubled")
	}
	if !slices.IsSorted(k.Versions) {
		say("out of order")
	}
	switch last := k.Versions[len(k.Versions)-1]; {
	case last < f.lastAcked && !f.deleteAsked:
		say("lost edit")
	case last > f.lastAny:
		say("invented edit")
	}
	return problems
}

// TestChecker: the judge is judged. It is silent about what is right, and finds each
// fault that is planted.
func TestChecker(t *testing.T) {
	done := func(op, mark string, version int, acked bool) action {
		return action{Op: op, Server: "a", Mark: mark, Version: version, Acked: acked}
	}
	past := []action{
		done("publish", "one", 0, true), done("edit", "one", 1, true), done("edit", "one", 2, true),
		done("publish", "two", 0, true), done("publish", "three", 0, true), done("delete", "three", 0, true),
		done("publish", "four", 0, false), done("edit", "two", 1, false),
	}
	right := func() map[string]map[string]kept {
		return map[string]map[string]kept{
			"a": {"one": {[]int{0, 1, 2}, 1}, "two": {[]int{0, 1}, 1}, "four": {[]int{0}, 1}},
			"b": {"one": {[]int{0, 2}, 1}, "two": {[]int{0}, 1}, "four": {[]int{0}, 1}},
		}
	}
	for _, tt := range []struct {
		name  string
		plant func(s map[string]map[string]kept)
		want  string
	}{
		{"what is right", func(map[string]map[string]kept) {}, ""},
		{"what was never answered and is nowhere", func(s map[string]map[string]kept) { delete(s["a"], "four"); delete(s["b"], "four") }, ""},
		{"a loss", func(s map[string]map[string]kept) { delete(s["b"], "two") }, "lost"},
		{"a loss where it was made", func(s map[string]map[string]kept) { delete(s["a"], "two") }, "lost"},
		{"a thing that was not answered, kept and not sent", func(s map[string]map[string]kept) { delete(s["b"], "four") }, "lost"},
		{"a lost edit", func(s map[string]map[string]kept) { s["b"]["one"] = kept{[]int{0, 1}, 1} }, "lost edit"},
		{"a double", func(s map[string]map[string]kept) { s["b"]["two"] = kept{[]int{0}, 2} }, "doubled"},
		{"an effect twice", func(s map[string]map[string]kept) { s["b"]["one"] = kept{[]int{0, 1, 1, 2}, 1} }, "doubled"},
		{"a reorder", func(s map[string]map[string]kept) { s["b"]["one"] = kept{[]int{1, 0, 2}, 1} }, "out of order"},
		{"a resurrection", func(s map[string]map[string]kept) { s["b"]["three"] = kept{[]int{0}, 1} }, "resurrected"},
		{"something that nobody published", func(s map[string]map[string]kept) { s["b"]["nine"] = kept{[]int{0}, 1} }, "invented"},
		{"an edit that nobody made", func(s map[string]map[string]kept) { s["b"]["two"] = kept{[]int{0, 5}, 1} }, "invented edit"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := &history{list: past}
			stored := right()
			tt.plant(stored)
			var words []string
			for _, problem := range h.check(stored) {
				word, _, _ := strings.Cut(problem, ":")
				words = append(words, word)
			}
			if diff := cmp.Diff(tt.want, strings.Join(words, " ")); diff != "" {
				t.Errorf("%v: %s", h.check(stored), diff)
			}
		})
	}
}
