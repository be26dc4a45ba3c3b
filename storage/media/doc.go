// SPDX-License-Identifier: AGPL-3.0-or-later

// Package media keeps files: what people of this instance upload, and small pictures
// of other servers for a while.
//
// # What comes in
//
// A file is what its bytes say, never what its name or its sender says, and only what
// is on a short list is taken. A picture is judged by its header before anything is
// decoded, decoded by Go's own packages alone, one at a time, and written anew: what
// a camera wrote about place, time and device is gone, as is whatever hung behind the
// picture. Documents, audio and video are never decoded: they are kept as they are
// and served so that no browser runs them on our pages.
//
// # Where it lies
//
// Names are ours: 128 random bits and the ending of the type. The bytes come first
// and the row in the database after them, so that a row never names a file that is
// not whole; a file without a row is an orphan, which the sweep removes after a day.
//
// # What it never does
//
// It asks no other server (the doors fetch and hand bytes in), starts no program and
// no goroutine, and says nothing to clients.
package media
