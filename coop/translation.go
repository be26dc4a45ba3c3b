// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

// Translatable tells whether the words of a post may be sent to a translation service
// outside: everybody may read them anyway, and the licence of an article lets others
// translate it.
func Translatable(p *Post) bool {
	if p.Visibility != VisiblePublic && p.Visibility != VisibleUnlisted || !p.Deleted.IsZero() {
		return false
	}
	return p.Article == nil || LicenceOf(p.Article.License).Translate
}
