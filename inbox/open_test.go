// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"net/http"
	"testing"

	"minga/coop"
	"minga/storage"
)

// TestOpen: an address that somebody pasted names an actor or a post by its id or by
// its page, is asked for once, and what is kept is asked for no more.
func TestOpen(t *testing.T) {
	w, p := newWorld(t), newPeer(t)
	bob := p.actor("Person", "bob")
	note := p.put(bob.note("/notes/1"))
	p.serve = func(rw http.ResponseWriter, r *http.Request) bool {
		to, page := map[string]string{"/@bob": bob.iri, "/@bob/1": note["id"].(string)}[r.URL.Path]
		if page {
			http.Redirect(rw, r, to, http.StatusFound)
		}
		return page
	}
	for _, tt := range []struct {
		name, address string
		account, post string
	}{
		{"a page of an actor", p.url + "/@bob", bob.iri, ""},
		{"its id", bob.iri, bob.iri, ""},
		{"a page of a post", p.url + "/@bob/1", "", note["id"].(string)},
		{"its id", note["id"].(string), "", note["id"].(string)},
	} {
		account, post, err := w.in.Open(w.ctx, coop.IRI(tt.address))
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if account != nil && string(account.IRI) != tt.account || account == nil && tt.account != "" {
			t.Errorf("%s is the account %+v", tt.name, account)
		}
		if post != nil && string(post.IRI) != tt.post || post == nil && tt.post != "" {
			t.Errorf("%s is the post %+v", tt.name, post)
		}
	}
	p.forget()
	for _, iri := range []string{bob.iri, note["id"].(string)} {
		if _, _, err := w.in.Open(w.ctx, coop.IRI(iri)); err != nil {
			t.Errorf("%s, kept: %v", iri, err)
		}
	}
	if n := p.count("/"); n != 0 {
		t.Errorf("%d requests for what is kept", n)
	}
}

// TestOpenNothing: what is nothing, of ours, or of a blocked server is refused, and a
// blocked server is not asked.
func TestOpenNothing(t *testing.T) {
	w, p := newWorld(t), newPeer(t)
	bob := p.actor("Person", "bob")
	for _, address := range []string{here + "/nothing", p.url + "/nothing", "ftp://x.example/", "https://", ""} {
		if account, post, err := w.in.Open(w.ctx, coop.IRI(address)); err == nil {
			t.Errorf("%q is %v and %v", address, account, post)
		}
	}
	w.write(func(tx *storage.Tx) error {
		return tx.PutPeer(w.ctx, &coop.Peer{Host: p.host, Policy: coop.PolicyBlock})
	})
	p.forget()
	if _, _, err := w.in.Open(w.ctx, coop.IRI(bob.iri)); err == nil {
		t.Error("a blocked server was opened")
	}
	if n := p.count("/"); n != 0 {
		t.Errorf("a blocked server was asked %d times", n)
	}
}
