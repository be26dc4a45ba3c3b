// SPDX-License-Identifier: AGPL-3.0-or-later

package signature

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// The rules about who it was.

func TestOneIdentity(t *testing.T) {
	now := time.Now()
	rsa := rsaOnce()
	other := "https://evil.example/u#main-key"
	good := func() *plain { return newPost(now).cavage(rsa, postNames, keyParams) }
	rfc := func() *plain { return newPost(now).rfc(rsa, postParts, rfcParams(now, rsaID, "")) }
	alter := func(p *plain, name, from, to string) *plain {
		p.header.Set(name, strings.Replace(p.header.Get(name), from, to, 1))
		return p
	}
	add := func(p *plain, name, value string) *plain { p.header.Add(name, value); return p }
	checkRows(t, now, []row{
		{"two keyIds, the last good", alter(good(), "Signature", `keyId=`, `keyId="`+other+`",keyId=`), Repeated},
		{"two signatures", alter(good(), "Signature", `signature=`, `signature="AAAA",signature=`), Repeated},
		{"two lists of headers", alter(good(), "Signature", `headers=`, `headers="date",headers=`), Repeated},
		{"a header covered twice", newPost(now).cavage(rsa, postNames+" date", keyParams), Repeated},
		{"two Signature headers", add(good(), "Signature", good().header.Get("Signature")), Repeated},
		{"two Dates", add(good(), "Date", now.UTC().String()), Repeated},
		{"two Digests", add(good(), "Digest", "SHA-256=AAAA"), Repeated},
		{"two Content-Digests", add(rfc(), "Content-Digest", "sha-256=:AAAA:"), Repeated},
		{"two labels of one name", alter(rfc(), "Signature-Input", "sig1=", `sig1=("@method");created=1;keyid="x", sig1=`), Repeated},
		{"a good label beside a bad one", func() *plain {
			p := alter(rfc(), "Signature-Input", "sig1=", `sig0=("@method");created=1;keyid="`+other+`", sig1=`)
			return alter(p, "Signature", "sig1=", "sig0=:AAAA:, sig1=")
		}(), Malformed},
		{"two labels, one signature", alter(rfc(), "Signature-Input", "sig1=", `sig0=("@method");created=1;keyid="x", sig1=`), Malformed},
		{"a signature of another label", alter(rfc(), "Signature", "sig1=", "sig2="), Malformed},
		{"two keyids in one label", newPost(now).rfc(rsa, postParts, rfcParams(now, other, `;keyid="`+rsaID+`"`)), Repeated},
		{"a component twice", newPost(now).rfc(rsa, postParts+` "content-digest"`, rfcParams(now, rsaID, "")), Repeated},
		{"both forms naming two keys", add(rfc(), "Signature", newPost(now).cavage(rsa, postNames, `keyId="`+other+`"`).header.Get("Signature")), TwoKeys},
		{"both forms naming one key", add(rfc(), "Signature", good().header.Get("Signature")), ""},
		{"RFC 9421 beside two of cavage", add(add(rfc(), "Signature", good().header.Get("Signature")), "Signature", good().header.Get("Signature")), Repeated},
		{"a bad RFC 9421 beside a good cavage", add(alter(rfc(), "Signature", "sig1=:", "sig1=:AAAA"), "Signature", good().header.Get("Signature")), BadSignature},
	})
}

