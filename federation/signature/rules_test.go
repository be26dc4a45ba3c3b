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

// The tests of this file are the rows of security.md 4.1 that need no store.

func TestAPostIsSigned(t *testing.T) {
	now := time.Now()
	rsa := rsaOnce()
	set := func(v string) *plain { return newPost(now).edit(func(p *plain) { p.header.Set("Signature", v) }) }
	good := newPost(now).cavage(rsa, postNames, keyParams).header.Get("Signature")
	checkRows(t, now, []row{
		{"control: a good one passes", newPost(now).cavage(rsa, postNames, keyParams), ""},
		{"no Signature at all", newPost(now), Missing},
		{"an empty one", set(""), Malformed},
		{"rubbish", set("please let me in"), Malformed},
		{"an unknown parameter", set(good + `,x="1"`), Malformed},
		{"a parameter without quotes", set(strings.Replace(good, `"hs2019"`, `hs2019`, 1)), Malformed},
		{"a time in quotes", set(good + `,created="1"`), Malformed},
		{"an escape inside quotes", set(strings.Replace(good, `hs2019`, `hs\2019`, 1)), Malformed},
		{"a quote that never closes", set(strings.TrimSuffix(good, `"`)), Malformed},
		{"a comma at the end", set(good + ","), Malformed},
		{"no keyId", set(strings.Replace(good, `keyId="`+rsaID+`",`, "", 1)), Malformed},
		{"over 8 KiB", set(good + `,created=` + strings.Repeat("1", MaxHeader)), Malformed},
		{"over 8 KiB in Signature-Input", newPost(now).edit(func(p *plain) {
			p.header.Set("Signature-Input", strings.Repeat("a", MaxHeader+1))
		}), Malformed},
		{"RFC 9421 that does not parse", newPost(now).rfc(rsa, postParts, ";;"), Malformed},
		{"RFC 9421 without its Signature", newPost(now).rfc(rsa, postParts, rfcParams(now, rsaID, "")).edit(func(p *plain) { p.header.Del("Signature") }), Malformed},
	})
}

func TestAllThatDecidesIsCovered(t *testing.T) {
	now := time.Now()
	rsa := rsaOnce()
	c := func(names string) *plain { return newPost(now).cavage(rsa, names, keyParams) }
	g := func(names string) *plain { return newGet(now).cavage(rsa, names, keyParams) }
	r := func(parts string) *plain { return newPost(now).rfc(rsa, parts, rfcParams(now, rsaID, "")) }
	checkRows(t, now, []row{
		{"the least of a POST", c("(request-target) host date digest"), ""},
		{"without digest", c("(request-target) host date"), Uncovered},
		{"without (request-target)", c("host date digest"), Uncovered},
		{"without host", c("(request-target) date digest"), Uncovered},
		{"without a time", c("(request-target) host digest"), Uncovered},
		{"date alone", c("date"), Uncovered},
		{"no list at all means date alone", newPost(now).cavage(rsa, "date", keyParams).edit(func(p *plain) {
			p.header.Set("Signature", strings.Replace(p.header.Get("Signature"), `headers="date",`, "", 1))
		}), Malformed},
		{"a header that is not there", c("(request-target) host date digest x-none"), Uncovered},
		{"the least of a GET", g("(request-target) host date"), ""},
		{"a GET without host", g("(request-target) date"), Uncovered},
		{"a GET without a time", g("(request-target) host"), Uncovered},
		{"a GET with a body and no digest", g("(request-target) host date").edit(func(p *plain) { p.body = []byte("x") }), Uncovered},
		{"a DELETE without digest", newPost(now).edit(func(p *plain) { p.method = "DELETE" }).cavage(rsa, "(request-target) host date", keyParams), Uncovered},
		{"RFC 9421: the least of a POST", r(postParts), ""},
		{"RFC 9421: authority and path instead of the target", r(`"@method" "@authority" "@path" "content-digest"`), ""},
		{"RFC 9421: without content-digest", r(`"@method" "@target-uri"`), Uncovered},
		{"RFC 9421: digest of the old kind does not count", r(`"@method" "@target-uri" "digest"`), Uncovered},
		{"RFC 9421: without a target", r(`"@method" "content-digest"`), Uncovered},
		{"RFC 9421: path without authority", r(`"@method" "@path" "content-digest"`), Uncovered},
		{"RFC 9421: without method", r(`"@target-uri" "content-digest"`), Uncovered},
		{"RFC 9421: a query not covered", newPost(now).edit(func(p *plain) { p.target = "/inbox?a=1" }).rfc(rsa, `"@method" "@authority" "@path" "content-digest"`, rfcParams(now, rsaID, "")), Uncovered},
		{"RFC 9421: a component that is not there", r(postParts + ` "x-none"`), Uncovered},
		{"RFC 9421: a component with ;sf", r(`"@method" "@target-uri" "content-digest";sf`), Malformed},
		{"RFC 9421: a component with ;bs", r(`"@method" "@target-uri" "content-digest";bs`), Malformed},
		{"RFC 9421: a component with ;key", r(`"@method" "@target-uri" "content-digest";key="sha-256"`), Malformed},
		{"RFC 9421: a component with ;req", r(`"@method";req "@target-uri" "content-digest"`), Malformed},
		{"RFC 9421: nothing covered", r(``), Uncovered},
		{"RFC 9421: a GET", newGet(now).rfc(rsa, `"@method" "@target-uri"`, rfcParams(now, rsaID, "")), ""},
	})
}

