// SPDX-License-Identifier: AGPL-3.0-or-later

package input

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
)

// Bounds of what is read.
const (
	deepest     = 8       // how far forms may nest
	mostPairs   = 5_000   // names in a form or query
	filesMemory = 1 << 20 // bytes of multipart kept in memory; the rest lies in temporary files
)

// Read reads a request. Members of the body stand before those of the query, since
// some clients send everything in the query and an empty body. A body that cannot be
// read gives a [coop.InvalidError] of field body, one that is too large
// [http.MaxBytesError]. The caller ends with [Values.Close] when files were sent.
func Read(c *gin.Context) (Values, error) {
	v := New(nil)
	query, err := pairsOf(c.Request.URL.RawQuery)
	if err == nil {
		err = v.add(query)
	}
	if err != nil {
		return v, &coop.InvalidError{Field: "query", Code: "unreadable", Problem: coop.Shorten(err.Error(), 200)}
	}
	body := New(nil)
	if err := body.readBody(c); err != nil {
		return v, unreadable(err)
	}
	maps.Copy(v.members, body.members)
	v.files = body.files
	return v, nil
}

// unreadable says of a body that it could not be read.
func unreadable(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return err
	}
	return &coop.InvalidError{Field: "body", Code: "unreadable", Problem: "is neither a JSON object nor a form: " + coop.Shorten(err.Error(), 200)}
}

// readBody reads the body by its type; what names none is JSON.
func (v *Values) readBody(c *gin.Context) error {
	if c.ContentType() == "multipart/form-data" {
		return v.readMultipart(c.Request)
	}
	body, err := io.ReadAll(c.Request.Body)
	if err != nil || len(body) == 0 {
		return err
	}
	if c.ContentType() == "application/x-www-form-urlencoded" {
		pairs, err := pairsOf(string(body))
		if err != nil {
			return err
		}
		return v.add(pairs)
	}
	decoder := json.NewDecoder(strings.NewReader(string(body)))
	decoder.UseNumber()
	if err := decoder.Decode(&v.members); err != nil {
		return err
	}
	if v.members == nil { // the body was null
		v.members = map[string]any{}
	}
	cleanTree(v.members)
	return nil
}

// clean is a text without what no text of ours may hold: NUL, and bytes that are no
// UTF-8.
func clean(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\ufffd"), "\x00", "")
}

// cleanTree cleans all names and texts of a tree of JSON, which is no deeper than its
// decoder allows.
func cleanTree(node any) any {
	switch v := node.(type) {
	case string:
		return clean(v)
	case []any:
		for n := range v {
			v[n] = cleanTree(v[n])
		}
	case map[string]any:
		for name, value := range v {
			if kept := clean(name); kept != name {
				delete(v, name)
				name = kept
			}
			v[name] = cleanTree(value)
		}
	}
	return node
}

// readMultipart reads fields and keeps files for [Values.File].
func (v *Values) readMultipart(r *http.Request) error {
	if err := r.ParseMultipartForm(filesMemory); err != nil {
		return err
	}
	v.files = r.MultipartForm
	return v.add(interleaved(r.MultipartForm.Value))
}

// pair is one name with one value, in the order in which they came.
type pair struct{ name, value string }

// pairsOf reads a query or form.
func pairsOf(text string) ([]pair, error) {
	var pairs []pair
	for part := range strings.SplitSeq(text, "&") {
		if part == "" {
			continue
		}
		if len(pairs) == mostPairs {
			return nil, fmt.Errorf("more than %d names", mostPairs)
		}
		name, value, _ := strings.Cut(part, "=")
		name, err := url.QueryUnescape(name)
		if err != nil {
			return nil, err
		}
		if value, err = url.QueryUnescape(value); err != nil {
			return nil, err
		}
		pairs = append(pairs, pair{name, value})
	}
	return pairs, nil
}

// interleaved puts the values of a multipart form into an order in which the first
// values of all names come before the second ones, so that lists of objects come
// apart as they were meant.
func interleaved(values map[string][]string) []pair {
	var pairs []pair
	names := slices.Sorted(maps.Keys(values))
	for n := 0; ; n++ {
		before := len(pairs)
		for _, name := range names {
			if n < len(values[name]) && len(pairs) < mostPairs {
				pairs = append(pairs, pair{name, values[name][n]})
			}
		}
		if len(pairs) == before {
			return pairs
		}
	}
}

// add puts pairs into the tree.
func (v *Values) add(pairs []pair) error {
	for _, p := range pairs {
		if strings.Count(p.name, "[") >= deepest {
			return fmt.Errorf("field %.40q is nested too deep", p.name)
		}
		path := strings.Split(strings.ReplaceAll(clean(p.name), "]", ""), "[")
		v.members[path[0]] = insert(v.members[path[0]], path[1:], clean(p.value))
	}
	return nil
}

// insert puts a value below node at the end of a path and returns the new node. An
// empty step is a list; in a list of objects the next one begins where the last has
// the member already. A name that is repeated becomes a list.
func insert(node any, path []string, value string) any {
	if len(path) == 0 {
		switch was := node.(type) {
		case string:
			return []any{was, value}
		case []any:
			return append(was, value)
		}
		return value
	}
	if path[0] != "" {
		object, ok := node.(map[string]any)
		if !ok {
			object = map[string]any{}
		}
		object[path[0]] = insert(object[path[0]], path[1:], value)
		return object
	}
	list, _ := node.([]any)
	if len(path) == 1 {
		return append(list, value)
	}
	if n := len(list) - 1; n >= 0 && !holds(list[n], path[1:]) {
		list[n] = insert(list[n], path[1:], value)
		return list
	}
	return append(list, insert(nil, path[1:], value))
}

// holds tells whether an object has what the path leads to; a list there can grow.
func holds(node any, path []string) bool {
	object, ok := node.(map[string]any)
	if !ok {
		return true
	}
	below, ok := object[path[0]]
	if !ok || len(path) == 1 {
		return ok
	}
	return path[1] != "" && holds(below, path[1:])
}

// File is a file of a multipart body; nil for none.
func (v Values) File(name string) *multipart.FileHeader {
	if v.files == nil || len(v.files.File[name]) == 0 {
		return nil
	}
	return v.files.File[name][0]
}

// Close removes the temporary files of a multipart body.
func (v Values) Close() error {
	if v.files == nil {
		return nil
	}
	return v.files.RemoveAll()
}
