// SPDX-License-Identifier: AGPL-3.0-or-later

// Package streaming is the door of what arrives by itself: events of the Mastodon API by
// WebSocket (RFC 6455) and as server-sent events (WHATWG HTML §9.2).
//
// One [Hub] on each node hears what was committed ([storage.Feed]), asks which of those
// who listen have it in what they listen to, by the conditions of the timelines, has it
// written once for all of them, and hands it out. It believes no change: what is sent was
// read again, as the one for whom it is. A stream ends when its token does, when its
// reader is slow, and when the program stops.
//
// It never writes entities itself ([Writer]), and keeps nothing for who is away: a client
// that was not connected reads the timeline.
package streaming
