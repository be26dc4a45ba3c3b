// SPDX-License-Identifier: AGPL-3.0-or-later

package carry

import "slices"

// Kind is what a file is about.
type Kind string

// The kinds of files.
const (
	Following Kind = "following"
	Lists     Kind = "lists"
	Blocks    Kind = "blocks"
	Mutes     Kind = "mutes"
	Servers   Kind = "domain_blocks"
	Bookmarks Kind = "bookmarks"
)

// Kinds lists all kinds in the order in which they are best taken in: who is in a list
// is followed first.
func Kinds() []Kind { return []Kind{Following, Lists, Blocks, Mutes, Servers, Bookmarks} }

// Valid tells whether a kind is one of [Kinds].
func (k Kind) Valid() bool { return slices.Contains(Kinds(), k) }

// The columns.
const (
	colAccount   = "Account address"
	colBoosts    = "Show boosts"
	colBell      = "Notify on new posts"
	colLanguages = "Languages"
	colList      = "List name"
	colHide      = "Hide notifications"
	colServer    = "#domain"
	colPost      = "#uri"
)

// columns are those of a kind in the order of Mastodon.
func (k Kind) columns() []string {
	switch k {
	case Following:
		return []string{colAccount, colBoosts, colBell, colLanguages}
	case Lists:
		return []string{colList, colAccount}
	case Mutes:
		return []string{colAccount, colHide}
	case Servers:
		return []string{colServer}
	case Bookmarks:
		return []string{colPost}
	}
	return []string{colAccount}
}

// headed tells whether Mastodon writes the names of the columns first.
func (k Kind) headed() bool { return k == Following || k == Mutes }

// FileName is how a file of the kind is called when it is handed out.
func (k Kind) FileName() string {
	switch k {
	case Following:
		return "following_accounts.csv"
	case Blocks:
		return "blocked_accounts.csv"
	case Mutes:
		return "muted_accounts.csv"
	case Servers:
		return "blocked_domains.csv"
	}
	return string(k) + ".csv"
}