func TestTheBodyIsWhatWasSigned(t *testing.T) {
	now := time.Now()
	rsa := rsaOnce()
	digest := func(v string) *plain {
		return newPost(now).edit(func(p *plain) { p.header.Set("Digest", v) }).cavage(rsa, postNames, keyParams)
	}
	content := func(v string) *plain {
		return newPost(now).edit(func(p *plain) { p.header.Set("Content-Digest", v) }).rfc(rsa, postParts, rfcParams(now, rsaID, ""))
	}
	body := sum64(newPost(now).body)
	other := sum64([]byte("other"))
	space := func(p *plain) { p.body = append(p.body, ' ') }
	checkRows(t, now, []row{
		{"a space added", newPost(now).cavage(rsa, postNames, keyParams).edit(space), BadDigest},
		{"RFC 9421: a space added", newPost(now).rfc(rsa, postParts, rfcParams(now, rsaID, "")).edit(space), BadDigest},
		{"digest true but not covered", newPost(now).cavage(rsa, "(request-target) host date", keyParams), Uncovered},
		{"two SHA-256 that differ", digest("SHA-256=" + body + ",sha-256=" + other), Repeated},
		{"only unknown algorithms", digest("SHA-512=" + body), BadDigest},
		{"no base64", digest("SHA-256=!!"), BadDigest},
		{"an empty one", digest("SHA-256="), BadDigest},
		{"RFC 9421: unknown algorithms only", content("sha-512=:" + body + ":"), BadDigest},
		{"RFC 9421: two sha-256", content("sha-256=:" + other + ":, sha-256=:" + body + ":"), Repeated},
		{"RFC 9421: a text where bytes belong", content(`sha-256="` + body + `"`), BadDigest},
		{"RFC 9421: a list where bytes belong", content(`sha-256=(:` + body + `:)`), BadDigest},
		{"RFC 9421: sha-512 beside it", content("sha-512=:" + other + ":, sha-256=:" + body + ":"), ""},
	})
}

