// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"minga/federation/signature"
	"minga/storage"
	"minga/web"
	"minga/web/admin"
)

// probeLife is how long a probe may be used.
const probeLife = 5 * time.Minute

// probe makes the secret by which the server tells us what it saw, once for a look.
func (l *lookout) probe(ctx context.Context) (string, error) {
	if l.secret != "" {
		return l.secret, nil
	}
	secret := rand.Text()
	err := l.i.store.Write(ctx, func(tx *storage.Tx) error { return tx.AddProbe(ctx, secret, l.i.now().Add(probeLife)) })
	if err == nil {
		l.secret = secret
	}
	return l.secret, err
}

// forget ends the probe.
func (l *lookout) forget(ctx context.Context) error {
	if l.secret == "" {
		return nil
	}
	return l.i.store.Write(ctx, func(tx *storage.Tx) error { return tx.RemoveProbe(ctx, l.secret) })
}

// seen sends a probe, changed by who asks, and gives what arrived of it.
func (l *lookout) seen(ctx context.Context, method string, body io.Reader, change func(r *http.Request) error) (saw web.Probed, err error) {
	secret, err := l.probe(ctx)
	if err != nil {
		return saw, err
	}
	r, err := l.request(ctx, method, web.ProbePath+secret, body)
	if err == nil && change != nil {
		err = change(r)
	}
	if err != nil {
		return saw, err
	}
	answer, err := l.ask(r)
	if err == nil && answer.status != http.StatusOK {
		err = errAnswer(web.ProbePath+"…", answer.status)
	}
	if err == nil {
		if wrong := json.Unmarshal(answer.body, &saw); wrong != nil {
			err = at(web.ProbePath+"…", mistake("body", "", "%v", wrong))
		}
	}
	return saw, err
}

// forwarding are the headers by which proxies say where a request came from.
var forwarding = []string{"X-Forwarded-For", "X-Real-Ip", "Forwarded"}

// proxy looks who stands before us, and whether what they say of visitors counts. A proxy
// that is not trusted makes all visitors one (warn); one that says nothing does too (fail).
func (l *lookout) proxy(ctx context.Context) []admin.Finding {
	if !l.up {
		return nil
	}
	saw, err := l.seen(ctx, http.MethodGet, http.NoBody, nil)
	if err != nil {
		return one(failed("proxy", err))
	}
	l.saw = saw
	said := ""
	for _, name := range forwarding {
		if saw.Header.Get(name) != "" {
			said = name
			break
		}
	}
	// Somebody else speaks TLS for us, and does not say for whom before the request begins.
	behind := l.public() && !l.i.config.secure() && len(l.i.config.Introducers) == 0
	switch {
	case said != "" && !saw.Proxy:
		return one(warned("proxy", saw.Peer))
	case said == "" && (behind || saw.Proxy):
		return one(broken("proxy", saw.Peer))
	case said == "":
		return one(fine("proxy", saw.From))
	}
	return one(fine("proxy", saw.Peer))
}

// trialKey is the name of our key in probes: signatures in our own name are refused by
// everybody here, since we never write to ourselves.
const trialKey = "https://doctor.invalid/actor#main-key"

// signatures signs two probes, one in each form that others read, and holds what arrived
// against the key that we publish (draft-cavage-http-signatures-12, RFC 9421). A header that
// something on the way changed breaks them, and so does a key that is another.
func (l *lookout) signatures(ctx context.Context) []admin.Finding {
	if !l.up {
		return nil
	}
	key, err := l.i.outbox.InstanceKey(ctx)
	if err != nil {
		return one(failed("signatures", err))
	}
	published, err := l.publishedKey(ctx, key.ID)
	if err != nil {
		return one(failed("signatures", err))
	}
	for _, form := range []signature.Form{signature.Cavage, signature.RFC9421RSA} {
		body := []byte(`{"type":"Note", "content":"  ñ "}`)
		saw, err := l.seen(ctx, http.MethodPost, strings.NewReader(string(body)), func(r *http.Request) error {
			r.Header.Set("Content-Type", "application/activity+json")
			r.Header.Set("Accept", `application/ld+json; profile="https://www.w3.org/ns/activitystreams"`)
			return signature.Sign(r, body, signature.PrivateKey{ID: trialKey, Signer: key.Signer}, form, l.i.now())
		})
		if err == nil {
			err = l.verify(saw, body, published)
		}
		if err != nil {
			return one(failed("signatures", at(string(form), err)))
		}
	}
	return one(fine("signatures", ""))
}

