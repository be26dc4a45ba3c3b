// SPDX-License-Identifier: AGPL-3.0-or-later

// Package backup writes everything that an instance keeps into one file, and reads it
// back.
//
// # The file
//
// It is a tar archive, compressed by gzip, and encrypted by age where recipients are
// set; each of the three can be opened by common tools. In it stand, in this order:
//
//	backup.json                 what this is: [Head]
//	database/TABLE/N.jsonl      rows, an array a line, in the order of the columns
//	database/marks.json         up to where ids were given
//	keys/secret.key             unless it was left out
//	media/AREA/…                files as they lie in the folder or bucket
//	manifest.json               counts and hashes: [Manifest]
//
// The database comes first: whatever a row names was there before the row, so that the
// files which follow hold all that the rows name, but for what is deleted meanwhile. The
// manifest comes last: a file without it is not whole. Rows belong to no engine and go
// into SQLite and PostgreSQL alike.
//
// # What it never does
//
// It starts nothing, asks nobody on the network but the bucket that is handed in, and
// knows no clock. It trusts no archive: names, sizes and order are looked at before
// anything is kept.
package backup
