// SPDX-License-Identifier: AGPL-3.0-or-later

package gofed

import (
	"context"
	"encoding/json"
	"fmt"

	"minga/federation/document"
	"minga/federation/vocabulary"

	"github.com/go-fed/activity/streams"
	"github.com/go-fed/activity/streams/vocab"
)

// Recognise asks go-fed for the type of a document that was authenticated. go-fed
// gets a copy, with a @context where there is none, and only what passes the shape
// check of pushed documents, since its memory grows faster than the body: a great
// collection is refused with a *[document.ShapeError]. A type that go-fed does not
// know is [vocabulary.ErrUnknownType].
func Recognise(ctx context.Context, body []byte) (name string, err error) {
	if err := document.Check(body, document.Pushed()); err != nil {
		return "", fmt.Errorf("recognise: %w", err)
	}
	t, err := toType(ctx, body)
	if err != nil {
		return "", err
	}
	return t.GetTypeName(), nil
}

func toType(ctx context.Context, body []byte) (vocab.Type, error) {
	var m map[string]any
	if err := json.Unmarshal(body, &m); err != nil {
		return nil, fmt.Errorf("recognise: %w", err)
	}
	if _, ok := m["@context"]; !ok {
		m["@context"] = vocabulary.ActivityStreams
	}
	t, err := streams.ToType(ctx, m)
	if err != nil {
		return nil, fmt.Errorf("recognise: %w: %w", vocabulary.ErrUnknownType, err)
	}
	return t, nil
}
