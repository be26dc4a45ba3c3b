// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"minga/federation/signature"
)

// letter is a request on its way to minga, and what is done to it before it is sent:
// each step sees what the ones before it made.
type letter struct {
	*http.Request
	body []byte
}

type step func(l *letter)

// send posts a body to a path of minga, and gives the status; 0 where the connection
// was cut.
func (s *stage) send(path string, body []byte, steps ...step) int {
	s.t.Helper()
	status, _ := s.answer(s.letter(path, body, steps...))
	return status
}

// letter is a request as it would be sent.
func (s *stage) letter(path string, body []byte, steps ...step) *letter {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.ctx, http.MethodPost, s.config.BaseURL()+path, http.NoBody)
	s.must(err)
	r.Header.Set("Content-Type", "application/activity+json")
	l := &letter{r, body}
	for _, step := range steps {
		step(l)
	}
	return l
}

// door speaks HTTP with minga alone, whatever the name of the host is, and follows
// nothing.
var door = &http.Transport{
	DialContext: func(ctx context.Context, _, address string) (net.Conn, error) {
		var dialer net.Dialer
		_, port, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		return dialer.DialContext(ctx, "tcp", net.JoinHostPort("127.0.0.1", port))
	},
	MaxIdleConnsPerHost: 4,
}

// answer sends a letter and reads what comes, 4 MiB at most.
func (s *stage) answer(l *letter) (int, string) {
	s.t.Helper()
	if l.body != nil {
		l.Request.Body, l.ContentLength = io.NopCloser(bytes.NewReader(l.body)), int64(len(l.body))
	}
	response, err := door.RoundTrip(l.Request)
	if err != nil {
		return 0, err.Error()
	}
	defer response.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(response.Body, 4<<20))
	if response.StatusCode >= 500 && response.StatusCode != http.StatusServiceUnavailable {
		s.t.Errorf("%s %s answers %d: %s", l.Method, l.URL.Path, response.StatusCode, text)
	}
	return response.StatusCode, string(text)
}

// by signs as a server that is in order does; at is its clock, zero for now.
func by(key signature.PrivateKey, form signature.Form, at time.Time) step {
	return func(l *letter) {
		if at.IsZero() {
			at = time.Now()
		}
		if err := signature.Sign(l.Request, l.body, key, form, at); err != nil {
			panic(err)
		}
	}
}

// signedBy signs as most of the fediverse does.
func signedBy(f *figure) step { return by(f.rsa, signature.Cavage, time.Time{}) }

// set, add, drop and swapped change what was made before.
func set(name, value string) step   { return func(l *letter) { l.Header.Set(name, value) } }
func added(name, value string) step { return func(l *letter) { l.Header.Add(name, value) } }
func drop(name string) step         { return func(l *letter) { l.Header.Del(name) } }
func host(name string) step         { return func(l *letter) { l.Host = name } }
func swapped(name, from, to string) step {
	return func(l *letter) { l.Header.Set(name, strings.Replace(l.Header.Get(name), from, to, 1)) }
}
func body(text []byte) step { return func(l *letter) { l.body = text } }
func to(path string) step   { return func(l *letter) { l.URL.Path = path } }

// dressed has the headers that signatures cover.
func dressed(at time.Time) step {
	return func(l *letter) {
		sum := sha256.Sum256(l.body)
		text := base64.StdEncoding.EncodeToString(sum[:])
		l.Header.Set("Date", at.UTC().Format(http.TimeFormat))
		l.Header.Set("Digest", "SHA-256="+text)
		l.Header.Set("Content-Digest", "sha-256=:"+text+":")
	}
}

// cavageOver signs by draft-cavage-12 what names say, by hand; params stand in the
// header as they are.
func cavageOver(key signature.PrivateKey, names, params string) step {
	return func(l *letter) {
		var lines []string
		for name := range strings.FieldsSeq(names) {
			value := strings.Join(l.Header.Values(name), ", ")
			switch name {
			case "(request-target)":
				value = strings.ToLower(l.Method) + " " + l.URL.RequestURI()
			case "host":
				value = l.hostHeader()
			case "(created)", "(expires)":
				value, _, _ = strings.Cut(params[strings.Index(params, strings.Trim(name, "()")+"=")+8:], ",")
			}
			lines = append(lines, name+": "+value)
		}
		raw := base64.StdEncoding.EncodeToString(rawSignature(key.Signer, strings.Join(lines, "\n")))
		l.Header.Set("Signature", fmt.Sprintf(`keyId="%s",%sheaders="%s",signature="%s"`, key.ID, params, names, raw))
	}
}

// rfcOver signs by RFC 9421 the components given, by hand.
func rfcOver(key signature.PrivateKey, parts, params string) step {
	return func(l *letter) {
		var b strings.Builder
		for part := range strings.FieldsSeq(parts) {
			name := strings.Trim(part, `"`)
			value := strings.Join(l.Header.Values(name), ", ")
			switch name {
			case "@method":
				value = l.Method
			case "@target-uri":
				value = "http://" + l.hostHeader() + l.URL.RequestURI()
			}
			fmt.Fprintf(&b, "%s: %s\n", part, value)
		}
		input := "(" + parts + ")" + params
		b.WriteString(`"@signature-params": ` + input)
		l.Header.Set("Signature-Input", "sig1="+input)
		l.Header.Set("Signature", "sig1=:"+base64.StdEncoding.EncodeToString(rawSignature(key.Signer, b.String()))+":")
	}
}

// hostHeader is what goes over the wire.
func (l *letter) hostHeader() string {
	if l.Host != "" {
		return l.Host
	}
	return l.URL.Host
}

func rawSignature(key crypto.Signer, text string) []byte {
	if k, ok := key.(ed25519.PrivateKey); ok {
		return ed25519.Sign(k, []byte(text))
	}
	sum := sha256.Sum256([]byte(text))
	raw, err := key.Sign(rand.Reader, sum[:], crypto.SHA256)
	if err != nil {
		panic(err)
	}
	return raw
}
