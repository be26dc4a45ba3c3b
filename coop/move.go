// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"slices"
	"strings"
	"time"
)

// Bounds of moving from account to account (FEP-7628).
const (
	// MoveCooldown is how long after a move an account of ours cannot move again.
	MoveCooldown = 30 * 24 * time.Hour
	// MoveMemory is how long an actor elsewhere cannot take its followers here along
	// again.
	MoveMemory = 7 * 24 * time.Hour
	// MaxAliases is how many other accounts one may name as its own.
	MaxAliases = 20
)

// Move is a step of an account of this instance to another account.
type Move struct {
	ID      ID
	Account ID
	Target  IRI
	At      time.Time
}

// Again is when the account may move once more.
func (m *Move) Again() time.Time { return m.At.Add(MoveCooldown) }

// What keeps an account from moving: codes of an [InvalidError] of field target.
const (
	CodeMoveSelf    = "move_self"    // to itself
	CodeMoveOneSide = "move_oneside" // the other does not name it
	CodeMoveOn      = "move_on"      // the other has moved itself
	CodeMoveSoon    = "move_soon"    // it moved not long ago
	CodeMoveGone    = "move_gone"    // the other is suspended, deleted, or of a server that is refused
)

// ValidateMove says whether an account may move to target at the time given, last being
// its latest move, nil for none. Target must be as it says itself now. The error is an
// [InvalidError] of field target.
func ValidateMove(a, target *Account, last *Move, now time.Time) error {
	if err := ValidateRedirect(a, target); err != nil {
		return err
	}
	switch {
	case !slices.Contains(target.AlsoKnownAs, a.IRI):
		return moveError(CodeMoveOneSide, "the other account does not name this one as its own")
	case last != nil && now.Before(last.Again()):
		return moveError(CodeMoveSoon, "this account moved less than 30 days ago")
	}
	return nil
}

// ValidateRedirect says whether an account may point to target. The error is an
// [InvalidError] of field target.
func ValidateRedirect(a, target *Account) error {
	switch {
	case a.ID == target.ID || a.IRI == target.IRI:
		return moveError(CodeMoveSelf, "this is the same account")
	case target.Gone():
		return moveError(CodeMoveGone, "this account is not to be had")
	case target.MovedTo != "":
		return moveError(CodeMoveOn, "this account has moved itself")
	}
	return nil
}

// MayMove tells whether accounts of a kind can move at all: those that the instance is
// made of cannot.
func MayMove(kind AccountKind) bool { return in([]AccountKind{Person, Coop, Service, Team}, kind) }

// FollowsMove tells whether followers of old may be led to target, as both say now: old
// points there, target names old and has not gone on itself.
func FollowsMove(old, target *Account) bool {
	return old.IRI != target.IRI && old.MovedTo == target.IRI && slices.Contains(target.AlsoKnownAs, old.IRI) &&
		!target.Gone() && !old.Gone() && target.MovedTo == ""
}

// moveError is an InvalidError about a move.
func moveError(code, problem string) error {
	return &InvalidError{Field: "target", Code: code, Problem: problem}
}

// JoinNotes puts what was noted about an account below what is noted about the one that
// it moved to, unless it stands there already, and tells whether that changes anything.
// What no longer fits into [MaxAccountNote] characters is cut.
func JoinNotes(now, was string) (note string, changed bool) {
	switch {
	case was == "" || strings.Contains(now, was):
		return now, false
	case now == "":
		return was, true
	}
	note = Truncate(now+"\n\n"+was, MaxAccountNote)
	return note, note != now
}
