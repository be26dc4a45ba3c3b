// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	tracing "go.opentelemetry.io/otel/trace"

	"minga/federation"
	"minga/federation/span"
)

// How traces leave
//
// Rooms begin spans with the tracer that they are given, or within the span of their ctx.
// What has ended waits in a queue of a fixed length, from which one loop sends a batch
// every few seconds, and the figures of OpenTelemetry with every twelfth: to one address,
// which the configuration alone names, by a client that asks nobody else. Where the
// collector does not answer, spans are dropped and counted, and nothing waits for it.
// Without the setting no tracer exists, and none of this.

const (
	spansWaiting = 4096             // more are dropped
	spansAtOnce  = 512              // in one request
	sendSpans    = 5 * time.Second  // how often
	sendFigures  = 60 * time.Second // how often
	lastSpans    = 2 * time.Second  // for what is left when the program ends
	seriesMost   = 2000             // sets of attributes of one figure; the rest are one
)

// collector is where traces go.
type collector struct {
	base   string // http(s)://host:port/path, without a slash at its end
	header http.Header
}

// readTelemetry reads where traces go.
func (c *Config) readTelemetry(r *configReader) {
	text := r.text("otel_endpoint", "")
	if text == "" {
		return
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.Scheme != "https" && u.Scheme != "http":
		r.fail("otel_endpoint", "is an address such as http://127.0.0.1:4318, without a query")
		return
	case u.Scheme == "http" && strings.Contains(u.Hostname(), ".") && publicName(u.Host):
		r.fail("otel_endpoint", "is https for a public name: traces tell what this server does")
		return
	}
	to := &collector{header: http.Header{"Content-Type": {"application/json"}}}
	if u.User != nil {
		password, _ := u.User.Password()
		auth := &http.Request{Header: http.Header{}}
		auth.SetBasicAuth(u.User.Username(), password)
		to.header.Set("Authorization", auth.Header.Get("Authorization"))
		u.User = nil
	}
	to.base = strings.TrimSuffix(u.String(), "/")
	c.Collector = to
}

// telemetry is what is recorded for a collector. A nil one records nothing.
type telemetry struct {
	to     collector
	client *federation.Client
	log    *slog.Logger
	told   bool // that the collector does not answer; of [telemetry.run] alone

	spans    *spanQueue
	traces   *sdktrace.TracerProvider
	reader   *sdkmetric.ManualReader
	figures  *sdkmetric.MeterProvider
	delivery metric.Float64Histogram
	inbox    metric.Int64Counter
	refused  metric.Int64Counter
	breaker  metric.Int64Counter
}

// openTelemetry makes what records, with a client of its own: the collector may lie in an
// inside network and speak plain http, since only the configuration can name it.
func (i *instance) openTelemetry(context.Context) error {
	to := i.config.Collector
	if to == nil {
		return nil
	}
	client, err := federation.New(federation.Options{
		UserAgent: "minga/" + version, Dev: true, ExtraCA: i.extraCA, Now: i.now, Trusted: []string{dialled(to.base)}, Hosts: 1,
	})
	if err != nil {
		return fmt.Errorf("client of the collector: %w", err)
	}
	from := resource.NewSchemaless(attribute.String("service.name", "minga"), attribute.String("service.version", version), attribute.String("service.instance.id", i.config.Host))
	t := &telemetry{to: *to, client: client, log: i.log, spans: newSpanQueue(spansWaiting), reader: sdkmetric.NewManualReader()}
	t.traces = sdktrace.NewTracerProvider(sdktrace.WithResource(from), sdktrace.WithSpanProcessor(t.spans), sdktrace.WithSampler(sdktrace.ParentBased(sdktrace.AlwaysSample())))
	t.figures = sdkmetric.NewMeterProvider(sdkmetric.WithResource(from), sdkmetric.WithReader(t.reader), sdkmetric.WithCardinalityLimit(seriesMost))
	i.telemetry, i.metrics.told = t, t
	return t.instruments()
}

