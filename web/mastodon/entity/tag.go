// SPDX-License-Identifier: AGPL-3.0-or-later

package entity

import (
	"hash/fnv"
	"strconv"
	"strings"
)

// Tag is a hashtag.
type Tag struct {
	ID        string       `json:"id"`   // see [TagID]
	Name      string       `json:"name"` // without #
	URL       string       `json:"url"`
	History   List[TagDay] `json:"history"`             // the last seven days, the newest first
	Following *bool        `json:"following,omitempty"` // only for who is signed in
	Featuring *bool        `json:"featuring,omitempty"` // only for who is signed in
}

// TagDay is how much a hashtag was used on a day; all are numbers as texts.
type TagDay struct {
	Day      string `json:"day"` // its first second, Unix time
	Uses     string `json:"uses"`
	Accounts string `json:"accounts"`
}

// TagID is the id of a hashtag: digits, as everywhere, since there are clients that
// make a number of it. It is made of the name alone, in any case.
func TagID(name string) string {
	h := fnv.New64a()
	_, _ = h.Write([]byte(strings.ToLower(name)))
	return strconv.FormatUint(h.Sum64()>>1|1, 10)
}
