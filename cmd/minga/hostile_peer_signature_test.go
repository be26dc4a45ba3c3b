// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"time"

	"minga/coop"
	"minga/federation/signature"
	"minga/storage"
)

const (
	postNames = "(request-target) host date digest"
	postParts = `"@method" "@target-uri" "content-digest"`
)

// rfcParams are the parameters of a signature of RFC 9421.
func rfcParams(key signature.PrivateKey, at time.Time, more string) string {
	return fmt.Sprintf(`;created=%d;keyid="%s"%s`, at.Unix(), key.ID, more)
}

// TestHostilePeerSignatures: what is not signed, or signs something else than what is
// acted on, is refused at the door and leaves nothing.
func TestHostilePeerSignatures(t *testing.T) {
	s := newStage(t, nil)
	good := encoded(t, s.mallory.act("Create", "/notes/x/create", s.mallory.note("/notes/x", nil), nil))
	s.attacked(unsigned(s, good))
	s.attacked(uncovered(s, good))
	s.attacked(untimely(s, good))
	s.attacked(elsewhere(s, good))
	s.attacked(twofold(s, good))
	s.attacked(mislabelled(s, good))
	s.attacked(impersonated(s))
	s.still()
}

// unsigned: a POST is signed, in a form that can be read.
func unsigned(s *stage, good []byte) []attack {
	m := s.mallory
	return []attack{
		{"no Signature", 401, "", good, nil},
		{"a Signature that is none", 401, "", good, []step{set("Signature", "please")}},
		{"a Signature over 8 KiB", 401, "", good, []step{signedBy(m), swapped("Signature", `headers="`, `headers="`+strings.Repeat("x ", 4200))}},
		{"an unknown parameter", 401, "", good, []step{signedBy(m), swapped("Signature", `keyId=`, `x="1",keyId=`)}},
		{"a Signature-Input without a Signature", 401, "", good, []step{by(m.rsa, signature.RFC9421RSA, time.Time{}), drop("Signature")}},
	}
}

// uncovered: all that decides is covered, and the body is what was signed.
func uncovered(s *stage, good []byte) []attack {
	now, m := time.Now(), s.mallory
	sum, other := sum64(good), sum64([]byte("x"))
	over := func(names string) []step { return []step{dressed(now), cavageOver(m.rsa, names, "")} }
	rfc := func(parts string) []step {
		return []step{dressed(now), rfcOver(m.rsa, parts, rfcParams(m.rsa, now, ""))}
	}
	digest := func(name, value string, then step) []step { return []step{dressed(now), set(name, value), then} }
	cav, nine := cavageOver(m.rsa, postNames, ""), rfcOver(m.rsa, postParts, rfcParams(m.rsa, now, ""))
	spaced := append([]byte(" "), good...)
	return []attack{
		{"digest is not covered", 401, "", good, over("(request-target) host date")},
		{"(request-target) is not covered", 401, "", good, over("host date digest")},
		{"host is not covered", 401, "", good, over("(request-target) date digest")},
		{"Date alone", 401, "", good, over("date")},
		{"content-digest is not covered", 401, "", good, rfc(`"@method" "@target-uri"`)},
		{"no target is covered", 401, "", good, rfc(`"@method" "content-digest"`)},
		{"a space added", 401, "", good, []step{signedBy(m), body(spaced)}},
		{"RFC 9421: a space added", 401, "", good, []step{by(m.rsa, signature.RFC9421RSA, time.Time{}), body(spaced)}},
		{"two SHA-256", 401, "", good, digest("Digest", "SHA-256="+other+",SHA-256="+sum, cav)},
		{"a digest of another algorithm alone", 401, "", good, digest("Digest", "SHA-512="+sum, cav)},
		{"a content-digest of unknown algorithms alone", 401, "", good, digest("Content-Digest", "sha-512=:"+sum+":", nine)},
		{"no Digest at all", 401, "", good, []step{signedBy(m), drop("Digest")}},
	}
}