func TestTimeWindow(t *testing.T) {
	now := time.Now().Truncate(time.Second)
	rsa := rsaOnce()
	date := func(d time.Duration) *plain { return newPost(now.Add(d)).cavage(rsa, postNames, keyParams) }
	created := func(d time.Duration, more string) *plain {
		return newPost(now).rfc(rsa, postParts, rfcParams(now.Add(d), rsaID, more))
	}
	expires := func(d time.Duration) string { return fmt.Sprintf(";expires=%d", now.Add(d).Unix()) }
	pseudo := func(d time.Duration) *plain {
		return newPost(now).cavage(rsa, "(request-target) host (created) digest", fmt.Sprintf(`%s,created=%d`, keyParams, now.Add(d).Unix()))
	}
	both := func(c, e time.Duration) *plain {
		return newPost(now).cavage(rsa, "(request-target) host (created) (expires) digest",
			fmt.Sprintf(`%s,created=%d,expires=%d`, keyParams, now.Add(c).Unix(), now.Add(e).Unix()))
	}
	checkRows(t, now, []row{
		{"64 min old", date(-64 * time.Minute), ""},
		{"66 min old", date(-66 * time.Minute), BadTime},
		{"70 min old", date(-70 * time.Minute), BadTime},
		{"20 days old", date(-20 * 24 * time.Hour), BadTime},
		{"59 min ahead", date(59 * time.Minute), ""},
		{"2 h ahead", date(2 * time.Hour), BadTime},
		{"an unreadable Date", newPost(now).edit(func(p *plain) { p.header.Set("Date", "yesterday") }).cavage(rsa, postNames, keyParams), BadTime},
		{"(created) now", pseudo(0), ""},
		{"(created) 64 min ago", pseudo(-64 * time.Minute), ""},
		{"(created) 70 min ago", pseudo(-70 * time.Minute), BadTime},
		{"(created) 20 s ahead", pseudo(20 * time.Second), BadTime},
		{"(created) covered and absent", newPost(now).cavage(rsa, "(request-target) host (created) digest", keyParams), BadTime},
		{"(created) zero", newPost(now).cavage(rsa, "(request-target) host (created) digest", keyParams+",created=0"), BadTime},
		{"(created) beyond int64", newPost(now).cavage(rsa, "(request-target) host (created) digest", keyParams+",created=99999999999999999999"), BadTime},
		{"(expires) in 10 h, 3 h old", both(-3*time.Hour, 10*time.Hour), ""},
		{"(expires) ended it sooner", both(-10*time.Minute, -2*time.Minute), BadTime},
		{"expires that is not covered does not count", newPost(now.Add(-70*time.Minute)).cavage(rsa, postNames, fmt.Sprintf("%s,expires=%d", keyParams, now.Add(time.Hour).Unix())), BadTime},
		{"RFC 9421: 64 min old", created(-64*time.Minute, ""), ""},
		{"RFC 9421: 70 min old", created(-70*time.Minute, ""), BadTime},
		{"RFC 9421: 2 h ahead", created(2*time.Hour, ""), BadTime},
		{"RFC 9421: expired", created(-10*time.Minute, expires(-time.Minute)), BadTime},
		{"RFC 9421: 11 h old with expires a week off", created(-11*time.Hour, expires(7*24*time.Hour)), ""},
		{"RFC 9421: 13 h old with expires a week off", created(-13*time.Hour, expires(7*24*time.Hour)), BadTime},
		{"RFC 9421: expires in text", created(0, `;expires="never"`), BadTime},
		{"RFC 9421: expires below zero", created(0, ";expires=-1"), BadTime},
		{"RFC 9421: created below zero", newPost(now).rfc(rsa, postParts, `;created=-5;keyid="`+rsaID+`"`), BadTime},
		{"RFC 9421: created beyond any clock", newPost(now).rfc(rsa, postParts, `;created=999999999999999;keyid="`+rsaID+`"`), BadTime},
		{"RFC 9421: no time", newPost(now).rfc(rsa, postParts, `;keyid="`+rsaID+`"`), Malformed},
		{"RFC 9421: a decimal time", newPost(now).rfc(rsa, postParts, fmt.Sprintf(`;created=%d.5;keyid="%s"`, now.Unix(), rsaID)), Malformed},
	})
}

