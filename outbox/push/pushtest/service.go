// SPDX-License-Identifier: AGPL-3.0-or-later

package pushtest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// Service is a push service: it remembers what came and answers as it is told.
type Service struct {
	URL  string
	t    *testing.T
	mu   sync.Mutex
	came []Arrived
	say  func(w http.ResponseWriter, r *http.Request, n int) // n counts from 1; nil: 201
}

// Arrived is a request that a push service got.
type Arrived struct {
	Path   string // with its query
	Header http.Header
	Body   []byte
}

// NewService opens one on loopback until the test ends. It answers with say, which is
// told the number of the request from 1 on; nil: 201 always.
func NewService(t *testing.T, say func(w http.ResponseWriter, r *http.Request, n int)) *Service {
	t.Helper()
	s := &Service{t: t, say: say}
	server := httptest.NewUnstartedServer(s)
	server.Start()
	t.Cleanup(server.Close)
	s.URL = server.URL
	return s
}

// ServeHTTP takes a message.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil || r.Method != http.MethodPost {
		s.t.Errorf("%s %s: %v", r.Method, r.URL, err)
	}
	s.mu.Lock()
	s.came = append(s.came, Arrived{r.URL.RequestURI(), r.Header, body})
	n := len(s.came)
	s.mu.Unlock()
	if s.say == nil {
		w.WriteHeader(http.StatusCreated)
		return
	}
	s.say(w, r, n)
}

// Status answers always the same; headers are pairs.
func Status(code int, headers ...string) func(http.ResponseWriter, *http.Request, int) {
	return func(w http.ResponseWriter, _ *http.Request, _ int) {
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(code)
	}
}

// Requests are what came so far.
func (s *Service) Requests() []Arrived {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Arrived(nil), s.came...)
}
