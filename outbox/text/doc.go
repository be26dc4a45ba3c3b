// SPDX-License-Identifier: AGPL-3.0-or-later

// Package text owns the words that minga writes into what it sends: the facts of a
// job, deadlines, state words, dates and money, in Spanish, English, Catalan,
// Italian and Portuguese, and what becomes of text that a person typed: HTML with
// mentions, hashtags and links, or of Markdown.
//
// It is pure: who a mention means is asked of a function that is handed in. Words
// for pages and forms are not here.
package text