// untimely: signatures hold for an hour, and with expires for 12 at most.
func untimely(s *stage, good []byte) []attack {
	now, m := time.Now(), s.mallory
	at := func(d time.Duration, more string) []step {
		return []step{dressed(now), rfcOver(m.rsa, postParts, rfcParams(m.rsa, now.Add(d), more))}
	}
	ends := func(d time.Duration) string { return fmt.Sprintf(";expires=%d", now.Add(d).Unix()) }
	return []attack{
		{"70 minutes old", 401, "", good, []step{by(m.rsa, signature.Cavage, now.Add(-70*time.Minute))}},
		{"two hours ahead", 401, "", good, []step{by(m.rsa, signature.Cavage, now.Add(2*time.Hour))}},
		{"RFC 9421: 70 minutes old", 401, "", good, at(-70*time.Minute, "")},
		{"RFC 9421: two hours ahead", 401, "", good, at(2*time.Hour, "")},
		{"expired", 401, "", good, at(-10*time.Minute, ends(-time.Minute))},
		{"13 hours old, and expires in a week", 401, "", good, at(-13*time.Hour, ends(7*24*time.Hour))},
		{"without a time", 401, "", good, []step{dressed(now), cavageOver(m.rsa, "(request-target) host digest", "")}},
		{"RFC 9421: without a time", 401, "", good, []step{dressed(now), rfcOver(m.rsa, postParts, fmt.Sprintf(`;keyid="%s"`, m.rsa.ID))}},
	}
}

// elsewhere: signed for another server, another path, another method.
func elsewhere(s *stage, good []byte) []attack {
	m := s.mallory
	return []attack{
		{"another instance's host was signed", 401, "", good, []step{host("other.example"), signedBy(m), host("")}},
		{"the Host is not ours", 421, "", good, []step{host("other.example"), signedBy(m)}},
		{"another path was signed", 401, "", good, []step{to("/coops/telar/inbox"), signedBy(m), to("/inbox")}},
		{"X-Forwarded-Host does not make it ours", 421, "", good, []step{host("other.example"), signedBy(m), set("X-Forwarded-Host", s.config.Host)}},
	}
}

// twofold: one identity, or none.
func twofold(s *stage, good []byte) []attack {
	m, nine := s.mallory, by(s.mallory.rsa, signature.RFC9421RSA, time.Time{})
	other := s.noa.rsa.ID
	beside := func(id string) step {
		return func(l *letter) {
			twin := *l
			request := *l.Request
			twin.Request, request.Header = &request, l.Header.Clone()
			dressed(time.Now())(&twin)
			cavageOver(signature.PrivateKey{ID: id, Signer: m.rsa.Signer}, postNames, "")(&twin)
			l.Header.Set("Digest", twin.Header.Get("Digest"))
			l.Header.Set("Date", twin.Header.Get("Date"))
			l.Header.Add("Signature", twin.Header.Get("Signature"))
		}
	}
	return []attack{
		{"two keyIds", 401, "", good, []step{signedBy(m), swapped("Signature", `keyId=`, `keyId="`+other+`",keyId=`)}},
		{"two Signature headers", 401, "", good, []step{signedBy(m), func(l *letter) { l.Header.Add("Signature", l.Header.Get("Signature")) }}},
		{"two Dates", 401, "", good, []step{signedBy(m), added("Date", time.Now().UTC().Format(http.TimeFormat))}},
		{"two Digests", 401, "", good, []step{signedBy(m), added("Digest", "SHA-256=AAAA")}},
		{"two labels of one name", 401, "", good, []step{nine, swapped("Signature-Input", "minga=", `minga=("@method");created=1;keyid="x", minga=`)}},
		{"a digest as another type", 401, "", good, []step{dressed(time.Now()), rfcOver(m.rsa, `"@method" "@target-uri" "content-digest";sf`, rfcParams(m.rsa, time.Now(), ""))}},
		{"the target of a request before", 401, "", good, []step{dressed(time.Now()), rfcOver(m.rsa, `"@method" "@target-uri";req "content-digest"`, rfcParams(m.rsa, time.Now(), ""))}},
		{"a key id without its fragment", 401, "", good, []step{by(signature.PrivateKey{ID: m.iri, Signer: m.rsa.Signer}, signature.Cavage, time.Time{})}},
		{"a good label beside a bad one", 401, "", good, []step{nine, swapped("Signature-Input", "minga=", `a=("@method");created=1;keyid="`+other+`", minga=`), swapped("Signature", "minga=", "a=:AAAA:, minga=")}},
		{"both forms, of two keys", 401, "", good, []step{nine, beside(other)}},
	}
}

