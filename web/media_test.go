// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"minga/coop"
	"minga/federation"
	"minga/storage"
	library "minga/storage/media"
)

// gallery is a house that takes files.
type gallery struct {
	*house
	media *library.Library
	links *library.Links
}

// newGallery opens one; limits may be changed.
func newGallery(t *testing.T, change func(*library.Limits, *Options)) *gallery {
	t.Helper()
	g := &gallery{links: library.NewLinks("https://coop.example", []byte("key of the tests"))}
	g.house = newHouse(t, func(o *Options) {
		root, err := os.OpenRoot(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { root.Close() })
		folder, err := library.NewFolder(root)
		if err != nil {
			t.Fatal(err)
		}
		limits := library.Limits{File: 1 << 20, Cache: 1 << 20}
		o.RateLimit = false
		client, err := federation.New(federation.Options{UserAgent: "test", OwnHosts: []string{"coop.example"}, Now: time.Now, Dev: true})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(client.Close)
		o.Client = client
		if change != nil {
			change(&limits, o)
		}
		g.media, err = library.New(library.Options{Store: o.Store, Files: folder, Scratch: root, Now: time.Now, Links: g.links, Limits: limits})
		if err != nil {
			t.Fatal(err)
		}
		o.Media = g.media
	})
	return g
}

