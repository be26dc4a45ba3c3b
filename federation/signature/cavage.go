// SPDX-License-Identifier: AGPL-3.0-or-later

package signature

import (
	"crypto"
	"crypto/ed25519"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-fed/httpsig"
)

// maxNames is how many headers a signature may cover.
const maxNames = 64

// cavage is a Signature header of draft-cavage-12, taken apart.
type cavage struct {
	keyID, algorithm  string
	names             []string // what is covered, lower-case, in order
	signature         []byte
	created, expires  int64 // 0 when absent
	createdIn, expsIn bool  // whether they are covered
}

// readCavage parses, demands coverage, time and digest, and leaves the mathematics to
// go-fed/httpsig.
func readCavage(r Request, p Policy) (*Claim, error) {
	c, err := parseCavage(r.Header.Get("Signature"))
	if err != nil {
		return nil, err
	}
	if !slices.Contains([]string{"", "rsa-sha256", "hs2019"}, c.algorithm) {
		return nil, refuse(BadAlgorithm, "label is not known")
	}
	if err := c.checkCoverage(r); err != nil {
		return nil, err
	}
	ends, err := c.checkTime(r, p.Now)
	if err != nil {
		return nil, err
	}
	if slices.Contains(c.names, "digest") {
		if err := checkDigest(r.Header.Get("Digest"), r.Body); err != nil {
			return nil, err
		}
	}
	verify := func(key crypto.PublicKey) error { return c.verify(r, key) }
	return &Claim{
		keyID: c.keyID, form: Cavage, signature: c.signature, label: c.algorithm, ends: ends, verify: verify,
	}, nil
}

// checkCoverage: all that decides must be signed. A header that is covered but absent cannot
// have been signed.
func (c *cavage) checkCoverage(r Request) error {
	need := []string{"(request-target)", "host"}
	if r.needsDigest() {
		need = append(need, "digest")
	}
	for _, name := range need {
		if !slices.Contains(c.names, name) {
			return refuse(Uncovered, name)
		}
	}
	for _, name := range c.names {
		if _, ok := r.field(name); !ok && name[0] != '(' {
			return refuse(Uncovered, "a covered header is absent")
		}
	}
	if !c.createdIn && !slices.Contains(c.names, "date") {
		return refuse(Uncovered, "date or (created)")
	}
	return nil
}

// checkTime looks at every time that is signed, and returns when the first ends.
func (c *cavage) checkTime(r Request, now time.Time) (ends time.Time, err error) {
	w := window{}
	if c.expsIn {
		w.expires = c.expires
	}
	if slices.Contains(c.names, "date") {
		date, err := http.ParseTime(r.Header.Get("Date"))
		if err != nil {
			return ends, refuse(BadTime, "Date is unreadable")
		}
		w.created = date.Unix()
		if ends, err = w.check(now); err != nil {
			return ends, err
		}
	}
	if !c.createdIn {
		return ends, nil
	}
	if time.Unix(c.created, 0).After(now.Add(MaxCreatedAhead)) {
		return ends, refuse(BadTime, "(created) is ahead")
	}
	w.created = c.created
	end, err := w.check(now)
	if ends.IsZero() || end.Before(ends) {
		ends = end
	}
	return ends, err
}

// verify tries the request-target with its query and then without: Fedify signs it
// so.
func (c *cavage) verify(r Request, key crypto.PublicKey) error {
	err := c.verifyTarget(r, r.Target, key)
	path, _, hasQuery := strings.Cut(r.Target, "?")
	if err != nil && hasQuery {
		err = c.verifyTarget(r, path, key)
	}
	return err
}

// verifyTarget calls the library with a request that holds what is covered and
// nothing else, and with a Signature header written by us: its parser takes the last
// of two keyIds and stumbles over a comma. The raw target goes in as the path, because
// the library writes the path unescaped.
func (c *cavage) verifyTarget(r Request, target string, key crypto.PublicKey) error {
	signed := &http.Request{Method: r.Method, URL: &url.URL{Path: target}, Header: http.Header{}}
	for _, name := range c.names {
		if value, ok := r.field(name); ok {
			signed.Header.Set(name, value)
		}
	}
	signed.Header.Set("Signature", c.rewrite())
	v, err := httpsig.NewVerifier(signed)
	if err != nil {
		return err
	}
	algorithm := httpsig.RSA_SHA256
	if _, ok := key.(ed25519.PublicKey); ok {
		algorithm = httpsig.ED25519
	}
	return v.Verify(key, algorithm)
}

