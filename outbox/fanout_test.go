// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"minga/coop"
	"minga/federation"
	"minga/federation/signature"
	"minga/storage"
)

// everywhere resolves every name to this machine: a thousand hosts on one listener.
type everywhere struct{}

func (everywhere) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
}

// fediverse is many hosts behind one listener, by name: healthy, slow and dead ones.
type fediverse struct {
	port, closed string
	server       *httptest.Server
	arrived      sync.Map
	healthy      atomic.Int64
	wanted       int64
	all          chan struct{} // closed when every healthy host has it
}

func newFediverse(t testing.TB, healthy int) *fediverse {
	f := &fediverse{wanted: int64(healthy), all: make(chan struct{})}
	f.server = httptest.NewServer(http.HandlerFunc(f.serve))
	t.Cleanup(f.server.Close)
	u, err := url.Parse(f.server.URL)
	if err != nil {
		t.Fatal(err)
	}
	f.port = u.Port()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f.closed = fmt.Sprint(l.Addr().(*net.TCPAddr).Port)
	_ = l.Close()
	return f
}

// serve lets the slow answer only once all the healthy have it: whoever makes the
// healthy wait for the slow never ends.
func (f *fediverse) serve(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.Host, "slow") {
		select {
		case <-f.all:
		case <-time.After(20 * time.Second):
		}
	} else if _, twice := f.arrived.LoadOrStore(r.Host, true); !twice && f.healthy.Add(1) == f.wanted {
		close(f.all)
	}
	w.WriteHeader(http.StatusAccepted)
}

// fanOut makes an instance whose co-op is followed from many hosts.
func fanOut(t testing.TB, f *fediverse, healthy, slow, dead int) (*Outbox, *coop.Account) {
	t.Helper()
	ctx := context.Background()
	test, ok := t.(*testing.T)
	if !ok {
		t.Fatal("needs a test")
	}
	client, err := federation.New(federation.Options{UserAgent: "minga/test", Dev: true, Now: time.Now, Resolver: everywhere{}, Hosts: 2000})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	h := newHouse(test, func(o *Options) { o.Client = client })
	telar := h.account(coop.Coop, "telar")
	err = h.store.Write(ctx, func(tx *storage.Tx) error {
		for i := range healthy + slow + dead {
			name, port := "ok", f.port
			if i >= healthy {
				name = "slow"
			}
			if i >= healthy+slow {
				name, port = "dead", f.closed
			}
			host := fmt.Sprintf("%s%04d.example:%s", name, i, port)
			a := &coop.Account{
				IRI: coop.IRI("http://" + host + "/u"), Kind: coop.Person, ActorType: "Person", Name: "u", Host: host, DisplayName: "u",
				Inbox: coop.IRI("http://" + host + "/u/inbox"), SharedInbox: coop.IRI("http://" + host + "/inbox"), FetchedAt: h.clock.Now(),
			}
			if err := tx.SaveAccount(ctx, a); err != nil {
				return err
			}
			follow := &coop.Follow{IRI: a.IRI + "/f", Follower: a, Target: telar, State: coop.FollowAccepted, CreatedAt: h.clock.Now(), UpdatedAt: h.clock.Now()}
			if err := tx.PutFollow(ctx, follow); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return h.Outbox, telar
}

// TestSlowAndDeadHostsDelayNobody is the short form of the measure of docs/performance.md:
// a tenth of the hosts is dead, a twentieth answers only when all others have it.
func TestSlowAndDeadHostsDelayNobody(t *testing.T) {
	took := map[string]time.Duration{}
	for _, tt := range []struct {
		name                string
		healthy, slow, dead int
	}{{"all healthy", 1000, 0, 0}, {"slow and dead", 850, 50, 100}} {
		f := newFediverse(t, tt.healthy)
		o, telar := fanOut(t, f, tt.healthy, tt.slow, tt.dead)
		if err := o.PublishNote(t.Context(), telar, &coop.Post{Source: "hola"}); err != nil {
			t.Fatal(err)
		}
		took[tt.name] = runUntil(t, o, f)
		t.Logf("%s: %d hosts in %v", tt.name, tt.healthy, took[tt.name])
	}
	perHost := (took["slow and dead"] / 850) * 1000
	t.Logf("ratio for the same number of hosts: %.2f", float64(perHost)/float64(took["all healthy"]))
}

// runUntil runs the worker until the healthy hosts have the post.
func runUntil(t *testing.T, o *Outbox, f *fediverse) time.Duration {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	start := time.Now()
	go func() { ended <- o.Run(ctx) }()
	select {
	case <-f.all:
	case <-time.After(60 * time.Second):
		t.Errorf("only %d of %d healthy hosts have it", f.healthy.Load(), f.wanted)
	}
	took := time.Since(start)
	stop()
	if err := <-ended; err != nil {
		t.Errorf("run: %v", err)
	}
	return took
}

// BenchmarkSignature is the limit: one bare RSA signature.
func BenchmarkSignature(b *testing.B) {
	key, err := signature.GenerateRSA()
	if err != nil {
		b.Fatal(err)
	}
	private := signature.PrivateKey{ID: "https://a.example/u#main-key", Signer: key}
	body := []byte(strings.Repeat("x", 2000))
	for b.Loop() {
		r := httptest.NewRequest(http.MethodPost, "https://b.example/inbox", nil)
		r.Header.Set("Content-Type", "application/activity+json")
		if err := signature.Sign(r, body, private, signature.Cavage, time.Now()); err != nil {
			b.Fatal(err)
		}
	}
}
