// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"encoding/json"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// The bodies of OTLP/HTTP in JSON: Protocol Buffers' mapping, but ids in hexadecimal and
// enumerations as numbers (OTLP specification, "JSON Protobuf Encoding"). 64-bit numbers
// are texts.

// otlpValue is the value of an attribute; one of its fields is set.
type otlpValue struct {
	String *string  `json:"stringValue,omitempty"`
	Bool   *bool    `json:"boolValue,omitempty"`
	Int    *string  `json:"intValue,omitempty"`
	Double *float64 `json:"doubleValue,omitempty"`
}

// otlpAttribute is a key and its value.
type otlpAttribute struct {
	Key   string    `json:"key"`
	Value otlpValue `json:"value"`
}

// otlpSource is a resource, or with a name a scope.
type otlpSource struct {
	Name       string          `json:"name,omitempty"`
	Version    string          `json:"version,omitempty"`
	Attributes []otlpAttribute `json:"attributes,omitempty"`
}

// otlpSpan is a span.
type otlpSpan struct {
	TraceID    string          `json:"traceId"`
	SpanID     string          `json:"spanId"`
	ParentID   string          `json:"parentSpanId,omitempty"`
	Name       string          `json:"name"`
	Kind       int             `json:"kind"`
	Start      string          `json:"startTimeUnixNano"`
	End        string          `json:"endTimeUnixNano"`
	Attributes []otlpAttribute `json:"attributes,omitempty"`
	Events     []otlpEvent     `json:"events,omitempty"`
	Status     otlpStatus      `json:"status"`
}

// otlpEvent is something that happened in a span.
type otlpEvent struct {
	Time       string          `json:"timeUnixNano"`
	Name       string          `json:"name"`
	Attributes []otlpAttribute `json:"attributes,omitempty"`
}

// otlpStatus is how a span ended: 0 nothing said, 1 well, 2 badly.
type otlpStatus struct {
	Code int `json:"code,omitempty"`
}

type (
	otlpScopeSpans struct {
		Scope otlpSource `json:"scope"`
		Spans []otlpSpan `json:"spans"`
	}
	otlpResourceSpans struct {
		Resource otlpSource       `json:"resource"`
		Scopes   []otlpScopeSpans `json:"scopeSpans"`
	}
	otlpTraces struct {
		Resources []otlpResourceSpans `json:"resourceSpans"`
	}
)

// tracesJSON is the body for /v1/traces: spans of one resource, by their scopes.
func tracesJSON(spans []sdktrace.ReadOnlySpan) []byte {
	one := otlpResourceSpans{Resource: otlpSource{Attributes: otlpAttributes(spans[0].Resource().Attributes())}}
	place := map[instrumentation.Scope]int{}
	for _, s := range spans {
		n, known := place[s.InstrumentationScope()]
		if !known {
			n = len(one.Scopes)
			place[s.InstrumentationScope()] = n
			one.Scopes = append(one.Scopes, otlpScopeSpans{Scope: otlpScope(s.InstrumentationScope())})
		}
		one.Scopes[n].Spans = append(one.Scopes[n].Spans, spanJSON(s))
	}
	return otlpBody(otlpTraces{[]otlpResourceSpans{one}})
}

// spanJSON is one span. The kinds of OTLP are those of the library.
func spanJSON(s sdktrace.ReadOnlySpan) otlpSpan {
	x := otlpSpan{
		TraceID: s.SpanContext().TraceID().String(), SpanID: s.SpanContext().SpanID().String(), Name: s.Name(), Kind: int(s.SpanKind()),
		Start: otlpTime(s.StartTime()), End: otlpTime(s.EndTime()), Attributes: otlpAttributes(s.Attributes()),
	}
	if s.Parent().HasSpanID() {
		x.ParentID = s.Parent().SpanID().String()
	}
	for _, e := range s.Events() {
		x.Events = append(x.Events, otlpEvent{otlpTime(e.Time), e.Name, otlpAttributes(e.Attributes)})
	}
	switch s.Status().Code {
	case codes.Ok:
		x.Status.Code = 1
	case codes.Error:
		x.Status.Code = 2
	}
	return x
}

// otlpPoint is a number of a counter, or a histogram.
type otlpPoint struct {
	Attributes []otlpAttribute `json:"attributes,omitempty"`
	Start      string          `json:"startTimeUnixNano"`
	Time       string          `json:"timeUnixNano"`
	Int        *string         `json:"asInt,omitempty"`
	Count      string          `json:"count,omitempty"`
	Sum        *float64        `json:"sum,omitempty"`
	Buckets    []string        `json:"bucketCounts,omitempty"`
	Bounds     []float64       `json:"explicitBounds,omitempty"`
}

