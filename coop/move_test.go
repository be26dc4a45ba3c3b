// SPDX-License-Identifier: AGPL-3.0-or-later

package coop_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"minga/coop"
)

func TestValidateMove(t *testing.T) {
	now := time.Date(2030, 5, 1, 12, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		name   string
		change func(a, target *coop.Account)
		last   *coop.Move
		code   string // empty: it may
	}{
		{"both say so", func(_, _ *coop.Account) {}, nil, ""},
		{"it moved 30 days ago", func(_, _ *coop.Account) {}, &coop.Move{At: now.Add(-coop.MoveCooldown)}, ""},
		{"it moved a second later", func(_, _ *coop.Account) {}, &coop.Move{At: now.Add(time.Second - coop.MoveCooldown)}, coop.CodeMoveSoon},
		{"the other does not name it", func(_, b *coop.Account) { b.AlsoKnownAs = nil }, nil, coop.CodeMoveOneSide},
		{"the other names a third", func(_, b *coop.Account) { b.AlsoKnownAs = []coop.IRI{"https://c.example/c"} }, nil, coop.CodeMoveOneSide},
		{"to itself", func(a, b *coop.Account) { *b = *a; b.AlsoKnownAs = []coop.IRI{a.IRI} }, nil, coop.CodeMoveSelf},
		{"the other went on", func(_, b *coop.Account) { b.MovedTo = "https://c.example/c" }, nil, coop.CodeMoveOn},
		{"the other points back", func(a, b *coop.Account) { b.MovedTo = a.IRI }, nil, coop.CodeMoveOn},
		{"the other is suspended", func(_, b *coop.Account) { b.SuspendedAt = now }, nil, coop.CodeMoveGone},
		{"the other is deleted", func(_, b *coop.Account) { b.DeletedAt = now }, nil, coop.CodeMoveGone},
	} {
		a := &coop.Account{ID: 1, IRI: "https://a.example/a"}
		b := &coop.Account{ID: 2, IRI: "https://b.example/b", AlsoKnownAs: []coop.IRI{a.IRI}}
		tt.change(a, b)
		var invalid *coop.InvalidError
		code := ""
		if err := coop.ValidateMove(a, b, tt.last, now); errors.As(err, &invalid) {
			code = invalid.Code
		}
		if code != tt.code {
			t.Errorf("%s: complained %q, want %q", tt.name, code, tt.code)
		}
		a.MovedTo = b.IRI
		if follows := coop.FollowsMove(a, b); follows != (code == "" || code == coop.CodeMoveSoon) {
			t.Errorf("%s: followers follow: %t", tt.name, follows)
		}
	}
	for kind, may := range map[coop.AccountKind]bool{coop.Person: true, coop.Coop: true, coop.Service: true, coop.Federation: false, coop.Instance: false, coop.Board: false} {
		if coop.MayMove(kind) != may {
			t.Errorf("a %s moves: %t", kind, !may)
		}
	}
}

func TestJoinNotes(t *testing.T) {
	long := strings.Repeat("ñ", coop.MaxAccountNote)
	for _, tt := range []struct {
		now, was, want string
		changed        bool
	}{
		{"", "from the fair", "from the fair", true},
		{"baker", "from the fair", "baker\n\nfrom the fair", true},
		{"baker\n\nfrom the fair", "from the fair", "baker\n\nfrom the fair", false},
		{"baker", "", "baker", false},
		{long, "x", long, false},
	} {
		if got, changed := coop.JoinNotes(tt.now, tt.was); got != tt.want || changed != tt.changed {
			t.Errorf("%.20q and %.20q: %.40q %t", tt.now, tt.was, got, changed)
		}
	}
}
