// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"encoding/json"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"go.yaml.in/yaml/v3"

	"minga/coop"
	"minga/federation/signature/signaturetest"
	"minga/storage"
)

// promised are the figures of the contract with their labels; a board and alert rules of
// others name them.
var promised = map[string]string{
	"minga_build_info": "version", "minga_http_requests_total": "code method route", "minga_http_request_seconds": "route",
	"minga_inbox_activities_total": "result type", "minga_inbox_seconds": "type", "minga_signature_failures_total": "reason",
	"minga_delivery_attempts_total": "result", "minga_delivery_seconds": "", "minga_queue_depth": "queue", "minga_queue_oldest_seconds": "queue",
	"minga_queue_dead": "queue", "minga_peers": "state", "minga_accounts": "kind", "minga_posts": "origin", "minga_jobs": "state", "minga_streams": "",
	"minga_media_bytes": "origin", "minga_disk_free_bytes": "", "minga_db_seconds": "query", "minga_db_connections": "state",
	"minga_backup_last_success_timestamp_seconds": "", "minga_backup_last_verified_timestamp_seconds": "", "minga_mail_total": "result",
	"minga_rate_limited_total": "route", "minga_http_places": "class", "minga_http_in_work": "class", "minga_http_waiting": "class",
	"minga_http_turned_away_total": "asker class", "go_goroutines": "",
}

// measured is what an instance says of itself after a little of everything.
func measured(t *testing.T) map[string]*dto.MetricFamily {
	t.Helper()
	i, err := newInstance(t.Context(), interopConfig(t, 8080, nil), slog.New(slog.DiscardHandler), time.Now, signaturetest.Keys())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = i.close() })
	told, err := i.store.FederationAccount(t.Context())
	if err == nil {
		err = i.outbox.Tell(t.Context(), told, "a post to count")
	}
	if err != nil {
		t.Fatal(err)
	}
	err = i.store.Write(t.Context(), func(tx *storage.Tx) error {
		return tx.PutPeer(t.Context(), &coop.Peer{Host: "spam.example", Policy: coop.PolicyBlock})
	})
	if err != nil {
		t.Fatal(err)
	}
	m := i.metrics
	m.watch(i)
	m.answered("/jobs", "BREW", 429, time.Second)
	m.Refused("evil.example", "signature")
	m.Handled("Invented", "done", time.Second)
	m.Attempted("peer.example", "Create", "delivered", time.Second)
	m.Pushed("sent", time.Second)
	m.Mailed("sent")
	families, err := m.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]*dto.MetricFamily{}
	for _, f := range families {
		found[f.GetName()] = f
	}
	return found
}

// TestMetricsOfTheContract: each figure is there under its name with its labels, and no
// label holds a host or anything else that strangers may invent.
func TestMetricsOfTheContract(t *testing.T) {
	found := measured(t)
	for name, labels := range promised {
		f := found[name]
		if f == nil {
			if name != "minga_jobs" { // of which there are none
				t.Errorf("%s is not there", name)
			}
			continue
		}
		seen := map[string]bool{}
		for _, m := range f.GetMetric() {
			for _, pair := range m.GetLabel() {
				seen[pair.GetName()] = true
			}
		}
		if got := strings.Join(slices.Sorted(maps.Keys(seen)), " "); got != labels {
			t.Errorf("%s has the labels %q, want %q", name, got, labels)
		}
	}
	for name, f := range found {
		for _, m := range f.GetMetric() {
			for _, pair := range m.GetLabel() {
				if v := pair.GetValue(); strings.HasPrefix(name, "minga_") && (strings.Contains(v, ".example") || v == "BREW" || v == "Invented") {
					t.Errorf("%s has a label of a stranger's making: %s", name, v)
				}
			}
		}
	}
}

// TestBoardAndAlertsNameWhatIsMeasured: whatever the shipped board and rules ask for is
// exported under that name and with those labels.
func TestBoardAndAlertsNameWhatIsMeasured(t *testing.T) {
	found := measured(t)
	for _, file := range []string{"minga.json", "alerts.yml"} {
		exprs := shippedExpressions(t, file)
		if len(exprs) < 10 {
			t.Fatalf("%s has %d expressions only", file, len(exprs))
		}
		for _, expr := range exprs {
			checkExpression(t, found, file, expr)
		}
	}
}

