// SPDX-License-Identifier: AGPL-3.0-or-later

package signature

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dunglas/httpsfv"
)

// keys of RFC 9421 appendix B.1, for tests only.
const (
	rfcRSA = `-----BEGIN RSA PUBLIC KEY-----
MIIBCgKCAQEAhAKYdtoeoy8zcAcR874L8cnZxKzAGwd7v36APp7Pv6Q2jdsPBRrw
WEBnez6d0UDKDwGbc6nxfEXAy5mbhgajzrw3MOEt8uA5txSKobBpKDeBLOsdJKFq
MGmXCQvEG7YemcxDTRPxAleIAgYYRjTSd/QBwVW9OwNFhekro3RtlinV0a75jfZg
kne/YiktSvLG34lw2zqXBDTC5NHROUqGTlML4PlNZS5Ri2U4aCNx2rUPRcKIlE0P
uKxI4T+HIaFpv8+rdV6eUgOrB2xeI1dSFFn/nnv5OoZJEIB+VmuKn3DCUcCZSFlQ
PSXSfBDiUGhwOw76WuSSsf1D4b/vLoJ10wIDAQAB
-----END RSA PUBLIC KEY-----
`
	rfcEd25519 = `-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=
-----END PUBLIC KEY-----
`
)

// TestRFC9421Vectors rebuilds the text of two published examples and verifies the
// published signature: appendix B.2.6 (Ed25519) and section 4.3 (rsa-v1_5-sha256).
// They cover less than we demand, so they go in behind the front.
func TestRFC9421Vectors(t *testing.T) {
	header := http.Header{
		"Date":           {"Tue, 20 Apr 2021 02:07:55 GMT"},
		"Content-Type":   {"application/json"},
		"Content-Length": {"18"},
		"Content-Digest": {"sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:"},
		"Forwarded":      {"for=192.0.2.123;host=example.com;proto=https"},
	}
	for _, tt := range []struct {
		name, host, key, input, signature string
	}{
		{
			"B.2.6", "example.com", rfcEd25519,
			`("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"`,
			"wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==",
		},
		{
			"4.3", "origin.host.internal.example", rfcRSA,
			`("@method" "@authority" "@path" "content-digest" "content-type" "content-length" "forwarded");created=1618884480;keyid="test-key-rsa";alg="rsa-v1_5-sha256";expires=1618884540`,
			"S6ZzPXSdAMOPjN/6KXfXWNO/f7V6cHm7BXYUh3YD/fRad4BCaRZxP+JH+8XY1I6+8Cy+CM5g92iHgxtRPz+MjniOaYmdkDcnL9cCpXJleXsOckpURl49GwiyUpZ10KHgOEe11sx3G2gxI8S0jnxQB+Pu68U9vVcasqOWAEObtNKKZd8tSFu7LB5YAv0RAGhB8tmpv7sFnIm9y+7X5kXQfi8NMaZaA8i2ZHwpBdg7a6CMfwnnrtflzvZdXAsD3LH2TwevU+/PBPv0B6NMNk93wUs/vfJvye+YuI87HU38lZHowtznbLVdp770I6VHR6WfgS9ddzirrswsE1w5o0LV/g==",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dict, err := parseDictionary("sig=" + tt.input)
			if err != nil {
				t.Fatal(err)
			}
			list, _ := dict.Get("sig")
			m := message{scheme: "https", authority: tt.host, Request: Request{
				Method: "POST", Target: "/foo?param=Value&Pet=dog", Host: tt.host, Header: header, Body: []byte(`{"hello": "world"}`),
			}}
			base, err := m.base(list.(httpsfv.InnerList))
			if err != nil {
				t.Fatal(err)
			}
			key := must(ParsePublicPEM(tt.key))
			sig := must(base64.StdEncoding.DecodeString(tt.signature))
			if err := verifyBytes(key, []byte(base), sig); err != nil {
				t.Errorf("%v over\n%s", err, base)
			}
			if verifyBytes(key, []byte(base+" "), sig) == nil {
				t.Error("a changed text verifies")
			}
		})
	}
}

