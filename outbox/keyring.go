// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

type keyring struct{}

func newKeyring(int) *keyring { return &keyring{} }
