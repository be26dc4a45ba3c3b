// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

// Visibility is who may see a post: one closed list everywhere.
type Visibility string

// Who may see it. Members is addressed to the members collection of one co-op,
// federation or team alone; Local never goes on the wire.
const (
	VisiblePublic    Visibility = "public"
	VisibleUnlisted  Visibility = "unlisted"
	VisibleFollowers Visibility = "followers"
	VisibleDirect    Visibility = "direct"
	VisibleMembers   Visibility = "members"
	VisibleLocal     Visibility = "local"
)

// ViewerClass says what kind of reader asks.
type ViewerClass int

// The classes of viewers. The zero value sees what anybody sees.
const (
	ViewerAnonymous  ViewerClass = iota
	ViewerAccount                // a signed-in local account
	ViewerRemote                 // a remote actor that signed its request
	ViewerRemoteHost             // the instance actor of another server: sees what any of its accounts may
	ViewerSystem                 // the program itself: delivery, indexing, export
)

// Viewer is who reads. Every read of posts takes one; it is made by web/auth, by
// the signed-fetch gate, or by [System].
type Viewer struct {
	Class   ViewerClass
	Account ID     // of ViewerAccount and ViewerRemote
	Host    string // of ViewerRemote and ViewerRemoteHost
	// A person who reads as a co-op without the role for it sees no direct posts,
	// those that the co-op wrote among them, or nothing of what it has not published. See [ViewerFor].
	NoDirect, NoDrafts bool
}

// Anonymous is anybody.
func Anonymous() Viewer { return Viewer{} }

// As is a signed-in local account.
func As(id ID) Viewer { return Viewer{Class: ViewerAccount, Account: id} }

// Signed is a remote actor whose signature was verified.
func Signed(id ID, host string) Viewer {
	return Viewer{Class: ViewerRemote, Account: id, Host: host}
}

// noAccount is an id that no account has.
const noAccount ID = -1

// Stranger is a remote actor that we do not store, whose signature was verified: it
// follows nobody here and was never named, so that it sees what everybody may.
func Stranger(host string) Viewer { return Signed(noAccount, host) }

// SignedHost is another server's instance actor whose signature was verified.
func SignedHost(host string) Viewer { return Viewer{Class: ViewerRemoteHost, Host: host} }

// System is the program itself. Its uses stand in a list that a test keeps.
func System() Viewer { return Viewer{Class: ViewerSystem} }

// Relation is what the rule of [MaySee] needs to know about a viewer and a post
// and cannot know by itself.
type Relation struct {
	Author        bool // the viewer wrote it, or holds the co-op role for its kind
	Named         bool // named in to or cc, or on the host of somebody named
	Follows       bool // an accepted follower of the author, or a host that has one
	Member        bool // a verified member of the collection that it is addressed to
	Blocked       bool // author blocks viewer, viewer blocks author, or the domain is blocked
	AuthorGone    bool // author suspended or deleted
	Withdrawn     bool // tombstone
	DraftOrFrozen bool // not published
	Office        bool // this instance's own account wrote it: what it tells is for whoever acts for who is told
}

// MaySee is the one rule about who may see a post. The store's SQL fragment
// must agree with it in every cell; a test compares them.
func MaySee(v Viewer, audience Visibility, r Relation) bool {
	if v.Class == ViewerSystem {
		return true
	}
	if r.Withdrawn || r.AuthorGone {
		return false
	}
	if v.NoDirect && audience == VisibleDirect && !r.Office || v.NoDrafts && r.DraftOrFrozen {
		return false
	}
	if r.Author && v.Class != ViewerAnonymous {
		return true
	}
	if r.DraftOrFrozen || r.Blocked {
		return false
	}
	switch audience {
	case VisiblePublic, VisibleUnlisted:
		return true
	case VisibleFollowers:
		return v.Class != ViewerAnonymous && (r.Follows || r.Named)
	case VisibleDirect:
		return v.Class != ViewerAnonymous && r.Named
	case VisibleMembers:
		return v.Class != ViewerAnonymous && r.Member
	case VisibleLocal:
		return v.Class == ViewerAccount
	default:
		return false
	}
}
