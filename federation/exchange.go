// SPDX-License-Identifier: AGPL-3.0-or-later

package federation

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/otel/trace"

	"minga/federation/origin"
	"minga/federation/span"
)

// wish is what is asked of another server.
type wish struct {
	url    string
	header http.Header
	sign   func(*http.Request) error // nil: unsigned
	limit  int64                     // of the body, in bytes
}

// answer is what came, from its last redirect.
type answer struct {
	url    string // without a fragment
	status int
	header http.Header
	body   []byte
	inside bool // every hop stayed in the origin of the URL asked for
}

// fetch asks by GET and follows at most three redirects, each judged and signed anew.
// One deadline is over all of it.
func (c *Client) fetch(ctx context.Context, w wish) (*answer, error) {
	ctx, cancel := context.WithTimeout(ctx, c.total)
	defer cancel()
	inside, first := true, w.url
	for range maxRedirects + 1 {
		a, err := c.hop(ctx, w)
		if err != nil {
			return nil, err
		}
		location := a.header.Get("Location")
		if !isRedirect(a.status) {
			a.inside = inside
			return a, nil
		}
		if w.url, err = nextHop(a, location); err != nil {
			return nil, err
		}
		inside = inside && origin.Same(first, w.url)
	}
	return nil, &Error{Kind: KindRedirect, Host: hostOf(w.url), Err: errors.New("too many")}
}

// isRedirect leaves 304 and 300 out: the one is an answer, the other a choice.
func isRedirect(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
		http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

// nextHop is where a redirect leads; never to a lesser scheme.
func nextHop(a *answer, location string) (string, error) {
	refuse := func(err error) error {
		return &Error{Kind: KindRedirect, Host: hostOf(a.url), Status: a.status, Err: err}
	}
	base, err := url.Parse(a.url)
	if err != nil || location == "" || len(location) > origin.MaxURL {
		return "", refuse(errors.New("without a place"))
	}
	target, err := base.Parse(location)
	if err != nil {
		return "", refuse(errors.New("to an unreadable place"))
	}
	next, err := origin.Parse(target.String())
	if err != nil {
		return "", refuse(err)
	}
	if base.Scheme == "https" && next.Scheme != "https" {
		return "", refuse(errors.New("to a lesser scheme"))
	}
	return next.String(), nil
}

// hostOf is for errors only.
func hostOf(text string) string {
	host, err := origin.Host(text)
	if err != nil {
		return ""
	}
	return host
}

// hop is one request and its answer, whole.
func (c *Client) hop(ctx context.Context, w wish) (*answer, error) {
	target, host, err := c.gate(ctx, w.url)
	if err != nil {
		return nil, err
	}
	release, err := c.fetches.take(ctx, host)
	if err != nil {
		return nil, err
	}
	defer release()
	r, err := c.newRequest(ctx, http.MethodGet, target, w.header, nil)
	if err != nil {
		return nil, &Error{Kind: KindURL, Host: host, Err: err}
	}
	if w.sign != nil {
		if err := w.sign(r); err != nil {
			return nil, signFailed(host, err)
		}
	}
	resp, err := c.trip(r, host)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := readBody(ctx, host, resp, w.limit)
	if err != nil {
		return nil, err
	}
	target, _, _ = strings.Cut(target, "#")
	return &answer{url: target, status: resp.StatusCode, header: resp.Header, body: body}, nil
}

// trip sends a request and gives the head of the answer. An error is an *Error.
func (c *Client) trip(r *http.Request, host string) (*http.Response, error) {
	ctx, traced := span.Begin(r.Context(), r.Method, trace.SpanKindClient, span.Method(r.Method), span.Server(host))
	defer traced.End()
	resp, err := c.transport.RoundTrip(r)
	if err != nil {
		failed := failure(ctx, host, err)
		span.Fail(traced, string(failed.Kind))
		return nil, failed
	}
	span.Answered(traced, resp.StatusCode, resp.StatusCode >= 400)
	return resp, nil
}

// newRequest carries nothing but what is given: no cookies, no credentials.
func (c *Client) newRequest(ctx context.Context, method, target string, header http.Header, body []byte) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, method, target, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if body == nil {
		r.Body, r.GetBody = nil, nil
	}
	r.Header = header.Clone()
	if c.agent != "" {
		r.Header.Set("User-Agent", c.agent)
	}
	return r, nil
}