// publishedKey is the key that the actor of a key's id shows to everybody.
func (l *lookout) publishedKey(ctx context.Context, id string) (signature.PublicKey, error) {
	actor, _, _ := strings.Cut(id, "#")
	page, err := l.gate.Get(ctx, actor, "application/activity+json", 1<<20)
	if err != nil {
		return signature.PublicKey{}, fmt.Errorf("read our own key: %w", err)
	}
	if page.Type != "application/activity+json" {
		return signature.PublicKey{}, at(actor, errType(page.Type))
	}
	var doc struct {
		PublicKey struct{ ID, PublicKeyPem string }
	}
	if err := json.Unmarshal(page.Body, &doc); err != nil {
		return signature.PublicKey{}, at(actor, mistake("body", "", "read our own key: %v", err))
	}
	if doc.PublicKey.ID != id {
		return signature.PublicKey{}, at(actor, mistake("key_other", doc.PublicKey.ID, "it shows the key %q, and we sign with %q", doc.PublicKey.ID, id))
	}
	key, err := signature.ParsePublicPEM(doc.PublicKey.PublicKeyPem)
	trialOwner, _, _ := strings.Cut(trialKey, "#")
	return signature.PublicKey{ID: trialKey, Owner: trialOwner, Key: key}, err
}

// verify judges a signature as it arrived.
func (l *lookout) verify(saw web.Probed, body []byte, key signature.PublicKey) error {
	claim, err := signature.Read(
		signature.Request{Method: saw.Method, Target: saw.Target, Host: saw.Host, Header: saw.Header, Body: body},
		signature.Policy{Now: l.i.now(), Scheme: l.i.config.Scheme, Hosts: []string{l.i.config.Host}})
	if err == nil {
		_, err = claim.Verify(key)
	}
	if err == nil && saw.Bytes != int64(len(body)) {
		err = errCut(saw.Bytes)
	}
	return err
}

// uploads sends as much as the largest file that people may upload, and the form around it.
func (l *lookout) uploads(ctx context.Context) []admin.Finding {
	if !l.up {
		return nil
	}
	limits := l.i.config.Media.Limits
	size := min(max(limits.File, limits.Played)+64<<10, web.ProbeBody)
	saw, err := l.seen(ctx, http.MethodPost, io.LimitReader(zeros{}, size), func(r *http.Request) error {
		r.ContentLength = size
		r.Header.Set("Content-Type", "application/octet-stream")
		return nil
	})
	switch {
	case err != nil:
		return one(failed("uploads", at(sizeText(size), err)))
	case saw.Bytes != size:
		return one(failed("uploads", at(sizeText(size), errCut(saw.Bytes))))
	}
	return one(fine("uploads", sizeText(size)))
}

// errCut says how much of a body arrived.
func errCut(n int64) error {
	return mistake("cut", strconv.FormatInt(n, 10), "%d bytes arrived", n)
}

// zeros are bytes without an end.
type zeros struct{}

// Read implements [io.Reader].
func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// streaming opens a stream that goes on when its first event was heard, and asks at once for
// a WebSocket. A proxy that collects answers shows the first event too late (fail); one that
// keeps Upgrade to itself leaves apps without WebSockets (warn).
func (l *lookout) streaming(ctx context.Context) []admin.Finding {
	if !l.up {
		return nil
	}
	upgrade, err := l.stream(ctx)
	switch {
	case err != nil:
		return one(failed("streaming", err))
	case !upgrade:
		return one(warned("streaming", "Upgrade: websocket"))
	}
	return one(fine("streaming", ""))
}

// stream does it, and says whether the wish for a WebSocket arrived.
func (l *lookout) stream(ctx context.Context) (upgrade bool, err error) {
	secret, err := l.probe(ctx)
	if err != nil {
		return false, err
	}
	r, err := l.request(ctx, http.MethodGet, web.ProbeStreamPath+secret, http.NoBody)
	if err != nil {
		return false, err
	}
	r.Header.Set("Connection", "Upgrade")
	r.Header.Set("Upgrade", "websocket")
	answer, err := l.client.Do(r)
	if err != nil {
		return false, mistake("stream_shut", "", "the stream does not open")
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return false, errAnswer(web.ProbeStreamPath+"…", answer.StatusCode)
	}
	lines := bufio.NewScanner(io.LimitReader(answer.Body, 4<<10))
	for lines.Scan() {
		switch lines.Text() {
		case web.ProbeBegan:
			err = l.i.store.Write(ctx, func(tx *storage.Tx) error { return tx.HearProbe(ctx, secret) })
		case "data: upgrade=true":
			upgrade = true
		case web.ProbeHeard:
			return upgrade, nil
		case web.ProbeLate:
			return upgrade, mistake("stream_late", "", "the first event came with the last one")
		}
		if err != nil {
			return upgrade, err
		}
	}
	return upgrade, errors.Join(mistake("stream_broken", "", "the stream broke off"), lines.Err())
}
