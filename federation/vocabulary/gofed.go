// SPDX-License-Identifier: AGPL-3.0-or-later

package vocabulary

import (
	"errors"
	"fmt"
	"net/url"
	"time"

	propertyactor "github.com/go-fed/activity/streams/impl/activitystreams/property_actor"
	propertyaudience "github.com/go-fed/activity/streams/impl/activitystreams/property_audience"
	propertycc "github.com/go-fed/activity/streams/impl/activitystreams/property_cc"
	propertycontent "github.com/go-fed/activity/streams/impl/activitystreams/property_content"
	propertyendtime "github.com/go-fed/activity/streams/impl/activitystreams/property_endtime"
	propertyobject "github.com/go-fed/activity/streams/impl/activitystreams/property_object"
	propertyorigin "github.com/go-fed/activity/streams/impl/activitystreams/property_origin"
	propertypublished "github.com/go-fed/activity/streams/impl/activitystreams/property_published"
	propertyresult "github.com/go-fed/activity/streams/impl/activitystreams/property_result"
	propertystarttime "github.com/go-fed/activity/streams/impl/activitystreams/property_starttime"
	propertytarget "github.com/go-fed/activity/streams/impl/activitystreams/property_target"
	propertyto "github.com/go-fed/activity/streams/impl/activitystreams/property_to"
	propertyupdated "github.com/go-fed/activity/streams/impl/activitystreams/property_updated"
	propertyid "github.com/go-fed/activity/streams/impl/jsonld/property_id"
)

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
	return t.Serialize()
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
	by := propertyactor.NewActivityStreamsActorProperty()
	by.AppendIRI(actor)
	t.SetActivityStreamsActor(by)
	to, cc := propertyto.NewActivityStreamsToProperty(), propertycc.NewActivityStreamsCcProperty()
	audience := propertyaudience.NewActivityStreamsAudienceProperty()
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
	id := propertyid.NewJSONLDIdProperty()
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
	object, target := propertyobject.NewActivityStreamsObjectProperty(), propertytarget.NewActivityStreamsTargetProperty()
	origin, result := propertyorigin.NewActivityStreamsOriginProperty(), propertyresult.NewActivityStreamsResultProperty()
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
		p := propertypublished.NewActivityStreamsPublishedProperty()
		p.Set(wireTime(a.Published))
		t.SetActivityStreamsPublished(p)
	}
	if !a.Updated.IsZero() {
		p := propertyupdated.NewActivityStreamsUpdatedProperty()
		p.Set(wireTime(a.Updated))
		t.SetActivityStreamsUpdated(p)
	}
	if !a.StartTime.IsZero() {
		p := propertystarttime.NewActivityStreamsStartTimeProperty()
		p.Set(wireTime(a.StartTime))
		t.SetActivityStreamsStartTime(p)
	}
	if !a.EndTime.IsZero() {
		p := propertyendtime.NewActivityStreamsEndTimeProperty()
		p.Set(wireTime(a.EndTime))
		t.SetActivityStreamsEndTime(p)
	}
	if a.Content != "" {
		p := propertycontent.NewActivityStreamsContentProperty()
		p.AppendXMLSchemaString(a.Content)
		t.SetActivityStreamsContent(p)
	}
}

func wireTime(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }
