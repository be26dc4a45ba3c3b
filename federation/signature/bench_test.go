// SPDX-License-Identifier: AGPL-3.0-or-later

package signature

import (
	"bytes"
	"testing"
	"time"
)

// The signature itself must be the cost: all the rest of a signed POST may take a
// small part of it.
func BenchmarkSign(b *testing.B) {
	body := bytes.Repeat([]byte("x"), 2000)
	for form, key := range keysOf() {
		b.Run(string(form), func(b *testing.B) {
			r := outgoing(b, "POST", inbox, body)
			for b.Loop() {
				if err := Sign(r, body, key, form, time.Now()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("bare RSA", func(b *testing.B) {
		for b.Loop() {
			if _, err := signBytes(rsaOnce(), body); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("bare Ed25519", func(b *testing.B) {
		for b.Loop() {
			if _, err := signBytes(edOnce(), body); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkReadAndVerify(b *testing.B) {
	now := time.Now()
	for name, p := range map[string]*plain{
		"cavage":  newPost(now).cavage(rsaOnce(), postNames, keyParams),
		"rfc9421": newPost(now).rfc(edOnce(), postParts, rfcParams(now, edID, "")),
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := verdict(p.request(), policyAt(now)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
