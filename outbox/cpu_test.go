// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"minga/coop"
	"minga/federation/signature"
)

// cpu is the processor time that the process has used.
func cpu(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Skipf("no rusage: %v", err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// TestCPUOfFanOut reports the processor time of a thousand deliveries, the receiving
// ends included since they are in this process, and of a thousand bare signatures. The
// measure of docs/performance.md, in processes of their own, is taken by scripts/bench.
func TestCPUOfFanOut(t *testing.T) {
	if testing.Short() {
		t.Skip("a measure, not a check")
	}
	const n = 1000
	f := newFediverse(t, n)
	o, telar := fanOut(t, f, n, 0, 0)
	if err := o.PublishNote(t.Context(), telar, &coop.Post{Source: "caliente"}); err != nil {
		t.Fatal(err)
	}
	runUntil(t, o, f)
	drain(t, o)
	key, err := signature.GenerateRSA()
	if err != nil {
		t.Fatal(err)
	}
	private := signature.PrivateKey{ID: "https://a.example/u#main-key", Signer: key}
	body := []byte(strings.Repeat("x", 2000))
	start := cpu(t)
	for range n {
		r := httptest.NewRequest(http.MethodPost, "https://b.example/inbox", nil)
		r.Header.Set("Content-Type", "application/activity+json")
		if err := signature.Sign(r, body, private, signature.Cavage, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	bare := cpu(t) - start
	start = cpu(t)
	if err := o.PublishNote(t.Context(), telar, &coop.Post{Source: "hola"}); err != nil {
		t.Fatal(err)
	}
	published := cpu(t) - start
	drain(t, o)
	all := cpu(t) - start
	t.Logf("publish %v, all %v, bare %v: %.2f (receiving ends included)", published, all, bare, float64(all)/float64(bare))
}

func drain(t *testing.T, o *Outbox) {
	t.Helper()
	for {
		did, err := o.Step(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if !did {
			return
		}
	}
}
