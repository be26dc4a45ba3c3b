// SPDX-License-Identifier: AGPL-3.0-or-later

package activitypub

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/inbox"
)

// receive hands a pushed document to the inbox gate and answers 202 once it is
// durable (ActivityPub §7.1).
func (f *Face) receive(c *gin.Context) error {
	if err := acceptable(c.Request); err != nil {
		return err
	}
	recipient, err := f.recipient(c.Request.Context(), actorPath(c.Request.URL.Path))
	if err != nil {
		return err
	}
	body, err := io.ReadAll(c.Request.Body)
	if err != nil {
		return readError(err)
	}
	request := f.request(c, body)
	request.Recipient = recipient
	receipt, err := f.Inbox.Receive(c.Request.Context(), request)
	if err != nil {
		return err
	}
	if receipt.AcceptSignature != "" {
		c.Header("Accept-Signature", receipt.AcceptSignature)
	}
	c.Status(http.StatusAccepted)
	c.Writer.WriteHeaderNow()
	return nil
}

// readError says whose fault an unread body is: too large, or the sender's line.
func readError(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return err
	}
	return errBody{err}
}

// errBody is a body that did not arrive whole.
type errBody struct{ err error }

func (e errBody) Error() string { return "the body did not arrive whole" }
func (e errBody) Unwrap() error { return e.err }

// Status is 400.
func (errBody) Status() int { return http.StatusBadRequest }

// errMedia is a body of another kind, or one that is packed.
type errMedia struct{}

func (errMedia) Error() string {
	return "an inbox takes application/activity+json or application/ld+json, not compressed"
}

// Status is 415.
func (errMedia) Status() int { return http.StatusUnsupportedMediaType }

// acceptable checks the media type and that nothing is packed, before the body
// is read.
func acceptable(r *http.Request) error {
	if encoding := r.Header.Get("Content-Encoding"); encoding != "" && encoding != "identity" {
		return errMedia{}
	}
	mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return errMedia{}
	}
	switch mediaType {
	case "application/activity+json", "application/ld+json", "application/json":
		return nil
	}
	return errMedia{}
}

// recipient is the owner of a personal inbox; zero is the shared one. The inbox
// of nobody is not found, of a deleted actor gone.
func (f *Face) recipient(ctx context.Context, actor string) (coop.ID, error) {
	if actor == "" {
		return 0, nil
	}
	account, err := f.Store.AccountByIRI(ctx, coop.IRI(f.base()+actor))
	if err != nil {
		return 0, fmt.Errorf("inbox of %s: %w", actor, err)
	}
	if !account.DeletedAt.IsZero() {
		return 0, fmt.Errorf("inbox of %s: %w", actor, coop.ErrGone)
	}
	return account.ID, nil
}

// request is the request as the gate reads it. The target is the raw one: it is
// what was signed. Of the absolute form that proxies may send (RFC 9112 §3.2.2)
// path and query are what a signer means.
func (f *Face) request(c *gin.Context, body []byte) inbox.Request {
	target := c.Request.RequestURI
	if !strings.HasPrefix(target, "/") {
		target = c.Request.URL.RequestURI()
	}
	return inbox.Request{
		Method: c.Request.Method, Target: target, Host: c.Request.Host, Header: c.Request.Header,
		Body: body, Remote: f.ClientAddr(c),
	}
}
