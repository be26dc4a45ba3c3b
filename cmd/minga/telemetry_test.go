// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"minga/federation/signature/signaturetest"
	"minga/federation/span"
	"minga/storage"
)

// gatherer is a collector: it takes what OTLP/HTTP brings, in JSON, and reads it strictly.
type gatherer struct {
	*httptest.Server
	t *testing.T

	mu      sync.Mutex
	status  int // that it answers; 0: 200
	auth    string
	bodies  []string
	spans   []otlpSpan
	figures map[string]otlpFigure
}

// newGatherer listens until the test ends.
func newGatherer(t *testing.T) *gatherer {
	t.Helper()
	g := &gatherer{t: t, figures: map[string]otlpFigure{}}
	g.Server = httptest.NewServer(g)
	t.Cleanup(g.Close)
	return g
}

// ServeHTTP takes one body.
func (g *gatherer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	if err != nil || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" {
		g.t.Errorf("%s %s of %q: %v", r.Method, r.URL.Path, r.Header.Get("Content-Type"), err)
	}
	g.auth = r.Header.Get("Authorization")
	if g.status != 0 {
		w.WriteHeader(g.status)
		return
	}
	g.bodies = append(g.bodies, string(body))
	switch r.URL.Path {
	case "/otlp/v1/traces":
		g.takeSpans(body)
	case "/otlp/v1/metrics":
		g.takeFigures(body)
	default:
		g.t.Errorf("asked for %s", r.URL.Path)
	}
	_, _ = io.WriteString(w, "{}")
}

func (g *gatherer) read(body []byte, into any) {
	d := json.NewDecoder(strings.NewReader(string(body)))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		g.t.Errorf("not OTLP: %v\n%.300s", err, body)
	}
}

func (g *gatherer) takeSpans(body []byte) {
	var got otlpTraces
	g.read(body, &got)
	if n, err := judgeTraces(body); err != nil || n == 0 {
		g.t.Errorf("OpenTelemetry reads %d spans: %v\n%.300s", n, err, body)
	}
	for _, r := range got.Resources {
		if name := attributesOf(r.Resource.Attributes)["service.name"]; name != "minga" {
			g.t.Errorf("spans of the service %q", name)
		}
		for _, s := range r.Scopes {
			g.spans = append(g.spans, s.Spans...)
		}
	}
}

func (g *gatherer) takeFigures(body []byte) {
	var got otlpFigures
	g.read(body, &got)
	if n, err := judgeFigures(body); err != nil || n == 0 {
		g.t.Errorf("OpenTelemetry reads %d points: %v\n%.300s", n, err, body)
	}
	for _, r := range got.Resources {
		for _, s := range r.Scopes {
			for _, f := range s.Figures {
				g.figures[f.Name] = f
			}
		}
	}
}

// attributesOf are attributes as texts.
func attributesOf(list []otlpAttribute) map[string]string {
	found := map[string]string{}
	for _, a := range list {
		switch v := a.Value; {
		case v.String != nil:
			found[a.Key] = *v.String
		case v.Int != nil:
			found[a.Key] = *v.Int
		case v.Bool != nil:
			found[a.Key] = map[bool]string{true: "true", false: "false"}[*v.Bool]
		}
	}
	return found
}

// has finds a span with a name and attributes.
func (g *gatherer) has(name string, kind int, want map[string]string) *otlpSpan {
	g.t.Helper()
	for n := range g.spans {
		s := &g.spans[n]
		if s.Name == name && s.Kind == kind && covers(attributesOf(s.Attributes), want) {
			return s
		}
	}
	g.t.Errorf("no span %s of kind %d with %v", name, kind, want)
	return &otlpSpan{}
}

// covers tells whether all that is wanted is there.
func covers(got, want map[string]string) bool {
	for k, v := range want {
		if got[k] != v {
			return false
		}
	}
	return true
}

// points says of which attributes a figure has numbers.
func (g *gatherer) points(name string, want map[string]string) (n int) {
	f, ok := g.figures[name]
	if !ok {
		g.t.Errorf("no figure %s", name)
		return 0
	}
	series := f.Sum
	if series == nil {
		series = f.Histogram
	}
	for _, p := range series.Points {
		if covers(attributesOf(p.Attributes), want) {
			n++
		}
	}
	return n
}

