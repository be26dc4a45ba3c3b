// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"sync"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// spanQueue holds spans that ended until they are sent. What does not fit is dropped:
// nobody waits for a collector.
type spanQueue struct {
	most int

	mu    sync.Mutex
	spans []sdktrace.ReadOnlySpan
	gone  int // spans that nobody will get
}

// newSpanQueue makes one for at most so many spans.
func newSpanQueue(most int) *spanQueue { return &spanQueue{most: most} }

// OnStart implements sdktrace.SpanProcessor.
func (*spanQueue) OnStart(context.Context, sdktrace.ReadWriteSpan) {}

// OnEnd implements sdktrace.SpanProcessor.
func (q *spanQueue) OnEnd(s sdktrace.ReadOnlySpan) {
	if !s.SpanContext().IsSampled() {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.spans) >= q.most {
		q.gone++
		return
	}
	q.spans = append(q.spans, s)
}

// Shutdown implements sdktrace.SpanProcessor.
func (*spanQueue) Shutdown(context.Context) error { return nil }

// ForceFlush implements sdktrace.SpanProcessor.
func (*spanQueue) ForceFlush(context.Context) error { return nil }

// take takes out at most so many, the oldest first.
func (q *spanQueue) take(most int) []sdktrace.ReadOnlySpan {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := min(most, len(q.spans))
	taken := q.spans[:n:n]
	q.spans = q.spans[n:]
	if len(q.spans) == 0 {
		q.spans = nil
	}
	return taken
}

// lost counts spans that were taken out and did not arrive.
func (q *spanQueue) lost(n int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.gone += n
}

// dropped is how many spans nobody got since the last time that somebody asked.
func (q *spanQueue) dropped() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := q.gone
	q.gone = 0
	return n
}