// instruments makes the figures.
func (t *telemetry) instruments() (err error) {
	meter := t.figures.Meter(span.Scope, metric.WithInstrumentationVersion(version))
	if t.delivery, err = meter.Float64Histogram(span.DeliveryDuration, metric.WithUnit("ms"), metric.WithDescription("Time of one attempt to deliver.")); err != nil {
		return fmt.Errorf("figures: %w", err)
	}
	counters := []struct {
		into             *metric.Int64Counter
		name, unit, what string
	}{
		{&t.inbox, span.InboxActivity, "{activity}", "Activities that had their turn, by what became of them."},
		{&t.refused, span.SignatureFailure, "{failure}", "Requests that the inbox gate refused."},
		{&t.breaker, span.CircuitBreaker, "{change}", "Hosts that rest, are tried, and are delivered to again."},
	}
	for _, c := range counters {
		if *c.into, err = meter.Int64Counter(c.name, metric.WithUnit(c.unit), metric.WithDescription(c.what)); err != nil {
			return fmt.Errorf("figures: %w", err)
		}
	}
	return nil
}

// tracer is what the rooms begin spans with; nil where nothing is recorded.
func (i *instance) tracer() tracing.Tracer {
	if i.telemetry == nil {
		return nil
	}
	return i.telemetry.traces.Tracer(span.Scope, tracing.WithInstrumentationVersion(version))
}

// run sends until ctx ends, and then what is left.
func (t *telemetry) run(ctx context.Context) error {
	const turns = int(sendFigures / sendSpans)
	for n := 1; pause(ctx, sendSpans); n++ {
		t.sendSpans(ctx)
		if n%turns == 0 {
			t.sendFigures(ctx)
		}
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastSpans)
	defer cancel()
	t.sendSpans(last)
	t.sendFigures(last)
	return nil
}

// sendSpans sends what waits.
func (t *telemetry) sendSpans(ctx context.Context) {
	for spans := t.spans.take(spansAtOnce); len(spans) > 0; spans = t.spans.take(spansAtOnce) {
		if !t.post(ctx, "/v1/traces", tracesJSON(spans)) {
			t.spans.lost(len(spans))
			return
		}
	}
}

// sendFigures sends the figures as they stand.
func (t *telemetry) sendFigures(ctx context.Context) {
	var now metricdata.ResourceMetrics
	if err := t.reader.Collect(ctx, &now); err != nil {
		t.log.WarnContext(ctx, "figures for the collector not put together", "err", err)
		return
	}
	if len(now.ScopeMetrics) > 0 {
		t.post(ctx, "/v1/metrics", figuresJSON(&now))
	}
}

// post sends one body (OTLP/HTTP, JSON) and says whether it arrived. The log hears of the
// first failure and of the end of it.
func (t *telemetry) post(ctx context.Context, path string, body []byte) bool {
	answer, err := t.client.Push(ctx, t.to.base+path, t.to.header, body)
	if err == nil {
		err = answer.Err()
	}
	if err != nil && !t.told {
		t.log.WarnContext(ctx, "the collector of traces does not take them", "err", err)
	}
	if err == nil && t.told {
		t.log.InfoContext(ctx, "the collector of traces takes them again", "dropped", t.spans.dropped())
	}
	t.told = err != nil
	return err == nil
}

// close ends what holds connections.
func (t *telemetry) close() {
	if t != nil {
		t.client.Close()
	}
}

// attempted, handled, failed and turned hear what [metrics] hears.
func (t *telemetry) attempted(host, activity, outcome string, took time.Duration) {
	if t != nil && outcome != "unsent" {
		t.delivery.Record(context.Background(), float64(took)/float64(time.Millisecond),
			metric.WithAttributes(span.Host(host), span.Activity(activity), span.Delivered(outcome == "delivered")))
	}
}

func (t *telemetry) handled(activity, result string) {
	if t != nil {
		t.inbox.Add(context.Background(), 1, metric.WithAttributes(span.Activity(activity), span.Result(result)))
	}
}

// failed does not say which server it was: whoever sends rubbish names any.
func (t *telemetry) failed(reason string) {
	if t != nil {
		t.refused.Add(context.Background(), 1, metric.WithAttributes(span.FailureReason(reason)))
	}
}

func (t *telemetry) turned(host, state string) {
	if t != nil {
		t.breaker.Add(context.Background(), 1, metric.WithAttributes(span.Host(host), span.Breaker(state)))
	}
}
