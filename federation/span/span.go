// SPDX-License-Identifier: AGPL-3.0-or-later

package span

import (
	"context"
	"strconv"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// Scope is what the spans and figures are said to come from.
const Scope = "minga"

// Names of spans.
const (
	Inbox     = "activitypub.inbox"         // an activity at the gate (producer), and its turn (consumer)
	Outbox    = "activitypub.outbox"        // what was due to one host
	Send      = "activitypub.send_activity" // one attempt
	Verify    = "http_signatures.verify"    // with the key, if that had to be fetched
	WebFinger = "webfinger.lookup"
	Task      = "minga.task" // work that the inbox set itself, such as a backfill
)

// Names of figures, and of the event that stands for one of them in a span.
const (
	DeliveryDuration = "activitypub.delivery.duration"
	InboxActivity    = "activitypub.inbox.activity"
	SignatureFailure = "activitypub.signature.verification_failure"
	CircuitBreaker   = "activitypub.circuit_breaker.state_change"
)

// Keys of attributes.
const (
	activityType  = attribute.Key("activitypub.activity.type")
	remoteHost    = attribute.Key("activitypub.remote.host")
	result        = attribute.Key("activitypub.processing.result")
	success       = attribute.Key("activitypub.delivery.success")
	breaker       = attribute.Key("activitypub.circuit_breaker.state")
	sharedInbox   = attribute.Key("activitypub.shared_inbox")
	failureReason = attribute.Key("activitypub.verification.failure_reason")
	verified      = attribute.Key("http_signatures.verified")
	algorithm     = attribute.Key("http_signatures.algorithm")
	lookupResult  = attribute.Key("webfinger.lookup.result")
	lookupScheme  = attribute.Key("webfinger.resource.scheme")
	task          = attribute.Key("minga.task.kind")
	method        = attribute.Key("http.request.method")
	route         = attribute.Key("http.route")
	status        = attribute.Key("http.response.status_code")
	server        = attribute.Key("server.address")
	errorType     = attribute.Key("error.type")
)

// Activity is the type of an activity as an IRI; "other" for types that minga does not
// handle, of which strangers invent as many as they like.
func Activity(word string) attribute.KeyValue {
	switch word {
	case "Create", "Update", "Delete", "Follow", "Accept", "Reject", "Undo", "Like", "Announce",
		"Move", "Block", "Flag", "Add", "Remove", "Join", "Leave", "Invite", "Offer":
		return activityType.String("https://www.w3.org/ns/activitystreams#" + word)
	case "EmojiReact":
		return activityType.String("http://litepub.social/ns#" + word)
	}
	return activityType.String("other")
}

// Host is another server.
func Host(host string) attribute.KeyValue { return remoteHost.String(host) }

// Result is what became of an activity: queued, processed, retried or rejected.
func Result(word string) attribute.KeyValue { return result.String(word) }

// Delivered is whether an attempt succeeded.
func Delivered(ok bool) attribute.KeyValue { return success.Bool(ok) }

// Breaker is whether a host is delivered to: closed (it is), open (it rests) or half_open
// (it is tried with one).
func Breaker(state string) attribute.KeyValue { return breaker.String(state) }

// Shared is whether an activity came to the inbox of all.
func Shared(yes bool) attribute.KeyValue { return sharedInbox.Bool(yes) }

// FailureReason is the constant word of the inbox for what it refused.
func FailureReason(word string) attribute.KeyValue { return failureReason.String(word) }

// Verified is whether a signature held.
func Verified(yes bool) attribute.KeyValue { return verified.Bool(yes) }

// Algorithm is the form of a signature.
func Algorithm(form string) attribute.KeyValue { return algorithm.String(form) }

// Looked is how a question to WebFinger ended: found, or a constant word.
func Looked(word string) []attribute.KeyValue {
	return []attribute.KeyValue{lookupScheme.String("acct"), lookupResult.String(word)}
}

// TaskKind is the constant word for a kind of work.
func TaskKind(word string) attribute.KeyValue { return task.String(word) }

// Route is the pattern of a route.
func Route(pattern string) attribute.KeyValue { return route.String(pattern) }

// Server is the host that is asked.
func Server(host string) attribute.KeyValue { return server.String(host) }

// Method is the method of a request; what strangers invent is _OTHER.
func Method(word string) attribute.KeyValue { return method.String(KnownMethod(word)) }

// KnownMethod is a method, or _OTHER.
func KnownMethod(word string) string {
	switch word {
	case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS":
		return word
	}
	return "_OTHER"
}

// Begin begins a span within the one that ctx carries. Where nobody records, ctx comes
// back as it was and the span costs nothing.
func Begin(ctx context.Context, name string, kind trace.SpanKind, attrs ...attribute.KeyValue) (context.Context, trace.Span) {
	above := trace.SpanFromContext(ctx)
	if !above.IsRecording() {
		return ctx, noop.Span{}
	}
	return Root(ctx, above.TracerProvider().Tracer(Scope), name, kind, attrs...)
}

// Root begins a span by a tracer, which may be nil: then nothing is recorded.
func Root(ctx context.Context, by trace.Tracer, name string, kind trace.SpanKind, attrs ...attribute.KeyValue) (context.Context, trace.Span) {
	if by == nil {
		return ctx, noop.Span{}
	}
	return by.Start(ctx, name, trace.WithSpanKind(kind), trace.WithAttributes(attrs...))
}

// Fail marks a span as failed with a constant word.
func Fail(s trace.Span, word string) {
	s.SetStatus(codes.Error, "")
	s.SetAttributes(errorType.String(word))
}

// Answered notes the status of an answer. fault is whether it is a failure of the side
// that the span is about: 5xx for a server, 4xx too for who asked.
func Answered(s trace.Span, code int, fault bool) {
	s.SetAttributes(status.Int(code))
	if fault {
		Fail(s, strconv.Itoa(code))
	}
}
