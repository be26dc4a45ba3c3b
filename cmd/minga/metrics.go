// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"minga/storage"
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
}

// newMetrics makes the figures, all at zero.
func newMetrics() *metrics {
	m := &metrics{
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
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{Name: "minga_build_info", Help: "One, with the version.", ConstLabels: prometheus.Labels{"version": version}})
	build.Set(1)
	m.registry.MustRegister(build, m.requests, m.took, m.activities, m.handling, m.refusals, m.attempts, m.delivery, m.pushes, m.pushing,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// answered hears of every answer of the public listener.
func (m *metrics) answered(route, method string, status int, took time.Duration) {
	m.requests.WithLabelValues(route, method, strconv.Itoa(status)).Inc()
	m.took.WithLabelValues(route).Observe(took.Seconds())
}

// Refused hears of what the inbox gate refused; the host goes into the log only.
func (m *metrics) Refused(_, reason string) { m.refusals.WithLabelValues(reason).Inc() }

// Handled hears of activities that had their turn. Strangers invent types: only
// those that minga handles are labels.
func (m *metrics) Handled(activity, outcome string, took time.Duration) {
	if !knownActivities[activity] {
		activity = "other"
	}
	m.activities.WithLabelValues(activity, outcome).Inc()
	m.handling.WithLabelValues(activity).Observe(took.Seconds())
}

// knownActivities bounds the labels of [metrics.Handled].
var knownActivities = map[string]bool{
	"Create": true, "Update": true, "Delete": true, "Follow": true, "Accept": true, "Reject": true, "Undo": true, "Like": true, "EmojiReact": true,
	"Announce": true, "Move": true, "Block": true, "Flag": true, "Add": true, "Remove": true, "Join": true, "Leave": true, "Invite": true, "Offer": true,
}

// Attempted hears of attempts to deliver.
func (m *metrics) Attempted(_, outcome string, took time.Duration) {
	m.attempts.WithLabelValues(outcome).Inc()
	m.delivery.Observe(took.Seconds())
}

// Pushed hears of messages to apps.
func (m *metrics) Pushed(outcome string, took time.Duration) {
	m.pushes.WithLabelValues(outcome).Inc()
	m.pushing.Observe(took.Seconds())
}

// watch adds the figures that are asked of the store when somebody looks.
func (m *metrics) watch(store *storage.Store) { m.registry.MustRegister(&storeFigures{store: store}) }

// streams lets a function say how many streams are open on this node.
func (m *metrics) streams(open func() int) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "minga_streams_open", Help: "Streams of apps that are open."}, func() float64 { return float64(open()) }))
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

// storeFigures asks the store at each look, two seconds at most.
type storeFigures struct{ store *storage.Store }

// The figures of the store.
var (
	queueDepth  = prometheus.NewDesc("minga_queue_depth", "What waits in a queue.", []string{"queue"}, nil)
	queueOldest = prometheus.NewDesc("minga_queue_oldest_seconds", "Age of the oldest that is due.", []string{"queue"}, nil)
	queueDead   = prometheus.NewDesc("minga_queue_dead", "What was set aside.", []string{"queue"}, nil)
	jobsOpen    = prometheus.NewDesc("minga_jobs", "Jobs listed here.", []string{"state"}, nil)
	peersKnown  = prometheus.NewDesc("minga_peers", "Servers heard of lately.", []string{"state"}, nil)
	pushTargets = prometheus.NewDesc("minga_push_subscriptions", "Apps that are told of notifications while they are closed.", nil, nil)
	postsStored = prometheus.NewDesc("minga_posts", "Posts of this instance.", []string{"origin"}, nil)
)

// Describe names the figures.
func (f *storeFigures) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{queueDepth, queueOldest, queueDead, jobsOpen, peersKnown, pushTargets, postsStored} {
		ch <- d
	}
}

// Collect asks for them; a store that does not answer gives none.
func (f *storeFigures) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if stats, err := f.store.Stats(ctx); err == nil {
		ch <- prometheus.MustNewConstMetric(jobsOpen, prometheus.GaugeValue, float64(stats.OpenJobs), "open")
		ch <- prometheus.MustNewConstMetric(peersKnown, prometheus.GaugeValue, float64(stats.Peers), "active")
		ch <- prometheus.MustNewConstMetric(postsStored, prometheus.GaugeValue, float64(stats.Posts+stats.Comments), "local")
	}
	if n, err := f.store.CountPush(ctx); err == nil {
		ch <- prometheus.MustNewConstMetric(pushTargets, prometheus.GaugeValue, float64(n))
	}
	queues, err := readQueues(ctx, f.store)
	if err != nil {
		return
	}
	for _, q := range queues {
		ch <- prometheus.MustNewConstMetric(queueDepth, prometheus.GaugeValue, float64(q.Waiting), q.Name)
		ch <- prometheus.MustNewConstMetric(queueOldest, prometheus.GaugeValue, q.OldestSeconds, q.Name)
		ch <- prometheus.MustNewConstMetric(queueDead, prometheus.GaugeValue, float64(q.Dead), q.Name)
	}
}
