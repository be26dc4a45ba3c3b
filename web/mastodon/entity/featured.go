// SPDX-License-Identifier: AGPL-3.0-or-later

package entity

// FeaturedTag is a hashtag that an account shows on its profile.
type FeaturedTag struct {
	ID            ID     `json:"id"`
	Name          string `json:"name"`
	URL           string `json:"url"`
	StatusesCount string `json:"statuses_count"` // a number as text
	LastStatusAt  Date   `json:"last_status_at"`
}
