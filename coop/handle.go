// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"regexp"
	"strings"
)

// maxName is the most characters of a name; the instance's is its domain.
const maxName = 30

// nameShape is small letters, digits and underscores, with dots and hyphens inside.
var nameShape = regexp.MustCompile(`^[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?$`)

// ValidateName says whether an account of ours may have a name: 1–30 small
// letters, digits and underscores, with dots and hyphens inside, and not one that
// is kept for something else. kept are the handles of this
// instance's federation and of the instance. The error is an [InvalidError] of
// field name. Whether the name was ever used is for the store to say.
func ValidateName(kind AccountKind, s string, kept ...string) error {
	switch {
	case s == "":
		return nameError(CodeRequired, "a name is needed")
	case kind == Instance && validHostName(s):
		return nil // FEP-d556: the instance is named as its domain
	case len(s) > maxName:
		return nameError(CodeTooLong, "at most 30 characters")
	case !nameShape.MatchString(s):
		return nameError(CodeFormat, "small letters a–z, digits and _, and inside . and -")
	case reserved(kind, s, kept):
		return nameError(CodeReserved, "this name is kept for something else")
	}
	return nil
}

// nameError is an InvalidError about a name.
func nameError(code, problem string) error {
	return &InvalidError{Field: "name", Code: code, Problem: problem}
}

// reserved tells names that only one kind of account may have.
func reserved(kind AccountKind, s string, kept []string) bool {
	switch {
	case s == "jobs" || s == "library":
		return kind != Board
	case strings.HasPrefix(s, "jobs-"):
		return kind != Search
	case strings.HasPrefix(s, "topic-"):
		return kind != Topic
	}
	return kind != Federation && kind != Instance && in(kept, s)
}

// SameName tells whether two names are one: names are compared without case.
func SameName(a, b string) bool { return strings.EqualFold(a, b) }
