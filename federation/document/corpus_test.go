// SPDX-License-Identifier: AGPL-3.0-or-later

package document_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"minga/federation/document"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the summary of the corpus anew")

// corpus are real documents of other software: MINGA_CORPUS_DIR, else the folder
// beside the repository. They are no part of it. JSON-LD contexts are left out:
// nobody sends them.
func corpus(t *testing.T) map[string][]byte {
	t.Helper()
	dir := os.Getenv("MINGA_CORPUS_DIR")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "corpus")
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Skipf("no corpus of real documents: %v", err)
	}
	defer root.Close()
	all := map[string][]byte{}
	err = fs.WalkDir(root.FS(), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".json") || strings.HasPrefix(path, "contexts/") {
			return err
		}
		all[path], err = fs.ReadFile(root.FS(), path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 500 {
		t.Skipf("only %d documents in the corpus", len(all))
	}
	return all
}

// TestCorpus reads every real document: it is refused for a good reason, or read
// to what a plain reading of its JSON finds.
func TestCorpus(t *testing.T) {
	var lines []string
	refused := map[document.Reason]int{}
	all := corpus(t)
	for _, path := range slices.Sorted(maps.Keys(all)) {
		body := all[path]
		err := document.Check(body, document.Fetched())
		if reason := reasonOf(t, err); reason != "" {
			refused[reason]++
			excused(t, path, body, reason)
			lines = append(lines, path+" refused "+string(reason))
			continue
		}
		o, err := document.Read(body)
		if err != nil {
			t.Errorf("%s: let in but not read: %v", path, err)
			continue
		}
		if !bytes.Equal(o.Bytes(), bytes.TrimSpace(body)) {
			t.Errorf("%s: bytes changed", path)
		}
		agree(t, path, o)
		lines = append(lines, path+" "+summary(o))
	}
	t.Logf("%d documents, refused %v", len(lines), refused)
	compareSummary(t, strings.Join(lines, "\n")+"\n")
}

// excused demands a reason that a plain reading of the document shows: no honest
// document that a server would send may be refused.
func excused(t *testing.T, path string, body []byte, reason document.Reason) {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(body, &m); err != nil {
		t.Errorf("%s: %v", path, err)
	}
	switch reason {
	case document.BadID:
		if !hasBadID(m) {
			t.Errorf("%s: refused for an id, but all look well", path)
		}
	case document.BadActor:
		if idIn(m["actor"]) != "" {
			t.Errorf("%s: refused for an actor that has an id", path)
		}
	case document.Keyword:
		if !strings.HasPrefix(path, "fep/") || m["@graph"] == nil {
			t.Errorf("%s: refused for a keyword", path)
		}
	default:
		t.Errorf("%s: refused for %s", path, reason)
	}
}

// hasBadID looks for an id that is no web address: placeholders of test
// suites, tag: URIs of bridges, portable objects.
func hasBadID(m map[string]any) bool {
	inner, _ := m["object"].(map[string]any)
	for _, id := range []any{m["id"], m["actor"], m["object"], m["attributedTo"], inner["id"], inner["actor"], inner["attributedTo"]} {
		if s := idIn(id); s != "" && !strings.HasPrefix(s, "http://") && !strings.HasPrefix(s, "https://") {
			return true
		}
	}
	return false
}

// idIn is the id in a value that encoding/json made, of a list its first entry's.
func idIn(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case []any:
		if len(v) > 0 {
			return idIn(v[0])
		}
	case map[string]any:
		if s, ok := v["id"].(string); ok {
			return s
		}
		if s, ok := v["href"].(string); ok {
			return s
		}
	}
	return ""
}

// agree compares the reader with a plain reading of the same bytes.
func agree(t *testing.T, path string, o *document.Object) {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(o.Bytes(), &m); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	for _, name := range []string{"id", "actor", "object", "attributedTo", "inReplyTo", "inbox", "target", "result"} {
		want := idIn(m[name])
		if !strings.HasPrefix(want, "http") {
			want = ""
		}
		if got := o.Ref(name).ID; got != want {
			t.Errorf("%s: %s is %q, want %q", path, name, got, want)
		}
	}
	if text, ok := m["content"].(string); ok && o.Text("content").Value != text {
		t.Errorf("%s: content differs", path)
	}
	if byLanguage, ok := m["contentMap"].(map[string]any); ok && len(o.Text("content").All) != len(byLanguage) {
		t.Errorf("%s: %d languages, want %d", path, len(o.Text("content").All), len(byLanguage))
	}
	agreeLists(t, path, o, m)
	for _, inner := range o.Objects("object", 3) {
		agree(t, path+" object", inner)
	}
}

