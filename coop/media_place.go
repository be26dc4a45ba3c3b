// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import "strings"

// MediaPath is what the paths of files begin with, on every host.
const MediaPath = "/media/"

// MediaPlaces are where the files of this instance are read. They are kept under one
// address and shown under another, so that a host for media may be named, changed and
// taken away, and what is kept stays true.
type MediaPlaces struct {
	Main string // https://coop.example: addresses of files are kept below it, whatever is shown
	Own  string // https://media.coop.example, a host for media alone; empty: there is none
}

// Shown is how others are told the address of a file; what is no file of this instance
// stays as it is.
func (m MediaPlaces) Shown(address string) string {
	if m.Own == "" || m.Main == "" {
		return address
	}
	return swapped(address, m.Main, m.Own)
}

// Kept is how an address is kept that people or apps name; what is no file of this
// instance stays as it is.
func (m MediaPlaces) Kept(address string) string {
	if m.Own == "" || m.Main == "" {
		return address
	}
	return swapped(address, m.Own, m.Main)
}

// swapped is an address below the files of one host as one of another.
func swapped(address, from, to string) string {
	if rest, ok := strings.CutPrefix(address, from+MediaPath); ok {
		return to + MediaPath + rest
	}
	return address
}
