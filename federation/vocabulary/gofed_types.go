// SPDX-License-Identifier: AGPL-3.0-or-later

package vocabulary

import (
	"errors"
	"fmt"

	typeaccept "github.com/go-fed/activity/streams/impl/activitystreams/type_accept"
	typeadd "github.com/go-fed/activity/streams/impl/activitystreams/type_add"
	typeannounce "github.com/go-fed/activity/streams/impl/activitystreams/type_announce"
	typeblock "github.com/go-fed/activity/streams/impl/activitystreams/type_block"
	typecreate "github.com/go-fed/activity/streams/impl/activitystreams/type_create"
	typedelete "github.com/go-fed/activity/streams/impl/activitystreams/type_delete"
	typeflag "github.com/go-fed/activity/streams/impl/activitystreams/type_flag"
	typefollow "github.com/go-fed/activity/streams/impl/activitystreams/type_follow"
	typeinvite "github.com/go-fed/activity/streams/impl/activitystreams/type_invite"
	typejoin "github.com/go-fed/activity/streams/impl/activitystreams/type_join"
	typeleave "github.com/go-fed/activity/streams/impl/activitystreams/type_leave"
	typelike "github.com/go-fed/activity/streams/impl/activitystreams/type_like"
	typemove "github.com/go-fed/activity/streams/impl/activitystreams/type_move"
	typeoffer "github.com/go-fed/activity/streams/impl/activitystreams/type_offer"
	typereject "github.com/go-fed/activity/streams/impl/activitystreams/type_reject"
	typeremove "github.com/go-fed/activity/streams/impl/activitystreams/type_remove"
	typeundo "github.com/go-fed/activity/streams/impl/activitystreams/type_undo"
	typeupdate "github.com/go-fed/activity/streams/impl/activitystreams/type_update"
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

// newActivity makes an empty activity of a type that we send. The types are taken from
// their own packages, not through the constructors of go-fed's streams: that package
// hands every type to every other one when the program starts, and so brings all of them
// with their readers, a fifth of the program, of which nothing else is used.
func newActivity(name string) (activityType, error) {
	switch name {
	case "Create":
		return &typecreate.ActivityStreamsCreate{}, nil
	case "Update":
		return &typeupdate.ActivityStreamsUpdate{}, nil
	case "Delete":
		return &typedelete.ActivityStreamsDelete{}, nil
	case "Follow":
		return &typefollow.ActivityStreamsFollow{}, nil
	case "Accept":
		return &typeaccept.ActivityStreamsAccept{}, nil
	case "Reject":
		return &typereject.ActivityStreamsReject{}, nil
	case "Undo":
		return &typeundo.ActivityStreamsUndo{}, nil
	case "Announce":
		return &typeannounce.ActivityStreamsAnnounce{}, nil
	case "Like":
		return &typelike.ActivityStreamsLike{}, nil
	}
	return newRarerActivity(name)
}

func newRarerActivity(name string) (activityType, error) {
	switch name {
	case "Add":
		return &typeadd.ActivityStreamsAdd{}, nil
	case "Remove":
		return &typeremove.ActivityStreamsRemove{}, nil
	case "Move":
		return &typemove.ActivityStreamsMove{}, nil
	case "Flag":
		return &typeflag.ActivityStreamsFlag{}, nil
	case "Block":
		return &typeblock.ActivityStreamsBlock{}, nil
	case "Offer":
		return &typeoffer.ActivityStreamsOffer{}, nil
	case "Join":
		return &typejoin.ActivityStreamsJoin{}, nil
	case "Leave":
		return &typeleave.ActivityStreamsLeave{}, nil
	case "Invite":
		return &typeinvite.ActivityStreamsInvite{}, nil
	}
	return nil, fmt.Errorf("%w %q", ErrUnknownType, name)
}
