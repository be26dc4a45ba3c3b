// SPDX-License-Identifier: AGPL-3.0-or-later

package entity

// Tag is a hashtag.
type Tag struct {
	ID        string       `json:"id"`
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
