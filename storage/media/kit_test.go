// SPDX-License-Identifier: AGPL-3.0-or-later

package media

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"minga/coop"
	"minga/storage"
	"minga/storage/storagetest"
)

// base is where the instance of the tests lives.
const base = "https://coop.example"

// shelfTest is a library over a fresh store, and somebody who owns files.
type shelfTest struct {
	*Library
	t     *testing.T
	store *storage.Store
	owner *coop.Account
	clock *storagetest.Clock
	root  *os.Root
}

// usual are limits that no small picture meets.
var usual = Limits{File: 16 << 20, Cache: 10 << 20}

// newLibrary makes a library over a folder; change alters its options.
func newLibrary(t *testing.T, change func(*Options)) *shelfTest {
	t.Helper()
	clock := storagetest.NewClock()
	store := storagetest.OpenAt(t, clock.Now)
	root, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	folder, err := NewFolder(root)
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Store: store, Files: folder, Scratch: root, Now: clock.Now, Links: NewLinks(base, []byte("key of the tests")), Limits: usual}
	if change != nil {
		change(&o)
	}
	l, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	s := &shelfTest{Library: l, t: t, store: store, clock: clock, root: root}
	s.owner = s.person("ana")
	return s
}

// person makes a local account.
func (s *shelfTest) person(name string) *coop.Account {
	s.t.Helper()
	a := &coop.Account{IRI: coop.IRI(base + "/people/" + name), Kind: coop.Person, ActorType: "Person", Name: name, Local: true}
	if err := s.store.Write(s.t.Context(), func(tx *storage.Tx) error { return tx.AddAccount(s.t.Context(), a, nil) }); err != nil {
		s.t.Fatal(err)
	}
	return a
}

// take uploads bytes as a file of a post.
func (s *shelfTest) take(name string, body []byte) (*coop.Media, error) {
	return s.takeAs(coop.MediaPost, name, body)
}

func (s *shelfTest) takeAs(class coop.MediaClass, name string, body []byte) (*coop.Media, error) {
	s.t.Helper()
	in, err := s.Receive(s.t.Context(), name, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	defer in.Close()
	return s.Take(s.t.Context(), Upload{Owner: s.owner.ID, Class: class, File: in})
}

// mustTake is take that must work.
func (s *shelfTest) mustTake(name string, body []byte) *coop.Media {
	s.t.Helper()
	m, err := s.take(name, body)
	if err != nil {
		s.t.Fatalf("take %s: %v", name, err)
	}
	return m
}

// bytesOf reads what is served under a name.
func (s *shelfTest) bytesOf(name string) []byte {
	s.t.Helper()
	served, err := s.Serve(s.t.Context(), name)
	if err != nil {
		s.t.Fatalf("serve %s: %v", name, err)
	}
	defer served.Close()
	var b bytes.Buffer
	if _, err := b.ReadFrom(served.Body); err != nil {
		s.t.Fatal(err)
	}
	return b.Bytes()
}

// filesLeft counts what lies in the folder.
func (s *shelfTest) filesLeft() int {
	s.t.Helper()
	n := 0
	for _, area := range []string{areaOwn, areaCache, areaSealed, areaExports} {
		err := s.files.(lister).Each(s.t.Context(), area, func(string, int64, time.Time) error { n++; return nil })
		if err != nil {
			s.t.Fatal(err)
		}
	}
	entries, err := os.ReadDir(s.root.Name() + "/" + scratchFolder)
	if err != nil {
		s.t.Fatal(err)
	}
	return n + len(entries)
}

// newBucket makes a bucket at a fake store on loopback.
func newBucket(t *testing.T) *Bucket {
	t.Helper()
	backend := s3mem.New()
	if err := backend.CreateBucket("files"); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(gofakes3.New(backend).Server())
	t.Cleanup(server.Close)
	b, err := NewBucket(BucketOptions{Endpoint: server.URL, Bucket: "files", Region: "us-east-1", Key: "key", Secret: "secret", Prefix: "minga"})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// gradient is a picture in which every place has its own colour.
func gradient(w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.SetRGBA(x, y, color.RGBA{uint8(255 * x / w), uint8(255 * y / h), 90, 255})
		}
	}
	return img
}

func jpegOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func pngOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// gifOf is a GIF of so many frames, each with a dot elsewhere.
func gifOf(t testing.TB, w, h, frames int) []byte {
	t.Helper()
	g := &gif.GIF{LoopCount: 3}
	colours := color.Palette{color.Black, color.White, color.RGBA{255, 0, 0, 255}, color.Transparent}
	for i := range frames {
		p := image.NewPaletted(image.Rect(0, 0, w, h), colours)
		p.SetColorIndex(i%w, 0, 1)
		g.Image = append(g.Image, p)
		g.Delay = append(g.Delay, 7)
		g.Disposal = append(g.Disposal, gif.DisposalBackground)
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, g); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// camera puts what a phone writes behind the beginning of a JPEG: how it was held,
// and where (Exif §4.6.6).
func camera(photo []byte, orientation uint16) []byte {
	var tiff bytes.Buffer
	put := func(v any) { _ = binary.Write(&tiff, binary.BigEndian, v) }
	entry := func(tag, kind uint16, count, value uint32) { put(tag); put(kind); put(count); put(value) }
	tiff.WriteString("MM\x00\x2a\x00\x00\x00\x08")
	put(uint16(3))
	entry(0x010f, 2, 12, 50)                         // make
	entry(0x0112, 3, 1, uint32(orientation)<<16)     // orientation
	entry(0x8825, 4, 1, 62)                          // where the GPS directory lies
	put(uint32(0))                                   // no further directory
	tiff.WriteString("CameraMaker\x00")              // at 50
	put(uint16(1))                                   // at 62
	entry(0x0002, 5, 3, 80)                          // latitude
	put(uint32(0))                                   //
	tiff.WriteString("LATITUDE-34.6037-SECRETPLACE") // at 80
	segment := append([]byte("Exif\x00\x00"), tiff.Bytes()...)
	out := append([]byte{0xff, 0xd8, 0xff, 0xe1}, byte((len(segment)+2)>>8), byte(len(segment)+2))
	return append(append(out, segment...), photo[2:]...)
}

// bombPNG says that it is w × h pixels large and has almost nothing in it.
func bombPNG(w, h uint32) []byte {
	chunk := func(kind string, data []byte) []byte {
		out := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
		out = append(append(out, kind...), data...)
		return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(append([]byte(kind), data...)))
	}
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)
	head = append(head, 8, 6, 0, 0, 0)
	out := append([]byte("\x89PNG\r\n\x1a\n"), chunk("IHDR", head)...)
	out = append(out, chunk("IDAT", []byte("\x78\x9c\x63\x00\x00\x00\x01\x00\x01"))...)
	return append(out, chunk("IEND", nil)...)
}
