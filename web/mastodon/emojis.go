// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"minga/coop"
	"minga/storage/media"
	"minga/web/mastodon/entity"
)

// emojis are those pictures that stand for a word in one of the texts. They are of
// other servers: readers get them from us where we keep such pictures, and nobody here
// can pick them.
func (f *Face) emojis(list []coop.Emoji, texts ...string) entity.List[entity.Emoji] {
	var out entity.List[entity.Emoji]
	for _, e := range coop.EmojiIn(list, texts...) {
		address := f.Media.Links().Shown(media.FormSmall, e.URL)
		if address == "" {
			address = e.URL
		}
		out = append(out, entity.Emoji{Shortcode: e.Shortcode, URL: address, StaticURL: address})
	}
	return out
}

// accountTexts are the texts of a profile in which an emoji may stand.
func accountTexts(a *coop.Account) []string {
	texts := []string{a.DisplayName, a.Bio}
	for _, field := range a.Fields {
		texts = append(texts, field.Name, field.Value)
	}
	return texts
}
