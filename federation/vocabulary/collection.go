// SPDX-License-Identifier: AGPL-3.0-or-later

package vocabulary

import (
	"encoding/json"
	"fmt"
	"time"

	propertydeleted "github.com/go-fed/activity/streams/impl/activitystreams/property_deleted"
	typecollection "github.com/go-fed/activity/streams/impl/activitystreams/type_collection"
	typecollectionpage "github.com/go-fed/activity/streams/impl/activitystreams/type_collectionpage"
	typeorderedcollection "github.com/go-fed/activity/streams/impl/activitystreams/type_orderedcollection"
	typeorderedcollectionpage "github.com/go-fed/activity/streams/impl/activitystreams/type_orderedcollectionpage"
	typetombstone "github.com/go-fed/activity/streams/impl/activitystreams/type_tombstone"
	propertyid "github.com/go-fed/activity/streams/impl/jsonld/property_id"
)

// Collection is an OrderedCollection, or with PartOf a page of one.
type Collection struct {
	ID           string
	AttributedTo string
	Unordered    bool  // Collection and CollectionPage: replies, likes
	TotalItems   int64 // below 0: not said
	First, Last  string
	PartOf       string // makes it a page
	Next, Prev   string
	Items        []any // strings, Members or json.RawMessage; nil: only counted or paged
}

// Type is the type on the wire.
func (c Collection) Type() string {
	switch {
	case c.PartOf != "" && c.Unordered:
		return typecollectionpage.ActivityStreamsCollectionPage{}.GetTypeName()
	case c.PartOf != "":
		return typeorderedcollectionpage.ActivityStreamsOrderedCollectionPage{}.GetTypeName()
	case c.Unordered:
		return typecollection.ActivityStreamsCollection{}.GetTypeName()
	}
	return typeorderedcollection.ActivityStreamsOrderedCollection{}.GetTypeName()
}

// Members is the collection as an object. Items is always an array.
func (c Collection) Members() Members {
	m := Members{}.Add("id", c.ID).Add("type", c.Type()).Add("attributedTo", c.AttributedTo)
	if c.TotalItems >= 0 {
		m = append(m, Member{"totalItems", c.TotalItems})
	}
	m = m.Add("partOf", c.PartOf).Add("first", c.First).Add("last", c.Last).Add("next", c.Next).Add("prev", c.Prev)
	name := "orderedItems"
	if c.Unordered {
		name = "items"
	}
	if c.Items != nil && len(c.Items) == 0 {
		return append(m, Member{name, json.RawMessage("[]")})
	}
	return m.Add(name, c.Items)
}

// Tombstone is what stands where something was (ActivityPub §6.4).
type Tombstone struct {
	ID         string
	FormerType string // a type of ActivityStreams as a bare word
	Deleted    time.Time
}

// Members is the tombstone as an object, built through go-fed's type. An id that
// is no URL is [ErrValue].
func (t Tombstone) Members() (Members, error) {
	u, err := parseIRI(t.ID)
	if err != nil {
		return nil, fmt.Errorf("write tombstone: %w", err)
	}
	stone := &typetombstone.ActivityStreamsTombstone{}
	id := propertyid.NewJSONLDIdProperty()
	id.SetIRI(u)
	stone.SetJSONLDId(id)
	if !t.Deleted.IsZero() {
		deleted := propertydeleted.NewActivityStreamsDeletedProperty()
		deleted.Set(wireTime(t.Deleted))
		stone.SetActivityStreamsDeleted(deleted)
	}
	core, err := stone.Serialize()
	if err != nil {
		return nil, fmt.Errorf("write tombstone %s: %w", t.ID, err)
	}
	// formerType is an IRI to a reader of JSON-LD: the bare word would become an
	// address on our host.
	if activityStreamsType(t.FormerType) {
		t.FormerType = ActivityStreams + "#" + t.FormerType
	}
	m := Members{{"id", t.ID}, {"type", core["type"]}}
	return m.Add("formerType", t.FormerType).Add("deleted", core["deleted"]), nil
}
