// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"minga/coop"
	"minga/storage"
	"minga/web/auth"
)

// gives gives a person roles in an account, from the command line; none takes all.
func (h *house) gives(account, person *coop.Account, roles ...coop.Role) {
	h.Helper()
	if err := h.store.Write(h.Context(), func(tx *storage.Tx) error {
		_, err := tx.SetRoles(h.Context(), account.ID, person.ID, roles, 0)
		return err
	}); err != nil {
		h.Fatal(err)
	}
}

// speaks is a token by which a person acts for an account with roles there.
func (h *house) speaks(account, person *coop.Account, roles ...coop.Role) string {
	h.Helper()
	h.gives(account, person, roles...)
	text, hash := auth.NewSecret()
	token := &coop.Token{Hash: hash, AccountID: account.ID, PersonID: person.ID, Scopes: []string{"read", "write", "follow", "push"}, App: "test"}
	if err := h.store.Write(h.Context(), func(tx *storage.Tx) error { return tx.AddToken(h.Context(), token) }); err != nil {
		h.Fatal(err)
	}
	return text
}
