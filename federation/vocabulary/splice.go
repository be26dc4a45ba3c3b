// SPDX-License-Identifier: AGPL-3.0-or-later

package vocabulary

import (
	"encoding/json"

	"minga/federation/document"
)

// maxEntries bounds the lists in which raw values are searched for terms.
const maxEntries = 100_000

// raw splices bytes in unchanged. What has no @context of its own lives under
// ours, so its terms need definitions too.
func (w *writer) raw(value json.RawMessage) {
	if !json.Valid(value) {
		w.fail(ErrValue, "raw value that is not JSON")
		return
	}
	w.noteRaw(value)
	w.buf = append(w.buf, value...)
}

// noteRaw notes the terms in a raw value.
func (w *writer) noteRaw(value []byte) {
	wrapped := append(append([]byte(`{"x":`), value...), '}')
	o, err := document.Read(wrapped)
	if err != nil {
		w.fail(ErrValue, "raw value: %v", err)
		return
	}
	for _, inner := range o.Objects("x", maxEntries) {
		w.noteObject(inner)
	}
}

// noteObject notes the terms of an object unless it explains itself.
func (w *writer) noteObject(o *document.Object) {
	if o.Has("@context") {
		return
	}
	for _, m := range o.Members() {
		if string(m.Raw) == "null" {
			continue
		}
		w.note(m.Name)
		if m.Name == "type" {
			for _, name := range o.Types() {
				w.note(name)
			}
			continue
		}
		if isMap(m.Name) || m.Name == "proof" {
			continue
		}
		for _, inner := range o.Objects(m.Name, maxEntries) {
			w.noteObject(inner)
		}
	}
}

// isMap tells whether a member is a language map, whose keys are no terms.
func isMap(name string) bool {
	switch name {
	case "contentMap", "nameMap", "summaryMap", "titleMap", "descriptionMap", "responsibilitiesMap", "qualificationsMap":
		return true
	}
	return false
}
