// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"context"
	"testing"

	"minga/coop"
)

// TestFederationFollowPolicy: the setting decides about other federations, and
// about nobody else.
func TestFederationFollowPolicy(t *testing.T) {
	for _, tt := range []struct {
		name    string
		policy  FollowPolicy
		allowed bool // the asking server is on the allow list
		person  bool // the one who asks is a person
		want    coop.FollowState
	}{
		{"at once", FollowsAtOnce, false, false, coop.FollowAccepted},
		{"allowed, and on the list", FollowsAllowed, true, false, coop.FollowAccepted},
		{"allowed, and not on the list", FollowsAllowed, false, false, coop.FollowAsked},
		{"by hand", FollowsByHand, false, false, coop.FollowAsked},
		{"by hand, on the list too", FollowsByHand, true, false, coop.FollowAsked},
		{"a word that is none waits", "sometimes", true, false, coop.FollowAsked},
		{"people are taken at once", FollowsByHand, false, true, coop.FollowAccepted},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newScene(t)
			s.in.o.Follows = func(context.Context) FollowPolicy { return tt.policy }
			if tt.allowed {
				s.decide(s.p.host, coop.PolicyAllow)
			}
			who := s.bob
			if !tt.person {
				who = s.p.federation("norte")
			}
			s.deliver(who, who.activity("Follow", "/f/1", here+"/federation"))
			f, err := s.store.FollowByIRI(s.ctx, coop.IRI(who.iri+"/f/1"))
			if err != nil || f.State != tt.want {
				t.Errorf("kept %+v, %v; want %s", f, err, tt.want)
			}
		})
	}
}