// shippedExpressions loads a file as Grafana or Prometheus would and returns what it asks.
func shippedExpressions(t *testing.T, file string) (exprs []string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "packaging", "grafana", file))
	if err != nil {
		t.Fatal(err)
	}
	var board struct {
		Panels []struct{ Targets []struct{ Expr string } }
	}
	var rules struct {
		Groups []struct {
			Rules []struct {
				Alert, Expr string
				Annotations map[string]string
			}
		}
	}
	if strings.HasSuffix(file, ".json") {
		err = json.Unmarshal(text, &board)
	} else {
		err = yaml.Unmarshal(text, &rules)
	}
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	for _, p := range board.Panels {
		for _, one := range p.Targets {
			exprs = append(exprs, one.Expr)
		}
	}
	for _, g := range rules.Groups {
		for _, r := range g.Rules {
			if r.Alert == "" || r.Annotations["summary"] == "" || r.Annotations["description"] == "" {
				t.Errorf("%s: the rule %q says too little", file, r.Alert)
			}
			exprs = append(exprs, r.Expr)
		}
	}
	return exprs
}

// The parts of an expression: a figure with what it is narrowed by, and what it is summed by.
var (
	figureText = regexp.MustCompile(`\b((?:minga|go|process)_[a-z_]+)(?:\{([^}]*)\})?`)
	labelText  = regexp.MustCompile(`([a-z_]+)\s*[=!]`)
	sumText    = regexp.MustCompile(`\b(?:by|on) \(([a-z_, ]+)\)`)
)

// checkExpression looks for each name in what is measured.
func checkExpression(t *testing.T, found map[string]*dto.MetricFamily, file, expr string) {
	t.Helper()
	if strings.Count(expr, "(") != strings.Count(expr, ")") {
		t.Errorf("%s: brackets of %s", file, expr)
	}
	given := map[string]bool{"job": true, "instance": true}
	for _, match := range figureText.FindAllStringSubmatch(expr, -1) {
		name := match[1]
		for _, end := range []string{"_bucket", "_sum", "_count"} {
			if base, cut := strings.CutSuffix(name, end); cut && found[base].GetType() == dto.MetricType_HISTOGRAM {
				name, given["le"] = base, true
			}
		}
		if _, ours := promised[name]; found[name] == nil && !ours {
			t.Errorf("%s names %s, which is not exported", file, name)
		}
		for _, label := range strings.Fields(promised[name]) {
			given[label] = true
		}
		for _, m := range found[name].GetMetric() {
			for _, pair := range m.GetLabel() {
				given[pair.GetName()] = true
			}
		}
		for _, label := range labelText.FindAllStringSubmatch(match[2], -1) {
			if !given[label[1]] {
				t.Errorf("%s: %s has no label %s", file, name, label[1])
			}
		}
	}
	for _, match := range sumText.FindAllStringSubmatch(expr, -1) {
		for _, label := range strings.Split(match[1], ",") {
			if !given[strings.TrimSpace(label)] {
				t.Errorf("%s: %s: there is no label %q", file, expr, strings.TrimSpace(label))
			}
		}
	}
}

// TestReadinessLooksAtTheWorkers: a worker that is silent for a minute makes the instance
// not ready, and so does due work that nobody finishes; dead servers alone do not.
func TestReadinessLooksAtTheWorkers(t *testing.T) {
	now := time.Date(2030, 5, 1, 12, 0, 0, 0, time.UTC)
	p := newPulse(func() time.Time { return now })
	now = now.Add(2 * time.Minute)
	if p.beat(); p.silent() <= workerPatience {
		t.Error("workers that are silent go unseen while the database answers")
	}
	p.inboxBeat()
	if p.outboxBeat(); p.silent() > workerPatience {
		t.Error("signs of life are not seen")
	}
	m := newMetrics(func() time.Time { return now })
	if m.Attempted("dead.example", "Create", "again", time.Second); m.idle() != 0 {
		t.Error("an attempt at a dead server is no work")
	}
	if now = now.Add(time.Hour); m.idle() != time.Hour {
		t.Error("idleness is not seen")
	}
}
