// SPDX-License-Identifier: AGPL-3.0-or-later

package document

import "fmt"

// Reason says in one stable word why a document was refused. Logs, metrics and
// problem documents carry it; nobody should have to read a sentence.
type Reason string

// The reasons of [Check], and of [Read] where it cannot go on.
const (
	TooLarge      Reason = "size"       // the body is over the limit
	NotJSON       Reason = "syntax"     // not JSON
	NotObject     Reason = "root"       // JSON, but not one object
	BadUTF8       Reason = "utf8"       // not UTF-8
	HasNUL        Reason = "nul"        // a NUL, raw or escaped
	LoneSurrogate Reason = "surrogate"  // half of a surrogate pair
	TrailingData  Reason = "trailing"   // something follows the document
	TooDeep       Reason = "depth"      // too many levels
	TooMany       Reason = "tokens"     // too many tokens
	TooWide       Reason = "members"    // too many members in one object
	TooManyIn     Reason = "entries"    // too many entries in object, tag or attachment
	Recipients    Reason = "recipients" // too many recipients
	TooManyItems  Reason = "items"      // too many items in a page
	TooLong       Reason = "string"     // a string over the limit
	Keyword       Reason = "keyword"    // @graph, @included or @reverse
	Twice         Reason = "duplicate"  // a deciding member stands there twice
	BadActor      Reason = "actor"      // actor is neither an IRI, an object with an id, nor an array of one
	BadID         Reason = "id"         // an id that is too long, not http(s), without a host or with user-info
)

// ShapeError says why a document was refused and where.
type ShapeError struct {
	Reason Reason
	Offset int // of the first byte that is one too many, or wrong
}

// Error names reason and offset; nothing of the document.
func (e *ShapeError) Error() string {
	return fmt.Sprintf("document refused: %s at byte %d", e.Reason, e.Offset)
}
