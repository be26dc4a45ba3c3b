// SPDX-License-Identifier: AGPL-3.0-or-later

package push

import (
	"bytes"
	"crypto/ecdh"
	"encoding/base64"
	"io"
	"net/http"
	"testing"

	webpush "github.com/SherClockHolmes/webpush-go"
	"pgregory.net/rapid"

	"minga/coop"
	"minga/outbox/push/pushtest"
)

// subscription is what a phone tells an instance.
func subscription(p *pushtest.Phone, endpoint string, standard bool) *coop.PushSubscription {
	return &coop.PushSubscription{ID: 7, Endpoint: endpoint, Key: p.Private.PublicKey().Bytes(), Auth: p.Secret, Standard: standard, Policy: coop.PushAll}
}

func TestBothEncodingsAreRead(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		text := rapid.SliceOfN(rapid.Byte(), 1, maxMessage).Draw(r, "text")
		standard := rapid.Bool().Draw(r, "standard")
		p := pushtest.NewPhone(t)
		out, err := seal(subscription(p, "", standard), text)
		if err != nil {
			r.Fatal(err)
		}
		if len(out.body) > 4096 {
			r.Errorf("%d bytes go out", len(out.body))
		}
		plain, err := p.Open(out.header, out.body)
		if err != nil || !bytes.Equal(plain, text) && !bytes.HasSuffix(text, []byte{0}) {
			r.Fatalf("%v: %q is read as %q", err, text, plain)
		}
		if _, err := pushtest.NewPhone(t).Open(out.header, out.body); err == nil {
			r.Error("another phone reads it")
		}
	})
}

func TestNoMessageIsSealedTwiceAlike(t *testing.T) {
	p := pushtest.NewPhone(t)
	for _, standard := range []bool{true, false} {
		one, _ := seal(subscription(p, "", standard), []byte("hello"))
		two, _ := seal(subscription(p, "", standard), []byte("hello"))
		if bytes.Equal(one.body, two.body) || one.header.Get("Crypto-Key") != "" && one.header.Get("Crypto-Key") == two.header.Get("Crypto-Key") {
			t.Error("the same message looks the same")
		}
	}
}

// raw64 reads base64url.
func raw64(t testing.TB, text string) []byte {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func private64(t testing.TB, text string) *ecdh.PrivateKey {
	t.Helper()
	k, err := ecdh.P256().NewPrivateKey(raw64(t, text))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// TestExampleOfTheStandard is RFC 8291 §5 and appendix A.
func TestExampleOfTheStandard(t *testing.T) {
	p := &pushtest.Phone{Private: private64(t, "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"), Secret: raw64(t, "BTBZMqHH6r4Tts7J_aSIgg")}
	o := once{
		salt: raw64(t, "DGv6ra1nlYgDCS1FRnbzlw"), ours: private64(t, "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"),
		their: p.Private.PublicKey().Bytes(), auth: p.Secret,
	}
	out, err := o.standard([]byte("When I grow up, I want to be a watermelon"))
	if err != nil {
		t.Fatal(err)
	}
	const want = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
	if got := text64(out.body); got != want {
		t.Errorf("sealed as %s", got)
	}
	if plain, err := p.Open(out.header, out.body); err != nil || string(plain) != "When I grow up, I want to be a watermelon" {
		t.Errorf("read as %q, %v", plain, err)
	}
}

// TestExampleOfTheDraft is draft-ietf-webpush-encryption-04 §5.
func TestExampleOfTheDraft(t *testing.T) {
	p := &pushtest.Phone{Private: private64(t, "9FWl15_QUQAWDaD3k3l50ZBZQJ4au27F1V4F0uLSD_M"), Secret: raw64(t, "R29vIGdvbyBnJyBqb29iIQ")}
	o := once{
		salt: raw64(t, "lngarbyKfMoi9Z75xYXmkg"), ours: private64(t, "nCScek-QpEjmOOlT-rQ38nZzvdPlqa00Zy0i6m2OJvY"),
		their: p.Private.PublicKey().Bytes(), auth: p.Secret,
	}
	out, err := o.draft([]byte("I am the walrus"))
	if err != nil {
		t.Fatal(err)
	}
	if got := text64(out.body); got != "6nqAQUME8hNqw5J3kl8cpVVJylXKYqZOeseZG8UueKpA" {
		t.Errorf("sealed as %s", got)
	}
	if key := out.header.Get("Crypto-Key"); key != "dh=BNoRDbb84JGm8g5Z5CFxurSqsXWJ11ItfXEWYVLE85Y7CYkDjXsIEc4aqxYaQ1G8BqkXCJ6DPpDrWtdWj_mugHU" {
		t.Errorf("with %s", key)
	}
	if plain, err := p.Open(out.header, out.body); err != nil || string(plain) != "I am the walrus" {
		t.Errorf("read as %q, %v", plain, err)
	}
}

// caught takes what another sender sends.
type caught struct{ r *http.Request }

func (c *caught) Do(r *http.Request) (*http.Response, error) {
	c.r = r
	return &http.Response{StatusCode: http.StatusCreated, Body: http.NoBody}, nil
}

// TestThePhoneReadsAnotherSender: the phone of these tests is no mirror of our code.
func TestThePhoneReadsAnotherSender(t *testing.T) {
	p, line := pushtest.NewPhone(t), &caught{}
	private, public, err := webpush.GenerateVAPIDKeys()
	if err != nil {
		t.Fatal(err)
	}
	resp, err := webpush.SendNotification([]byte("hello"), &webpush.Subscription{
		Endpoint: "https://push.example/1", Keys: webpush.Keys{Auth: text64(p.Secret), P256dh: text64(p.Private.PublicKey().Bytes())},
	}, &webpush.Options{HTTPClient: line, Subscriber: "admin@push.example", VAPIDPublicKey: public, VAPIDPrivateKey: private})
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	body, err := io.ReadAll(line.r.Body)
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := p.Open(line.r.Header, body); err != nil || string(plain) != "hello" {
		t.Errorf("read as %q, %v", plain, err)
	}
	if claims, err := pushtest.Verified(line.r.Header, line.r.URL.String()); err != nil || claims.Subject != "mailto:admin@push.example" {
		t.Errorf("%+v, %v", claims, err)
	}
}
