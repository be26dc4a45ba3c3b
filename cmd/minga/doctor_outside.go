// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"minga/federation"
	"minga/storage"
	"minga/web/admin"
)

// public tells whether others can reach us at all; for trying things out they cannot.
func (l *lookout) public() bool { return l.i.config.Scheme == "https" }

// dns asks for the addresses of our name.
func (l *lookout) dns(ctx context.Context) []admin.Finding {
	if !l.public() {
		return nil
	}
	return one(addressesOf(ctx, l, hostName(l.i.config.Host)))
}

// addressesOf judges the addresses of a name: those that lead nowhere from elsewhere are a
// mistake, as a machine's own file of hosts makes it.
func addressesOf(ctx context.Context, l *lookout, name string) admin.Finding {
	if _, err := netip.ParseAddr(strings.Trim(name, "[]")); err == nil {
		return fine("dns", name)
	}
	addrs, err := l.names.LookupNetIP(ctx, "ip", name)
	if err != nil {
		return failed("dns", err)
	}
	var texts []string
	inside := false
	for _, a := range addrs {
		a = a.Unmap()
		texts = append(texts, a.String())
		inside = inside || a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast() || a.IsUnspecified()
	}
	slices.Sort(texts)
	if fact := strings.Join(texts[:min(len(texts), 8)], ", "); inside {
		return warned("dns", fact)
	} else {
		return fine("dns", fact)
	}
}

// ask sends a request to ourselves and gives the answer with the beginning of its body.
func (l *lookout) ask(r *http.Request) (*heard, error) {
	answer, err := l.client.Do(r)
	if err != nil {
		var around *url.Error // names the address, in which a secret may stand
		if errors.As(err, &around) {
			err = around.Err
		}
		return nil, fmt.Errorf("ask ourselves: %w", err)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	return &heard{answer.StatusCode, answer.Header, answer.TLS, body}, nil
}

// heard is an answer that came whole.
type heard struct {
	status int
	header http.Header
	tls    *tls.ConnectionState // nil over plain HTTP
	body   []byte
}

// request makes one to ourselves.
func (l *lookout) request(ctx context.Context, method, path string, body io.Reader) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, method, l.base+path, body)
	if err != nil {
		return nil, fmt.Errorf("ask ourselves: %w", err)
	}
	return r, nil
}

// errAnswer says which answer came where another was right.
func errAnswer(path string, status int) error {
	return &mistaken{storage.Reason{Key: "status", Where: path, Got: strconv.Itoa(status)}, fmt.Sprintf("%s: the answer is %d", path, status)}
}

// address asks ourselves, as another server would.
func (l *lookout) address(ctx context.Context) []admin.Finding {
	const path = "/.well-known/nodeinfo"
	r, err := l.request(ctx, http.MethodGet, path, http.NoBody)
	if err != nil {
		return one(failed("address", err))
	}
	answer, err := l.ask(r)
	if err == nil && answer.status != http.StatusOK {
		err = errAnswer(path, answer.status)
	}
	if l.up = err == nil; l.up && answer.tls != nil {
		l.chain = answer.tls.PeerCertificates
	}
	switch {
	case !l.public():
		return one(warned("address", l.base))
	case err != nil:
		return one(failed("address", err))
	}
	return one(fine("address", l.base))
}

// tls looks how long the certificate is good that others see, whoever shows it.
func (l *lookout) tls(context.Context) []admin.Finding {
	if len(l.chain) == 0 {
		return nil
	}
	return one(judgeEnd("tls", l.chain, l.i.now()))
}

// judgeEnd judges by the certificate of a chain that ends first.
func judgeEnd(name string, chain []*x509.Certificate, now time.Time) admin.Finding {
	ends := chain[0].NotAfter
	for _, c := range chain {
		if c.NotAfter.Before(ends) {
			ends = c.NotAfter
		}
	}
	if ends.Sub(now) < certificateWarning {
		return warned(name, stamp(ends))
	}
	return fine(name, stamp(ends))
}

// webfinger looks for the federation by its handle, under the domain of handles and, where
// that is another, under the host too (RFC 7033, FEP-2c59).
func (l *lookout) webfinger(ctx context.Context) []admin.Finding {
	if !l.up || l.self == nil {
		return nil
	}
	c := l.i.config
	handle := l.self.Handle(c.AccountDomain).String()
	hosts := []string{c.AccountDomain}
	if c.Host != c.AccountDomain {
		hosts = append(hosts, c.Host)
	}
	for _, host := range hosts {
		if err := l.finger(ctx, host, handle); err != nil {
			return one(failed("webfinger", at(host, err)))
		}
	}
	if len(hosts) > 1 {
		page, err := l.gate.Get(ctx, c.Scheme+"://"+c.AccountDomain+"/.well-known/host-meta", typeXRD, 1<<16)
		if err == nil && page.Type != typeXRD {
			err = errType(page.Type)
		}
		if err != nil {
			return one(inPart("webfinger", at(c.AccountDomain+"/.well-known/host-meta", err)))
		}
	}
	return one(fine("webfinger", "@"+handle))
}

