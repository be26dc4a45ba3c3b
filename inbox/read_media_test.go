// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
)

// TestReadFiles: what other servers say of a file beside its address.
func TestReadFiles(t *testing.T) {
	const at = "https://a.example/f"
	for _, tt := range []struct {
		name string
		file doc
		want coop.Attachment
	}{
		{
			"Mastodon's picture",
			doc{"type": "Document", "mediaType": "image/jpeg", "url": at, "name": "Un mate", "blurhash": "00OZZy", "width": 1200, "height": 800, "focalPoint": []any{0.25, -0.5}},
			coop.Attachment{Type: "Document", URL: at, MediaType: "image/jpeg", Alt: "Un mate", Blurhash: "00OZZy", Width: 1200, Height: 800, Focus: &coop.Focus{X: 0.25, Y: -0.5}},
		},
		{"the middle is nothing to say", doc{"type": "Image", "url": at, "focalPoint": []any{0, 0}}, coop.Attachment{Type: "Image", URL: at}},
		{"a point outside lies at the edge", doc{"type": "Image", "url": at, "focalPoint": []any{7, -1e3}}, coop.Attachment{Type: "Image", URL: at, Focus: &coop.Focus{X: 1, Y: -1}}},
		{"half a point", doc{"type": "Image", "url": at, "focalPoint": []any{0.5}}, coop.Attachment{Type: "Image", URL: at}},
		{"words for a point", doc{"type": "Image", "url": at, "focalPoint": []any{"left", "NaN"}}, coop.Attachment{Type: "Image", URL: at}},
		{
			"sound with a cover",
			doc{"type": "Audio", "mediaType": "audio/ogg", "url": at, "duration": "PT1H2M3.5S", "icon": doc{"type": "Image", "url": "https://a.example/c.png"}},
			coop.Attachment{Type: "Audio", URL: at, MediaType: "audio/ogg", PreviewURL: "https://a.example/c.png", Duration: 3723.5},
		},
		{
			"PeerTube's film",
			doc{"type": "Video", "mediaType": "video/mp4", "url": at, "duration": "PT90S", "icon": "https://a.example/c.jpg"},
			coop.Attachment{Type: "Video", URL: at, MediaType: "video/mp4", PreviewURL: "https://a.example/c.jpg", Duration: 90},
		},
		{"a film of a lifetime", doc{"type": "Video", "url": at, "duration": "PT9999H"}, coop.Attachment{Type: "Video", URL: at}},
		{"no duration", doc{"type": "Video", "url": at, "duration": "P1D"}, coop.Attachment{Type: "Video", URL: at}},
		{"a cover that is a script", doc{"type": "Video", "url": at, "icon": "javascript:x()"}, coop.Attachment{Type: "Video", URL: at}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			base := doc{"id": "https://a.example/n", "type": "Note", "content": "x", "to": public, "attachment": []doc{tt.file}}
			p, err := reader(time.Now()).readPost(parse(t, base), &coop.Account{ID: 9, IRI: "https://a.example/u"})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]coop.Attachment{tt.want}, p.Attachments); diff != "" {
				t.Error(diff)
			}
		})
	}
}
