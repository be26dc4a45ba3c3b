// SPDX-License-Identifier: AGPL-3.0-or-later

// Package sanitize is the one sanitiser: HTML of other servers becomes HTML that
// may stand on a page, by the list of federation.md 9, or plain text.
//
// It is also the only package that makes a [template.HTML]. It never fetches and
// never panics: what it cannot read becomes text.
package sanitize
