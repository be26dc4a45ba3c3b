// SPDX-License-Identifier: AGPL-3.0-or-later

package entity

// Announcement is what who runs the instance tells everybody here.
type Announcement struct {
	ID          ID                         `json:"id"`
	Content     string                     `json:"content"` // HTML
	StartsAt    Time                       `json:"starts_at"`
	EndsAt      Time                       `json:"ends_at"`
	AllDay      bool                       `json:"all_day"`
	PublishedAt Time                       `json:"published_at"`
	UpdatedAt   Time                       `json:"updated_at"`
	Read        bool                       `json:"read"`
	Mentions    List[Mention]              `json:"mentions"`
	Statuses    List[AnnouncementStatus]   `json:"statuses"`
	Tags        List[StatusTag]            `json:"tags"`
	Emojis      List[Emoji]                `json:"emojis"`
	Reactions   List[AnnouncementReaction] `json:"reactions"`
}

// AnnouncementStatus is a post that an announcement names.
type AnnouncementStatus struct {
	ID  ID     `json:"id"`
	URL string `json:"url"`
}

// AnnouncementReaction is an emoji under an announcement.
type AnnouncementReaction struct {
	Name  string `json:"name"`
	Count int    `json:"count"`
	Me    bool   `json:"me"`
}

// Rule is one of the rules of the instance, in the language of the reader and in all.
type Rule struct {
	ID           ID                  `json:"id"`
	Text         string              `json:"text"`
	Hint         string              `json:"hint"`
	Translations map[string]RuleWord `json:"translations"`
}

// RuleWord is a rule in one language.
type RuleWord struct {
	Text string `json:"text"`
	Hint string `json:"hint"`
}