// mislabelled: the algorithm is the key's, and a key is as long as keys are.
func mislabelled(s *stage, good []byte) []attack {
	m := s.mallory
	text, err := signature.EncodePublicPEM(m.rsa.Signer.Public())
	s.must(err)
	mac := func(alg string) step {
		return func(l *letter) {
			sum := hmac.New(sha256.New, []byte(text))
			fmt.Fprintf(sum, "(request-target): post /inbox\nhost: %s\ndate: %s\ndigest: %s", l.hostHeader(), l.Header.Get("Date"), l.Header.Get("Digest"))
			l.Header.Set("Signature", fmt.Sprintf(`keyId="%s",algorithm="%s",headers="%s",signature="%s"`, m.rsa.ID, alg, postNames, base64.StdEncoding.EncodeToString(sum.Sum(nil))))
		}
	}
	list := []attack{
		{"HMAC keyed with the public PEM", 401, "", good, []step{dressed(time.Now()), mac("hmac-sha256")}},
		{"HMAC that says hs2019", 401, "", good, []step{dressed(time.Now()), mac("hs2019")}},
		{"none", 401, "", good, []step{dressed(time.Now()), cavageOver(m.rsa, postNames, `algorithm="none",`)}},
		{"an empty signature", 401, "", good, []step{dressed(time.Now()), set("Signature", `keyId="`+m.rsa.ID+`",headers="`+postNames+`",signature=""`)}},
		{"an RSA key labelled ed25519", 401, "", good, []step{dressed(time.Now()), rfcOver(m.rsa, postParts, rfcParams(m.rsa, time.Now(), `;alg="ed25519"`))}},
	}
	for name, text := range oddKeys(s) {
		odd := s.hostile.figure("Person", "odd"+strings.ReplaceAll(strings.ReplaceAll(name, " ", ""), ",", ""), nil)
		s.hostile.put(over(odd.doc, row{"publicKey": row{"id": odd.rsa.ID, "owner": odd.iri, "publicKeyPem": text}}))
		list = append(list, attack{name, 401, "", encoded(s.t, odd.act("Follow", "/f", string(s.telar.IRI), nil)), []step{signedBy(odd)}})
	}
	return list
}

// oddKeys are PEMs that are no keys for us.
func oddKeys(s *stage) map[string]string {
	pkcs := func(bits, exponent int) string {
		n := new(big.Int).Lsh(big.NewInt(1), uint(bits-1))
		key := &rsa.PublicKey{N: n.SetBit(n, 0, 1), E: exponent}
		return string(pem.EncodeToMemory(&pem.Block{Type: "RSA PUBLIC KEY", Bytes: x509.MarshalPKCS1PublicKey(key)}))
	}
	text, err := signature.EncodePublicPEM(s.mallory.rsa.Signer.Public())
	s.must(err)
	return map[string]string{
		"a key of 1,536 bits": pkcs(1536, 65537), "a key of 32,768 bits": pkcs(32768, 65537), "a key with exponent 1": pkcs(2048, 1),
		"a certificate": strings.ReplaceAll(text, "PUBLIC KEY", "CERTIFICATE"), "garbage": "garbage",
	}
}

