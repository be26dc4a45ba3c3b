// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"minga/inbox"
)

// metrics are the figures of one instance in base units; no
// label ever holds a host, of which strangers make as many as they like.
type metrics struct {
	registry   *prometheus.Registry
	requests   *prometheus.CounterVec
	took       *prometheus.HistogramVec
	activities *prometheus.CounterVec
	handling   *prometheus.HistogramVec
	refusals   *prometheus.CounterVec
	attempts   *prometheus.CounterVec
	delivery   prometheus.Histogram
	pushes     *prometheus.CounterVec
	pushing    prometheus.Histogram
	limited    *prometheus.CounterVec
	mails      *prometheus.CounterVec
	queries    *prometheus.HistogramVec
	told       *telemetry   // hears some of it too; may be nil
	finished   atomic.Int64 // Unix milliseconds: when work was last finished here
	now        func() time.Time
}

// newMetrics makes the figures, all at zero.
func newMetrics(now func() time.Time) *metrics {
	m := &metrics{
		now:        now,
		registry:   prometheus.NewRegistry(),
		requests:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "minga_http_requests_total", Help: "Requests answered."}, []string{"route", "method", "code"}),
		took:       prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "minga_http_request_seconds", Help: "Time to answer."}, []string{"route"}),
		activities: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "minga_inbox_activities_total", Help: "Activities that came in."}, []string{"type", "result"}),
		handling:   prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "minga_inbox_seconds", Help: "Time that the effect of an activity took."}, []string{"type"}),
		refusals:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "minga_signature_failures_total", Help: "Requests that the inbox gate refused."}, []string{"reason"}),
		attempts:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "minga_delivery_attempts_total", Help: "Attempts to deliver."}, []string{"result"}),
		delivery:   prometheus.NewHistogram(prometheus.HistogramOpts{Name: "minga_delivery_seconds", Help: "Time of one attempt."}),
		pushes:     prometheus.NewCounterVec(prometheus.CounterOpts{Name: "minga_push_messages_total", Help: "Turns of messages to apps that are closed."}, []string{"result"}),
		pushing:    prometheus.NewHistogram(prometheus.HistogramOpts{Name: "minga_push_seconds", Help: "Time of one turn."}),
		limited:    prometheus.NewCounterVec(prometheus.CounterOpts{Name: "minga_rate_limited_total", Help: "Requests that were answered 429."}, []string{"route"}),
		mails:      prometheus.NewCounterVec(prometheus.CounterOpts{Name: "minga_mail_total", Help: "Turns of mails."}, []string{"result"}),
		queries:    prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "minga_db_seconds", Help: "Time of a statement, and of a whole transaction (write).", Buckets: prometheus.ExponentialBuckets(0.0001, 5, 7)}, []string{"query"}),
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{Name: "minga_build_info", Help: "One, with the version.", ConstLabels: prometheus.Labels{"version": version}})
	build.Set(1)
	m.registry.MustRegister(build, m.requests, m.took, m.activities, m.handling, m.refusals, m.attempts, m.delivery, m.pushes, m.pushing, m.limited, m.mails, m.queries,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// answered hears of every answer of the public listener.
func (m *metrics) answered(route, method string, status int, took time.Duration) {
	if !knownMethods[method] {
		method = "other"
	}
	if status == http.StatusTooManyRequests {
		m.limited.WithLabelValues(route).Inc()
	}
	m.requests.WithLabelValues(route, method, strconv.Itoa(status)).Inc()
	m.took.WithLabelValues(route).Observe(took.Seconds())
}

// knownMethods bounds the labels of [metrics.answered]: who asks may invent methods.
var knownMethods = map[string]bool{"GET": true, "HEAD": true, "POST": true, "PUT": true, "PATCH": true, "DELETE": true, "OPTIONS": true}

// Refused hears of what the inbox gate refused; the host goes into the log only.
func (m *metrics) Refused(_, reason string) {
	m.told.failed(reason)
	m.refusals.WithLabelValues(reason).Inc()
}

// Handled hears of activities that had their turn. Strangers invent types: only
// those that minga handles are labels.
func (m *metrics) Handled(activity, outcome string, took time.Duration) {
	if knownActivities[activity] { // else a task of the inbox, or a stranger's invention
		m.told.handled(activity, inbox.Processing(outcome))
	}
	if !knownActivities[activity] {
		activity = "other"
	}
	m.finished.Store(m.now().UnixMilli())
	m.activities.WithLabelValues(activity, outcome).Inc()
	m.handling.WithLabelValues(activity).Observe(took.Seconds())
}

// knownActivities bounds the labels of [metrics.Handled].
var knownActivities = map[string]bool{
	"Create": true, "Update": true, "Delete": true, "Follow": true, "Accept": true, "Reject": true, "Undo": true, "Like": true, "EmojiReact": true,
	"Announce": true, "Move": true, "Block": true, "Flag": true, "Add": true, "Remove": true, "Join": true, "Leave": true, "Invite": true, "Offer": true,
}

// Attempted hears of attempts to deliver.
func (m *metrics) Attempted(host, activity, outcome string, took time.Duration) {
	m.told.attempted(host, activity, outcome, took)
	m.finished.Store(m.now().UnixMilli())
	m.attempts.WithLabelValues(outcome).Inc()
	m.delivery.Observe(took.Seconds())
}

// Turned hears of hosts that begin to rest, are tried and are delivered to again; how many
// rest is a figure of the store.
func (m *metrics) Turned(host, state string) { m.told.turned(host, state) }

// Pushed hears of messages to apps.
func (m *metrics) Pushed(outcome string, took time.Duration) {
	m.pushes.WithLabelValues(outcome).Inc()
	m.pushing.Observe(took.Seconds())
}

// Mailed hears of mails.
func (m *metrics) Mailed(outcome string) {
	m.finished.Store(m.now().UnixMilli())
	m.mails.WithLabelValues(outcome).Inc()
}

// queried hears of statements; commands that count nothing have no metrics.
func (m *metrics) queried(query string, took time.Duration) {
	if m == nil {
		return
	}
	m.queries.WithLabelValues(query).Observe(took.Seconds())
}

// idle is for how long no work was finished on this node.
func (m *metrics) idle() time.Duration { return m.now().Sub(time.UnixMilli(m.finished.Load())) }

// watch adds the figures that are asked of the store when somebody looks.
func (m *metrics) watch(i *instance) {
	m.registry.MustRegister(&storeFigures{store: i.store, now: i.now}, &nodeFigures{i})
}

// streams lets a function say how many streams are open on this node.
func (m *metrics) streams(open func() int) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "minga_streams", Help: "Streams of apps that are open."}, func() float64 { return float64(open()) }))
}

// handler serves the figures; a token is asked for where one is set.
func (m *metrics) handler(token string) http.Handler {
	figures := promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
	if token == "" {
		return figures
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !sameSecret(r.Header.Get("Authorization"), "Bearer "+token) {
			w.Header().Set("WWW-Authenticate", "Bearer")
			http.Error(w, "metrics need their token", http.StatusUnauthorized)
			return
		}
		figures.ServeHTTP(w, r)
	})
}
