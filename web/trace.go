// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"strings"

	"github.com/gin-gonic/gin"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"minga/federation/span"
)

// trace puts a request into a span, named by method and pattern of its route: what stands
// in the path and behind the question mark is nobody's who reads traces.
func (s *server) trace(c *gin.Context) {
	route := c.FullPath()
	if s.o.Tracer == nil || untraced(route) {
		return
	}
	name := span.KnownMethod(c.Request.Method)
	attrs := []attribute.KeyValue{span.Method(c.Request.Method), attribute.String("url.scheme", s.o.Scheme)}
	if route != "" {
		name, attrs = name+" "+route, append(attrs, span.Route(route))
	}
	ctx, traced := span.Root(c.Request.Context(), s.o.Tracer, name, trace.SpanKindServer, attrs...)
	defer traced.End()
	c.Request = c.Request.WithContext(ctx)
	c.Next()
	status := c.Writer.Status()
	span.Answered(traced, status, status >= 500)
}

// untraced are routes whose spans would say nothing: streams last for hours, and who looks
// after the process asks every few seconds.
func untraced(route string) bool {
	return route == "/healthz" || route == "/health" || route == "/readyz" || strings.HasPrefix(route, "/api/v1/streaming")
}
