// SPDX-License-Identifier: AGPL-3.0-or-later

package carry

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
)

// TestArticles reads a folder as people keep one.
func TestArticles(t *testing.T) {
	folder := fstest.MapFS{}
	for name, text := range map[string]string{
		"posts/a.md":        "---\ntitle: \"How we decide\"\ndate: 2024-05-02T10:00:00Z\nlang: en_GB\nlicense: CC-BY-4.0\ntags: [pay, 'decisions']\nurl: https://old.example/how\nnested:\n  title: no\n---\n\n# How we decide\n\nBy consent, mostly.\n",
		"posts/b.markdown":  "+++\ntitle = \"Cómo amasamos\"\ndate = 2023-01-31\ncategories = [\"pan\"]\nlicense = \"all rights reserved\"\n+++\nHarina.\r\n\r\n```\n\n\na\n```\n",
		"posts/c-plain.md":  "# The title\n\n> quoted\n\nThe first words\nof it.\n",
		"posts/d_name.MD":   "Only text.",
		"posts/e.md":        "---\ntags:\n- one\n- two\nsummary: Said by hand.\n---\nText.",
		"posts/bad.md":      "---\ntitle: never ends\n",
		"posts/empty.md":    "---\ntitle: nothing\n---\n\n",
		"posts/binary.md":   "\xff\xfe\x00\xd8",
		"posts/long.md":     strings.Repeat("x", coop.MaxArticleBytes+1),
		"posts/picture.png": "x",
		".git/x.md":         "no",
		"__MACOSX/a.md":     "no",
	} {
		folder[name] = &fstest.MapFile{Data: []byte(text)}
	}
	list, bad, err := Articles(folder, "es", coop.DefaultLicence)
	if err != nil {
		t.Fatal(err)
	}
	want := []Article{
		{"posts/a.md", "How we decide", "By consent, mostly.", "en-GB", "https://creativecommons.org/licenses/by/4.0/", "2024-05-02", "https://old.example/how", []string{"pay", "decisions"}, "By consent, mostly.\n", "", false},
		{"posts/b.markdown", "Cómo amasamos", "Harina.", "es", "", "2023-01-31", "", []string{"pan"}, "Harina.\n\n```\n\n\na\n```\n", "", false},
		{"posts/c-plain.md", "The title", "The first words of it.", "es", coop.DefaultLicence, "", "", nil, "> quoted\n\nThe first words\nof it.\n", "", false},
		{"posts/d_name.MD", "d name", "Only text.", "es", coop.DefaultLicence, "", "", nil, "Only text.", "", false},
		{"posts/e.md", "e", "Said by hand.", "es", coop.DefaultLicence, "", "", []string{"one", "two"}, "Text.", "", false},
	}
	if diff := cmp.Diff(want, list); diff != "" {
		t.Error(diff)
	}
	if got := fmt.Sprint(bad); got != "[{posts/bad.md head} {posts/binary.md text} {posts/empty.md empty} {posts/long.md length}]" {
		t.Errorf("bad: %s", got)
	}
}

// TestArticlesBounds refuses what is too much, and a folder of nothing.
func TestArticlesBounds(t *testing.T) {
	many := fstest.MapFS{}
	for i := range MaxArticles + 1 {
		many[fmt.Sprintf("%d.md", i)] = &fstest.MapFile{Data: []byte("x")}
	}
	if _, _, err := Articles(many, "es", ""); !errors.Is(err, coop.ErrTooLarge) {
		t.Errorf("too many files: %v", err)
	}
	var invalid *coop.InvalidError
	if _, _, err := Articles(fstest.MapFS{"a.txt": &fstest.MapFile{Data: []byte("x")}}, "es", ""); !errors.As(err, &invalid) {
		t.Errorf("no Markdown: %v", err)
	}
}

// FuzzReadArticle never panics and never gives more than an article may hold.
func FuzzReadArticle(f *testing.F) {
	f.Add([]byte("---\na: [b\n---\n# x\n\ny"))
	f.Add([]byte("+++\n=\n+++\n"))
	f.Add([]byte("# \n\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		a, problem := ReadArticle("x.md", data, "es", "")
		if problem == "" && (a.Title == "" && strings.TrimSpace(a.Text) == "" || len([]rune(a.Title)) > 150 || len([]rune(a.Summary)) > 500) {
			t.Errorf("%+v", a)
		}
	})
}
