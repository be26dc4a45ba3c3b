// SPDX-License-Identifier: AGPL-3.0-or-later

package vocabulary

import (
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
// empty slice are left out; an empty string, false and 0 are written.
type Member struct {
	Name  string
	Value any
}

// Members is an object whose members stand in the order given. It is the common
// currency of what we write.
type Members []Member

// Text is a text in one language of a [Map].
type Text struct{ Language, Value string }

// Map is a language map such as contentMap; the main language stands first.
type Map []Text

// Get is the value of the first member of that name, nil if absent.
func (m Members) Get(name string) any { return nil }

// Set replaces the member of that name, or appends it.
func (m Members) Set(name string, value any) Members { return m }

// Add appends the member unless the value is nil or empty (also the empty string).
func (m Members) Add(name string, value any) Members { return m }

// Localized appends name and nameMap: the first text is the main one. With no
// text nothing is added.
func (m Members) Localized(name string, texts ...Text) Members { return m }

// Kind says which table of terms a document is written with. The flag Proven may
// be or-ed to it.
type Kind uint8

// The kinds.
const (
	Post   Kind = 0 // everything but actors: sdo is http://schema.org/
	Actor  Kind = 1 // actors: security/v1, and PropertyValue as http://schema.org#
	Proven Kind = 2 // data-integrity/v2 joins the context, since a proof will be added
	Bare   Kind = 4 // no @context: a part of a document that will have one
)

// Encode writes doc with the @context that its terms need: AS2, then security/v1
// on actors, data-integrity/v2 where a proof is, then one inline object with just
// the extension terms in use. Members of doc stand in canonical order: @context,
// id, type, actor, … and what the order does not name as given.
//
// Errors: [ErrTooLarge], [ErrUnknownTerm], [ErrNumber], [ErrValue].
func Encode(doc Members, kind Kind) ([]byte, error) { return nil, nil }

// Activity is an activity of ours. Lists are always written as arrays.
type Activity struct {
	ID        string
	Type      string // one of the types of [Activities]
	Actor     string
	Object    any // string (an IRI), json.RawMessage (spliced unchanged), Members, or []string of a Flag
	Target    any // string or Members
	Origin    string
	Result    any // string, json.RawMessage or Members
	Context   string
	To, Cc    []string
	Audience  string
	Published time.Time
	Updated   time.Time
	StartTime time.Time
	EndTime   time.Time
	Content   string
	Contents  Map     // contentMap
	Extra     Members // extension terms
	Proven    bool    // data-integrity/v2 in the context
}

// Members is the activity as an object, built through go-fed's types.
func (a Activity) Members() (Members, error) { return nil, nil }

// Encode writes the activity; see [Encode].
func (a Activity) Encode() ([]byte, error) { return nil, nil }
