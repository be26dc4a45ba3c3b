//go:build !race

// SPDX-License-Identifier: AGPL-3.0-or-later

package storagetest

// underRace tells whether the race detector looks on.
const underRace = false
