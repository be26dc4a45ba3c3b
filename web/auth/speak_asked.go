// SPDX-License-Identifier: AGPL-3.0-or-later

package auth

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"minga/coop"
)

// asked is what as= says, in the query, a form or JSON; empty for nothing. What the
// body holds is still there afterwards; one that is read part by part is not touched.
func asked(r *http.Request, parts bool) (string, error) {
	if r.URL.RawQuery != "" {
		if as := r.URL.Query().Get(AsField); as != "" {
			return as, nil
		}
	}
	if parts {
		return "", nil
	}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind == "multipart/form-data" {
		return askedInParts(r)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return "", unread(err)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if kind == "application/x-www-form-urlencoded" {
		return askedInForm(string(body)), nil
	}
	return askedInJSON(body), nil
}

// unread is said of a body that did not come whole: it is too long, or whoever sent it
// is at fault.
func unread(err error) error {
	var long *http.MaxBytesError
	if errors.As(err, &long) {
		return err
	}
	return &coop.InvalidError{Field: "body", Code: "unreadable", Problem: "did not come whole"}
}

// askedInParts reads it of a form with files, which stays read.
func askedInParts(r *http.Request) (string, error) {
	err := parseForm(r)
	if err != nil || r.MultipartForm == nil {
		return "", err
	}
	return first(r.MultipartForm.Value[AsField]), nil
}

// askedInForm reads it of a form; what cannot be read the handler complains of.
func askedInForm(body string) string {
	if !strings.Contains(body, AsField) {
		return ""
	}
	values, err := url.ParseQuery(body)
	if err != nil {
		return ""
	}
	return first(values[AsField])
}

// askedInJSON reads it of an object, as a text or a number; what cannot be read the
// handler complains of.
func askedInJSON(body []byte) string {
	if !bytes.Contains(body, []byte(`"`+AsField+`"`)) {
		return ""
	}
	var in struct {
		As any `json:"as"`
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if decoder.Decode(&in) != nil || in.As == nil {
		return ""
	}
	return fmt.Sprint(in.As)
}

// first is the first of some values, empty for none.
func first(values []string) string { return slices.Concat(values, []string{""})[0] }
