// SPDX-License-Identifier: AGPL-3.0-or-later

package signature

import (
	"errors"
	"net/http"
	"time"
)

var errNotBuilt = errors.New("not built yet")

// Request is what was signed, as it came over the wire.
type Request struct {
	Method string      // "POST"
	Target string      // the raw request-target: path and query, as in Request.RequestURI
	Host   string      // the Host header, or :authority
	Header http.Header // all others; forwarding headers are not looked at
	Body   []byte      // whole
}

// FromHTTP takes a request that a server received, whose body was read before.
func FromHTTP(r *http.Request, body []byte) Request {
	return Request{Method: r.Method, Target: r.RequestURI, Host: r.Host, Header: r.Header, Body: body}
}

// Policy is what Read holds a request against.
type Policy struct {
	Now    time.Time
	Scheme string   // of our own ids: "https", or "http" in development
	Hosts  []string // ours, host[:port]; a key on one of them is refused
}

// Claim is a signature that is well-formed, covers what decides, is in time and fits
// the body, but was not yet held against a key.
type Claim struct{}

// KeyID is the key that the sender names: an http or https URL, not on our host.
func (c *Claim) KeyID() string { return "" }

// Form is Cavage or RFC9421.
func (c *Claim) Form() Form { return "" }

// ReplayKey names this signature by this key: 64 hexadecimal digits that are equal
// for the same request sent twice (federation.md 4.1.7).
func (c *Claim) ReplayKey() string { return "" }

// Read is the strict front (federation.md 4.1.2 to 4.1.6, 4.1.8): it refuses with an
// *Error everything that can be refused without knowing a key.
func Read(r Request, p Policy) (*Claim, error) { return nil, errNotBuilt }

// Verify holds the claim against the key that KeyID names. On failure the *Error says
// in Refetch whether a newer copy of the key may help.
func (c *Claim) Verify(k PublicKey) (Identity, error) { return Identity{}, errNotBuilt }
