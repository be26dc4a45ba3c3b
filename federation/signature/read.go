// SPDX-License-Identifier: AGPL-3.0-or-later

package signature

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"time"

	"minga/federation/origin"
)

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
type Claim struct {
	keyID     string
	form      Form
	signature []byte
	label     string // what the sender says of the algorithm; may be empty
	ends      time.Time
	verify    func(crypto.PublicKey) error
}

// KeyID is the key that the sender names: an http or https URL, not on our host.
func (c *Claim) KeyID() string { return c.keyID }

// Form is Cavage or RFC9421.
func (c *Claim) Form() Form { return c.form }

// ReplayKey names this signature by this key: 64 hexadecimal digits that are equal
// for the same request sent twice.
func (c *Claim) ReplayKey() string {
	h := sha256.New()
	h.Write([]byte(c.keyID))
	h.Write([]byte{0})
	h.Write(c.signature)
	return hex.EncodeToString(h.Sum(nil))
}

// Ends is from when on Read would refuse this signature for its age: until then a
// replay must be remembered.
func (c *Claim) Ends() time.Time { return c.ends }

// Read is the strict front: it refuses with an
// *Error everything that can be refused without knowing a key.
func Read(r Request, p Policy) (*Claim, error) {
	if err := checkSize(r.Header); err != nil {
		return nil, err
	}
	if err := checkTarget(&r, p); err != nil {
		return nil, err
	}
	claim, err := readForm(r, p)
	if err != nil {
		return nil, err
	}
	return claim, checkKeyID(claim.keyID, p)
}

// readForm chooses the form.
func readForm(r Request, p Policy) (*Claim, error) {
	if len(r.Header["Signature-Input"]) > 0 {
		return readRFC9421(r, p)
	}
	switch len(r.Header["Signature"]) {
	case 0:
		return nil, refuse(Missing, "no Signature header")
	case 1:
		return readCavage(r, p)
	}
	return nil, refuse(Repeated, "two Signature headers")
}

// checkSize bounds what the parsers see and refuses headers that only ever occur once.
func checkSize(h http.Header) error {
	size := 0
	for _, name := range []string{"Signature", "Signature-Input", "Digest", "Content-Digest", "Date"} {
		for _, v := range h[name] {
			size += len(v)
		}
	}
	if size > MaxHeader {
		return refuse(Malformed, "header over 8 KiB")
	}
	for _, name := range []string{"Date", "Digest", "Content-Digest", "Signature-Input"} {
		if len(h[name]) > 1 {
			return refuse(Repeated, "two "+name+" headers")
		}
	}
	return nil
}

// checkTarget holds Host against our own hosts and brings it to its canonical
// spelling only for that: cavage signs the header as it was sent.
func checkTarget(r *Request, p Policy) error {
	host, err := origin.Authority(p.Scheme, r.Host)
	if err != nil || !slices.Contains(authorities(p), host) {
		return refuse(WrongHost, "not a host of ours")
	}
	if !strings.HasPrefix(r.Target, "/") || strings.ContainsAny(r.Target, " \r\n\x00#") {
		return refuse(Malformed, "request-target is not a path")
	}
	return nil
}

// authorities are our hosts as origin.Authority spells them.
func authorities(p Policy) []string {
	own := make([]string, 0, len(p.Hosts))
	for _, h := range p.Hosts {
		if a, err := origin.Authority(p.Scheme, h); err == nil {
			own = append(own, a)
		}
	}
	return own
}

// checkKeyID wants a key that can be fetched and is not ours: nobody but we ourselves
// signs in our name, and we never send to ourselves.
func checkKeyID(id string, p Policy) error {
	u, err := origin.Parse(id)
	if err != nil {
		return refuse(BadKeyID, "not an http or https URL")
	}
	for _, own := range p.Hosts {
		if a, err := origin.Authority(u.Scheme, own); err == nil && a == u.Host {
			return refuse(BadKeyID, "on our own host")
		}
	}
	return nil
}

// needsDigest says whether a body decides something. A GET that carries one is held
// to the rules of a POST.
func (r Request) needsDigest() bool {
	return r.Method != http.MethodGet && r.Method != http.MethodHead || len(r.Body) > 0
}

// field is a header's value as both drafts want it in the text that is signed: lines
// joined, each without space around it.
func (r Request) field(name string) (string, bool) {
	if name == "host" {
		return r.Host, true
	}
	values, ok := r.Header[http.CanonicalHeaderKey(name)]
	if !ok {
		return "", false
	}
	trimmed := make([]string, len(values))
	for i, v := range values {
		trimmed[i] = strings.TrimSpace(v)
	}
	return strings.Join(trimmed, ", "), true
}

// Verify holds the claim against the key that KeyID names. On failure the *Error says
// in Refetch whether a newer copy of the key may help.
func (c *Claim) Verify(k PublicKey) (Identity, error) {
	if k.ID != c.keyID {
		return Identity{}, refuse(BadKey, "another key than the one named")
	}
	if err := k.check(); err != nil {
		return Identity{}, err
	}
	form, err := c.formWith(k.Key)
	if err != nil {
		return Identity{}, err
	}
	if c.verify(k.Key) != nil {
		return Identity{}, &Error{Reason: BadSignature, Refetch: true, detail: "does not verify"}
	}
	return Identity{keyID: k.ID, owner: k.Owner, form: form}, nil
}

// formWith lets the type of the key decide the algorithm; a label may only agree. A
// label that does not is Refetch: the key may have been exchanged for another kind.
func (c *Claim) formWith(key crypto.PublicKey) (Form, error) {
	form, fits := c.form, false
	switch key.(type) {
	case *rsa.PublicKey:
		fits = slices.Contains([]string{"", "hs2019", "rsa-sha256", "rsa-v1_5-sha256"}, c.label)
		if form == RFC9421 {
			form = RFC9421RSA
		}
	case ed25519.PublicKey:
		fits = slices.Contains([]string{"", "hs2019", "ed25519"}, c.label)
		if form == RFC9421 {
			form = RFC9421Ed25519
		}
	}
	if !fits {
		return "", &Error{Reason: BadAlgorithm, Refetch: true, detail: "label does not fit the key"}
	}
	return form, nil
}
