// SPDX-License-Identifier: AGPL-3.0-or-later

// Package translatetest is a translation service for tests: a real HTTP server that
// speaks LibreTranslate's API and keeps what it was sent. It is never part of the program.
package translatetest

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/html"
)

// Asked is a request to translate.
type Asked struct {
	Texts  []string `json:"q"`
	Source string   `json:"source"`
	Target string   `json:"target"`
	Format string   `json:"format"`
	Key    string   `json:"api_key"`

	Header http.Header
	Body   string // as it came
}

// Service is the service. It writes words in capitals and puts the language before each
// piece of text: en:BREAD. Tags stay, and what is inside of links is translated too.
type Service struct {
	URL string
	Key string // without which nothing is translated

	mu     sync.Mutex
	asked  []Asked
	listed int
	manner Manner
}

// Manner is how a service behaves badly. The zero value is a good one.
type Manner struct {
	Status    int                           // instead of 200
	Header    http.Header                   // with that
	Twist     func(text string) string      // instead of its translation of a text
	Body      string                        // instead of the whole answer
	Languages string                        // instead of the list
	Hold      <-chan struct{}               // before it answers
	Number    func(texts []string) []string // instead of as many as it was sent
}

// usualLanguages are the languages of a good service.
const usualLanguages = `[{"code":"en","name":"English","targets":["en","es","it"]},{"code":"es","name":"Spanish","targets":["en","es"]},{"code":"it","name":"Italian","targets":["en"]}]`

// Open starts it until the test ends.
func Open(t testing.TB) *Service {
	t.Helper()
	s := &Service{Key: "geheim"}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /languages", s.languages)
	mux.HandleFunc("POST /translate", s.translate)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	s.URL = server.URL
	return s
}

// Behave changes how it behaves from now on.
func (s *Service) Behave(m Manner) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.manner = m
}

// Asked is what it was asked to translate since it was asked last.
func (s *Service) Asked() []Asked {
	s.mu.Lock()
	defer s.mu.Unlock()
	asked := s.asked
	s.asked = nil
	return asked
}

// Listed is how often it was asked for its languages.
func (s *Service) Listed() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.listed
}

func (s *Service) languages(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	s.listed++
	m := s.manner
	s.mu.Unlock()
	text := usualLanguages
	if m.Languages != "" {
		text = m.Languages
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write([]byte(text))
}

func (s *Service) translate(w http.ResponseWriter, r *http.Request) {
	var body strings.Builder
	ask := Asked{Header: r.Header.Clone()}
	err := json.NewDecoder(http.MaxBytesReader(w, readInto{r, &body}, 1<<20)).Decode(&ask)
	ask.Body = body.String()
	s.mu.Lock()
	s.asked = append(s.asked, ask)
	m := s.manner
	s.mu.Unlock()
	if m.Hold != nil {
		<-m.Hold
	}
	w.Header().Set("Content-Type", "application/json")
	switch {
	case err != nil || ask.Format != "html" || r.Header.Get("Content-Type") != "application/json":
		refuse(w, http.StatusBadRequest, "Invalid request")
	case ask.Key != s.Key:
		refuse(w, http.StatusForbidden, "Invalid API key")
	case m.Status != 0:
		for key, values := range m.Header {
			w.Header()[key] = values
		}
		refuse(w, m.Status, "Slow down")
	case m.Body != "":
		_, _ = w.Write([]byte(m.Body))
	default:
		s.answer(w, ask, m)
	}
}

// answer translates, each text as the manner has it.
func (s *Service) answer(w http.ResponseWriter, ask Asked, m Manner) {
	texts := make([]string, len(ask.Texts))
	for i, text := range ask.Texts {
		if texts[i] = shout(ask.Target, text); m.Twist != nil {
			texts[i] = m.Twist(text)
		}
	}
	if m.Number != nil {
		texts = m.Number(texts)
	}
	answer := map[string]any{"translatedText": texts}
	if ask.Source == "auto" {
		answer["detectedLanguage"] = []map[string]any{{"confidence": 90, "language": "es"}}
	}
	_ = json.NewEncoder(w).Encode(answer)
}

func refuse(w http.ResponseWriter, status int, words string) {
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": words})
}

// shout is the translation of HTML.
func shout(target, text string) string {
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(text))
	for z.Next() != html.ErrorToken {
		token := z.Token()
		if token.Type == html.TextToken && strings.TrimSpace(token.Data) != "" {
			token.Data = target + ":" + strings.ToUpper(token.Data)
		}
		b.WriteString(token.String())
	}
	return b.String()
}

// readInto keeps what is read of a body.
type readInto struct {
	r    *http.Request
	kept *strings.Builder
}

// Read implements io.Reader.
func (r readInto) Read(p []byte) (int, error) {
	n, err := r.r.Body.Read(p)
	r.kept.Write(p[:n])
	return n, err
}

// Close implements io.Closer.
func (r readInto) Close() error { return r.r.Body.Close() }
