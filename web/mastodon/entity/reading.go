// SPDX-License-Identifier: AGPL-3.0-or-later

package entity

// Search is what was found.
type Search struct {
	Accounts List[*Account] `json:"accounts"`
	Statuses List[*Status]  `json:"statuses"`
	Hashtags List[Tag]      `json:"hashtags"`
}

// Conversation is a thread of direct statuses.
type Conversation struct {
	ID         ID             `json:"id"`
	Unread     bool           `json:"unread"`
	Accounts   List[*Account] `json:"accounts"`
	LastStatus *Status        `json:"last_status"`
}
