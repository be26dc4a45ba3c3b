// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"errors"
	"path"
	"slices"
	"strings"

	"minga/coop"
)

// Lengths of an article in characters, and how many files it may have.
const (
	maxTitle   = 150
	maxSummary = 500
	maxFiles   = 10
)

// showPictures adds the pictures of a text to its files: most readers drop them from
// the text itself.
func (o *Outbox) showPictures(p *coop.Post, pictures []coop.Attachment) {
	for _, a := range pictures {
		a.MediaType, a.URL = pictureType(a.URL), o.o.Local.media().Kept(a.URL)
		known := slices.ContainsFunc(p.Attachments, func(b coop.Attachment) bool { return b.URL == a.URL })
		if !known && a.MediaType != "" && len(p.Attachments) < maxFiles {
			p.Attachments = append(p.Attachments, a)
		}
	}
}

// pictureType is the media type that the end of an address promises.
func pictureType(address string) string {
	address, _, _ = strings.Cut(address, "?")
	return map[string]string{
		".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".gif": "image/gif", ".webp": "image/webp", ".avif": "image/avif",
	}[strings.ToLower(path.Ext(address))]
}

func isNotFound(err error) bool { return errors.Is(err, coop.ErrNotFound) }

// ignoreGone drops the error that says that something was there once.
func ignoreGone(err error) error {
	if errors.Is(err, coop.ErrGone) {
		return nil
	}
	return err
}