func TestMeantForUs(t *testing.T) {
	now := time.Now()
	rsa := rsaOnce()
	signedFor := func(host, path string) *plain {
		p := newPost(now)
		p.host, p.target = host, path
		p.cavage(rsa, postNames, keyParams)
		p.host, p.target = "minga.example", "/inbox"
		return p
	}
	rfcFor := func(host, path string) *plain {
		p := newPost(now)
		p.host, p.target = host, path
		p.rfc(rsa, postParts, rfcParams(now, rsaID, ""))
		p.host, p.target = "minga.example", "/inbox"
		return p
	}
	checkRows(t, now, []row{
		{"another instance's host signed", signedFor("other.example", "/inbox"), BadSignature},
		{"another path signed", signedFor("minga.example", "/users/x/inbox"), BadSignature},
		{"RFC 9421: another instance's host", rfcFor("other.example", "/inbox"), BadSignature},
		{"RFC 9421: another path", rfcFor("minga.example", "/users/x/inbox"), BadSignature},
		{"another method", newPost(now).cavage(rsa, postNames, keyParams).edit(func(p *plain) { p.method = "PUT" }), BadSignature},
		{"Host is not ours", newPost(now).edit(func(p *plain) { p.host = "other.example" }).cavage(rsa, postNames, keyParams), WrongHost},
		{"Host with another port", newPost(now).edit(func(p *plain) { p.host = "minga.example:8443" }).cavage(rsa, postNames, keyParams), WrongHost},
		{"Host in capitals, with a dot and the default port", newPost(now).edit(func(p *plain) { p.host = "MINGA.example.:443" }).cavage(rsa, postNames, keyParams), ""},
		{"X-Forwarded-Host does not count", signedFor("other.example", "/inbox").edit(func(p *plain) { p.header.Set("X-Forwarded-Host", "other.example") }), BadSignature},
		{"X-Forwarded-Host does not make us another", newPost(now).edit(func(p *plain) {
			p.host = "other.example"
			p.header.Set("X-Forwarded-Host", "minga.example")
		}).cavage(rsa, postNames, keyParams), WrongHost},
		{"an absolute request-target", newPost(now).edit(func(p *plain) { p.target = "https://minga.example/inbox" }).cavage(rsa, postNames, keyParams), Malformed},
	})
}

func TestHonestVarietyPasses(t *testing.T) {
	now := time.Now()
	rsa, ed := rsaOnce(), edOnce()
	body := newPost(now).body
	digest := func(v string) *plain {
		return newPost(now).edit(func(p *plain) { p.header.Set("Digest", v) }).cavage(rsa, postNames, keyParams)
	}
	query := func(over string) *plain {
		return newPost(now).edit(func(p *plain) { p.target = "/inbox?page=2" }).cavageOver(rsa, postNames, keyParams, over)
	}
	key := `keyId="` + rsaID + `"`
	checkRows(t, now, []row{
		{"sha-256 in small letters", digest("sha-256=" + sum64(body)), ""},
		{"SHA-256 beside SHA-512", digest("SHA-512=AAAA,SHA-256=" + sum64(body)), ""},
		{"the same SHA-256 twice", digest("SHA-256=" + sum64(body) + ", SHA-256=" + sum64(body)), ""},
		{"a query, signed with it", query("/inbox?page=2"), ""},
		{"a query, signed without it", query("/inbox"), ""},
		{"a query, signed with another", query("/inbox?page=3"), BadSignature},
		{"an escaped path", newPost(now).edit(func(p *plain) { p.target = "/u/%C3%B1%2F/inbox" }).cavage(rsa, postNames, keyParams), ""},
		{"no algorithm", newPost(now).cavage(rsa, postNames, key), ""},
		{"algorithm rsa-sha256", newPost(now).cavage(rsa, postNames, key+`,algorithm="rsa-sha256"`), ""},
		{"a key id with a comma", newPost(now).cavage(rsa, postNames, `keyId="`+commaID+`"`), ""},
		{"spaces after commas", newPost(now).cavage(rsa, postNames, keyParams).edit(func(p *plain) {
			p.header.Set("Signature", strings.ReplaceAll(p.header.Get("Signature"), `",`, `" , `))
		}), ""},
		{"cavage with an Ed25519 key", newPost(now).cavage(ed, postNames, `keyId="`+edID+`",algorithm="hs2019"`), ""},
		{"Host and Content-Type covered in RFC 9421", newPost(now).rfc(rsa, postParts+` "host" "content-type"`, rfcParams(now, rsaID, `;nonce="x";tag="fediverse"`)), ""},
		{"RFC 9421 with a query", newPost(now).edit(func(p *plain) { p.target = "/inbox?a=1" }).rfc(rsa, `"@method" "@authority" "@path" "@query" "content-digest"`, rfcParams(now, rsaID, "")), ""},
		{"RFC 9421 with Ed25519", newPost(now).rfc(ed, postParts, rfcParams(now, edID, `;alg="ed25519"`)), ""},
		{"RFC 9421 with Ed25519 and no alg", newPost(now).rfc(ed, postParts, rfcParams(now, edID, "")), ""},
	})
}

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
