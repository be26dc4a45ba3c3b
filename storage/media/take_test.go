// SPDX-License-Identifier: AGPL-3.0-or-later

package media

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"io"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"minga/coop"
	"minga/storage"
)

// webpLossless is a WebP of one transparent pixel, without loss.
var webpLossless = []byte("RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00\x2f\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00")

func TestTakeWritesPicturesAnew(t *testing.T) {
	for _, tt := range []struct {
		name, file, mediaType string
		body                  []byte
		w, h                  int
	}{
		{"a JPEG", "a.jpg", "image/jpeg", jpegOf(t, gradient(80, 60)), 80, 60},
		{"a PNG", "a.png", "image/png", pngOf(t, gradient(80, 60)), 80, 60},
		{"a GIF", "a.gif", "image/gif", gifOf(t, 40, 30, 3), 40, 30},
		{"a WebP with transparent pixels", "a.webp", "image/png", webpLossless, 1, 1},
		{"an ending of another kind of picture", "a.png", "image/jpeg", jpegOf(t, gradient(8, 6)), 8, 6},
		{"no name", "", "image/jpeg", jpegOf(t, gradient(8, 6)), 8, 6},
		{"a large one is made smaller", "a.jpg", "image/jpeg", jpegOf(t, image.NewGray(image.Rect(0, 0, 6000, 3000))), 4072, 2036},
		{"a phone held upright", "a.jpg", "image/jpeg", camera(jpegOf(t, gradient(80, 60)), 6), 60, 80},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newLibrary(t, nil)
			m := s.mustTake(tt.file, tt.body)
			if m.MediaType != tt.mediaType || m.Width != tt.w || m.Height != tt.h || m.Kind != coop.MediaImage {
				t.Errorf("kept as %s %s of %d × %d, want %s of %d × %d", m.Kind, m.MediaType, m.Width, m.Height, tt.mediaType, tt.w, tt.h)
			}
			out := s.bytesOf(m.Name)
			config, _, err := image.DecodeConfig(bytes.NewReader(out))
			if err != nil || config.Width != tt.w || config.Height != tt.h || int64(len(out)) != m.Bytes {
				t.Errorf("served %d of %d bytes: %v, %v", len(out), m.Bytes, config, err)
			}
			if preview := s.bytesOf(m.Preview); int64(len(preview)) != m.PreviewBytes || m.PreviewWidth*m.PreviewHeight > smallArea {
				t.Errorf("small picture of %d × %d in %d bytes", m.PreviewWidth, m.PreviewHeight, len(preview))
			}
			if m.Blurhash == "" || !strings.HasPrefix(m.URL, base+"/media/") || m.URL != base+"/media/"+m.Name {
				t.Errorf("blurhash %q, address %s", m.Blurhash, m.URL)
			}
			if left := s.filesLeft(); left != 2 {
				t.Errorf("%d files lie about, want 2", left)
			}
		})
	}
}

func TestTakeForgetsThePlace(t *testing.T) {
	s := newLibrary(t, nil)
	photo := append(camera(jpegOf(t, gradient(90, 60)), 3), "<script>trailing</script>"...)
	if !bytes.Contains(photo, []byte("SECRETPLACE")) {
		t.Fatal("the photo tells no place to begin with")
	}
	m := s.mustTake("IMG_1.jpg", photo)
	for _, name := range []string{m.Name, m.Preview} {
		out := s.bytesOf(name)
		for _, word := range []string{"Exif", "SECRETPLACE", "CameraMaker", "script", "ICC_PROFILE"} {
			if bytes.Contains(out, []byte(word)) {
				t.Errorf("%s is still in what is served", word)
			}
		}
	}
	// Held upside down: what was in the lower right corner is in the upper left.
	img, _, err := image.Decode(bytes.NewReader(s.bytesOf(m.Name)))
	if err != nil {
		t.Fatal(err)
	}
	if r, g, _, _ := img.At(2, 2).RGBA(); r>>8 < 200 || g>>8 < 200 {
		t.Errorf("the corner is %d %d: not turned", r>>8, g>>8)
	}
}

