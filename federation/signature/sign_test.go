// SPDX-License-Identifier: AGPL-3.0-or-later

package signature

import (
	"bytes"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// keysOf are our keys for each form.
func keysOf() map[Form]PrivateKey {
	return map[Form]PrivateKey{
		Cavage:         {ID: rsaID, Signer: rsaOnce()},
		RFC9421RSA:     {ID: rsaID, Signer: rsaOnce()},
		RFC9421Ed25519: {ID: edID, Signer: edOnce()},
	}
}

func outgoing(t testing.TB, method, target string, body []byte) *http.Request {
	t.Helper()
	r, err := http.NewRequest(method, target, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != nil {
		r.Header.Set("Content-Type", asType)
	}
	return r
}

// TestSignedIsVerified goes over a real connection: what net/http sends is what counts.
func TestSignedIsVerified(t *testing.T) {
	now := time.Now()
	for form, key := range keysOf() {
		for _, target := range []string{inbox, inbox + "?a=1&b=%2F", "https://minga.example/u/%C3%B1/a%2Fb?x", "https://minga.example", "https://MINGA.example:443/inbox"} {
			for method, body := range map[string][]byte{"POST": []byte(`{"a":1}`), "GET": nil} {
				r := outgoing(t, method, target, body)
				if err := Sign(r, body, key, form, now); err != nil {
					t.Fatal(err)
				}
				id, err := verdict(sent(t, r, body), policyAt(now))
				if err != nil || id.Form() != form || id.Owner() != ana || id.KeyID() != key.ID {
					t.Errorf("%s %s %s: %v, %v", form, method, target, id, err)
				}
			}
		}
	}
}

func TestSignWritesWhatTheDesignSays(t *testing.T) {
	now := time.Date(2030, 5, 1, 12, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		form   Form
		method string
		header string
		want   string
	}{
		{Cavage, "POST", "Signature", `^keyId="` + rsaID + `",algorithm="hs2019",headers="\(request-target\) host date digest content-type",signature="[A-Za-z0-9+/]{342}=="$`},
		{Cavage, "GET", "Signature", `^keyId="` + rsaID + `",algorithm="hs2019",headers="\(request-target\) host date",signature=`},
		{RFC9421RSA, "POST", "Signature-Input", `^minga=\("@method" "@target-uri" "content-digest"\);created=1903867200;keyid="` + rsaID + `";alg="rsa-v1_5-sha256"$`},
		{RFC9421RSA, "GET", "Signature-Input", `^minga=\("@method" "@target-uri"\);created=1903867200;`},
		{RFC9421Ed25519, "POST", "Signature-Input", `;keyid="` + edID + `";alg="ed25519"$`},
		{RFC9421Ed25519, "POST", "Signature", `^minga=:[A-Za-z0-9+/]{86}==:$`},
	} {
		body := []byte("{}")
		if tt.method == "GET" {
			body = nil
		}
		r := outgoing(t, tt.method, inbox, body)
		if err := Sign(r, body, keysOf()[tt.form], tt.form, now); err != nil {
			t.Fatal(err)
		}
		if got := r.Header.Get(tt.header); !regexp.MustCompile(tt.want).MatchString(got) {
			t.Errorf("%s %s: %s", tt.form, tt.method, got)
		}
		if r.Header.Get("Date") != "Wed, 01 May 2030 12:00:00 GMT" {
			t.Errorf("Date is %s", r.Header.Get("Date"))
		}
	}
}

// The second knock signs the same request in the other form: nothing of the first
// may stay.
func TestSignedAnewLeavesNothingBehind(t *testing.T) {
	now, body := time.Now(), []byte("{}")
	r := outgoing(t, "POST", inbox, body)
	for _, form := range []Form{Cavage, RFC9421RSA, Cavage, RFC9421Ed25519, RFC9421RSA} {
		if err := Sign(r, body, keysOf()[form], form, now); err != nil {
			t.Fatal(err)
		}
		if _, cavage := r.Header["Digest"]; cavage != (form == Cavage) || len(r.Header["Signature"]) != 1 {
			t.Errorf("%s: headers %v", form, r.Header)
		}
		again := r.Clone(t.Context())
		again.Body = io.NopCloser(bytes.NewReader(body))
		if id, err := verdict(sent(t, again, body), policyAt(now)); err != nil || id.Form() != form {
			t.Errorf("%s: %v", form, err)
		}
	}
}

func TestSignWantsTheFittingKey(t *testing.T) {
	keys := keysOf()
	for form, key := range map[Form]PrivateKey{
		Cavage: keys[RFC9421Ed25519], RFC9421RSA: keys[RFC9421Ed25519], RFC9421Ed25519: keys[Cavage],
		RFC9421: keys[Cavage], Integrity: keys[RFC9421Ed25519],
	} {
		r := outgoing(t, "GET", inbox, nil)
		if err := Sign(r, nil, key, form, time.Now()); err == nil || r.Header.Get("Signature") != "" {
			t.Errorf("%s with %T: %v", form, key.Signer, err)
		}
	}
}

// TestAnyChangedByteIsRefused changes one byte of what decides, at a time: method,
// target, host, covered header, signature header, body.
func TestAnyChangedByteIsRefused(t *testing.T) {
	now := time.Now()
	keys := keysOf()
	covered := map[Form][]string{
		Cavage:         {"Date", "Digest", "Content-Type", "Signature"},
		RFC9421RSA:     {"Content-Digest", "Signature", "Signature-Input"},
		RFC9421Ed25519: {"Content-Digest", "Signature", "Signature-Input"},
	}
	rapid.Check(t, func(rt *rapid.T) {
		form := rapid.SampledFrom([]Form{Cavage, RFC9421RSA, RFC9421Ed25519}).Draw(rt, "form")
		body := rapid.SliceOfN(rapid.Byte(), 1, 40).Draw(rt, "body")
		target := "/inbox" + rapid.StringMatching(`[a-z]{0,5}(\?[a-z]{1,4}=[0-9]{0,3})?`).Draw(rt, "target")
		r := outgoing(t, "POST", "https://minga.example"+target, body)
		if err := Sign(r, body, keys[form], form, now); err != nil {
			rt.Fatal(err)
		}
		got := Request{Method: "POST", Target: r.URL.RequestURI(), Host: "minga.example", Header: r.Header, Body: body}
		if _, err := verdict(got, policyAt(now)); err != nil {
			rt.Fatalf("control: %v", err)
		}
		what := rapid.SampledFrom(append([]string{"method", "target", "host", "body"}, covered[form]...)).Draw(rt, "what")
		before := partOf(&got, what, nil)
		at := rapid.IntRange(0, len(before)-1).Draw(rt, "at")
		to := rapid.Byte().Filter(func(b byte) bool { return b != before[at] }).Draw(rt, "to")
		after := slices.Replace(slices.Clone(before), at, at+1, to)
		partOf(&got, what, after)
		if sameMeaning(what, before, after) {
			return
		}
		if id, err := verdict(got, policyAt(now)); err == nil || id.Valid() {
			rt.Fatalf("%s changed from %q to %q and still %v", what, before, after, id)
		}
	})
}

// partOf reads a part of a request, and replaces it when to is not nil.
func partOf(r *Request, what string, to []byte) []byte {
	text := map[string]*string{"method": &r.Method, "target": &r.Target, "host": &r.Host}[what]
	switch {
	case what == "body":
		old := r.Body
		if to != nil {
			r.Body = to
		}
		return old
	case text != nil:
		old := []byte(*text)
		if to != nil {
			*text = string(to)
		}
		return old
	}
	old := []byte(r.Header.Get(what))
	if to != nil {
		r.Header[what] = []string{string(to)}
	}
	return old
}

// sameMeaning lists the changes that change nothing: another case of the method, which
// cavage signs in small letters, and of the host; a Signature header that still names
// the same key and headers and holds the same bytes.
func sameMeaning(what string, before, after []byte) bool {
	switch what {
	case "method", "host":
		return strings.EqualFold(string(before), string(after))
	case "Signature":
		a, errA := parseCavage(string(before))
		b, errB := parseCavage(string(after))
		return errA == nil && errB == nil && a.keyID == b.keyID && slices.Equal(a.names, b.names) && bytes.Equal(a.signature, b.signature)
	}
	return false
}

func TestReadAcceptSignature(t *testing.T) {
	for _, tt := range []struct {
		value string
		want  Form
	}{
		{AcceptSignature(), RFC9421Ed25519},
		{`sig1=("@method" "@target-uri");created;keyid`, RFC9421RSA},
		{`sig1=("@method");alg="rsa-v1_5-sha256"`, RFC9421RSA},
		{`sig1=("@method" "@authority" "content-digest");created;nonce="abc"`, RFC9421RSA},
		{`a=("@method");alg="rsa-v1_5-sha256", b=("@method");alg="ed25519"`, RFC9421Ed25519},
		{`a=("@method");alg="ed25519", b=("@method");alg="rsa-v1_5-sha256"`, RFC9421Ed25519},
		{`sig1=("@method");alg="ecdsa-p256-sha256"`, ""},
		{`sig1=("@method");alg="ed25519";alg="hmac-sha256"`, ""},
		{`sig1`, ""},
		{``, ""},
		{`((((`, ""},
		{strings.Repeat("a", MaxHeader+1), ""},
	} {
		if got := ReadAcceptSignature([]string{tt.value}); got != tt.want {
			t.Errorf("%.60s: %q, want %q", tt.value, got, tt.want)
		}
	}
	if ReadAcceptSignature(nil) != "" {
		t.Error("nobody asked")
	}
}