func TestAlgorithmByTheKeyNeverByTheLabel(t *testing.T) {
	now := time.Now()
	rsa, ed := rsaOnce(), edOnce()
	pem := must(EncodePublicPEM(rsa.Public()))
	mac := hmac.New(sha256.New, []byte(pem))
	p := newPost(now).cavage(rsa, postNames, keyParams)
	mac.Write([]byte("(request-target): post /inbox\nhost: minga.example\ndate: " + p.header.Get("Date") +
		"\ndigest: " + p.header.Get("Digest") + "\ncontent-type: " + asType))
	forged := func(alg string) *plain {
		return newPost(now).edit(func(p *plain) {
			p.header.Set("Signature", fmt.Sprintf(`keyId="%s",algorithm="%s",headers="%s",signature="%s"`,
				rsaID, alg, postNames, base64.StdEncoding.EncodeToString(mac.Sum(nil))))
		})
	}
	key := `keyId="` + rsaID + `",algorithm=`
	checkRows(t, now, []row{
		{"HMAC keyed with the public PEM", forged("hmac-sha256"), BadAlgorithm},
		{"the same, labelled hs2019", forged("hs2019"), BadSignature},
		{"none", newPost(now).cavage(rsa, postNames, key+`"none"`), BadAlgorithm},
		{"ed25519 as a label of cavage", newPost(now).cavage(ed, postNames, `keyId="`+edID+`",algorithm="ed25519"`), BadAlgorithm},
		{"an Ed25519 key labelled rsa-sha256", newPost(now).cavage(ed, postNames, `keyId="`+edID+`",algorithm="rsa-sha256"`), BadAlgorithm},
		{"an empty signature", newPost(now).edit(func(p *plain) {
			p.header.Set("Signature", keyParams+`,headers="`+postNames+`",signature=""`)
		}), Malformed},
		{"RFC 9421: an empty signature", newPost(now).rfc(rsa, postParts, rfcParams(now, rsaID, "")).edit(func(p *plain) { p.header.Set("Signature", "sig1=::") }), Malformed},
		{"RFC 9421: RSA key labelled ed25519", newPost(now).rfc(rsa, postParts, rfcParams(now, rsaID, `;alg="ed25519"`)), BadAlgorithm},
		{"RFC 9421: Ed25519 key labelled RSA", newPost(now).rfc(ed, postParts, rfcParams(now, edID, `;alg="rsa-v1_5-sha256"`)), BadAlgorithm},
		{"RFC 9421: hmac-sha256", newPost(now).rfc(rsa, postParts, rfcParams(now, rsaID, `;alg="hmac-sha256"`)), BadAlgorithm},
		{"RFC 9421: an empty label", newPost(now).rfc(rsa, postParts, rfcParams(now, rsaID, `;alg=""`)), BadAlgorithm},
		{"RFC 9421: a label that is a token", newPost(now).rfc(rsa, postParts, rfcParams(now, rsaID, `;alg=ed25519`)), BadAlgorithm},
	})
}

func TestNobodyIsUsAndKeysAreURLs(t *testing.T) {
	now := time.Now()
	for name, id := range map[string]string{
		"our own host":             "https://minga.example/users/ana#main-key",
		"our own host in capitals": "https://MINGA.example./users/ana#main-key",
		"our own host over http":   "http://minga.example/users/ana#main-key",
		"acct":                     "acct:ana@coop.example",
		"a word":                   "main-key",
		"user-info":                "https://minga.example@evil.example/u#main-key",
		"a scheme of ours":         "javascript:alert(1)",
		"too long":                 "https://coop.example/" + strings.Repeat("a", 2100),
	} {
		t.Run(name, func(t *testing.T) {
			p := newPost(now).cavage(rsaOnce(), postNames, `keyId="`+id+`"`)
			_, err := Read(p.request(), policyAt(now))
			if got := reasonOf(t, err); got != BadKeyID {
				t.Errorf("cavage: %q", got)
			}
			p = newPost(now).rfc(rsaOnce(), postParts, rfcParams(now, id, ""))
			_, err = Read(p.request(), policyAt(now))
			if got := reasonOf(t, err); got != BadKeyID {
				t.Errorf("RFC 9421: %q", got)
			}
		})
	}
}

func TestKeyAndOwnerShareOneOrigin(t *testing.T) {
	now := time.Now()
	claim, err := Read(newPost(now).cavage(rsaOnce(), postNames, keyParams).request(), policyAt(now))
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*PublicKey){
		"the key of another id":      func(k *PublicKey) { k.ID = ana + "#other" },
		"an owner on another host":   func(k *PublicKey) { k.Owner = "https://evil.example/users/ana" },
		"an owner on a media host":   func(k *PublicKey) { k.Owner = "https://media.coop.example/users/ana" },
		"an owner over plain http":   func(k *PublicKey) { k.Owner = "http://coop.example/users/ana" },
		"no owner":                   func(k *PublicKey) { k.Owner = "" },
		"an owner that is no URL":    func(k *PublicKey) { k.Owner = "ana" },
		"no key":                     func(k *PublicKey) { k.Key = nil },
		"a private key in its place": func(k *PublicKey) { k.Key = rsaOnce() },
	} {
		t.Run(name, func(t *testing.T) {
			k := rsaPublic()
			change(&k)
			id, err := claim.Verify(k)
			if reasonOf(t, err) != BadKey || id.Valid() {
				t.Errorf("identity %v, error %v", id, err)
			}
		})
	}
	id, err := claim.Verify(rsaPublic())
	if err != nil || id.KeyID() != rsaID || id.Owner() != ana || id.Form() != Cavage {
		t.Errorf("control: %v, %v", id, err)
	}
}

