// SPDX-License-Identifier: AGPL-3.0-or-later

package text

import (
	"io/fs"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"github.com/nicksnyder/go-i18n/v2/i18n"
)

// counted counts the files that were opened.
type counted struct {
	fs.FS
	opened atomic.Int64
}

func (c *counted) Open(name string) (fs.File, error) {
	c.opened.Add(1)
	return c.FS.Open(name)
}

func words(body string) *counted {
	return &counted{FS: fstest.MapFS{"es.toml": {Data: []byte(body)}}}
}

// TestBookIsReadWhenSpoken: not before, once, whoever asks at the same time.
func TestBookIsReadWhenSpoken(t *testing.T) {
	files := words("hello = \"Hola, {{.Name}}\"\n[days]\none = \"{{.Count}} día\"\nmany = \"{{.Count}} días\"\nother = \"{{.Count}} días\"\n")
	book := NewBook(files, "es", "es.toml")
	if n := files.opened.Load(); n != 0 {
		t.Fatalf("%d files opened before anybody spoke", n)
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			said, err := book.Localize(&i18n.LocalizeConfig{MessageID: "hello", TemplateData: map[string]string{"Name": "Ana"}})
			if said != "Hola, Ana" || err != nil {
				t.Errorf("said %q, %v", said, err)
			}
		})
	}
	all.Wait()
	said, err := book.Localize(&i18n.LocalizeConfig{MessageID: "days", PluralCount: 1, TemplateData: map[string]int{"Count": 1}})
	if said != "1 día" || err != nil {
		t.Errorf("said %q, %v", said, err)
	}
	if n := files.opened.Load(); n != 1 {
		t.Errorf("%d files opened", n)
	}
}

// TestBookWithAMistake: a key that is not there and a file that cannot be read are errors.
func TestBookWithAMistake(t *testing.T) {
	for name, body := range map[string]string{"no such key": "other = \"x\"\n", "no TOML": "hello = "} {
		if said, err := NewBook(words(body), "es", "es.toml").Localize(&i18n.LocalizeConfig{MessageID: "hello"}); err == nil {
			t.Errorf("%s: said %q", name, said)
		}
	}
}
