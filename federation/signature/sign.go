// SPDX-License-Identifier: AGPL-3.0-or-later

package signature

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"minga/federation/origin"

	"github.com/dunglas/httpsfv"
	"github.com/go-fed/httpsig"
)

// coveredToo is a header that a signature covers where it stands (FEP-8fcf: "signed").
const coveredToo = "Collection-Synchronization"

// ourLabel names our signature in the fields of RFC 9421.
const ourLabel = "minga"

// Sign signs a request that is about to be sent. It sets the
// headers that it covers: Date and Digest, or Content-Digest, and the signature's own;
// what stood there before is replaced, so one request may be signed anew. Content-Type
// must have been set when there is a body; body is nil for a GET. form is Cavage
// (RSA), RFC9421RSA or RFC9421Ed25519, and must fit the type of the key.
func Sign(r *http.Request, body []byte, key PrivateKey, form Form, now time.Time) error {
	for _, name := range []string{"Signature", "Signature-Input", "Digest", "Content-Digest"} {
		r.Header.Del(name)
	}
	r.Header.Set("Date", now.UTC().Format(http.TimeFormat))
	rsaKey, isRSA := key.Signer.(*rsa.PrivateKey)
	_, isEd25519 := key.Signer.(ed25519.PrivateKey)
	switch {
	case form == Cavage && isRSA:
		return signCavage(r, body, key.ID, rsaKey)
	case form == RFC9421RSA && isRSA:
		return signRFC9421(r, body, key, "rsa-v1_5-sha256", now)
	case form == RFC9421Ed25519 && isEd25519:
		return signRFC9421(r, body, key, "ed25519", now)
	}
	return fmt.Errorf("sign as %q with %s: a %T does not fit", form, key.ID, key.Signer)
}

// signCavage covers `(request-target) host date digest content-type`, for a GET the
// first three. The library signs a request of its own making: it neither knows r.Host
// nor escapes the path as it goes over the wire.
func signCavage(r *http.Request, body []byte, keyID string, key *rsa.PrivateKey) error {
	names := []string{httpsig.RequestTarget, "host", "date"}
	signed := &http.Request{Method: r.Method, URL: &url.URL{Path: r.URL.RequestURI()}, Header: http.Header{}}
	signed.Header.Set("Host", hostOf(r))
	signed.Header.Set("Date", r.Header.Get("Date"))
	if body != nil {
		names = append(names, "digest", "content-type")
		r.Header.Set("Digest", digestHeader(body))
		signed.Header.Set("Digest", r.Header.Get("Digest"))
		signed.Header.Set("Content-Type", r.Header.Get("Content-Type"))
	}
	if also := r.Header.Get(coveredToo); also != "" {
		names = append(names, strings.ToLower(coveredToo))
		signed.Header.Set(coveredToo, also)
	}
	s, _, err := httpsig.NewSigner([]httpsig.Algorithm{httpsig.RSA_SHA256}, httpsig.DigestSha256, names, httpsig.Signature, 0)
	if err != nil {
		return fmt.Errorf("sign with %s: %w", keyID, err)
	}
	if err := s.SignRequest(key, keyID, signed, nil); err != nil {
		return fmt.Errorf("sign with %s: %w", keyID, err)
	}
	r.Header.Set("Signature", signed.Header.Get("Signature"))
	return nil
}

// hostOf is the Host header that net/http will send.
func hostOf(r *http.Request) string {
	if r.Host != "" {
		return r.Host
	}
	return r.URL.Host
}

// signRFC9421 covers `@method @target-uri content-digest`, for a GET the first two,
// with the parameters created, keyid and alg.
func signRFC9421(r *http.Request, body []byte, key PrivateKey, alg string, now time.Time) error {
	authority, err := origin.Authority(r.URL.Scheme, hostOf(r))
	if err != nil {
		return fmt.Errorf("sign with %s: %w", key.ID, err)
	}
	components := []string{"@method", "@target-uri"}
	if body != nil {
		components = append(components, "content-digest")
		r.Header.Set("Content-Digest", contentDigestHeader(body))
	}
	if r.Header.Get(coveredToo) != "" {
		components = append(components, strings.ToLower(coveredToo))
	}
	list := newList(components, key.ID, alg, now)
	sent := Request{Method: r.Method, Target: r.URL.RequestURI(), Host: hostOf(r), Header: r.Header}
	base, err := message{Request: sent, scheme: r.URL.Scheme, authority: authority}.base(list)
	if err != nil {
		return fmt.Errorf("sign with %s: %w", key.ID, err)
	}
	signature, err := signBytes(key.Signer, []byte(base))
	if err != nil {
		return fmt.Errorf("sign with %s: %w", key.ID, err)
	}
	input, err := httpsfv.Marshal(list)
	if err != nil {
		return fmt.Errorf("sign with %s: %w", key.ID, err)
	}
	r.Header.Set("Signature-Input", ourLabel+"="+input)
	r.Header.Set("Signature", ourLabel+"=:"+base64.StdEncoding.EncodeToString(signature)+":")
	return nil
}

// newList is the value of our Signature-Input.
func newList(components []string, keyID, alg string, now time.Time) httpsfv.InnerList {
	list := httpsfv.InnerList{Params: httpsfv.NewParams()}
	for _, name := range components {
		list.Items = append(list.Items, httpsfv.NewItem(name))
	}
	list.Params.Add("created", now.Unix())
	list.Params.Add("keyid", keyID)
	list.Params.Add("alg", alg)
	return list
}

// signBytes is the counterpart of verifyBytes.
func signBytes(key crypto.Signer, text []byte) ([]byte, error) {
	if _, ok := key.(ed25519.PrivateKey); ok {
		return key.Sign(rand.Reader, text, crypto.Hash(0))
	}
	sum := sha256.Sum256(text)
	return key.Sign(rand.Reader, sum[:], crypto.SHA256)
}
