// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"

	"go.opentelemetry.io/otel/trace"

	"minga/federation/span"
	"minga/storage"
)

// begin begins the span of what is due to one host, and says that a host which rested is
// tried.
func (b *batch) begin(ctx context.Context) (context.Context, trace.Span) {
	ctx, traced := span.Root(ctx, b.o.o.Tracer, span.Outbox, trace.SpanKindConsumer, span.Host(b.claim.Host))
	if b.claim.Probe {
		b.turned(traced, "half_open")
	}
	return ctx, traced
}

// end ends it, with what the host is from now on.
func (b *batch) end(traced trace.Span) {
	switch {
	case b.failed != nil && (b.claim.Probe || b.claim.Failures == 0):
		b.turned(traced, "open")
	case b.claim.Probe && b.failed == nil && b.success:
		b.turned(traced, "closed")
	}
	traced.End()
}

// turned tells counter and span that a host is delivered to otherwise than before.
func (b *batch) turned(traced trace.Span, state string) {
	traced.AddEvent(span.CircuitBreaker, trace.WithAttributes(span.Host(b.claim.Host), span.Breaker(state)))
	if b.o.o.Counter != nil {
		b.o.o.Counter.Turned(b.claim.Host, state)
	}
}

// tried is [batch.attempt] in a span.
func (b *batch) tried(ctx context.Context, d *storage.ClaimedDelivery) verdict {
	ctx, traced := span.Begin(ctx, span.Send, trace.SpanKindClient, span.Activity(d.Activity), span.Host(b.claim.Host))
	defer traced.End()
	v := b.attempt(ctx, d)
	traced.SetAttributes(span.Delivered(v.result == storage.Delivered))
	switch v.result {
	case storage.Delivered:
		traced.SetAttributes(span.Result("processed"))
	case storage.Final:
		traced.SetAttributes(span.Result("abandoned"))
		span.Fail(traced, "final")
	default:
		traced.SetAttributes(span.Result("retried"))
		span.Fail(traced, "again")
	}
	return v
}
