// SPDX-License-Identifier: AGPL-3.0-or-later

package federation

import (
	"context"
	"errors"
	"net/url"
	"strings"

	"go.opentelemetry.io/otel/trace"

	"minga/federation/span"
)

// finger asks WebFinger, and where that path is unknown the template of host-meta
// (RFC 6415), as old servers and split domains have it.
func (c *Client) finger(ctx context.Context, handle string) (*JRD, error) {
	_, host, _ := strings.Cut(handle, "@")
	ctx, traced := span.Begin(ctx, span.WebFinger, trace.SpanKindClient, span.Host(host))
	defer traced.End()
	j, err := c.askFinger(ctx, handle, host)
	if err != nil {
		word := lookedFor(err)
		span.Fail(traced, word)
		traced.SetAttributes(span.Looked(word)...)
		return nil, err
	}
	traced.SetAttributes(span.Looked("found")...)
	return j, nil
}

// lookedFor is the word of a trace for why there was no answer.
func lookedFor(err error) string {
	var e *Error
	switch {
	case !errors.As(err, &e):
		return "error"
	case e.NotFound():
		return "not_found"
	case e.Kind == KindBody || e.Kind == KindType || e.Kind == KindURL:
		return "invalid"
	}
	return "network_error"
}

// askFinger is finger without its trace.
func (c *Client) askFinger(ctx context.Context, handle, host string) (*JRD, error) {
	resource := url.QueryEscape("acct:" + handle)
	page, err := c.wellKnown(ctx, host, "/.well-known/webfinger?resource="+resource, TypeJRD+", application/json")
	var e *Error
	if errors.As(err, &e) && e.NotFound() {
		template, metaErr := c.template(ctx, host)
		if metaErr != nil || !strings.Contains(template, "{uri}") {
			return nil, err
		}
		page, err = c.Get(ctx, strings.ReplaceAll(template, "{uri}", resource), TypeJRD+", application/json", maxJRD)
	}
	if err != nil {
		return nil, err
	}
	if page.Type != TypeJRD && page.Type != "application/json" {
		return nil, &Error{Kind: KindType, Host: host}
	}
	j, err := ParseJRD(page.Body)
	if err != nil {
		return nil, &Error{Kind: KindBody, Host: host, Err: err}
	}
	return j, nil
}

// wellKnown asks a host by https. In development a host that speaks no TLS is asked
// without; the guard lets that reach opened addresses only.
func (c *Client) wellKnown(ctx context.Context, host, path, accept string) (Page, error) {
	page, err := c.Get(ctx, "https://"+host+path, accept, maxJRD)
	var e *Error
	if c.dev && errors.As(err, &e) && (e.Kind == KindTLS || e.Kind == KindConnect || e.Kind == KindAddress) {
		return c.Get(ctx, "http://"+host+path, accept, maxJRD)
	}
	return page, err
}
