// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"minga/coop"
	"minga/storage/media"
)

// photo is a JPEG of so many pixels.
func (f *fediverse) photo(w, h int) []byte {
	f.t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for x := range w {
		img.SetRGBA(x, x%h, color.RGBA{uint8(x), 200, 30, 255})
	}
	var b bytes.Buffer
	f.must(jpeg.Encode(&b, img, &jpeg.Options{Quality: 90}))
	return b.Bytes()
}

// fetched is what a browser gets at an address of this house.
func (h *house) fetched(address string) (int, []byte) {
	h.f.t.Helper()
	r := httptest.NewRequest(http.MethodGet, address, nil)
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	return w.Code, w.Body.Bytes()
}

// TestPicturesTravel: what somebody uploads here is seen there, through there.
func TestPicturesTravel(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		sur, norte := f.house("sur"), f.house("norte")
		ana, eva := sur.person("ana"), norte.person("eva")
		face, err := sur.media.Picture(f.ctx, ana.ID, coop.MediaAvatar, "yo.jpg", bytes.NewReader(f.photo(500, 300)))
		f.must(err)
		ana.Icon = face
		f.must(sur.outbox.UpdateActor(f.ctx, ana))
		norte.follow(eva, ana)
		f.drain()

		in, err := sur.media.Receive(f.ctx, "foto.jpg", bytes.NewReader(f.photo(1600, 900)))
		f.must(err)
		defer in.Close()
		file, err := sur.media.Take(f.ctx, media.Upload{Owner: ana.ID, Class: coop.MediaPost, File: in, Alt: "Un taller", Focus: coop.Focus{X: 0.5, Y: -0.25}})
		f.must(err)
		p := &coop.Post{Source: "Mirá", Visibility: coop.VisiblePublic, Attachments: []coop.Attachment{{ID: file.ID}}}
		f.must(sur.outbox.PublishNote(f.ctx, ana, p))
		f.drain()

		got, err := norte.store.PostByIRI(f.ctx, coop.As(eva.ID), p.IRI)
		f.must(err)
		if len(got.Attachments) != 1 {
			t.Fatalf("arrived with %+v", got.Attachments)
		}
		a := got.Attachments[0]
		if a.Type != "Image" || a.URL != file.URL || a.Alt != "Un taller" || a.Width != 1600 || a.Blurhash != file.Blurhash || a.Focus == nil || *a.Focus != (coop.Focus{X: 0.5, Y: -0.25}) {
			t.Errorf("arrived as %+v with focus %v", a, a.Focus)
		}
		links := norte.media.Links()
		if there, err := norte.store.AccountByIRI(f.ctx, ana.IRI); err != nil || there.Icon.URL != face.URL {
			t.Errorf("the avatar arrived as %+v, %v", there.Icon, err)
		} else if code, _ := norte.fetched(links.Avatar(there)); code != http.StatusOK || !strings.HasPrefix(links.Avatar(there), norte.config.BaseURL()) {
			t.Errorf("the avatar answers %d at %s", code, links.Avatar(there))
		}
		for _, address := range []string{links.Preview(a), links.Full(a)} {
			code, body := norte.fetched(address)
			if _, _, err := image.DecodeConfig(bytes.NewReader(body)); code != http.StatusOK || err != nil || !strings.HasPrefix(address, norte.config.BaseURL()+"/media/remote/") {
				t.Errorf("%s answers %d: %v", address, code, err)
			}
		}
		f.must(sur.outbox.Delete(f.ctx, p))
		f.drain()
		if code, _ := sur.fetched(file.URL); code != http.StatusNotFound {
			t.Errorf("after its post was deleted the file answers %d", code)
		}
	})
}
