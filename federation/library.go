// SPDX-License-Identifier: AGPL-3.0-or-later

package federation

import (
	"io"
	"net/http"
)

// ForLibrary is this gate as libraries want one that insist on a client of their own,
// such as those of OpenID Connect: the same judgement of every address dialled, the same
// deadline over all of an exchange, at most [MaxDocument] of an answer, and no redirect
// followed, since what such libraries send may be a secret.
func (c *Client) ForLibrary() *http.Client {
	return &http.Client{
		Transport: gated{c}, Timeout: c.total,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// gated judges each request before it leaves.
type gated struct{ c *Client }

// RoundTrip implements [http.RoundTripper].
func (g gated) RoundTrip(r *http.Request) (*http.Response, error) {
	if _, _, err := g.c.gate(r.Context(), r.URL.String()); err != nil {
		return nil, err
	}
	r = r.Clone(r.Context())
	r.Header.Set("User-Agent", g.c.agent)
	response, err := g.c.transport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	response.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(response.Body, MaxDocument), response.Body}
	return response, nil
}
