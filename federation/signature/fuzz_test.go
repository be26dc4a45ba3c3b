// SPDX-License-Identifier: AGPL-3.0-or-later

package signature

import (
	"net/url"
	"testing"
	"time"
)

func FuzzSignatureHeader(f *testing.F) {
	now := time.Now()
	f.Add(newPost(now).cavage(rsaOnce(), postNames, keyParams).header.Get("Signature"), "/inbox")
	f.Add(`keyId="https://a.example/k",headers="(request-target) host date digest",signature="AAAA",created=1`, "/")
	f.Add(`keyId="`, "/?")
	f.Fuzz(func(t *testing.T, header, target string) {
		p := newPost(now)
		p.target = target
		p.header["Signature"] = []string{header}
		if c, err := Read(p.request(), policyAt(now)); err == nil {
			_, _ = c.Verify(PublicKey{ID: c.KeyID(), Owner: c.KeyID(), Key: rsaOnce().Public()})
		}
	})
}

func FuzzRFC9421Fields(f *testing.F) {
	now := time.Now()
	good := newPost(now).rfc(edOnce(), postParts, rfcParams(now, edID, `;alg="ed25519"`))
	f.Add(good.header.Get("Signature-Input"), good.header.Get("Signature"), good.header.Get("Content-Digest"))
	f.Add(`a=("@query-param";name="x");created=1`, `a=:AA==:`, `sha-256=?1`)
	f.Fuzz(func(t *testing.T, input, sig, digest string) {
		p := newPost(now)
		p.header["Signature-Input"], p.header["Signature"] = []string{input}, []string{sig}
		p.header["Content-Digest"] = []string{digest}
		_ = ReadAcceptSignature([]string{input})
		c, err := Read(p.request(), policyAt(now))
		if err != nil {
			return
		}
		if u, err := url.Parse(c.KeyID()); err != nil || u.Host == "minga.example" {
			t.Errorf("key id %q", c.KeyID())
		}
		_, _ = c.Verify(PublicKey{ID: c.KeyID(), Owner: c.KeyID(), Key: edOnce().Public()})
	})
}
