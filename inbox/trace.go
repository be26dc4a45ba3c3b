// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"context"
	"errors"

	"go.opentelemetry.io/otel/trace"

	"minga/federation/signature"
	"minga/federation/span"
	"minga/storage"
)

// received is [Inbox.receive] in a span: the producer's, since what it takes waits for its
// turn.
func (in *Inbox) received(ctx context.Context, r Request) (Receipt, error) {
	ctx, traced := span.Begin(ctx, span.Inbox, trace.SpanKindProducer, span.Shared(r.Recipient == 0))
	defer traced.End()
	receipt, err := in.receive(ctx, r)
	if err != nil {
		traced.SetAttributes(span.Result("rejected"))
		span.Fail(traced, refusalWord(err))
		return receipt, err
	}
	traced.SetAttributes(span.Result("queued"))
	return receipt, nil
}

// arrived says in the gate's span what came, as soon as that is read.
func arrived(ctx context.Context, a *arrival) {
	if traced := trace.SpanFromContext(ctx); traced.IsRecording() {
		traced.SetAttributes(span.Activity(a.activity), span.Host(a.host))
	}
}

// refusalWord is a constant word for why the gate refused.
func refusalWord(err error) string {
	var refused *RefusedError
	if errors.As(err, &refused) {
		return refused.Reason
	}
	return "unavailable"
}

// verified notes in the span of a verification how it ended.
func verified(traced trace.Span, identity signature.Identity, err error) {
	traced.SetAttributes(span.Verified(err == nil))
	if err != nil {
		traced.SetAttributes(span.FailureReason(refusalWord(err)))
		span.Fail(traced, refusalWord(err))
		return
	}
	traced.SetAttributes(span.Algorithm(string(identity.Form())))
}

// beginTurn begins the span of an activity that has its turn.
func (in *Inbox) beginTurn(ctx context.Context, inc storage.Incoming) (context.Context, trace.Span) {
	return span.Root(ctx, in.o.Tracer, span.Inbox, trace.SpanKindConsumer, span.Activity(inc.Type), span.Host(inc.Host), span.Shared(inc.Recipient == 0))
}

// endTurn ends it with what became of the activity.
func endTurn(traced trace.Span, outcome string) {
	traced.SetAttributes(span.Result(Processing(outcome)))
	if outcome == "failed" {
		span.Fail(traced, outcome)
	}
	traced.End()
}

// Processing is the word of traces and their figures for an outcome that the counter
// hears of: processed, retried or rejected.
func Processing(outcome string) string {
	switch outcome {
	case "done":
		return "processed"
	case "dropped":
		return "rejected"
	}
	return "retried"
}
