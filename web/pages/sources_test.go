// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import "embed"

// sources is the program itself, to look for the texts that it uses.
//
//go:embed *.go
var sources embed.FS
