// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"minga/federation/signature/signaturetest"
	"minga/storage"
	"minga/storage/media"
)

// bomb is the head of a PNG that says how large it is, in some hundred bytes.
func bomb(w, h uint32) []byte {
	var b bytes.Buffer
	b.WriteString("\x89PNG\r\n\x1a\n")
	head := append([]byte("IHDR"), 0, 0, 0, 0, 0, 0, 0, 0, 8, 6, 0, 0, 0)
	binary.BigEndian.PutUint32(head[4:], w)
	binary.BigEndian.PutUint32(head[8:], h)
	_ = binary.Write(&b, binary.BigEndian, uint32(13))
	b.Write(head)
	_ = binary.Write(&b, binary.BigEndian, crc32.ChecksumIEEE(head))
	b.Write(make([]byte, 200))
	return b.Bytes()
}

// pictureThief is a server that answers everything but a picture, except at /good.
func pictureThief(f *fediverse) (base string, asked *atomic.Int64) {
	asked = &atomic.Int64{}
	var s *httptest.Server
	good := f.photo(300, 200)
	s = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		w.Header().Set("Content-Type", "image/png")
		switch strings.TrimPrefix(r.URL.Path, "/") {
		case "good":
			_, _ = w.Write(good)
		case "loop":
			http.Redirect(w, r, s.URL+"/loop?"+fmt.Sprint(asked.Load()), http.StatusFound)
		case "metadata":
			http.Redirect(w, r, "http://169.254.169.254/latest/meta-data", http.StatusFound)
		case "inside":
			http.Redirect(w, r, "http://10.0.0.1/a.png", http.StatusMovedPermanently)
		case "file":
			http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
		case "endless", "zeros":
			for chunk := make([]byte, 64<<10); r.Context().Err() == nil; {
				if _, err := w.Write(chunk); err != nil {
					return
				}
			}
		case "drip":
			for r.Context().Err() == nil {
				_, _ = w.Write([]byte{0x89})
				w.(http.Flusher).Flush()
				pause(r.Context(), 200*time.Millisecond)
			}
		case "svg":
			w.Header().Set("Content-Type", "image/svg+xml")
			_, _ = w.Write([]byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`))
		case "page":
			w.Header().Set("Content-Type", "text/html")
			_, _ = w.Write(good)
		case "polyglot":
			_, _ = w.Write([]byte("<!doctype html><script>alert(1)</script>"))
		case "bomb":
			_, _ = w.Write(bomb(40_000, 40_000))
		case "flat":
			_, _ = w.Write(bomb(1, 2_000_000_000))
		case "cut":
			w.Header().Set("Content-Length", fmt.Sprint(len(good)))
			_, _ = w.Write(good[:len(good)/2])
		case "zip":
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(good)
		case "none":
			w.WriteHeader(http.StatusNoContent)
		case "early":
			panic(http.ErrAbortHandler)
		}
	}))
	f.t.Cleanup(s.Close)
	return s.URL, asked
}

// TestHostilePictures: what another server gives instead of a picture is answered 404
// soon and with bounded memory, and a good picture is shown beside it.
func TestHostilePictures(t *testing.T) {
	f := &fediverse{t: t, ctx: t.Context(), engine: storage.SQLite, keys: signaturetest.Keys()}
	h := f.house("sur")
	base, asked := pictureThief(f)
	links := h.media.Links()
	tricks := []string{"loop", "metadata", "inside", "file", "endless", "zeros", "svg", "polyglot", "bomb", "flat", "cut", "none", "early"}
	if os.Getenv("MINGA_TEST_LONG") != "" {
		tricks = append(tricks, "drip") // as long as the patience with one server
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	begun := time.Now()
	var all sync.WaitGroup
	for _, trick := range tricks {
		for _, form := range []media.Form{media.FormAvatar, media.FormFull} {
			all.Go(func() {
				if code, body := h.fetched(links.Shown(form, base+"/"+trick)); code != http.StatusNotFound && code != http.StatusServiceUnavailable {
					t.Errorf("%s as %s answers %d: %.80q", trick, form, code, body)
				}
			})
		}
	}
	all.Go(func() {
		if code, body := h.fetched(links.Shown(media.FormSmall, base+"/good")); code != http.StatusOK || len(body) == 0 {
			t.Errorf("a good one beside them answers %d", code)
		}
	})
	all.Wait()
	took := time.Since(begun)
	runtime.ReadMemStats(&after)
	t.Logf("%d tricks: %d requests, %v, %d MiB allocated", 2*len(tricks), asked.Load(), took.Round(time.Millisecond), (after.TotalAlloc-before.TotalAlloc)>>20)
	if took > time.Minute {
		t.Errorf("they held their readers for %v", took)
	}
	for _, trick := range []string{"http://10.0.0.1/a.png", "http://[::ffff:169.254.169.254]/", "http://0x7f000001/", "http://127.1/", "http://user:pw@127.0.0.1/good", "ftp://127.0.0.1/a", "http://localhost:5432/", "//x", "http://", strings.Repeat("a", 9000)} {
		if code, _ := h.fetched(links.Shown(media.FormSmall, trick)); code != http.StatusNotFound {
			t.Errorf("%.60s answers %d", trick, code)
		}
	}
}

// TestForgedPictureAddresses: only what this server signed, for this form and this
// address, makes it ask anybody.
func TestForgedPictureAddresses(t *testing.T) {
	f := &fediverse{t: t, ctx: t.Context(), engine: storage.SQLite, keys: signaturetest.Keys()}
	h := f.house("sur")
	base, asked := pictureThief(f)
	signed := strings.TrimPrefix(h.media.Links().Shown(media.FormSmall, base+"/good"), h.config.BaseURL()+"/media/remote/")
	part := strings.Split(signed, "/")
	mac, form, address := part[0], part[1], part[2]
	other := base64.RawURLEncoding.EncodeToString([]byte(base + "/good?x"))
	flipped := []byte(mac)
	flipped[3] ^= 1
	for name, path := range map[string]string{
		"another address": mac + "/" + form + "/" + other, "another form": mac + "/full/" + address, "no form": mac + "/big/" + address,
		"another signature": string(flipped) + "/" + form + "/" + address, "half a signature": mac[:10] + "/" + form + "/" + address, "none": "-/" + form + "/" + address,
		"padded": mac + "/" + form + "/" + address + "=", "the other alphabet": mac + "/" + form + "/" + strings.NewReplacer("-", "+", "_", "%2F").Replace(address) + "A",
		"with NUL": mac + "/" + form + "/" + address + "%00", "twice": mac + "/" + form + "/" + address + "/" + address, "upper case": mac + "/" + strings.ToUpper(form) + "/" + address,
	} {
		if code, _ := h.fetched(h.config.BaseURL() + "/media/remote/" + path); code != http.StatusNotFound {
			t.Errorf("%s answers %d", name, code)
		}
	}
	if n := asked.Load(); n != 0 {
		t.Errorf("the other server was asked %d times", n)
	}
	if code, _ := h.fetched(h.config.BaseURL() + "/media/remote/" + signed); code != http.StatusOK {
		t.Errorf("the true address answers %d", code)
	}
}
