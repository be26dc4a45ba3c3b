// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"fmt"
	"testing"

	"minga/coop"
)

// BenchmarkReceive is the gate up to the durable 202 for one signed Create after
// another of a followed account. Compare it with BenchmarkVerify, the bare
// cryptography in it.
func BenchmarkReceive(b *testing.B) {
	s := &scene{world: newWorldFor(b), p: newPeer(b)}
	s.bob = s.p.actor("Person", "bob")
	s.follows(s.ana, s.bob)
	var requests []Request
	for i := range b.N {
		note := s.bob.note(fmt.Sprintf("/n/%d", i))
		requests = append(requests, s.request(signed{key: s.bob.rsa}, encode(b, s.bob.activity("Create", fmt.Sprintf("/c/%d", i), note))))
	}
	b.ResetTimer()
	for _, r := range requests {
		if _, err := s.in.Receive(s.ctx, r); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkEffect is the worker's part: from the queue to the post.
func BenchmarkEffect(b *testing.B) {
	s := &scene{world: newWorldFor(b), p: newPeer(b)}
	s.bob = s.p.actor("Person", "bob")
	s.follows(s.ana, s.bob)
	for i := range b.N {
		note := s.bob.note(fmt.Sprintf("/n/%d", i))
		s.send(s.bob, s.bob.activity("Create", fmt.Sprintf("/c/%d", i), note))
	}
	b.ResetTimer()
	for range b.N {
		if did, err := s.in.Step(s.ctx); !did || err != nil {
			b.Fatal(did, err)
		}
	}
	b.StopTimer()
	if s.post(fmt.Sprintf("%s/n/%d", s.bob.iri, b.N-1)) == nil {
		b.Fatal("the last did not come")
	}
	if n, err := s.store.CountFollowing(s.ctx, s.ana.ID, coop.FollowAccepted); err != nil || n != 1 {
		b.Fatal(n, err)
	}
}

// BenchmarkVerify is one RSA verification.
func BenchmarkVerify(b *testing.B) {
	key := keyring()[0]
	sum := sha256.Sum256([]byte("x"))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if err := rsa.VerifyPKCS1v15(&key.PublicKey, crypto.SHA256, sum[:], signature); err != nil {
			b.Fatal(err)
		}
	}
}
