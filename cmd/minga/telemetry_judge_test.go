// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	figuresv1 "go.opentelemetry.io/proto/slim/otlp/collector/metrics/v1"
	tracesv1 "go.opentelemetry.io/proto/slim/otlp/collector/trace/v1"
	metricsv1 "go.opentelemetry.io/proto/slim/otlp/metrics/v1"
	tracev1 "go.opentelemetry.io/proto/slim/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// What goes to a collector is read here with OpenTelemetry's own messages and Protocol
// Buffers' own reader of JSON, which knows nothing of ours and refuses what it does not know.

// readOTLP reads a body. Ids are hexadecimal where Protocol Buffers have base64 (OTLP
// specification, "JSON Protobuf Encoding"): that alone is changed before.
func readOTLP(body []byte, into proto.Message) error {
	var tree any
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if err := d.Decode(&tree); err != nil {
		return err
	}
	if err := idsAsBase64(tree); err != nil {
		return err
	}
	text, err := json.Marshal(tree)
	if err != nil {
		return err
	}
	return protojson.Unmarshal(text, into)
}

// otlpIDs are the members that are ids, with their bytes.
var otlpIDs = map[string]int{"traceId": 16, "spanId": 8, "parentSpanId": 8}

// idsAsBase64 changes the ids in a tree.
func idsAsBase64(tree any) error {
	switch tree := tree.(type) {
	case []any:
		for _, v := range tree {
			if err := idsAsBase64(v); err != nil {
				return err
			}
		}
	case map[string]any:
		for name, v := range tree {
			if size := otlpIDs[name]; size > 0 {
				id, err := hex.DecodeString(fmt.Sprint(v))
				if err != nil || len(id) != size {
					return fmt.Errorf("%s is %v", name, v)
				}
				tree[name] = base64.StdEncoding.EncodeToString(id)
			} else if err := idsAsBase64(v); err != nil {
				return err
			}
		}
	}
	return nil
}

// judgeTraces reads a body for /v1/traces and says how many spans are in it.
func judgeTraces(body []byte) (n int, err error) {
	var request tracesv1.ExportTraceServiceRequest
	if err := readOTLP(body, &request); err != nil {
		return 0, err
	}
	for _, r := range request.ResourceSpans {
		if len(r.GetResource().GetAttributes()) == 0 {
			return n, errors.New("spans of nobody")
		}
		for _, scope := range r.ScopeSpans {
			for _, s := range scope.Spans {
				if err := judgeSpan(s); err != nil {
					return n, fmt.Errorf("%s: %w", s.Name, err)
				}
				n++
			}
		}
	}
	return n, nil
}

// judgeSpan holds a span against what the messages say of it in their comments.
func judgeSpan(s *tracev1.Span) error {
	_, known := tracev1.Span_SpanKind_name[int32(s.Kind)]
	switch {
	case len(bytes.Trim(s.TraceId, "\x00")) == 0 || len(bytes.Trim(s.SpanId, "\x00")) == 0:
		return errors.New("an id of zeros")
	case s.Name == "" || !known || s.Kind == tracev1.Span_SPAN_KIND_UNSPECIFIED:
		return fmt.Errorf("of kind %v", s.Kind)
	case s.StartTimeUnixNano == 0 || s.EndTimeUnixNano < s.StartTimeUnixNano:
		return fmt.Errorf("from %d to %d", s.StartTimeUnixNano, s.EndTimeUnixNano)
	}
	seen := map[string]bool{}
	for _, a := range s.Attributes {
		if a.Key == "" || seen[a.Key] || a.Value.GetValue() == nil {
			return fmt.Errorf("attribute %q", a.Key)
		}
		seen[a.Key] = true
	}
	return nil
}

// judgeFigures reads a body for /v1/metrics and says how many points are in it.
func judgeFigures(body []byte) (n int, err error) {
	var request figuresv1.ExportMetricsServiceRequest
	if err := readOTLP(body, &request); err != nil {
		return 0, err
	}
	for _, r := range request.ResourceMetrics {
		for _, scope := range r.ScopeMetrics {
			for _, m := range scope.Metrics {
				points, err := judgeFigure(m)
				if n += points; err != nil {
					return n, fmt.Errorf("%s: %w", m.Name, err)
				}
			}
		}
	}
	return n, nil
}

