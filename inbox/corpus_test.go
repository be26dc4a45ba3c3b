// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"minga/coop"
	"minga/federation/document"
	"minga/federation/sanitize"
)

// corpus gives the folder of real documents of other servers, or skips.
func corpus(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("MINGA_CORPUS_DIR")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared", "corpus")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no corpus: set MINGA_CORPUS_DIR (%v)", err)
	}
	return dir
}

// TestCorpusRead takes every document of the corpus through the reader of this
// room: no panic, HTML clean, and not empty where it was not.
func TestCorpusRead(t *testing.T) {
	in := reader(time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC))
	found := map[string]int{}
	err := filepath.WalkDir(corpus(t), func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(path, ".json") {
			return err
		}
		body, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if document.Check(body, document.Fetched()) != nil {
			found["refused by shape"]++
			return nil
		}
		o, err := document.Read(body)
		if err != nil {
			found["refused by the reader"]++
			return nil
		}
		in.readAny(t, filepath.Base(filepath.Dir(path))+"/"+filepath.Base(path), o, found, 0)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%v", found)
	if found["posts"] < 100 || found["actors"] < 60 {
		t.Errorf("too few were read: %v", found)
	}
}

// readAny reads a document, and what it embeds, as whatever it is.
func (in *Inbox) readAny(t *testing.T, name string, o *document.Object, found map[string]int, depth int) {
	switch o.Class() {
	case document.Actor:
		a, err := in.readActor(o)
		if err != nil {
			found["actors without an inbox of their origin"]++
			return
		}
		found["actors"]++
		if a.account.Name == "" || a.account.Host == "" || containsScript(a.account.Bio) {
			t.Errorf("%s: actor %+v", name, a.account)
		}
	case document.Activity:
		found["activities"]++
		if inner := o.Ref("object").Object(); inner != nil && depth < 5 {
			in.readAny(t, name, inner, found, depth+1)
		}
	case document.Thing:
		in.readThing(t, name, o, found)
	default:
		found["others"]++
	}
}

func (in *Inbox) readThing(t *testing.T, name string, o *document.Object, found map[string]int) {
	author := &coop.Account{ID: 1, IRI: coop.IRI(o.Owner())}
	p, err := in.readPost(o, author)
	if err != nil {
		found["things that are no posts"]++
		return
	}
	found["posts"]++
	content := o.Text("content").Value
	if sanitize.Text(content) != "" && sanitize.Text(p.Content) == "" {
		t.Errorf("%s: content is lost: %q", name, content)
	}
	if containsScript(p.Content) || sanitize.HTML(p.Content) != p.Content {
		t.Errorf("%s: content is not clean: %q", name, p.Content)
	}
	if p.Published.After(in.now()) || p.IRI == "" || p.URL == "" {
		t.Errorf("%s: %+v", name, p)
	}
	if tags := o.Tags(); len(tags.Mentions) > 0 && len(p.Mentions) == 0 {
		t.Errorf("%s: mentions are lost", name)
	}
	for tag, text := range p.ContentMap {
		if containsScript(text) || tag == "" {
			t.Errorf("%s: %s: %q", name, tag, text)
		}
	}
}

// FuzzRead takes mutated documents through both readers: no panic, clean HTML.
func FuzzRead(f *testing.F) {
	names, _ := filepath.Glob(filepath.Join("testdata", "wire", "*.json"))
	for _, name := range names {
		body, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
		var d doc
		if json.Unmarshal(body, &d) == nil {
			if inner, ok := d["object"].(doc); ok {
				f.Add(encode(f, inner))
			}
		}
	}
	in := reader(time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC))
	f.Fuzz(func(t *testing.T, body []byte) {
		if document.Check(body, document.Pushed()) != nil {
			return
		}
		o, err := document.Read(body)
		if err != nil {
			return
		}
		if a, err := in.readActor(o); err == nil && (a.account.IRI == "" || containsScript(a.account.Bio)) {
			t.Errorf("actor %+v", a.account)
		}
		p, err := in.readPost(o, &coop.Account{ID: 1, IRI: coop.IRI(o.Owner())})
		if err == nil && (p.Published.After(in.now()) || sanitize.HTML(p.Content) != p.Content) {
			t.Errorf("post %+v", p)
		}
	})
}
