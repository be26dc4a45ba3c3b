// SPDX-License-Identifier: AGPL-3.0-or-later

package signature

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// member is one member of a JSON object with its value as it was written.
type member struct {
	name  string
	value json.RawMessage
}

// members is a JSON object in the order and the bytes in which it was written: what a
// proof is verified over must be what came, not what an encoder makes of it.
type members []member

// splitObject takes exactly one JSON object apart, one level deep. A name that occurs
// twice is an error: two readers would see two documents.
func splitObject(doc []byte) (members, error) {
	dec := json.NewDecoder(bytes.NewReader(doc))
	if open, err := dec.Token(); err != nil || open != json.Delim('{') {
		return nil, errors.New("not a JSON object")
	}
	var all members
	seen := map[string]bool{}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return nil, fmt.Errorf("read JSON object: %w", err)
		}
		var m member
		m.name, _ = name.(string)
		if err := dec.Decode(&m.value); err != nil || seen[m.name] || odd(m.name) {
			return nil, errors.New("member of a JSON object")
		}
		seen[m.name] = true
		all = append(all, m)
	}
	if _, err := dec.Token(); err != nil {
		return nil, fmt.Errorf("read JSON object: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("text behind a JSON object")
	}
	return all, nil
}

// odd finds names that the decoder repaired, such as a lone surrogate: they would not
// be written again as they were read.
func odd(name string) bool { return strings.ContainsRune(name, utf8.RuneError) }

// get is the value of a member; nil when it is absent or null.
func (all members) get(name string) json.RawMessage {
	for _, m := range all {
		if m.name == name && !bytes.Equal(m.value, []byte("null")) {
			return m.value
		}
	}
	return nil
}

// text is the value of a member that is a string, else "".
func (all members) text(name string) string {
	var s string
	if json.Unmarshal(all.get(name), &s) != nil {
		return ""
	}
	return s
}

// without leaves members out.
func (all members) without(names ...string) members {
	var kept members
	for _, m := range all {
		if !slices.Contains(names, m.name) {
			kept = append(kept, m)
		}
	}
	return kept
}

// with sets a member where it stands; a new @context goes first and everything else
// that is new goes last.
func (all members) with(name string, value json.RawMessage) members {
	changed := make(members, 0, len(all)+1)
	found := false
	for _, m := range all {
		if m.name == name {
			m.value, found = value, true
		}
		changed = append(changed, m)
	}
	switch {
	case found:
		return changed
	case name == "@context":
		return append(members{{name, value}}, changed...)
	}
	return append(changed, member{name, value})
}

// object writes the members as one JSON object.
func (all members) object() []byte {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range all {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := quote(m.name)
		if err != nil {
			continue // a string that was read always writes
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(m.value)
	}
	b.WriteByte('}')
	return b.Bytes()
}

// quote writes a JSON string without the escapes that are only for HTML.
func quote(s string) (json.RawMessage, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		return nil, fmt.Errorf("write JSON string: %w", err)
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}

// listOf is an array's entries, or a single value as a list of one; nil when absent.
func listOf(raw json.RawMessage) []json.RawMessage {
	if raw == nil {
		return nil
	}
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) == nil {
		return list
	}
	return []json.RawMessage{raw}
}
