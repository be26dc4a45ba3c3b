// SPDX-License-Identifier: AGPL-3.0-or-later

package federation

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"minga/federation/signature"
)

// TestPostIsSignedAndVerified sends with the signer of this house and reads with its
// strict front, over a real connection.
func TestPostIsSignedAndVerified(t *testing.T) {
	rsaKey, err := signature.GenerateRSA()
	if err != nil {
		t.Fatal(err)
	}
	edKey, err := signature.GenerateEd25519()
	if err != nil {
		t.Fatal(err)
	}
	const owner = "https://coop.example/users/ana"
	body := []byte(`{"type":"Like"}`)
	var p *peer
	p = newPeer(t, true, func(w http.ResponseWriter, r *http.Request) {
		got, _ := io.ReadAll(r.Body)
		claim, err := signature.Read(signature.FromHTTP(r, got), signature.Policy{Now: time.Now(), Scheme: "https", Hosts: []string{"a.example.com:" + p.port}})
		if err != nil {
			http.Error(w, err.Error(), http.StatusUnauthorized)
			return
		}
		k := signature.PublicKey{ID: claim.KeyID(), Owner: owner, Key: rsaKey.Public()}
		if strings.HasSuffix(claim.KeyID(), "ed") {
			k.Key = edKey.Public()
		}
		id, err := claim.Verify(k)
		if err != nil || r.Header.Get("Content-Type") != TypeActivity {
			http.Error(w, fmt.Sprint(err), http.StatusUnauthorized)
			return
		}
		w.Header().Set("Accept-Signature", signature.AcceptSignature())
		w.WriteHeader(http.StatusAccepted)
		fmt.Fprint(w, id.Form())
	})
	c := newClient(t, p, nil)
	for form, key := range map[signature.Form]signature.PrivateKey{
		signature.Cavage:         {ID: owner + "#main-key", Signer: rsaKey},
		signature.RFC9421RSA:     {ID: owner + "#main-key", Signer: rsaKey},
		signature.RFC9421Ed25519: {ID: owner + "#ed", Signer: edKey},
	} {
		resp, err := c.Post(t.Context(), p.at("a.example.com")+"/inbox?x=1", body, func(r *http.Request) error {
			return signature.Sign(r, body, key, form, time.Now())
		})
		if err != nil || resp.Err() != nil || string(resp.Body) != string(form) {
			t.Fatalf("%s: %v %s", form, err, resp.Body)
		}
		if signature.ReadAcceptSignature(resp.AcceptSignature) != signature.RFC9421Ed25519 {
			t.Errorf("%s: %v", form, resp.AcceptSignature)
		}
	}
}

func TestPostFollowsNoRedirect(t *testing.T) {
	var requests atomic.Int64
	p := newPeer(t, true, func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		var code int
		fmt.Sscanf(r.URL.Path, "/%d", &code)
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(code)
	})
	c := newClient(t, p, nil)
	for _, code := range []int{301, 302, 303, 307, 308} {
		requests.Store(0)
		resp, err := c.Post(t.Context(), fmt.Sprintf("%s/%d", p.at("a.example.com"), code), []byte("{}"), nil)
		if err != nil || resp.Status != code || kindOf(t, resp.Err()) != KindRedirect || requests.Load() != 1 {
			t.Errorf("%d: %v, %d requests", code, err, requests.Load())
		}
	}
}

func TestPostReadsLittle(t *testing.T) {
	p := newPeer(t, true, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(http.StatusServiceUnavailable)
		io.Copy(w, io.LimitReader(zeros{}, 1<<20))
	})
	resp, err := newClient(t, p, nil).Post(t.Context(), p.at("a.example.com")+"/inbox", []byte("{}"), nil)
	if err != nil || len(resp.Body) != smallBody || resp.RetryAfter != time.Hour {
		t.Fatalf("%+v, %v", resp, err)
	}
	var e *Error
	if !errors.As(resp.Err(), &e) || !e.HostFault() || !e.Temporary() || e.RetryAfter != time.Hour || e.Host != "a.example.com:"+p.port {
		t.Errorf("%+v", e)
	}
}

func TestPostWithoutASignatureIsNotSent(t *testing.T) {
	in := newInside(t, "127.0.0.1")
	c := newClient(t, nil, nil)
	_, err := c.Post(t.Context(), "https://"+in.addr+"/", []byte("{}"), func(*http.Request) error { return errors.New("no key") })
	if kindOf(t, err) != KindSign || err.(*Error).Temporary() || err.(*Error).HostFault() {
		t.Error(err)
	}
}

// TestWhatIsNotKnownNowIsAskedLater: who cannot tell at the moment whether a server may
// be asked, or has no key at the moment, gives nothing up.
func TestWhatIsNotKnownNowIsAskedLater(t *testing.T) {
	in := newInside(t, "127.0.0.1")
	away := errors.New("the database does not answer")
	unknown := newClient(t, nil, func(o *Options) {
		o.Blocked = func(context.Context, string) (bool, error) { return true, away }
	})
	_, err := unknown.Post(t.Context(), "https://"+in.addr+"/", []byte("{}"), nil)
	if kindOf(t, err) != KindBusy || !err.(*Error).Temporary() || err.(*Error).HostFault() || !errors.Is(err, away) {
		t.Errorf("policy not known: %v", err)
	}
	keyless := func(*http.Request) error { return &Error{Kind: KindBusy, Err: away} }
	_, err = newClient(t, nil, nil).Post(t.Context(), "https://"+in.addr+"/", []byte("{}"), keyless)
	if kindOf(t, err) != KindBusy || !err.(*Error).Temporary() {
		t.Errorf("key not to be had: %v", err)
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2030, 5, 1, 12, 0, 0, 0, time.UTC)
	c := newClient(t, nil, func(o *Options) { o.Now = func() time.Time { return now } })
	for text, want := range map[string]time.Duration{
		"": 0, "0": 0, "60": time.Minute, " 60 ": time.Minute, "-5": 0, "soon": 0, "86400": 24 * time.Hour, "9999999999": 24 * time.Hour,
		"99999999999999999999": 0, "Wed, 01 May 2030 12:05:00 GMT": 5 * time.Minute, "Wed, 01 May 2030 11:00:00 GMT": 0,
		"Wed, 01 May 2090 12:00:00 GMT": 24 * time.Hour,
	} {
		if got := c.retryAfter(http.Header{"Retry-After": {text}}); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}
