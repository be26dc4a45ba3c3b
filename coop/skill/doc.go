// SPDX-License-Identifier: AGPL-3.0-or-later

// Package skill is the list of skills that comes with the program, some three hundred
// that co-ops ask for, with names in the languages of the interface, ESCO's address where
// ESCO has the skill, and what is broader; and the reader of ESCO's own files.
//
// Names are our own. This service uses the ESCO classification of the European
// Commission.
package skill