// errType says that an answer is of another type than was asked for.
func errType(got string) error { return mistake("type", got, "its answer is %q", got) }

// typeXRD is the media type of host-meta (RFC 6415 §2).
const typeXRD = "application/xrd+xml"

// finger asks one host and compares what it says with what is true.
func (l *lookout) finger(ctx context.Context, host, handle string) error {
	query := url.Values{"resource": {"acct:" + handle}}
	page, err := l.gate.Get(ctx, l.i.config.Scheme+"://"+host+"/.well-known/webfinger?"+query.Encode(), federation.TypeJRD, 1<<16)
	if err != nil {
		return err
	}
	if page.Type != federation.TypeJRD && page.Type != "application/json" {
		return errType(page.Type)
	}
	var found struct {
		Subject string `json:"subject"`
		Links   []struct{ Rel, Type, Href string }
	}
	if err := json.Unmarshal(page.Body, &found); err != nil {
		return mistake("body", "", "its answer is no JRD: %v", err)
	}
	if !strings.EqualFold(found.Subject, "acct:"+handle) {
		return mistake("subject", found.Subject, "it speaks of %q", found.Subject)
	}
	for _, link := range found.Links {
		if link.Rel == "self" && link.Href == string(l.self.IRI) {
			return nil
		}
	}
	return mistake("link", string(l.self.IRI), "it does not lead to %s", l.self.IRI)
}

// documents looks whether the same address gives a document to servers and a page to
// people, one after the other: what caches across Accept mixes them up (ActivityPub §3.2).
func (l *lookout) documents(ctx context.Context) []admin.Finding {
	if !l.up || l.self == nil {
		return nil
	}
	if software, err := l.gate.Software(ctx, l.i.config.Host); err != nil {
		return one(failed("documents", at("nodeinfo", err)))
	} else if !strings.HasPrefix(software, "minga") {
		return one(failed("documents", at("nodeinfo", mistake("software", software, "it runs %s", software))))
	}
	for _, want := range []string{"application/activity+json", "text/html", "application/activity+json"} {
		page, err := l.gate.Get(ctx, string(l.self.IRI), want, 1<<20)
		if err != nil {
			return one(failed("documents", err))
		}
		if page.Type != want {
			return one(failed("documents", at(string(l.self.IRI), mistake("asked", want+" → "+page.Type, "asked for %s, got %s", want, page.Type))))
		}
	}
	return one(fine("documents", string(l.self.IRI)))
}

// cors looks whether apps in browsers may ask: one header, and not two.
func (l *lookout) cors(ctx context.Context) []admin.Finding {
	if !l.up {
		return nil
	}
	r, err := l.request(ctx, http.MethodGet, "/api/v1/instance", http.NoBody)
	if err != nil {
		return one(failed("cors", err))
	}
	r.Header.Set("Origin", "https://app.example")
	answer, err := l.ask(r)
	if err != nil {
		return one(failed("cors", err))
	}
	if got := answer.header.Values("Access-Control-Allow-Origin"); len(got) != 1 || got[0] != "*" {
		return one(broken("cors", fmt.Sprintf("Access-Control-Allow-Origin: %q", got)))
	}
	return one(fine("cors", ""))
}

// inboxTry is how large the activity is that nobody signed: the most that others send.
const inboxTry = federation.MaxDocument - 1

// inbox knocks at the inbox of all with an activity that nobody signed. It must come
// through whole, and be refused by us for that.
func (l *lookout) inbox(ctx context.Context) []admin.Finding {
	if !l.up {
		return nil
	}
	begin := fmt.Sprintf(`{"@context":"https://www.w3.org/ns/activitystreams","id":"https://doctor.invalid/likes/1","type":"Like","actor":"https://doctor.invalid/actor","object":"%s/federation"`, l.base)
	body := slices.Concat([]byte(begin), bytes.Repeat([]byte{' '}, inboxTry-len(begin)), []byte(`}`))
	r, err := l.request(ctx, http.MethodPost, "/inbox", bytes.NewReader(body))
	if err != nil {
		return one(failed("inbox", err))
	}
	r.Header.Set("Content-Type", "application/activity+json")
	answer, err := l.ask(r)
	switch {
	case err != nil:
		return one(failed("inbox", err))
	case answer.status != http.StatusUnauthorized && (answer.status != http.StatusForbidden || !bareAnswer(answer)):
		return one(failed("inbox", errAnswer("/inbox", answer.status)))
	}
	return one(fine("inbox", l.base+"/inbox"))
}

// bareAnswer tells an answer of ours, where only some servers may write, from one of something
// before us: ours allow no content at all.
func bareAnswer(answer *heard) bool {
	return strings.Contains(answer.header.Get("Content-Security-Policy"), "default-src 'none'")
}