// rewrite is the header for the library: one spelling, only what is signed.
func (c *cavage) rewrite() string {
	s := `keyId="k",headers="` + strings.Join(c.names, " ") + `",signature="` +
		base64.StdEncoding.EncodeToString(c.signature) + `"`
	if c.createdIn {
		s += ",created=" + strconv.FormatInt(c.created, 10)
	}
	if c.expsIn {
		s += ",expires=" + strconv.FormatInt(c.expires, 10)
	}
	return s
}

// parseCavage reads the header as strictly as the draft allows: known parameters,
// each once, texts quoted, times not.
func parseCavage(header string) (*cavage, error) {
	params, err := splitCavage(header)
	if err != nil {
		return nil, err
	}
	c := &cavage{keyID: params["keyId"], algorithm: params["algorithm"]}
	if c.keyID == "" || params["signature"] == "" {
		return nil, refuse(Malformed, "keyId or signature is missing")
	}
	if c.signature, err = base64.StdEncoding.Strict().DecodeString(params["signature"]); err != nil {
		return nil, refuse(Malformed, "signature is not base64")
	}
	if err := c.readTimes(params); err != nil {
		return nil, err
	}
	return c, c.readNames(params["headers"])
}

// readTimes reads created and expires, which stand there as bare integers.
func (c *cavage) readTimes(params map[string]string) (err error) {
	for name, to := range map[string]*int64{"created": &c.created, "expires": &c.expires} {
		text, ok := params[name]
		if !ok {
			continue
		}
		if *to, err = strconv.ParseInt(text, 10, 64); err != nil {
			return refuse(BadTime, name+" is absurd")
		}
	}
	return nil
}

// readNames reads the list of what is covered. The draft's default without a list is
// Date alone, which is never enough.
func (c *cavage) readNames(list string) error {
	c.names = strings.Split(strings.ToLower(list), " ")
	if len(c.names) > maxNames {
		return refuse(Malformed, "covers too many headers")
	}
	for i, name := range c.names {
		if slices.Contains(c.names[:i], name) {
			return refuse(Repeated, "a header is covered twice")
		}
		if name == "" || name == "signature" || name == "authorization" || strings.Trim(name, nameSigns) != "" {
			if !slices.Contains([]string{"(request-target)", "(created)", "(expires)"}, name) {
				return refuse(Malformed, "name of a covered header")
			}
		}
	}
	c.createdIn = slices.Contains(c.names, "(created)")
	c.expsIn = slices.Contains(c.names, "(expires)")
	if c.expsIn && c.expires == 0 {
		return refuse(BadTime, "a covered time is absent")
	}
	return nil
}

// nameSigns are what header names are written with.
const nameSigns = "abcdefghijklmnopqrstuvwxyz0123456789-_"

// splitCavage splits `a="b",c=1` into its parameters.
func splitCavage(s string) (map[string]string, error) {
	params := map[string]string{}
	for rest := strings.TrimSpace(s); ; {
		name, value, tail, ok := nextParam(rest)
		if !ok {
			return nil, refuse(Malformed, "parameter")
		}
		if _, twice := params[name]; twice {
			return nil, refuse(Repeated, "parameter "+name)
		}
		params[name] = value
		if tail == "" {
			return params, nil
		}
		if tail[0] != ',' {
			return nil, refuse(Malformed, "between parameters")
		}
		rest = strings.TrimLeft(tail[1:], " \t")
	}
}

// nextParam takes one parameter off the front; tail begins behind it and the space
// that follows.
func nextParam(s string) (name, value, tail string, ok bool) {
	name, rest, ok := strings.Cut(s, "=")
	if !ok {
		return "", "", "", false
	}
	switch name {
	case "keyId", "algorithm", "headers", "signature":
		value, rest, ok = cutQuoted(rest)
	case "created", "expires":
		end := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
		value, rest, ok = rest[:end], rest[end:], end > 0
	default:
		return "", "", "", false
	}
	return name, value, strings.TrimLeft(rest, " \t"), ok
}

// cutQuoted takes a quoted text without escapes or control characters off the front.
func cutQuoted(s string) (value, rest string, ok bool) {
	if !strings.HasPrefix(s, `"`) {
		return "", "", false
	}
	value, rest, ok = strings.Cut(s[1:], `"`)
	for _, c := range []byte(value) {
		if c < ' ' || c == '\\' || c >= 0x7f {
			return "", "", false
		}
	}
	return value, rest, ok
}
