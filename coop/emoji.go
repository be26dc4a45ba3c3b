// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"slices"
	"strings"
)

// MaxEmoji is how many pictures for words one post or account may bring.
const MaxEmoji = 100

// Emoji is a picture that clients show for :Shortcode: in a text.
type Emoji struct {
	Shortcode string `json:"shortcode"` // without the colons; see [ValidShortcode]
	URL       string `json:"url"`
}

// ValidShortcode tells whether a word may stand between colons for a picture: one to
// 64 ASCII letters, digits and underscores.
func ValidShortcode(s string) bool {
	return len(s) >= 1 && len(s) <= 64 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == ""
}

// EmojiIn are those that stand in one of the texts.
func EmojiIn(list []Emoji, texts ...string) []Emoji {
	var used []Emoji
	for _, e := range list {
		word := ":" + e.Shortcode + ":"
		if slices.ContainsFunc(texts, func(s string) bool { return strings.Contains(s, word) }) {
			used = append(used, e)
		}
	}
	return used
}
