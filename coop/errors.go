// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"errors"
	"fmt"
	"time"
)

// Kinds of failure that a caller may tell apart with [errors.Is]. web/respond is
// the only place that turns them into status codes, cmd/minga into exit codes.
var (
	// ErrNotFound is said of what is not there, and in the same words of what the
	// viewer may not see (404, exit code 3).
	ErrNotFound = errors.New("not found")
	// ErrGone is said of what was here and was withdrawn (410).
	ErrGone = errors.New("gone")
	// ErrConflict is said when something else came first (409).
	ErrConflict = errors.New("conflict")
	// ErrUnauthorized is said when nobody proved who asks (401).
	ErrUnauthorized = errors.New("unauthorized")
	// ErrForbidden is said when who asks may not (403, exit code 4).
	ErrForbidden = errors.New("forbidden")
	// ErrTooLarge is said of a body or text over its limit (413).
	ErrTooLarge = errors.New("too large")
	// ErrFull is said when there is no room left to keep a thing in: a quota, a disk (507).
	ErrFull = errors.New("no room left")
	// ErrUnavailable is said when the same request may work later (503, exit code 75).
	ErrUnavailable = errors.New("unavailable")
	// ErrState is said of a step that the state machine of a thing does not have (422).
	ErrState = errors.New("not possible in this state")
	// ErrUntranslatable is said of what no machine may translate, or none can (403).
	ErrUntranslatable = fmt.Errorf("translate: %w", ErrForbidden)
	// ErrTranslator is said when the translation service gave no translation (503).
	ErrTranslator = fmt.Errorf("translation service: %w", ErrUnavailable)
)

// InvalidError says which field of an input is wrong and what is wrong with it,
// in words for the person who typed it (422).
type InvalidError struct {
	Field   string // as the form and the API name it, such as "pay.max"
	Code    string // a short stable word such as "required", "too_long"; may be empty
	Problem string // a plain sentence
}

// Error names the field and the problem.
func (e *InvalidError) Error() string { return fmt.Sprintf("%s: %s", e.Field, e.Problem) }

// Invalid is several complaints about one input, in the order of its fields.
type Invalid []*InvalidError

// Error lists the complaints.
func (e Invalid) Error() string {
	s := ""
	for i, one := range e {
		if i > 0 {
			s += "; "
		}
		s += one.Error()
	}
	return s
}

// As lets errors.As find the first complaint.
func (e Invalid) As(target any) bool {
	if t, ok := target.(**InvalidError); ok && len(e) > 0 {
		*t = e[0]
		return true
	}
	return false
}

// Or is the error itself, or nil when there is no complaint.
func (e Invalid) Or() error {
	if len(e) == 0 {
		return nil
	}
	return e
}

// Complaints are what an error says is wrong with an input: several, or one; nil where it
// says something else.
func Complaints(err error) Invalid {
	var list Invalid
	var one *InvalidError
	switch {
	case errors.As(err, &list):
		return list
	case errors.As(err, &one):
		return Invalid{one}
	}
	return nil
}

// BusyError is an ErrUnavailable that knows when to come again.
type BusyError struct {
	After  time.Duration // what Retry-After says
	Limit  bool          // over a rate (429) rather than short of means (503)
	Reason string
}

// Error says why.
func (e *BusyError) Error() string { return e.Reason }

// Unwrap makes it an ErrUnavailable.
func (e *BusyError) Unwrap() error { return ErrUnavailable }
