// SPDX-License-Identifier: AGPL-3.0-or-later

package entity

// TrendsLink is a page to which many link.
type TrendsLink struct {
	Card
	History List[TagDay] `json:"history"` // the last seven days, the newest first
}

// Profile is one's own account as its settings show it: what was typed, and null for
// pictures that are not there.
type Profile struct {
	ID                 ID           `json:"id"`
	DisplayName        string       `json:"display_name"`
	Note               string       `json:"note"`
	Fields             List[Field]  `json:"fields"`
	Avatar             Null         `json:"avatar"`
	AvatarStatic       Null         `json:"avatar_static"`
	AvatarDescription  string       `json:"avatar_description"`
	Header             Null         `json:"header"`
	HeaderStatic       Null         `json:"header_static"`
	HeaderDescription  string       `json:"header_description"`
	Locked             bool         `json:"locked"`
	Bot                bool         `json:"bot"`
	HideCollections    bool         `json:"hide_collections"`
	Discoverable       bool         `json:"discoverable"`
	Indexable          bool         `json:"indexable"`
	ShowMedia          bool         `json:"show_media"`
	ShowMediaReplies   bool         `json:"show_media_replies"`
	ShowFeatured       bool         `json:"show_featured"`
	AttributionDomains List[string] `json:"attribution_domains"`
}