// Kinds of spans (OTLP, SpanKind).
const (
	kindInternal, kindServer, kindClient, kindProducer, kindConsumer = 1, 2, 3, 4, 5
	followIRI                                                        = "https://www.w3.org/ns/activitystreams#Follow"
)

// TestTraces lets two servers speak with each other, of which one tells a collector what
// it does, under the names that Fedify has too (operations.md 9).
func TestTraces(t *testing.T) {
	g := newGatherer(t)
	f := &fediverse{t: t, ctx: t.Context(), engine: storage.SQLite, keys: signaturetest.Keys()}
	address := strings.Replace(g.URL, "http://", "http://minga:s3cret-of-the-collector@", 1) + "/otlp/"
	traced, plain := f.house("traced", "MINGA_OTEL_ENDPOINT", address), f.house("plain")
	ana, bea := traced.person("ana"), plain.person("nuria")
	traced.follow(ana, traced.knows(bea))
	plain.follow(bea, plain.knows(ana))
	f.drain()
	rubbish := httptest.NewRequestWithContext(f.ctx, "POST", "http://"+traced.config.Host+"/inbox", strings.NewReader(`{"type":"Create"}`))
	rubbish.Header.Set("Content-Type", "application/activity+json")
	traced.handler.ServeHTTP(httptest.NewRecorder(), rubbish)
	ctx, asks := traced.tracer().Start(f.ctx, "a request that looks somebody up")
	_, err := traced.client.LookUp(ctx, "nuria@"+plain.config.Host)
	f.must(err)
	asks.End()
	traced.metrics.Turned("plain.example", "open")

	traced.telemetry.sendSpans(f.ctx)
	traced.telemetry.sendFigures(f.ctx)
	g.mu.Lock()
	defer g.mu.Unlock()
	if !strings.HasPrefix(g.auth, "Basic ") || strings.Contains(strings.Join(g.bodies, ""), "s3cret-of-the-collector") {
		t.Errorf("the collector was shown %q", g.auth)
	}
	g.checkSpans(plain.config.Host)
	g.checkFigures(plain.config.Host)
	g.checkSilence([]string{"ana", "nuria", "/accounts/", string(ana.IRI), string(bea.IRI), "acct:"})
}

// checkSpans looks for each name, and whether what belongs together is together.
func (g *gatherer) checkSpans(other string) {
	g.t.Helper()
	host := map[string]string{"activitypub.remote.host": other}
	request := g.has("POST /people/:name/inbox", kindServer, map[string]string{"http.route": "/people/:name/inbox", "http.request.method": "POST", "http.response.status_code": "202"})
	gate := g.has(span.Inbox, kindProducer, map[string]string{"activitypub.remote.host": other, "activitypub.activity.type": followIRI, "activitypub.processing.result": "queued"})
	checked := g.has(span.Verify, kindInternal, map[string]string{"http_signatures.verified": "true"})
	turn := g.has(span.Inbox, kindConsumer, map[string]string{"activitypub.remote.host": other, "activitypub.activity.type": followIRI, "activitypub.processing.result": "processed"})
	batch := g.has(span.Outbox, kindConsumer, host)
	sent := g.has(span.Send, kindClient, map[string]string{"activitypub.remote.host": other, "activitypub.activity.type": followIRI, "activitypub.processing.result": "processed"})
	g.has(span.WebFinger, kindClient, map[string]string{"activitypub.remote.host": other, "webfinger.lookup.result": "found"})
	g.has(span.Inbox, kindProducer, map[string]string{"activitypub.processing.result": "rejected"})
	for _, pair := range [][2]*otlpSpan{{request, gate}, {gate, checked}, {batch, sent}} {
		if !g.within(pair[1], pair[0].Name) {
			g.t.Errorf("%s does not stand in %s", pair[1].Name, pair[0].Name)
		}
	}
	for _, in := range []*otlpSpan{turn, sent} {
		if !slices.ContainsFunc(g.spans, func(s otlpSpan) bool { return s.ParentID == in.SpanID }) {
			g.t.Errorf("nothing is done within %s", in.Name)
		}
	}
	g.has("write", kindClient, map[string]string{"db.system.name": "sqlite"})
	g.has("POST", kindClient, map[string]string{"server.address": other, "http.response.status_code": "202"})
}

// within tells whether a span of that name is right above.
func (g *gatherer) within(s *otlpSpan, name string) bool {
	return slices.ContainsFunc(g.spans, func(above otlpSpan) bool {
		return above.SpanID == s.ParentID && above.TraceID == s.TraceID && above.Name == name
	})
}