// smallBody is how much is read of what is only read so that the connection can be
// used again.
const smallBody = 4 << 10

// readBody counts what comes after decompression, and stops one byte over the limit.
func readBody(ctx context.Context, host string, resp *http.Response, limit int64) ([]byte, error) {
	whole := resp.StatusCode == http.StatusOK
	if !whole {
		limit = min(limit, smallBody)
	}
	if whole && resp.ContentLength > limit {
		return nil, &Error{Kind: KindSize, Host: host}
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	switch {
	case err != nil && whole:
		return nil, failure(ctx, host, err)
	case int64(len(body)) <= limit:
		return body, nil
	case whole:
		return nil, &Error{Kind: KindSize, Host: host}
	}
	return body[:limit], nil
}

// failure says what an error of the transport means.
func failure(ctx context.Context, host string, err error) *Error {
	var known *Error
	var timeout net.Error
	switch {
	case errors.As(err, &known):
		with := *known
		with.Host = host
		return &with
	case errors.Is(ctx.Err(), context.Canceled):
		return &Error{Kind: KindCanceled, Host: host, Err: err}
	case ctx.Err() != nil || errors.As(err, &timeout) && timeout.Timeout():
		return &Error{Kind: KindTimeout, Host: host, Err: err}
	}
	return &Error{Kind: KindConnect, Host: host, Err: err}
}

// statusError is what an answer without success means.
func (c *Client) statusError(a *answer) error {
	return &Error{Kind: KindStatus, Host: hostOf(a.url), Status: a.status, RetryAfter: c.retryAfter(a.header)}
}

// retryAfter reads seconds or a date (RFC 9110 §10.2.3), 24 h at most.
func (c *Client) retryAfter(h http.Header) time.Duration {
	text := strings.TrimSpace(h.Get("Retry-After"))
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil {
		return clampRetry(time.Duration(min(max(seconds, 0), int64(maxRetry/time.Second))) * time.Second)
	}
	if date, err := http.ParseTime(text); err == nil {
		return clampRetry(date.Sub(c.now()))
	}
	return 0
}

func clampRetry(d time.Duration) time.Duration { return min(max(d, 0), maxRetry) }

// Page is an answer to Get.
type Page struct {
	URL    string // after redirects
	Type   string // media type, lower-case, without parameters
	Header http.Header
	Body   []byte
	Inside bool // every redirect stayed in the origin of the URL asked for
}

// Get fetches anything else, unsigned: JRD, NodeInfo, host-meta, pages, media. accept
// goes into the Accept header, limit is the most that is read, in bytes after
// decompression; more is an *Error of KindSize. So is a status other than 200, of
// KindStatus.
func (c *Client) Get(ctx context.Context, url, accept string, limit int64) (Page, error) {
	return c.get(ctx, wish{url: url, header: http.Header{"Accept": {accept}}, limit: limit})
}

// GetSigned is Get, signed: files that only some may read.
func (c *Client) GetSigned(ctx context.Context, url, accept string, limit int64) (Page, error) {
	return c.get(ctx, wish{url: url, header: http.Header{"Accept": {accept}}, sign: c.sign, limit: limit})
}

func (c *Client) get(ctx context.Context, w wish) (Page, error) {
	a, err := c.fetch(ctx, w)
	if err != nil {
		return Page{}, err
	}
	if a.status != http.StatusOK {
		return Page{}, c.statusError(a)
	}
	media, _ := mediaType(a.header)
	return Page{URL: a.url, Type: media, Header: a.header, Body: a.body, Inside: a.inside}, nil
}
