// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"encoding/json"
	"strings"
	"testing"

	"minga/coop"
	"minga/federation/vocabulary"
)

// TestFilesOnTheWire: what other servers read of a file.
func TestFilesOnTheWire(t *testing.T) {
	const at, cover = "https://coop.example/media/a.jpg", "https://coop.example/media/c.png"
	for _, tt := range []struct {
		name string
		file coop.Attachment
		want string
	}{
		{
			"a picture",
			coop.Attachment{ID: 7, Type: "Image", URL: at, MediaType: "image/jpeg", Alt: "Un mate", Blurhash: "UBL_", Width: 1200, Height: 800, Focus: &coop.Focus{X: 0.25, Y: -0.00001}, PreviewURL: cover, Size: 9},
			`{"type":"Image","mediaType":"image/jpeg","url":"` + at + `","name":"Un mate","blurhash":"UBL_","width":1200,"height":800,"focalPoint":[0.25,-0.00001]}`,
		},
		{"a picture of which nothing is said", coop.Attachment{Type: "Image", URL: at, MediaType: "image/png"}, `{"type":"Image","mediaType":"image/png","url":"` + at + `"}`},
		{
			"sound with a cover",
			coop.Attachment{Type: "Audio", URL: at, MediaType: "audio/ogg", Alt: "Una radio", PreviewURL: cover, Title: "radio.ogg"},
			`{"type":"Document","mediaType":"audio/ogg","url":"` + at + `","name":"Una radio","icon":{"type":"Image","url":"` + cover + `"}}`,
		},
		{
			"a document is called what its author called it",
			coop.Attachment{Type: "Document", URL: at, MediaType: "application/pdf", Title: "Estatutos.pdf"},
			`{"type":"Document","mediaType":"application/pdf","url":"` + at + `","name":"Estatutos.pdf"}`,
		},
		{"what nobody knows is a document", coop.Attachment{Type: "Page", URL: at}, `{"type":"Document","url":"` + at + `"}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			doc, err := vocabulary.Encode(attachments(&coop.Post{Attachments: []coop.Attachment{tt.file}}, coop.MediaPlaces{})[0], vocabulary.Bare)
			if err != nil {
				t.Fatal(err)
			}
			if string(doc) != tt.want {
				t.Errorf("written as %s\nwant %s", doc, tt.want)
			}
		})
	}
}

// TestFilesAreNamedOnTheirHost: what goes out names the host for media, whatever is kept.
func TestFilesAreNamedOnTheirHost(t *testing.T) {
	const kept, shown = "https://coop.example/media/a.jpg", "https://media.coop.example/media/a.jpg"
	o := &Outbox{o: Options{Local: Local{Scheme: "https", Host: "coop.example", MediaURL: "https://media.coop.example"}}}
	a := &coop.Account{IRI: "https://coop.example/people/ana", Name: "ana", Icon: coop.Picture{URL: kept}, Image: coop.Picture{URL: kept}}
	p := &coop.Post{Attachments: []coop.Attachment{{Type: "Audio", URL: kept, PreviewURL: kept}, {Type: "Image", URL: "https://far.example/media/a.jpg"}}}
	body, err := json.Marshal([]any{o.actor(a), attachments(p, o.o.Local.media()), hiring(a, o.o.Local.media())})
	if err != nil {
		t.Fatal(err)
	}
	if text := string(body); strings.Contains(text, kept) || strings.Count(text, shown) != 5 || !strings.Contains(text, "https://far.example/media/a.jpg") || !strings.Contains(text, "https://coop.example/people/ana") {
		t.Errorf("goes out as %s", text)
	}
	p.Attachments = append(p.Attachments[:0:0], coop.Attachment{URL: kept})
	if o.showPictures(p, []coop.Attachment{{URL: shown}}); len(p.Attachments) != 1 {
		t.Errorf("a picture that an article names by the host for media is there twice: %+v", p.Attachments)
	}
}
