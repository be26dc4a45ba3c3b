// SPDX-License-Identifier: AGPL-3.0-or-later

package federation

import (
	"net/http"
	"sync/atomic"
)

// mostFailed is after how many requests without an answer the transport is renewed.
const mostFailed = 4096

// lines is the transport in use. The standard library's keeps, of each host that it could
// not connect to, who waited for that connection, until it connects to the host one day:
// 700 bytes for each server that is gone, and for each name that a stranger made up. So a new
// transport takes the place of one that failed often; the sessions of TLS are theirs in
// common, connections in use are used to their end, and kept ones are made anew.
type lines struct {
	current atomic.Pointer[http.Transport]
	failed  atomic.Int64
	most    int64 // mostFailed; tests make it less
}

func newLines(t *http.Transport) *lines {
	l := &lines{most: mostFailed}
	l.current.Store(t)
	return l
}

// RoundTrip implements http.RoundTripper.
func (l *lines) RoundTrip(r *http.Request) (*http.Response, error) {
	t := l.current.Load()
	resp, err := t.RoundTrip(r)
	if err != nil && l.failed.Add(1)%l.most == 0 {
		l.renew(t)
	}
	return resp, err
}

// renew puts a new one in its place.
func (l *lines) renew(t *http.Transport) {
	if l.current.CompareAndSwap(t, t.Clone()) {
		t.CloseIdleConnections()
	}
}
