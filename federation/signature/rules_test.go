// SPDX-License-Identifier: AGPL-3.0-or-later

package signature

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// The tests of this file and of identity_test.go are the rules about signatures that
// need no store; this one has those about what is signed.

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
		{"its own header", c("(request-target) host date digest signature"), Malformed},
		{"the header of passwords", c("(request-target) host date digest authorization"), Malformed},
		{"a name of odd letters", c("(request-target) host date digest x:y"), Malformed},
		{"an unknown pseudo-header", c("(request-target) host date digest (x)"), Malformed},
		{"more than 64 headers", newPost(now).edit(func(p *plain) {
			for i := range maxNames {
				p.header.Set(fmt.Sprintf("X-%d", i), "1")
			}
		}).cavage(rsa, "(request-target) host date digest"+manyNames(), keyParams), Malformed},
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
		{"RFC 9421: more than 64 components", newPost(now).edit(func(p *plain) {
			for i := range maxNames {
				p.header.Set(fmt.Sprintf("X-%d", i), "1")
			}
		}).rfc(rsa, postParts+quoted(manyNames()), rfcParams(now, rsaID, "")), Malformed},
		{"RFC 9421: nothing covered", r(``), Uncovered},
		{"RFC 9421: a GET", newGet(now).rfc(rsa, `"@method" "@target-uri"`, rfcParams(now, rsaID, "")), ""},
	})
}

// manyNames are 64 further headers.
func manyNames() string {
	s := ""
	for i := range maxNames {
		s += fmt.Sprintf(" x-%d", i)
	}
	return s
}

// quoted writes names as RFC 9421 does.
func quoted(names string) string {
	s := ""
	for _, n := range strings.Fields(names) {
		s += fmt.Sprintf(" %q", n)
	}
	return s
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
		{"(expires) zero", newPost(now).cavage(rsa, postNames+" (expires)", keyParams+",expires=0"), BadTime},
		{"(expires) beyond int64", newPost(now).cavage(rsa, postNames+" (expires)", keyParams+",expires=99999999999999999999"), BadTime},
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
