// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/shopspring/decimal"

	"minga/coop"
)

// input is a body as a tree of members, whether it came as JSON or as a form
// with bracketed names (`job[pay][min]=10`). What is asked of it and has the
// wrong shape becomes a complaint about that field.
type input struct {
	members map[string]any
	prefix  string
	wrong   *coop.Invalid
}

// deepest is how far forms and documents may nest.
const deepest = 8

// readInput reads the body of a request.
func readInput(c *gin.Context) (input, error) {
	in := input{members: map[string]any{}, wrong: &coop.Invalid{}}
	body, err := io.ReadAll(c.Request.Body)
	if err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return in, err
		}
		return in, &coop.InvalidError{Field: "body", Code: "incomplete", Problem: "the body did not arrive whole"}
	}
	switch {
	case len(body) == 0:
		return in, nil
	case c.ContentType() == "application/x-www-form-urlencoded":
		err = in.readForm(string(body))
	default:
		decoder := json.NewDecoder(strings.NewReader(string(body)))
		decoder.UseNumber()
		err = decoder.Decode(&in.members)
	}
	if err != nil {
		return in, &coop.InvalidError{Field: "body", Code: "unreadable", Problem: "is neither a JSON object nor a form: " + coop.Shorten(err.Error(), 200)}
	}
	return in, nil
}

// readForm turns bracketed names into a tree; `x[]` and repeated names are lists.
func (in input) readForm(text string) error {
	values, err := url.ParseQuery(text)
	if err != nil {
		return err
	}
	for name, list := range values {
		path := strings.Split(strings.ReplaceAll(name, "]", ""), "[")
		if len(path) > deepest {
			return fmt.Errorf("field %.40q is nested too deep", name)
		}
		isList := path[len(path)-1] == ""
		if isList {
			path = path[:len(path)-1]
		}
		place(in.members, path, list, isList || len(list) > 1)
	}
	return nil
}

// place puts a value at the end of a path; what stands in the way is replaced.
func place(tree map[string]any, path []string, list []string, isList bool) {
	for _, step := range path[:len(path)-1] {
		below, ok := tree[step].(map[string]any)
		if !ok {
			below = map[string]any{}
			tree[step] = below
		}
		tree = below
	}
	last := path[len(path)-1]
	if !isList {
		tree[last] = list[0]
		return
	}
	values := make([]any, 0, len(list))
	for _, v := range list {
		values = append(values, v)
	}
	tree[last] = values
}

// complain notes what is wrong with a field.
func (in input) complain(field, code, problem string) {
	*in.wrong = append(*in.wrong, &coop.InvalidError{Field: in.prefix + field, Code: code, Problem: problem})
}

// has tells whether a member was sent, null included.
func (in input) has(name string) bool {
	_, ok := in.members[name]
	return ok
}

// text is a member as text; numbers and switches are taken too.
func (in input) text(name string) string {
	switch v := in.members[name].(type) {
	case nil:
		return ""
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	}
	in.complain(name, "type", "is a text")
	return ""
}

// number is a member as a whole number; zero for none.
func (in input) number(name string) int {
	text := in.text(name)
	if text == "" {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		in.complain(name, "type", "is a whole number")
	}
	return n
}

// decimal is a member as an exact number; zero for none.
func (in input) decimal(name string) decimal.Decimal {
	text := in.text(name)
	if text == "" {
		return decimal.Zero
	}
	d, err := decimal.NewFromString(text)
	if err != nil || len(text) > 40 || d.Exponent() > 12 || d.Exponent() < -6 {
		in.complain(name, "type", "is a number such as 1900000 or 12.50")
		return decimal.Zero
	}
	return d
}

// flag is a member as a switch; nil for none.
func (in input) flag(name string) *bool {
	text := in.text(name)
	if text == "" {
		return nil
	}
	b, err := strconv.ParseBool(text)
	if err != nil {
		b = text == "on"
		if !b && text != "off" {
			in.complain(name, "type", "is true or false")
		}
	}
	return &b
}

// moment is a member as a time; zero for none.
func (in input) moment(name string) time.Time {
	text := in.text(name)
	if text == "" {
		return time.Time{}
	}
	t, err := timeOf(text)
	if err != nil {
		in.complain(name, "date", "is a date such as 2026-12-20 or a time such as 2026-12-20T23:59:59Z")
	}
	return t
}

// texts is a member as a list of texts; one text is a list of one.
func (in input) texts(name string) []string {
	switch v := in.members[name].(type) {
	case nil:
		return nil
	case []any:
		list := make([]string, 0, len(v))
		for _, one := range v {
			switch one := one.(type) {
			case string:
				list = append(list, one)
			case json.Number:
				list = append(list, one.String())
			default:
				in.complain(name, "type", "is a list of texts")
				return nil
			}
		}
		return list
	default:
		if text := in.text(name); text != "" {
			return []string{text}
		}
		return nil
	}
}

// words is a member as texts by language or media type.
func (in input) words(name string) map[string]string {
	below, ok := in.members[name].(map[string]any)
	if !ok {
		if in.members[name] != nil {
			in.complain(name, "type", "is an object of texts")
		}
		return nil
	}
	out := map[string]string{}
	for key, v := range below {
		text, ok := v.(string)
		if !ok {
			in.complain(name+"."+key, "type", "is a text")
			continue
		}
		out[key] = text
	}
	return out
}

// below is a nested object; an empty one for none.
func (in input) below(name string) input {
	out := input{members: map[string]any{}, prefix: in.prefix + name + ".", wrong: in.wrong}
	switch v := in.members[name].(type) {
	case nil:
	case map[string]any:
		out.members = v
	default:
		in.complain(name, "type", "is an object")
	}
	return out
}

// list is a member as a list of objects; a text among them becomes an object
// with that text under the name given. A form numbers its objects: 0, 1, ….
func (in input) list(name, bare string) []input {
	var entries []any
	switch v := in.members[name].(type) {
	case nil:
		return nil
	case []any:
		entries = v
	case map[string]any:
		for n := range len(v) {
			if one, ok := v[strconv.Itoa(n)]; ok {
				entries = append(entries, one)
			}
		}
	default:
		entries = []any{v}
	}
	var out []input
	for n, entry := range entries {
		one := input{prefix: fmt.Sprintf("%s%s[%d].", in.prefix, name, n), wrong: in.wrong}
		switch v := entry.(type) {
		case map[string]any:
			one.members = v
		case string:
			one.members = map[string]any{bare: v}
		default:
			in.complain(fmt.Sprintf("%s[%d]", name, n), "type", "is an object")
			continue
		}
		out = append(out, one)
	}
	return out
}
