// SPDX-License-Identifier: AGPL-3.0-or-later

package vocabulary

import (
	"encoding/json"
	"errors"
	"time"
)

// MaxDocument is how many bytes a document of ours may have, so that a board's
// Announce of it still passes the 1 MiB of others.
const MaxDocument = 900 << 10

var (
	// ErrTooLarge is said of a document over [MaxDocument].
	ErrTooLarge = errors.New("document over 900 KiB")
	// ErrUnknownTerm is said of a member or type that no context of ours defines.
	ErrUnknownTerm = errors.New("term without a definition")
	// ErrNumber is said of a number that not every reader keeps (RFC 7493 §2.2).
	ErrNumber = errors.New("number outside of I-JSON")
	// ErrValue is said of a value that has no place in a document.
	ErrValue = errors.New("value that cannot be written")
)

// Member is one member of an object. Value is a string, bool, int, int64,
// json.Number, time.Time (written in UTC without fraction), json.RawMessage
// (spliced in unchanged), Members, Map, []string, []Members, []json.RawMessage
// or []any of these. A nil value, an empty Members or Map, a zero time and an
// empty slice are left out; an empty string, false and 0 are written. Where an
// empty list must stand, it is json.RawMessage("[]").
type Member struct {
	Name  string
	Value any
}

// Members is an object whose members stand in the order given. It is the common
// currency of what we write. Its methods work like append: use the result, and do
// not build two objects on one beginning.
type Members []Member

// Text is a text in one language of a [Map].
type Text struct{ Language, Value string }

// Map is a language map such as contentMap; the main language stands first.
type Map []Text

// Get is the value of the first member of that name, nil if absent.
func (m Members) Get(name string) any {
	for _, one := range m {
		if one.Name == name {
			return one.Value
		}
	}
	return nil
}

// Set replaces the member of that name, or appends it. It changes m in place
// where it can; use the result.
func (m Members) Set(name string, value any) Members {
	for i := range m {
		if m[i].Name == name {
			m[i].Value = value
			return m
		}
	}
	return append(m, Member{name, value})
}

// Add appends the member unless its value says nothing: nil, an empty string, an
// empty list. Use it for what is optional.
func (m Members) Add(name string, value any) Members {
	if s, ok := value.(string); (ok && s == "") || absent(value) {
		return m
	}
	return append(m, Member{name, value})
}

// Localized appends name and nameMap: the first text is the main one. With no
// text nothing is added.
func (m Members) Localized(name string, texts ...Text) Members {
	if len(texts) == 0 {
		return m
	}
	return append(m, Member{name, texts[0].Value}, Member{name + "Map", Map(texts)})
}

// absent tells whether a value is left out.
func absent(value any) bool {
	switch v := value.(type) {
	case nil:
		return true
	case json.RawMessage:
		return len(v) == 0
	case Members:
		return len(v) == 0
	case Map:
		return len(v) == 0
	case time.Time:
		return v.IsZero()
	case []string:
		return len(v) == 0
	case []Members:
		return len(v) == 0
	case []json.RawMessage:
		return len(v) == 0
	case []any:
		return len(v) == 0
	}
	return false
}
