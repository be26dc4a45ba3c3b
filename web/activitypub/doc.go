// SPDX-License-Identifier: AGPL-3.0-or-later

// Package activitypub is the face towards other servers: actors, objects,
// collections and activities as ActivityPub documents, the inboxes, and the
// documents by which we are found (WebFinger, host-meta, NodeInfo).
package activitypub
