// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"strconv"
	"time"
	"unicode"
	"unicode/utf8"
)

// Bounds of what an instance says to its people.
const (
	MaxAnnouncement     = 5000 // characters in one language
	MaxAnnouncements    = 100
	MaxRuleText         = 300  // characters
	MaxRuleHint         = 1000 // characters
	MaxRules            = 50
	MaxEmojisOfAnything = 8 // different reactions to one announcement
)

// Texts are words in several languages, by BCP 47 tags of two letters.
type Texts map[string]string

// In gives the words in a language, else in English, else in the first there is of
// the interface's languages, else in any.
func (t Texts) In(language string) string {
	for _, tag := range []string{language, "en", "es", "ca", "it", "pt"} {
		if s := t[tag]; s != "" {
			return s
		}
	}
	for _, s := range t {
		return s
	}
	return ""
}

// Announcement is what who runs the instance tells everybody here.
type Announcement struct {
	ID          ID
	Texts       Texts     // plain text
	StartsAt    time.Time // of what it is about; zero: not said
	EndsAt      time.Time // from then on it is not shown; zero: always
	AllDay      bool      // the two are days
	PublishedAt time.Time
	UpdatedAt   time.Time
	Read        bool               // by who asks
	Reactions   []AnnounceReaction // filled by reads
}

// AnnounceReaction is an emoji under an announcement.
type AnnounceReaction struct {
	Name  string
	Count int
	Me    bool // who asks is among them
}

// Validate complains about an announcement as an [Invalid]: fields text, ends.
func (a *Announcement) Validate(now time.Time) error {
	c := &complaints{}
	checkTexts(c, "text", a.Texts, 1, MaxAnnouncement)
	if !a.EndsAt.IsZero() && !a.EndsAt.After(now) {
		c.add("ends", CodePast, "is in the future")
	}
	if !a.EndsAt.IsZero() && !a.StartsAt.IsZero() && a.EndsAt.Before(a.StartsAt) {
		c.add("ends", CodeOrder, "is after the beginning")
	}
	return c.list.Or()
}

// Rule is one of the rules of the instance.
type Rule struct {
	ID    ID
	Texts Texts // short, plain text
	Hints Texts // longer, may be empty
}

// Validate complains about a rule as an [Invalid]: fields text, hint.
func (r *Rule) Validate() error {
	c := &complaints{}
	checkTexts(c, "text", r.Texts, 1, MaxRuleText)
	checkTexts(c, "hint", r.Hints, 0, MaxRuleHint)
	return c.list.Or()
}

// checkTexts cleans texts and complains about them.
func checkTexts(c *complaints, field string, texts Texts, least, most int) {
	if len(texts) == 0 && least > 0 {
		c.add(field, CodeRequired, "this is needed in one language at least")
	}
	for language, s := range texts {
		if !ValidLanguage(language) {
			c.add(field, CodeUnknown, "%.40q is no BCP 47 language", language)
		}
		texts[language] = CleanText(s, 10*most)
		c.text(field+"."+language, texts[language], least, most)
	}
	c.count(field, len(texts), 0, 10)
}

// ValidEmoji tells whether a name may be a reaction: one emoji, as people type it.
func ValidEmoji(s string) bool {
	if s == "" || len(s) > 64 || !utf8.ValidString(s) {
		return false
	}
	pictures := 0
	for _, r := range s {
		switch {
		case r == 0x200D, r == 0xFE0F, r == 0xFE0E, r == 0x20E3, r >= 0xE0020 && r <= 0xE007F, r >= 0x1F3FB && r <= 0x1F3FF:
		case r >= '0' && r <= '9', r == '#', r == '*':
		case unicode.Is(unicode.So, r), r == 0x203C, r == 0x2049, unicode.Is(unicode.Sm, r) && r > 0xFF, r == 0x3030, r == 0x303D:
			pictures++
		default:
			return false
		}
	}
	return pictures > 0 && pictures <= 10 || isKeycap(s)
}

// isKeycap tells digits, # and * on a key.
func isKeycap(s string) bool {
	runes := []rune(s)
	return len(runes) > 1 && runes[len(runes)-1] == 0x20E3 && strconv.IsPrint(runes[0]) && len(runes) <= 3
}