// checkFigures looks for the four figures.
func (g *gatherer) checkFigures(other string) {
	g.t.Helper()
	for _, want := range []struct {
		name string
		with map[string]string
	}{
		{span.DeliveryDuration, map[string]string{"activitypub.remote.host": other, "activitypub.delivery.success": "true", "activitypub.activity.type": followIRI}},
		{span.InboxActivity, map[string]string{"activitypub.processing.result": "processed", "activitypub.activity.type": followIRI}},
		{span.SignatureFailure, map[string]string{"activitypub.remote.host": ""}},
		{span.CircuitBreaker, map[string]string{"activitypub.circuit_breaker.state": "open", "activitypub.remote.host": "plain.example"}},
	} {
		if g.points(want.name, want.with) == 0 {
			g.t.Errorf("%s has nothing for %v: %+v", want.name, want.with, g.figures[want.name])
		}
	}
	h := g.figures[span.DeliveryDuration]
	if h.Unit != "ms" || h.Histogram == nil || len(h.Histogram.Points[0].Buckets) != len(h.Histogram.Points[0].Bounds)+1 {
		g.t.Errorf("%s is %+v", span.DeliveryDuration, h)
	}
}

// checkSilence looks for names and addresses of people in all that was sent.
func (g *gatherer) checkSilence(never []string) {
	g.t.Helper()
	for _, body := range g.bodies {
		for _, word := range never {
			if at := strings.Index(body, word); at >= 0 {
				g.t.Errorf("the collector hears of %q: …%s…", word, body[max(0, at-80):min(len(body), at+80)])
			}
		}
	}
}

// TestCollectorAway is a collector that does not take what it gets: nothing waits for it,
// what is kept has an end, and the log hears of it once.
func TestCollectorAway(t *testing.T) {
	g := newGatherer(t)
	f := &fediverse{t: t, ctx: t.Context(), engine: storage.SQLite, keys: signaturetest.Keys()}
	h := f.house("traced", "MINGA_OTEL_ENDPOINT", g.URL+"/otlp")
	g.status = http.StatusServiceUnavailable
	tracer := h.tracer()
	for range spansWaiting + 7 {
		_, one := tracer.Start(t.Context(), "one")
		one.End()
	}
	h.telemetry.sendSpans(t.Context())
	if !h.telemetry.told || h.telemetry.spans.gone != 7+spansAtOnce {
		t.Errorf("told %v, dropped %d", h.telemetry.told, h.telemetry.spans.gone)
	}
	g.mu.Lock()
	g.status = 0
	g.mu.Unlock()
	h.telemetry.sendSpans(t.Context())
	if h.telemetry.told || len(g.spans) != spansWaiting-spansAtOnce || len(h.telemetry.spans.take(1)) != 0 {
		t.Errorf("told %v, arrived %d", h.telemetry.told, len(g.spans))
	}
}

// TestNothingIsTraced without the setting: no tracer, no queue, no loop.
func TestNothingIsTraced(t *testing.T) {
	h := (&fediverse{t: t, ctx: t.Context(), engine: storage.SQLite, keys: signaturetest.Keys()}).house("plain")
	if h.tracer() != nil || h.telemetry != nil {
		t.Error("something is recorded that nobody asked for")
	}
	h.metrics.Refused("evil.example", "signature")
	h.metrics.Turned("dead.example", "open")
	h.telemetry.attempted("a.example", "Create", "delivered", time.Second)
}

// TestCollectorAddress holds what may be named as collector.
func TestCollectorAddress(t *testing.T) {
	for text, good := range map[string]bool{
		"": true, "http://127.0.0.1:4318": true, "http://collector:4318/otlp/": true, "https://otel.example.org": true, "http://otel.internal": true,
		"http://otel.coop.org": false, "ftp://127.0.0.1": false, "127.0.0.1:4318": false, "https://otel.coop.org?key=1": false, "https://": false,
	} {
		env := map[string]string{"MINGA_OTEL_ENDPOINT": text}
		_, err := loadConfig(&settingFlags{}, "", lookups{
			env:  func(key string) (string, bool) { v, ok := env[key]; return v, ok },
			read: func(string) ([]byte, error) { return nil, os.ErrNotExist },
		})
		var wrong *usageError
		if (err == nil) != good || err != nil && !errors.As(err, &wrong) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
