// SPDX-License-Identifier: AGPL-3.0-or-later

// Package sanitize owns the HTML that may be shown and sent: which elements,
// attributes, classes and link schemes there are (FEP-b2b8), and
// how HTML becomes plain text.
//
// It is the only package that makes a [html/template.HTML]. Its output given to
// it again is unchanged, its tags are balanced and at most [MaxDepth] deep, and it
// never panics: what cannot be read becomes text. It never fetches anything and
// never decides who may see what.
package sanitize
