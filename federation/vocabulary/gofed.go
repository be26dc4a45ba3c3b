// SPDX-License-Identifier: AGPL-3.0-or-later

package vocabulary

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"

	"minga/federation/document"

	"github.com/go-fed/activity/streams"
	"github.com/go-fed/activity/streams/vocab"
)

// ErrUnknownType is said of a type that go-fed does not know. Such a document is
// stored raw, never refused.
var ErrUnknownType = errors.New("unknown type")

// activityType is what all our activities have in common in go-fed's types.
type activityType interface {
	vocab.Type
	SetActivityStreamsActor(vocab.ActivityStreamsActorProperty)
	SetActivityStreamsAudience(vocab.ActivityStreamsAudienceProperty)
	SetActivityStreamsCc(vocab.ActivityStreamsCcProperty)
	SetActivityStreamsContent(vocab.ActivityStreamsContentProperty)
	SetActivityStreamsEndTime(vocab.ActivityStreamsEndTimeProperty)
	SetActivityStreamsObject(vocab.ActivityStreamsObjectProperty)
	SetActivityStreamsOrigin(vocab.ActivityStreamsOriginProperty)
	SetActivityStreamsPublished(vocab.ActivityStreamsPublishedProperty)
	SetActivityStreamsResult(vocab.ActivityStreamsResultProperty)
	SetActivityStreamsStartTime(vocab.ActivityStreamsStartTimeProperty)
	SetActivityStreamsTarget(vocab.ActivityStreamsTargetProperty)
	SetActivityStreamsTo(vocab.ActivityStreamsToProperty)
	SetActivityStreamsUpdated(vocab.ActivityStreamsUpdatedProperty)
}

// newActivity makes an empty activity of a type that we send.
func newActivity(name string) (activityType, error) {
	switch name {
	case "Create":
		return streams.NewActivityStreamsCreate(), nil
	case "Update":
		return streams.NewActivityStreamsUpdate(), nil
	case "Delete":
		return streams.NewActivityStreamsDelete(), nil
	case "Follow":
		return streams.NewActivityStreamsFollow(), nil
	case "Accept":
		return streams.NewActivityStreamsAccept(), nil
	case "Reject":
		return streams.NewActivityStreamsReject(), nil
	case "Undo":
		return streams.NewActivityStreamsUndo(), nil
	case "Announce":
		return streams.NewActivityStreamsAnnounce(), nil
	case "Like":
		return streams.NewActivityStreamsLike(), nil
	}
	return newRarerActivity(name)
}

func newRarerActivity(name string) (activityType, error) {
	switch name {
	case "Add":
		return streams.NewActivityStreamsAdd(), nil
	case "Remove":
		return streams.NewActivityStreamsRemove(), nil
	case "Move":
		return streams.NewActivityStreamsMove(), nil
	case "Flag":
		return streams.NewActivityStreamsFlag(), nil
	case "Block":
		return streams.NewActivityStreamsBlock(), nil
	case "Offer":
		return streams.NewActivityStreamsOffer(), nil
	case "Join":
		return streams.NewActivityStreamsJoin(), nil
	case "Leave":
		return streams.NewActivityStreamsLeave(), nil
	case "Invite":
		return streams.NewActivityStreamsInvite(), nil
	}
	return nil, fmt.Errorf("%w %q", ErrUnknownType, name)
}

// core builds the activity typed and serialises it. Of what is embedded only the
// id goes in: its bytes must not pass through a library that loses some of them.
func (a Activity) core() (map[string]any, error) {
	t, err := newActivity(a.Type)
	if err != nil {
		return nil, err
	}
	for _, set := range [...]func(activityType) error{a.setParties, a.setThings} {
		if err := set(t); err != nil {
			return nil, err
		}
	}
	a.setTimes(t)
	return streams.Serialize(t)
}

// parseIRI reads an address, which must be absolute.
func parseIRI(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil || !u.IsAbs() {
		return nil, fmt.Errorf("%w: address %q", ErrValue, s)
	}
	return u, nil
}

