// SPDX-License-Identifier: AGPL-3.0-or-later

// Package media is the door of files: those that people of this instance uploaded, and
// pictures of other servers, which readers get from here so that no other server
// learns who reads.
//
// A file is served with the one type that its bytes were found to have, never sniffed,
// without any right to run; pictures are shown, everything else is saved. What another
// server shows is fetched only for an address that carries our own signature, so that
// nobody makes this server ask where no post or profile leads.
package media
