// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"minga/coop"
	"minga/federation"
	"minga/federation/document"
	"minga/federation/origin"
)

const (
	// maxFetches is how many documents one incoming activity may make us fetch.
	maxFetches = 50
	// keyDeadline is how long a key may take while a request waits for it.
	keyDeadline = 10 * time.Second
	// fetchDeadline bounds any other fetch; the client's own is 30 s.
	fetchDeadline = 35 * time.Second
	// restAfter network failures in a minute a host is not asked for a minute.
	restAfter = 10
)

// errBudget says that one activity wanted more documents than it may.
var errBudget = errors.New("too many fetches for one activity")

// fetchesKey is the context key of the budget.
type fetchesKey struct{}

// withFetches gives everything done under the context a budget of n fetches.
func withFetches(ctx context.Context, n int) context.Context {
	left := &atomic.Int64{}
	left.Store(int64(n))
	return context.WithValue(ctx, fetchesKey{}, left)
}

// spendFetch takes one fetch from the budget of the context, if it has one. Whoever
// works on an activity does not hold its worker from here on.
func spendFetch(ctx context.Context) error {
	letGo(ctx)
	left, ok := ctx.Value(fetchesKey{}).(*atomic.Int64)
	if ok && left.Add(-1) < 0 {
		return errBudget
	}
	return nil
}

// fetchDocument fetches and reads a document: with the budget of the context, by
// single flight, and not at all when it failed within 5 minutes or its host
// rests. remote is whose request made us ask; the zero address for our own work.
func (in *Inbox) fetchDocument(ctx context.Context, iri string, remote netip.Addr) (*document.Object, error) {
	address, host, err := split(iri)
	if err != nil {
		return nil, err
	}
	if err := in.mayFetch(ctx, address, host, remote); err != nil {
		return nil, err
	}
	if err := in.polite(ctx, host); err != nil {
		return nil, err
	}
	deadline := fetchDeadline
	if remote.IsValid() {
		deadline = keyDeadline
	}
	found, err := in.flight(ctx, address, deadline)
	if err != nil {
		in.noteFailure(address, host, remote, err)
		return nil, err
	}
	return readFetched(found)
}

// split takes an IRI to what is asked for, without fragment, and its host.
func split(iri string) (address, host string, err error) {
	address, _, _ = strings.Cut(iri, "#")
	if host, err = origin.Host(address); err != nil {
		return "", "", fmt.Errorf("%w: %w", coop.ErrNotFound, err)
	}
	return address, host, nil
}

// mayFetch asks all memories before anything is sent.
func (in *Inbox) mayFetch(ctx context.Context, address, host string, remote netip.Addr) error {
	now := in.now()
	if known, ok := in.failed.get(address, now); ok {
		return known
	}
	if _, ok := in.silent.get(remote.String()+" "+host, now); ok && remote.IsValid() {
		return &federation.Error{Kind: federation.KindConnect, Host: host, Err: errors.New("failed a moment ago")}
	}
	if f, ok := in.failures.get(host, now); ok && f.resting(now) {
		return &federation.Error{Kind: federation.KindConnect, Host: host, Err: errors.New("the host rests")}
	}
	return spendFetch(ctx)
}

// flight makes one request for all who ask for the same at once.
func (in *Inbox) flight(ctx context.Context, address string, deadline time.Duration) (federation.Fetched, error) {
	found, err := in.shared(ctx, address, func(ctx context.Context) (any, error) {
		ctx, cancel := context.WithTimeout(ctx, deadline)
		defer cancel()
		return in.o.Client.Document(ctx, address)
	})
	if err != nil {
		return federation.Fetched{}, err
	}
	return found.(federation.Fetched), nil
}

// shared does something once for all who want the same at once. It goes on when
// the first who asked goes away: the others still wait.
func (in *Inbox) shared(ctx context.Context, key string, do func(ctx context.Context) (any, error)) (any, error) {
	result := in.flights.DoChan(key, func() (_ any, err error) {
		defer func() {
			if v := recover(); v != nil {
				in.panicked(v)
				err = fmt.Errorf("fetch %s: panic", key)
			}
		}()
		return do(context.WithoutCancel(ctx))
	})
	select {
	case <-ctx.Done():
		return nil, &federation.Error{Kind: federation.KindCanceled, Err: ctx.Err()}
	case r := <-result:
		return r.Val, r.Err
	}
}

// readFetched takes a fetched document through the same reader as a pushed one.
func readFetched(f federation.Fetched) (*document.Object, error) {
	if err := document.Check(f.Body, document.Fetched()); err != nil {
		return nil, err
	}
	return document.Read(f.Body)
}

// noteFailure remembers what gave nothing. Being short of means ourselves, a rehearsal, or
// no longer waiting, is nobody's failure.
func (in *Inbox) noteFailure(address, host string, remote netip.Addr, err error) {
	var failure *federation.Error
	if !errors.As(err, &failure) || failure.Kind == federation.KindBusy || failure.Kind == federation.KindCanceled || failure.Kind == federation.KindRehearsal {
		return
	}
	now := in.now()
	in.failed.put(address, err, now)
	if !networkFailure(failure.Kind) || failure.Host != "" && failure.Host != host {
		return // a redirect or a handle may lead elsewhere: that is not this host's failure
	}
	if remote.IsValid() {
		in.silent.put(remote.String()+" "+host, struct{}{}, now)
	}
	in.failures.getOrPut(host, now, func() *failureCount { return &failureCount{} }).add(now)
}

// networkFailure tells failures without an HTTP answer. A 404 never makes a host
// rest, else one forged key id would silence a whole server.
func networkFailure(k federation.Kind) bool {
	switch k {
	case federation.KindDNS, federation.KindConnect, federation.KindTLS, federation.KindTimeout:
		return true
	}
	return false
}

// failureCount counts network failures of a host within a minute.
type failureCount struct {
	mu    sync.Mutex
	since time.Time
	n     int
	until time.Time // the end of its rest
}

func (f *failureCount) add(now time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if now.Sub(f.since) > time.Minute {
		f.since, f.n = now, 0
	}
	if f.n++; f.n >= restAfter {
		f.until = now.Add(time.Minute)
	}
}

func (f *failureCount) resting(now time.Time) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return now.Before(f.until)
}

// gone tells whether a failed fetch means that the thing is no more (410), or
// that its server does not know it (404).
func gone(err error) (gone, missing bool) {
	var failure *federation.Error
	if !errors.As(err, &failure) {
		return false, false
	}
	return failure.Gone(), failure.NotFound()
}

// temporary tells whether the same may work later.
func temporary(err error) bool {
	if away(err) {
		return true
	}
	var t interface{ Temporary() bool }
	if errors.As(err, &t) {
		return t.Temporary()
	}
	return errors.Is(err, coop.ErrUnavailable) || errors.Is(err, context.DeadlineExceeded)
}