// impersonated: key, owner and actor name each other, and nobody is us.
func impersonated(s *stage) []attack {
	m, ours := s.mallory, string(s.telar.IRI)
	note := func(f *figure, path string) []byte {
		return encoded(s.t, f.act("Create", path+"/create", f.note(path, nil), nil))
	}
	under := func(id string) step {
		return by(signature.PrivateKey{ID: id, Signer: m.rsa.Signer}, signature.Cavage, time.Time{})
	}
	stray := s.hostile.base + "/keys/stray"
	s.hostile.put(row{"id": stray, "type": "Key", "owner": s.noa.iri, "publicKeyPem": m.doc["publicKey"].(row)["publicKeyPem"]})
	plain := s.hostile.figure("Person", "plain", nil)
	s.hostile.serve("/users/plain", served{kind: "text/plain", body: encoded(s.t, plain.doc)})
	return []attack{
		{"a key that its owner does not list", 401, "", note(m, "/notes/u"), []step{under(m.iri + "#other")}},
		{"a key of an owner elsewhere", 401, "", note(s.noa, "/notes/u"), []step{under(stray)}},
		{"a key that is served as text", 401, "", note(plain, "/notes/u"), []step{signedBy(plain)}},
		{"acct: as a key id", 401, "", note(m, "/notes/u"), []step{under("acct:mallory@" + s.hostile.host)}},
		{"somebody else's actor", 401, "", note(s.noa, "/notes/u"), []step{signedBy(m)}},
		{"a neighbour's actor", 401, "", note(s.mia, "/notes/u"), []step{signedBy(m)}},
		{"a neighbour, in mallory's name", 401, "", note(m, "/notes/u"), []step{signedBy(s.mia)}},
		{"an actor of ours", 401, "", encoded(s.t, row{"id": ours + "/x", "type": "Like", "actor": ours, "object": s.kept}), []step{signedBy(m)}},
		{"a key of ours", 401, "", encoded(s.t, row{"id": ours + "/x", "type": "Like", "actor": ours, "object": s.kept}), []step{under(ours + "#main-key")}},
	}
}

func sum64(text []byte) string {
	sum := sha256.Sum256(text)
	return base64.StdEncoding.EncodeToString(sum[:])
}

// TestHostilePeerHonestVariety: what servers in order send is taken, and has its effect.
func TestHostilePeerHonestVariety(t *testing.T) {
	s := newStage(t, nil)
	now, f := time.Now(), s.noa
	for n, tt := range []struct {
		name, path string
		by         []step
	}{
		{"sha-256 in small letters", "/inbox", []step{dressed(now), swapped("Digest", "SHA-256", "sha-256"), cavageOver(f.rsa, postNames, "")}},
		{"SHA-512 beside it", "/inbox", []step{dressed(now), swapped("Digest", "SHA-256", "SHA-512=AAAA,SHA-256"), cavageOver(f.rsa, postNames, "")}},
		{"a query that is signed", "/inbox?page=2", []step{signedBy(f)}},
		{"a query that is not", "/inbox", []step{signedBy(f), func(l *letter) { l.URL.RawQuery = "page=2" }}},
		{"RFC 9421 with RSA", "/inbox", []step{by(f.rsa, signature.RFC9421RSA, time.Time{})}},
		{"RFC 9421 with Ed25519", "/inbox", []step{by(f.ed, signature.RFC9421Ed25519, time.Time{})}},
		{"an hour old", "/inbox", []step{by(f.rsa, signature.Cavage, now.Add(-time.Hour))}},
		{"X-Forwarded-Host of somebody", "/inbox", []step{signedBy(f), set("X-Forwarded-Host", "evil.example")}},
		{"an inbox of its own", "/coops/telar/inbox", []step{signedBy(f)}},
	} {
		id := fmt.Sprint("/notes/various", n)
		note := s.honest.put(f.note(id, nil))
		if got := s.send(tt.path, encoded(t, f.act("Create", id+"/create", note, nil)), tt.by...); got != http.StatusAccepted {
			t.Errorf("%s: answered %d", tt.name, got)
		}
		s.settle()
		if s.interopWorld.post(f.iri+id) == nil {
			t.Errorf("%s: has no effect", tt.name)
		}
	}
}

