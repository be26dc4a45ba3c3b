// SPDX-License-Identifier: AGPL-3.0-or-later

package auth

import (
	"fmt"
	"strings"

	"minga/coop"
	"minga/web/respond"
)

// Access says who may use a route.
type Access int

// The classes of access. The zero value is none of them, so that a route that
// says nothing cannot be mounted.
const (
	_        Access = iota
	Open            // anybody; neither token nor cookie is looked at
	Optional        // anybody; a token shows more
	Token           // a token of an account, with the scope of the route
	App             // a token of an account or of an app alone
	Public          // anybody; a session shows the same page, and who is signed in around it
	Visitor         // anybody with a browser; a session shows more
	Session         // a person who signed in with a browser
	Peer            // other servers, who prove themselves by a signature
)

// CSRF says what keeps other sites from using a visitor's session.
type CSRF int

// The classes. The zero value is none of them.
const (
	_          CSRF = iota
	CSRFSafe        // the route changes nothing
	CSRFBearer      // rights come from a token or secret in the request alone, never from a cookie
	CSRFSigned      // rights come from an HTTP signature alone
	CSRFForm        // cookies count: the gate wants our own origin and the visitor's form token
)

// Sees says whose things a route may show.
type Sees int

// The classes of visibility. The zero value is none of them.
const (
	_          Sees = iota
	SeesNobody      // no posts at all
	SeesPublic      // what anybody may see
	SeesViewer      // what the one who asks may see
	SeesOwn         // what belongs to the one who asks
)

// Route is one line of a face's table.
type Route struct {
	Method string
	Path   string // gin's syntax
	Access Access
	Act    coop.RoleAct // of Token: what a person who acts for a co-op needs a role for; reads need none of their own
	Scope  string       // of Token, App and Optional, such as "write:minga"; alternatives are parted by spaces
	Limit  Limit
	CSRF   CSRF
	Sees   Sees
	Parts  bool  // the body is read part by part as it comes: the handler looks for as= itself, by [Lend], and for the token of a form, by [CheckPart]
	Body   int64 // bytes that a body may have; 0: none is read
	Early  bool  // of Visitor and Session: the staff gets here without a second factor
	// Rank is the least that a person of the route must have on this server, of Session
	// alone; for who has less there is no such page. Empty: anybody who is signed in.
	Rank   coop.Rank
	Form   respond.Form
	Handle respond.Handler
	// Stream: the token may also come in the address or as the name of a sub-protocol, as a
	// browser must send it that opens a stream. Nowhere else.
	Stream bool
}

// Check tells what a route forgot to say.
func (r Route) Check() error {
	switch {
	case r.Access == 0, r.Limit == 0, r.CSRF == 0, r.Sees == 0, r.Handle == nil:
		return fmt.Errorf("route %s %s lacks access, limit, CSRF class, visibility or handler", r.Method, r.Path)
	case r.Access == Token && r.Scope == "":
		return fmt.Errorf("route %s %s takes tokens and names no scope", r.Method, r.Path)
	case r.Access == Token && !safe(r.Method) && r.Act == "":
		return fmt.Errorf("route %s %s changes things and names no act", r.Method, r.Path)
	case r.cookies() != (r.CSRF == CSRFForm) && !safe(r.Method), r.CSRF == CSRFForm && !r.cookies():
		return fmt.Errorf("route %s %s has a CSRF class that does not go with its access", r.Method, r.Path)
	case r.Rank != "" && r.Access != Session:
		return fmt.Errorf("route %s %s wants a rank and knows nobody", r.Method, r.Path)
	case r.CSRF == CSRFSafe && r.Method != "GET" && r.Method != "HEAD" && r.Method != "OPTIONS":
		return fmt.Errorf("route %s %s changes things and has no CSRF class", r.Method, r.Path)
	case r.Method != "GET" && r.Method != "HEAD" && r.Method != "OPTIONS" && r.Body == 0:
		return fmt.Errorf("route %s %s has no limit on its body", r.Method, r.Path)
	}
	return nil
}

// For is the route with another act than the one of its scope.
func (r Route) For(act coop.RoleAct) Route {
	r.Act = act
	return r
}

// act is what a person who acts for a co-op needs a role for.
func (r Route) act() coop.RoleAct {
	if r.Act == "" && safe(r.Method) {
		return coop.ActRead
	}
	return r.Act
}

// cookies tells whether the route knows people by their cookies.
func (r Route) cookies() bool { return r.Access == Visitor || r.Access == Session }

// Allows tells whether the scopes of a token cover one of those that a route asks
// for, parted by spaces: read covers read:minga, read:minga does not cover read.
func Allows(scopes []string, asked string) bool {
	for _, one := range strings.Fields(asked) {
		if coop.ScopesCover(scopes, one) {
			return true
		}
	}
	return false
}
