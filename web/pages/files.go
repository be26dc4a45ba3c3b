// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"strings"

	"minga/coop"
	"minga/storage/media"
)

// file is something attached. Pictures are shown small, through this server; other
// files are named and linked.
type file struct {
	Name, URL     string
	Picture       string // path of the small picture here; empty: none is shown
	Width, Height int    // of the small picture, in pixels; 0: unknown
}

// files are the attachments of a post.
func (f *Face) files(t *tongue, list []coop.Attachment) []file {
	var out []file
	for _, a := range list {
		if !coop.ValidIRI(coop.IRI(a.URL)) {
			continue
		}
		one := file{Name: coop.Shorten(fileName(a), 200), URL: f.Media.Links().Places().Shown(a.URL)}
		if media.IsPicture(a) {
			one.Picture = f.shown(f.Media.Links().Preview(a))
		}
		if one.Picture != "" {
			one.Width, one.Height = smallSize(a)
			if one.Name = a.Alt; one.Name == "" {
				one.Name = t.T("picture_undescribed")
			}
		}
		out = append(out, one)
	}
	return out
}

// fileName is what a link to a file says.
func fileName(a coop.Attachment) string {
	for _, name := range []string{a.Alt, a.Title, a.URL[strings.LastIndexByte(a.URL, '/')+1:]} {
		if name != "" {
			return name
		}
	}
	return a.URL
}

// shown is what a page says of an address of a file of ours: its path, or the whole on the
// host for media. Browsers may load from nowhere else; of what lies elsewhere it is empty.
func (f *Face) shown(address string) string {
	if !f.Media.Links().Below(address) {
		return ""
	}
	return strings.TrimPrefix(f.Media.Links().Places().Shown(address), f.root())
}

// shownWide is how wide a picture stands on a page at most, in pixels.
const shownWide = 320

// smallSize keeps room for a picture before it is there.
func smallSize(a coop.Attachment) (int, int) {
	w, h := a.PreviewWidth, a.PreviewHeight
	if w == 0 || h == 0 {
		w, h = a.Width, a.Height
	}
	if w <= 0 || h <= 0 {
		return 0, 0
	}
	if w > shownWide {
		w, h = shownWide, max(h*shownWide/w, 1)
	}
	return w, h
}