// judgeFigure holds a figure against what the messages say of it.
func judgeFigure(m *metricsv1.Metric) (n int, err error) {
	since := metricsv1.AggregationTemporality_AGGREGATION_TEMPORALITY_CUMULATIVE
	switch {
	case m.GetSum() != nil && m.GetSum().AggregationTemporality == since:
		for _, p := range m.GetSum().DataPoints {
			if p.Value == nil || p.TimeUnixNano < p.StartTimeUnixNano || p.StartTimeUnixNano == 0 {
				return n, fmt.Errorf("the point %v", p)
			}
			n++
		}
		return n, nil
	case m.GetHistogram() != nil && m.GetHistogram().AggregationTemporality == since:
		for _, p := range m.GetHistogram().DataPoints {
			if !addsUp(p) || p.TimeUnixNano < p.StartTimeUnixNano || p.StartTimeUnixNano == 0 {
				return n, fmt.Errorf("the point %v", p)
			}
			n++
		}
		return n, nil
	}
	return 0, fmt.Errorf("data of no kind that counts: %v", m)
}

// addsUp tells whether a histogram's buckets have what it counts, with rising bounds.
func addsUp(p *metricsv1.HistogramDataPoint) bool {
	total := uint64(0)
	for _, n := range p.BucketCounts {
		total += n
	}
	for n := 1; n < len(p.ExplicitBounds); n++ {
		if p.ExplicitBounds[n] <= p.ExplicitBounds[n-1] {
			return false
		}
	}
	return total == p.Count && len(p.BucketCounts) == len(p.ExplicitBounds)+1
}

// TestCollectorsJudge: the judge sees what a collector would not take, or take wrongly.
func TestCollectorsJudge(t *testing.T) {
	const span = `{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"minga"}}]},"scopeSpans":[{"scope":{"name":"x"},"spans":[{` +
		`"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","name":"one","kind":2,"startTimeUnixNano":"2","endTimeUnixNano":"3","status":{}}]}]}]}`
	const histogram = `{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"h","histogram":{"aggregationTemporality":2,"dataPoints":[` +
		`{"startTimeUnixNano":"1","timeUnixNano":"2","count":"3","sum":1.5,"bucketCounts":["1","2"],"explicitBounds":[10]}]}}]}]}]}`
	for _, tt := range []struct{ name, body, was, is string }{
		{"as it is", span, "", ""},
		{"an id that is too short", span, "eee19b7ec3c1b174", "eee19b7ec3c1"},
		{"an id in base64", span, "5b8efff798038103d269b633813fc60c", "W47/95gDgQPSabYzgT/GDA=="},
		{"an id of zeros", span, "eee19b7ec3c1b174", "0000000000000000"},
		{"a member that nobody knows", span, `"status"`, `"state"`},
		{"no kind", span, `"kind":2`, `"kind":0`},
		{"a time that is no number", span, `"startTimeUnixNano":"2"`, `"startTimeUnixNano":"two"`},
		{"an end before the beginning", span, `"endTimeUnixNano":"3"`, `"endTimeUnixNano":"1"`},
		{"nobody's", span, `"attributes":[{"key":"service.name","value":{"stringValue":"minga"}}]`, `"attributes":[]`},
		{"a figure as it is", histogram, "", ""},
		{"a bucket more", histogram, `["1","2"]`, `["1","1","1"]`},
		{"another count", histogram, `"count":"3"`, `"count":"4"`},
		{"of no time", histogram, `"aggregationTemporality":2`, `"aggregationTemporality":0`},
		{"a member of the figure that nobody knows", histogram, `"sum"`, `"total"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			judge := judgeTraces
			if tt.body == histogram {
				judge = judgeFigures
			}
			n, err := judge(bytes.Replace([]byte(tt.body), []byte(tt.was), []byte(tt.is), 1))
			if (err == nil) != (tt.was == "") || err == nil && n != 1 {
				t.Errorf("%d, %v", n, err)
			}
		})
	}
}
