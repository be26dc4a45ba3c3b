// SPDX-License-Identifier: AGPL-3.0-or-later

package federation

import (
	"fmt"
	"net/http"
	"time"
)

// Kind is what went wrong with an exchange, in a word for counters and logs.
type Kind string

const (
	// KindURL: the URL is not one that we ask (grammar, scheme, port).
	KindURL Kind = "url"
	// KindOwn: it is on our own host.
	KindOwn Kind = "own_host"
	// KindBlocked: its domain is blocked.
	KindBlocked Kind = "blocked"
	// KindRehearsal: nothing goes out of this instance, to whomever.
	KindRehearsal Kind = "rehearsal"
	// KindAddress: its name leads to addresses that may not be reached, and to no other.
	KindAddress Kind = "address"
	// KindDNS: its name was not resolved.
	KindDNS Kind = "dns"
	// KindConnect: no connection, or it broke before an answer came.
	KindConnect Kind = "connect"
	// KindTLS: no handshake, or a certificate that does not hold.
	KindTLS Kind = "tls"
	// KindTimeout: a deadline passed.
	KindTimeout Kind = "timeout"
	// KindBusy: too many exchanges of ours are under way, or what has to be known before
	// is not to be had at the moment; nothing was sent.
	KindBusy Kind = "busy"
	// KindRedirect: too many, to a lesser scheme, or where none is followed.
	KindRedirect Kind = "redirect"
	// KindStatus: an answer that is not a success; see Status.
	KindStatus Kind = "status"
	// KindType: the answer has another media type than was asked for.
	KindType Kind = "content_type"
	// KindSize: the answer is too large, counted after decompression.
	KindSize Kind = "size"
	// KindID: the document says another id than where it was found.
	KindID Kind = "id"
	// KindBody: the answer is not what it should be inside.
	KindBody Kind = "body"
	// KindSign: we could not sign it.
	KindSign Kind = "sign"
	// KindCanceled: we stopped waiting ourselves.
	KindCanceled Kind = "canceled"
)

// Error is why an exchange with another server gave nothing.
type Error struct {
	Kind       Kind
	Host       string        // host[:port], normalised; empty when the URL was unreadable
	Status     int           // HTTP status, for KindStatus and KindRedirect
	RetryAfter time.Duration // what the peer asked for, at most 24 h; 0 when it did not
	Err        error         // what lies beneath; may be nil
}

// Error says kind, host and status. URLs stay out of it: they may be private.
func (e *Error) Error() string {
	s := "exchange with " + e.Host + ": " + string(e.Kind)
	if e.Status != 0 {
		s += fmt.Sprintf(" %d", e.Status)
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap gives what lies beneath.
func (e *Error) Unwrap() error { return e.Err }

// Temporary says whether the same exchange may work later.
func (e *Error) Temporary() bool {
	switch e.Kind {
	case KindDNS, KindConnect, KindTLS, KindTimeout, KindBusy, KindCanceled:
		return true
	case KindStatus:
		return temporaryStatus(e.Status)
	}
	return false
}

// temporaryStatus: of the 4xx only 401, 408 and 429 are tried
// again; everything else that is no success is.
func temporaryStatus(code int) bool {
	switch code {
	case http.StatusUnauthorized, http.StatusRequestTimeout, http.StatusTooManyRequests:
		return true
	}
	return code < 400 || code >= 500
}

// Gone says that the thing is no more, by the word of its own server (410).
func (e *Error) Gone() bool { return e.Status == http.StatusGone }

// NotFound says that its server does not know it (404).
func (e *Error) NotFound() bool { return e.Status == http.StatusNotFound }

// HostFault says that the failure is the host's and not this exchange's: no HTTP
// answer at all, 429 or 503. A caller that counts failures of hosts
// asks this.
func (e *Error) HostFault() bool {
	switch e.Kind {
	case KindDNS, KindConnect, KindTLS, KindTimeout:
		return true
	}
	return e.Status == http.StatusTooManyRequests || e.Status == http.StatusServiceUnavailable
}
