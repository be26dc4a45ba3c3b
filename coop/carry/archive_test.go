// SPDX-License-Identifier: AGPL-3.0-or-later

package carry_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"minga/coop"
	"minga/coop/carry"
)

// goodHead is what an archive says of itself.
const goodHead = `{"format":"minga-archive","version":1,"account":"https://a.example/coops/telar","handle":"telar@a.example"}`

// entry is a file of a zip that a test makes.
type entry struct {
	name, text string
	mode       fs.FileMode
}

// zipped makes a zip file.
func zipped(t *testing.T, entries ...entry) *bytes.Reader {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, e := range entries {
		head := &zip.FileHeader{Name: e.name, Method: zip.Deflate}
		if e.text == "" {
			head.Method = zip.Store // a writer for each of many thousand takes its time
		}
		head.SetMode(e.mode | 0o600)
		w, err := z.CreateHeader(head)
		if err == nil {
			_, err = w.Write([]byte(e.text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return bytes.NewReader(out.Bytes())
}

// TestArchivesAreRefusedWhole: names that lead elsewhere, links, doubles and what is no
// archive of ours.
func TestArchivesAreRefusedWhole(t *testing.T) {
	good := entry{"archive.json", goodHead, 0}
	for _, tt := range []struct {
		name    string
		entries []entry
	}{
		{"out of the folder", []entry{good, {"../evil", "x", 0}}},
		{"out of the folder by the middle", []entry{good, {"media/../../evil", "x", 0}}},
		{"from the root", []entry{good, {"/etc/passwd", "x", 0}}},
		{"by a backslash", []entry{good, {`..\evil`, "x", 0}}},
		{"on another drive", []entry{good, {"c:evil", "x", 0}}},
		{"with a NUL", []entry{good, {"a\x00b", "x", 0}}},
		{"a link", []entry{good, {"media/link", "/etc/passwd", fs.ModeSymlink}}},
		{"a device", []entry{good, {"media/null", "", fs.ModeDevice}}},
		{"twice the same", []entry{good, {"a", "x", 0}, {"a", "y", 0}}},
		{"of another format", []entry{{"archive.json", `{"format":"other","version":1}`, 0}}},
		{"of a later version", []entry{{"archive.json", `{"format":"minga-archive","version":2}`, 0}}},
		{"no JSON", []entry{{"archive.json", "x", 0}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := zipped(t, tt.entries...)
			var invalid *coop.InvalidError
			if _, err := carry.OpenArchive(r, r.Size(), ""); !errors.As(err, &invalid) {
				t.Errorf("%v", err)
			}
		})
	}
	if _, err := carry.OpenArchive(strings.NewReader("no zip"), 6, ""); err == nil {
		t.Error("what is no zip is opened")
	}
	r := zipped(t, entry{"other.json", "{}", 0})
	if _, err := carry.OpenArchive(r, r.Size(), ""); !errors.Is(err, coop.ErrNotFound) {
		t.Errorf("without a head: %v", err)
	}
}

// TestArchivesHaveBounds: of bytes, by what they say and by what they hold, and of files.
func TestArchivesHaveBounds(t *testing.T) {
	good := entry{"archive.json", goodHead, 0}
	many := []entry{good}
	for n := range carry.MaxArchiveFiles {
		many = append(many, entry{fmt.Sprintf("m/%d", n), "", 0})
	}
	r := zipped(t, many...)
	if _, err := carry.OpenArchive(r, r.Size(), ""); !errors.Is(err, coop.ErrTooLarge) {
		t.Errorf("too many files: %v", err)
	}
	bomb := zipped(t, good, entry{"posts.jsonl", strings.Repeat(" ", 3<<20), 0})
	a, err := carry.OpenArchive(bomb, bomb.Size(), "")
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Posts(func(int, *carry.Post) error { return nil }); err == nil {
		t.Error("an endless line is read")
	}
	if _, err := a.Read("posts.jsonl", 1<<20); !errors.Is(err, coop.ErrTooLarge) {
		t.Errorf("more than was asked for: %v", err)
	}
	for _, name := range []string{"../archive.json", "a/b", "/etc/passwd", "nothing.png"} {
		if _, err := a.Media(name); err == nil {
			t.Errorf("the file %s of a post is read", name)
		}
	}
}

// TestArchivePostsAreReadLineByLine: a line that is none does not keep the others out.
func TestArchivePostsAreReadLineByLine(t *testing.T) {
	r := zipped(t, entry{"telar/archive.json", goodHead, 0}, entry{"telar/posts.jsonl", `{"id":"https://a.example/1","kind":"note"}` + "\n{\n" + `{"id":"https://a.example/3","kind":"job"}` + "\n", 0})
	a, err := carry.OpenArchive(r, r.Size(), "telar")
	if err != nil || a.Head.Handle != "telar@a.example" {
		t.Fatalf("%+v, %v", a, err)
	}
	var seen []string
	err = a.Posts(func(line int, p *carry.Post) error {
		if p == nil {
			seen = append(seen, fmt.Sprint(line, " bad"))
		} else {
			seen = append(seen, fmt.Sprint(line, " ", p.Kind))
		}
		return nil
	})
	if got := strings.Join(seen, ", "); err != nil || got != "1 note, 2 bad, 3 job" {
		t.Errorf("%s, %v", got, err)
	}
}
