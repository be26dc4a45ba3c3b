// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/url"
	"strings"
	"testing"
)

// encoded is a JSON object as a client of another kind would send it: its content type,
// its body, and what it adds to the path.
func encoded(t testing.TB, how, body string) (contentType, text, query string) {
	t.Helper()
	if how == "JSON" || body == "" {
		return "application/json", body, ""
	}
	var object map[string]any
	d := json.NewDecoder(strings.NewReader(body))
	d.UseNumber()
	if err := d.Decode(&object); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	var pairs [][2]string
	for name, value := range object {
		pairs = append(pairs, flat(name, value)...)
	}
	switch how {
	case "multipart":
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		for _, p := range pairs {
			_ = w.WriteField(p[0], p[1])
		}
		_ = w.Close()
		return w.FormDataContentType(), b.String(), ""
	case "query":
		return "", "", "?" + formOf(pairs)
	}
	return "application/x-www-form-urlencoded", formOf(pairs), ""
}

// formOf is a form of names and values in their order.
func formOf(pairs [][2]string) string {
	parts := make([]string, len(pairs))
	for i, p := range pairs {
		parts[i] = url.QueryEscape(p[0]) + "=" + url.QueryEscape(p[1])
	}
	return strings.Join(parts, "&")
}

// flat is a value as forms write it, brackets for what is below: numbers and switches
// are texts, objects in a list are numbered.
func flat(name string, value any) (pairs [][2]string) {
	switch v := value.(type) {
	case map[string]any:
		for below, one := range v {
			pairs = append(pairs, flat(name+"["+below+"]", one)...)
		}
	case []any:
		for n, one := range v {
			if _, object := one.(map[string]any); object {
				pairs = append(pairs, flat(fmt.Sprintf("%s[%d]", name, n), one)...)
			} else {
				pairs = append(pairs, flat(name+"[]", one)...)
			}
		}
	case nil:
		pairs = append(pairs, [2]string{name, ""})
	default:
		pairs = append(pairs, [2]string{name, fmt.Sprint(v)})
	}
	return pairs
}