// photo is a JPEG.
func photo(t testing.TB, w, h int) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range img.Pix {
		img.Pix[i] = uint8(i * 7)
	}
	img.SetRGBA(0, 0, color.RGBA{255, 255, 255, 255})
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// form is a multipart body: names with a dot before them are files.
func form(t testing.TB, fields ...string) (string, string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for i := 0; i+2 < len(fields); i += 3 {
		var part io.Writer
		var err error
		if fields[i+1] == "" {
			part, err = w.CreateFormField(fields[i])
		} else {
			part, err = w.CreateFormFile(fields[i], fields[i+1])
		}
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(part, fields[i+2])
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return w.FormDataContentType(), b.String()
}

// shown is a MediaAttachment as clients read it.
type shown struct {
	ID, Type, URL string
	PreviewURL    *string `json:"preview_url"`
	RemoteURL     *string `json:"remote_url"`
	Description   *string
	Blurhash      *string
	Meta          struct {
		Original, Small struct {
			Width, Height int
			Size          string
			Aspect        float64
		}
		Focus *struct{ X, Y float64 }
	}
}

// upload sends a form and reads the answer.
func (g *gallery) upload(token string, fields ...string) (shown, *httptest.ResponseRecorder) {
	g.Helper()
	contentType, body := form(g, fields...)
	w := g.ask("POST", "/api/v2/media", token, body, "Content-Type", contentType)
	var m shown
	if w.Code == http.StatusOK {
		if err := json.Unmarshal(w.Body.Bytes(), &m); err != nil {
			g.Fatal(err)
		}
	}
	return m, w
}

// path is an address without the host.
func path(address string) string { return strings.TrimPrefix(address, "https://coop.example") }

func TestUploads(t *testing.T) {
	g := newGallery(t, nil)
	_, token := g.member("telar", "read write")
	m, w := g.upload(token, "description", "", "Un telar", "focus", "", "-0.5,0.25", "file", "IMG_1.JPG", string(photo(t, 900, 600)))
	if w.Code != http.StatusOK {
		t.Fatalf("answers %d: %s", w.Code, w.Body)
	}
	if m.Type != "image" || *m.Description != "Un telar" || m.Meta.Focus.X != -0.5 || m.Meta.Focus.Y != 0.25 || m.RemoteURL != nil || m.Blurhash == nil {
		t.Errorf("answers %s", w.Body)
	}
	if m.Meta.Original.Size != "900x600" || m.Meta.Original.Aspect != 1.5 || m.Meta.Small.Width != 587 {
		t.Errorf("sizes are %+v", m.Meta)
	}
	for _, address := range []string{m.URL, *m.PreviewURL} {
		if w := g.ask("GET", path(address), "", ""); w.Code != http.StatusOK || w.Header().Get("Content-Type") != "image/jpeg" || w.Header().Get("Cache-Control") != "private, max-age=86400" {
			t.Errorf("%s answers %d %v", address, w.Code, w.Header())
		}
	}
	_, other := g.member("taller", "read write")
	_, reader := g.member("lector", "read")
	for _, tt := range []struct {
		name, method, path, token, body string
		code                            int
	}{
		{"one's own", "GET", "/api/v1/media/" + m.ID, token, "", 200},
		{"another's", "GET", "/api/v1/media/" + m.ID, other, "", 404},
		{"another's to change", "PUT", "/api/v1/media/" + m.ID, other, `{"description":"x"}`, 404},
		{"without a token", "GET", "/api/v1/media/" + m.ID, "", "", 401},
		{"without the scope", "PUT", "/api/v1/media/" + m.ID, reader, `{"description":"x"}`, 403},
		{"changed", "PUT", "/api/v1/media/" + m.ID, token, `{"description":"Otro","focus":"2,-2"}`, 200},
		{"changed by PATCH", "PATCH", "/api/v1/media/" + m.ID, token, `{"focus":"0.1,0"}`, 200},
		{"no focus", "PUT", "/api/v1/media/" + m.ID, token, `{"focus":"middle"}`, 422},
		{"too long a text", "PUT", "/api/v1/media/" + m.ID, token, `{"description":"` + strings.Repeat("x", 1501) + `"}`, 422},
		{"another's to delete", "DELETE", "/api/v1/media/" + m.ID, other, "", 404},
		{"nothing with that id", "GET", "/api/v1/media/1", token, "", 404},
		{"no id", "GET", "/api/v1/media/x", token, "", 404},
	} {
		w := g.ask(tt.method, tt.path, tt.token, tt.body)
		if w.Code != tt.code && (tt.code != 404 || w.Code != 405) {
			t.Errorf("%s: answers %d, want %d: %s", tt.name, w.Code, tt.code, w.Body)
		}
	}
	var after shown
	if err := json.Unmarshal(g.ask("GET", "/api/v1/media/"+m.ID, token, "").Body.Bytes(), &after); err != nil || *after.Description != "Otro" || after.Meta.Focus.X != 0.1 {
		t.Errorf("after the change it is %+v, %v", after, err)
	}
}

func TestUploadsThatAreRefused(t *testing.T) {
	g := newGallery(t, func(l *library.Limits, _ *Options) { l.PerOwner = 2 << 20 })
	_, token := g.member("telar", "read write")
	_, reader := g.member("lector", "read")
	good := string(photo(t, 30, 20))
	whole, body := form(t, "file", "a.jpg", good)
	for _, tt := range []struct {
		name, token, contentType, body string
		code                           int
	}{
		{"no token", "", whole, body, 401},
		{"no scope", reader, whole, body, 403},
		{"no form", token, "application/json", `{"file":"x"}`, 422},
		{"a form that ends in the file", token, whole, body[:len(body)/2], 422},
		{"a form without its end", token, whole, body[:len(body)-8], 422},
		{"no boundary", token, "multipart/form-data", body, 422},
		{"far too much", token, whole, strings.Repeat("x", 2<<20), 413},
	} {
		if w := g.ask("POST", "/api/v2/media", tt.token, tt.body, "Content-Type", tt.contentType); w.Code != tt.code {
			t.Errorf("%s: answers %d, want %d: %s", tt.name, w.Code, tt.code, w.Body)
		}
	}
	for _, tt := range []struct {
		name   string
		fields []string
	}{
		{"no file", []string{"description", "", "x"}},
		{"a page", []string{"file", "a.jpg", "<html>"}},
		{"too many bytes", []string{"file", "a.jpg", good + strings.Repeat("x", 1<<20)}},
		{"too long a text", []string{"description", "", strings.Repeat("x", 2000), "file", "a.jpg", good}},
		{"no focus", []string{"focus", "", "here", "file", "a.jpg", good}},
		{"a cover that is none", []string{"file", "a.pdf", "%PDF-1.7", "thumbnail", "b.jpg", "%PDF-1.7"}},
	} {
		if _, w := g.upload(token, tt.fields...); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), `"details"`) {
			t.Errorf("%s: answers %d: %s", tt.name, w.Code, w.Body)
		}
	}
	var code int
	for range 4 {
		_, w := g.upload(token, "file", "a.pdf", "%PDF-"+strings.Repeat("x", 900<<10))
		code = w.Code
	}
	if code != http.StatusInsufficientStorage {
		t.Errorf("over the quota it answers %d, want 507", code)
	}
}

func TestPagesMayShowWhatABucketHolds(t *testing.T) {
	for public, want := range map[string]string{"": "img-src 'self' data:; media-src 'self';", "https://files.example/b": "img-src 'self' https://files.example data:; media-src 'self' https://files.example;"} {
		h := newHouse(t, func(o *Options) {
			root, err := os.OpenRoot(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { root.Close() })
			folder, err := library.NewFolder(root)
			if err != nil {
				t.Fatal(err)
			}
			if o.Media, err = library.New(library.Options{Store: o.Store, Files: folder, Scratch: root, Now: time.Now, Links: &library.Links{}, PublicURL: public}); err != nil {
				t.Fatal(err)
			}
		})
		if got := h.ask("GET", "/about", "", "").Header().Get("Content-Security-Policy"); !strings.Contains(got, want) {
			t.Errorf("with files at %q the policy is %s", public, got)
		}
	}
}

