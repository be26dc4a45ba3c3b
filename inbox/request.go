// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"

	"minga/coop"
)

// Request is a request as it came over the wire, its body read whole and bounded.
type Request struct {
	Method    string // "POST" for Receive, "GET" for VerifyGet
	Target    string // the raw request-target: path and query
	Host      string // the Host header, or :authority
	Header    http.Header
	Body      []byte
	Recipient coop.ID    // owner of the personal inbox; 0: the shared inbox
	Remote    netip.Addr // the client; behind a trusted proxy the one that it names
}

// Receipt is what a 202 says besides.
type Receipt struct {
	// AcceptSignature is the value of the header of that name; empty: none.
	AcceptSignature string
}

// Kind sorts refusals; web/respond makes statuses of them.
type Kind string

// The kinds, with the status that each means.
const (
	KindShape     Kind = "shape"     // 400
	KindSignature Kind = "signature" // 401
	KindForbidden Kind = "forbidden" // 403
	KindTooLarge  Kind = "too_large" // 413
	KindMediaType Kind = "media"     // 415
	KindHost      Kind = "host"      // 421
)

// RefusedError is why the gate refused a request. It is [coop.ErrUnauthorized],
// [coop.ErrForbidden] or [coop.ErrTooLarge] where its kind says so. Being short of
// means is a *[coop.BusyError] instead (429, 503).
type RefusedError struct {
	Kind   Kind
	Reason string // one constant word, for logs, counters and problem documents
	Host   string // the server that the request says it is from; may be empty
	Err    error  // what lies beneath; may be nil
}

// Error says kind and reason; nothing of the request.
func (e *RefusedError) Error() string { return fmt.Sprintf("refused: %s: %s", e.Kind, e.Reason) }

// Status is the HTTP status of the kind.
func (e *RefusedError) Status() int {
	switch e.Kind {
	case KindSignature:
		return http.StatusUnauthorized
	case KindForbidden:
		return http.StatusForbidden
	case KindTooLarge:
		return http.StatusRequestEntityTooLarge
	case KindMediaType:
		return http.StatusUnsupportedMediaType
	case KindHost:
		return http.StatusMisdirectedRequest
	default:
		return http.StatusBadRequest
	}
}

// Unwrap gives what lies beneath and the kind of failure.
func (e *RefusedError) Unwrap() []error {
	var list []error
	if e.Err != nil {
		list = append(list, e.Err)
	}
	switch e.Kind {
	case KindSignature:
		list = append(list, coop.ErrUnauthorized)
	case KindForbidden:
		list = append(list, coop.ErrForbidden)
	case KindTooLarge:
		list = append(list, coop.ErrTooLarge)
	}
	return list
}

// countRefusal logs and counts a refusal: a strict rule that hits an honest peer
// must be seen.
func (in *Inbox) countRefusal(ctx context.Context, r Request, err error) {
	reason, host := "unavailable", ""
	var refused *RefusedError
	var busy *coop.BusyError
	switch {
	case errors.As(err, &refused):
		reason, host = refused.Reason, refused.Host
	case errors.As(err, &busy):
		reason = "busy"
		if busy.Limit {
			reason = "rate"
		}
	}
	in.o.Counter.Refused(host, reason)
	in.log.LogAttrs(ctx, slog.LevelInfo, "refused", slog.String("host", host), slog.String("reason", reason),
		slog.Int("bytes", len(r.Body)), slog.Any("err", err))
}
