// SPDX-License-Identifier: AGPL-3.0-or-later

package oauth

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"minga/coop"
)

// problem is what is wrong with a request, in the words of RFC 6749 §5.2.
type problem struct {
	status int
	reason string // such as invalid_grant
	words  string // for whoever writes the app
}

// Error is the reason.
func (p *problem) Error() string { return p.reason }

// What can be wrong.
var (
	errRequest   = &problem{http.StatusBadRequest, "invalid_request", "The request is missing a parameter, repeats one, or has one that cannot be"}
	errClient    = &problem{http.StatusUnauthorized, "invalid_client", "Client authentication failed: the app is not known here, or its secret is missing or wrong"}
	errGrant     = &problem{http.StatusBadRequest, "invalid_grant", "The code is not known, was used, is too old, was given to another app or for another redirect, or the verifier does not fit"}
	errGrantType = &problem{http.StatusBadRequest, "unsupported_grant_type", "Known are authorization_code and client_credentials"}
	errScope     = &problem{http.StatusBadRequest, "invalid_scope", "A scope is not known, or the app did not register it"}
	errResponse  = &problem{http.StatusBadRequest, "unsupported_response_type", "Known is code"}
	errRedirect  = &problem{http.StatusBadRequest, "invalid_redirect_uri", "The app did not register this redirect, byte for byte"}
	errOthers    = &problem{http.StatusForbidden, "unauthorized_client", "The token is not of this app"}
)

// problemBody is the shape that clients read.
type problemBody struct {
	Error       string `json:"error"`
	Description string `json:"error_description"`
}

// answer writes a problem in OAuth's shape and leaves other errors to respond.
func answer(c *gin.Context, err error) error {
	var invalid *coop.InvalidError
	if errors.As(err, &invalid) {
		err = errRequest
	}
	var p *problem
	if !errors.As(err, &p) {
		return err
	}
	unkept(c)
	if p.status == http.StatusUnauthorized {
		c.Header("WWW-Authenticate", `Basic realm="minga"`)
	}
	c.JSON(p.status, problemBody{p.reason, p.words})
	return nil
}

// unkept forbids every cache to keep the answer (RFC 6749 §5.1).
func unkept(c *gin.Context) {
	c.Header("Cache-Control", "no-store")
	c.Header("Pragma", "no-cache")
}