// publish makes a post with files.
func (g *gallery) publish(author *coop.Account, v coop.Visibility, files ...shown) *coop.Post {
	g.Helper()
	p := &coop.Post{Source: "Mirá", Visibility: v}
	for _, m := range files {
		id, err := coop.ParseID(m.ID)
		if err != nil {
			g.Fatal(err)
		}
		p.Attachments = append(p.Attachments, coop.Attachment{ID: id})
	}
	if err := g.outbox.PublishNote(g.Context(), author, p); err != nil {
		g.Fatal(err)
	}
	return p
}

func TestHowFilesAreServed(t *testing.T) {
	g := newGallery(t, nil)
	author, token := g.member("telar", "read write")
	public, _ := g.upload(token, "file", "a.jpg", string(photo(t, 60, 40)))
	private, _ := g.upload(token, "file", "b.jpg", string(photo(t, 60, 40)))
	paper, _ := g.upload(token, "file", `Acta "1"/../x.pdf`, "%PDF-1.7 0123456789")
	p := g.publish(author, coop.VisiblePublic, public, paper)
	g.publish(author, coop.VisibleFollowers, private)

	w := g.ask("GET", path(public.URL), "", "", "Accept", activityJSON, "Origin", "https://phanpy.example")
	for name, want := range map[string]string{
		"Content-Type": "image/jpeg", "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox", "Content-Disposition": "inline",
		"Cross-Origin-Resource-Policy": "cross-origin", "Access-Control-Allow-Origin": "*", "Cache-Control": "public, max-age=31536000, immutable", "Accept-Ranges": "bytes",
	} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if got := g.ask("GET", path(private.URL), "", "").Header().Get("Cache-Control"); got != "private, max-age=86400" {
		t.Errorf("of a post for followers: Cache-Control is %q", got)
	}
	if w := g.ask("GET", path(public.URL), "", "", "If-None-Match", w.Header().Get("ETag")); w.Code != http.StatusNotModified {
		t.Errorf("the same again answers %d", w.Code)
	}
	if w := g.ask("HEAD", path(public.URL), "", ""); w.Code != http.StatusOK || w.Body.Len() != 0 {
		t.Errorf("HEAD answers %d with %d bytes", w.Code, w.Body.Len())
	}
	w = g.ask("GET", path(paper.URL), "", "", "Range", "bytes=9-12")
	if w.Code != http.StatusPartialContent || w.Body.String() != "0123" {
		t.Errorf("a part answers %d %q", w.Code, w.Body)
	}
	if got := w.Header().Get("Content-Disposition"); got != `attachment; filename=x.pdf` || w.Header().Get("Content-Type") != "application/pdf" {
		t.Errorf("a document is %q, %s", got, w.Header().Get("Content-Type"))
	}
	for _, name := range []string{"/media/", "/media/0123456789abcdef0123456789abcdef.jpg", "/media/..%2f..%2fsecret.key", "/media/%00", "/media/own", "/media/" + strings.Repeat("a", 4000)} {
		if w := g.ask("GET", name, "", ""); w.Code != http.StatusNotFound {
			t.Errorf("GET %.40s answers %d", name, w.Code)
		}
	}
	err := g.store.Write(t.Context(), func(tx *storage.Tx) error { return tx.RemovePost(t.Context(), p.IRI, author.IRI, time.Now()) })
	if err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{public.URL, *public.PreviewURL, paper.URL} {
		if w := g.ask("GET", path(address), "", ""); w.Code != http.StatusNotFound {
			t.Errorf("of a deleted post: answers %d", w.Code)
		}
	}
}

