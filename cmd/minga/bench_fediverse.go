// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"minga/federation"
	"minga/federation/signature"
)

// crowd is a fediverse of many servers in one listener: h0.localhost:PORT,
// h1.localhost:PORT, … each with one actor. All share one key pair, which saves
// their making; to the instance they are different.
type crowd struct {
	count  int
	port   int
	key    *rsa.PrivateKey
	pem    string
	client *federation.Client
	server *http.Server

	accept string // value of Accept-Signature that inboxes answer with; empty: none
	dead   int    // so many hosts refuse every delivery's connection
	slow   int    // so many hosts answer after delay
	delay  time.Duration
	active atomic.Bool // dead and slow count only then

	mu       sync.Mutex
	heard    func(body string) // told of everything that arrives; nil: nobody is
	wanted   string            // part of the body that is counted
	reached  map[string]bool
	changed  chan struct{}
	requests atomic.Int64
}

// newCrowd starts the listener.
func newCrowd(ctx context.Context, count int) (*crowd, error) {
	key, err := signature.GenerateRSA()
	if err != nil {
		return nil, err
	}
	pem, err := signature.EncodePublicPEM(&key.PublicKey)
	if err != nil {
		return nil, err
	}
	client, err := federation.New(federation.Options{UserAgent: "minga-bench", Dev: true, Now: time.Now, Hosts: 4})
	if err != nil {
		return nil, err
	}
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("crowd: %w", err)
	}
	address, ok := l.Addr().(*net.TCPAddr)
	if !ok {
		return nil, errors.New("crowd: no TCP address")
	}
	c := &crowd{count: count, port: address.Port, key: key, pem: pem, client: client, reached: map[string]bool{}, changed: make(chan struct{}, 1)}
	c.server = &http.Server{Handler: http.HandlerFunc(c.serve), ReadHeaderTimeout: time.Minute}
	loops := &runner{}
	loops.wg.Go(func() { _ = c.server.Serve(l) })
	return c, nil
}

// close ends the listener.
func (c *crowd) close() error {
	c.client.Close()
	return c.server.Close()
}

// host is the address of one of the servers.
func (c *crowd) host(n int) string { return fmt.Sprintf("h%d.localhost:%d", n, c.port) }

// actor is the id of its one actor.
func (c *crowd) actor(n int) string { return "http://" + c.host(n) + "/a" }

// number is which server a request was meant for.
func number(host string) int {
	var n int
	if _, err := fmt.Sscanf(host, "h%d.", &n); err != nil {
		return -1
	}
	return n
}

// serve answers as the server that was asked.
func (c *crowd) serve(w http.ResponseWriter, r *http.Request) {
	n := number(r.Host)
	switch {
	case r.Method == http.MethodPost:
		c.inbox(w, r, n)
	case r.URL.Path == "/a":
		w.Header().Set("Content-Type", "application/activity+json")
		_, _ = w.Write(c.document(n))
	case strings.HasPrefix(r.URL.Path, "/.well-known/webfinger"):
		w.Header().Set("Content-Type", "application/jrd+json")
		fmt.Fprintf(w, `{"subject":"acct:a%d@%s","links":[{"rel":"self","type":"application/activity+json","href":%q}]}`, n, c.host(n), c.actor(n))
	default:
		http.NotFound(w, r)
	}
}

// document is an actor as Mastodon would write it.
func (c *crowd) document(n int) []byte {
	id := c.actor(n)
	body, err := json.Marshal(map[string]any{
		"@context": []string{"https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"},
		"id":       id, "type": "Person", "preferredUsername": fmt.Sprintf("a%d", n), "name": fmt.Sprintf("Actor %d", n),
		"inbox": id + "/inbox", "outbox": id + "/outbox", "followers": id + "/followers", "url": id,
		"endpoints": map[string]string{"sharedInbox": "http://" + c.host(n) + "/inbox"},
		"publicKey": map[string]string{"id": id + "#main-key", "owner": id, "publicKeyPem": c.pem},
	})
	if err != nil {
		return nil
	}
	return body
}

// inbox counts what arrives, late or not at all where it plays such a server.
func (c *crowd) inbox(w http.ResponseWriter, r *http.Request, n int) {
	c.requests.Add(1)
	if c.active.Load() && n < c.dead {
		hang(w)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	if c.active.Load() && n < c.dead+c.slow {
		pause(r.Context(), c.delay)
	}
	if c.accept != "" {
		w.Header().Set("Accept-Signature", c.accept)
	}
	w.WriteHeader(http.StatusAccepted)
	c.note(r.Host, string(body))
}

// hang drops the connection, as a server does that is not there.
func hang(w http.ResponseWriter) {
	if hijacker, ok := w.(http.Hijacker); ok {
		if conn, _, err := hijacker.Hijack(); err == nil {
			_ = conn.Close()
		}
	}
}

// note counts a host that has what is wanted.
func (c *crowd) note(host, body string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.heard != nil {
		c.heard(body)
	}
	if c.wanted == "" || !strings.Contains(body, c.wanted) || c.reached[host] {
		return
	}
	c.reached[host] = true
	select {
	case c.changed <- struct{}{}:
	default:
	}
}

// want begins to count hosts that receive a body with this text.
func (c *crowd) want(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wanted, c.reached = text, map[string]bool{}
}

// await waits until so many hosts have it.
func (c *crowd) await(ctx context.Context, hosts int) error {
	for {
		c.mu.Lock()
		have := len(c.reached)
		c.mu.Unlock()
		if have >= hosts {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%d of %d hosts reached: %w", have, hosts, ctx.Err())
		case <-c.changed:
		}
	}
}

// post sends a body to the instance, signed by one of the actors.
func (c *crowd) post(ctx context.Context, inbox string, n int, body []byte) (int, error) {
	key := signature.PrivateKey{ID: c.actor(n) + "#main-key", Signer: c.key}
	answer, err := c.client.Post(ctx, inbox, body, func(r *http.Request) error {
		return signature.Sign(r, body, key, signature.Cavage, time.Now())
	})
	if err != nil {
		return 0, err
	}
	return answer.Status, nil
}

// each does something for many numbers, some at once, and returns the first error.
func each(ctx context.Context, from, to, atOnce int, do func(ctx context.Context, n int) error) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var next atomic.Int64
	next.Store(int64(from))
	loops := &runner{}
	for range atOnce {
		loops.wg.Go(func() {
			for ctx.Err() == nil {
				n := int(next.Add(1)) - 1
				if n >= to {
					return
				}
				if err := do(ctx, n); err != nil {
					stop(err)
					return
				}
			}
		})
	}
	loops.wg.Wait()
	if err := context.Cause(ctx); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}
