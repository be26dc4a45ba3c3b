// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Role is what a person may do in the name of a co-op or of the federation, beside
// the [Rank] that a person has on the server. A person may hold several in one
// co-op, and some in several; what is held in one says nothing of another.
type Role string

// The roles.
const (
	Steward     Role = "steward"     // gives and takes roles, edits the profile, sees the audit log
	Publisher   Role = "publisher"   // posts, jobs, articles, and whom the co-op follows
	Hirer       Role = "hirer"       // reads and answers direct messages: applications come by them
	Delegate    Role = "delegate"    // ballots, requests, offers
	Observer    Role = "observer"    // reads
	Coordinator Role = "coordinator" // memberships and relations of the federation; in its own account alone
)

// AllRoles are the roles in the order in which they are shown.
func AllRoles() []Role {
	return []Role{Steward, Publisher, Hirer, Delegate, Observer, Coordinator}
}

// RolesFor are the roles that there are in accounts of a kind; none where nobody
// speaks for such an account.
func RolesFor(kind AccountKind) []Role {
	switch kind {
	case Coop:
		return []Role{Steward, Publisher, Hirer, Delegate, Observer}
	case Federation:
		return AllRoles()
	}
	return nil
}

// RoleAct is a class of acts in the name of a co-op.
type RoleAct string

// The acts. [RolesMay] says who may.
const (
	ActRead       RoleAct = "read"       // read as the co-op, and note how far one has read
	ActWrite      RoleAct = "write"      // write posts, public or direct: which of the two is judged once it is known
	ActPublish    RoleAct = "publish"    // posts, jobs, articles, boosts, favourites, lists, filters
	ActMessages   RoleAct = "messages"   // direct messages: reading, answering, ending conversations
	ActBallot     RoleAct = "ballot"     // votes
	ActDecide     RoleAct = "decide"     // open, amend and withdraw decisions of a co-op; those of a federation are [ActCoordinate]
	ActProfile    RoleAct = "profile"    // what the co-op says of itself
	ActRelate     RoleAct = "relate"     // follow, and answer who wants to follow; for a federation that is [ActCoordinate]
	ActJoin       RoleAct = "join"       // memberships of a co-op; those of a federation are [ActCoordinate]
	ActOffer      RoleAct = "offer"      // offers for slots of requests, and what they become
	ActRequest    RoleAct = "request"    // requests of a co-op; those of a federation are [ActCoordinate]
	ActServices   RoleAct = "services"   // what a co-op does and what time it has; the catalogue of a federation is [ActCoordinate]
	ActRoles      RoleAct = "roles"      // give and take roles, and see who holds them
	ActAudit      RoleAct = "audit"      // read what was done in the co-op's name
	ActCoordinate RoleAct = "coordinate" // a federation's memberships and relations; make co-ops
)

// mayAct is the policy, one line an act: the roles that allow it, and the ranks of
// the server that allow it to a person without any role. Everything that judges an
// act asks it by [RolesMay] and [RankMay].
var mayAct = map[RoleAct]struct {
	roles []Role
	ranks []Rank
}{
	ActRead:       {roles: []Role{Steward, Publisher, Hirer, Delegate, Observer, Coordinator}},
	ActWrite:      {roles: []Role{Publisher, Hirer}},
	ActPublish:    {roles: []Role{Publisher}},
	ActMessages:   {roles: []Role{Hirer}},
	ActBallot:     {roles: []Role{Delegate}},
	ActDecide:     {roles: []Role{Delegate}},
	ActProfile:    {roles: []Role{Steward}},
	ActRelate:     {roles: []Role{Publisher}},
	ActJoin:       {roles: []Role{Steward}},
	ActOffer:      {roles: []Role{Delegate}},
	ActRequest:    {roles: []Role{Delegate}},
	ActServices:   {roles: []Role{Publisher}},
	ActRoles:      {roles: []Role{Steward}},
	ActAudit:      {roles: []Role{Steward}},
	ActCoordinate: {roles: []Role{Coordinator}, ranks: []Rank{RankOwner, RankAdmin}},
}