// agreeLists compares how many there are of what comes in lists.
func agreeLists(t *testing.T, path string, o *document.Object, m map[string]any) {
	t.Helper()
	to := o.Audience()
	if m["to"] != nil || m["cc"] != nil {
		if got, want := len(to.To)+len(to.Cc), addresses(m["to"])+addresses(m["cc"]); got != want {
			t.Errorf("%s: %d recipients, want %d", path, got, want)
		}
	}
	tags := o.Tags()
	for kind, got := range map[string]int{"Mention": len(tags.Mentions), "Emoji": len(tags.Emoji)} {
		if want := min(ofType(m["tag"], kind), 100); got != want {
			t.Errorf("%s: %d of %s, want %d", path, got, kind, want)
		}
	}
	media := list(m["attachment"])
	if got, want := len(o.Attachments()), min(len(media)-ofType(m["attachment"], "PropertyValue"), 16); got > want {
		t.Errorf("%s: %d attachments, want at most %d", path, got, want)
	}
}

func list(v any) []any {
	if all, ok := v.([]any); ok {
		return all
	}
	if v == nil {
		return nil
	}
	return []any{v}
}

func addresses(v any) (n int) {
	for _, one := range list(v) {
		if s := idIn(one); strings.HasPrefix(s, "http") || s == "as:Public" || s == "Public" {
			n++
		}
	}
	return n
}

func ofType(v any, kind string) (n int) {
	for _, one := range list(v) {
		if m, ok := one.(map[string]any); ok && (m["type"] == kind || m["type"] == "toot:"+kind) {
			n++
		}
	}
	return n
}

// summary is a line about a document that says nothing of its contents.
func summary(o *document.Object) string {
	post := o
	if inner := o.Object("object"); inner != nil && o.Class() == document.Activity {
		post = inner
	}
	tags, text := post.Tags(), post.Text("content")
	_, dated := post.Time("published")
	s := fmt.Sprintf("%s %q", o.Class(), o.Type())
	if post != o {
		s += fmt.Sprintf(" of %s %q", post.Class(), post.Type())
	}
	s += fmt.Sprintf(" owner=%t dated=%t visibility=%d recipients=%d tags=%d/%d/%d/%d attachments=%d languages=%d main=%q",
		post.Owner() != "", dated, o.Audience().Visibility(), len(o.Audience().All()), len(tags.Mentions), len(tags.Hashtags),
		len(tags.Emoji), len(tags.Links), len(post.Attachments()), len(text.All), text.Language)
	if o.Class() == document.Actor {
		a := o.Actor()
		s += fmt.Sprintf(" keys=%d/%d fields=%d icons=%d shared=%t", len(a.Keys), len(a.AssertionMethods), len(a.Fields), len(a.Icon), a.SharedInbox != "")
	}
	n := 0
	for range o.Collection().Items() {
		n++
	}
	if n > 0 {
		s += fmt.Sprintf(" items=%d", n)
	}
	return s
}

// TestCorpusMutated changes real documents at random, always in the same way: no
// panic, and what is still let in is still JSON.
func TestCorpusMutated(t *testing.T) {
	all := corpus(t)
	random := rand.New(rand.NewPCG(1, 2))
	const junk = `{}[]":,\\u0d8 1-eE.tn` + "\x00\xff"
	for _, path := range slices.Sorted(maps.Keys(all)) {
		for range 20 {
			body := bytes.Clone(all[path])
			for range 1 + random.IntN(4) {
				body[random.IntN(len(body))] = junk[random.IntN(len(junk))]
			}
			body = body[:len(body)-random.IntN(2)*random.IntN(len(body))]
			let := document.Check(body, document.Fetched()) == nil
			if let && !json.Valid(body) {
				t.Fatalf("%s: let in %q", path, body)
			}
			if o, err := document.Read(body); err == nil {
				sink += len(summary(o)) + len(o.Actor().Fields)
			}
		}
	}
}

// compareSummary compares with the summary that was looked through by hand.
func compareSummary(t *testing.T, got string) {
	t.Helper()
	name := filepath.Join("testdata", "corpus.txt")
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("documents are read otherwise (-want +got):\n%s", diff)
	}
}
