// SPDX-License-Identifier: AGPL-3.0-or-later

package auth

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
)

// SentForm is a form that was sent after its session had ended.
type SentForm struct {
	Path   string     // where it went
	Values url.Values // without its token
}

// ErrForm is said of a form that did not come from our page for this visitor.
var ErrForm error = &refusal{http.StatusForbidden, "This form was not sent from a page of this server, or it is too old: open the page again", coop.ErrForbidden}

// FormField is the name of the field that every form of a visitor carries.
const FormField = "form_token"

// maxSent is the most bytes of a form that is kept over a sign-in.
const maxSent = 48 << 10

// sentForm reads a form that changes something and came without a session. One with
// files, a long one, and one with a secret in it is not kept.
func sentForm(c *gin.Context, route Route) *SentForm {
	kind, _, _ := mime.ParseMediaType(c.GetHeader("Content-Type"))
	length := c.Request.ContentLength
	if safe(c.Request.Method) || kind != "application/x-www-form-urlencoded" || length <= 0 || length > min(route.Body, maxSent) {
		return nil
	}
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, maxSent)
	if c.Request.ParseForm() != nil {
		return nil
	}
	sent := &SentForm{OwnPath(c.Request.URL.EscapedPath()), url.Values{}}
	for name, values := range c.Request.PostForm {
		for _, secret := range []string{"password", "code", "credential", "secret", "token"} {
			if name != FormField && strings.Contains(name, secret) {
				return nil
			}
		}
		if name != FormField {
			sent.Values[name] = values
		}
	}
	return sent
}

// checkForm wants the token that [FormToken] gave to this visitor, in a form of most
// bytes.
func checkForm(c *gin.Context, v *visit, most int64) error {
	if c.Request.ContentLength > most {
		return fmt.Errorf("form of %d bytes: %w", c.Request.ContentLength, coop.ErrTooLarge)
	}
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, most)
	if err := parseForm(c.Request); err != nil {
		return err
	}
	given := c.Request.PostForm.Get(FormField)
	if v.secret == "" || !hmac.Equal([]byte(given), []byte(formToken(v.secret))) {
		return ErrForm
	}
	return nil
}

// CheckPart wants the token of a form that its handler reads part by part
// ([Route].Parts): the handler asks it before it believes or keeps anything of the form.
func CheckPart(c *gin.Context, given string) error {
	v, _ := c.Value(visitKey).(*visit)
	if v == nil || v.secret == "" || !hmac.Equal([]byte(given), []byte(formToken(v.secret))) {
		return ErrForm
	}
	return nil
}

// formMemory is how much of a form with files is held in memory, in bytes.
const formMemory = 1 << 20

// parseForm reads a form of either kind.
func parseForm(r *http.Request) error {
	var err error
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind == "multipart/form-data" {
		err = r.ParseMultipartForm(formMemory)
	} else {
		err = r.ParseForm()
	}
	var long *http.MaxBytesError
	if errors.As(err, &long) {
		return fmt.Errorf("form: %w", err)
	}
	if err != nil {
		return &coop.InvalidError{Field: "form", Problem: "this form cannot be read"}
	}
	return nil
}

// formToken is the token of a secret. The secret cannot be had from it.
func formToken(secret string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("form of minga"))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// FormToken is what every form that changes something carries in the field
// [FormField]: bound to the session, and before sign-in to a cookie that is set
// here. It is empty on routes that take no cookies.
func FormToken(c *gin.Context) string {
	v, _ := c.Value(visitKey).(*visit)
	if v == nil {
		return ""
	}
	if v.secret == "" {
		v.secret, _ = NewSecret()
		v.gate.setCookie(c, formCookie, v.secret, 0)
	}
	return formToken(v.secret)
}