// RoleActs are all acts, in the order of their names.
func RoleActs() []RoleAct {
	acts := make([]RoleAct, 0, len(mayAct))
	for act := range mayAct {
		acts = append(acts, act)
	}
	slices.Sort(acts)
	return acts
}

// RolesMay tells whether somebody who holds the roles may do an act. An act that is
// not in the policy nobody may do.
func RolesMay(roles []Role, act RoleAct) bool {
	return slices.ContainsFunc(mayAct[act].roles, func(r Role) bool { return slices.Contains(roles, r) })
}

// RankMay tells whether a rank of the server allows an act to who holds no role.
func RankMay(rank Rank, act RoleAct) bool { return slices.Contains(mayAct[act].ranks, rank) }

// In is the act that this one is in an account of a kind: memberships, relations and
// requests and decisions of a federation are its coordinators'.
func (a RoleAct) In(kind AccountKind) RoleAct {
	if (a == ActJoin || a == ActRelate || a == ActRequest || a == ActDecide || a == ActServices) && kind == Federation {
		return ActCoordinate
	}
	return a
}

// RolesThatMay are the roles that allow an act.
func RolesThatMay(act RoleAct) []Role { return slices.Clone(mayAct[act].roles) }

// RoleError is said to a person whose roles do not allow an act ([ErrForbidden]). It
// is the same for an account that does not exist.
type RoleError struct{ Act RoleAct }

// Error names the roles that would allow it.
func (e *RoleError) Error() string {
	roles := RolesThatMay(e.Act)
	if len(roles) == 0 {
		return "nobody may do this in the name of that account"
	}
	names := make([]string, len(roles))
	for i, r := range roles {
		names[i] = string(r)
	}
	return "your roles do not allow this in the name of that account: it needs the role " + strings.Join(names, " or ")
}

// Unwrap makes it an [ErrForbidden].
func (e *RoleError) Unwrap() error { return ErrForbidden }

// ErrLastSteward is said where a co-op would be left without a steward
// ([ErrConflict]).
var ErrLastSteward = fmt.Errorf("a co-op keeps at least one steward, and this is the last: %w", ErrConflict)

// RoleHeld is a role that a person holds in an account of this instance.
type RoleHeld struct {
	Account *Account // the co-op or federation; its id alone where it was asked for by that
	Person  *Account // likewise
	Role    Role
	GivenBy ID // the person who gave it; zero: the command line, or who made the account
	GivenAt time.Time
}

// Held are the roles of one person in one account, in the order of [AllRoles].
type Held struct {
	Account, Person *Account
	Roles           []Role
}

// HeldIn puts roles that are in the order of their accounts and people together.
func HeldIn(list []RoleHeld) []Held {
	var out []Held
	for _, h := range list {
		if n := len(out); n > 0 && out[n-1].Account.ID == h.Account.ID && out[n-1].Person.ID == h.Person.ID {
			out[n-1].Roles = append(out[n-1].Roles, h.Role)
			continue
		}
		out = append(out, Held{h.Account, h.Person, []Role{h.Role}})
	}
	for i := range out {
		out[i].Roles = InOrder(out[i].Roles)
	}
	return out
}

// InOrder are roles in the order of [AllRoles], each once; what is no role is left out.
func InOrder(roles []Role) []Role {
	var out []Role
	for _, r := range AllRoles() {
		if slices.Contains(roles, r) {
			out = append(out, r)
		}
	}
	return out
}

// ValidateRole complains of a role that there is not in accounts of a kind.
func ValidateRole(role Role, kind AccountKind) error {
	if !slices.Contains(RolesFor(kind), role) {
		return &InvalidError{Field: "role", Code: CodeUnknown, Problem: fmt.Sprintf("there is no such role in an account of the kind %s", kind)}
	}
	return nil
}

// ViewerFor is who reads as an account with roles in it: what the roles do not let
// them see is not there for them.
func ViewerFor(account ID, roles []Role) Viewer {
	v := As(account)
	v.NoDirect, v.NoDrafts = !RolesMay(roles, ActMessages), !RolesMay(roles, ActPublish)
	return v
}
