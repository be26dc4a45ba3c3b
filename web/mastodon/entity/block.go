// SPDX-License-Identifier: AGPL-3.0-or-later

package entity

import (
	"cmp"
	"slices"
)

// DomainBlock is a server that this one shuts out or hides from lists.
type DomainBlock struct {
	Domain   string `json:"domain"`
	Digest   string `json:"digest"`   // SHA-256 of the domain, hexadecimal
	Severity string `json:"severity"` // silence, suspend
	Comment  string `json:"comment"`
}

// SortBlocks orders them by domain.
func SortBlocks(list []DomainBlock) {
	slices.SortFunc(list, func(a, b DomainBlock) int { return cmp.Compare(a.Domain, b.Domain) })
}
