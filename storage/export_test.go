// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import "minga/coop"

// NoteChange lets tests note any change.
func NoteChange(tx *Tx, c coop.Change) { tx.changed(c) }