func TestUpright(t *testing.T) {
	// Two by one: red left, green right.
	src := image.NewRGBA(image.Rect(0, 0, 2, 1))
	src.SetRGBA(0, 0, color.RGBA{255, 0, 0, 255})
	src.SetRGBA(1, 0, color.RGBA{0, 255, 0, 255})
	for orientation, red := range map[int]image.Point{1: {0, 0}, 2: {1, 0}, 3: {1, 0}, 4: {0, 0}, 5: {0, 0}, 6: {0, 0}, 7: {0, 1}, 8: {0, 1}} {
		out := upright(src, orientation)
		if out.RGBAAt(red.X, red.Y).R != 255 {
			t.Errorf("orientation %d: red is not at %v", orientation, red)
		}
		if turned := out.Rect.Dx() == 1; turned != (orientation >= 5) {
			t.Errorf("orientation %d: is %v", orientation, out.Rect)
		}
	}
}

func TestTakeRefuses(t *testing.T) {
	photo, drawing, moving := jpegOf(t, gradient(80, 60)), pngOf(t, gradient(80, 60)), gifOf(t, 40, 30, 3)
	endless := append(bytes.Clone(moving[:len(moving)-1]), bytes.Repeat([]byte("!\xfe\x04text\x00"), 1000)...)
	for _, tt := range []struct {
		name, file string
		class      coop.MediaClass
		body       []byte
	}{
		{"nothing", "a.jpg", coop.MediaPost, nil},
		{"a page", "a.html", coop.MediaPost, []byte("<!doctype html><script>1</script>")},
		{"a page that calls itself a picture", "a.png", coop.MediaPost, []byte("<html>")},
		{"a page that calls itself a document", "a.pdf", coop.MediaPost, []byte("<html>")},
		{"SVG", "a.svg", coop.MediaPost, []byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="1"/>`)},
		{"SVG as an avatar", "a.svg", coop.MediaAvatar, []byte(`<svg/>`)},
		{"JSON", "a.json", coop.MediaPost, []byte(`{"type":"Note"}`)},
		{"an activity that calls itself a picture", "a.jpg", coop.MediaPost, []byte(`{"@context":"https://www.w3.org/ns/activitystreams"}`)},
		{"a picture that calls itself a page", "a.html", coop.MediaPost, photo},
		{"a picture that calls itself a document", "a.pdf", coop.MediaPost, drawing},
		{"a script that begins as a GIF", "a.gif", coop.MediaPost, []byte("GIF89a=1;/*" + strings.Repeat("x", 100) + "*/alert(1)")},
		{"a script with the head of a PNG", "a.png", coop.MediaPost, append(bytes.Clone(drawing[:33]), "<script>alert(1)</script>"...)},
		{"half a JPEG", "a.jpg", coop.MediaPost, photo[:len(photo)/2]},
		{"a JPEG without its end", "a.jpg", coop.MediaPost, photo[:len(photo)-2]},
		{"half a PNG", "a.png", coop.MediaPost, drawing[:len(drawing)/2]},
		{"half a GIF", "a.gif", coop.MediaPost, moving[:len(moving)/2]},
		{"a GIF that does not end", "a.gif", coop.MediaPost, endless},
		{"a GIF of too many pictures", "a.gif", coop.MediaPost, gifOf(t, 2, 2, 601)},
		{"a bomb of a PNG", "a.png", coop.MediaPost, bombPNG(40_000, 40_000)},
		{"a bomb within the bounds", "a.png", coop.MediaPost, bombPNG(5_700, 5_700)},
		{"a bomb of no height", "a.png", coop.MediaPost, bombPNG(4_000_000_000, 1)},
		{"a bomb of a GIF", "a.gif", coop.MediaPost, []byte("GIF89a\xff\xff\xff\xff\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\xff\xff\xff\xff\x00\x02\x02\x4c\x01\x00;")},
		{"a PDF as an avatar", "a.pdf", coop.MediaAvatar, []byte("%PDF-1.7\n%%EOF")},
		{"video, which nobody switched on", "a.mp4", coop.MediaPost, []byte("\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2")},
		{"an HEIF picture", "a.heic", coop.MediaPost, []byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic")},
		{"a zip", "a.zip", coop.MediaPost, []byte("PK\x03\x04aaaaaaaa")},
		{"more bytes than are taken", "a.jpg", coop.MediaPost, append(bytes.Clone(photo), make([]byte, usual.File)...)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newLibrary(t, nil)
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			_, err := s.takeAs(tt.class, tt.file, tt.body)
			runtime.ReadMemStats(&after)
			var invalid *coop.InvalidError
			if !errors.As(err, &invalid) {
				t.Errorf("got %v, want a complaint", err)
			}
			if grown := after.TotalAlloc - before.TotalAlloc; grown > 64<<20 {
				t.Errorf("took %d MiB to refuse", grown>>20)
			}
			if left := s.filesLeft(); left != 0 {
				t.Errorf("%d files lie about", left)
			}
		})
	}
}

func TestAGIFKeepsMoving(t *testing.T) {
	s := newLibrary(t, nil)
	body := gifOf(t, 40, 30, 5)
	comment := append([]byte{0x21, 0xfe, 15}, "SECRETCOMMENT!!\x00"...)
	with := append(bytes.Clone(body[:len(body)-1]), comment...)
	with = append(with, ';')
	m := s.mustTake("a.gif", append(with, "trailing"...))
	out := s.bytesOf(m.Name)
	if bytes.Contains(out, []byte("SECRETCOMMENT")) || bytes.HasSuffix(out, []byte("trailing")) {
		t.Error("a comment or what hung behind is still there")
	}
	want, err := gif.DecodeAll(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	got, err := gif.DecodeAll(bytes.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Image) != 5 || got.LoopCount != 3 || got.Delay[4] != 7 || got.Disposal[4] != gif.DisposalBackground {
		t.Errorf("%d frames, round %d times, delays %v, disposal %v", len(got.Image), got.LoopCount, got.Delay, got.Disposal)
	}
	for i := range want.Image {
		if !bytes.Equal(want.Image[i].Pix, got.Image[i].Pix) {
			t.Errorf("frame %d is another", i)
		}
	}
}

func TestAvatarsAndHeaders(t *testing.T) {
	s := newLibrary(t, nil)
	for _, tt := range []struct {
		class      coop.MediaClass
		img        *image.RGBA
		wide, high int
	}{
		{coop.MediaAvatar, gradient(900, 600), 400, 400},
		{coop.MediaAvatar, gradient(100, 300), 100, 100},
		{coop.MediaHeader, gradient(3200, 1200), 1500, 500},
		{coop.MediaHeader, gradient(300, 300), 300, 100},
	} {
		m, err := s.takeAs(tt.class, "x.png", pngOf(t, tt.img))
		if err != nil {
			t.Fatal(err)
		}
		if m.Width != tt.wide || m.Height != tt.high || m.Preview != "" {
			t.Errorf("%s of %v is %d × %d, want %d × %d", tt.class, tt.img.Rect, m.Width, m.Height, tt.wide, tt.high)
		}
	}
}

func TestDocumentsAreKeptAsTheyAre(t *testing.T) {
	s := newLibrary(t, nil)
	pdf := []byte("%PDF-1.7\n1 0 obj <</JS (app.alert(1))>>\n%%EOF\n")
	m := s.mustTake(`..\..\C:\Estatutos "2026".pdf`, pdf)
	served, err := s.Serve(t.Context(), m.Name)
	if err != nil {
		t.Fatal(err)
	}
	defer served.Close()
	body, err := io.ReadAll(served.Body)
	if err != nil || !bytes.Equal(body, pdf) || served.Kind != coop.MediaDocument || served.MediaType != "application/pdf" {
		t.Errorf("served as %s %s: %q, %v", served.Kind, served.MediaType, body, err)
	}
	if served.Title != `Estatutos "2026".pdf` || m.Preview != "" || !served.Private {
		t.Errorf("title %q, preview %q, private %v", served.Title, m.Preview, served.Private)
	}
}

func TestPlayedFilesWhereTheyAreSwitchedOn(t *testing.T) {
	on := func(o *Options) { o.Limits.Played = 1 << 20 }
	for name, tt := range map[string]struct {
		body string
		kind coop.MediaKind
		as   string
	}{
		"a.mp4":  {"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2", coop.MediaVideo, "video/mp4"},
		"a.m4a":  {"\x00\x00\x00\x18ftypM4A \x00\x00\x02\x00isomiso2", coop.MediaAudio, "audio/mp4"},
		"a.webm": {"\x1aE\xdf\xa3\x9f\x42\x86\x81\x01\x42\xf7\x81\x01\x42\xf2\x81\x04\x42\xf3\x81\x08\x42\x82\x84webm", coop.MediaVideo, "video/webm"},
		"a.ogg":  {"OggS\x00\x02aaaaaaaaaaaaaaaaaaaaaa", coop.MediaAudio, "audio/ogg"},
		"a.mp3":  {"ID3\x04\x00\x00\x00\x00\x00\x00", coop.MediaAudio, "audio/mpeg"},
		"b.mp3":  {"\xff\xfb\x90\x00", coop.MediaAudio, "audio/mpeg"},
		"a.flac": {"fLaC\x00\x00\x00\x22", coop.MediaAudio, "audio/flac"},
		"a.wav":  {"RIFF\x24\x00\x00\x00WAVEfmt ", coop.MediaAudio, "audio/wav"},
	} {
		s := newLibrary(t, on)
		m := s.mustTake(name, []byte(tt.body))
		if m.Kind != tt.kind || m.MediaType != tt.as || string(s.bytesOf(m.Name)) != tt.body {
			t.Errorf("%s is kept as %s %s", name, m.Kind, m.MediaType)
		}
	}
	s := newLibrary(t, on)
	if _, err := s.take("a.mkv", []byte("\x1aE\xdf\xa3\x42\x82\x88matroska")); err == nil {
		t.Error("a Matroska file was taken")
	}
	if _, err := s.takeAs(coop.MediaHeader, "a.mp3", []byte("ID3\x04")); err == nil {
		t.Error("a sound was taken as a header")
	}
}

func TestNothingHalfStays(t *testing.T) {
	photo := jpegOf(t, gradient(80, 60))
	t.Run("over the account's quota", func(t *testing.T) {
		s := newLibrary(t, func(o *Options) { o.Limits.PerOwner = 3 * int64(len(photo)) })
		var err error
		for range 5 {
			if _, err = s.take("a.jpg", photo); err != nil {
				break
			}
		}
		if !errors.Is(err, coop.ErrFull) {
			t.Errorf("got %v, want no room", err)
		}
		rows := usedFiles(t, s)
		if left := s.filesLeft(); int64(left) != 2*rows {
			t.Errorf("%d files of %d rows", left, rows)
		}
	})
	t.Run("over the quota of all", func(t *testing.T) {
		s := newLibrary(t, func(o *Options) { o.Limits.All = 100 })
		if _, err := s.take("a.jpg", photo); !errors.Is(err, coop.ErrFull) || s.filesLeft() != 0 {
			t.Errorf("got %v and %d files", err, s.filesLeft())
		}
	})
	t.Run("the disk is full at the second file", func(t *testing.T) {
		s := newLibrary(t, func(o *Options) { o.Files = &fullAfter{Files: o.Files, puts: 1} })
		if _, err := s.take("a.jpg", photo); !errors.Is(err, coop.ErrFull) {
			t.Errorf("got %v, want no room", err)
		}
		if entries := usedFiles(t, s); entries != 0 {
			t.Errorf("%d rows stay", entries)
		}
		s.files = s.files.(*fullAfter).Files
		if left := s.filesLeft(); left != 0 {
			t.Errorf("%d files lie about", left)
		}
	})
}

// usedFiles counts rows.
func usedFiles(t *testing.T, s *shelfTest) (n int64) {
	t.Helper()
	list, err := s.store.MediaUsage(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range list {
		n += u.Files
	}
	return n
}

// fullAfter is a disk with room for so many files.
type fullAfter struct {
	Files
	puts int
}

func (f *fullAfter) Put(ctx context.Context, key string, body io.Reader, size int64, mediaType string) error {
	if f.puts--; f.puts < 0 {
		return full(&os.PathError{Op: "write", Path: key, Err: syscall.ENOSPC})
	}
	return f.Files.Put(ctx, key, body, size, mediaType)
}

func TestSweep(t *testing.T) {
	ctx := t.Context()
	s := newLibrary(t, nil)
	photo := jpegOf(t, gradient(80, 60))
	abandoned, attached, deleted := s.mustTake("a.jpg", photo), s.mustTake("b.jpg", photo), s.mustTake("c.jpg", photo)
	post := &coop.Post{IRI: base + "/p/1", AuthorID: s.owner.ID, Kind: coop.KindNote, Visibility: coop.VisiblePublic}
	gone := &coop.Post{IRI: base + "/p/2", AuthorID: s.owner.ID, Kind: coop.KindNote, Visibility: coop.VisiblePublic}
	must(t, s.store.Write(ctx, func(tx *storage.Tx) error {
		for p, m := range map[*coop.Post]*coop.Media{post: attached, gone: deleted} {
			if _, err := tx.AddPost(ctx, p, storage.Arrival{}); err != nil {
				return err
			}
			if _, err := tx.AttachMedia(ctx, s.owner.ID, []coop.ID{m.ID}, p.ID); err != nil {
				return err
			}
		}
		return tx.RemovePost(ctx, gone.IRI, s.owner.IRI, s.clock.Now())
	}))
	if _, err := s.Serve(ctx, deleted.Name); !errors.Is(err, coop.ErrNotFound) {
		t.Errorf("a deleted post's picture: %v", err)
	}
	if served, err := s.Serve(ctx, attached.Name); err != nil || served.Private {
		t.Errorf("a public post's picture: %v", err)
	}
	must(t, s.Sweep(ctx))
	if left := s.filesLeft(); left != 6 {
		t.Errorf("after a moment %d files, want 6", left)
	}
	s.clock.Advance(25 * time.Hour)
	must(t, s.Sweep(ctx))
	if left := s.filesLeft(); left != 2 {
		t.Errorf("after a day %d files, want 2", left)
	}
	if _, err := s.Serve(ctx, abandoned.Name); !errors.Is(err, coop.ErrNotFound) {
		t.Errorf("an abandoned upload: %v", err)
	}
	s.bytesOf(attached.Name)
}

func TestPrune(t *testing.T) {
	ctx := t.Context()
	s := newLibrary(t, nil)
	photo := jpegOf(t, gradient(80, 60))
	kept, err := s.Keep(ctx, FormSmall, "https://far.example/1.jpg", photo)
	must(t, err)
	must(t, kept.Close())
	s.mustTake("a.jpg", photo)
	key, err := keyOf(areaOwn, "0123456789abcdef0123456789abcdef.jpg")
	must(t, err)
	must(t, s.files.Put(ctx, key, bytes.NewReader(photo), int64(len(photo)), "image/jpeg"))
	old := time.Now().Add(-48 * time.Hour)
	must(t, s.root.Chtimes(key, old, old))
	now := s.now
	s.now = func() time.Time { return time.Now() } // files are dated by the machine
	got, err := s.Prune(ctx, 0, true)
	if must(t, err); got.Orphans != 1 || s.filesLeft() != 4 {
		t.Errorf("a rehearsal: %+v, %d files left", got, s.filesLeft())
	}
	if got, err = s.Prune(ctx, 0, false); err != nil || got.Orphans != 1 {
		t.Errorf("orphans: %+v, %v", got, err)
	}
	s.now = now
	s.clock.Advance(40 * 24 * time.Hour)
	got, err = s.Prune(ctx, 30*24*time.Hour, false)
	if must(t, err); got.Uploads != 2 || got.Cache != 1 {
		t.Errorf("after forty days: %+v", got)
	}
	if left := s.filesLeft(); left != 0 {
		t.Errorf("%d files left", left)
	}
}

func TestThumbnailOfADocument(t *testing.T) {
	ctx := t.Context()
	s := newLibrary(t, nil)
	in, err := s.Receive(ctx, "a.pdf", strings.NewReader("%PDF-1.7"))
	must(t, err)
	defer in.Close()
	cover, err := s.Receive(ctx, "c.png", bytes.NewReader(pngOf(t, gradient(1200, 800))))
	must(t, err)
	defer cover.Close()
	m, err := s.Take(ctx, Upload{Owner: s.owner.ID, Class: coop.MediaPost, File: in, Thumbnail: cover})
	must(t, err)
	img, err := png.DecodeConfig(bytes.NewReader(s.bytesOf(m.Preview)))
	if err == nil {
		t.Errorf("an opaque cover is a PNG of %v", img)
	}
	if m.PreviewWidth != 587 || m.Blurhash == "" {
		t.Errorf("cover %d × %d, hash %q", m.PreviewWidth, m.PreviewHeight, m.Blurhash)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
