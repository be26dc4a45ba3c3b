// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"os"
	"strings"
	"testing"

	"minga/coop"
	"minga/storage"
	"minga/storage/media"
	"minga/storage/storagetest"
)

// library is where the world's files lie.
func library(t *testing.T, store *storage.Store, clock *storagetest.Clock) *media.Library {
	t.Helper()
	root, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	folder, err := media.NewFolder(root)
	if err != nil {
		t.Fatal(err)
	}
	l, err := media.New(media.Options{
		Store: store, Files: folder, Scratch: root, Now: clock.Now, Links: media.NewLinks("https://"+host, []byte("key")), Limits: media.Limits{File: 1 << 20, Cache: 1 << 20},
	})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// TestPicturesComeThroughUs: what a post and a profile of another server show is shown
// from here, with the words that stand for it.
func TestPicturesComeThroughUs(t *testing.T) {
	w := newWorld(t)
	far := &coop.Account{
		IRI: "https://far.example/u/rosa", Kind: coop.Person, ActorType: "Person", Name: "rosa", Host: "far.example", DisplayName: "Rosa",
		Icon: coop.Picture{URL: "https://far.example/rosa.png", Alt: "Rosa con mate"},
	}
	post := &coop.Post{
		IRI: "https://far.example/p/1", URL: "https://far.example/p/1", Kind: coop.KindNote, Type: "Note", Visibility: coop.VisiblePublic, Content: "<p>Mirá</p>",
		Attachments: []coop.Attachment{
			{Type: "Document", URL: "https://far.example/a.jpg", MediaType: "image/jpeg", Alt: `Un "taller"`, Width: 1600, Height: 900},
			{Type: "Document", URL: "https://far.example/b.png", MediaType: "image/png"},
			{Type: "Document", URL: "https://far.example/acta.pdf", MediaType: "application/pdf", Alt: "El acta"},
			{Type: "Video", URL: "https://far.example/c.mp4", MediaType: "video/mp4"},
			{Type: "Document", URL: "https://far.example/d.svg", MediaType: "image/svg+xml", Alt: "SVG"},
		},
	}
	delicate := *post
	delicate.IRI, delicate.URL, delicate.Sensitive = "https://far.example/p/2", "https://far.example/p/2", true
	w.must(w.Store.Write(t.Context(), func(tx *storage.Tx) error {
		if err := tx.SaveAccount(t.Context(), far); err != nil {
			return err
		}
		post.AuthorID, delicate.AuthorID = far.ID, far.ID
		if _, err := tx.AddPost(t.Context(), post, storage.Arrival{}); err != nil {
			return err
		}
		_, err := tx.AddPost(t.Context(), &delicate, storage.Arrival{})
		return err
	}))
	page := w.get("/@rosa@far.example/"+post.ID.String(), "es").Body.String()
	checkLinks(t, page, "post")
	var alts []string
	for _, img := range elements(t, page, "img") {
		if strings.HasPrefix(attribute(img, "src"), "/media/remote/") {
			alts = append(alts, attribute(img, "alt")+" "+attribute(img, "width")+"×"+attribute(img, "height"))
		}
	}
	if want := "[ 32×32 Un \"taller\" 320×180 Imagen sin descripción ×]"; strings.Join([]string{"[", strings.Join(alts, " "), "]"}, "") != want {
		t.Errorf("shows %q, want %s", alts, want)
	}
	for _, want := range []string{`href="https://far.example/acta.pdf"`, ">El acta</a>", `href="https://far.example/c.mp4"`, ">SVG</a>"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if hidden := w.get("/@rosa@far.example/"+delicate.ID.String(), "es").Body.String(); !strings.Contains(hidden, "<summary>Imágenes sensibles</summary>") {
		t.Error("delicate pictures are in sight")
	}
	profile := w.get("/@rosa@far.example", "en").Body.String()
	checkLinks(t, profile, "profile")
	if !strings.Contains(profile, `alt="Rosa con mate"`) || !strings.Contains(profile, "/avatar/") {
		t.Error("the profile shows no avatar")
	}
}
