// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"fmt"
	"testing"

	"minga/coop"
	"minga/storage"
)

// TestQuoteRequest: who may quote what, and the forged twins.
func TestQuoteRequest(t *testing.T) {
	yes, no := "quote of %s by carol, true: %s", "quote of %s by carol, false: %s"
	for _, tt := range []struct {
		name   string
		post   func(*coop.Post)
		change func(s *scene) func(doc)
		want   string // with the post and the quote; empty: no answer
	}{
		{"what everybody may see", nil, nil, yes},
		{"the quote embedded", nil, func(s *scene) func(doc) {
			return with("instrument", s.carol.note("/n/q", with("quote", here+"/people/ana/notes/poll")))
		}, yes},
		{"what followers see", func(p *coop.Post) { p.Visibility, p.To, p.Cc = coop.VisibleFollowers, p.Cc, nil }, func(s *scene) func(doc) {
			s.followedBy(s.carol, s.ana)
			return func(doc) {}
		}, no},
		{"what the asker may not see", func(p *coop.Post) { p.Visibility, p.To, p.Cc = coop.VisibleFollowers, p.Cc, nil }, nil, ""},
		{"the quote of somebody else's server", nil, func(s *scene) func(doc) { return with("instrument", s.bob.iri+"/n/q") }, ""},
		{"no quote", nil, func(*scene) func(doc) { return without("instrument") }, ""},
		{"a post that is not ours", nil, func(s *scene) func(doc) { return with("object", s.bob.iri+"/n/1") }, ""},
		{"by somebody who is blocked", nil, func(s *scene) func(doc) {
			carol, err := s.in.Actor(s.ctx, coop.IRI(s.carol.iri))
			if err != nil {
				s.t.Fatal(err)
			}
			s.write(func(tx *storage.Tx) error {
				return tx.AddBlock(s.ctx, storage.Block{Blocker: s.ana.ID, Target: carol.ID})
			})
			return func(doc) {}
		}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newScene(t)
			var change []func(*coop.Post)
			if tt.post != nil {
				change = append(change, tt.post)
			}
			p, quote := s.polled(false, change...), s.carol.iri+"/n/q"
			request := s.carol.activity("QuoteRequest", "/r/1", string(p.IRI))
			request["instrument"] = quote
			if tt.change != nil {
				tt.change(s)(request)
			}
			s.asked.take()
			s.deliver(s.carol, request)
			want := "[]"
			if tt.want != "" {
				want = "[" + fmt.Sprintf(tt.want, p.IRI, quote) + "]"
			}
			if got := fmt.Sprint(s.asked.take()); got != want {
				t.Errorf("answered %s, want %s; %v", got, want, s.counts.refused)
			}
		})
	}
}
