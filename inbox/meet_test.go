// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"fmt"
	"testing"

	"minga/coop"
)

// TestMeet: who is named is known afterwards, ours and who cannot be found are no trouble,
// and a text that names a crowd asks for ten of them.
func TestMeet(t *testing.T) {
	w, p := newWorld(t), newPeer(t)
	bob := p.actor("Person", "bob")
	w.in.Meet(w.ctx, []coop.Handle{{Name: "bob", Host: p.host}, {Name: "none", Host: p.host}, {Name: "ana"}, {Name: "zoe", Host: "here.example"}})
	if a, err := w.store.AccountByHandle(w.ctx, "bob", p.host); err != nil || a.IRI != coop.IRI(bob.iri) {
		t.Errorf("not met: %+v, %v", a, err)
	}
	p.forget()
	var crowd []coop.Handle
	for n := range 30 {
		crowd = append(crowd, coop.Handle{Name: fmt.Sprintf("one-of-%d", n), Host: p.host})
	}
	w.in.Meet(w.ctx, crowd)
	if n := p.count("/.well-known/webfinger"); n != mostMet {
		t.Errorf("%d of a crowd were asked for, want %d", n, mostMet)
	}
}
