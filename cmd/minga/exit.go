// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"errors"
	"fmt"

	"minga/coop"
	"minga/federation"
	"minga/storage"
)

// Exit codes are part of the contract.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitNotFound    = 3
	exitRefused     = 4
	exitPartly      = 5
	exitTryAgain    = 75
	exitInterrupted = 130
)

// usageError is a mistake in what was typed or configured.
type usageError struct{ problem string }

func (e *usageError) Error() string { return e.problem }

// usage makes an error that ends the program with exit code 2.
func usage(format string, args ...any) error {
	return &usageError{fmt.Sprintf(format, args...)}
}

// partlyError says that some of the work was done.
type partlyError struct{ problem string }

func (e *partlyError) Error() string { return e.problem }

// exitCode turns the error of a command into the code of the contract.
func exitCode(err error) int {
	var wrong *usageError
	var partly *partlyError
	var invalid *coop.InvalidError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &wrong), errors.As(err, &invalid):
		return exitUsage
	case errors.As(err, &partly):
		return exitPartly
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.Is(err, coop.ErrNotFound), errors.Is(err, coop.ErrGone):
		return exitNotFound
	case rehearsed(err), errors.Is(err, coop.ErrForbidden), errors.Is(err, coop.ErrState), errors.Is(err, coop.ErrConflict),
		errors.Is(err, storage.ErrNewerSchema):
		return exitRefused
	case errors.Is(err, coop.ErrUnavailable), temporary(err), hasTrouble(storage.Unreachable)(err), hasTrouble(storage.Crowded)(err):
		return exitTryAgain
	default:
		return exitFailed
	}
}

// temporary tells whether the network, or another server, may answer later.
func temporary(err error) bool {
	var exchange *federation.Error
	return errors.As(err, &exchange) && exchange.Temporary()
}

// rehearsed tells whether nothing was asked because this instance is a rehearsal.
func rehearsed(err error) bool {
	var exchange *federation.Error
	return errors.As(err, &exchange) && exchange.Kind == federation.KindRehearsal
}
