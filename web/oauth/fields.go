// SPDX-License-Identifier: AGPL-3.0-or-later

package oauth

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
)

// fields reads what a program sent: a form of either kind or JSON, and the query
// where there is no body at all, as some clients do. An array is several values.
func fields(c *gin.Context) (url.Values, error) {
	kind, _, _ := mime.ParseMediaType(c.GetHeader("Content-Type"))
	var values url.Values
	var err error
	switch kind {
	case "application/json":
		values, err = jsonFields(c.Request.Body)
	case "multipart/form-data":
		err = c.Request.ParseMultipartForm(appBody)
		values = c.Request.PostForm
	default:
		err = c.Request.ParseForm()
		values = c.Request.PostForm
	}
	var long *http.MaxBytesError
	if errors.As(err, &long) {
		return nil, fmt.Errorf("body: %w", err)
	}
	if err != nil {
		return nil, unreadable()
	}
	if len(values) == 0 {
		values = c.Request.URL.Query()
	}
	return plain(values), nil
}

// unreadable is said of a body that is neither a form nor JSON.
func unreadable() error {
	return &coop.InvalidError{Field: "body", Problem: "a form, or JSON whose members are texts or lists of texts"}
}

// jsonFields reads an object of texts and lists of texts; numbers and booleans are
// texts too, null is nothing. No bytes are an empty object.
func jsonFields(body io.Reader) (url.Values, error) {
	text, err := io.ReadAll(body)
	if err != nil || len(text) == 0 {
		return url.Values{}, err
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(text, &object); err != nil {
		return nil, fmt.Errorf("read JSON: %w", err)
	}
	values := url.Values{}
	for name, raw := range object {
		var list []json.RawMessage
		if json.Unmarshal(raw, &list) != nil {
			list = []json.RawMessage{raw}
		}
		for _, one := range list {
			text, ok, err := jsonField(one)
			if err != nil {
				return nil, fmt.Errorf("read %s: %w", name, err)
			}
			if ok {
				values.Add(name, text)
			}
		}
	}
	return values, nil
}

// jsonField is one value as text; null is none.
func jsonField(raw json.RawMessage) (string, bool, error) {
	text := strings.TrimSpace(string(raw))
	switch {
	case text == "null":
		return "", false, nil
	case strings.HasPrefix(text, "{"), strings.HasPrefix(text, "["):
		return "", false, unreadable()
	case !strings.HasPrefix(text, `"`):
		return text, true, nil
	}
	var s string
	err := json.Unmarshal(raw, &s)
	return s, true, err
}

// plain drops the brackets that mark lists in forms.
func plain(values url.Values) url.Values {
	bare := make(url.Values, len(values))
	for name, list := range values {
		name = strings.TrimSuffix(name, "[]")
		bare[name] = append(bare[name], list...)
	}
	return bare
}