func TestAFileIsInOnePost(t *testing.T) {
	g := newGallery(t, nil)
	author, token := g.member("telar", "read write")
	other, _ := g.member("taller", "read write")
	m, _ := g.upload(token, "file", "a.jpg", string(photo(t, 60, 40)))
	id, err := coop.ParseID(m.ID)
	if err != nil {
		t.Fatal(err)
	}
	file := []coop.Attachment{{ID: id}}
	refused := func(name string, author *coop.Account, files []coop.Attachment) {
		t.Helper()
		err := g.outbox.PublishNote(t.Context(), author, &coop.Post{Source: "x", Visibility: coop.VisiblePublic, Attachments: files})
		if got := fmt.Sprint(err); !strings.Contains(got, "media_ids") {
			t.Errorf("%s: %v", name, err)
		}
	}
	refused("another's", other, file)
	refused("twice in one", author, append(file, file...))
	refused("one that is not there", author, []coop.Attachment{{ID: 5}})
	p := g.publish(author, coop.VisiblePublic, m)
	refused("in another post already", author, file)

	w := g.ask("PUT", "/api/v1/media/"+m.ID, token, `{"description":"Después"}`)
	if w.Code != http.StatusOK {
		t.Fatalf("a change after posting answers %d: %s", w.Code, w.Body)
	}
	now, err := g.store.Post(t.Context(), coop.Anonymous(), p.ID)
	if err != nil || now.Attachments[0].Alt != "Después" || now.Updated.IsZero() {
		t.Errorf("the post is %+v, %v", now, err)
	}
	doc := g.ask("GET", path(string(p.IRI)), "", "", "Accept", activityJSON)
	for _, want := range []string{`"name":"Después"`, `"blurhash"`, `"width":60`, `"mediaType":"image/jpeg"`, m.URL} {
		if !strings.Contains(doc.Body.String(), want) {
			t.Errorf("other servers read no %s in %s", want, doc.Body)
		}
	}
}

// far is another server with pictures.
func far(t *testing.T, picture []byte) (string, *atomic.Int64) {
	t.Helper()
	asked := &atomic.Int64{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		switch r.URL.Path {
		case "/a.jpg":
			time.Sleep(50 * time.Millisecond)
			_, _ = w.Write(picture)
		case "/page.jpg":
			w.Header().Set("Content-Type", "image/jpeg")
			fmt.Fprint(w, "<html><script>1</script>")
		case "/large.jpg":
			_, _ = w.Write(append(picture, make([]byte, 17<<20)...))
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL, asked
}

func TestPicturesOfOtherServers(t *testing.T) {
	g := newGallery(t, nil)
	base, asked := far(t, photo(t, 1200, 800))
	a := coop.Attachment{Type: "Document", URL: base + "/a.jpg", MediaType: "image/jpeg"}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if w := g.ask("GET", path(g.links.Preview(a)), "", ""); w.Code != http.StatusOK {
				t.Errorf("a preview answers %d: %s", w.Code, w.Body)
			}
		})
	}
	all.Wait()
	if n := asked.Load(); n != 1 {
		t.Errorf("eight readers asked the other server %d times", n)
	}
	w := g.ask("GET", path(g.links.Preview(a)), "", "")
	if config, _, err := image.DecodeConfig(w.Body); err != nil || config.Width != 587 || w.Header().Get("Content-Security-Policy") != "default-src 'none'; sandbox" {
		t.Errorf("a preview is %+v, %v, %v", config, err, w.Header())
	}
	w = g.ask("GET", path(g.links.Full(a)), "", "")
	if config, _, err := image.DecodeConfig(w.Body); err != nil || config.Width != 1200 || w.Header().Get("Content-Type") != "image/jpeg" {
		t.Errorf("the whole is %+v, %v", config, err)
	}
	before := asked.Load()
	for _, what := range []string{"/page.jpg", "/large.jpg", "/none.jpg", "/page.jpg", "/large.jpg", "/none.jpg"} {
		for _, address := range []string{g.links.Shown(library.FormAvatar, base+what), g.links.Shown(library.FormFull, base+what)} {
			if w := g.ask("GET", path(address), "", ""); w.Code != http.StatusNotFound {
				t.Errorf("%s answers %d", what, w.Code)
			}
		}
	}
	if n := asked.Load() - before; n != 6 {
		t.Errorf("what failed a moment ago was asked for %d times, want 6", n)
	}
	for name, address := range map[string]string{
		"an inside address": g.links.Shown(library.FormAvatar, "http://10.0.0.1/a.png"),
		"our own":           g.links.Shown(library.FormAvatar, "https://coop.example/assets/avatar.svg"),
		"no address":        g.links.Shown(library.FormAvatar, "gopher://x"),
		"not signed by us":  library.NewLinks("https://coop.example", []byte("other")).Shown(library.FormAvatar, base+"/a.jpg"),
		"nothing":           "https://coop.example/media/remote/x/avatar/y",
	} {
		if w := g.ask("GET", path(address), "", ""); w.Code != http.StatusNotFound {
			t.Errorf("%s answers %d", name, w.Code)
		}
	}
}
