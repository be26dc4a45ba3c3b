// SPDX-License-Identifier: AGPL-3.0-or-later

package media

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"minga/coop"
)

// eachStore runs a test on a folder and on a bucket.
func eachStore(t *testing.T, test func(t *testing.T, f Files)) {
	t.Run("folder", func(t *testing.T) {
		root, err := os.OpenRoot(t.TempDir())
		must(t, err)
		defer root.Close()
		f, err := NewFolder(root)
		must(t, err)
		test(t, f)
	})
	t.Run("bucket", func(t *testing.T) {
		b := newBucket(t)
		must(t, b.Check(t.Context()))
		test(t, b)
	})
}

func TestFiles(t *testing.T) {
	eachStore(t, func(t *testing.T, f Files) {
		ctx := t.Context()
		key, body := "own/01/0123456789abcdef0123456789abcdef.jpg", strings.Repeat("0123456789", 1000)
		if _, err := f.Open(ctx, key); !errors.Is(err, coop.ErrNotFound) {
			t.Errorf("before it is there: %v", err)
		}
		must(t, f.Put(ctx, key, strings.NewReader(body), int64(len(body)), "image/jpeg"))
		file, err := f.Open(ctx, key)
		must(t, err)
		got, err := io.ReadAll(file)
		if err != nil || string(got) != body {
			t.Errorf("read %d bytes, %v", len(got), err)
		}
		if _, err := file.Seek(-10, io.SeekEnd); err != nil {
			t.Errorf("seek: %v", err)
		}
		if end, err := io.ReadAll(file); err != nil || string(end) != "0123456789" {
			t.Errorf("the end is %q, %v", end, err)
		}
		must(t, file.Close())
		var seen []string
		must(t, f.(lister).Each(ctx, areaOwn, func(key string, size int64, written time.Time) error {
			if seen = append(seen, key); size != int64(len(body)) || time.Since(written) > time.Hour {
				t.Errorf("%s has %d bytes of %v", key, size, written)
			}
			return nil
		}))
		if len(seen) != 1 || seen[0] != key {
			t.Errorf("there is %v", seen)
		}
		must(t, f.(lister).Each(ctx, areaCache, func(key string, _ int64, _ time.Time) error {
			t.Errorf("%s is in another area", key)
			return nil
		}))
		must(t, f.Remove(ctx, key))
		must(t, f.Remove(ctx, key))
		if _, err := f.Open(ctx, key); !errors.Is(err, coop.ErrNotFound) {
			t.Errorf("after it was removed: %v", err)
		}
	})
}

func TestNoOtherNameReachesAStore(t *testing.T) {
	eachStore(t, func(t *testing.T, f Files) {
		for _, key := range []string{
			"", "own", "../secret.key", "own/../../secret.key", "/etc/passwd", "own/01/../../secret.key", "own/01/0123456789abcdef0123456789abcdef.jpg\x00",
			"own/01/0123456789ABCDEF0123456789abcdef.jpg", "own/01/CON", "own/01/" + strings.Repeat("a", 4096), "tmp/01/0123456789abcdef0123456789abcdef.jpg",
			"own/01/0123456789abcdef0123456789abcdef.jpg/x", `own\01\0123456789abcdef0123456789abcdef.jpg`,
		} {
			if _, err := f.Open(t.Context(), key); !errors.Is(err, coop.ErrNotFound) {
				t.Errorf("open %q: %v", key, err)
			}
			if err := f.Put(t.Context(), key, strings.NewReader("x"), 1, ""); !errors.Is(err, coop.ErrNotFound) {
				t.Errorf("put %q: %v", key, err)
			}
			if err := f.Remove(t.Context(), key); !errors.Is(err, coop.ErrNotFound) {
				t.Errorf("remove %q: %v", key, err)
			}
		}
	})
}

func TestAFolderKeepsWholeFilesOnly(t *testing.T) {
	root, err := os.OpenRoot(t.TempDir())
	must(t, err)
	defer root.Close()
	f, err := NewFolder(root)
	must(t, err)
	key := "own/01/0123456789abcdef0123456789abcdef.jpg"
	if err := f.Put(t.Context(), key, strings.NewReader("half"), 8, ""); err == nil {
		t.Error("half a file was kept")
	}
	if _, err := f.Open(t.Context(), key); !errors.Is(err, coop.ErrNotFound) {
		t.Errorf("half a file is there: %v", err)
	}
	entries, err := os.ReadDir(root.Name() + "/tmp")
	if err != nil || len(entries) != 0 {
		t.Errorf("left over: %v, %v", entries, err)
	}
}

func TestABucketThatIsAway(t *testing.T) {
	b, err := NewBucket(BucketOptions{Endpoint: "http://127.0.0.1:1", Bucket: "files", Region: "x", Key: "k", Secret: "s"})
	must(t, err)
	b.client.SetAppInfo("test", "1")
	err = b.Put(t.Context(), "own/01/0123456789abcdef0123456789abcdef.jpg", bytes.NewReader([]byte("x")), 1, "")
	if !errors.Is(err, coop.ErrUnavailable) {
		t.Errorf("got %v, want to hear that it is away", err)
	}
	for _, endpoint := range []string{"", "s3.example", "ftp://s3.example", "https://", "https://s3.example/path", "https://s3.example:x"} {
		if _, err := NewBucket(BucketOptions{Endpoint: endpoint, Bucket: "b"}); err == nil {
			t.Errorf("endpoint %q was taken", endpoint)
		}
	}
}

func TestUploadsInABucket(t *testing.T) {
	s := newLibrary(t, func(o *Options) { o.Files = newBucket(t) })
	photo := jpegOf(t, gradient(80, 60))
	m := s.mustTake("a.jpg", photo)
	if got := s.bytesOf(m.Name); int64(len(got)) != m.Bytes {
		t.Errorf("served %d bytes of %d", len(got), m.Bytes)
	}
	s.clock.Advance(25 * time.Hour)
	must(t, s.Sweep(t.Context()))
	if left := s.filesLeft(); left != 0 {
		t.Errorf("%d files left", left)
	}
	public := newLibrary(t, func(o *Options) { o.Files, o.PublicURL = newBucket(t), "https://files.example/b/" })
	m = public.mustTake("a.jpg", photo)
	served, err := public.Serve(t.Context(), m.Name)
	if must(t, err); served.Place != "https://files.example/b/own/"+m.Name[:2]+"/"+m.Name {
		t.Errorf("served from %q", served.Place)
	}
}
