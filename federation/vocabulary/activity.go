// SPDX-License-Identifier: AGPL-3.0-or-later

package vocabulary

import (
	"encoding/json"
	"fmt"
	"time"

	"minga/federation/document"
)

// Activity is an activity of ours. Lists are always written as arrays, times in
// UTC without fractions, and what is empty is left out.
type Activity struct {
	ID     string
	Type   string // one of [ActivityTypes] that we send
	Actor  string
	To, Cc []string
	// Audience is the home board.
	Audience  string
	Context   string // of a confirmation: the Agreement
	Published time.Time
	Updated   time.Time
	StartTime time.Time
	EndTime   time.Time
	Content   string
	Contents  Map // contentMap
	// Object is a string (an IRI), a json.RawMessage (spliced in unchanged), Members,
	// or a []string (of a Flag). A Proven object brings its own @context as raw bytes.
	Object any
	Target any // string, json.RawMessage or Members
	Origin string
	Result any     // string, json.RawMessage or Members
	Extra  Members // extension terms, such as usedOn
	Proven bool    // data-integrity/v2 in the context, since a proof will be added
}

// Members is the activity as an object in its fixed order. Its core is built by
// go-fed's types, so an activity that ActivityStreams does not have cannot be
// written; an address that is no URL is [ErrValue].
func (a Activity) Members() (Members, error) {
	core, err := a.core()
	if err != nil {
		return nil, fmt.Errorf("write %s %s: %w", a.Type, a.ID, err)
	}
	m := Members{}.Add("id", a.ID)
	m = append(m, Member{"type", core["type"]})
	m = m.Add("actor", a.Actor).Add("to", a.To).Add("cc", a.Cc).Add("audience", a.Audience).Add("context", a.Context)
	for _, name := range [...]string{"published", "updated", "startTime", "endTime", "content"} {
		m = m.Add(name, core[name])
	}
	m = m.Add("contentMap", a.Contents)
	m = m.Add("object", a.Object).Add("target", a.Target).Add("origin", a.Origin).Add("result", a.Result)
	return append(m, a.Extra...), nil
}

// Encode writes the activity; see [Encode].
func (a Activity) Encode() ([]byte, error) {
	m, err := a.Members()
	if err != nil {
		return nil, err
	}
	kind := Post
	if a.Proven {
		kind |= Proven
	}
	return Encode(m, kind)
}

// idOf is the id of something embedded, or the IRI itself; empty if it has none.
func idOf(value any) (string, error) {
	switch v := value.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	case Members:
		id, _ := v.Get("id").(string)
		return id, nil
	case json.RawMessage:
		o, err := document.Read(v)
		if err != nil {
			return "", fmt.Errorf("%w: embedded object: %w", ErrValue, err)
		}
		return o.ID(), nil
	}
	return "", fmt.Errorf("%w: embedded %T", ErrValue, value)
}
