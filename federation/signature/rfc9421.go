// SPDX-License-Identifier: AGPL-3.0-or-later

package signature

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"slices"
	"strings"

	"minga/federation/origin"

	"github.com/dunglas/httpsfv"
)

// message is a request as RFC 9421 looks at it.
type message struct {
	Request
	scheme    string
	authority string // normalised (§2.2.3)
}

// readRFC9421 takes exactly one label that is wholly good.
func readRFC9421(r Request, p Policy) (*Claim, error) {
	list, signature, beside, err := readLabel(r)
	if err != nil {
		return nil, err
	}
	claim, w, err := readParams(list.Params)
	if err != nil {
		return nil, err
	}
	if beside != "" && beside != claim.keyID {
		return nil, refuse(TwoKeys, "the two forms name two keys")
	}
	if claim.ends, err = w.check(p.Now); err != nil {
		return nil, err
	}
	authority, err := origin.Authority(p.Scheme, r.Host)
	if err != nil {
		return nil, refuse(WrongHost, "unreadable")
	}
	m := message{Request: r, scheme: p.Scheme, authority: authority}
	if err := m.checkCoverage(list); err != nil {
		return nil, err
	}
	base, err := m.base(list)
	if err != nil {
		return nil, err
	}
	claim.signature = signature
	claim.verify = func(key crypto.PublicKey) error { return verifyBytes(key, []byte(base), signature) }
	return claim, nil
}

// readLabel finds the one label in both fields. beside is the keyId of a cavage
// signature that stands in a Signature header of its own, if there is one.
func readLabel(r Request) (list httpsfv.InnerList, signature []byte, beside string, err error) {
	fields, beside, err := splitForms(r.Header["Signature"])
	if err != nil {
		return list, nil, "", err
	}
	inputs, err := parseDictionary(r.Header.Get("Signature-Input"))
	if err != nil {
		return list, nil, "", err
	}
	signatures, err := parseDictionary(fields)
	if err != nil {
		return list, nil, "", err
	}
	if len(inputs.Names()) != 1 || !slices.Equal(inputs.Names(), signatures.Names()) {
		return list, nil, "", refuse(Malformed, "not exactly one label")
	}
	member, _ := inputs.Get(inputs.Names()[0])
	list, isList := member.(httpsfv.InnerList)
	member, _ = signatures.Get(signatures.Names()[0])
	item, isItem := member.(httpsfv.Item)
	signature, isBytes := item.Value.([]byte)
	if !isList || !isItem || !isBytes || len(signature) == 0 || len(item.Params.Names()) > 0 {
		return list, nil, "", refuse(Malformed, "label")
	}
	return list, signature, beside, nil
}

// splitForms separates Signature headers of RFC 9421, which it joins, from one of
// cavage, which is no structured field.
func splitForms(lines []string) (fields, keyID string, err error) {
	var kept []string
	for _, line := range lines {
		c, err := parseCavage(line)
		if err != nil {
			kept = append(kept, line)
			continue
		}
		if keyID != "" {
			return "", "", refuse(Repeated, "two Signature headers")
		}
		keyID = c.keyID
	}
	return strings.Join(kept, ", "), keyID, nil
}

// readParams reads what the signature says of itself (§2.3). Parameters that we do
// not know are signed like the others and mean nothing.
func readParams(params *httpsfv.Params) (*Claim, window, error) {
	var w window
	var isCreated, isKey, isAlg, isExpires bool
	claim := &Claim{form: RFC9421}
	created, _ := params.Get("created")
	w.created, isCreated = created.(int64)
	key, _ := params.Get("keyid")
	claim.keyID, isKey = key.(string)
	if !isCreated || !isKey {
		return nil, w, refuse(Malformed, "created or keyid is missing")
	}
	if alg, ok := params.Get("alg"); ok {
		claim.label, isAlg = alg.(string)
		if !isAlg || claim.label != "rsa-v1_5-sha256" && claim.label != "ed25519" {
			return nil, w, refuse(BadAlgorithm, "alg is not known")
		}
	}
	if expires, ok := params.Get("expires"); ok {
		w.expires, isExpires = expires.(int64)
		if !isExpires || w.expires <= 0 {
			return nil, w, refuse(BadTime, "expires is absurd")
		}
	}
	return claim, w, nil
}

// checkCoverage demands method, target and body. A component with a parameter (;sf,
// ;bs, ;key, ;req, ;tr) is refused wherever it stands: no peer sends one, and each is
// a way to sign less than it seems.
func (m message) checkCoverage(list httpsfv.InnerList) error {
	var names []string
	for _, item := range list.Items {
		name, ok := item.Value.(string)
		if !ok || len(item.Params.Names()) > 0 || len(names) >= maxNames {
			return refuse(Malformed, "component")
		}
		if slices.Contains(names, name) {
			return refuse(Repeated, "component")
		}
		names = append(names, name)
	}
	if !slices.Contains(names, "@method") || !m.coversTarget(names) {
		return refuse(Uncovered, "method or target")
	}
	digest := slices.Contains(names, "content-digest")
	if m.needsDigest() && !digest {
		return refuse(Uncovered, "content-digest")
	}
	if digest {
		return checkContentDigest(m.Header.Get("Content-Digest"), m.Body)
	}
	return nil
}

func (m message) coversTarget(names []string) bool {
	if slices.Contains(names, "@target-uri") {
		return true
	}
	query := !strings.Contains(m.Target, "?") || slices.Contains(names, "@query")
	return slices.Contains(names, "@authority") && slices.Contains(names, "@path") && query
}

// base is the text that is signed (§2.5).
func (m message) base(list httpsfv.InnerList) (string, error) {
	var b strings.Builder
	for _, item := range list.Items {
		name, ok := item.Value.(string)
		if !ok {
			return "", refuse(Malformed, "component")
		}
		value, ok := m.component(name)
		if !ok {
			return "", refuse(Uncovered, "a covered component is absent")
		}
		b.WriteString(`"` + name + `": ` + value + "\n")
	}
	params, err := httpsfv.Marshal(list)
	if err != nil {
		return "", refuse(Malformed, "parameters")
	}
	b.WriteString(`"@signature-params": ` + params)
	return b.String(), nil
}

// component is the value of a component (§2.1, §2.2). The target is rebuilt from our
// own scheme and Host, never from a forwarding header.
func (m message) component(name string) (string, bool) {
	path, query, _ := strings.Cut(m.Target, "?")
	switch name {
	case "@method":
		return m.Method, true
	case "@target-uri":
		return m.scheme + "://" + m.authority + m.Target, true
	case "@authority":
		return m.authority, true
	case "@scheme":
		return m.scheme, true
	case "@request-target":
		return m.Target, true
	case "@path":
		return path, true
	case "@query":
		return "?" + query, true
	}
	if name == "" || name == "signature" || strings.Trim(name, nameSigns) != "" {
		return "", false
	}
	return m.field(name)
}

var errMismatch = errors.New("signature does not verify")

// verifyBytes lets the type of the key choose the algorithm (§3.3.2, §3.3.6).
func verifyBytes(key crypto.PublicKey, text, signature []byte) error {
	switch k := key.(type) {
	case *rsa.PublicKey:
		sum := sha256.Sum256(text)
		return rsa.VerifyPKCS1v15(k, crypto.SHA256, sum[:], signature)
	case ed25519.PublicKey:
		if ed25519.Verify(k, text, signature) {
			return nil
		}
	}
	return errMismatch
}
