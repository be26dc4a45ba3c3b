// SPDX-License-Identifier: AGPL-3.0-or-later

package vocabulary

// inActivityStreams tells whether the context of ActivityStreams itself defines
// the name of a member or a type.
func inActivityStreams(name string) bool {
	switch name {
	case "id", "type", "actor", "altitude", "accuracy", "alsoKnownAs", "anyOf", "attachment", "attributedTo",
		"audience", "bcc", "bto", "cc", "closed", "content", "contentMap", "context", "current", "deleted",
		"describes", "duration", "endTime", "endpoints", "first", "followers", "following", "formerType",
		"generator", "height", "href", "hreflang", "icon", "image", "inReplyTo", "inbox", "instrument", "items",
		"last", "latitude", "liked", "likes", "location", "longitude", "mediaType", "name", "nameMap", "next",
		"oauthAuthorizationEndpoint", "oauthTokenEndpoint", "object", "oneOf", "orderedItems", "origin",
		"outbox", "partOf", "preferredUsername", "prev", "preview", "provideClientKey", "proxyUrl", "published",
		"radius", "rel", "relationship", "replies", "result", "sharedInbox", "shares", "signClientKey", "source",
		"startIndex", "startTime", "streams", "subject", "summary", "summaryMap", "tag", "target", "to",
		"totalItems", "units", "updated", "uploadMedia", "url", "width":
		return true
	}
	return activityStreamsType(name)
}

// activityStreamsType knows the types of ActivityStreams 2.0.
func activityStreamsType(name string) bool {
	switch name {
	case "Accept", "Activity", "Add", "Announce", "Application", "Arrive", "Article", "Audio", "Block",
		"Collection", "CollectionPage", "Create", "Delete", "Dislike", "Document", "Event", "Flag", "Follow",
		"Group", "Ignore", "Image", "IntransitiveActivity", "Invite", "IsContact", "IsFollowedBy", "IsFollowing",
		"IsMember", "Join", "Leave", "Like", "Link", "Listen", "Mention", "Move", "Note", "Object", "Offer",
		"OrderedCollection", "OrderedCollectionPage", "Organization", "Page", "Person", "Place", "Profile",
		"Question", "Read", "Reject", "Relationship", "Remove", "Service", "TentativeAccept", "TentativeReject",
		"Tombstone", "Travel", "Undo", "Update", "Video", "View":
		return true
	}
	return false
}

// inSecurity tells whether security/v1, which is on actors, defines the name.
func inSecurity(name string) bool {
	switch name {
	case "publicKey", "owner", "publicKeyPem":
		return true
	}
	return false
}
