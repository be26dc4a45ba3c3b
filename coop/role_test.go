// SPDX-License-Identifier: AGPL-3.0-or-later

package coop_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"minga/coop"
)

// policy is who may do what, written out once more: a change of the one table must be
// meant.
const policy = `
act         steward publisher hirer delegate observer coordinator | ranks
audit       yes     -         -     -        -        -           |
ballot      -       -         -     yes      -        -           |
coordinate  -       -         -     -        -        yes         | admin owner
decide      -       -         -     yes      -        -           |
join        yes     -         -     -        -        -           |
messages    -       -         yes   -        -        -           |
offer       -       -         -     yes      -        -           |
profile     yes     -         -     -        -        -           |
publish     -       yes       -     -        -        -           |
read        yes     yes       yes   yes      yes      yes         |
relate      -       yes       -     -        -        -           |
request     -       -         -     yes      -        -           |
roles       yes     -         -     -        -        -           |
services    -       yes       -     -        -        -           |
write       -       yes       yes   -        -        -           |
`

func TestPolicy(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(policy), "\n")
	roles := strings.Fields(strings.Split(lines[0], "|")[0])[1:]
	if len(lines)-1 != len(coop.RoleActs()) || len(roles) != len(coop.AllRoles()) {
		t.Fatalf("%d acts and %d roles stand in the policy, there are %d and %d", len(lines)-1, len(roles), len(coop.RoleActs()), len(coop.AllRoles()))
	}
	for _, line := range lines[1:] {
		cells, ranks, _ := strings.Cut(line, "|")
		row := strings.Fields(cells)
		act := coop.RoleAct(row[0])
		for i, cell := range row[1:] {
			if got := coop.RolesMay([]coop.Role{coop.Role(roles[i])}, act); got != (cell == "yes") {
				t.Errorf("%s may %s: %v", roles[i], act, got)
			}
		}
		for _, rank := range []coop.Rank{coop.RankMember, coop.RankModerator, coop.RankAdmin, coop.RankOwner} {
			if got := coop.RankMay(rank, act); got != slices.Contains(strings.Fields(ranks), string(rank)) {
				t.Errorf("%s may %s: %v", rank, act, got)
			}
		}
		if coop.RolesMay(nil, act) {
			t.Errorf("who holds no role may %s", act)
		}
	}
	if coop.RolesMay(coop.AllRoles(), "conquer") || coop.RolesMay(coop.AllRoles(), "") {
		t.Error("an act that is not in the policy is allowed")
	}
}

func TestRolesOfKinds(t *testing.T) {
	for _, tt := range []struct {
		role coop.Role
		kind coop.AccountKind
		ok   bool
	}{
		{coop.Steward, coop.Coop, true},
		{coop.Coordinator, coop.Coop, false},
		{coop.Coordinator, coop.Federation, true},
		{coop.Steward, coop.Person, false},
		{coop.Steward, coop.Board, false},
		{"king", coop.Coop, false},
	} {
		if err := coop.ValidateRole(tt.role, tt.kind); (err == nil) != tt.ok {
			t.Errorf("%s in a %s: %v", tt.role, tt.kind, err)
		}
	}
	if coop.ActJoin.In(coop.Federation) != coop.ActCoordinate || coop.ActRelate.In(coop.Federation) != coop.ActCoordinate || coop.ActJoin.In(coop.Coop) != coop.ActJoin {
		t.Error("a federation's memberships are not its coordinators'")
	}
}

func TestWhatATokenMay(t *testing.T) {
	speaks := &coop.Token{AccountID: 7, PersonID: 9, Roles: []coop.Role{coop.Publisher}}
	for _, tt := range []struct {
		name  string
		token *coop.Token
		act   coop.RoleAct
		want  bool
	}{
		{"a publisher publishes", speaks, coop.ActPublish, true},
		{"a publisher reads no messages", speaks, coop.ActMessages, false},
		{"a person", &coop.Token{AccountID: 9, PersonID: 9}, coop.ActRoles, true},
		{"the command line", &coop.Token{AccountID: 7}, coop.ActMessages, true},
		{"somebody whose last role is gone", &coop.Token{AccountID: 7, PersonID: 9}, coop.ActRead, false},
	} {
		if got := tt.token.May(tt.act, coop.Coop); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
	if v := speaks.Viewer(); !v.NoDirect || v.NoDrafts || v.Account != 7 {
		t.Errorf("a publisher reads as %+v", v)
	}
	if v := (&coop.Token{AccountID: 7}).Viewer(); v != coop.As(7) {
		t.Errorf("the command line reads as %+v", v)
	}
	if v := (&coop.Token{}).Viewer(); v != coop.Anonymous() {
		t.Errorf("an app alone reads as %+v", v)
	}
}

func TestRefusalsNameTheRole(t *testing.T) {
	err := error(&coop.RoleError{Act: coop.ActWrite})
	if !errors.Is(err, coop.ErrForbidden) || !strings.Contains(err.Error(), "publisher or hirer") {
		t.Error(err)
	}
	if !errors.Is(coop.ErrLastSteward, coop.ErrConflict) {
		t.Error("the last steward is no conflict")
	}
}

// TestRolesHide: what a person's roles do not let them see is not there, even of the
// co-op's own.
func TestRolesHide(t *testing.T) {
	for _, tt := range []struct {
		name     string
		roles    []coop.Role
		audience coop.Visibility
		relation coop.Relation
		want     bool
	}{
		{"a hirer reads what was sent to the co-op", []coop.Role{coop.Hirer}, coop.VisibleDirect, coop.Relation{Named: true}, true},
		{"a hirer reads what the co-op sent", []coop.Role{coop.Hirer}, coop.VisibleDirect, coop.Relation{Author: true}, true},
		{"a publisher reads neither", []coop.Role{coop.Publisher}, coop.VisibleDirect, coop.Relation{Named: true}, false},
		{"not even what the co-op sent", []coop.Role{coop.Steward, coop.Publisher}, coop.VisibleDirect, coop.Relation{Author: true}, false},
		{"an observer reads what followers may", []coop.Role{coop.Observer}, coop.VisibleFollowers, coop.Relation{Named: true}, true},
		{"and no drafts", []coop.Role{coop.Observer}, coop.VisiblePublic, coop.Relation{Author: true, DraftOrFrozen: true}, false},
		{"a publisher reads drafts", []coop.Role{coop.Publisher}, coop.VisiblePublic, coop.Relation{Author: true, DraftOrFrozen: true}, true},
	} {
		if got := coop.MaySee(coop.ViewerFor(7, tt.roles), tt.audience, tt.relation); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}
