// SPDX-License-Identifier: AGPL-3.0-or-later

package vocabulary

import (
	"encoding/json"
	"fmt"
	"time"
)

// Kind says which table of terms a document is written with. The flags Proven
// and Bare may be or-ed to it.
type Kind uint8

// The kinds.
const (
	Post   Kind = 0 // everything but actors: PropertyValue is http://schema.org/
	Actor  Kind = 1 // actors: security/v1, and PropertyValue as http://schema.org#
	Proven Kind = 2 // data-integrity/v2 joins the context, since a proof will be added
	Bare   Kind = 4 // no @context: a part of a document that will have one
)

// Encode writes doc with the @context that its terms need: AS2, then security/v1
// on actors, data-integrity/v2 where a proof is, then one inline object with just
// the extension terms in use. @context stands first, the other members as given.
// A document with an inbox, or with one inside, is an actor's without being told.
//
// Errors: [ErrTooLarge], [ErrUnknownTerm], [ErrNumber], [ErrValue].
func Encode(doc Members, kind Kind) ([]byte, error) {
	w := &writer{kind: kind, used: map[string]bool{}, buf: make([]byte, 0, 4096)}
	w.object(doc)
	if w.err != nil {
		return nil, w.err
	}
	body := w.buf
	if kind&Bare == 0 {
		head, err := appendContext(make([]byte, 0, len(body)+1024), w.used, w.kind)
		if err != nil {
			return nil, err
		}
		body = append(head, body[1:]...)
	}
	if len(body) > MaxDocument {
		return nil, fmt.Errorf("%w: %d bytes", ErrTooLarge, len(body))
	}
	return body, nil
}

// writer appends JSON and notes the terms that it sees. The first error stays.
type writer struct {
	buf  []byte
	used map[string]bool
	kind Kind
	err  error
}

func (w *writer) fail(kind error, format string, args ...any) {
	if w.err == nil {
		w.err = fmt.Errorf("%w: %s", kind, fmt.Sprintf(format, args...))
	}
}

// object writes members in their order.
func (w *writer) object(m Members) {
	if m.Get("type") == "Note" && m.Get("name") != nil && m.Get("inReplyTo") != nil && m.Get("content") != nil {
		// FEP-9967: others count a note with a name that answers something as a vote.
		w.fail(ErrValue, "a vote with content")
	}
	w.buf = append(w.buf, '{')
	start := len(w.buf)
	for i, one := range m {
		if absent(one.Value) {
			continue
		}
		w.checkMember(m[:i], one)
		if len(w.buf) > start {
			w.buf = append(w.buf, ',')
		}
		w.text(one.Name)
		w.buf = append(w.buf, ':')
		w.value(one.Value)
	}
	w.buf = append(w.buf, '}')
}

// checkMember refuses what must never be written, and notes the member's terms.
func (w *writer) checkMember(before Members, one Member) {
	switch one.Name {
	case "@context", "bto", "bcc":
		w.fail(ErrValue, "member %s", one.Name)
	case "type":
		w.noteType(one.Value)
	}
	if before.Get(one.Name) != nil {
		w.fail(ErrValue, "member %s twice", one.Name)
	}
	w.note(one.Name)
}

// noteType notes a type, which is one string.
func (w *writer) noteType(value any) {
	name, ok := value.(string)
	if !ok || name == "" {
		w.fail(ErrValue, "type %v", value)
		return
	}
	w.note(name)
}

// note remembers a term that needs a definition.
func (w *writer) note(name string) {
	switch {
	case name == "proof" || name == "DataIntegrityProof":
		w.kind |= Proven
	case name == "inbox":
		w.kind |= Actor
	case !inActivityStreams(name):
		w.used[name] = true
	}
}

// value writes any value that [Member] allows.
func (w *writer) value(value any) {
	switch v := value.(type) {
	case string:
		w.text(v)
	case bool, int, int64, json.Number:
		w.scalar(v)
	case time.Time:
		w.text(stamp(v))
	case json.RawMessage:
		w.raw(v)
	case Members:
		w.object(v)
	case Map:
		w.languages(v)
	case []string:
		writeList(w, v)
	case []Members:
		writeList(w, v)
	case []json.RawMessage:
		writeList(w, v)
	case []any:
		writeList(w, v)
	default:
		w.fail(ErrValue, "%T", value)
	}
}

// stamp is an instant as it stands on the wire.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

// writeList writes a list, which is an array also with one entry.
func writeList[T any](w *writer, list []T) {
	w.buf = append(w.buf, '[')
	for i, one := range list {
		if i > 0 {
			w.buf = append(w.buf, ',')
		}
		w.value(one)
	}
	w.buf = append(w.buf, ']')
}

// languages writes a language map; the keys are no terms.
func (w *writer) languages(m Map) {
	w.buf = append(w.buf, '{')
	for i, one := range m {
		if one.Language == "" || i > 0 && hasLanguage(m[:i], one.Language) {
			w.fail(ErrValue, "language %q", one.Language)
		}
		if i > 0 {
			w.buf = append(w.buf, ',')
		}
		w.text(one.Language)
		w.buf = append(w.buf, ':')
		w.text(one.Value)
	}
	w.buf = append(w.buf, '}')
}

func hasLanguage(m Map, language string) bool {
	for _, one := range m {
		if one.Language == language {
			return true
		}
	}
	return false
}