// setParties sets who does it and who is told.
func (a Activity) setParties(t activityType) error {
	actor, err := parseIRI(a.Actor)
	if err != nil {
		return err
	}
	by := streams.NewActivityStreamsActorProperty()
	by.AppendIRI(actor)
	t.SetActivityStreamsActor(by)
	to, cc := streams.NewActivityStreamsToProperty(), streams.NewActivityStreamsCcProperty()
	audience := streams.NewActivityStreamsAudienceProperty()
	if err := errors.Join(appendIRIs(to.AppendIRI, a.To...), appendIRIs(cc.AppendIRI, a.Cc...),
		appendIRIs(audience.AppendIRI, a.Audience)); err != nil {
		return err
	}
	t.SetActivityStreamsTo(to)
	t.SetActivityStreamsCc(cc)
	t.SetActivityStreamsAudience(audience)
	return a.setID(t)
}

// setID sets the id; a transient activity has none.
func (a Activity) setID(t activityType) error {
	if a.ID == "" {
		return nil
	}
	u, err := parseIRI(a.ID)
	if err != nil {
		return err
	}
	id := streams.NewJSONLDIdProperty()
	id.SetIRI(u)
	t.SetJSONLDId(id)
	return nil
}

// appendIRIs hands each address that is not empty to a property.
func appendIRIs(add func(*url.URL), iris ...string) error {
	for _, s := range iris {
		if s == "" {
			continue
		}
		u, err := parseIRI(s)
		if err != nil {
			return err
		}
		add(u)
	}
	return nil
}

// setThings sets what it is about.
func (a Activity) setThings(t activityType) error {
	object, target := streams.NewActivityStreamsObjectProperty(), streams.NewActivityStreamsTargetProperty()
	origin, result := streams.NewActivityStreamsOriginProperty(), streams.NewActivityStreamsResultProperty()
	if list, ok := a.Object.([]string); ok {
		if err := appendIRIs(object.AppendIRI, list...); err != nil {
			return err
		}
	} else if err := appendThing(object.AppendIRI, a.Object); err != nil {
		return err
	}
	if err := errors.Join(appendThing(target.AppendIRI, a.Target), appendThing(origin.AppendIRI, a.Origin),
		appendThing(result.AppendIRI, a.Result)); err != nil {
		return err
	}
	t.SetActivityStreamsObject(object)
	t.SetActivityStreamsTarget(target)
	t.SetActivityStreamsOrigin(origin)
	t.SetActivityStreamsResult(result)
	return nil
}

func appendThing(add func(*url.URL), value any) error {
	id, err := idOf(value)
	if err != nil {
		return err
	}
	return appendIRIs(add, id)
}

// setTimes sets dates and the text.
func (a Activity) setTimes(t activityType) {
	if !a.Published.IsZero() {
		p := streams.NewActivityStreamsPublishedProperty()
		p.Set(wireTime(a.Published))
		t.SetActivityStreamsPublished(p)
	}
	if !a.Updated.IsZero() {
		p := streams.NewActivityStreamsUpdatedProperty()
		p.Set(wireTime(a.Updated))
		t.SetActivityStreamsUpdated(p)
	}
	if !a.StartTime.IsZero() {
		p := streams.NewActivityStreamsStartTimeProperty()
		p.Set(wireTime(a.StartTime))
		t.SetActivityStreamsStartTime(p)
	}
	if !a.EndTime.IsZero() {
		p := streams.NewActivityStreamsEndTimeProperty()
		p.Set(wireTime(a.EndTime))
		t.SetActivityStreamsEndTime(p)
	}
	if a.Content != "" {
		p := streams.NewActivityStreamsContentProperty()
		p.AppendXMLSchemaString(a.Content)
		t.SetActivityStreamsContent(p)
	}
}

func wireTime(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }

// Recognise asks go-fed for the type of a document that was authenticated. go-fed
// gets a copy, with a @context where there is none, and only what passes the shape
// check of pushed documents, since its memory grows faster than the body: a great
// collection is refused with a *[document.ShapeError]. A type that go-fed does not
// know is [ErrUnknownType].
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
		m["@context"] = ActivityStreams
	}
	t, err := streams.ToType(ctx, m)
	if err != nil {
		return nil, fmt.Errorf("recognise: %w: %w", ErrUnknownType, err)
	}
	return t, nil
}
