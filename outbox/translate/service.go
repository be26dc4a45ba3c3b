// SPDX-License-Identifier: AGPL-3.0-or-later

package translate

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"minga/federation"
)

// Bounds of what the service may say.
const (
	mostLanguages = 500
	mostAnswer    = federation.MaxDocument // bytes
	askTime       = 20 * time.Second       // for all of an exchange
	mostWait      = time.Hour              // of a Retry-After
)

// service speaks LibreTranslate's API: POST /translate and GET /languages.
type service struct {
	client doer
	base   string // without a slash at its end
	key    string // api_key; empty: none
	most   time.Duration
}

// doer is [federation.Client.ForLibrary]: the one gate for what goes out.
type doer interface {
	Do(r *http.Request) (*http.Response, error)
}

// refusal is an answer of the service that is no translation.
type refusal struct {
	status int
	after  time.Duration // Retry-After; 0: not said
	words  string        // of the service, cut
}

// Error says the status and the service's own words.
func (r *refusal) Error() string {
	return strings.TrimSpace("answers " + strconv.Itoa(r.status) + " " + r.words)
}

// language is a line of GET /languages.
type language struct {
	Code    string   `json:"code"`
	Targets []string `json:"targets"` // nil in old versions: all others
}

// tag is how languages are written; "auto" and "und" are none.
var tag = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$`)

// languages asks which there are.
func (s *service) languages(ctx context.Context) (Pairs, error) {
	var list []language
	if err := s.ask(ctx, http.MethodGet, "/languages", nil, &list); err != nil {
		return nil, err
	}
	return pairsOf(list)
}

// pairsOf are the pairs in a list. What is no tag of a language is passed over.
func pairsOf(list []language) (Pairs, error) {
	if len(list) > mostLanguages {
		return nil, fmt.Errorf("%d languages", len(list))
	}
	var all []string
	for _, one := range list {
		if tag.MatchString(one.Code) {
			all = append(all, one.Code)
		}
	}
	pairs := Pairs{}
	for _, one := range list {
		if !tag.MatchString(one.Code) || len(one.Targets) > mostLanguages {
			continue
		}
		targets := one.Targets
		if targets == nil {
			targets = all
		}
		pairs[one.Code] = []string{}
		for _, to := range targets {
			if to != one.Code && tag.MatchString(to) {
				pairs[one.Code] = append(pairs[one.Code], to)
			}
		}
	}
	return pairs, nil
}

// wish is the body of POST /translate.
type wish struct {
	Texts  []string `json:"q"`
	Source string   `json:"source"` // auto: the service finds out
	Target string   `json:"target"`
	Format string   `json:"format"`
	Key    string   `json:"api_key,omitempty"`
}

// found is the answer. What was detected is a list for a list of texts.
type found struct {
	Texts    []string        `json:"translatedText"`
	Detected json.RawMessage `json:"detectedLanguage"`
}

// translate has HTML texts translated. It gives as many as it was given, and the language
// that the service found them to be in; empty: it did not say.
func (s *service) translate(ctx context.Context, source, target string, texts []string) ([]string, string, error) {
	body, err := json.Marshal(wish{Texts: texts, Source: source, Target: target, Format: "html", Key: s.key}) //nolint:gosec // the key goes to the service that it is for
	if err != nil {
		return nil, "", err
	}
	var got found
	if err := s.ask(ctx, http.MethodPost, "/translate", body, &got); err != nil {
		return nil, "", err
	}
	if len(got.Texts) != len(texts) {
		return nil, "", fmt.Errorf("%d texts for %d", len(got.Texts), len(texts))
	}
	return got.Texts, detected(got.Detected), nil
}

// detected is the first language of a list, or the one of an object.
func detected(text json.RawMessage) string {
	type guess struct {
		Language string `json:"language"`
	}
	var one guess
	var list []guess
	if json.Unmarshal(text, &list) == nil && len(list) > 0 {
		one = list[0]
	} else if json.Unmarshal(text, &one) != nil {
		return ""
	}
	if !tag.MatchString(one.Language) {
		return ""
	}
	return one.Language
}

// ask sends a request and reads the answer, JSON, into what it is given. No redirect is
// followed: the key would go along.
func (s *service) ask(ctx context.Context, method, path string, body []byte, into any) error {
	ctx, cancel := context.WithTimeout(ctx, s.most)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, s.base+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Accept", "application/json")
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	answer, err := s.client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return refused(answer)
	}
	if kind, _, err := mime.ParseMediaType(answer.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return fmt.Errorf("content type %q", answer.Header.Get("Content-Type"))
	}
	text, err := io.ReadAll(io.LimitReader(answer.Body, mostAnswer))
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}

// refused reads why: the service says it in a member error.
func refused(answer *http.Response) error {
	text, _ := io.ReadAll(io.LimitReader(answer.Body, 4<<10)) // the status is the answer
	var said struct {
		Error string `json:"error"`
	}
	_ = json.Unmarshal(text, &said)
	seconds, _ := strconv.Atoi(answer.Header.Get("Retry-After"))
	after := min(time.Duration(max(0, min(seconds, 1<<20)))*time.Second, mostWait)
	return &refusal{status: answer.StatusCode, after: after, words: coopLine(said.Error)}
}