// TestRFC9530Vectors are the digests of two published bodies.
func TestRFC9530Vectors(t *testing.T) {
	for body, want := range map[string]string{
		"{\"hello\": \"world\"}":   "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:",
		"{\"hello\": \"world\"}\n": "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:",
	} {
		if got := contentDigestHeader([]byte(body)); got != want {
			t.Errorf("%q: %s", body, got)
		}
		if err := checkContentDigest(want, []byte(body)); err != nil {
			t.Error(err)
		}
	}
}

// TestW3CProofVector is the example of VC-DI-EDDSA for eddsa-jcs-2022 (appendix B):
// hash, signature and multibase exactly as published, over a document that has been
// written with other spaces and another order.
func TestW3CProofVector(t *testing.T) {
	doc := must(os.ReadFile("testdata/w3c-eddsa-jcs-2022.json"))
	p, err := ReadProof(doc)
	if err != nil || p == nil {
		t.Fatal(p, err)
	}
	const published = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"
	if p.Method() != "did:key:"+published+"#"+published {
		t.Errorf("method %s", p.Method())
	}
	key := must(ParseMultikey(published))
	verified := false
	for _, r := range p.readings() {
		verified = verified || ed25519.Verify(key, must(hashData(r.options, r.document)), p.signature)
	}
	if !verified {
		t.Error("the published proof does not verify")
	}
	if _, err := p.Verify(key, p.Method()); reasonOf(t, err) != BadKey {
		t.Errorf("a method that is no URL has an owner: %v", err)
	}
}

// TestSharedFEPExamples reads the examples of FEP-8b32, FEP-c390 and FEP-521a where the
// collected documents are at hand. Their proofs are placeholders: the form must be
// seen and the value refused, never more.
func TestSharedFEPExamples(t *testing.T) {
	dir := filepath.Join("..", "..", "..", "shared", "corpus", "fep")
	files, _ := filepath.Glob(filepath.Join(dir, "fep-8b32-*.json"))
	if len(files) == 0 {
		t.Skip("no collected documents beside this checkout")
	}
	for _, name := range files {
		_, err := ReadProof(must(os.ReadFile(name)))
		if reasonOf(t, err) != Malformed {
			t.Errorf("%s: %v", filepath.Base(name), err)
		}
	}
	keys := 0
	files, _ = filepath.Glob(filepath.Join(dir, "fep-521a-*.json"))
	for _, name := range files {
		var actor struct{ AssertionMethod json.RawMessage }
		if json.Unmarshal(must(os.ReadFile(name)), &actor) != nil {
			continue
		}
		for _, raw := range listOf(actor.AssertionMethod) {
			var method struct{ PublicKeyMultibase string }
			if json.Unmarshal(raw, &method) == nil && method.PublicKeyMultibase != "" {
				must(ParseMultikey(method.PublicKeyMultibase))
				keys++
			}
		}
	}
	if keys == 0 {
		t.Error("no key of FEP-521a was read")
	}
}

// TestCavageVector is draft-cavage-12 appendix C.3 with its key of 1024 bits, which we
// refuse, and the same request with a key that we take.
func TestCavageVector(t *testing.T) {
	const small = "-----BEGIN PUBLIC KEY-----\nMIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDCFENGw33yGihy92pDjZQhl0C3\n6rPJj+CvfSC8+q28hxA161QFNUd13wuCTUcq0Qd2qsBe/2hFyc2DCJJg0h1L78+6\nZ4UMR7EOcpfdUE9Hf3m/hs+FUR45uBJeDK1HSFHD8bHKD6kv8FPGfJTotc+2xjJw\noYi+1hqp1fIekaxsyQIDAQAB\n-----END PUBLIC KEY-----"
	if _, err := ParsePublicPEM(small); reasonOf(t, err) != BadKey {
		t.Errorf("1024 bits: %v", err)
	}
	now := time.Now()
	p := newPost(now)
	p.target = "/foo?param=value&pet=dog"
	p.header.Set("Content-Length", "18")
	p.body = []byte(`{"hello": "world"}`)
	p.header.Set("Digest", "SHA-256=X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=")
	p.cavage(rsaOnce(), "(request-target) host date content-type digest content-length", keyParams)
	if !strings.Contains(p.header.Get("Signature"), "content-length") {
		t.Fatal("the test signs something else")
	}
	if _, err := verdict(p.request(), policyAt(now)); err != nil {
		t.Error(err)
	}
}
