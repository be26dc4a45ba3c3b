// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"github.com/prometheus/client_golang/prometheus"

	"minga/web"
)

// The figures of what is asked at once.
var (
	placesThere  = gauge("minga_http_places", "Requests that may be worked on at once.", "class")
	placesTaken  = gauge("minga_http_in_work", "Requests that are worked on.", "class")
	placesWanted = gauge("minga_http_waiting", "Requests that wait for a place.", "class")
	turnedAway   = gauge("minga_http_turned_away_total", "Requests that were answered 503 because too much was asked at once.", "class", "asker")
)

// loadFigures asks the doors at each look.
type loadFigures struct{ load func() []web.Load }

// load lets a function say how much is asked of this node.
func (m *metrics) load(load func() []web.Load) { m.registry.MustRegister(loadFigures{load}) }

// Describe names the figures.
func (f loadFigures) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{placesThere, placesTaken, placesWanted, turnedAway} {
		ch <- d
	}
}

// Collect asks for them.
func (f loadFigures) Collect(ch chan<- prometheus.Metric) {
	for _, l := range f.load() {
		for d, n := range map[*prometheus.Desc]int{placesThere: l.Places, placesTaken: l.Taken, placesWanted: l.Waiting} {
			ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(n), l.Class)
		}
		ch <- prometheus.MustNewConstMetric(turnedAway, prometheus.CounterValue, float64(l.TurnedKnown), l.Class, "known")
		ch <- prometheus.MustNewConstMetric(turnedAway, prometheus.CounterValue, float64(l.TurnedUnknown), l.Class, "unknown")
	}
}
