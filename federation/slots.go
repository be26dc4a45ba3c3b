// SPDX-License-Identifier: AGPL-3.0-or-later

package federation

import (
	"context"
	"sync"
)

const (
	fetchesPerHost = 8   // at once
	fetchesInAll   = 256 // at once
)

// slots bound how many fetches are under way: at one host, so that a slow one cannot
// take all, and in all. Hosts without a fetch take no memory.
type slots struct {
	all   chan struct{}
	mu    sync.Mutex
	hosts map[string]*hostSlots
}

// hostSlots are those of one host; users are who holds or waits for one.
type hostSlots struct {
	places chan struct{}
	users  int
}

func newSlots() *slots {
	return &slots{all: make(chan struct{}, fetchesInAll), hosts: map[string]*hostSlots{}}
}

// take waits for a place at a host and then for one of all: who waits for a slow host
// holds nothing that others need. The returned function gives both back.
func (s *slots) take(ctx context.Context, host string) (func(), error) {
	h := s.join(host)
	select {
	case h.places <- struct{}{}:
	case <-ctx.Done():
		s.leave(host, h)
		return nil, &Error{Kind: KindBusy, Host: host, Err: ctx.Err()}
	}
	select {
	case s.all <- struct{}{}:
	case <-ctx.Done():
		<-h.places
		s.leave(host, h)
		return nil, &Error{Kind: KindBusy, Host: host, Err: ctx.Err()}
	}
	return func() {
		<-s.all
		<-h.places
		s.leave(host, h)
	}, nil
}

func (s *slots) join(host string) *hostSlots {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.hosts[host]
	if h == nil {
		h = &hostSlots{places: make(chan struct{}, fetchesPerHost)}
		s.hosts[host] = h
	}
	h.users++
	return h
}

func (s *slots) leave(host string, h *hostSlots) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if h.users--; h.users == 0 {
		delete(s.hosts, host)
	}
}