// TestHostilePeerReplays: the same request again has no effect, whenever; keys change
// once in five minutes; who was never heard of leaves without a fetch.
func TestHostilePeerReplays(t *testing.T) {
	s := newStage(t, nil)
	who := s.remoteOf(s.mallory)
	like := s.letter("/inbox", encoded(t, s.mallory.act("Like", "/likes/r", string(s.post.IRI), nil)), signedBy(s.mallory))
	again := func() int {
		l := *like
		request := like.Clone(s.ctx)
		l.Request = request
		got, _ := s.answer(&l)
		s.settle()
		return got
	}
	if got := again(); got != http.StatusAccepted || !s.reacted(storage.Like, who, s.post) {
		t.Fatalf("the first is answered %d", got)
	}
	s.says(s.mallory, s.mallory.act("Undo", "/undo/r", s.mallory.iri+"/likes/r", nil))
	before := s.interopWorld.trace(bookkeeping...)
	if got := again(); got != http.StatusAccepted {
		t.Errorf("within the window: answered %d", got)
	}
	s.untouched(before, "the same again")
	s.shift.Store(int64(2 * time.Hour))
	if got := again(); got != http.StatusUnauthorized {
		t.Errorf("after the window: answered %d", got)
	}
	s.untouched(before, "the same after the window")
	s.shift.Store(0)
	s.run("a thousand leave who were never here", func(s *stage) { s.storm(before) })
	s.run("theirs rotated", (*stage).rotated)
}

// remoteOf is the account of a figure as minga keeps it.
func (s *stage) remoteOf(f *figure) *coop.Account {
	s.t.Helper()
	a, err := s.store.AccountByIRI(s.ctx, coop.IRI(f.iri))
	s.must(err)
	return a
}

// storm: well-formed headers, and nobody knows the keys.
func (s *stage) storm(before interopTrace) {
	s.t.Helper()
	asked := s.hostile.count("")
	for n := range 1000 {
		gone := fmt.Sprintf("%s/users/gone%d", s.hostile.base, n)
		text := encoded(s.t, row{"id": gone + "#delete", "type": "Delete", "actor": gone, "object": gone})
		junk := func(l *letter) {
			l.Header.Set("Signature", fmt.Sprintf(`keyId="%s#main-key",headers="%s",signature="AAAA"`, gone, postNames))
		}
		if got := s.send("/inbox", text, dressed(time.Now()), junk); got != http.StatusAccepted {
			s.t.Fatalf("answered %d", got)
		}
	}
	s.settle()
	s.untouched(before, "a thousand who leave")
	if n := s.hostile.count("") - asked; n > 0 {
		s.t.Errorf("%d requests were made", n)
	}
}

// rotated: a new key under the old name is fetched once, and not again for five minutes.
func (s *stage) rotated() {
	s.t.Helper()
	f := s.hostile.figure("Person", "turner", nil)
	s.says(f, f.act("Follow", "/follows/1", string(s.telar.IRI), nil))
	for n, want := range []int{http.StatusAccepted, http.StatusUnauthorized} {
		*f = *s.hostile.figure("Person", "turner", nil)
		asked := s.hostile.count("GET /users/turner")
		if got := s.send("/inbox", encoded(s.t, f.act("Like", fmt.Sprint("/likes/", n), string(s.post.IRI), nil)), signedBy(f)); got != want {
			s.t.Errorf("change %d is answered %d, want %d", n, got, want)
		}
		if fetched := s.hostile.count("GET /users/turner") - asked; fetched != 1-n {
			s.t.Errorf("change %d made %d fetches", n, fetched)
		}
	}
}