func TestAReplayHasOneName(t *testing.T) {
	now := time.Now()
	name := func(p *plain) string {
		c, err := Read(p.request(), policyAt(now))
		if err != nil {
			t.Fatal(err)
		}
		return c.ReplayKey()
	}
	p := newPost(now).cavage(rsaOnce(), postNames, keyParams)
	first := name(p)
	p.header.Set("Signature", strings.ReplaceAll(p.header.Get("Signature"), ",", ", "))
	p.header.Set("X-Unsigned", "1")
	if name(p) != first {
		t.Error("spaces made another name of one signature")
	}
	if name(newPost(now.Add(time.Second)).cavage(rsaOnce(), postNames, keyParams)) == first {
		t.Error("two requests have one name")
	}
}

// A replay is remembered as long as the signature would pass, and no longer.
func TestAClaimSaysWhenItEnds(t *testing.T) {
	now := time.Now().Truncate(time.Second)
	rsa := rsaOnce()
	both := fmt.Sprintf(`%s,created=%d,expires=%d`, keyParams, now.Add(-time.Hour).Unix(), now.Add(time.Hour).Unix())
	for name, tt := range map[string]struct {
		p    *plain
		ends time.Duration
	}{
		"Date":                       {newPost(now).cavage(rsa, postNames, keyParams), MaxAge},
		"(created) older than Date":  {newPost(now).cavage(rsa, postNames+" (created)", fmt.Sprintf(`%s,created=%d`, keyParams, now.Add(-time.Hour).Unix())), MaxAge - time.Hour},
		"(expires)":                  {newPost(now).cavage(rsa, postNames+" (created) (expires)", both), time.Hour},
		"RFC 9421":                   {newPost(now).rfc(rsa, postParts, rfcParams(now, rsaID, "")), MaxAge},
		"RFC 9421, expires far away": {newPost(now).rfc(rsa, postParts, rfcParams(now, rsaID, fmt.Sprintf(";expires=%d", now.AddDate(0, 0, 7).Unix()))), MaxExpires},
	} {
		claim, err := Read(tt.p.request(), policyAt(now))
		if err != nil || !claim.Ends().Equal(now.Add(tt.ends)) {
			t.Fatalf("%s: %v, %v", name, claim, err)
		}
		if _, err := Read(tt.p.request(), policyAt(claim.Ends().Add(time.Second))); reasonOf(t, err) != BadTime {
			t.Errorf("%s: a second later: %v", name, err)
		}
	}
}

func TestTheirsRotated(t *testing.T) {
	now := time.Now()
	fresh := must(GenerateEd25519())
	for name, k := range map[string]PublicKey{
		"an older RSA key":    {ID: rsaID, Owner: ana, Key: must(GenerateRSA()).Public()},
		"a key of other kind": {ID: rsaID, Owner: ana, Key: fresh.Public()},
	} {
		claim, err := Read(newPost(now).rfc(rsaOnce(), postParts, rfcParams(now, rsaID, `;alg="rsa-v1_5-sha256"`)).request(), policyAt(now))
		if err != nil {
			t.Fatal(err)
		}
		var e *Error
		if _, err = claim.Verify(k); !errors.As(err, &e) || !e.Refetch {
			t.Errorf("%s: %v does not ask for a newer key", name, err)
		}
		if _, err = claim.Verify(rsaPublic()); err != nil {
			t.Errorf("the same claim with the new key: %v", err)
		}
	}
}

func TestTheZeroIdentityIsNobody(t *testing.T) {
	if (Identity{}).Valid() {
		t.Error("nobody passes for somebody")
	}
}
