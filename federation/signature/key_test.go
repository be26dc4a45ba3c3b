// SPDX-License-Identifier: AGPL-3.0-or-later

package signature

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"
)

func pemOf(label string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: label, Bytes: der}))
}

// rsaOf is a key of a size that nobody has the time to generate: any odd number will
// do where only the form is judged.
func rsaOf(bits, exponent int) *rsa.PublicKey {
	n := new(big.Int).Lsh(big.NewInt(1), uint(bits-1))
	return &rsa.PublicKey{N: n.SetBit(n, 0, 1), E: exponent}
}

func TestKeySizes(t *testing.T) {
	pkix := func(k any) string { return pemOf("PUBLIC KEY", must(x509.MarshalPKIXPublicKey(k))) }
	pkcs1 := func(k *rsa.PublicKey) string { return pemOf("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(k)) }
	even := rsaOf(2048, 65537)
	even.N.SetBit(even.N, 0, 0)
	cert := must(x509.CreateCertificate(rand.Reader, &x509.Certificate{SerialNumber: big.NewInt(1)},
		&x509.Certificate{SerialNumber: big.NewInt(1)}, rsaOnce().Public(), rsaOnce()))
	curve := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	for _, tt := range []struct {
		name, text string
		good       bool
	}{
		{"RSA 2048, PKIX", pkix(rsaOnce().Public()), true},
		{"RSA 2048, PKCS #1", pkcs1(&rsaOnce().PublicKey), true},
		{"PKCS #1 labelled as PKIX", pemOf("PUBLIC KEY", x509.MarshalPKCS1PublicKey(&rsaOnce().PublicKey)), true},
		{"space around it", "\n" + pkix(rsaOnce().Public()) + "\n\n", true},
		{"RSA 8192", pkix(rsaOf(8192, 65537)), true},
		{"exponent 3", pkix(rsaOf(2048, 3)), true},
		{"Ed25519", pkix(edOnce().Public()), true},
		{"1,536 bits", pkix(rsaOf(1536, 65537)), false},
		{"2,047 bits", pkix(rsaOf(2047, 65537)), false},
		{"8,193 bits", pkix(rsaOf(8193, 65537)), false},
		{"32,768 bits", pkix(rsaOf(32768, 65537)), false},
		{"exponent 1", pkcs1(rsaOf(2048, 1)), false},
		{"an even exponent", pkcs1(rsaOf(2048, 65536)), false},
		{"an even modulus", pkcs1(even), false},
		{"a certificate", pemOf("CERTIFICATE", cert), false},
		{"a certificate called a key", pemOf("PUBLIC KEY", cert), false},
		{"a public key called a certificate", pemOf("CERTIFICATE", must(x509.MarshalPKIXPublicKey(rsaOnce().Public()))), false},
		{"a good key and 20 kB of nothing", pkix(rsaOnce().Public()) + strings.Repeat("\n", 20<<10), false},
		{"a private key", pemOf("PRIVATE KEY", must(EncodePrivate(rsaOnce()))), false},
		{"an elliptic curve", pkix(curve.Public()), false},
		{"two keys", pkix(edOnce().Public()) + pkix(edOnce().Public()), false},
		{"garbage", "garbage", false},
		{"nothing", "", false},
		{"garbage in PEM", pemOf("PUBLIC KEY", []byte("garbage")), false},
		{"a megabyte", strings.Repeat("A", 1<<20), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			start := time.Now()
			key, err := ParsePublicPEM(tt.text)
			if (err == nil) != tt.good {
				t.Fatalf("error %v, want good: %v", err, tt.good)
			}
			if err != nil && reasonOf(t, err) != BadKey {
				t.Errorf("refused for %v", err)
			}
			if took := time.Since(start); took > time.Second {
				t.Errorf("took %v", took)
			}
			if tt.good {
				roundTrip(t, key)
			}
		})
	}
}

func roundTrip(t *testing.T, key crypto.PublicKey) {
	t.Helper()
	text, err := EncodePublicPEM(key)
	if err != nil {
		t.Fatal(err)
	}
	again, err := ParsePublicPEM(text)
	if err != nil || !key.(interface{ Equal(crypto.PublicKey) bool }).Equal(again) {
		t.Errorf("another key came back: %v", err)
	}
}

// A key that a resolver hands over without having parsed it here is judged again.
func TestVerifyJudgesTheKeyItself(t *testing.T) {
	now := time.Now()
	claim, err := Read(newPost(now).cavage(rsaOnce(), postNames, keyParams).request(), policyAt(now))
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []crypto.PublicKey{rsaOf(1536, 65537), rsaOf(32768, 65537), rsaOf(2048, 1), ed25519.PublicKey("short"), []byte("hmac")} {
		if _, err := claim.Verify(PublicKey{ID: rsaID, Owner: ana, Key: key}); reasonOf(t, err) != BadKey {
			t.Errorf("%T: %v", key, err)
		}
	}
}

func TestMultikey(t *testing.T) {
	// The key of FEP-521a, FEP-8b32, FEP-c390 and of W3C's vectors.
	const known = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"
	key, err := ParseMultikey(known)
	if err != nil || EncodeMultikey(key) != known {
		t.Errorf("the known key: %v", err)
	}
	for _, bad := range []string{
		"", "z", known[1:], "u7QGwDY2Tjn93PVFWWq02piP1NE9_XRlg-c8-jhJiDqKBDw", known + "1", known[:40],
		"z0OIl", "Z" + known[1:], "zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme",
		"z" + strings.Repeat("1", 47), "z" + strings.Repeat("A", 1<<20),
	} {
		if _, err := ParseMultikey(bad); reasonOf(t, err) != BadKey {
			t.Errorf("%.60q: %v", bad, err)
		}
	}
}

func TestPrivateKeysComeBack(t *testing.T) {
	for _, key := range []crypto.Signer{rsaOnce(), edOnce()} {
		der, err := EncodePrivate(key)
		if err != nil {
			t.Fatal(err)
		}
		again, err := ParsePrivate(der)
		if err != nil || !again.Public().(interface{ Equal(crypto.PublicKey) bool }).Equal(key.Public()) {
			t.Errorf("%T: another key came back: %v", key, err)
		}
	}
	if _, err := ParsePrivate([]byte("garbage")); err == nil {
		t.Error("garbage is a key")
	}
}

func FuzzParseMultikey(f *testing.F) {
	f.Add("z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2")
	f.Add("z")
	f.Fuzz(func(t *testing.T, text string) {
		key, err := ParseMultikey(text)
		if err == nil && EncodeMultikey(key) != text {
			t.Errorf("%q is another spelling of %q", text, EncodeMultikey(key))
		}
	})
}

func FuzzParsePublicPEM(f *testing.F) {
	f.Add(must(EncodePublicPEM(edOnce().Public())))
	f.Fuzz(func(t *testing.T, text string) {
		if key, err := ParsePublicPEM(text); err == nil && checkKey(key) != nil {
			t.Error("a key that may not be used")
		}
	})
}

func TestGeneratedKeysDiffer(t *testing.T) {
	a, b := must(GenerateEd25519()), must(GenerateEd25519())
	if bytes.Equal(a, b) || rsaOnce().N.BitLen() != 2048 {
		t.Error("keys are not what they should be")
	}
}
