// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import "minga/web/mastodon/input"

// sent writes what read finds under a name, where it was sent; what was not sent stays as
// it is. It tells whether it was. read is a method of in: in.Text, in.Number, ….
func sent[T any](in input.Values, name string, read func(string) T, to *T) bool {
	if !in.Has(name) {
		return false
	}
	*to = read(name)
	return true
}

// setText writes a text that was sent.
func setText(in input.Values, name string, to *string) { sent(in, name, in.Text, to) }
