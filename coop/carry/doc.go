// SPDX-License-Identifier: AGPL-3.0-or-later

// Package carry owns the files in which people carry what they have from one server
// to another: whom they follow, their lists, whom and which servers they block, whom
// they mute, which posts they keep. The files are those of Mastodon, column for column,
// so that they go both ways.
//
// What comes in is anybody's: any encoding, any line end, quotes that never close,
// rows without end. [Read] takes what is good and says of each other row what is wrong
// with it. What goes out can be opened in a spreadsheet without being run there: see
// [guard]. What [Write] wrote, [Read] reads as the same.
//
// Archives of whole accounts ([OpenArchive]) and what other programs write of jobs
// ([ReadJobs]) and articles ([Articles], [WordPress]) are read here too.
//
// It asks nobody: whether an account or a post exists is for others.
package carry
