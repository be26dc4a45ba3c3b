// SPDX-License-Identifier: AGPL-3.0-or-later

package federation

import (
	"context"
	"io"
	"net/http"
	"time"
)

// Response is an HTTP answer to a delivery, whatever its status.
type Response struct {
	Status          int
	RetryAfter      time.Duration // at most 24 h; 0 when not said
	AcceptSignature []string      // values of the header, for signature.ReadAcceptSignature
	Header          http.Header
	Body            []byte // the first 4 KiB at most, for people to read

	host string
}

// Err is nil for any 2xx, else an *Error of KindStatus, or of KindRedirect for 3xx.
func (r *Response) Err() error {
	if r.Status >= 200 && r.Status < 300 {
		return nil
	}
	kind := KindStatus
	if r.Status >= 300 && r.Status < 400 {
		kind = KindRedirect
	}
	return &Error{Kind: kind, Host: r.host, Status: r.Status, RetryAfter: r.RetryAfter}
}

// Post delivers body to an inbox. sign is called once, when all headers but the
// signature's are set. No redirect is followed: it would carry what was signed for one
// place to another. Errors are *Error and mean that there was no HTTP answer; for an
// answer see Response.Err. How many go to one host at once is the caller's to bound.
func (c *Client) Post(ctx context.Context, inbox string, body []byte, sign func(*http.Request) error) (*Response, error) {
	return c.post(ctx, inbox, http.Header{"Content-Type": {TypeActivity}, "Accept": {AcceptActivity}}, body, sign)
}

// Push posts body to the endpoint of a push service (RFC 8030 §5) with the headers
// given, as [Client.Post] delivers: no redirect is followed, and an error means that
// there was no HTTP answer.
func (c *Client) Push(ctx context.Context, endpoint string, header http.Header, body []byte) (*Response, error) {
	return c.post(ctx, endpoint, header, body, nil)
}

// post sends and reads the answer's head.
func (c *Client) post(ctx context.Context, to string, header http.Header, body []byte, sign func(*http.Request) error) (*Response, error) {
	ctx, cancel := context.WithTimeout(ctx, c.total)
	defer cancel()
	target, host, err := c.gate(ctx, to)
	if err != nil {
		return nil, err
	}
	r, err := c.newRequest(ctx, http.MethodPost, target, header, body)
	if err != nil {
		return nil, &Error{Kind: KindURL, Host: host, Err: err}
	}
	if sign != nil {
		if err := sign(r); err != nil {
			return nil, signFailed(host, err)
		}
	}
	resp, err := c.trip(r, host)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	// The status is the answer; a body that breaks off changes nothing.
	text, _ := io.ReadAll(io.LimitReader(resp.Body, smallBody))
	return &Response{
		Status: resp.StatusCode, RetryAfter: c.retryAfter(resp.Header), Header: resp.Header,
		AcceptSignature: resp.Header.Values("Accept-Signature"), Body: text, host: host,
	}, nil
}
