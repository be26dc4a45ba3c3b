// SPDX-License-Identifier: AGPL-3.0-or-later

// Package openlist reads lists of co-ops that others publish, as CSV or JSON, into the
// words of package coop. It knows the columns that such lists usually have by their names
// in several languages, keeps what it understands and leaves out the rest; it asks no
// network and no database.
package openlist
