// SPDX-License-Identifier: AGPL-3.0-or-later

package signature

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	ana   = "https://coop.example/users/ana"
	rsaID = ana + "#main-key"
	edID  = ana + "#ed25519-key"
	// go-fed/httpsig cuts a key id at a comma; we do not.
	commaID = ana + "?x=a,b#main-key"
	inbox   = "https://minga.example/inbox"
	asType  = "application/activity+json"
)

var (
	rsaOnce = sync.OnceValue(func() *rsa.PrivateKey { return must(GenerateRSA()) })
	edOnce  = sync.OnceValue(func() ed25519.PrivateKey { return must(GenerateEd25519()) })
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func rsaPublic() PublicKey { return PublicKey{ID: rsaID, Owner: ana, Key: rsaOnce().Public()} }
func edPublic() PublicKey  { return PublicKey{ID: edID, Owner: ana, Key: edOnce().Public()} }

// policyAt is what minga.example reads with. The clock is the machine's, because
// go-fed/httpsig looks at it.
func policyAt(now time.Time) Policy {
	return Policy{Now: now, Scheme: "https", Hosts: []string{"minga.example"}}
}

// plain describes a request before a test signs it by hand, without the code under
// test: a second reading of the drafts.
type plain struct {
	method, target, host string
	header               http.Header
	body                 []byte
	now                  time.Time
}

func newPost(now time.Time) *plain {
	p := &plain{method: "POST", target: "/inbox", host: "minga.example", header: http.Header{}, now: now}
	p.body = []byte(`{"id":"https://coop.example/1","type":"Like"}`)
	p.header.Set("Date", now.UTC().Format(http.TimeFormat))
	p.header.Set("Content-Type", asType)
	p.header.Set("Digest", "SHA-256="+sum64(p.body))
	p.header.Set("Content-Digest", "sha-256=:"+sum64(p.body)+":")
	return p
}

func newGet(now time.Time) *plain {
	p := newPost(now)
	p.method, p.target, p.body = "GET", "/users/berta", nil
	p.header.Del("Digest")
	p.header.Del("Content-Digest")
	return p
}

func sum64(b []byte) string {
	sum := sha256.Sum256(b)
	return base64.StdEncoding.EncodeToString(sum[:])
}

func (p *plain) request() Request {
	return Request{Method: p.method, Target: p.target, Host: p.host, Header: p.header, Body: p.body}
}

// cavage signs by draft-cavage-12 §2.3 what names say; params are put in as they are.
func (p *plain) cavage(key crypto.Signer, names string, params string) *plain {
	return p.cavageOver(key, names, params, p.target)
}

func (p *plain) cavageOver(key crypto.Signer, names, params, target string) *plain {
	var lines []string
	for _, name := range strings.Fields(names) {
		value := strings.Join(p.header.Values(name), ", ")
		switch name {
		case "(request-target)":
			value = strings.ToLower(p.method) + " " + target
		case "(created)", "(expires)":
			value = paramOf(params, strings.Trim(name, "()"))
		case "host":
			value = p.host
		}
		lines = append(lines, name+": "+value)
	}
	sig := base64.StdEncoding.EncodeToString(signRaw(key, []byte(strings.Join(lines, "\n"))))
	p.header.Set("Signature", fmt.Sprintf(`%s,headers="%s",signature="%s"`, params, names, sig))
	return p
}

// paramOf finds name=digits.
func paramOf(params, name string) string {
	_, rest, _ := strings.Cut(params, name+"=")
	value, _, _ := strings.Cut(rest, ",")
	return value
}

func signRaw(key crypto.Signer, text []byte) []byte {
	if k, ok := key.(ed25519.PrivateKey); ok {
		return ed25519.Sign(k, text)
	}
	sum := sha256.Sum256(text)
	return must(key.Sign(rand.Reader, sum[:], crypto.SHA256))
}

// rfc signs by RFC 9421 §2.5: components as written, such as `"@method" "date"`.
func (p *plain) rfc(key crypto.Signer, components, params string) *plain {
	var b bytes.Buffer
	path, query, _ := strings.Cut(p.target, "?")
	for _, c := range strings.Fields(components) {
		name := strings.Trim(c, `"`)
		value := strings.Join(p.header.Values(name), ", ")
		switch name {
		case "@method":
			value = p.method
		case "@target-uri":
			value = "https://" + p.host + p.target
		case "@authority", "host":
			value = p.host
		case "@path":
			value = path
		case "@query":
			value = "?" + query
		}
		fmt.Fprintf(&b, "%s: %s\n", c, value)
	}
	input := "(" + components + ")" + params
	b.WriteString(`"@signature-params": ` + input)
	p.header.Set("Signature-Input", "sig1="+input)
	p.header.Set("Signature", "sig1=:"+base64.StdEncoding.EncodeToString(signRaw(key, b.Bytes()))+":")
	return p
}

const (
	postNames = "(request-target) host date digest content-type"
	keyParams = `keyId="` + rsaID + `",algorithm="hs2019"`
	postParts = `"@method" "@target-uri" "content-digest"`
)

func rfcParams(now time.Time, keyID, more string) string {
	return fmt.Sprintf(`;created=%d;keyid="%s"%s`, now.Unix(), keyID, more)
}

// verdict reads and verifies with the fitting key of Ana.
func verdict(r Request, p Policy) (Identity, error) {
	claim, err := Read(r, p)
	if err != nil {
		return Identity{}, err
	}
	if claim.KeyID() == edID {
		return claim.Verify(edPublic())
	}
	k := rsaPublic()
	if claim.KeyID() == commaID {
		k.ID = commaID
	}
	return claim.Verify(k)
}

// reasonOf is the word of a refusal, "" when there was none.
func reasonOf(t testing.TB, err error) Reason {
	t.Helper()
	if err == nil {
		return ""
	}
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("an error of another kind: %v", err)
	}
	return e.Reason
}

// row is one request of a table with the word it is refused for; "" is accepted.
type row struct {
	name string
	p    *plain
	want Reason
}

func checkRows(t *testing.T, now time.Time, rows []row) {
	t.Helper()
	for _, tt := range rows {
		t.Run(tt.name, func(t *testing.T) {
			id, err := verdict(tt.p.request(), policyAt(now))
			if got := reasonOf(t, err); got != tt.want {
				t.Fatalf("refused for %q, want %q (%v)", got, tt.want, err)
			}
			if id.Valid() != (tt.want == "") {
				t.Errorf("identity valid: %v", id.Valid())
			}
		})
	}
}

// edit changes a request in the middle of a table row.
func (p *plain) edit(f func(*plain)) *plain { f(p); return p }

// sent lets a real server receive what a real client sends, and returns it as
// FromHTTP sees it.
func sent(t testing.TB, r *http.Request, body []byte) Request {
	t.Helper()
	out := make(chan Request, 1)
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, got *http.Request) {
		out <- FromHTTP(got, body)
	}))
	defer srv.Close()
	r.Host, r.URL.Host, r.URL.Scheme = hostOf(r), strings.TrimPrefix(srv.URL, "http://"), "http"
	resp, err := srv.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return <-out
}