// otlpSeries are the points of a figure. 2 is: counted from the start on.
type otlpSeries struct {
	Points      []otlpPoint `json:"dataPoints"`
	Temporality int         `json:"aggregationTemporality"`
	Monotonic   bool        `json:"isMonotonic,omitempty"`
}

// otlpFigure is a figure: a sum or a histogram.
type otlpFigure struct {
	Name        string      `json:"name"`
	Description string      `json:"description,omitempty"`
	Unit        string      `json:"unit,omitempty"`
	Sum         *otlpSeries `json:"sum,omitempty"`
	Histogram   *otlpSeries `json:"histogram,omitempty"`
}

type (
	otlpScopeFigures struct {
		Scope   otlpSource   `json:"scope"`
		Figures []otlpFigure `json:"metrics"`
	}
	otlpResourceFigures struct {
		Resource otlpSource         `json:"resource"`
		Scopes   []otlpScopeFigures `json:"scopeMetrics"`
	}
	otlpFigures struct {
		Resources []otlpResourceFigures `json:"resourceMetrics"`
	}
)

// figuresJSON is the body for /v1/metrics.
func figuresJSON(now *metricdata.ResourceMetrics) []byte {
	one := otlpResourceFigures{Resource: otlpSource{Attributes: otlpAttributes(now.Resource.Attributes())}}
	for _, scope := range now.ScopeMetrics {
		figures := otlpScopeFigures{Scope: otlpScope(scope.Scope)}
		for _, m := range scope.Metrics {
			figures.Figures = append(figures.Figures, figureJSON(m))
		}
		one.Scopes = append(one.Scopes, figures)
	}
	return otlpBody(otlpFigures{[]otlpResourceFigures{one}})
}

// figureJSON is one figure, of the two kinds that there are.
func figureJSON(m metricdata.Metrics) otlpFigure {
	x := otlpFigure{Name: m.Name, Description: m.Description, Unit: m.Unit}
	switch data := m.Data.(type) {
	case metricdata.Sum[int64]:
		x.Sum = &otlpSeries{Temporality: 2, Monotonic: data.IsMonotonic}
		for _, p := range data.DataPoints {
			n := strconv.FormatInt(p.Value, 10)
			x.Sum.Points = append(x.Sum.Points, otlpPoint{Attributes: otlpAttributes(p.Attributes.ToSlice()), Start: otlpTime(p.StartTime), Time: otlpTime(p.Time), Int: &n})
		}
	case metricdata.Histogram[float64]:
		x.Histogram = &otlpSeries{Temporality: 2}
		for _, p := range data.DataPoints {
			point := otlpPoint{
				Attributes: otlpAttributes(p.Attributes.ToSlice()), Start: otlpTime(p.StartTime), Time: otlpTime(p.Time),
				Count: strconv.FormatUint(p.Count, 10), Sum: &p.Sum, Bounds: p.Bounds,
			}
			for _, n := range p.BucketCounts {
				point.Buckets = append(point.Buckets, strconv.FormatUint(n, 10))
			}
			x.Histogram.Points = append(x.Histogram.Points, point)
		}
	}
	return x
}

// otlpScope says who made spans or figures.
func otlpScope(s instrumentation.Scope) otlpSource {
	return otlpSource{Name: s.Name, Version: s.Version}
}

// otlpAttributes writes attributes of the kinds that minga has; others as text.
func otlpAttributes(list []attribute.KeyValue) []otlpAttribute {
	out := make([]otlpAttribute, 0, len(list))
	for _, kv := range list {
		one := otlpAttribute{Key: string(kv.Key)}
		switch kv.Value.Type() {
		case attribute.BOOL:
			v := kv.Value.AsBool()
			one.Value.Bool = &v
		case attribute.INT64:
			v := strconv.FormatInt(kv.Value.AsInt64(), 10)
			one.Value.Int = &v
		case attribute.FLOAT64:
			v := kv.Value.AsFloat64()
			one.Value.Double = &v
		default:
			v := kv.Value.String()
			one.Value.String = &v
		}
		out = append(out, one)
	}
	return out
}

// otlpTime is nanoseconds since 1970, as text.
func otlpTime(t time.Time) string { return strconv.FormatInt(t.UnixNano(), 10) }

// otlpBody writes it. Texts, numbers and lists of them are always JSON.
func otlpBody(v any) []byte {
	body, err := json.Marshal(v)
	if err != nil { // a sum that is infinite, at most
		return []byte("{}")
	}
	return body
}
