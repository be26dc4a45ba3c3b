// SPDX-License-Identifier: AGPL-3.0-or-later

package respond

import (
	"context"
	"errors"
	"net/http"
	"time"

	"minga/coop"
	"minga/storage"
)

// statusError is an error that knows its own status, such as the inbox gate's
// refusals. It is asked before the kinds of coop.
type statusError interface {
	error
	Status() int
}

// retryError knows when to come again.
type retryError interface {
	RetryAfter() time.Duration
}

// Status is the HTTP status that an error means. An error of no known kind is a
// fault of ours, 500; nothing that a stranger sends may lead there.
func Status(err error) int {
	var own statusError
	if errors.As(err, &own) {
		return own.Status()
	}
	var busy *coop.BusyError
	if errors.As(err, &busy) && busy.Limit {
		return http.StatusTooManyRequests
	}
	var invalid *coop.InvalidError
	if errors.As(err, &invalid) {
		return http.StatusUnprocessableEntity
	}
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return http.StatusRequestEntityTooLarge
	}
	for _, kind := range kinds {
		if errors.Is(err, kind.err) {
			return kind.status
		}
	}
	return statusOfStore(err)
}

// statusOfStore is the status of a question that the database could not answer: it may
// be away for a moment, and then nobody is at fault.
func statusOfStore(err error) int {
	switch err = storage.Kind(err); {
	case errors.Is(err, coop.ErrFull):
		return http.StatusInsufficientStorage
	case errors.Is(err, coop.ErrUnavailable):
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// kinds is the table of errors and statuses.
var kinds = []struct {
	err    error
	status int
}{
	{coop.ErrGone, http.StatusGone},
	{coop.ErrNotFound, http.StatusNotFound},
	{coop.ErrConflict, http.StatusConflict},
	{coop.ErrUnauthorized, http.StatusUnauthorized},
	{coop.ErrForbidden, http.StatusForbidden},
	{coop.ErrTooLarge, http.StatusRequestEntityTooLarge},
	{coop.ErrFull, http.StatusInsufficientStorage},
	{coop.ErrState, http.StatusUnprocessableEntity},
	{coop.ErrUnavailable, http.StatusServiceUnavailable},
	{context.DeadlineExceeded, http.StatusServiceUnavailable},
	{context.Canceled, http.StatusServiceUnavailable},
}

// retryAfter is what the answer tells the asker to wait, at least a second;
// zero: nothing is said.
func retryAfter(err error, status int) time.Duration {
	if status != http.StatusServiceUnavailable && status != http.StatusTooManyRequests {
		return 0
	}
	var busy *coop.BusyError
	if errors.As(err, &busy) && busy.After > 0 {
		return max(busy.After, time.Second)
	}
	var own retryError
	if errors.As(err, &own) && own.RetryAfter() > 0 {
		return max(own.RetryAfter(), time.Second)
	}
	return usualRetry
}

// usualRetry is said when nobody knows better.
const usualRetry = 30 * time.Second
